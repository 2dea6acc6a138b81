/**
 * A still of a person with its mesh, brought to one scale: what heads and prints are made from.
 */
#ifndef IMI_GENERATOR_PORTRAIT_H
#define IMI_GENERATOR_PORTRAIT_H

#include "geometry.h"
#include "imi/face.h"
#include "imi/image.h"

/** Inter-eye distance of every portrait; an adult's mean in centimetres (ISO/IEC 19794-5). */
enum { IMI_GEN_EYES_PX = 120 };
#define IMI_GEN_EYES_CM 6.3

typedef struct imi_gen_portrait {
    imi_image *image; /* RGB8; inter-eye distance IMI_GEN_EYES_PX */
    imi_landmarks mesh; /* in its pixels */
    imi_point eyes; /* midway between the eyes */
} imi_gen_portrait;

/** Errors: IMI_E_INVALID_ARGUMENT for a mesh without extent or a face far too small or large. */
IMI_MUST_USE imi_status imi_gen_portrait_new(const imi_image *photo, const imi_landmarks *mesh,
                                             imi_gen_portrait **out, imi_error *err);
void imi_gen_portrait_destroy(imi_gen_portrait **portrait);
IMI_AUTO_DEFINE(imi_gen_portrait, imi_gen_portrait_destroy)

/** The part of a portrait that a printed photo or a picture on a screen shows, 600 x 780 pixels;
 * eyes_out: where the middle of the eyes is in it. */
IMI_MUST_USE imi_status imi_gen_portrait_crop(const imi_gen_portrait *portrait, imi_image **out,
                                              imi_point *eyes_out, imi_error *err);

/** Colours of an image shifted so that the face of one portrait has the mean of another's. */
IMI_MUST_USE imi_status imi_gen_portrait_recolour(const imi_gen_portrait *portrait,
                                                  const imi_gen_portrait *like, imi_image **out,
                                                  imi_error *err);

#endif
