/* What the camera of a simulated phone sees: frame lists, the clip player, the performer. */
#include "phone-sim/source.h"

#include "phone-sim/media.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PERIOD_MS = 40, FRAMES = 100 };

static imi_sim_frames *frames;

static const imi_segment segments[] = {
    {"clip", IMI_ACTION_NONE, 0, 400, 0.5F, 0.5F},
    {"clip", IMI_ACTION_BLINK, 1000, 1400, 0.5F, 0.5F},
    {"clip", IMI_ACTION_BLINK, 2000, 2400, 0.5F, 0.5F},
    {"clip", IMI_ACTION_TURN_LEFT, 3000, 3600, 0.5F, 0.5F},
};

/* Frames that stand for images: any bytes will do for what is tested here. */
static int make_frames(void **state)
{
    (void)state;
    frames = imi_alloc(sizeof *frames);
    assert_non_null(frames);
    for (int i = 0; i < FRAMES; i++) {
        imi_buffer jpeg = IMI_BUFFER_INIT;
        assert_int_equal(imi_buffer_printf(&jpeg, NULL, "frame %d", i), IMI_OK);
        assert_int_equal(imi_sim_frames_add(frames, &jpeg, (int64_t)i * PERIOD_MS, NULL), IMI_OK);
    }
    return 0;
}

static int drop_frames(void **state)
{
    (void)state;
    imi_sim_frames_destroy(&frames);
    return 0;
}

static void frame_at_a_moment_is_the_last_one_begun(void **state)
{
    (void)state;
    assert_int_equal(imi_sim_frames_at(frames, 0)->at_ms, 0);
    assert_int_equal(imi_sim_frames_at(frames, 39)->at_ms, 0);
    assert_int_equal(imi_sim_frames_at(frames, 40)->at_ms, 40);
    assert_int_equal(imi_sim_frames_at(frames, 1000000)->at_ms, 3960);
    assert_int_equal(imi_sim_frames_at(frames, -5)->at_ms, 0);
    assert_int_equal(imi_sim_frames_end_ms(frames), 4000);
}

static void frames_out_of_order_are_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    assert_int_equal(imi_buffer_append_text(&jpeg, "late", NULL), IMI_OK);
    assert_int_equal(imi_sim_frames_add(frames, &jpeg, 5, NULL), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(frames->count, FRAMES);
    assert_int_equal(jpeg.size, 4);
}

static void saved_frames_load_as_they_were(void **state)
{
    (void)state;
    char folder[] = "/tmp/imi-frames.XXXXXX";
    assert_non_null(mkdtemp(folder));
    assert_int_equal(imi_sim_frames_save(frames, folder, NULL), IMI_OK);
    IMI_AUTO(imi_sim_frames) loaded = NULL;
    assert_int_equal(imi_sim_frames_load_folder(folder, 10, &loaded, NULL), IMI_OK);
    assert_int_equal(loaded->count, FRAMES);
    for (size_t i = 0; i < FRAMES; i++) {
        assert_int_equal(loaded->items[i].at_ms, frames->items[i].at_ms);
        assert_memory_equal(loaded->items[i].digest, frames->items[i].digest, IMI_SIM_DIGEST_SIZE);
        char path[64];
        snprintf(path, sizeof path, "%s/%07d.jpg", folder, (int)i * PERIOD_MS);
        assert_int_equal(remove(path), 0);
    }
    assert_int_equal(remove(folder), 0);
}

static void an_empty_folder_is_an_error(void **state)
{
    (void)state;
    char folder[] = "/tmp/imi-frames.XXXXXX";
    assert_non_null(mkdtemp(folder));
    imi_sim_frames *loaded = frames;
    assert_int_equal(imi_sim_frames_load_folder(folder, 10, &loaded, NULL), IMI_E_NOT_FOUND);
    assert_null(loaded);
    assert_int_equal(remove(folder), 0);
    assert_int_equal(imi_sim_frames_load_folder(folder, 10, &loaded, NULL), IMI_E_NOT_FOUND);
    assert_int_equal(imi_sim_frames_load_folder("/tmp", 0, &loaded, NULL), IMI_E_INVALID_ARGUMENT);
}

static void a_clip_that_is_no_video_is_an_error(void **state)
{
    (void)state;
    IMI_AUTO(imi_sim_frames) loaded = NULL;
    imi_error error = IMI_ERROR_INIT;
    assert_int_not_equal(imi_sim_frames_load_clip("/dev/null", NULL, 0, &loaded, &error), IMI_OK);
    assert_null(loaded);
    assert_true(strlen(error.message) > 0);
}

static void clip_player_goes_back_and_forth_without_a_jump(void **state)
{
    (void)state;
    IMI_AUTO(imi_source) player = NULL;
    assert_int_equal(imi_clip_player_new(frames, &player, NULL), IMI_OK);
    imi_sim_cue cue = {.guidance = IMI_GUIDANCE_BLINK};
    int64_t before = player->frame_at(player, 0, &cue)->at_ms;
    for (int64_t at_ms = PERIOD_MS; at_ms < 20000; at_ms += PERIOD_MS) {
        int64_t now = player->frame_at(player, at_ms, &cue)->at_ms;
        assert_true(llabs(now - before) <= PERIOD_MS);
        before = now;
    }
}

static void clip_player_needs_frames(void **state)
{
    (void)state;
    IMI_AUTO(imi_source) player = NULL;
    assert_int_equal(imi_clip_player_new(NULL, &player, NULL), IMI_E_INVALID_ARGUMENT);
    assert_null(player);
}

static imi_source *new_performer(void)
{
    imi_performer_options options = {
        .frames = frames,
        .segments = segments,
        .segment_count = sizeof segments / sizeof segments[0],
    };
    imi_source *performer = NULL;
    assert_int_equal(imi_performer_new(&options, &performer, NULL), IMI_OK);
    return performer;
}

/* Clip time that is shown at a moment. */
static int64_t shown(imi_source *source, int64_t at_ms, imi_guidance guidance)
{
    imi_sim_cue cue = {.guidance = guidance};
    return source->frame_at(source, at_ms, &cue)->at_ms;
}

static bool is_within(const imi_segment *segment, int64_t clip_ms)
{
    return clip_ms >= segment->start_ms && clip_ms < segment->end_ms;
}

static void performer_stays_neutral_until_asked(void **state)
{
    (void)state;
    IMI_AUTO(imi_source) performer = new_performer();
    for (int64_t at_ms = 0; at_ms < 10000; at_ms += PERIOD_MS) {
        assert_true(is_within(&segments[0], shown(performer, at_ms, IMI_GUIDANCE_HOLD_STILL)));
    }
}

static void performer_reacts_acts_and_returns(void **state)
{
    (void)state;
    IMI_AUTO(imi_source) performer = new_performer();
    shown(performer, 0, IMI_GUIDANCE_LOOK_STRAIGHT);
    assert_true(is_within(&segments[0], shown(performer, 100, IMI_GUIDANCE_TURN_LEFT)));
    assert_true(is_within(&segments[0], shown(performer, 400, IMI_GUIDANCE_TURN_LEFT)));
    assert_int_equal(shown(performer, 500, IMI_GUIDANCE_TURN_LEFT), 3000);
    /* The answer comes while the turn is under way; it is finished all the same. */
    assert_int_equal(shown(performer, 900, IMI_GUIDANCE_BACK_TO_CENTRE), 3400);
    assert_true(is_within(&segments[0], shown(performer, 1100, IMI_GUIDANCE_BACK_TO_CENTRE)));
}

static void performer_tries_again_with_the_next_segment(void **state)
{
    (void)state;
    IMI_AUTO(imi_source) performer = new_performer();
    bool first = false;
    bool second = false;
    int64_t second_ms = 0;
    for (int64_t at_ms = 0; at_ms < 4000; at_ms += PERIOD_MS) {
        int64_t clip_ms = shown(performer, at_ms, IMI_GUIDANCE_BLINK);
        first = first || is_within(&segments[1], clip_ms);
        if (!second && is_within(&segments[2], clip_ms)) {
            assert_true(first);
            second = true;
            second_ms = at_ms;
        }
    }
    assert_true(second);
    /* Reaction, action, pause, reaction. */
    assert_in_range(second_ms, 400 + 400 + 1200 + 400, 400 + 400 + 1200 + 400 + 5 * PERIOD_MS);
}

static void performer_that_cannot_do_what_is_asked_stays_neutral(void **state)
{
    (void)state;
    IMI_AUTO(imi_source) performer = new_performer();
    for (int64_t at_ms = 0; at_ms < 5000; at_ms += PERIOD_MS) {
        assert_true(is_within(&segments[0], shown(performer, at_ms, IMI_GUIDANCE_OPEN_MOUTH)));
    }
}

static void a_new_capture_begins_neutral(void **state)
{
    (void)state;
    IMI_AUTO(imi_source) performer = new_performer();
    shown(performer, 0, IMI_GUIDANCE_TURN_LEFT);
    assert_int_equal(shown(performer, 400, IMI_GUIDANCE_TURN_LEFT), 3000);
    assert_true(is_within(&segments[0], shown(performer, 0, IMI_GUIDANCE_NONE)));
    assert_true(is_within(&segments[0], shown(performer, 300, IMI_GUIDANCE_NONE)));
}

static void performer_needs_a_neutral_segment(void **state)
{
    (void)state;
    imi_performer_options options = {
        .frames = frames, .segments = segments + 1, .segment_count = 3};
    IMI_AUTO(imi_source) performer = NULL;
    assert_int_equal(imi_performer_new(&options, &performer, NULL), IMI_E_INVALID_ARGUMENT);
    assert_null(performer);
}

static void media_takes_a_clip_or_a_folder_not_both(void **state)
{
    (void)state;
    IMI_AUTO(imi_media) media = NULL;
    imi_media_options neither = {.frames_per_s = 10};
    imi_media_options both = {.clip = "a.mp4", .frames = "a", .frames_per_s = 10};
    assert_int_equal(imi_media_open(&neither, &media, NULL), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_media_open(&both, &media, NULL), IMI_E_INVALID_ARGUMENT);
    assert_null(media);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frame_at_a_moment_is_the_last_one_begun),
        cmocka_unit_test(frames_out_of_order_are_refused),
        cmocka_unit_test(saved_frames_load_as_they_were),
        cmocka_unit_test(an_empty_folder_is_an_error),
        cmocka_unit_test(a_clip_that_is_no_video_is_an_error),
        cmocka_unit_test(clip_player_goes_back_and_forth_without_a_jump),
        cmocka_unit_test(clip_player_needs_frames),
        cmocka_unit_test(performer_stays_neutral_until_asked),
        cmocka_unit_test(performer_reacts_acts_and_returns),
        cmocka_unit_test(performer_tries_again_with_the_next_segment),
        cmocka_unit_test(performer_that_cannot_do_what_is_asked_stays_neutral),
        cmocka_unit_test(a_new_capture_begins_neutral),
        cmocka_unit_test(performer_needs_a_neutral_segment),
        cmocka_unit_test(media_takes_a_clip_or_a_folder_not_both),
    };
    return cmocka_run_group_tests(tests, make_frames, drop_frames);
}
