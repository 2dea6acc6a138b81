/**
 * Constructors of the implementations, one per model or, for extractors, one for all. Only
 * model_set.c and tests call them.
 *
 * Ownership: spec and file are borrowed for the call; destroy through the interface.
 * Errors:    IMI_E_MODEL_DIGEST, IMI_E_MODEL_LOAD, IMI_E_NO_MEMORY; IMI_E_MANIFEST if the entry
 *            does not describe outputs as the code reads them.
 */
#ifndef IMI_MODELS_PARTS_H
#define IMI_MODELS_PARTS_H

#include "imi/vision.h"
#include "network.h"

/** Faces of any size from about a twelfth of the image's larger side. */
IMI_MUST_USE imi_status imi_blazeface_new(const imi_model_spec *spec, imi_view file,
                                          imi_detector **out, imi_error *err);
/** Frontal faces from about a sixth of the image's larger side; few false alarms. */
IMI_MUST_USE imi_status imi_hog_detector_new(const imi_model_spec *spec, imi_view file,
                                             imi_detector **out, imi_error *err);
IMI_MUST_USE imi_status imi_facemesh_new(const imi_model_spec *spec, imi_view file,
                                         imi_landmarker **out, imi_error *err);
/** Any extractor: everything is in its entry. Runs the network once to see that it fits. */
IMI_MUST_USE imi_status imi_onnx_extractor_new(const imi_model_spec *spec, imi_view file,
                                               imi_extractor **out, imi_error *err);
IMI_MUST_USE imi_status imi_minifasnet_new(const imi_model_spec *spec, imi_view file, imi_pad **out,
                                           imi_error *err);

#endif
