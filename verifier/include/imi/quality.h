/**
 * Face image quality, components after ISO/IEC 29794-5, each with a reason that a person
 * can act on.
 */
#ifndef IMI_QUALITY_H
#define IMI_QUALITY_H

#include "imi/face.h"
#include "imi/image.h"
#include "imi/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What kind of image is judged: the limits differ. */
typedef enum imi_capture_kind {
    IMI_CAPTURE_PORTRAIT = 0, /* document or registry portrait: small, tight crop, grey allowed */
    IMI_CAPTURE_SELFIE = 1, /* frontal probe */
    IMI_CAPTURE_MOTION = 2 /* frame of a liveness clip: any pose, for tracking only */
} imi_capture_kind;

/** Why a capture is not good enough; several may hold at once, the first is told first. */
typedef enum imi_capture_reason {
    IMI_CAPTURE_OK = 0,
    IMI_CAPTURE_NO_FACE = 1,
    IMI_CAPTURE_SEVERAL_FACES = 2,
    IMI_CAPTURE_FACE_TOO_SMALL = 3, /* inter-eye distance below the minimum */
    IMI_CAPTURE_FACE_CUT_OFF = 4, /* face reaches over the image's edge */
    IMI_CAPTURE_NOT_FRONTAL = 5,
    IMI_CAPTURE_BLURRED = 6,
    IMI_CAPTURE_TOO_DARK = 7,
    IMI_CAPTURE_TOO_BRIGHT = 8,
    IMI_CAPTURE_UNEVEN_LIGHT = 9,
    IMI_CAPTURE_EYES_HIDDEN = 10,
    IMI_CAPTURE_MOUTH_HIDDEN = 11,
    IMI_CAPTURE_REASON_COUNT = 12
} imi_capture_reason;

/** Stable lower-case name, such as "face_too_small". Static storage. */
const char *imi_capture_reason_name(imi_capture_reason reason);

/** Native measures; the header of verifier/engine/quality.c gives each formula's source. */
typedef struct imi_quality {
    float inter_eye_distance_px;
    float sharpness; /* 0 (blurred) to 1 */
    float illumination_uniformity; /* 0 to 1: left and right half share of histogram */
    float under_exposure; /* share of face pixels near black, 0 to 1 */
    float over_exposure; /* share of face pixels near white, 0 to 1 */
    float eyes_open; /* smaller eye aspect ratio, ~0.1 closed, ~0.3 open */
    float eyes_visible; /* 0 hidden to 1, as far as contrast can tell */
    float mouth_visible; /* 0 hidden to 1, as far as contrast can tell */
    imi_head_pose pose;
    uint32_t face_count;
    float cut_off; /* share of the mesh that lies outside the image */
    float unified; /* 0 to 1: how much a comparison can be trusted; used to choose frames */
} imi_quality;

/**
 * Measure one face. face_count is the caller's to fill in; it starts at 1.
 *
 * image:  RGB8 or GREY8, upright.
 * Errors: IMI_E_NO_MEMORY; IMI_E_INVALID_ARGUMENT for a mesh whose points coincide. All
 *         measures are then NaN, which imi_quality_judge never passes.
 */
IMI_MUST_USE imi_status imi_quality_measure(const imi_image *image, const imi_landmarks *landmarks,
                                            imi_quality *out, imi_error *err);

/** The first reason why this face does not serve, or IMI_CAPTURE_OK. */
imi_capture_reason imi_quality_judge(const imi_quality *quality, imi_capture_kind kind);

/**
 * Quality components, named as in ISO/IEC 29794-5, as scores from 0 (nothing usable) to 100
 * (nothing to wish for). Numbers are stable.
 */
typedef enum imi_quality_component {
    IMI_COMPONENT_INTER_EYE_DISTANCE = 0,
    IMI_COMPONENT_SHARPNESS = 1,
    IMI_COMPONENT_ILLUMINATION_UNIFORMITY = 2,
    IMI_COMPONENT_UNDER_EXPOSURE = 3, /* 100: none */
    IMI_COMPONENT_OVER_EXPOSURE = 4, /* 100: none */
    IMI_COMPONENT_HEAD_POSE = 5, /* of yaw, pitch and roll, the one that is furthest off */
    IMI_COMPONENT_EYES_VISIBLE = 6,
    IMI_COMPONENT_MOUTH_VISIBLE = 7,
    IMI_COMPONENT_CROP = 8, /* 100: the whole face lies inside the image */
    IMI_COMPONENT_COUNT = 9
} imi_quality_component;

/** Stable lower-case name, such as "inter_eye_distance". Static storage. */
const char *imi_quality_component_name(imi_quality_component component);
/** A score; 0 for a measure that is NaN and for an unknown component. */
uint32_t imi_quality_component_score(const imi_quality *quality, imi_quality_component component);

/** What to make of a capture. Numbers are stable; the zero level is never good. */
typedef enum imi_quality_level {
    IMI_QUALITY_UNUSABLE = 0, /* imi_quality_judge refuses it */
    IMI_QUALITY_POOR = 1, /* usable, but comparisons with it often fail: better renewed */
    IMI_QUALITY_GOOD = 2
} imi_quality_level;

/** Stable lower-case name, such as "poor". Static storage. */
const char *imi_quality_level_name(imi_quality_level level);

/** How far comparisons with an image can be expected to succeed. */
typedef struct imi_matchability {
    float probability; /* 0 to 1: that a mated comparison with a good photo matches at FMR 1e-3 */
    imi_quality_level level;
    imi_capture_reason reason; /* why not GOOD; for POOR, its weakest component; else OK */
} imi_matchability;

/**
 * Predict from the measures and, if there is one, from the template.
 *
 * mirror_agreement: as imi_engine_extract_measured tells; NaN when no template was made, which
 *         makes the prediction coarser.
 * Errors: a capture that is refused, or measures that are NaN, give probability 0 and UNUSABLE.
 * Source: docs/quality.md: a logistic model, monotone in every input, fitted to photos of the
 *         London set under simulated faults alone.
 */
imi_matchability imi_quality_matchability(const imi_quality *quality, imi_capture_kind kind,
                                          float mirror_agreement);

/** What a person can do about a reason. Static storage. */
typedef struct imi_capture_advice {
    const char *code; /* stable, such as "turn_to_the_light"; "" for IMI_CAPTURE_OK */
    const char *text; /* one English sentence; "" for IMI_CAPTURE_OK */
} imi_capture_advice;

/**
 * Advice for a reason: to the subject before the camera, or for a PORTRAIT to the office that
 * keeps it. An unknown reason or kind gets the advice of IMI_CAPTURE_NO_FACE.
 */
imi_capture_advice imi_capture_advise(imi_capture_reason reason, imi_capture_kind kind);

#ifdef __cplusplus
}
#endif
#endif
