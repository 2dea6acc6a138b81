#include "probe.h"

#include "imi/examine.h"

#include <math.h>

/* A weight must be positive even for a frame of quality 0. */
static const float WEIGHT_MIN = 0.01F;

static const imi_jpeg_limits frame_limits = IMI_JPEG_LIMITS_FRAME;
/* Frames that lie closer together than this show the same. */
enum { MOMENT_MS = 300 };
/* Cameras send more pixels than the models look at. */
enum { FRAME_TARGET_DIMENSION = 1280 };

imi_status imi_frame_inspect(imi_view jpeg, imi_error *err)
{
    imi_jpeg_info info;
    return imi_jpeg_inspect(jpeg, &frame_limits, &info, err);
}

imi_status imi_frame_decode(imi_view jpeg, imi_image **image_out, imi_error *err)
{
    imi_jpeg_limits limits = frame_limits;
    limits.target_dimension = FRAME_TARGET_DIMENSION;
    return imi_jpeg_decode(jpeg, &limits, image_out, err);
}

void imi_probe_set_init(imi_probe_set *set, imi_held_bytes *held)
{
    *set = (imi_probe_set){.held = held};
}

static void clean_up_frame(imi_probe_set *set, imi_kept_frame *frame)
{
    imi_held_bytes_release(set->held, &frame->jpeg);
    imi_wipe(frame, sizeof *frame);
}

void imi_probe_set_clean_up(imi_probe_set *set)
{
    for (size_t i = 0; i < set->neutral_count; i++) {
        clean_up_frame(set, &set->neutral[i]);
    }
    for (size_t i = 0; i < set->action_count; i++) {
        clean_up_frame(set, &set->action[i]);
    }
    set->neutral_count = set->action_count = 0;
}

static imi_status keep(imi_probe_set *set, imi_kept_frame *place, imi_view jpeg,
                       const imi_face *face, imi_error *err)
{
    imi_buffer copy = IMI_BUFFER_INIT;
    IMI_TRY(imi_held_bytes_copy(set->held, jpeg, &copy, err));
    clean_up_frame(set, place);
    place->jpeg = copy;
    place->face = *face;
    return IMI_OK;
}

static imi_kept_frame *worst_neutral(imi_probe_set *set)
{
    imi_kept_frame *worst = &set->neutral[0];
    for (size_t i = 1; i < set->neutral_count; i++) {
        if (set->neutral[i].face.quality.unified < worst->face.quality.unified) {
            worst = &set->neutral[i];
        }
    }
    return worst;
}

/* The kept frame of the same moment, or NULL. */
static imi_kept_frame *neutral_of_moment(imi_probe_set *set, int64_t at_ms)
{
    for (size_t i = 0; i < set->neutral_count; i++) {
        uint64_t since = (uint64_t)at_ms - (uint64_t)set->neutral[i].from_ms;
        if (since < MOMENT_MS) {
            return &set->neutral[i];
        }
    }
    return NULL;
}

static imi_status replace_if_better(imi_probe_set *set, imi_kept_frame *place, imi_view jpeg,
                                    const imi_face *face, int64_t from_ms, imi_error *err)
{
    if (face->quality.unified > place->face.quality.unified) {
        IMI_TRY(keep(set, place, jpeg, face, err));
        place->from_ms = from_ms;
    }
    return IMI_OK;
}

imi_status imi_probe_set_offer_neutral(imi_probe_set *set, imi_view jpeg, const imi_face *face,
                                       int64_t captured_at_ms, imi_error *err)
{
    if (!(face->quality.unified >= 0)) {
        return IMI_OK;
    }
    imi_kept_frame *same = neutral_of_moment(set, captured_at_ms);
    if (same != NULL) {
        return replace_if_better(set, same, jpeg, face, same->from_ms, err);
    }
    if (set->neutral_count == IMI_PROBE_FRAMES_MAX) {
        return replace_if_better(set, worst_neutral(set), jpeg, face, captured_at_ms, err);
    }
    imi_kept_frame *place = &set->neutral[set->neutral_count];
    IMI_TRY(keep(set, place, jpeg, face, err));
    place->from_ms = captured_at_ms;
    set->neutral_count++;
    return IMI_OK;
}

imi_status imi_probe_set_add_action(imi_probe_set *set, imi_view jpeg, const imi_face *face,
                                    imi_error *err)
{
    if (set->action_count == IMI_CHALLENGE_ACTIONS_MAX) {
        IMI_FAIL(err, IMI_E_INTERNAL, "more actions were answered than a challenge can hold");
    }
    IMI_TRY(keep(set, &set->action[set->action_count], jpeg, face, err));
    set->action_count++;
    return IMI_OK;
}

/* Templates of the usable neutral frames, while they are being gathered. */
typedef struct gathering {
    const imi_probe_judge *judge;
    imi_evidence *evidence;
    imi_template *templates; /* of the caller's imi_probes */
    float weights[IMI_PROBE_FRAMES_MAX];
    size_t count;
    float best_refused; /* quality of the best frame that was refused */
} gathering;

static void note_refusal(gathering *all, const imi_kept_frame *frame, imi_capture_reason reason)
{
    if (all->evidence->probe_reason == IMI_CAPTURE_OK ||
        frame->face.quality.unified > all->best_refused) {
        all->evidence->probe_reason = reason;
        all->best_refused = frame->face.quality.unified;
    }
}

/* A tracked frame is judged again by the stricter limits of a frontal probe. */
static imi_status gather_frame(gathering *all, const imi_kept_frame *frame, imi_error *err)
{
    imi_engine *engine = all->judge->engine;
    IMI_AUTO(imi_image) image = NULL;
    imi_face face = {0};
    IMI_TRY(imi_frame_decode(imi_buffer_view(&frame->jpeg), &image, err));
    IMI_TRY(imi_engine_analyse(engine, image, IMI_CAPTURE_SELFIE, &face, err));
    if (face.reason != IMI_CAPTURE_OK) {
        note_refusal(all, frame, face.reason);
        return IMI_OK;
    }
    IMI_TRY(imi_engine_extract(engine, image, &face, &all->templates[all->count], err));
    all->weights[all->count] = fmaxf(face.quality.unified, WEIGHT_MIN);
    all->count++;
    return IMI_OK;
}

/* Each with each: against their mean two persons could both be alike enough. */
static imi_status are_probes_one_person(const gathering *all, bool *same_out, imi_error *err)
{
    bool same = true;
    *same_out = false;
    for (size_t i = 0; i < all->count && same; i++) {
        for (size_t j = i + 1; j < all->count && same; j++) {
            IMI_TRY(imi_examine_same_person(all->judge->scorer, &all->templates[i],
                                            &all->templates[j], &same, err));
        }
    }
    *same_out = same;
    return IMI_OK;
}

static imi_status is_action_by(const gathering *all, const imi_kept_frame *frame,
                               const imi_template *fused, bool *same_out, imi_error *err)
{
    *same_out = false;
    IMI_AUTO(imi_image) image = NULL;
    IMI_TRY(imi_frame_decode(imi_buffer_view(&frame->jpeg), &image, err));
    imi_template one = {0};
    imi_status status = imi_engine_extract(all->judge->engine, image, &frame->face, &one, err);
    if (status == IMI_OK) {
        status = imi_examine_same_person(all->judge->scorer, &one, fused, same_out, err);
    }
    imi_template_wipe(&one);
    return status;
}

static imi_status check_one_person(const gathering *all, const imi_probe_set *set,
                                   const imi_template *fused, bool *one_person_out, imi_error *err)
{
    *one_person_out = false;
    bool same = false;
    IMI_TRY(are_probes_one_person(all, &same, err));
    for (size_t i = 0; i < set->action_count && same; i++) {
        IMI_TRY(is_action_by(all, &set->action[i], fused, &same, err));
    }
    *one_person_out = same;
    return IMI_OK;
}

static imi_status judge_all(gathering *all, const imi_probe_set *set, imi_template *fused_out,
                            imi_error *err)
{
    for (size_t i = 0; i < set->neutral_count; i++) {
        IMI_TRY(gather_frame(all, &set->neutral[i], err));
    }
    if (all->count == 0) {
        return IMI_OK;
    }
    IMI_TRY(imi_template_average(all->templates, all->weights, all->count, fused_out, err));
    IMI_TRY(check_one_person(all, set, fused_out, &all->evidence->one_person, err));
    all->evidence->probe_count = (uint32_t)all->count;
    float quality = 0;
    for (size_t i = 0; i < all->count; i++) {
        quality += all->weights[i];
    }
    all->evidence->probe_quality = quality / (float)all->count;
    return IMI_OK;
}

void imi_probes_wipe(imi_probes *probes)
{
    imi_wipe(probes, sizeof *probes);
}

size_t imi_probes_most_typical(const imi_probes *probes, const imi_scorer *scorer)
{
    size_t best = 0;
    float best_similarity = -INFINITY;
    for (size_t i = 0; i < probes->count; i++) {
        imi_comparison comparison;
        if (imi_compare(scorer, &probes->templates[i], &probes->fused, &comparison, NULL) ==
                IMI_OK &&
            comparison.similarity > best_similarity) {
            best = i;
            best_similarity = comparison.similarity;
        }
    }
    return best;
}

imi_status imi_probe_set_judge(const imi_probe_set *set, const imi_probe_judge *judge,
                               imi_evidence *evidence, imi_probes *out, imi_error *err)
{
    imi_probes_wipe(out);
    gathering all = {.judge = judge, .evidence = evidence, .templates = out->templates};
    imi_status status = judge_all(&all, set, &out->fused, err);
    out->count = status == IMI_OK ? all.count : 0;
    imi_wipe(&all, sizeof all);
    if (status != IMI_OK) {
        imi_probes_wipe(out);
    }
    return status;
}
