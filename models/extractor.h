/**
 * What the extractors share: a network whose first output is the template vector.
 */
#ifndef IMI_MODELS_EXTRACTOR_H
#define IMI_MODELS_EXTRACTOR_H

#include "imi/vision.h"
#include "network.h"

typedef imi_status (*imi_align_function)(imi_extractor *self, const imi_landmarks *landmarks,
                                         imi_affine *image_to_chip_out, imi_error *err);

/** An extractor with embed and destroy; align is the model's own. */
IMI_MUST_USE imi_status imi_extractor_new(const imi_model_spec *spec, imi_view file,
                                          imi_align_function align, imi_extractor **out,
                                          imi_error *err);

#endif
