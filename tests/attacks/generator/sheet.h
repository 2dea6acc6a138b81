/**
 * A sheet that shows a picture: a print, a phone's or a tablet's screen; flat or bent.
 */
#ifndef IMI_GENERATOR_SHEET_H
#define IMI_GENERATOR_SHEET_H

#include "head.h"

/** How to make a sheet. */
typedef struct imi_gen_sheet_options {
    uint32_t width_px, height_px; /* of the picture */
    imi_point eyes; /* in the picture: the sheet is held and turned about there */
    double px_per_cm; /* of the picture on the sheet */
    uint32_t frame_px; /* border around the picture: paper or bezel */
    uint8_t frame_grey;
    imi_gen_medium medium; /* where the picture ends is filled in */
} imi_gen_sheet_options;

typedef struct imi_gen_sheet imi_gen_sheet;

IMI_MUST_USE imi_status imi_gen_sheet_new(const imi_gen_sheet_options *options, imi_gen_sheet **out,
                                          imi_error *err);
void imi_gen_sheet_destroy(imi_gen_sheet **sheet);
IMI_AUTO_DEFINE(imi_gen_sheet, imi_gen_sheet_destroy)

/** Put a picture of the size given at first onto the sheet. */
void imi_gen_sheet_show(imi_gen_sheet *sheet, const imi_image *picture);
/** What reflects and refreshes may be changed between frames. */
imi_gen_medium *imi_gen_sheet_medium(imi_gen_sheet *sheet);

/** Where the sheet is; bend_radius_cm 0 = flat, > 0 about an upright axis, < 0 about a level one;
 * the middle comes nearest. */
void imi_gen_sheet_draw(imi_gen_sheet *sheet, const imi_gen_pose *pose, double bend_radius_cm,
                        const imi_gen_lens *lens, imi_gen_canvas *canvas);

/** A wall behind everything: an image of a room, far away and out of focus. */
IMI_MUST_USE imi_status imi_gen_room_new(uint64_t seed, imi_image **out, imi_error *err);
void imi_gen_room_draw(const imi_image *room, double distance_cm, const imi_gen_lens *lens,
                       imi_gen_canvas *canvas);

#endif
