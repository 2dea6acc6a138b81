/*
 * One frame of a capture: decode, measure, feed the judge, keep what the decision will need.
 */
#include "live_capture.h"

#include "service_internal.h"

static imi_status feed_judge(imi_live_capture *capture, const imi_pending_frame *frame,
                             const imi_image *image, const imi_face *face,
                             imi_guidance *guidance_out, imi_error *err)
{
    bool has_face = face->reason != IMI_CAPTURE_NO_FACE;
    imi_observation observation = {
        .captured_at_ms = frame->captured_at_ms,
        .image_width = image->width,
        .image_height = image->height,
        .reason = face->reason,
        .box = has_face ? &face->box : NULL,
        .landmarks = has_face ? &face->landmarks : NULL,
        .quality = has_face ? &face->quality : NULL,
    };
    return imi_liveness_judge_feed(capture->judge, &observation, guidance_out, err);
}

static imi_status keep_frame(imi_live_capture *capture, const imi_pending_frame *frame,
                             const imi_face *face, uint32_t actions_done, imi_error *err)
{
    imi_view jpeg = imi_buffer_view(&frame->jpeg);
    if (face->reason == IMI_CAPTURE_NO_FACE) {
        return IMI_OK;
    }
    if (actions_done > capture->actions_done) {
        IMI_TRY(imi_probe_set_add_action(&capture->probes, jpeg, face, err));
        capture->actions_done = actions_done;
    }
    if (imi_liveness_judge_neutral(capture->judge)) {
        IMI_TRY(imi_probe_set_offer_neutral(&capture->probes, jpeg, face, err));
    }
    return IMI_OK;
}

static imi_status look_at(imi_live_capture *capture, imi_engine *engine,
                          const imi_pending_frame *frame, imi_guidance *guidance_out,
                          imi_liveness_verdict *verdict_out, imi_error *err)
{
    IMI_AUTO(imi_image) image = NULL;
    imi_face face = {0};
    IMI_TRY(imi_frame_decode(imi_buffer_view(&frame->jpeg), &image, err));
    imi_status status = imi_engine_analyse(engine, image, IMI_CAPTURE_MOTION, &face, err);
    if (status == IMI_OK) {
        status = feed_judge(capture, frame, image, &face, guidance_out, err);
    }
    imi_liveness_judge_verdict(capture->judge, verdict_out);
    if (status == IMI_OK) {
        status = keep_frame(capture, frame, &face, verdict_out->actions_done, err);
    }
    imi_wipe(&face, sizeof face);
    return status;
}

/* The capture has its verdict: nothing of it is needed any more. */
static void end_capture(imi_live_capture *capture, bool decided)
{
    imi_probe_set_clean_up(&capture->probes);
    imi_liveness_judge_destroy(&capture->judge);
    pthread_mutex_lock(&capture->mutex);
    if (decided && capture->phase == IMI_PHASE_LIVE) {
        capture->phase = IMI_PHASE_ENDED;
    } else {
        capture->phase = IMI_PHASE_DROPPED;
    }
    pthread_mutex_unlock(&capture->mutex);
}

imi_status imi_live_capture_judge(imi_live_capture *capture, imi_engine *engine,
                                  const imi_pending_frame *frame, imi_frame_feedback *feedback_out,
                                  imi_error *err)
{
    *feedback_out = (imi_frame_feedback){0};
    imi_guidance guidance = IMI_GUIDANCE_NONE;
    imi_liveness_verdict verdict = {0};
    IMI_TRY(look_at(capture, engine, frame, &guidance, &verdict, err));
    imi_frame_feedback feedback = {
        .sequence = frame->sequence,
        .guidance = verdict.complete ? IMI_GUIDANCE_DONE : guidance,
        .actions_done = verdict.actions_done,
        .actions_total = capture->challenge.count,
        .outcome = IMI_OUTCOME_IN_PROGRESS,
    };
    if (verdict.complete) {
        imi_status status =
            imi_live_capture_finish(capture, engine, &verdict, &feedback.outcome, err);
        if (status == IMI_OK) {
            capture->final_feedback = feedback;
        }
        end_capture(capture, status == IMI_OK);
        IMI_TRY(status);
    }
    *feedback_out = feedback;
    return IMI_OK;
}
