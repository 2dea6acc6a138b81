#include "guidance.h"

#include <math.h>

static const imi_guidance of_reason[IMI_CAPTURE_REASON_COUNT] = {
    [IMI_CAPTURE_OK] = IMI_GUIDANCE_NONE,
    [IMI_CAPTURE_NO_FACE] = IMI_GUIDANCE_SHOW_FACE,
    [IMI_CAPTURE_SEVERAL_FACES] = IMI_GUIDANCE_ONE_PERSON_ONLY,
    [IMI_CAPTURE_FACE_TOO_SMALL] = IMI_GUIDANCE_MOVE_CLOSER,
    [IMI_CAPTURE_FACE_CUT_OFF] = IMI_GUIDANCE_CENTRE_FACE,
    [IMI_CAPTURE_NOT_FRONTAL] = IMI_GUIDANCE_LOOK_STRAIGHT,
    [IMI_CAPTURE_BLURRED] = IMI_GUIDANCE_HOLD_STILL,
    [IMI_CAPTURE_TOO_DARK] = IMI_GUIDANCE_MORE_LIGHT,
    [IMI_CAPTURE_TOO_BRIGHT] = IMI_GUIDANCE_LESS_LIGHT,
    [IMI_CAPTURE_UNEVEN_LIGHT] = IMI_GUIDANCE_EVEN_LIGHT,
    [IMI_CAPTURE_EYES_HIDDEN] = IMI_GUIDANCE_UNCOVER_FACE,
    [IMI_CAPTURE_MOUTH_HIDDEN] = IMI_GUIDANCE_UNCOVER_FACE,
};

static const imi_guidance of_action[IMI_ACTION_COUNT] = {
    [IMI_ACTION_NONE] = IMI_GUIDANCE_NONE,
    [IMI_ACTION_NEAR_FAR] = IMI_GUIDANCE_MOVE_CLOSER,
    [IMI_ACTION_TURN_LEFT] = IMI_GUIDANCE_TURN_LEFT,
    [IMI_ACTION_TURN_RIGHT] = IMI_GUIDANCE_TURN_RIGHT,
    [IMI_ACTION_OPEN_MOUTH] = IMI_GUIDANCE_OPEN_MOUTH,
    [IMI_ACTION_BLINK] = IMI_GUIDANCE_BLINK,
    [IMI_ACTION_FOLLOW] = IMI_GUIDANCE_FIT_OVAL,
    [IMI_ACTION_NOD] = IMI_GUIDANCE_NOD,
};

/* A face that leaves the image is either off centre or too near. */
static imi_guidance for_cut_off(const imi_liveness_sample *sample)
{
    bool near = sample->inter_eye_px > LIMIT_NEAR_START_SHARE * sample->image_side_px;
    return near ? IMI_GUIDANCE_MOVE_AWAY : IMI_GUIDANCE_CENTRE_FACE;
}

imi_guidance imi_guidance_of_reason(imi_capture_reason reason, const imi_liveness_sample *sample)
{
    if ((unsigned)reason >= IMI_CAPTURE_REASON_COUNT) {
        return IMI_GUIDANCE_SHOW_FACE;
    }
    if (sample == NULL) {
        return reason == IMI_CAPTURE_OK ? IMI_GUIDANCE_SHOW_FACE : of_reason[reason];
    }
    return reason == IMI_CAPTURE_FACE_CUT_OFF ? for_cut_off(sample) : of_reason[reason];
}

imi_guidance imi_guidance_to_settle(imi_capture_reason reason, const imi_liveness_sample *sample)
{
    imi_guidance guidance = imi_guidance_of_reason(reason, sample);
    if (guidance != IMI_GUIDANCE_NONE) {
        return guidance;
    }
    if (!sample->whole) {
        return for_cut_off(sample);
    }
    if (!imi_liveness_is_frontal(sample)) {
        return IMI_GUIDANCE_LOOK_STRAIGHT;
    }
    return sample->mouth > LIMIT_BASELINE_MOUTH ? IMI_GUIDANCE_CLOSE_MOUTH
                                                : IMI_GUIDANCE_HOLD_STILL;
}

imi_guidance imi_guidance_to_neutral(const imi_liveness_reading *reading)
{
    if (!reading->sample->whole) {
        return for_cut_off(reading->sample);
    }
    if (!(fabsf(reading->yaw_deg) <= LIMIT_NEUTRAL_YAW_DEG) ||
        !(fabsf(reading->pitch_deg) <= LIMIT_NEUTRAL_PITCH_DEG)) {
        return IMI_GUIDANCE_BACK_TO_CENTRE;
    }
    return reading->mouth > LIMIT_NEUTRAL_MOUTH ? IMI_GUIDANCE_CLOSE_MOUTH
                                                : IMI_GUIDANCE_HOLD_STILL;
}

imi_guidance imi_guidance_of_action(imi_action action)
{
    return (unsigned)action < IMI_ACTION_COUNT ? of_action[action] : IMI_GUIDANCE_NONE;
}
