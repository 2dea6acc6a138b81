/*
 * One pass over a capture: each frame is looked at once, and every layer takes from it what it
 * needs.
 */
#include "imi/examine.h"

#include "look_schedule.h"
#include "one_person.h"
#include "passive_sampler.h"
#include "probe_keeper.h"

#include "imi/planarity.h"

#include <math.h>

/* A face that was gone for longer may have come back as another. */
enum { GAP_MS = 600 };

struct imi_examiner {
    imi_liveness_judge *judge; /* NULL: nothing is asked */
    imi_planarity_watch *planarity;
    imi_stream_watch *stream;
    imi_light_watch *light; /* NULL: no coloured light */
    imi_passive_sampler passive;
    imi_one_person person;
    imi_probe_keeper probes;
    imi_look_schedule looks;
    imi_face last; /* of the frame before; NO_FACE at first */
    bool on_its_way; /* a frame's arrival is known */
    int64_t
        least_way_ms; /* from the phone's clock when one was taken to the server's when it came */
    int64_t seen_at_ms; /* when a face was seen last */
    uint32_t actions_done;
    uint32_t actions_shown; /* that a template was made of */
    bool to_check; /* an action was answered: the next neutral frame is to be compared */
    uint32_t actions_asked;
    int64_t light_ms; /* that the coloured light takes; 0 without */
    bool answered; /* the whole challenge, by a live face */
    int64_t answered_at_ms;
};

static imi_status make_watches(imi_examiner *examiner, const imi_examiner_options *options,
                               imi_error *err)
{
    if (options->challenge != NULL) {
        examiner->actions_asked = options->challenge->count;
        IMI_TRY(
            imi_liveness_judge_new(options->challenge, options->patience, &examiner->judge, err));
    }
    IMI_TRY(imi_planarity_watch_new(&examiner->planarity, err));
    IMI_TRY(imi_stream_watch_new(options->hints, &examiner->stream, err));
    if (options->light != NULL && options->light->count > 0) {
        IMI_TRY(imi_light_watch_new(options->light, &examiner->light, err));
        examiner->light_ms = (int64_t)options->light->count * options->light->step_ms;
    }
    return IMI_OK;
}

imi_status imi_examiner_new(const imi_examiner_options *options, imi_examiner **out, imi_error *err)
{
    *out = NULL;
    /* The templates inside are aligned for the comparison. */
    IMI_AUTO(imi_examiner) examiner = imi_alloc_aligned(1, sizeof *examiner);
    if (examiner == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for an examiner");
    }
    examiner->last.reason = IMI_CAPTURE_NO_FACE;
    imi_passive_sampler_init(&examiner->passive, options->networks);
    imi_one_person_init(&examiner->person, options->scorer);
    IMI_TRY(make_watches(examiner, options, err));
    *out = IMI_STEAL(&examiner);
    return IMI_OK;
}

void imi_examiner_destroy(imi_examiner **pointer)
{
    imi_examiner *examiner = pointer == NULL ? NULL : IMI_STEAL(pointer);
    if (examiner == NULL) {
        return;
    }
    imi_liveness_judge_destroy(&examiner->judge);
    imi_planarity_watch_destroy(&examiner->planarity);
    imi_stream_watch_destroy(&examiner->stream);
    imi_light_watch_destroy(&examiner->light);
    imi_wipe(examiner, sizeof *examiner);
    imi_free(examiner);
}

/* ---- One frame ---- */

/* The frame as seen by the layers that take a face or none. */
typedef struct sight {
    const imi_examined_frame *frame;
    int64_t at_ms; /* the phone's clock, within bounds: differences cannot overflow */
    int64_t lag_ms;
    const imi_face *face;
    const imi_face_box *box; /* NULL without a face */
    const imi_landmarks *landmarks; /* NULL without a face */
} sight;

/* What the phone says may be anything; the watches that judge time see it as it is. */
static int64_t bounded(int64_t time_ms)
{
    const int64_t latest = INT64_C(1) << 53;
    return time_ms < 0 ? 0 : time_ms > latest ? latest : time_ms;
}

static imi_status find_face(imi_examiner *examiner, imi_engine *engine,
                            const imi_examined_frame *frame, imi_face *out, imi_error *err)
{
    int64_t at_ms = bounded(frame->captured_at_ms);
    bool look = imi_look_is_due(&examiner->looks, at_ms, frame->hurried);
    IMI_TRY(imi_engine_follow(engine, frame->image, &examiner->last, look, IMI_CAPTURE_MOTION, out,
                              err));
    imi_look_note(&examiner->looks, at_ms, look, out);
    examiner->last = *out;
    return IMI_OK;
}

/* How much later the frame came than it would have over an empty line. Both clocks are somewhere;
 * the fastest frame so far tells how they stand to each other. */
static int64_t measure_lag(imi_examiner *examiner, const imi_examined_frame *frame)
{
    if (frame->arrived_at_ms < 0) {
        return 0;
    }
    int64_t way_ms = bounded(frame->arrived_at_ms) - bounded(frame->captured_at_ms);
    if (!examiner->on_its_way || way_ms < examiner->least_way_ms) {
        examiner->least_way_ms = way_ms;
    }
    examiner->on_its_way = true;
    return way_ms - examiner->least_way_ms;
}

static imi_status feed_judge(imi_examiner *examiner, const sight *seen, imi_examined *out,
                             imi_error *err)
{
    if (examiner->judge == NULL) {
        return IMI_OK;
    }
    imi_observation observation = {
        .captured_at_ms = seen->frame->captured_at_ms,
        .lag_ms = seen->lag_ms,
        .image_width = seen->frame->image->width,
        .image_height = seen->frame->image->height,
        .reason = seen->face->reason,
        .box = seen->box,
        .landmarks = seen->landmarks,
        .quality = seen->box == NULL ? NULL : &seen->face->quality,
    };
    IMI_TRY(imi_liveness_judge_feed(examiner->judge, &observation, &out->guidance, err));
    imi_liveness_judge_verdict(examiner->judge, &out->verdict);
    out->has_target = imi_liveness_judge_target(examiner->judge, &out->target);
    out->neutral = imi_liveness_judge_neutral(examiner->judge);
    return IMI_OK;
}

static imi_status feed_watches(imi_examiner *examiner, const sight *seen, imi_error *err)
{
    const imi_examined_frame *frame = seen->frame;
    IMI_TRY(imi_planarity_watch_feed(examiner->planarity, frame->captured_at_ms, frame->image,
                                     seen->landmarks, err));
    imi_stream_frame taken = {.sequence = frame->sequence,
                              .captured_at_ms = frame->captured_at_ms,
                              .arrived_at_ms = frame->arrived_at_ms,
                              .jpeg = frame->jpeg,
                              .image = frame->image,
                              .box = seen->box,
                              .landmarks = seen->landmarks};
    IMI_TRY(imi_stream_watch_feed(examiner->stream, &taken, err));
    if (examiner->light != NULL && seen->landmarks != NULL) {
        IMI_TRY(imi_light_watch_feed(examiner->light, frame->image, seen->landmarks,
                                     frame->light_shown_ms, err));
    }
    return IMI_OK;
}

/* Who has answered before the last colour was shown waits for it: without the whole sequence that
 * layer cannot tell. A page that shows no colour, or always the same, is not waited for. */
static void wait_for_light(imi_examiner *examiner, const sight *seen, imi_examined *out)
{
    if (!out->verdict.live) {
        return;
    }
    if (!examiner->answered) {
        examiner->answered = true;
        examiner->answered_at_ms = seen->at_ms;
    }
    int64_t shown_ms = seen->frame->light_shown_ms;
    if (shown_ms >= 0 && shown_ms < examiner->light_ms &&
        seen->at_ms - examiner->answered_at_ms < examiner->light_ms) {
        out->verdict.complete = out->verdict.live = false;
        out->verdict.reason = IMI_LIVENESS_INCOMPLETE;
        out->guidance = IMI_GUIDANCE_LOOK_STRAIGHT;
    }
}

/* Whether it is to be checked that an action which was just answered left the person in place.
 * Behind the last one nothing more is seen of the person, unless there is coloured light. */
static bool is_action_to_check(const imi_examiner *examiner, uint32_t actions_done)
{
    return actions_done > examiner->actions_done &&
           (actions_done < examiner->actions_asked || examiner->light_ms > 0);
}

/* Another person could have taken the place since the frame before, or during an action. After
 * one the head is first turned back: what is compared then can also serve as a probe. */
static void note_doubts(imi_examiner *examiner, const sight *seen, const imi_examined *out)
{
    bool gap = seen->box != NULL && seen->at_ms - examiner->seen_at_ms > GAP_MS;
    bool back = examiner->to_check && (out->neutral || examiner->answered);
    if (gap || back || imi_stream_watch_jumped(examiner->stream)) {
        imi_one_person_doubt(&examiner->person);
    }
    examiner->to_check =
        (examiner->to_check && !back) || is_action_to_check(examiner, out->verdict.actions_done);
    examiner->actions_done = out->verdict.actions_done;
    examiner->seen_at_ms = seen->box != NULL ? seen->at_ms : examiner->seen_at_ms;
}

static imi_status make_action_template(imi_examiner *examiner, imi_engine *engine,
                                       const sight *seen, imi_error *err)
{
    bool wanted = examiner->person.scorer != NULL && seen->box != NULL &&
                  examiner->actions_done > examiner->actions_shown;
    if (!wanted) {
        return IMI_OK;
    }
    examiner->actions_shown = examiner->actions_done;
    return imi_probe_keeper_add_action(&examiner->probes, engine, seen->frame->image, seen->face,
                                       err);
}

/* One template of a frame at most: a probe's also tells whether it is the same person. */
static imi_status make_template(imi_examiner *examiner, imi_engine *engine, const sight *seen,
                                bool neutral, imi_error *err)
{
    const imi_image *image = seen->frame->image;
    float quality = seen->face->quality.unified;
    bool doubt = imi_one_person_is_due(&examiner->person, seen->at_ms, neutral);
    bool sparing = seen->frame->hurried && !doubt;
    const imi_template *probe = NULL;
    if (neutral && imi_probe_keeper_wants(&examiner->probes, quality, seen->at_ms, sparing)) {
        imi_face face;
        IMI_TRY(imi_probe_keeper_try(&examiner->probes, engine, image, quality, seen->at_ms, &face,
                                     &probe, err));
        imi_look_note(&examiner->looks, seen->at_ms, true, &face);
    }
    if (probe != NULL) {
        return imi_one_person_compare(&examiner->person, probe, seen->at_ms, err);
    }
    return doubt
               ? imi_one_person_look(&examiner->person, engine, image, seen->face, seen->at_ms, err)
               : IMI_OK;
}

/* A frame that is fit to be compared. */
static imi_status look_closely(imi_examiner *examiner, imi_engine *engine, const sight *seen,
                               bool neutral, imi_error *err)
{
    if (examiner->person.scorer != NULL) {
        IMI_TRY(make_template(examiner, engine, seen, neutral, err));
    }
    return imi_passive_sampler_feed(&examiner->passive, engine, seen->frame->image, seen->face,
                                    seen->at_ms, err);
}

imi_status imi_examiner_feed(imi_examiner *examiner, imi_engine *engine,
                             const imi_examined_frame *frame, imi_examined *out, imi_error *err)
{
    *out = (imi_examined){.verdict = {.reason = IMI_LIVENESS_INCOMPLETE}};
    out->verdict.flatness_residual = NAN;
    IMI_TRY(find_face(examiner, engine, frame, &out->face, err));
    bool has_face = out->face.reason != IMI_CAPTURE_NO_FACE;
    sight seen = {.frame = frame,
                  .at_ms = bounded(frame->captured_at_ms),
                  .lag_ms = measure_lag(examiner, frame),
                  .face = &out->face,
                  .box = has_face ? &out->face.box : NULL,
                  .landmarks = has_face ? &out->face.landmarks : NULL};
    /* What is compared and shown to the networks is judged as a frontal probe is. */
    imi_capture_reason unfit =
        has_face ? imi_quality_judge(&out->face.quality, IMI_CAPTURE_SELFIE) : IMI_CAPTURE_NO_FACE;
    out->neutral = unfit == IMI_CAPTURE_OK;
    IMI_TRY(feed_judge(examiner, &seen, out, err));
    wait_for_light(examiner, &seen, out);
    IMI_TRY(feed_watches(examiner, &seen, err));
    note_doubts(examiner, &seen, out);
    IMI_TRY(make_action_template(examiner, engine, &seen, err));
    if (unfit == IMI_CAPTURE_OK) {
        return look_closely(examiner, engine, &seen, out->neutral, err);
    }
    if (out->neutral) {
        imi_probe_keeper_refuse(&examiner->probes, out->face.quality.unified, unfit);
    }
    return IMI_OK;
}

imi_status imi_examiner_skip(imi_examiner *examiner, const imi_examined_frame *frame,
                             imi_error *err)
{
    (void)measure_lag(examiner, frame);
    imi_stream_frame taken = {.sequence = frame->sequence,
                              .captured_at_ms = frame->captured_at_ms,
                              .arrived_at_ms = frame->arrived_at_ms,
                              .jpeg = frame->jpeg};
    return imi_stream_watch_feed(examiner->stream, &taken, err);
}

const imi_probes *imi_examiner_probes(const imi_examiner *examiner)
{
    return &examiner->probes.kept;
}

/* What the examiner itself saw of continuity, over what the stream showed. */
static void report_persons(const imi_examiner *examiner, imi_finding *continuity)
{
    if (examiner->person.another) {
        continuity->veto = true;
        continuity->code = "another_person";
    } else if (continuity->code == NULL && imi_look_saw_several(&examiner->looks)) {
        continuity->code = "second_face";
    }
}

void imi_examiner_report(const imi_examiner *examiner, imi_findings *out)
{
    *out = (imi_findings){0};
    if (examiner->judge != NULL) {
        imi_liveness_judge_report(examiner->judge, out);
    }
    imi_planarity_watch_report(examiner->planarity, out);
    imi_stream_watch_report(examiner->stream, out);
    imi_passive_tally_report(&examiner->passive.tally, out);
    if (examiner->light != NULL) {
        imi_light_watch_report(examiner->light, out);
    }
    report_persons(examiner, &out->layer[IMI_LAYER_CONTINUITY]);
}
