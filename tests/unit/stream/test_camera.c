#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "imi/crypto.h"
#include "imi/stream.h"
#include "phone-sim/camera.h"
#include "scene.h"

enum { FRAME_MS = 80, SCENE_FRAMES = 20, HOLD_MS = 400 };

/* Somebody in a room, and then in another. */
static imi_sim_frames *make_frames(void)
{
    imi_sim_frames *frames = imi_alloc(sizeof *frames);
    assert_non_null(frames);
    for (int i = 0; i < 2 * SCENE_FRAMES; i++) {
        imi_buffer jpeg = IMI_BUFFER_INIT;
        uint32_t room = i < SCENE_FRAMES ? 1 : 5;
        int64_t at_ms = (int64_t)i * FRAME_MS + (i < SCENE_FRAMES ? 0 : 10000);
        scene_encode(&(scene){.at_ms = at_ms, .room = room}, IMI_SIM_JPEG_QUALITY, &jpeg);
        assert_int_equal(imi_sim_frames_add(frames, &jpeg, at_ms, NULL), IMI_OK);
    }
    return frames;
}

/* Plays the frames by their numbers, as told. */
typedef struct scene_source {
    imi_source base;
    const imi_sim_frames *frames;
    size_t next;
} scene_source;

static const imi_sim_frame *next_frame(imi_source *self, int64_t at_ms, const imi_sim_cue *cue)
{
    (void)at_ms;
    (void)cue;
    scene_source *source = (scene_source *)self;
    return &source->frames->items[source->next++ % source->frames->count];
}

static void destroy_source(imi_source *self)
{
    imi_free(self);
}

static imi_source *make_scene(const imi_sim_frames *frames, size_t first)
{
    scene_source *source = imi_alloc(sizeof *source);
    assert_non_null(source);
    *source = (scene_source){{next_frame, destroy_source}, frames, first};
    return &source->base;
}

static imi_source *make_camera(const imi_sim_frames *frames, uint64_t seed, size_t first)
{
    imi_source *scene_before = make_scene(frames, first);
    imi_source *camera = NULL;
    assert_int_equal(imi_camera_new(seed, &scene_before, &camera, NULL), IMI_OK);
    assert_null(scene_before);
    return camera;
}

static bool same_digest(const uint8_t *a, const uint8_t *b)
{
    return imi_view_equal((imi_view){a, IMI_SIM_DIGEST_SIZE}, (imi_view){b, IMI_SIM_DIGEST_SIZE});
}

static void every_frame_is_new_and_has_its_digest(void **state)
{
    IMI_AUTO(imi_source) camera = make_camera(*state, 1, 0);
    imi_sim_cue cue = {0};
    uint8_t last[IMI_SIM_DIGEST_SIZE] = {0};
    for (int64_t i = 0; i < SCENE_FRAMES; i++) {
        const imi_sim_frame *frame = camera->frame_at(camera, i * FRAME_MS, &cue);
        uint8_t digest[IMI_SIM_DIGEST_SIZE];
        assert_int_equal(imi_sha256(imi_buffer_view(&frame->jpeg), digest, NULL), IMI_OK);
        assert_true(same_digest(digest, frame->digest));
        assert_false(same_digest(digest, last));
        imi_copy(last, digest, sizeof last);
    }
}

static void equal_seeds_give_equal_frames(void **state)
{
    IMI_AUTO(imi_source) a = make_camera(*state, 5, 0);
    IMI_AUTO(imi_source) b = make_camera(*state, 5, 0);
    IMI_AUTO(imi_source) c = make_camera(*state, 6, 0);
    imi_sim_cue cue = {0};
    const imi_sim_frame *frame = a->frame_at(a, 0, &cue);
    assert_true(same_digest(frame->digest, b->frame_at(b, 0, &cue)->digest));
    assert_false(same_digest(frame->digest, c->frame_at(c, 0, &cue)->digest));
}

static void frames_stay_valid_as_long_as_a_phone_holds_them(void **state)
{
    IMI_AUTO(imi_source) camera = make_camera(*state, 1, 0);
    imi_sim_cue cue = {0};
    const imi_sim_frame *held = camera->frame_at(camera, 0, &cue);
    uint8_t before[IMI_SIM_DIGEST_SIZE];
    imi_copy(before, held->digest, sizeof before);
    for (int64_t i = 1; i < 8; i++) {
        camera->frame_at(camera, i * FRAME_MS, &cue);
    }
    uint8_t digest[IMI_SIM_DIGEST_SIZE];
    assert_int_equal(imi_sha256(imi_buffer_view(&held->jpeg), digest, NULL), IMI_OK);
    assert_true(same_digest(digest, before));
}

static void where_the_scene_jumps_the_last_picture_is_held(void **state)
{
    IMI_AUTO(imi_source) camera = make_camera(*state, 1, SCENE_FRAMES - 2);
    imi_sim_cue cue = {0};
    camera->frame_at(camera, 0, &cue);
    const imi_sim_frame *last = camera->frame_at(camera, FRAME_MS, &cue);
    for (int64_t at_ms = 2 * FRAME_MS; at_ms < 2 * FRAME_MS + HOLD_MS; at_ms += FRAME_MS) {
        assert_ptr_equal(camera->frame_at(camera, at_ms, &cue), last);
    }
    const imi_sim_frame *after = camera->frame_at(camera, 2 * FRAME_MS + HOLD_MS, &cue);
    assert_ptr_not_equal(after, last);
}

/* What the watch makes of one stretch that is played forwards again and again. */
static imi_finding watch_loop(imi_source *source, size_t frames)
{
    static const imi_jpeg_limits limits = IMI_JPEG_LIMITS_FRAME;
    IMI_AUTO(imi_stream_watch) watch = NULL;
    assert_int_equal(imi_stream_watch_new(NULL, &watch, NULL), IMI_OK);
    imi_sim_cue cue = {0};
    for (size_t i = 0; i < frames; i++) {
        int64_t at_ms = (int64_t)i * FRAME_MS;
        imi_view jpeg = imi_buffer_view(&source->frame_at(source, at_ms, &cue)->jpeg);
        IMI_AUTO(imi_image) image = NULL;
        assert_int_equal(imi_jpeg_decode(jpeg, &limits, &image, NULL), IMI_OK);
        imi_stream_frame frame = {
            .captured_at_ms = 1 + at_ms, .arrived_at_ms = -1, .jpeg = jpeg, .image = image};
        assert_int_equal(imi_stream_watch_feed(watch, &frame, NULL), IMI_OK);
    }
    imi_findings findings = {0};
    imi_stream_watch_report(watch, &findings);
    return findings.layer[IMI_LAYER_CONTINUITY];
}

static void a_recording_is_found_out_but_not_before_a_camera(void **state)
{
    imi_sim_frames one_room = *(const imi_sim_frames *)*state;
    one_room.count = SCENE_FRAMES;
    IMI_AUTO(imi_source) raw = make_scene(&one_room, 0);
    assert_true(watch_loop(raw, 3 * SCENE_FRAMES).veto);
    for (uint64_t seed = 1; seed <= 3; seed++) {
        IMI_AUTO(imi_source) camera = make_camera(&one_room, seed, 0);
        assert_false(watch_loop(camera, 3 * SCENE_FRAMES).veto);
    }
}

static int make_state(void **state)
{
    *state = make_frames();
    return 0;
}

static int free_state(void **state)
{
    imi_sim_frames *frames = *state;
    imi_sim_frames_destroy(&frames);
    return imi_alloc_live_blocks() != 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_frame_is_new_and_has_its_digest),
        cmocka_unit_test(equal_seeds_give_equal_frames),
        cmocka_unit_test(frames_stay_valid_as_long_as_a_phone_holds_them),
        cmocka_unit_test(where_the_scene_jumps_the_last_picture_is_held),
        cmocka_unit_test(a_recording_is_found_out_but_not_before_a_camera),
    };
    return cmocka_run_group_tests(tests, make_state, free_state);
}
