/**
 * Where a face lies in an extractor's chip, by the rule that the model's entry names.
 */
#ifndef IMI_MODELS_ALIGNMENT_H
#define IMI_MODELS_ALIGNMENT_H

#include "imi/face.h"
#include "imi/image.h"
#include "manifest.h"

/**
 * The similarity from image to chip.
 *
 * arcface5:  eyes, nose tip and corners of the mouth as near as may be to ArcFace's template of
 *            112 x 112, scaled to the chip's height and centred in its width.
 * dlib_chip: dlib's own rule, with spec->alignment.margin as its padding.
 * crop:      the box of the mesh, turned until the eyes are level, with the margin on each side,
 *            as large as fits the chip.
 * Source:    Deng et al., ArcFace, arXiv 1801.07698, as published with InsightFace; dlib's
 *            get_face_chip_details.
 * Errors:    IMI_E_INVALID_ARGUMENT for a mesh without extent or with points that are not
 *            finite; the map is then zero.
 */
IMI_MUST_USE imi_status imi_alignment_map(const imi_model_spec *spec,
                                          const imi_landmarks *landmarks,
                                          imi_affine *image_to_chip_out, imi_error *err);

#endif
