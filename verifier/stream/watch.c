#include "imi/stream.h"

#include "codings.h"
#include "files.h"
#include "history.h"
#include "motion.h"
#include "noise.h"
#include "times.h"

#include <math.h>

struct imi_stream_watch {
    imi_device_hints hints;
    uint32_t pictures; /* that were judged */
    int64_t first_ms, last_ms; /* of these */
    imi_file_watch files;
    imi_time_watch times;
    imi_history history;
    imi_motion_watch motion;
    imi_noise_watch noise;
    imi_coding_watch codings;
};

imi_status imi_stream_watch_new(const imi_device_hints *hints, imi_stream_watch **out,
                                imi_error *err)
{
    *out = imi_alloc(sizeof **out);
    if (*out == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory to watch a stream of frames");
    }
    if (hints != NULL) {
        (*out)->hints = *hints;
    }
    return IMI_OK;
}

void imi_stream_watch_destroy(imi_stream_watch **watch)
{
    if (watch != NULL && *watch != NULL) {
        imi_wipe(*watch, sizeof **watch);
        imi_free(*watch);
        *watch = NULL;
    }
}

static void take_picture(imi_stream_watch *watch, const imi_stream_frame *frame)
{
    imi_signature signature;
    if (!imi_signature_measure(frame->image, &signature)) {
        return;
    }
    if (watch->pictures++ == 0) {
        watch->first_ms = frame->captured_at_ms;
    }
    watch->last_ms = frame->captured_at_ms;
    imi_history_feed(&watch->history, &signature.thumb, frame->captured_at_ms);
    imi_motion_watch_feed(&watch->motion, &signature, frame->captured_at_ms);
    imi_noise_watch_feed(&watch->noise, &signature);
    imi_coding_watch_feed(&watch->codings, frame);
    if (frame->box != NULL) {
        imi_motion_watch_face(&watch->motion, frame->box, frame->captured_at_ms);
    }
}

imi_status imi_stream_watch_feed(imi_stream_watch *watch, const imi_stream_frame *frame,
                                 imi_error *err)
{
    if (frame->jpeg.size > 0 && frame->jpeg.data == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a frame's file is missing");
    }
    watch->motion.jumped = false;
    if (!imi_time_watch_feed(&watch->times, frame->captured_at_ms, frame->arrived_at_ms)) {
        return IMI_OK;
    }
    bool fresh = frame->jpeg.size == 0 ||
                 imi_file_watch_feed(&watch->files, frame->jpeg, frame->captured_at_ms);
    if (fresh && frame->image != NULL && !watch->times.backwards) {
        take_picture(watch, frame);
    }
    return IMI_OK;
}

bool imi_stream_watch_jumped(const imi_stream_watch *watch)
{
    return watch->motion.jumped;
}

/* ---- report ---- */

/* 0 up to one value, 1 from another on. */
static float ramp(float value, float from, float to)
{
    return fminf(fmaxf((value - from) / (to - from), 0), 1);
}

static const char *repeats(const imi_stream_watch *watch)
{
    if (watch->files.repeated) {
        return "frames_repeat";
    }
    if (watch->files.stalled || watch->motion.frozen.longest_ms >= LIMIT_FROZEN_MS) {
        return "frozen";
    }
    if (watch->history.longest_forward >= LIMIT_ECHO_FRAMES) {
        return "loop";
    }
    return watch->history.longest_backward >= LIMIT_ECHO_FRAMES ? "reversed" : NULL;
}

static bool has_measured(const imi_stream_watch *watch)
{
    return watch->pictures >= LIMIT_MEASURED_FRAMES &&
           watch->last_ms - watch->first_ms >= LIMIT_MEASURED_MS;
}

/* 1 for one whole take; every cut takes 1, jumps of the face up to as much, a standstill half of
 * it: who holds very still before a phone that stands is no worse than that. */
static imi_finding report_continuity(const imi_stream_watch *watch)
{
    const imi_motion_watch *motion = &watch->motion;
    const char *proof = repeats(watch);
    float still = ramp((float)motion->still.longest_ms, LIMIT_STILL_FREE_MS,
                       LIMIT_STILL_FREE_MS + LIMIT_STILL_RANGE_MS) /
                  2;
    float jumps = fminf((float)motion->face_jumps * 0.5F, 1);
    float cuts = fminf((float)imi_motion_watch_cuts(motion), 2);
    imi_finding finding = {
        .measured = has_measured(watch),
        .veto = proof != NULL,
        .score = 1 - cuts - jumps - still,
        .uncertainty = 0.25F,
        .code = proof,
    };
    if (proof == NULL && finding.score < 1) {
        finding.code = cuts > 0 ? "cut" : jumps > 0 ? "face_jumps" : "still";
    }
    return finding;
}

static const char *contradicts_camera(const imi_stream_watch *watch)
{
    if (watch->times.backwards) {
        return "time_backwards";
    }
    if (watch->times.ahead_ms >= LIMIT_AHEAD_MS) {
        return "time_ahead";
    }
    if (watch->files.reshaped) {
        return "jpeg_structure";
    }
    return imi_noise_watch_constant(&watch->noise) >= LIMIT_GRAIN_CONSTANT ? "noise_constant"
                                                                           : NULL;
}

static float hints_weight(const imi_device_hints *hints)
{
    return (hints->virtual_camera ? 2.F : 0) + (hints->emulator ? 2.F : 0) +
           (hints->automation ? 1.F : 0);
}

/* So much that the best of everything else does not carry a patched face. */
static const float PATCHED_WEIGHT = 4;

/* Above 0 what a camera does, below what it does not. */
static imi_finding report_camera(const imi_stream_watch *watch)
{
    const char *proof = contradicts_camera(watch);
    float fresh = imi_noise_watch_fresh(&watch->noise);
    float constant = imi_noise_watch_constant(&watch->noise);
    float patched =
        ramp(imi_coding_watch_patched(&watch->codings), LIMIT_PATCHED_FREE, LIMIT_PATCHED);
    float score = isnan(fresh) ? 0 : ramp(fresh, 0, 0.5F);
    score -= isnan(constant) ? 0 : 2 * ramp(constant, LIMIT_GRAIN_FREE, LIMIT_GRAIN_CONSTANT);
    score -= 2 * ramp((float)watch->times.ahead_ms, LIMIT_AHEAD_FREE_MS, LIMIT_AHEAD_MS);
    score -= PATCHED_WEIGHT * patched;
    score -= imi_time_watch_even(&watch->times) ? 0.2F : 0;
    float hints = hints_weight(&watch->hints);
    return (imi_finding){
        .measured = has_measured(watch),
        .veto = proof != NULL,
        .score = score - hints,
        .uncertainty = 0.25F,
        .code = proof != NULL ? proof
                : patched > 0 ? "patched"
                : hints > 0   ? "device_hints"
                              : NULL,
    };
}

void imi_stream_watch_report(const imi_stream_watch *watch, imi_findings *findings)
{
    findings->layer[IMI_LAYER_CONTINUITY] = report_continuity(watch);
    findings->layer[IMI_LAYER_CAMERA] = report_camera(watch);
}
