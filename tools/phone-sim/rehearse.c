#include "phone-sim/rehearse.h"

static imi_status show(imi_examiner *examiner, imi_engine *engine, const imi_sim_frame *frame,
                       int64_t at_ms, const imi_sim_cue *cue, imi_rehearsal *out,
                       imi_examined *seen, imi_error *err)
{
    const imi_jpeg_limits limits = IMI_JPEG_LIMITS_FRAME;
    IMI_AUTO(imi_image) image = NULL;
    IMI_TRY(imi_jpeg_decode(imi_buffer_view(&frame->jpeg), &limits, &image, err));
    imi_examined_frame taken = {
        .sequence = ++out->frames,
        .captured_at_ms = at_ms,
        .arrived_at_ms = -1,
        .jpeg = imi_buffer_view(&frame->jpeg),
        .image = image,
        .light_shown_ms = cue->light.count > 0 ? cue->light_shown_ms : -1,
    };
    IMI_TRY(imi_examiner_feed(examiner, engine, &taken, seen, err));
    out->faces += seen->face.reason != IMI_CAPTURE_NO_FACE;
    return IMI_OK;
}

imi_status imi_rehearse(const imi_rehearsal_options *options, imi_source *source,
                        imi_engine *engine, imi_rehearsal *out, imi_error *err)
{
    *out = (imi_rehearsal){.frames = 0};
    if (options->examiner->challenge == NULL || options->period_ms <= 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a rehearsal needs a challenge and a frame rate");
    }
    IMI_AUTO(imi_examiner) examiner = NULL;
    IMI_TRY(imi_examiner_new(options->examiner, &examiner, err));
    imi_sim_cue cue = {.challenge = *options->examiner->challenge};
    if (options->examiner->light != NULL) {
        cue.light = *options->examiner->light;
    }
    for (int64_t at_ms = 0; at_ms < options->timeout_ms && !out->verdict.complete;
         at_ms += options->period_ms) {
        imi_examined seen = {.neutral = false};
        cue.light_shown_ms = at_ms;
        const imi_sim_frame *frame = source->frame_at(source, at_ms, &cue);
        IMI_TRY(show(examiner, engine, frame, at_ms, &cue, out, &seen, err));
        /* NONE means: keep the last phrase. */
        cue.guidance = seen.guidance != IMI_GUIDANCE_NONE ? seen.guidance : cue.guidance;
        cue.actions_done = seen.verdict.actions_done;
        cue.has_target = seen.has_target;
        cue.target = seen.target;
        out->verdict = seen.verdict;
        out->took_ms = at_ms;
    }
    imi_examiner_report(examiner, &out->findings);
    return IMI_OK;
}
