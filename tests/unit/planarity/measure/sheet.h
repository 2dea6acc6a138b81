/**
 * A picture on a sheet before a camera, flat or curled about any axis, in exact perspective, on
 * paper or on a screen; and the ways in which an attacker moves it.
 */
#ifndef IMI_TESTS_SHEET_H
#define IMI_TESTS_SHEET_H

#include "imi/image.h"

/** How the sheet is held at one moment. Zero with nearness 1: as the picture itself. */
typedef struct imi_sheet_hold {
    double yaw_deg, pitch_deg, roll_deg;
    double nearness; /* size in the image, by that at rest */
    double shift; /* to the side, by the picture's width */
    double curl; /* picture width by radius: 4 curls a face as a head is round; 0 flat */
    double axis_deg; /* of the curl, from upright */
    bool screen; /* grid of a screen, and glare, instead of paper */
} imi_sheet_hold;

/** What the camera sees, held about point (x, y) of the picture; with sensor noise and JPEG. */
IMI_MUST_USE imi_status imi_sheet_draw(const imi_image *picture, double x, double y,
                                       const imi_sheet_hold *hold, uint32_t seed, imi_image **out,
                                       imi_error *err);

enum { IMI_WAY_FRAMES = 80, IMI_WAY_PERIOD_MS = 120, IMI_WAY_COUNT = 14 };

/** Name of a way to move it, such as "flat_near_far". NULL behind the last. */
const char *imi_way_name(unsigned index);
/** How it is held then; calm at first. */
imi_sheet_hold imi_way_hold(unsigned index, int64_t at_ms);

#endif
