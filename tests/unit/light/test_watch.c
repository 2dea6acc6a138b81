/* The watch against what it must refuse, pass over or survive. */
#include "answer.h"
#include "scene.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static imi_light_sequence g_sequence;

static int set_up(void **state)
{
    (void)state;
    g_sequence = scene_sequence(5);
    return 0;
}

static imi_light_watch *new_watch(void)
{
    imi_light_watch *watch = NULL;
    assert_int_equal(imi_light_watch_new(&g_sequence, &watch, NULL), IMI_OK);
    return watch;
}

static void assert_sequence_refused(imi_light_sequence sequence)
{
    imi_light_watch *watch = (imi_light_watch *)1;
    assert_int_equal(imi_light_watch_new(&sequence, &watch, NULL), IMI_E_INVALID_ARGUMENT);
    assert_null(watch);
}

static void a_sequence_without_changes_is_refused(void **state)
{
    (void)state;
    imi_light_sequence sequence = g_sequence;
    sequence.count = 0;
    assert_sequence_refused(sequence);
    sequence.count = 1;
    assert_sequence_refused(sequence);
}

static void a_sequence_of_too_many_colours_is_refused(void **state)
{
    (void)state;
    imi_light_sequence sequence = g_sequence;
    sequence.count = IMI_LIGHT_COLOURS_MAX + 1;
    assert_sequence_refused(sequence);
}

static void a_sequence_faster_than_the_flash_limits_is_refused(void **state)
{
    (void)state;
    imi_light_sequence sequence = g_sequence;
    sequence.step_ms = 699;
    assert_sequence_refused(sequence);
    sequence.step_ms = 0;
    assert_sequence_refused(sequence);
    sequence.step_ms = UINT32_MAX;
    assert_sequence_refused(sequence);
}

static void no_sequence_and_nowhere_to_put_are_refused(void **state)
{
    (void)state;
    imi_light_watch *watch = NULL;
    assert_int_equal(imi_light_watch_new(NULL, &watch, NULL), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_light_watch_new(&g_sequence, NULL, NULL), IMI_E_INVALID_ARGUMENT);
}

static bool fail_always(void *user, size_t size)
{
    (void)user;
    (void)size;
    return true;
}

static void without_memory_there_is_no_watch(void **state)
{
    (void)state;
    imi_light_watch *watch = (imi_light_watch *)1;
    imi_alloc_set_fail_hook(fail_always, NULL);
    imi_status status = imi_light_watch_new(&g_sequence, &watch, NULL);
    imi_alloc_set_fail_hook(NULL, NULL);
    assert_int_equal(status, IMI_E_NO_MEMORY);
    assert_null(watch);
}

static void a_watch_gives_its_memory_back(void **state)
{
    (void)state;
    int64_t before = imi_alloc_live_blocks();
    imi_light_watch *watch = new_watch();
    assert_int_equal(imi_alloc_live_blocks(), before + 1);
    imi_light_watch_destroy(&watch);
    assert_null(watch);
    imi_light_watch_destroy(&watch);
    assert_int_equal(imi_alloc_live_blocks(), before);
}

static void an_image_that_is_not_rgb_is_refused(void **state)
{
    (void)state;
    IMI_AUTO(imi_light_watch) watch = new_watch();
    IMI_AUTO(imi_image) grey = NULL;
    assert_int_equal(imi_image_new(64, 64, IMI_PIXEL_GREY8, &grey, NULL), IMI_OK);
    imi_landmarks landmarks = {.presence = 1};
    assert_int_equal(imi_light_watch_feed(watch, grey, &landmarks, 0, NULL),
                     IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_light_watch_feed(watch, NULL, &landmarks, 0, NULL),
                     IMI_E_INVALID_ARGUMENT);
}

static imi_finding report(const imi_light_watch *watch)
{
    imi_findings findings;
    memset(&findings, 0xFF, sizeof findings);
    imi_light_watch_report(watch, &findings);
    return findings.layer[IMI_LAYER_LIGHT];
}

static void a_watch_that_saw_nothing_has_not_measured(void **state)
{
    (void)state;
    IMI_AUTO(imi_light_watch) watch = new_watch();
    imi_finding finding = report(watch);
    assert_false(finding.measured);
    assert_false(finding.veto);
    assert_string_equal(finding.code, "light_incomplete");
}

static void a_report_touches_no_other_layer(void **state)
{
    (void)state;
    IMI_AUTO(imi_light_watch) watch = new_watch();
    imi_findings findings, before;
    memset(&findings, 0x5A, sizeof findings);
    before = findings;
    imi_light_watch_report(watch, &findings);
    for (int layer = 0; layer < IMI_LAYER_COUNT; layer++) {
        if (layer != IMI_LAYER_LIGHT) {
            assert_memory_equal(&findings.layer[layer], &before.layer[layer],
                                sizeof findings.layer[layer]);
        }
    }
}

/* A grey picture, and a face wherever the landmarks say. */
static void feed_everywhere(imi_light_watch *watch, const imi_landmarks *landmarks)
{
    IMI_AUTO(imi_image) image = NULL;
    assert_int_equal(imi_image_new(65, 43, IMI_PIXEL_RGB8, &image, NULL), IMI_OK);
    memset(image->pixels, 100, image->stride_bytes * image->height);
    for (int64_t at = 0; at < 8000; at += 100) {
        assert_int_equal(imi_light_watch_feed(watch, image, landmarks, at, NULL), IMI_OK);
    }
}

static void landmarks_outside_the_image_are_passed_over(void **state)
{
    (void)state;
    static const float places[] = {-1e30f, 1e30f, -5.0f, 1e9f, INFINITY, -INFINITY, NAN};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        IMI_AUTO(imi_light_watch) watch = new_watch();
        imi_landmarks landmarks = {.presence = 1};
        for (int p = 0; p < IMI_MESH_POINTS; p++) {
            landmarks.points[p] = (imi_point3){places[i], p % 2 == 0 ? places[i] : 20.0f, 0};
        }
        feed_everywhere(watch, &landmarks);
        assert_false(report(watch).measured);
    }
}

static void times_beyond_the_sequence_are_passed_over(void **state)
{
    (void)state;
    IMI_AUTO(imi_light_watch) watch = new_watch();
    IMI_AUTO(imi_image) image = NULL;
    assert_int_equal(imi_image_new(64, 64, IMI_PIXEL_RGB8, &image, NULL), IMI_OK);
    imi_landmarks landmarks = {.presence = 1};
    static const int64_t times[] = {-1, INT64_MIN, INT64_MAX, 8000};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        assert_int_equal(imi_light_watch_feed(watch, image, &landmarks, times[i], NULL), IMI_OK);
    }
    assert_false(report(watch).measured);
}

/* ---- The arithmetic by itself ---- */

/* A series that follows a sequence exactly, ten samples a second. */
static void follow(const imi_light_sequence *sequence, float gain, imi_light_series *out)
{
    out->count = 0;
    for (int64_t at = 0; at < 8000; at += 100) {
        int64_t step = at / sequence->step_ms;
        float faded = fminf(1, (float)(at % sequence->step_ms) / IMI_LIGHT_RAMP_MS);
        imi_chroma to = imi_light_push(sequence->colours[step]);
        imi_chroma from = imi_light_push(sequence->colours[step > 0 ? step - 1 : 0]);
        out->shown_ms[out->count] = at;
        out->chroma[out->count++] =
            (imi_chroma){gain * (faded * to.red + (1 - faded) * from.red),
                         gain * (faded * to.blue + (1 - faded) * from.blue)};
    }
}

static void a_perfect_answer_has_the_largest_margin_of_all(void **state)
{
    (void)state;
    static imi_light_series series;
    follow(&g_sequence, 0.1f, &series);
    float margin = imi_light_margin(&series, &g_sequence);
    assert_true(margin > 1.0f);
    for (uint64_t seed = 100; seed < 150; seed++) {
        imi_light_sequence other = scene_sequence(seed);
        assert_true(imi_light_margin(&series, &other) < margin);
    }
}

/* By the rank, one wrong sequence of 256 has a positive margin; 400 give 1.6 +- 1.3. */
static void a_wrong_sequence_is_positive_by_chance_alone(void **state)
{
    (void)state;
    static imi_light_series series;
    int positive = 0;
    for (uint64_t seed = 0; seed < 400; seed++) {
        imi_light_sequence falls = scene_sequence(2000 + seed);
        follow(&falls, 0.1f, &series);
        positive += imi_light_margin(&series, &g_sequence) > 0.0f;
    }
    assert_true(positive <= 6);
}

static void the_opposite_of_the_light_counts_against(void **state)
{
    (void)state;
    static imi_light_series series;
    follow(&g_sequence, -0.1f, &series);
    assert_true(imi_light_margin(&series, &g_sequence) < 0.0f);
}

static void a_series_that_never_changes_has_no_steps_and_no_margin(void **state)
{
    (void)state;
    static imi_light_series series;
    follow(&g_sequence, 0.0f, &series);
    imi_light_steps steps = imi_light_find_steps(&series, g_sequence.step_ms);
    assert_true(steps.response == 0.0f);
    assert_true(steps.sharpness < 1.5f);
    assert_true(imi_light_margin(&series, &g_sequence) <= 0.0f);
}

static void slow_drift_has_no_sharp_steps(void **state)
{
    (void)state;
    static imi_light_series series;
    follow(&g_sequence, 0.0f, &series);
    for (uint32_t i = 0; i < series.count; i++) {
        series.chroma[i].red = 0.2f * sinf(0.05f * (float)i);
        series.chroma[i].blue = -0.002f * (float)i;
    }
    imi_light_steps steps = imi_light_find_steps(&series, g_sequence.step_ms);
    assert_true(steps.response > 0.02f);
    assert_true(steps.sharpness < 2.0f);
}

static void steps_are_found_whatever_their_phase(void **state)
{
    (void)state;
    static imi_light_series series;
    for (int64_t shift = 0; shift < 1000; shift += 150) {
        follow(&g_sequence, 0.1f, &series);
        for (uint32_t i = 0; i < series.count; i++) {
            int64_t step = (series.shown_ms[i] + shift) / g_sequence.step_ms;
            imi_chroma push = imi_light_push(g_sequence.colours[step % g_sequence.count]);
            float wobble = i % 2 == 0 ? 0.002f : -0.002f;
            series.chroma[i] = (imi_chroma){0.1f * push.red + wobble, 0.1f * push.blue};
        }
        imi_light_steps steps = imi_light_find_steps(&series, g_sequence.step_ms);
        assert_true(steps.response > 0.03f);
        assert_true(steps.sharpness > 10.0f);
    }
}

static void a_step_without_samples_is_not_covered(void **state)
{
    (void)state;
    static imi_light_series series, holed;
    follow(&g_sequence, 0.1f, &series);
    assert_true(imi_light_is_covered(&series, &g_sequence));
    holed.count = 0;
    for (uint32_t i = 0; i < series.count; i++) {
        if (series.shown_ms[i] / 1000 != 3) {
            holed.shown_ms[holed.count] = series.shown_ms[i];
            holed.chroma[holed.count++] = series.chroma[i];
        }
    }
    assert_false(imi_light_is_covered(&holed, &g_sequence));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sequence_without_changes_is_refused),
        cmocka_unit_test(a_sequence_of_too_many_colours_is_refused),
        cmocka_unit_test(a_sequence_faster_than_the_flash_limits_is_refused),
        cmocka_unit_test(no_sequence_and_nowhere_to_put_are_refused),
        cmocka_unit_test(without_memory_there_is_no_watch),
        cmocka_unit_test(a_watch_gives_its_memory_back),
        cmocka_unit_test(an_image_that_is_not_rgb_is_refused),
        cmocka_unit_test(a_watch_that_saw_nothing_has_not_measured),
        cmocka_unit_test(a_report_touches_no_other_layer),
        cmocka_unit_test(landmarks_outside_the_image_are_passed_over),
        cmocka_unit_test(times_beyond_the_sequence_are_passed_over),
        cmocka_unit_test(a_perfect_answer_has_the_largest_margin_of_all),
        cmocka_unit_test(a_wrong_sequence_is_positive_by_chance_alone),
        cmocka_unit_test(the_opposite_of_the_light_counts_against),
        cmocka_unit_test(a_series_that_never_changes_has_no_steps_and_no_margin),
        cmocka_unit_test(slow_drift_has_no_sharp_steps),
        cmocka_unit_test(steps_are_found_whatever_their_phase),
        cmocka_unit_test(a_step_without_samples_is_not_covered),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
