#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "exif_maker.h"
#include "imi/stream.h"
#include "limits.h"
#include "scene.h"

#include <string.h>

enum { FRAMES = 48, QUALITY = 85 };

/* One capture: which moment of the scene, which file, which times the i-th frame has. */
typedef struct capture {
    imi_stream_watch *watch;
    uint64_t count;
} capture;

static const int64_t intervals_ms[] = {80, 86, 83};

static int64_t time_of(uint64_t i)
{
    int64_t at_ms = 1000;
    for (uint64_t k = 0; k < i; k++) {
        at_ms += intervals_ms[k % 3];
    }
    return at_ms;
}

static imi_status feed_file(capture *c, imi_view jpeg, bool look)
{
    static const imi_jpeg_limits limits = IMI_JPEG_LIMITS_FRAME;
    IMI_AUTO(imi_image) image = NULL;
    if (look) {
        assert_int_equal(imi_jpeg_decode(jpeg, &limits, &image, NULL), IMI_OK);
    }
    imi_stream_frame frame = {
        .sequence = c->count + 1,
        .captured_at_ms = time_of(c->count),
        .arrived_at_ms = 77000 + time_of(c->count),
        .jpeg = jpeg,
        .image = image,
    };
    c->count++;
    return imi_stream_watch_feed(c->watch, &frame, NULL);
}

static void show(capture *c, const scene *what, int quality)
{
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    scene_encode(what, quality, &file);
    assert_int_equal(feed_file(c, imi_buffer_view(&file), true), IMI_OK);
}

/* Frames of somebody who moves, from a moment of the scene on. */
static void live(capture *c, int frames, int64_t from_ms)
{
    for (int i = 0; i < frames; i++) {
        show(c, &(scene){.at_ms = from_ms + i * 83, .noise = 2, .noise_seed = c->count}, QUALITY);
    }
}

static imi_finding finding(const capture *c, imi_layer layer)
{
    imi_findings findings = {0};
    imi_stream_watch_report(c->watch, &findings);
    return findings.layer[layer];
}

static void assert_vetoed(const capture *c, imi_layer layer, const char *code)
{
    imi_finding found = finding(c, layer);
    assert_true(found.veto);
    assert_string_equal(found.code, code);
}

static void somebody_before_a_camera_is_one_take_of_a_camera(void **state)
{
    capture *c = *state;
    live(c, FRAMES, 0);
    imi_finding continuity = finding(c, IMI_LAYER_CONTINUITY);
    imi_finding camera = finding(c, IMI_LAYER_CAMERA);
    assert_true(continuity.measured && camera.measured);
    assert_false(continuity.veto || camera.veto);
    assert_float_equal(continuity.score, 1, 0);
    assert_true(camera.score > 0.3F);
    assert_null(continuity.code);
    assert_null(camera.code);
}

static void little_is_not_measured(void **state)
{
    capture *c = *state;
    assert_false(finding(c, IMI_LAYER_CAMERA).measured);
    live(c, LIMIT_MEASURED_FRAMES, 0);
    assert_false(finding(c, IMI_LAYER_CAMERA).measured);
    live(c, 2, LIMIT_MEASURED_FRAMES * 83);
    assert_true(finding(c, IMI_LAYER_CAMERA).measured);
}

static void a_file_that_comes_again_later_is_a_veto(void **state)
{
    capture *c = *state;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    scene_encode(&(scene){.noise = 2}, QUALITY, &file);
    assert_int_equal(feed_file(c, imi_buffer_view(&file), true), IMI_OK);
    live(c, 20, 83);
    assert_int_equal(feed_file(c, imi_buffer_view(&file), true), IMI_OK);
    assert_vetoed(c, IMI_LAYER_CONTINUITY, "frames_repeat");
}

static void a_stretch_with_new_noise_is_a_loop(void **state)
{
    capture *c = *state;
    live(c, 24, 0);
    live(c, 24, 0);
    assert_vetoed(c, IMI_LAYER_CONTINUITY, "loop");
}

static void a_stretch_played_backwards_with_new_noise_is_reversed(void **state)
{
    capture *c = *state;
    live(c, 30, 0);
    for (int i = 29; i >= 0; i--) {
        show(c, &(scene){.at_ms = i * 83, .noise = 2, .noise_seed = c->count}, QUALITY);
    }
    assert_vetoed(c, IMI_LAYER_CONTINUITY, "reversed");
}

static void a_still_encoded_again_and_again_is_frozen(void **state)
{
    capture *c = *state;
    IMI_AUTO(imi_image) still = scene_draw(&(scene){.noise = 2});
    for (int i = 0; i < FRAMES; i++) {
        IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
        still->pixels[3 * i] ^= 0x80;
        assert_int_equal(imi_jpeg_encode(still, QUALITY, &file, NULL), IMI_OK);
        assert_int_equal(feed_file(c, imi_buffer_view(&file), true), IMI_OK);
    }
    assert_vetoed(c, IMI_LAYER_CONTINUITY, "frozen");
}

static void one_file_for_ever_is_frozen(void **state)
{
    capture *c = *state;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    scene_encode(&(scene){.noise = 2}, QUALITY, &file);
    for (int i = 0; i < FRAMES; i++) {
        assert_int_equal(feed_file(c, imi_buffer_view(&file), true), IMI_OK);
    }
    assert_vetoed(c, IMI_LAYER_CONTINUITY, "frozen");
}

static void a_cut_lowers_the_score_and_is_no_veto(void **state)
{
    capture *c = *state;
    live(c, 20, 0);
    for (int i = 0; i < 20; i++) {
        show(c, &(scene){.room = 5, .at_ms = i * 83, .noise = 2, .noise_seed = c->count}, QUALITY);
        assert_int_equal(imi_stream_watch_jumped(c->watch), i == 0);
    }
    imi_finding found = finding(c, IMI_LAYER_CONTINUITY);
    assert_false(found.veto);
    assert_true(found.score <= 0);
    assert_string_equal(found.code, "cut");
}

static void a_still_with_new_noise_lowers_the_score_and_is_no_veto(void **state)
{
    capture *c = *state;
    for (int i = 0; i < FRAMES; i++) {
        show(c, &(scene){.noise = 2, .noise_seed = (uint64_t)i}, QUALITY);
    }
    imi_finding found = finding(c, IMI_LAYER_CONTINUITY);
    assert_false(found.veto);
    assert_true(found.score < 0.6F);
    assert_string_equal(found.code, "still");
}

static void another_encoder_in_the_middle_is_a_veto(void **state)
{
    capture *c = *state;
    live(c, 20, 0);
    show(c, &(scene){.at_ms = 20 * 83, .noise = 2}, QUALITY + 5);
    assert_vetoed(c, IMI_LAYER_CAMERA, "jpeg_structure");
}

static void another_camera_in_the_middle_is_a_veto(void **state)
{
    capture *c = *state;
    for (int i = 0; i < 20; i++) {
        IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
        scene_encode(&(scene){.at_ms = i * 83, .noise = 2, .noise_seed = c->count}, QUALITY, &file);
        assert_false(finding(c, IMI_LAYER_CAMERA).veto);
        exif_maker_add(&(exif_plan){.model = i < 19 ? "One" : "Two"}, &file);
        assert_int_equal(feed_file(c, imi_buffer_view(&file), true), IMI_OK);
    }
    assert_vetoed(c, IMI_LAYER_CAMERA, "jpeg_structure");
}

static void constant_noise_over_a_recording_is_a_veto(void **state)
{
    capture *c = *state;
    for (int i = 0; i < FRAMES; i++) {
        show(c, &(scene){.at_ms = i * 83, .noise = 5, .noise_seed = 3}, 95);
    }
    assert_vetoed(c, IMI_LAYER_CAMERA, "noise_constant");
}

static void feed_times(capture *c, int64_t captured_ms, int64_t arrived_ms)
{
    imi_stream_frame frame = {.captured_at_ms = captured_ms, .arrived_at_ms = arrived_ms};
    assert_int_equal(imi_stream_watch_feed(c->watch, &frame, NULL), IMI_OK);
}

static void time_that_runs_backwards_is_a_veto(void **state)
{
    capture *c = *state;
    feed_times(c, 2000, 0);
    feed_times(c, 1999, 100);
    assert_vetoed(c, IMI_LAYER_CAMERA, "time_backwards");
}

static void time_that_is_none_is_a_veto_and_nothing_is_reckoned_with_it(void **state)
{
    capture *c = *state;
    live(c, 20, 0);
    const int64_t odd_ms[] = {INT64_MAX, INT64_MIN, -1};
    for (size_t i = 0; i < sizeof odd_ms / sizeof odd_ms[0]; i++) {
        IMI_AUTO(imi_image) image = scene_draw(&(scene){.at_ms = 2000, .noise = 2});
        imi_stream_frame frame = {.captured_at_ms = odd_ms[i], .arrived_at_ms = 0, .image = image};
        assert_int_equal(imi_stream_watch_feed(c->watch, &frame, NULL), IMI_OK);
    }
    assert_vetoed(c, IMI_LAYER_CAMERA, "time_backwards");
    assert_false(finding(c, IMI_LAYER_CONTINUITY).veto);
    assert_float_equal(finding(c, IMI_LAYER_CONTINUITY).score, 1, 0);
}

static void frames_far_ahead_of_their_arrival_are_a_veto(void **state)
{
    capture *c = *state;
    for (int64_t i = 0; i < 40; i++) {
        feed_times(c, 1000 + i * 400, i * 80);
    }
    assert_vetoed(c, IMI_LAYER_CAMERA, "time_ahead");
}

static void frames_that_are_not_looked_at_count_by_their_files(void **state)
{
    capture *c = *state;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    scene_encode(&(scene){.noise = 2}, QUALITY, &file);
    assert_int_equal(feed_file(c, imi_buffer_view(&file), false), IMI_OK);
    live(c, 20, 83);
    assert_false(finding(c, IMI_LAYER_CONTINUITY).veto);
    assert_int_equal(feed_file(c, imi_buffer_view(&file), false), IMI_OK);
    assert_vetoed(c, IMI_LAYER_CONTINUITY, "frames_repeat");
}

static void clips_without_files_are_judged_by_their_pictures(void **state)
{
    capture *c = *state;
    for (int i = 0; i < FRAMES; i++) {
        IMI_AUTO(imi_image)
        image = scene_draw(&(scene){.at_ms = i % 24 * 83, .noise = 2, .noise_seed = (uint64_t)i});
        imi_stream_frame frame = {
            .captured_at_ms = time_of((uint64_t)i), .arrived_at_ms = -1, .image = image};
        assert_int_equal(imi_stream_watch_feed(c->watch, &frame, NULL), IMI_OK);
    }
    assert_vetoed(c, IMI_LAYER_CONTINUITY, "loop");
    assert_false(finding(c, IMI_LAYER_CAMERA).veto);
}

static void hints_lower_the_score_and_are_no_veto(void **state)
{
    (void)state;
    imi_device_hints hints = {.virtual_camera = true};
    capture c = {0};
    assert_int_equal(imi_stream_watch_new(&hints, &c.watch, NULL), IMI_OK);
    live(&c, FRAMES, 0);
    imi_finding found = finding(&c, IMI_LAYER_CAMERA);
    assert_false(found.veto);
    assert_true(found.score < -0.5F);
    assert_string_equal(found.code, "device_hints");
    imi_stream_watch_destroy(&c.watch);
}

static void a_face_that_jumps_lowers_the_score(void **state)
{
    capture *c = *state;
    imi_face_box boxes[] = {{.left = 20, .top = 60, .width = 60, .height = 80},
                            {.left = 220, .top = 60, .width = 60, .height = 80}};
    for (int i = 0; i < FRAMES; i++) {
        IMI_AUTO(imi_image)
        image = scene_draw(&(scene){.at_ms = i * 83, .noise = 2, .noise_seed = (uint64_t)i});
        imi_stream_frame frame = {.captured_at_ms = time_of((uint64_t)i),
                                  .arrived_at_ms = -1,
                                  .image = image,
                                  .box = &boxes[i / 10 % 2]};
        assert_int_equal(imi_stream_watch_feed(c->watch, &frame, NULL), IMI_OK);
    }
    imi_finding found = finding(c, IMI_LAYER_CONTINUITY);
    assert_true(found.score < 0.5F);
    assert_string_equal(found.code, "face_jumps");
}

static void only_its_own_layers_are_filled(void **state)
{
    capture *c = *state;
    imi_findings findings;
    memset(&findings, 0x5A, sizeof findings);
    imi_findings before = findings;
    imi_stream_watch_report(c->watch, &findings);
    for (unsigned i = 0; i < IMI_LAYER_COUNT; i++) {
        bool own = i == IMI_LAYER_CAMERA || i == IMI_LAYER_CONTINUITY;
        bool same = memcmp(&findings.layer[i], &before.layer[i], sizeof before.layer[i]) == 0;
        assert_int_equal(same, !own);
    }
}

static void a_file_without_bytes_is_an_invalid_argument(void **state)
{
    capture *c = *state;
    imi_stream_frame frame = {.jpeg = {NULL, 100}};
    assert_int_equal(imi_stream_watch_feed(c->watch, &frame, NULL), IMI_E_INVALID_ARGUMENT);
}

static bool fail_all(void *user, size_t size)
{
    (void)user;
    (void)size;
    return true;
}

static void without_memory_there_is_no_watch(void **state)
{
    (void)state;
    imi_stream_watch *watch = (imi_stream_watch *)&watch;
    imi_alloc_set_fail_hook(fail_all, NULL);
    imi_status status = imi_stream_watch_new(NULL, &watch, NULL);
    imi_alloc_set_fail_hook(NULL, NULL);
    assert_int_equal(status, IMI_E_NO_MEMORY);
    assert_null(watch);
    imi_stream_watch_destroy(&watch);
    imi_stream_watch_destroy(NULL);
}

static int make_capture(void **state)
{
    capture *c = imi_alloc(sizeof *c);
    *state = c;
    return c == NULL || imi_stream_watch_new(NULL, &c->watch, NULL) != IMI_OK;
}

static int free_capture(void **state)
{
    capture *c = *state;
    imi_stream_watch_destroy(&c->watch);
    imi_free(c);
    return imi_alloc_live_blocks() != 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_capture, free_capture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(somebody_before_a_camera_is_one_take_of_a_camera),
        TEST(little_is_not_measured),
        TEST(a_file_that_comes_again_later_is_a_veto),
        TEST(a_stretch_with_new_noise_is_a_loop),
        TEST(a_stretch_played_backwards_with_new_noise_is_reversed),
        TEST(a_still_encoded_again_and_again_is_frozen),
        TEST(one_file_for_ever_is_frozen),
        TEST(a_cut_lowers_the_score_and_is_no_veto),
        TEST(a_still_with_new_noise_lowers_the_score_and_is_no_veto),
        TEST(another_encoder_in_the_middle_is_a_veto),
        TEST(another_camera_in_the_middle_is_a_veto),
        TEST(constant_noise_over_a_recording_is_a_veto),
        TEST(time_that_runs_backwards_is_a_veto),
        TEST(time_that_is_none_is_a_veto_and_nothing_is_reckoned_with_it),
        TEST(frames_far_ahead_of_their_arrival_are_a_veto),
        TEST(frames_that_are_not_looked_at_count_by_their_files),
        TEST(clips_without_files_are_judged_by_their_pictures),
        cmocka_unit_test(hints_lower_the_score_and_are_no_veto),
        TEST(a_face_that_jumps_lowers_the_score),
        TEST(only_its_own_layers_are_filled),
        TEST(a_file_without_bytes_is_an_invalid_argument),
        cmocka_unit_test(without_memory_there_is_no_watch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
