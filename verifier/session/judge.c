/*
 * One frame of a capture: decode it, have it examined, tell what the person is to do, and decide
 * at the end.
 */
#include "live_capture.h"

#include "frame_image.h"
#include "service_internal.h"

static imi_examined_frame frame_of(const imi_live_capture *capture, const imi_pending_frame *frame,
                                   const imi_image *image)
{
    return (imi_examined_frame){
        .sequence = frame->sequence,
        .captured_at_ms = frame->captured_at_ms,
        .arrived_at_ms = frame->arrived_at_ms,
        .jpeg = imi_buffer_view(&frame->jpeg),
        .image = image,
        .light_shown_ms = (int64_t)frame->light_shown_ms - 1, /* counted from 1 */
        .hurried = capture->hurried,
    };
}

/* Nothing of the capture is needed any more. */
static void end_capture(imi_live_capture *capture, bool decided)
{
    imi_examiner_destroy(&capture->examiner);
    pthread_mutex_lock(&capture->mutex);
    if (decided && capture->phase == IMI_PHASE_LIVE) {
        capture->phase = IMI_PHASE_ENDED;
    } else {
        capture->phase = IMI_PHASE_DROPPED;
    }
    pthread_mutex_unlock(&capture->mutex);
}

static imi_status look_at(imi_live_capture *capture, imi_engine *engine,
                          const imi_pending_frame *frame, imi_examined *out, imi_error *err)
{
    IMI_AUTO(imi_image) image = NULL;
    IMI_TRY(imi_frame_decode(imi_buffer_view(&frame->jpeg), &image, err));
    imi_examined_frame seen = frame_of(capture, frame, image);
    imi_status status = imi_examiner_feed(capture->examiner, engine, &seen, out, err);
    if (status != IMI_OK) {
        /* Some layers have seen the frame and others not: by such a capture nothing is decided. */
        end_capture(capture, false);
    }
    return status;
}

imi_status imi_live_capture_skip(imi_live_capture *capture, const imi_pending_frame *frame,
                                 imi_error *err)
{
    imi_examined_frame skipped = frame_of(capture, frame, NULL);
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
        status = imi_live_capture_finish(capture, &seen.verdict, &feedback.outcome, err);
        if (status == IMI_OK) {
            capture->final_feedback = feedback;
        }
        end_capture(capture, status == IMI_OK);
        IMI_TRY(status);
    }
    *feedback_out = feedback;
    return IMI_OK;
}
