/**
 * The drawn portrait as a head before a lens, or as a photo of it: what the landmark network would
 * make of the picture, were it exact.
 */
#ifndef IMI_TESTS_DRAWN_VIEW_H
#define IMI_TESTS_DRAWN_VIEW_H

#include "head.h"

/** Group fixtures: the head is made once. */
int drawn_set_up(void **state);
int drawn_tear_down(void **state);

/** Sees 60 degrees across 640 x 480 pixels. */
extern const imi_gen_lens DRAWN_LENS;

imi_landmarks drawn_head_view(const imi_gen_pose *pose);
/** A photo keeps the depth that the network believes in. */
imi_landmarks drawn_photo_view(const imi_gen_pose *pose);

#endif
