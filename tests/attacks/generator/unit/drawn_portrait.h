/**
 * A portrait of nobody: points of a mesh on half an ellipsoid with eyes and a mouth, and a picture
 * with detail everywhere.
 */
#ifndef IMI_TESTS_DRAWN_PORTRAIT_H
#define IMI_TESTS_DRAWN_PORTRAIT_H

#include "portrait.h"

/** Fails the test if it cannot be made. hue tells people apart. */
imi_gen_portrait *drawn_portrait_new(unsigned hue);

#endif
