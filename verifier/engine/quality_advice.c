/*
 * What to do about each reason, in one table. Codes are stable: apps translate by them.
 */
#include "imi/quality.h"

#include <stdbool.h>

/* To the subject before the camera. */
static const imi_capture_advice to_subject[IMI_CAPTURE_REASON_COUNT] = {
    [IMI_CAPTURE_OK] = {"", ""},
    [IMI_CAPTURE_NO_FACE] = {"show_your_face", "Hold the phone so that your face is in view."},
    [IMI_CAPTURE_SEVERAL_FACES] = {"be_alone_in_view",
                                   "Make sure that nobody else and no photo is in view."},
    [IMI_CAPTURE_FACE_TOO_SMALL] = {"come_closer", "Come closer to the camera."},
    [IMI_CAPTURE_FACE_CUT_OFF] = {"show_the_whole_face",
                                  "Move back a little until the whole face is in view."},
    [IMI_CAPTURE_NOT_FRONTAL] = {"look_straight", "Look straight into the camera."},
    [IMI_CAPTURE_BLURRED] = {"hold_still", "Hold still and wipe the camera's lens."},
    [IMI_CAPTURE_TOO_DARK] = {"find_more_light", "Go where there is more light."},
    [IMI_CAPTURE_TOO_BRIGHT] = {"avoid_strong_light",
                                "Leave the strong light, or turn a lamp away from your face."},
    [IMI_CAPTURE_UNEVEN_LIGHT] = {"turn_to_the_light",
                                  "Turn to the light so that both sides of the face are lit."},
    [IMI_CAPTURE_EYES_HIDDEN] = {"show_your_eyes",
                                 "Take off dark glasses and clear hair from your eyes."},
    [IMI_CAPTURE_MOUTH_HIDDEN] = {"show_your_mouth", "Take off what covers your mouth."},
};

/* To the office that keeps a portrait: the person on it cannot change it. */
static const imi_capture_advice to_office[IMI_CAPTURE_REASON_COUNT] = {
    [IMI_CAPTURE_OK] = {"", ""},
    [IMI_CAPTURE_NO_FACE] = {"portrait_without_face",
                             "No face is found on the photo in the registry: renew it."},
    [IMI_CAPTURE_SEVERAL_FACES] = {"portrait_several_faces",
                                   "The photo in the registry shows several faces: crop or renew "
                                   "it."},
    [IMI_CAPTURE_FACE_TOO_SMALL] = {"portrait_too_small",
                                    "The face on the photo in the registry is too small: scan it "
                                    "again or renew it."},
    [IMI_CAPTURE_FACE_CUT_OFF] = {"portrait_cut_off",
                                  "The photo in the registry cuts off part of the face: renew it."},
    [IMI_CAPTURE_NOT_FRONTAL] = {"portrait_not_frontal",
                                 "The face on the photo in the registry is turned: renew it."},
    [IMI_CAPTURE_BLURRED] = {"portrait_blurred",
                             "The photo in the registry is blurred: scan it again or renew it."},
    [IMI_CAPTURE_TOO_DARK] = {"portrait_too_dark",
                              "The photo in the registry is too dark: renew it."},
    [IMI_CAPTURE_TOO_BRIGHT] = {"portrait_too_bright",
                                "The photo in the registry is too bright: renew it."},
    [IMI_CAPTURE_UNEVEN_LIGHT] = {"portrait_uneven_light",
                                  "The face on the photo in the registry is lit from one side: "
                                  "renew it."},
    [IMI_CAPTURE_EYES_HIDDEN] = {"portrait_eyes_hidden",
                                 "The eyes on the photo in the registry are covered: renew it."},
    [IMI_CAPTURE_MOUTH_HIDDEN] = {"portrait_mouth_hidden",
                                  "The mouth on the photo in the registry is covered: renew it."},
};

imi_capture_advice imi_capture_advise(imi_capture_reason reason, imi_capture_kind kind)
{
    bool known = reason >= IMI_CAPTURE_OK && reason < IMI_CAPTURE_REASON_COUNT;
    imi_capture_reason row = known ? reason : IMI_CAPTURE_NO_FACE;
    return kind == IMI_CAPTURE_PORTRAIT ? to_office[row] : to_subject[row];
}
