/**
 * The model runtime: loads the files that the manifest names and gives the interfaces that
 * the verifier declares.
 */
#ifndef IMI_MODELS_H
#define IMI_MODELS_H

#include "imi/engine.h"
#include "imi/vision.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { IMI_MODELS_EXTRACTORS_MAX = 4, IMI_MODELS_PADS_MAX = 4 };

/** One worker's set of model instances. Absent optional models are NULL. */
typedef struct imi_model_set {
    imi_detector *detector; /* BlazeFace */
    imi_detector *cross_check; /* dlib HOG */
    imi_landmarker *landmarker; /* FaceMesh */
    imi_extractor *extractors[IMI_MODELS_EXTRACTORS_MAX];
    size_t extractor_count;
    imi_pad *pads[IMI_MODELS_PADS_MAX];
    size_t pad_count;
} imi_model_set;

/**
 * Read the manifest, check every file's SHA-256 and load the networks for one worker.
 *
 * folder:    where manifest.json and the converted networks lie (a build output). If it holds
 *            models.local.json, the deployment's own extractors join or replace the shipped ones;
 *            each needs a card beside it (models/README.md).
 * Threads:   safe; sets OpenCV to one thread for the process.
 * Errors:    IMI_E_MANIFEST, _MODEL_MISSING (required ones only), _MODEL_DIGEST, _MODEL_LOAD.
 *            A missing optional model is logged at warning and left NULL.
 */
IMI_MUST_USE imi_status imi_model_set_load(const char *folder, imi_model_set *out, imi_error *err);
/** Destroy every model and zero the set; a zeroed set is allowed. */
void imi_model_set_clean_up(imi_model_set *set);
/** The set as parts of an engine; borrowed, so the set outlives the engine. */
imi_engine_parts imi_model_set_parts(const imi_model_set *set);

#ifdef __cplusplus
}
#endif
#endif
