/**
 * What a live camera is told: lines of text, one instruction each.
 *
 *   show SCENE                                        what is before the camera from now on
 *   told GUIDANCE DONE ACTIONS|- [CENTRE_X CENTRE_Y HEIGHT]
 *                                                     what the page tells the person: guidance by
 *                                                     its name, actions done, the whole script, the
 *                                                     oval if one is shown
 */
#ifndef IMI_TESTS_WEB_INSTRUCTION_H
#define IMI_TESTS_WEB_INSTRUCTION_H

#include "phone-sim/source.h"

typedef enum imi_live_scene {
    IMI_LIVE_PERSON = 0, /* does what the page asks */
    IMI_LIVE_PHOTO, /* a picture of the person in a hand that trembles */
    IMI_LIVE_NOBODY,
    IMI_LIVE_TWO, /* the person, and somebody beside */
    IMI_LIVE_SCENE_COUNT
} imi_live_scene;

/** All that was told so far; begins zeroed. */
typedef struct imi_live_instructions {
    imi_live_scene scene;
    imi_sim_cue cue;
} imi_live_instructions;

/** Errors: IMI_E_INVALID_ARGUMENT quotes the line; then nothing changes. */
IMI_MUST_USE imi_status imi_live_follow(imi_live_instructions *instructions, const char *line,
                                        imi_error *err);

#endif
