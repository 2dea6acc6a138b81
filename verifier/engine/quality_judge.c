#include "imi/quality.h"

#include <math.h>

const char *imi_capture_reason_name(imi_capture_reason reason)
{
    static const char *const names[IMI_CAPTURE_REASON_COUNT] = {
        [IMI_CAPTURE_OK] = "ok",
        [IMI_CAPTURE_NO_FACE] = "no_face",
        [IMI_CAPTURE_SEVERAL_FACES] = "several_faces",
        [IMI_CAPTURE_FACE_TOO_SMALL] = "face_too_small",
        [IMI_CAPTURE_FACE_CUT_OFF] = "face_cut_off",
        [IMI_CAPTURE_NOT_FRONTAL] = "not_frontal",
        [IMI_CAPTURE_BLURRED] = "blurred",
        [IMI_CAPTURE_TOO_DARK] = "too_dark",
        [IMI_CAPTURE_TOO_BRIGHT] = "too_bright",
        [IMI_CAPTURE_UNEVEN_LIGHT] = "uneven_light",
        [IMI_CAPTURE_EYES_HIDDEN] = "eyes_hidden",
        [IMI_CAPTURE_MOUTH_HIDDEN] = "mouth_hidden",
    };
    bool known = reason >= IMI_CAPTURE_OK && reason < IMI_CAPTURE_REASON_COUNT;
    return known ? names[reason] : "unknown";
}

/* What a kind of capture needs at least (min) and bears at most (max). */
typedef struct limits {
    float min_inter_eye_px, max_cut_off;
    float max_yaw_deg, max_pitch_deg, max_roll_deg;
    float min_sharpness, max_under_exposure, max_over_exposure, min_uniformity;
    float min_eyes_visible, min_mouth_visible;
} limits;

/*
 * Chosen from the distributions that `imi-eval quality` shows on the development photos:
 *
 * portrait  Somebody has already accepted this photo, and refusing it shuts its owner out, so
 *           only what cannot be compared is refused. Portraits of 102 x 126 pixels off a chip
 *           have eyes 30 pixels apart; 18 is half of what templates see.
 * selfie    The subject is there and can do better, so what hardly any webcam frame shows is
 *           refused: eyes closer than templates see them (35 pixels), turned heads, dark glasses
 *           (eyes visible 0.08; bare eyes 0.25 and more), a covered mouth.
 * motion    Heads turn and come close on purpose; only that the mesh can be followed counts.
 */
static const limits limits_of[] = {
    [IMI_CAPTURE_PORTRAIT] = {.min_inter_eye_px = 18,
                              .max_cut_off = 0.15F,
                              .max_yaw_deg = 60,
                              .max_pitch_deg = 50,
                              .max_roll_deg = 60,
                              .min_sharpness = 0.005F,
                              .max_under_exposure = 0.8F,
                              .max_over_exposure = 0.8F,
                              .min_uniformity = 0.05F,
                              .min_eyes_visible = 0.05F,
                              .min_mouth_visible = 0.05F},
    [IMI_CAPTURE_SELFIE] = {.min_inter_eye_px = 36,
                            .max_cut_off = 0.02F,
                            .max_yaw_deg = 25,
                            .max_pitch_deg = 25,
                            .max_roll_deg = 30,
                            .min_sharpness = 0.1F,
                            .max_under_exposure = 0.4F,
                            .max_over_exposure = 0.6F,
                            .min_uniformity = 0.17F,
                            .min_eyes_visible = 0.2F,
                            .min_mouth_visible = 0.2F},
    [IMI_CAPTURE_MOTION] = {.min_inter_eye_px = 18,
                            .max_cut_off = 0.4F,
                            .max_yaw_deg = 90,
                            .max_pitch_deg = 90,
                            .max_roll_deg = 90,
                            .max_under_exposure = 1,
                            .max_over_exposure = 1},
};

/* Comparisons are written so that NaN fails them. */
static bool is_frontal(const imi_head_pose *pose, const limits *l)
{
    return fabsf(pose->yaw_deg) <= l->max_yaw_deg && fabsf(pose->pitch_deg) <= l->max_pitch_deg &&
           fabsf(pose->roll_deg) <= l->max_roll_deg;
}

imi_capture_reason imi_quality_judge(const imi_quality *q, imi_capture_kind kind)
{
    if (kind < IMI_CAPTURE_PORTRAIT || kind > IMI_CAPTURE_MOTION || q->face_count == 0) {
        return IMI_CAPTURE_NO_FACE;
    }
    const limits *l = &limits_of[kind];
    const struct {
        bool good;
        imi_capture_reason reason;
    } checks[] = {
        {q->face_count == 1, IMI_CAPTURE_SEVERAL_FACES},
        {q->inter_eye_distance_px >= l->min_inter_eye_px, IMI_CAPTURE_FACE_TOO_SMALL},
        {q->cut_off <= l->max_cut_off, IMI_CAPTURE_FACE_CUT_OFF},
        {is_frontal(&q->pose, l), IMI_CAPTURE_NOT_FRONTAL},
        {q->under_exposure <= l->max_under_exposure, IMI_CAPTURE_TOO_DARK},
        {q->over_exposure <= l->max_over_exposure, IMI_CAPTURE_TOO_BRIGHT},
        /* Behind the light, as too little or too much of it blurs too. */
        {q->sharpness >= l->min_sharpness, IMI_CAPTURE_BLURRED},
        {q->illumination_uniformity >= l->min_uniformity, IMI_CAPTURE_UNEVEN_LIGHT},
        {q->eyes_visible >= l->min_eyes_visible, IMI_CAPTURE_EYES_HIDDEN},
        {q->mouth_visible >= l->min_mouth_visible, IMI_CAPTURE_MOUTH_HIDDEN},
    };
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        if (!checks[i].good) {
            return checks[i].reason;
        }
    }
    return IMI_CAPTURE_OK;
}
