/* The simulated phone against a server that keeps to a script. */
#include "phone-sim/phone.h"
#include "scripted_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { FRAMES = 20, RATE = 100 };

/* A phone, its server, and what its observer heard. */
typedef struct scene {
    scripted_server *server;
    imi_rpc_channel *channel;
    imi_sim_frames *frames;
    imi_source *source;
    imi_phone *phone;
    unsigned heard[IMI_PHONE_CAPTURE_ENDED + 1];
} scene;

static void hear(void *user, const imi_phone_event *event)
{
    ((scene *)user)->heard[event->kind]++;
}

static imi_sim_frames *make_frames(void)
{
    imi_sim_frames *frames = imi_alloc(sizeof *frames);
    assert_non_null(frames);
    for (int i = 0; i < FRAMES; i++) {
        imi_buffer jpeg = IMI_BUFFER_INIT;
        assert_int_equal(imi_buffer_printf(&jpeg, NULL, "not really a JPEG, frame %d", i), IMI_OK);
        assert_int_equal(imi_sim_frames_add(frames, &jpeg, i * 40, NULL), IMI_OK);
    }
    return frames;
}

static void open_scene(const script *plan, imi_phone_options options, scene *out)
{
    *out = (scene){.server = scripted_server_start(plan), .frames = make_frames()};
    out->channel = scripted_server_channel(out->server);
    assert_int_equal(imi_clip_player_new(out->frames, &out->source, NULL), IMI_OK);
    options.channel = out->channel;
    options.frames_per_s = RATE;
    options.observer = hear;
    options.user = out;
    assert_int_equal(imi_phone_new(&options, &out->phone, NULL), IMI_OK);
    assert_int_equal(imi_phone_join(out->phone, "ses_x", "secret", NULL), IMI_OK);
    assert_int_equal(imi_phone_consent(out->phone, true, NULL), IMI_OK);
}

static void close_scene(scene *self)
{
    imi_phone_destroy(&self->phone);
    imi_source_destroy(&self->source);
    imi_sim_frames_destroy(&self->frames);
    imi_rpc_channel_destroy(&self->channel);
    scripted_server_stop(&self->server);
}

/* Run to the end and insist that the chain of signatures held all the way. */
static imi_phone_result run_to_done(scene *self)
{
    imi_phone_result result;
    assert_int_equal(imi_phone_run(self->phone, self->source, &result, NULL), IMI_OK);
    assert_int_equal(result.outcome, IMI_OUTCOME_DONE);
    seen what = scripted_server_seen(self->server);
    assert_int_equal(what.broken_links, 0);
    assert_true(what.consented);
    return result;
}

static void frames_arrive_as_one_signed_chain(void **state)
{
    (void)state;
    scene self;
    open_scene(&(script){.frames_per_capture = 30}, (imi_phone_options){.unary = false}, &self);
    imi_phone_result result = run_to_done(&self);
    seen what = scripted_server_seen(self.server);
    assert_true(result.frames_answered >= 30);
    assert_int_equal(what.repeats, 0);
    assert_int_equal(what.calls, 1);
    assert_int_equal(self.heard[IMI_PHONE_JOINED], 1);
    assert_int_equal(self.heard[IMI_PHONE_CONSENTED], 1);
    assert_int_equal(self.heard[IMI_PHONE_GUIDANCE], 1);
    assert_true(self.heard[IMI_PHONE_FEEDBACK] >= 30);
    close_scene(&self);
}

static void frames_arrive_the_same_by_single_calls(void **state)
{
    (void)state;
    scene self;
    open_scene(&(script){.frames_per_capture = 10}, (imi_phone_options){.unary = true}, &self);
    imi_phone_result result = run_to_done(&self);
    assert_int_equal(result.frames_answered, 10);
    assert_int_equal(scripted_server_seen(self.server).calls, 10);
    close_scene(&self);
}

static void a_refused_frame_is_sent_again_later(void **state)
{
    (void)state;
    for (int unary = 0; unary <= 1; unary++) {
        scene self;
        open_scene(&(script){.frames_per_capture = 10, .exhausted_at = 4},
                   (imi_phone_options){.unary = unary == 1}, &self);
        imi_phone_result result = run_to_done(&self);
        assert_int_equal(result.refusals, 1);
        assert_int_equal(result.interruptions, 0);
        assert_int_equal(self.heard[IMI_PHONE_INTERRUPTED], 1);
        close_scene(&self);
    }
}

static void a_stream_that_breaks_off_is_opened_again(void **state)
{
    (void)state;
    scene self;
    open_scene(&(script){.frames_per_capture = 10, .break_off_at = 6},
               (imi_phone_options){.unary = false}, &self);
    imi_phone_result result = run_to_done(&self);
    assert_int_equal(result.interruptions, 1);
    assert_int_equal(scripted_server_seen(self.server).calls, 2);
    close_scene(&self);
}

static void breaking_after_every_frame_loses_none(void **state)
{
    (void)state;
    scene self;
    open_scene(&(script){.frames_per_capture = 12}, (imi_phone_options){.interrupt_every = 1},
               &self);
    imi_phone_result result = run_to_done(&self);
    assert_true(result.interruptions >= 10);
    assert_true(scripted_server_seen(self.server).frames >= 12);
    close_scene(&self);
}

static void a_failure_that_will_not_pass_ends_the_capture(void **state)
{
    (void)state;
    scene self;
    open_scene(&(script){.frames_per_capture = 10, .fail_at = 3},
               (imi_phone_options){.unary = false}, &self);
    imi_phone_result result;
    imi_error error = IMI_ERROR_INIT;
    assert_int_equal(imi_phone_run(self.phone, self.source, &result, &error), IMI_E_FRAME_CHAIN);
    assert_int_not_equal(result.outcome, IMI_OUTCOME_DONE);
    assert_int_equal(error.status, IMI_E_FRAME_CHAIN);
    close_scene(&self);
}

static void try_again_means_a_new_capture(void **state)
{
    (void)state;
    scene self;
    open_scene(&(script){.outcomes = {IMI_OUTCOME_TRY_AGAIN, IMI_OUTCOME_TRY_AGAIN}},
               (imi_phone_options){.unary = false}, &self);
    run_to_done(&self);
    assert_int_equal(scripted_server_seen(self.server).captures, 3);
    assert_int_equal(self.heard[IMI_PHONE_CAPTURE_ENDED], 3);
    close_scene(&self);
}

static void without_attempts_left_the_phone_stops(void **state)
{
    (void)state;
    scene self;
    open_scene(&(script){.outcomes = {IMI_OUTCOME_TRY_AGAIN, IMI_OUTCOME_TRY_AGAIN,
                                      IMI_OUTCOME_TRY_AGAIN, IMI_OUTCOME_TRY_AGAIN}},
               (imi_phone_options){.unary = false}, &self);
    imi_phone_result result;
    assert_int_equal(imi_phone_run(self.phone, self.source, &result, NULL), IMI_OK);
    assert_int_equal(result.outcome, IMI_OUTCOME_TRY_AGAIN);
    assert_int_equal(result.attempts_left, 0);
    assert_int_equal(scripted_server_seen(self.server).captures, SCRIPT_CAPTURES_MAX);
    close_scene(&self);
}

static void a_phone_that_is_told_to_wait_waits(void **state)
{
    (void)state;
    scene self;
    open_scene(&(script){.wait_ms = 50}, (imi_phone_options){.unary = false}, &self);
    imi_phone_result result = run_to_done(&self);
    assert_int_equal(result.retry_after_ms, 0);
    assert_int_equal(scripted_server_seen(self.server).waits, 1);
    assert_int_equal(scripted_server_seen(self.server).captures, 1);
    close_scene(&self);
}

static void a_phone_does_not_wait_beyond_its_patience(void **state)
{
    (void)state;
    scene self;
    open_scene(&(script){.wait_ms = 3600000}, (imi_phone_options){.patience_ms = 1000}, &self);
    imi_phone_result result;
    assert_int_equal(imi_phone_run(self.phone, self.source, &result, NULL), IMI_OK);
    assert_int_equal(result.outcome, IMI_OUTCOME_TRY_AGAIN);
    assert_int_equal(result.retry_after_ms, 3600000);
    assert_int_equal(scripted_server_seen(self.server).captures, 0);
    close_scene(&self);
}

static void a_phone_waits_until_others_had_their_turn(void **state)
{
    (void)state;
    scene self;
    imi_phone_options options = {.patience_ms = 1};
    open_scene(&(script){.wait_ms = 20, .busy = true}, options, &self);
    imi_phone_result result = run_to_done(&self);
    assert_int_equal(result.waits, 3);
    assert_int_equal(result.waited_ms, 60);
    assert_int_equal(scripted_server_seen(self.server).captures, 1);
    close_scene(&self);
}

static void a_phone_does_not_wait_for_its_turn_for_ever(void **state)
{
    (void)state;
    scene self;
    imi_phone_options options = {.patience_ms = 1, .busy_patience_ms = 50};
    open_scene(&(script){.wait_ms = 20, .busy = true}, options, &self);
    imi_phone_result result;
    assert_int_equal(imi_phone_run(self.phone, self.source, &result, NULL), IMI_OK);
    assert_int_equal(result.outcome, IMI_OUTCOME_TRY_AGAIN);
    assert_int_equal(result.waits, 2);
    assert_int_equal(scripted_server_seen(self.server).captures, 0);
    close_scene(&self);
}

static void a_session_that_was_left_to_staff_is_an_outcome(void **state)
{
    (void)state;
    scene self;
    open_scene(&(script){.over = true}, (imi_phone_options){.unary = false}, &self);
    imi_phone_result result;
    assert_int_equal(imi_phone_run(self.phone, self.source, &result, NULL), IMI_OK);
    assert_int_equal(result.outcome, IMI_OUTCOME_STAFF_REVIEW);
    close_scene(&self);
}

static void what_a_person_cannot_do_is_told(void **state)
{
    (void)state;
    scene self;
    uint32_t mask = 1U << IMI_ACTION_BLINK | 1U << IMI_ACTION_NOD;
    open_scene(&(script){.light = false}, (imi_phone_options){.cannot_mask = mask}, &self);
    run_to_done(&self);
    assert_int_equal(scripted_server_seen(self.server).cannot_mask, mask);
    assert_int_equal(scripted_server_seen(self.server).lit, 0);
    close_scene(&self);
}

static void frames_tell_how_long_the_light_is_shown(void **state)
{
    (void)state;
    scene self;
    open_scene(&(script){.light = true}, (imi_phone_options){.unary = false}, &self);
    run_to_done(&self);
    seen what = scripted_server_seen(self.server);
    assert_int_equal(what.lit, what.frames);
    close_scene(&self);
}

static void a_phone_may_leave_early(void **state)
{
    (void)state;
    scene self;
    open_scene(&(script){.frames_per_capture = 1000}, (imi_phone_options){.frames_max = 3}, &self);
    imi_phone_result result;
    assert_int_equal(imi_phone_capture(self.phone, self.source, &result, NULL), IMI_OK);
    assert_int_equal(result.outcome, IMI_OUTCOME_IN_PROGRESS);
    assert_int_equal(result.frames_answered, 3);
    assert_int_equal(scripted_server_seen(self.server).frames, 3);
    close_scene(&self);
}

static void a_camera_skips_what_a_silent_server_has_no_room_for(void **state)
{
    (void)state;
    scene self;
    open_scene(&(script){.frames_per_capture = 1000, .silent_from = 3},
               (imi_phone_options){.capture_timeout_ms = 2000}, &self);
    imi_phone_result result;
    assert_int_equal(imi_phone_capture(self.phone, self.source, &result, NULL), IMI_OK);
    assert_int_equal(result.outcome, IMI_OUTCOME_IN_PROGRESS);
    assert_int_equal(result.frames_answered, 2);
    assert_int_equal(result.frames_sent, 2 + 4);
    assert_true(result.frames_skipped > 0);
    close_scene(&self);
}

static void lockstep_skips_nothing(void **state)
{
    (void)state;
    scene self;
    open_scene(&(script){.frames_per_capture = 1000, .silent_from = 3},
               (imi_phone_options){.capture_timeout_ms = 2000, .pace = IMI_PHONE_PACE_LOCKSTEP},
               &self);
    imi_phone_result result;
    assert_int_equal(imi_phone_capture(self.phone, self.source, &result, NULL), IMI_OK);
    assert_int_equal(result.frames_skipped, 0);
    assert_int_equal(result.frames_sent, 2 + 1);
    close_scene(&self);
}

static void a_frame_that_is_too_large_is_not_sent(void **state)
{
    (void)state;
    scene self;
    open_scene(&(script){.max_frame_bytes = 8}, (imi_phone_options){.unary = false}, &self);
    imi_phone_result result;
    assert_int_equal(imi_phone_capture(self.phone, self.source, &result, NULL),
                     IMI_E_IMAGE_TOO_LARGE);
    assert_int_equal(scripted_server_seen(self.server).frames, 0);
    close_scene(&self);
}

static void a_phone_needs_a_channel(void **state)
{
    (void)state;
    IMI_AUTO(imi_phone) phone = NULL;
    imi_phone_options none = {.channel = NULL};
    assert_int_equal(imi_phone_new(&none, &phone, NULL), IMI_E_INVALID_ARGUMENT);
    assert_null(phone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_arrive_as_one_signed_chain),
        cmocka_unit_test(frames_arrive_the_same_by_single_calls),
        cmocka_unit_test(a_refused_frame_is_sent_again_later),
        cmocka_unit_test(a_stream_that_breaks_off_is_opened_again),
        cmocka_unit_test(breaking_after_every_frame_loses_none),
        cmocka_unit_test(a_failure_that_will_not_pass_ends_the_capture),
        cmocka_unit_test(try_again_means_a_new_capture),
        cmocka_unit_test(without_attempts_left_the_phone_stops),
        cmocka_unit_test(a_phone_that_is_told_to_wait_waits),
        cmocka_unit_test(a_phone_does_not_wait_beyond_its_patience),
        cmocka_unit_test(a_phone_waits_until_others_had_their_turn),
        cmocka_unit_test(a_phone_does_not_wait_for_its_turn_for_ever),
        cmocka_unit_test(a_session_that_was_left_to_staff_is_an_outcome),
        cmocka_unit_test(what_a_person_cannot_do_is_told),
        cmocka_unit_test(frames_tell_how_long_the_light_is_shown),
        cmocka_unit_test(a_phone_may_leave_early),
        cmocka_unit_test(a_camera_skips_what_a_silent_server_has_no_room_for),
        cmocka_unit_test(lockstep_skips_nothing),
        cmocka_unit_test(a_frame_that_is_too_large_is_not_sent),
        cmocka_unit_test(a_phone_needs_a_channel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
