#include "oval.h"
#include "watch.h"

#include <math.h>

void imi_near_far_watch_reset(imi_near_far_watch *watch, unsigned target)
{
    *watch = (imi_near_far_watch){.target = target, .whole = true};
}

/* Is the face so near already that the picture cannot hold it any nearer? */
static bool lacks_room(const imi_near_far_watch *watch, const imi_liveness_sample *sample)
{
    if (watch->target == IMI_TARGET_ANY) {
        return !(sample->inter_eye_px <= LIMIT_NEAR_START_SHARE * sample->image_side_px);
    }
    return !imi_oval_has_room(watch->far.height * imi_near_target_growth(watch->target), sample);
}

/* Add a view to the mean of the farthest ones, and leave those that turn out to be nearer. */
static void add_far_view(imi_near_far_watch *watch, const imi_liveness_reading *reading)
{
    if (watch->far_span_scale > LIMIT_NEAR_ALIKE * reading->scale) {
        imi_mean_mesh_reset(&watch->far_views);
        watch->far_span_scale = 0;
    }
    imi_mean_mesh_add(&watch->far_views, &reading->sample->landmarks, 1);
    watch->far_span_scale = fmaxf(watch->far_span_scale, reading->scale);
}

/* Keep the farthest views: what the near ones are compared with. */
static void remember_far(imi_near_far_watch *watch, const imi_liveness_reading *reading)
{
    bool known = watch->far_scale > 0;
    if (known && reading->scale > LIMIT_NEAR_ALIKE * watch->far_scale) {
        return;
    }
    add_far_view(watch, reading);
    if (known && reading->scale >= watch->far_scale) {
        return;
    }
    watch->far_scale = reading->scale;
    watch->far = reading->sample->face;
    watch->far.height = reading->height;
    watch->too_near = lacks_room(watch, reading->sample);
    imi_mean_mesh_reset(&watch->near_views);
    imi_liveness_evidence_reset(&watch->evidence);
}

static void compare_near(imi_near_far_watch *watch, const imi_liveness_baseline *baseline,
                         const imi_liveness_sample *sample)
{
    imi_landmarks far;
    imi_landmarks near;
    imi_mean_mesh_add(&watch->near_views, &sample->landmarks, LIMIT_NEAR_KEEP);
    imi_mean_mesh_get(&watch->far_views, &far);
    imi_mean_mesh_get(&watch->near_views, &near);
    imi_liveness_evidence_add(&watch->evidence, sample->at_ms, &far, &near, &baseline->upper);
}

/* Note how the face fits the oval, and since when. */
static void note_fit(imi_near_far_watch *watch, const imi_liveness_reading *reading)
{
    const imi_liveness_sample *sample = reading->sample;
    imi_oval oval = imi_near_target_oval(watch->target, &watch->far, sample);
    watch->size = logf(reading->height / oval.height);
    watch->centred = imi_oval_distance(&oval, sample) <= LIMIT_NEAR_CENTRE * oval.height;
    if (!watch->centred || !(fabsf(watch->size) <= LIMIT_NEAR_SIZE) || watch->too_near) {
        watch->fit_frames = 0;
    } else if (watch->fit_frames++ == 0) {
        watch->fit_since_ms = sample->at_ms;
    }
}

static bool fits(const imi_near_far_watch *watch, int64_t at_ms)
{
    return watch->target == IMI_TARGET_ANY ||
           (watch->fit_frames > 1 && at_ms - watch->fit_since_ms >= LIMIT_NEAR_HOLD_MS);
}

static bool is_solid(const imi_near_far_watch *watch)
{
    imi_liveness_finding finding = imi_liveness_evidence_weigh(&watch->evidence, LIMIT_NEAR_FRAMES);
    return finding.frames >= LIMIT_NEAR_FRAMES && finding.plane >= LIMIT_NEAR_PLANE &&
           finding.solidity >= LIMIT_NEAR_SOLIDITY && finding.depth >= LIMIT_NEAR_DEPTH &&
           logf(finding.solidity) + finding.depth / LIMIT_NEAR_DEPTH_UNIT >= LIMIT_NEAR_SOLID;
}

/* Who fills the oval for long enough and leaves it open whether they are solid comes nearer still,
 * where perspective is stronger. */
static void ask_nearer(imi_near_far_watch *watch, const imi_liveness_sample *sample)
{
    bool held =
        watch->fit_frames > 1 && sample->at_ms - watch->fit_since_ms >= LIMIT_NEAR_UNDECIDED_MS;
    if (held && watch->target < IMI_NEAR_TARGETS &&
        imi_oval_has_room(watch->far.height * imi_near_target_growth(watch->target + 1), sample)) {
        watch->target++;
        watch->fit_frames = 0;
    }
}

imi_watch_answer imi_near_far_watch_feed(imi_near_far_watch *watch,
                                         const imi_liveness_baseline *baseline,
                                         const imi_liveness_reading *reading)
{
    const imi_liveness_sample *sample = reading->sample;
    watch->whole = sample->whole;
    if (!sample->whole || !(fabsf(reading->yaw_deg) <= LIMIT_NEAR_YAW_DEG) ||
        !(fabsf(reading->pitch_deg) <= LIMIT_NEAR_PITCH_DEG)) {
        watch->fit_frames = 0;
        return IMI_WATCH_WAITING;
    }
    remember_far(watch, reading);
    if (watch->target != IMI_TARGET_ANY) {
        note_fit(watch, reading);
    }
    if (!(reading->scale >= LIMIT_NEAR_SCALE * watch->far_scale)) {
        return IMI_WATCH_WAITING;
    }
    compare_near(watch, baseline, sample);
    if (is_solid(watch) && fits(watch, sample->at_ms)) {
        return IMI_WATCH_DONE;
    }
    ask_nearer(watch, sample);
    return imi_liveness_evidence_is_flat(&watch->evidence) ? IMI_WATCH_FLAT : IMI_WATCH_WAITING;
}

imi_guidance imi_near_far_watch_guide(const imi_near_far_watch *watch)
{
    if (watch->too_near || !watch->whole) {
        return IMI_GUIDANCE_MOVE_AWAY;
    }
    if (watch->target == IMI_TARGET_ANY || watch->size < -LIMIT_NEAR_SIZE ||
        !(watch->far_scale > 0)) {
        return IMI_GUIDANCE_MOVE_CLOSER;
    }
    if (watch->size > LIMIT_NEAR_SIZE) {
        return IMI_GUIDANCE_MOVE_AWAY;
    }
    return watch->centred ? IMI_GUIDANCE_HOLD_STILL : IMI_GUIDANCE_FIT_OVAL;
}
