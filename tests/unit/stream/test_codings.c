#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "codings.h"

#include <math.h>

enum { WIDTH = 320, HEIGHT = 240, FRAMES = 24, EVERY_MS = 300, EARLIER = 84, LATER = 88 };

static const float UNEVEN = 0.2F;
static const float EVEN = 0.07F;

/* ---- frames ---- */

/* Rough skin and cloth: a coarse pattern under a fine one, new in every frame. */
static void paint(imi_image *image, uint64_t seed, bool face_only)
{
    uint64_t state = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
    int coarse = 0;
    for (uint32_t y = 0; y < HEIGHT; y++) {
        for (uint32_t x = 0; x < WIDTH; x++) {
            state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            coarse = (3 * coarse + (int)(state >> 40 & 63) - 32) / 4;
            int level = 128 + 2 * coarse + (int)(state >> 56 & 15);
            float dx = ((float)x - WIDTH / 2.0F) / 64;
            float dy = ((float)y - HEIGHT / 2.0F) / 84;
            if (!face_only || dx * dx + dy * dy < 1) {
                uint8_t *pixel = image->pixels + (size_t)y * image->stride_bytes + (size_t)3 * x;
                pixel[0] = pixel[1] = pixel[2] = (uint8_t)level;
            }
        }
    }
}

static imi_landmarks mesh(void)
{
    imi_landmarks out = {.presence = 1};
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        float turn = 6.2831853F * (float)i / IMI_MESH_POINTS;
        out.points[i] =
            (imi_point3){WIDTH / 2.0F + 60 * cosf(turn), HEIGHT / 2.0F + 80 * sinf(turn), 0};
    }
    return out;
}

/* How a frame comes about. */
typedef enum history { ONCE, TWICE, PAINTED } history;

static imi_image *encode(const imi_image *image, int quality, imi_buffer *jpeg_out)
{
    const imi_jpeg_limits limits = IMI_JPEG_LIMITS_FRAME;
    imi_image *again = NULL;
    assert_int_equal(IMI_OK, imi_jpeg_encode(image, quality, jpeg_out, NULL));
    assert_int_equal(IMI_OK, imi_jpeg_decode(imi_buffer_view(jpeg_out), &limits, &again, NULL));
    return again;
}

/* The same frame to the watch of encodings or to the whole stream's. */
typedef struct watches {
    imi_coding_watch *codings;
    imi_stream_watch *stream;
} watches;

static void show(const watches *to, history how, uint64_t index, int quality)
{
    IMI_AUTO(imi_image) scene = NULL;
    IMI_AUTO(imi_image) before = NULL;
    IMI_AUTO_BUFFER earlier = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    assert_int_equal(IMI_OK, imi_image_new(WIDTH, HEIGHT, IMI_PIXEL_RGB8, &scene, NULL));
    paint(scene, index, false);
    if (how != ONCE) {
        before = encode(scene, EARLIER, &earlier);
    }
    if (how == PAINTED) {
        paint(before, index + 1000, true);
    }
    IMI_AUTO(imi_image) image = encode(how == ONCE ? scene : before, quality, &jpeg);
    const imi_landmarks landmarks = mesh();
    const imi_stream_frame frame = {
        .captured_at_ms = (int64_t)index * EVERY_MS,
        .arrived_at_ms = -1,
        .jpeg = imi_buffer_view(&jpeg),
        .image = image,
        .landmarks = &landmarks,
    };
    if (to->stream != NULL) {
        assert_int_equal(IMI_OK, imi_stream_watch_feed(to->stream, &frame, NULL));
    } else {
        imi_coding_watch_feed(to->codings, &frame);
    }
}

static void feed(imi_coding_watch *watch, history how, uint64_t index, int quality)
{
    show(&(watches){.codings = watch}, how, index, quality);
}

static imi_coding_watch watch_of(history how)
{
    imi_coding_watch watch = {.frames = 0};
    for (uint64_t i = 0; i < FRAMES; i++) {
        feed(&watch, how, i, LATER);
    }
    assert_int_equal(FRAMES, watch.frames);
    return watch;
}

/* ---- tests ---- */

static void what_was_encoded_once_is_even(void **state)
{
    (void)state;
    imi_coding_watch watch = watch_of(ONCE);
    assert_true(imi_coding_watch_unevenness(&watch, IMI_CODING_FACE) < EVEN);
    assert_true(imi_coding_watch_unevenness(&watch, IMI_CODING_AROUND) < EVEN);
    assert_true(imi_coding_watch_patched(&watch) < LIMIT_PATCHED_FREE);
}

static void what_was_encoded_before_is_uneven_everywhere(void **state)
{
    (void)state;
    imi_coding_watch watch = watch_of(TWICE);
    assert_true(imi_coding_watch_unevenness(&watch, IMI_CODING_FACE) > UNEVEN);
    assert_true(imi_coding_watch_unevenness(&watch, IMI_CODING_AROUND) > UNEVEN);
    assert_true(imi_coding_watch_patched(&watch) < LIMIT_PATCHED_FREE);
}

static void a_face_painted_into_frames_that_were_encoded_before_is_a_patch(void **state)
{
    (void)state;
    imi_coding_watch watch = watch_of(PAINTED);
    assert_true(imi_coding_watch_unevenness(&watch, IMI_CODING_FACE) < EVEN);
    assert_true(imi_coding_watch_patched(&watch) > LIMIT_PATCHED);
}

static imi_finding camera_after(history how)
{
    IMI_AUTO(imi_stream_watch) watch = NULL;
    imi_findings findings = {0};
    assert_int_equal(IMI_OK, imi_stream_watch_new(NULL, &watch, NULL));
    for (uint64_t i = 0; i < FRAMES; i++) {
        show(&(watches){.stream = watch}, how, i, LATER);
    }
    imi_stream_watch_report(watch, &findings);
    return findings.layer[IMI_LAYER_CAMERA];
}

static void a_patch_lowers_the_cameras_score_and_is_no_veto(void **state)
{
    (void)state;
    imi_finding once = camera_after(ONCE);
    imi_finding painted = camera_after(PAINTED);
    assert_null(once.code);
    assert_string_equal("patched", painted.code);
    assert_false(painted.veto);
    assert_true(painted.score < once.score - 3);
}

static void an_earlier_encoding_everywhere_is_not_held_against_a_camera(void **state)
{
    (void)state;
    imi_finding twice = camera_after(TWICE);
    assert_true(twice.measured);
    assert_null(twice.code);
}

static void a_single_frame_tells_nothing(void **state)
{
    (void)state;
    imi_coding_watch watch = {.frames = 0};
    assert_true(isnan(imi_coding_watch_patched(&watch)));
    feed(&watch, PAINTED, 0, LATER);
    assert_true(isnan(imi_coding_watch_patched(&watch)));
}

static void frames_of_another_quantisation_are_not_mixed_in(void **state)
{
    (void)state;
    imi_coding_watch watch = {.frames = 0};
    feed(&watch, ONCE, 0, LATER);
    feed(&watch, ONCE, 1, EARLIER);
    assert_int_equal(1, watch.frames);
    feed(&watch, ONCE, 2, LATER);
    assert_int_equal(2, watch.frames);
}

static void a_capture_however_long_costs_no_more(void **state)
{
    (void)state;
    imi_coding_watch watch = {.frames = LIMIT_CODING_FRAMES};
    feed(&watch, ONCE, 1, LATER);
    assert_int_equal(LIMIT_CODING_FRAMES, watch.frames);
}

/* A frame that is right but for one thing. */
typedef struct flaw {
    bool no_picture, no_mesh, no_presence, no_file, grey, small_face, soon;
} flaw;

static uint32_t frames_with(const flaw *wrong)
{
    imi_coding_watch watch = {.frames = 0};
    IMI_AUTO(imi_image) scene = NULL;
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    imi_landmarks landmarks = mesh();
    landmarks.presence = wrong->no_presence ? NAN : 1;
    for (unsigned i = 0; wrong->small_face && i < IMI_MESH_POINTS; i++) {
        landmarks.points[i] = (imi_point3){0};
    }
    imi_pixel_format format = wrong->grey ? IMI_PIXEL_GREY8 : IMI_PIXEL_RGB8;
    assert_int_equal(IMI_OK, imi_image_new(WIDTH, HEIGHT, format, &scene, NULL));
    assert_int_equal(IMI_OK, imi_jpeg_encode(scene, LATER, &jpeg, NULL));
    imi_stream_frame frame = {
        .captured_at_ms = 1000,
        .jpeg = wrong->no_file ? (imi_view){NULL, 0} : imi_buffer_view(&jpeg),
        .image = wrong->no_picture ? NULL : scene,
        .landmarks = wrong->no_mesh ? NULL : &landmarks,
    };
    if (wrong->soon) {
        imi_coding_watch_feed(&watch, &frame);
        assert_int_equal(1, watch.frames);
        frame.captured_at_ms += LIMIT_CODING_EVERY_MS - 1;
        imi_coding_watch_feed(&watch, &frame);
        return watch.frames - 1;
    }
    imi_coding_watch_feed(&watch, &frame);
    return watch.frames;
}

static void frames_that_cannot_be_told_apart_are_not_looked_at(void **state)
{
    (void)state;
    static const flaw FLAWS[] = {{.no_picture = true}, {.no_mesh = true}, {.no_presence = true},
                                 {.no_file = true},    {.grey = true},    {.small_face = true},
                                 {.soon = true}};
    assert_int_equal(1, frames_with(&(flaw){.soon = false}));
    for (size_t i = 0; i < sizeof FLAWS / sizeof FLAWS[0]; i++) {
        assert_int_equal(0, frames_with(&FLAWS[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_encoded_once_is_even),
        cmocka_unit_test(what_was_encoded_before_is_uneven_everywhere),
        cmocka_unit_test(a_face_painted_into_frames_that_were_encoded_before_is_a_patch),
        cmocka_unit_test(a_patch_lowers_the_cameras_score_and_is_no_veto),
        cmocka_unit_test(an_earlier_encoding_everywhere_is_not_held_against_a_camera),
        cmocka_unit_test(a_single_frame_tells_nothing),
        cmocka_unit_test(frames_of_another_quantisation_are_not_mixed_in),
        cmocka_unit_test(a_capture_however_long_costs_no_more),
        cmocka_unit_test(frames_that_cannot_be_told_apart_are_not_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
