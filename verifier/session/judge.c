/*
 * One frame of a capture: decode, measure, feed the judge, keep what the decision will need.
 */
#include "live_capture.h"

#include "service_internal.h"

static imi_examined_frame frame_of(const imi_pending_frame *frame, const imi_image *image)
{
    return (imi_examined_frame){
        .sequence = frame->sequence,
        .captured_at_ms = frame->captured_at_ms,
        .arrived_at_ms = frame->arrived_at_ms,
        .jpeg = imi_buffer_view(&frame->jpeg),
        .image = image,
        .light_shown_ms = (int64_t)frame->light_shown_ms - 1, /* counted from 1 */
    };
}

/* Nothing of the capture is needed any more. */
static void end_capture(imi_live_capture *capture, bool decided)
{
    imi_probe_set_clean_up(&capture->probes);
    imi_examiner_destroy(&capture->examiner);
    pthread_mutex_lock(&capture->mutex);
    if (decided && capture->phase == IMI_PHASE_LIVE) {
        capture->phase = IMI_PHASE_ENDED;
    } else {
        capture->phase = IMI_PHASE_DROPPED;
    }
    pthread_mutex_unlock(&capture->mutex);
}

/* The frame that answered an action. */
static imi_status keep_action(imi_live_capture *capture, const imi_pending_frame *frame,
                              const imi_examined *seen, imi_error *err)
{
    if (seen->face.reason == IMI_CAPTURE_NO_FACE ||
        seen->verdict.actions_done <= capture->actions_done) {
        return IMI_OK;
    }
    IMI_TRY(imi_probe_set_add_action(&capture->probes, imi_buffer_view(&frame->jpeg), &seen->face,
                                     err));
    capture->actions_done = seen->verdict.actions_done;
    return IMI_OK;
}

static imi_status examine(imi_live_capture *capture, imi_engine *engine,
                          const imi_pending_frame *frame, const imi_image *image, imi_examined *out,
                          imi_error *err)
{
    imi_examined_frame seen = frame_of(frame, image);
    IMI_TRY(imi_examiner_feed(capture->examiner, engine, &seen, out, err));
    return keep_action(capture, frame, out, err);
}

static imi_status look_at(imi_live_capture *capture, imi_engine *engine,
                          const imi_pending_frame *frame, imi_examined *out, imi_error *err)
{
    IMI_AUTO(imi_image) image = NULL;
    imi_view jpeg = imi_buffer_view(&frame->jpeg);
    IMI_TRY(imi_frame_decode(jpeg, &image, err));
    imi_status status = examine(capture, engine, frame, image, out, err);
    if (status != IMI_OK) {
        /* Some layers have seen the frame and others not: by such a capture nothing is decided. */
        end_capture(capture, false);
        return status;
    }
    bool fit = out->neutral && out->face.reason != IMI_CAPTURE_NO_FACE;
    return fit ? imi_probe_set_offer_neutral(&capture->probes, jpeg, &out->face,
                                             frame->captured_at_ms, err)
               : IMI_OK;
}

imi_status imi_live_capture_skip(imi_live_capture *capture, const imi_pending_frame *frame,
                                 imi_error *err)
{
    imi_examined_frame skipped = frame_of(frame, NULL);
    return imi_examiner_skip(capture->examiner, &skipped, err);
}

static imi_frame_feedback feedback_on(const imi_live_capture *capture, const imi_examined *seen)
{
    const imi_liveness_verdict *verdict = &seen->verdict;
    return (imi_frame_feedback){
        .guidance = verdict->complete ? IMI_GUIDANCE_DONE : seen->guidance,
        .actions_done = verdict->actions_done,
        .actions_total = capture->plan.challenge.count,
        .outcome = IMI_OUTCOME_IN_PROGRESS,
        .has_target = seen->has_target && !verdict->complete,
        .target = seen->target,
    };
}

imi_status imi_live_capture_judge(imi_live_capture *capture, imi_engine *engine,
                                  const imi_pending_frame *frame, imi_frame_feedback *feedback_out,
                                  imi_error *err)
{
    *feedback_out = (imi_frame_feedback){0};
    imi_examined seen = {0};
    imi_status status = look_at(capture, engine, frame, &seen, err);
    imi_frame_feedback feedback = feedback_on(capture, &seen);
    imi_wipe(&seen.face, sizeof seen.face);
    IMI_TRY(status);
    if (seen.verdict.complete) {
        status = imi_live_capture_finish(capture, engine, &seen.verdict, &feedback.outcome, err);
        if (status == IMI_OK) {
            capture->final_feedback = feedback;
        }
        end_capture(capture, status == IMI_OK);
        IMI_TRY(status);
    }
    *feedback_out = feedback;
    return IMI_OK;
}
