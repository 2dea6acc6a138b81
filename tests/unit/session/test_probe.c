/*
 * The frames kept for the decision: the best ones, of one person throughout.
 */
#include "fixture.h"
#include "probe.h"

#include <math.h>

typedef struct probe_test {
    fixture *f;
    imi_engine *engine;
    imi_held_bytes held;
    imi_probe_set set;
    imi_probe_judge judge;
    int64_t at_ms, step_ms; /* of the neutral frame offered last; between them */
} probe_test;

static int set_up(void **state)
{
    probe_test *test = test_calloc(1, sizeof *test);
    test->f = fixture_new(NULL);
    assert_int_equal(scene_engine_new(&test->f->models, true, &test->engine, NULL), IMI_OK);
    imi_held_bytes_init(&test->held, 10 << 20);
    imi_probe_set_init(&test->set, &test->held);
    test->judge = (imi_probe_judge){test->engine, test->f->scorer};
    test->step_ms = 1000;
    *state = test;
    return 0;
}

static int tear_down(void **state)
{
    probe_test *test = *state;
    imi_probe_set_clean_up(&test->set);
    imi_engine_destroy(&test->engine);
    fixture_destroy(&test->f);
    test_free(test);
    return 0;
}

/* A scene as JPEG and as the engine saw it in a clip. */
static void look(probe_test *test, const scene *what, imi_buffer *jpeg, imi_face *face)
{
    scene_draw_jpeg(what, jpeg);
    IMI_AUTO(imi_image) image = NULL;
    assert_int_equal(imi_frame_decode(imi_buffer_view(jpeg), &image, NULL), IMI_OK);
    assert_int_equal(imi_engine_analyse(test->engine, image, IMI_CAPTURE_MOTION, face, NULL),
                     IMI_OK);
}

static void offer(probe_test *test, const scene *what, float quality)
{
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    imi_face face;
    look(test, what, &jpeg, &face);
    face.quality.unified = quality;
    test->at_ms += test->step_ms;
    assert_int_equal(
        imi_probe_set_offer_neutral(&test->set, imi_buffer_view(&jpeg), &face, test->at_ms, NULL),
        IMI_OK);
}

static void offer_person(probe_test *test, uint32_t person, float quality)
{
    scene what = scene_neutral(person);
    offer(test, &what, quality);
}

static void add_action(probe_test *test, uint32_t person)
{
    scene what = scene_neutral(person);
    what.yaw_deg = 24;
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    imi_face face;
    look(test, &what, &jpeg, &face);
    assert_int_equal(imi_probe_set_add_action(&test->set, imi_buffer_view(&jpeg), &face, NULL),
                     IMI_OK);
}

static imi_evidence judged(probe_test *test, imi_probes *fused)
{
    imi_evidence evidence;
    imi_evidence_init(&evidence);
    assert_int_equal(imi_probe_set_judge(&test->set, &test->judge, &evidence, fused, NULL), IMI_OK);
    return evidence;
}

static imi_evidence judge(probe_test *test)
{
    imi_probes fused;
    return judged(test, &fused);
}

static void one_person_throughout_is_recognised(void **state)
{
    probe_test *test = *state;
    offer_person(test, 3, 0.5F);
    offer_person(test, 3, 0.6F);
    add_action(test, 3);
    add_action(test, 3);
    imi_evidence evidence = judge(test);
    assert_true(evidence.one_person);
    assert_int_equal(evidence.probe_count, 2);
}

static void empty_set_shows_nothing(void **state)
{
    probe_test *test = *state;
    imi_probes fused;
    imi_evidence evidence = judged(test, &fused);
    assert_false(evidence.one_person);
    assert_int_equal(evidence.probe_count, 0);
    assert_int_equal(fused.count, 0);
}

static void action_of_another_person_is_noticed(void **state)
{
    probe_test *test = *state;
    offer_person(test, 3, 0.5F);
    add_action(test, 3);
    add_action(test, 4);
    assert_false(judge(test).one_person);
}

/* Against their mean, three frames of one person and two of another would all pass. */
static void two_persons_among_the_probes_are_noticed(void **state)
{
    probe_test *test = *state;
    for (int i = 0; i < 5; i++) {
        offer_person(test, i < 3 ? 3 : 4, 0.5F);
    }
    assert_false(judge(test).one_person);
}

static void only_the_best_frames_are_kept(void **state)
{
    probe_test *test = *state;
    for (int i = 0; i < 12; i++) {
        offer_person(test, 3, (float)((i * 5) % 12) / 12);
    }
    assert_int_equal(test->set.neutral_count, IMI_PROBE_FRAMES_MAX);
    for (size_t i = 0; i < test->set.neutral_count; i++) {
        assert_true(test->set.neutral[i].face.quality.unified >= 7.F / 12);
    }
}

static void of_one_moment_only_the_best_frame_is_kept(void **state)
{
    probe_test *test = *state;
    test->step_ms = 100;
    offer_person(test, 3, 0.5F);
    offer_person(test, 3, 0.9F);
    offer_person(test, 3, 0.7F);
    assert_int_equal(test->set.neutral_count, 1);
    assert_float_equal(test->set.neutral[0].face.quality.unified, 0.9, 0);
    offer_person(test, 3, 0.4F);
    assert_int_equal(test->set.neutral_count, 2);
}

static void times_at_the_ends_of_time_are_other_moments(void **state)
{
    probe_test *test = *state;
    test->at_ms = INT64_MIN;
    test->step_ms = 0;
    offer_person(test, 3, 0.5F);
    test->at_ms = INT64_MAX;
    offer_person(test, 3, 0.5F);
    test->at_ms = 0;
    offer_person(test, 3, 0.5F);
    assert_int_equal(test->set.neutral_count, 3);
}

static void frame_of_no_known_quality_is_not_kept(void **state)
{
    probe_test *test = *state;
    offer_person(test, 3, NAN);
    offer_person(test, 3, -1);
    assert_int_equal(test->set.neutral_count, 0);
}

static void more_actions_than_a_challenge_has_are_an_error(void **state)
{
    probe_test *test = *state;
    for (int i = 0; i < IMI_CHALLENGE_ACTIONS_MAX; i++) {
        add_action(test, 3);
    }
    imi_face face = {.reason = IMI_CAPTURE_OK};
    assert_int_equal(imi_probe_set_add_action(&test->set, (imi_view){NULL, 0}, &face, NULL),
                     IMI_E_INTERNAL);
}

static void unusable_frames_give_the_reason_of_the_best(void **state)
{
    probe_test *test = *state;
    scene dark = scene_neutral(3);
    dark.dark = true;
    scene turned = scene_neutral(3);
    turned.yaw_deg = 40;
    offer(test, &dark, 0.3F);
    offer(test, &turned, 0.6F);
    imi_probes fused;
    imi_evidence evidence = judged(test, &fused);
    assert_int_equal(evidence.probe_count, 0);
    assert_int_equal(evidence.probe_reason, IMI_CAPTURE_NOT_FRONTAL);
    assert_int_equal(fused.count, 0);
}

static void unusable_frames_do_not_spoil_usable_ones(void **state)
{
    probe_test *test = *state;
    scene dark = scene_neutral(3);
    dark.dark = true;
    offer(test, &dark, 0.9F);
    offer_person(test, 3, 0.4F);
    imi_evidence evidence = judge(test);
    assert_int_equal(evidence.probe_count, 1);
    assert_true(evidence.one_person);
}

static void kept_frames_are_freed(void **state)
{
    probe_test *test = *state;
    int64_t before = imi_alloc_live_blocks();
    for (int i = 0; i < 8; i++) {
        offer_person(test, 3, (float)i / 8);
    }
    add_action(test, 3);
    assert_int_equal(imi_alloc_live_blocks(), before + 6);
    imi_probe_set_clean_up(&test->set);
    assert_int_equal(imi_alloc_live_blocks(), before);
}

static void kept_frames_are_counted(void **state)
{
    probe_test *test = *state;
    for (int i = 0; i < 8; i++) {
        offer_person(test, 3, (float)i / 8);
    }
    add_action(test, 3);
    size_t sum = test->set.action[0].jpeg.size;
    for (size_t i = 0; i < test->set.neutral_count; i++) {
        sum += test->set.neutral[i].jpeg.size;
    }
    assert_int_equal(atomic_load(&test->held.held), sum);
    imi_probe_set_clean_up(&test->set);
    assert_int_equal(atomic_load(&test->held.held), 0);
}

static void frames_over_the_common_limit_are_refused(void **state)
{
    probe_test *test = *state;
    const uint8_t bytes[100] = {0};
    imi_face face = {.reason = IMI_CAPTURE_OK, .quality = {.unified = 0.5F}};
    test->held.limit = 250;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(imi_probe_set_add_action(&test->set, (imi_view){bytes, 100}, &face, NULL),
                         IMI_OK);
    }
    assert_int_equal(imi_probe_set_add_action(&test->set, (imi_view){bytes, 100}, &face, NULL),
                     IMI_E_EXHAUSTED);
    assert_int_equal(atomic_load(&test->held.held), 200);
    assert_int_equal(test->set.action_count, 2);
    assert_int_equal(imi_probe_set_add_action(&test->set, (imi_view){bytes, 50}, &face, NULL),
                     IMI_OK);
}

#define PROBE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PROBE_TEST(one_person_throughout_is_recognised),
        PROBE_TEST(empty_set_shows_nothing),
        PROBE_TEST(action_of_another_person_is_noticed),
        PROBE_TEST(two_persons_among_the_probes_are_noticed),
        PROBE_TEST(only_the_best_frames_are_kept),
        PROBE_TEST(of_one_moment_only_the_best_frame_is_kept),
        PROBE_TEST(times_at_the_ends_of_time_are_other_moments),
        PROBE_TEST(frame_of_no_known_quality_is_not_kept),
        PROBE_TEST(more_actions_than_a_challenge_has_are_an_error),
        PROBE_TEST(unusable_frames_give_the_reason_of_the_best),
        PROBE_TEST(unusable_frames_do_not_spoil_usable_ones),
        PROBE_TEST(kept_frames_are_freed),
        PROBE_TEST(kept_frames_are_counted),
        PROBE_TEST(frames_over_the_common_limit_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
