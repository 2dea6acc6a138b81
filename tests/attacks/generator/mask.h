/**
 * A paper mask: cut out along the outline of a face and around its eyes, bent around the
 * wearer's head.
 */
#ifndef IMI_GENERATOR_MASK_H
#define IMI_GENERATOR_MASK_H

#include "head.h"

/** Moves with the head, whose own eyes look through it. radius_cm: how it is bent. portrait is
 * borrowed. */
typedef struct imi_gen_mask imi_gen_mask;
IMI_MUST_USE imi_status imi_gen_mask_new(const imi_gen_portrait *portrait, double radius_cm,
                                         const imi_gen_medium *medium, imi_gen_mask **out,
                                         imi_error *err);
void imi_gen_mask_destroy(imi_gen_mask **mask);
IMI_AUTO_DEFINE(imi_gen_mask, imi_gen_mask_destroy)
void imi_gen_mask_draw(imi_gen_mask *mask, const imi_gen_pose *pose, const imi_gen_lens *lens,
                       imi_gen_canvas *canvas);

#endif
