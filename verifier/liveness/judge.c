/*
 * The state machine: find a face, learn its neutral look, then for each action of the script
 * ask, watch, and wait until the face is neutral again.
 *
 * One frame passes through four stages, each of which may end the capture: its time, the track
 * of the face, the limits of patience, and the phase of the script.
 */
#include "guidance.h"
#include "script.h"
#include "track.h"
#include "watch.h"

#include <math.h>

typedef enum judge_phase { PHASE_SETTLE = 0, PHASE_ASK, PHASE_RETURN, PHASE_ENDED } judge_phase;

struct imi_liveness_judge {
    imi_challenge challenge;
    int64_t action_timeout_ms, capture_timeout_ms;
    judge_phase phase;
    imi_liveness_reason reason;
    imi_guidance guidance; /* told last */
    /* time */
    bool timed;
    int64_t now_ms;
    uint32_t same_times;
    int64_t first_face_ms;
    int64_t asked_for_ms; /* time with the face in view since the ask was heard; below 0 before */
    int64_t lag_ms; /* of the frame */
    /* the face */
    imi_liveness_sample sample;
    imi_liveness_track track;
    imi_liveness_baseline baseline;
    bool neutral;
    uint32_t neutral_frames;
    /* the script */
    uint32_t step, done;
    float least_scale; /* since the ask */
    bool strays; /* in the latest frame something else than what is asked was done clearly */
    int64_t strays_since_ms;
    bool wrong_now; /* in the middle of a wrong action: nothing counts until neutral */
    uint32_t errors; /* weighed sum */
    float flatness_residual;
    imi_watch watch;
};

static bool challenge_is_valid(const imi_challenge *challenge)
{
    if (challenge == NULL || challenge->count < 1 || challenge->count > IMI_CHALLENGE_ACTIONS_MAX) {
        return false;
    }
    for (uint32_t i = 0; i < challenge->count; i++) {
        if (!imi_script_step_is_valid(challenge->actions[i], challenge->targets[i])) {
            return false;
        }
    }
    return true;
}

imi_status imi_liveness_judge_new(const imi_challenge *challenge,
                                  const imi_liveness_options *options, imi_liveness_judge **out,
                                  imi_error *err)
{
    if (out == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "no place for the judge");
    }
    *out = NULL;
    if (!challenge_is_valid(challenge)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the challenge is empty or holds unknown actions");
    }
    imi_liveness_options limits = options == NULL ? (imi_liveness_options){0, 0} : *options;
    if (limits.action_timeout_ms < 0 || limits.capture_timeout_ms < 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a timeout is negative");
    }
    imi_liveness_judge *judge = imi_alloc(sizeof *judge);
    if (judge == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a liveness judge");
    }
    judge->challenge = *challenge;
    judge->action_timeout_ms =
        limits.action_timeout_ms > 0 ? limits.action_timeout_ms : LIMIT_ACTION_TIMEOUT_MS;
    judge->capture_timeout_ms =
        limits.capture_timeout_ms > 0 ? limits.capture_timeout_ms : LIMIT_CAPTURE_TIMEOUT_MS;
    judge->reason = IMI_LIVENESS_INCOMPLETE;
    judge->guidance = IMI_GUIDANCE_SHOW_FACE;
    judge->flatness_residual = NAN;
    *out = judge;
    return IMI_OK;
}

void imi_liveness_judge_destroy(imi_liveness_judge **judge)
{
    if (judge != NULL && *judge != NULL) {
        imi_wipe(*judge, sizeof **judge); /* landmarks are biometric */
        imi_free(*judge);
        *judge = NULL;
    }
}

static void end(imi_liveness_judge *judge, imi_liveness_reason reason)
{
    judge->phase = PHASE_ENDED;
    judge->reason = reason;
    judge->neutral = false;
    judge->guidance = reason == IMI_LIVENESS_OK ? IMI_GUIDANCE_DONE : IMI_GUIDANCE_NONE;
}

/* ---- time ---- */

/* Before a baseline is known nothing has been shown, so nothing is lost by starting afresh. */
static void start_afresh(imi_liveness_judge *judge)
{
    imi_liveness_track_reset(&judge->track);
    imi_liveness_baseline_reset(&judge->baseline);
    judge->guidance = IMI_GUIDANCE_SHOW_FACE;
}

/* Returns whether the frame is to be judged; *step_ms is the time since the one before. */
static bool advance_time(imi_liveness_judge *judge, int64_t at_ms, int64_t *step_ms)
{
    const int64_t latest = INT64_C(1) << 53; /* exact in a browser's number; keeps sums small */
    *step_ms = 0;
    if (at_ms < 0 || at_ms > latest || (judge->timed && at_ms < judge->now_ms)) {
        end(judge, IMI_LIVENESS_TIME);
        return false;
    }
    if (judge->timed && at_ms == judge->now_ms) {
        if (++judge->same_times > LIMIT_SAME_TIMES) {
            end(judge, IMI_LIVENESS_TIME);
        }
        return false;
    }
    *step_ms = judge->timed ? at_ms - judge->now_ms : 0;
    judge->timed = true;
    judge->now_ms = at_ms;
    judge->same_times = 0;
    if (*step_ms > LIMIT_FRAME_GAP_MS) {
        if (judge->phase != PHASE_SETTLE) {
            end(judge, IMI_LIVENESS_TIME);
            return false;
        }
        start_afresh(judge);
    }
    return true;
}

static bool is_out_of_patience(const imi_liveness_judge *judge)
{
    bool asked = judge->phase == PHASE_ASK || judge->phase == PHASE_RETURN;
    return (judge->track.seen &&
            judge->now_ms - judge->first_face_ms > judge->capture_timeout_ms) ||
           (asked && judge->asked_for_ms > judge->action_timeout_ms);
}

/* ---- the script ---- */

static imi_action asked_action(const imi_liveness_judge *judge)
{
    return judge->challenge.actions[judge->step];
}

static void reset_watch(imi_liveness_judge *judge)
{
    imi_watch_reset(&judge->watch, asked_action(judge), judge->challenge.targets[judge->step]);
}

static imi_watch_answer feed_watch(imi_liveness_judge *judge, const imi_liveness_reading *reading)
{
    imi_watch_answer answer = imi_watch_feed(&judge->watch, &judge->baseline, reading);
    const imi_liveness_evidence *depth = &judge->watch.near_far.evidence;
    if (asked_action(judge) == IMI_ACTION_NEAR_FAR && depth->count > 0) {
        judge->flatness_residual = imi_liveness_evidence_weigh(depth, IMI_EVIDENCE_FRAMES).plane;
    }
    return answer;
}

/* Time runs by when frames were taken; the answer to this one is heard later, by as much as the
 * frame came late. */
static void start_patience(imi_liveness_judge *judge)
{
    int64_t later_ms = judge->lag_ms < LIMIT_HEARD_LATER_MS ? judge->lag_ms : LIMIT_HEARD_LATER_MS;
    judge->asked_for_ms = later_ms > 0 ? -later_ms : 0;
}

static void ask(imi_liveness_judge *judge, uint32_t step, float scale)
{
    judge->phase = PHASE_ASK;
    judge->step = step;
    start_patience(judge);
    judge->least_scale = scale;
    judge->neutral_frames = 0;
    judge->strays = false;
    judge->wrong_now = false;
    reset_watch(judge);
    judge->guidance = imi_guidance_of_action(asked_action(judge));
}

/* An action so clear that it cannot be trembling or a slip. People blink all the time. */
static imi_action clear_action(const imi_liveness_judge *judge, const imi_liveness_reading *reading)
{
    /* A face that follows an oval is seen from the side, and so looks turned; a little when it
     * comes nearer. */
    bool follows = asked_action(judge) == IMI_ACTION_FOLLOW;
    bool nears = asked_action(judge) == IMI_ACTION_NEAR_FAR;
    float turn_deg = follows ? LIMIT_FOLLOW_TURN_DEG
                     : nears ? LIMIT_TURN_WRONG_NEAR_DEG
                             : LIMIT_TURN_WRONG_DEG;
    float nod_deg = follows ? LIMIT_FOLLOW_TURN_DEG : LIMIT_NOD_WRONG_DEG;
    if (fabsf(reading->yaw_deg) >= turn_deg) {
        return reading->yaw_deg > 0 ? IMI_ACTION_TURN_LEFT : IMI_ACTION_TURN_RIGHT;
    }
    if (reading->mouth >= LIMIT_MOUTH_WRONG) {
        return IMI_ACTION_OPEN_MOUTH;
    }
    if (fabsf(reading->pitch_deg) >= nod_deg) {
        return IMI_ACTION_NOD;
    }
    if (reading->scale >= LIMIT_NEAR_WRONG_SCALE * judge->least_scale) {
        return IMI_ACTION_NEAR_FAR;
    }
    return IMI_ACTION_NONE;
}

static bool is_turn(imi_action action)
{
    return action == IMI_ACTION_TURN_LEFT || action == IMI_ACTION_TURN_RIGHT;
}

/* People mistake left for right, lean in to hear and look down to read: that is less of an
 * error. */
static uint32_t weight_of_error(imi_action asked, imi_action done)
{
    bool slight =
        done == IMI_ACTION_NEAR_FAR || done == IMI_ACTION_NOD || (is_turn(asked) && is_turn(done));
    return slight ? LIMIT_ERROR_SLIGHT : LIMIT_ERROR_CLEAR;
}

static void add_error(imi_liveness_judge *judge, uint32_t weight)
{
    judge->errors += weight;
    if (judge->errors >= LIMIT_ERRORS) {
        end(judge, IMI_LIVENESS_WRONG_ACTION);
    }
}

/* Has something else than what is asked been done for so long that it is no word or slip? Frames
 * without the face in between make it no shorter. */
static bool strays_long(imi_liveness_judge *judge, bool strays)
{
    if (!strays || !judge->strays) {
        judge->strays_since_ms = judge->now_ms;
    }
    judge->strays = strays;
    return strays && judge->now_ms - judge->strays_since_ms >= LIMIT_WRONG_MS;
}

/* Returns whether the reading belongs to a wrong action, which may be one too many. */
static bool note_wrong_action(imi_liveness_judge *judge, const imi_liveness_reading *reading)
{
    imi_action clear = clear_action(judge, reading);
    bool strays = clear != IMI_ACTION_NONE && clear != asked_action(judge);
    judge->least_scale = fminf(judge->least_scale, reading->scale);
    if (strays_long(judge, strays) && !judge->wrong_now) {
        judge->wrong_now = true;
        add_error(judge, weight_of_error(asked_action(judge), clear));
    } else if (judge->wrong_now && judge->neutral) {
        judge->wrong_now = false;
        judge->least_scale = reading->scale;
        reset_watch(judge);
    }
    return strays || judge->wrong_now;
}

static void take_answer(imi_liveness_judge *judge, imi_watch_answer answer)
{
    switch (answer) {
    case IMI_WATCH_FLAT:
        end(judge, IMI_LIVENESS_FLAT);
        break;
    case IMI_WATCH_WRONG:
        add_error(judge, LIMIT_ERROR_CLEAR);
        break;
    case IMI_WATCH_DONE:
        judge->done++;
        judge->phase = PHASE_RETURN;
        start_patience(judge);
        judge->neutral_frames = 0;
        break;
    case IMI_WATCH_WAITING:
        break;
    }
}

static void watch_action(imi_liveness_judge *judge, const imi_liveness_reading *reading)
{
    bool wrong = note_wrong_action(judge, reading);
    if (!wrong) {
        take_answer(judge, feed_watch(judge, reading));
    }
    if (judge->phase == PHASE_ASK) {
        judge->guidance =
            judge->wrong_now ? imi_guidance_to_neutral(reading) : imi_watch_guide(&judge->watch);
    }
}

static void await_neutral(imi_liveness_judge *judge, const imi_liveness_reading *reading)
{
    judge->guidance = imi_guidance_to_neutral(reading);
    judge->neutral_frames = judge->neutral ? judge->neutral_frames + 1 : 0;
    if (judge->neutral_frames < LIMIT_NEUTRAL_FRAMES) {
        return;
    }
    if (judge->done == judge->challenge.count) {
        end(judge, IMI_LIVENESS_OK);
    } else {
        ask(judge, judge->done, reading->scale);
    }
}

static void settle(imi_liveness_judge *judge, imi_capture_reason reason)
{
    if (imi_liveness_baseline_learn(&judge->baseline, &judge->sample)) {
        ask(judge, 0, 1);
    } else {
        judge->guidance = imi_guidance_to_settle(reason, &judge->sample);
    }
}

/* A frame with the face, once its neutral look is known. */
static void follow_script(imi_liveness_judge *judge, imi_capture_reason reason)
{
    imi_liveness_reading reading;
    if (reason == IMI_CAPTURE_SEVERAL_FACES) {
        judge->neutral_frames = 0;
        judge->guidance = IMI_GUIDANCE_ONE_PERSON_ONLY;
        return;
    }
    if (!imi_liveness_baseline_read(&judge->baseline, &judge->sample, &reading)) {
        return;
    }
    judge->neutral = imi_liveness_is_neutral(&judge->baseline, &reading);
    if (judge->phase == PHASE_ASK) {
        watch_action(judge, &reading);
    }
    if (judge->phase == PHASE_RETURN) {
        await_neutral(judge, &reading);
    }
}

/* ---- the track ---- */

static void handle_lost_face(imi_liveness_judge *judge, imi_liveness_reason reason)
{
    if (judge->phase == PHASE_SETTLE) {
        start_afresh(judge);
    } else {
        end(judge, reason);
    }
}

/* A frame without the face, or with one that is not (yet) taken for it. */
static void handle_gap(imi_liveness_judge *judge, imi_capture_reason reason)
{
    judge->neutral_frames = 0;
    if (judge->now_ms - judge->track.last.at_ms > LIMIT_FACE_HINT_MS) {
        judge->guidance = imi_guidance_of_reason(reason, NULL);
    }
}

static void judge_face(imi_liveness_judge *judge, imi_track_state state, imi_capture_reason reason,
                       int64_t step_ms)
{
    switch (state) {
    case IMI_TRACK_EMPTY:
        judge->guidance = imi_guidance_of_reason(reason, NULL);
        break;
    case IMI_TRACK_GAP:
        handle_gap(judge, reason);
        break;
    case IMI_TRACK_LOST:
        handle_lost_face(judge, IMI_LIVENESS_FACE_LOST);
        break;
    case IMI_TRACK_OTHER:
        handle_lost_face(judge, IMI_LIVENESS_FACE_CHANGED);
        break;
    case IMI_TRACK_STILL:
        end(judge, IMI_LIVENESS_STILL);
        break;
    case IMI_TRACK_ON:
        judge->asked_for_ms += step_ms;
        if (judge->phase == PHASE_SETTLE) {
            settle(judge, reason);
        } else {
            follow_script(judge, reason);
        }
        break;
    }
}

static void judge_frame(imi_liveness_judge *judge, const imi_observation *observation)
{
    int64_t step_ms = 0;
    if (!advance_time(judge, observation->captured_at_ms, &step_ms)) {
        return;
    }
    judge->neutral = false;
    judge->lag_ms = observation->lag_ms;
    bool face = imi_liveness_sample_take(observation, &judge->sample);
    bool seen_before = judge->track.seen;
    imi_track_state state =
        imi_liveness_track_feed(&judge->track, judge->now_ms, face ? &judge->sample : NULL);
    if (judge->track.seen && !seen_before) {
        judge->first_face_ms = judge->now_ms;
    }
    judge_face(judge, state, observation->reason, step_ms);
    if (judge->phase != PHASE_ENDED && is_out_of_patience(judge)) {
        end(judge, IMI_LIVENESS_TIMEOUT);
    }
}

imi_status imi_liveness_judge_feed(imi_liveness_judge *judge, const imi_observation *observation,
                                   imi_guidance *guidance_out, imi_error *err)
{
    if (guidance_out != NULL) {
        *guidance_out = IMI_GUIDANCE_NONE;
    }
    if (judge == NULL || observation == NULL || guidance_out == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "judge, observation and guidance are required");
    }
    if (judge->phase != PHASE_ENDED) {
        judge_frame(judge, observation);
    }
    *guidance_out = judge->guidance;
    return IMI_OK;
}

void imi_liveness_judge_verdict(const imi_liveness_judge *judge, imi_liveness_verdict *out)
{
    *out = (imi_liveness_verdict){.reason = IMI_LIVENESS_INCOMPLETE, .flatness_residual = NAN};
    if (judge == NULL) {
        return;
    }
    out->complete = judge->phase == PHASE_ENDED;
    out->reason = judge->reason;
    out->actions_done = judge->done;
    out->flatness_residual = judge->flatness_residual;
    out->live =
        out->complete && judge->reason == IMI_LIVENESS_OK && judge->done == judge->challenge.count;
}

bool imi_liveness_judge_target(const imi_liveness_judge *judge, imi_oval *out)
{
    *out = (imi_oval){0};
    return judge != NULL && judge->phase == PHASE_ASK && !judge->wrong_now &&
           imi_watch_target(&judge->watch, &judge->baseline, &judge->track.last, out);
}

void imi_liveness_judge_report(const imi_liveness_judge *judge, imi_findings *findings)
{
    imi_finding *finding = &findings->layer[IMI_LAYER_CHALLENGE];
    *finding = (imi_finding){0};
    if (judge == NULL || judge->phase != PHASE_ENDED) {
        return;
    }
    imi_liveness_reason reason = judge->reason;
    finding->code = reason == IMI_LIVENESS_OK ? NULL : imi_liveness_reason_name(reason);
    finding->veto = reason == IMI_LIVENESS_FLAT || reason == IMI_LIVENESS_STILL ||
                    reason == IMI_LIVENESS_FACE_CHANGED;
    if (reason == IMI_LIVENESS_OK) {
        float right = (float)judge->done;
        float all = right + (float)judge->errors;
        float likely = (right + 1) / (all + 2); /* Laplace: certainty takes more than a few */
        finding->measured = true;
        finding->score = right / all;
        finding->uncertainty = sqrtf(likely * (1 - likely) / (all + 3));
    }
}

bool imi_liveness_judge_neutral(const imi_liveness_judge *judge)
{
    return judge != NULL && judge->phase != PHASE_ENDED && judge->neutral && judge->sample.fit &&
           imi_liveness_is_frontal(&judge->sample);
}
