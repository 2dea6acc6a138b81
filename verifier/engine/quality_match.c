/*
 * What the measures of a face foretell: component scores, matchability, level.
 *
 * Matchability is a logistic model of four inputs, each of which can only raise it and none
 * beyond the point from which on it no longer matters (docs/quality.md shows the fit and what
 * else was tried):
 *
 * agreement      of the templates of chip and mirror image, on a logarithmic scale: the network's
 *                own word on how much of the face it recognises
 * sharpness      logarithmic, up to 0.1: above, photos differ by lens and style, not by use
 * eyes visible   up to 0.5: below, glasses, hair or shadow cover them
 * uniformity     of the light, up to 0.3: below, half of the face is in shadow
 */
#include "imi/quality.h"

#include <math.h>

/* Coefficients for similarity at FMR 1e-3, fitted with all of them held at or above zero. */
typedef struct model {
    float constant, agreement, sharpness, eyes, uniformity;
} model;

/* The light's coefficient is set by hand: simulated light from one side was too weak to matter or
 * was refused. Its share of the constants leaves an evenly lit face where the fit has it. */
static const model with_template = {0.483F, 0.745F, 2.026F, 3.267F, 4};
static const model without_template = {1.240F, 0, 1.950F, 7.528F, 4};

static const float SHARPNESS_ENOUGH = 0.1F;
static const float EYES_ENOUGH = 0.5F;
static const float UNIFORMITY_ENOUGH = 0.3F;
/* Two templates of one chip agree to about this; it keeps the logarithm finite. */
static const float AGREEMENT_GRAIN = 0.001F;

/* Below this 22 % of mated comparisons failed on the development photos, above it 4 %; it marks 3
 * to 8 % of photos taken without care and none taken under guidance. */
static const float GOOD_FROM = 0.75F;

const char *imi_quality_component_name(imi_quality_component component)
{
    static const char *const names[IMI_COMPONENT_COUNT] = {
        [IMI_COMPONENT_INTER_EYE_DISTANCE] = "inter_eye_distance",
        [IMI_COMPONENT_SHARPNESS] = "sharpness",
        [IMI_COMPONENT_ILLUMINATION_UNIFORMITY] = "illumination_uniformity",
        [IMI_COMPONENT_UNDER_EXPOSURE] = "under_exposure",
        [IMI_COMPONENT_OVER_EXPOSURE] = "over_exposure",
        [IMI_COMPONENT_HEAD_POSE] = "head_pose",
        [IMI_COMPONENT_EYES_VISIBLE] = "eyes_visible",
        [IMI_COMPONENT_MOUTH_VISIBLE] = "mouth_visible",
        [IMI_COMPONENT_CROP] = "crop",
    };
    bool known = component >= 0 && component < IMI_COMPONENT_COUNT;
    return known ? names[component] : "unknown";
}

const char *imi_quality_level_name(imi_quality_level level)
{
    static const char *const names[] = {"unusable", "poor", "good"};
    bool known = level >= IMI_QUALITY_UNUSABLE && level <= IMI_QUALITY_GOOD;
    return known ? names[level] : "unknown";
}

/* 0 at `none`, 100 from `full` on, in proportion between; `full` may be the smaller. */
static uint32_t scale(float value, float none, float full)
{
    float share = (value - none) / (full - none);
    return share > 0 ? (uint32_t)(100 * fminf(share, 1) + 0.5F) : 0;
}

static float largest_angle(const imi_head_pose *pose)
{
    float yaw_or_pitch = fmaxf(fabsf(pose->yaw_deg), fabsf(pose->pitch_deg));
    /* Alignment takes roll out, so that it counts half; fmax would lose a NaN. */
    return isnan(pose->yaw_deg + pose->pitch_deg + pose->roll_deg)
               ? NAN
               : fmaxf(yaw_or_pitch, fabsf(pose->roll_deg) / 2);
}

uint32_t imi_quality_component_score(const imi_quality *q, imi_quality_component component)
{
    switch (component) {
    case IMI_COMPONENT_INTER_EYE_DISTANCE:
        return scale(q->inter_eye_distance_px, 10, 60);
    case IMI_COMPONENT_SHARPNESS:
        return scale(q->sharpness, 0, 0.3F);
    case IMI_COMPONENT_ILLUMINATION_UNIFORMITY:
        return scale(q->illumination_uniformity, 0, 0.7F);
    case IMI_COMPONENT_UNDER_EXPOSURE:
        return scale(q->under_exposure, 0.8F, 0.1F);
    case IMI_COMPONENT_OVER_EXPOSURE:
        return scale(q->over_exposure, 0.8F, 0.1F);
    case IMI_COMPONENT_HEAD_POSE:
        return scale(largest_angle(&q->pose), 60, 8);
    case IMI_COMPONENT_EYES_VISIBLE:
        return scale(q->eyes_visible, 0, 0.6F);
    case IMI_COMPONENT_MOUTH_VISIBLE:
        return scale(q->mouth_visible, 0, 0.5F);
    case IMI_COMPONENT_CROP:
        return scale(q->cut_off, 0.4F, 0);
    case IMI_COMPONENT_COUNT:
    default:
        return 0;
    }
}

/* The reason that goes with a component when it is the weakest. */
static imi_capture_reason reason_of(imi_quality_component component)
{
    static const imi_capture_reason reasons[IMI_COMPONENT_COUNT] = {
        [IMI_COMPONENT_INTER_EYE_DISTANCE] = IMI_CAPTURE_FACE_TOO_SMALL,
        [IMI_COMPONENT_SHARPNESS] = IMI_CAPTURE_BLURRED,
        [IMI_COMPONENT_ILLUMINATION_UNIFORMITY] = IMI_CAPTURE_UNEVEN_LIGHT,
        [IMI_COMPONENT_UNDER_EXPOSURE] = IMI_CAPTURE_TOO_DARK,
        [IMI_COMPONENT_OVER_EXPOSURE] = IMI_CAPTURE_TOO_BRIGHT,
        [IMI_COMPONENT_HEAD_POSE] = IMI_CAPTURE_NOT_FRONTAL,
        [IMI_COMPONENT_EYES_VISIBLE] = IMI_CAPTURE_EYES_HIDDEN,
        [IMI_COMPONENT_MOUTH_VISIBLE] = IMI_CAPTURE_MOUTH_HIDDEN,
        [IMI_COMPONENT_CROP] = IMI_CAPTURE_FACE_CUT_OFF,
    };
    return reasons[component];
}

static imi_capture_reason weakest(const imi_quality *quality)
{
    imi_quality_component lowest = IMI_COMPONENT_INTER_EYE_DISTANCE;
    for (int i = 1; i < IMI_COMPONENT_COUNT; i++) {
        imi_quality_component component = (imi_quality_component)i;
        if (imi_quality_component_score(quality, component) <
            imi_quality_component_score(quality, lowest)) {
            lowest = component;
        }
    }
    return reason_of(lowest);
}

/* A NaN of a measure reaches the result: fminf would lose it. */
static float at_most(float value, float limit)
{
    return value > limit ? limit : value;
}

static float probability_of(const imi_quality *q, float agreement)
{
    const model *m = isnan(agreement) ? &without_template : &with_template;
    float odds = m->constant +
                 m->sharpness * logf(at_most(q->sharpness, SHARPNESS_ENOUGH) + 0.01F) +
                 m->eyes * at_most(q->eyes_visible, EYES_ENOUGH) +
                 m->uniformity * at_most(q->illumination_uniformity, UNIFORMITY_ENOUGH);
    if (!isnan(agreement)) {
        odds -= m->agreement * logf(1 + AGREEMENT_GRAIN - at_most(agreement, 1));
    }
    return 1 / (1 + expf(-odds));
}

imi_matchability imi_quality_matchability(const imi_quality *quality, imi_capture_kind kind,
                                          float mirror_agreement)
{
    imi_matchability out = {0, IMI_QUALITY_UNUSABLE, imi_quality_judge(quality, kind)};
    float probability = probability_of(quality, mirror_agreement);
    if (out.reason != IMI_CAPTURE_OK || !(probability >= 0)) {
        return out;
    }
    out.probability = probability;
    out.level = probability >= GOOD_FROM ? IMI_QUALITY_GOOD : IMI_QUALITY_POOR;
    out.reason = out.level == IMI_QUALITY_GOOD ? IMI_CAPTURE_OK : weakest(quality);
    return out;
}
