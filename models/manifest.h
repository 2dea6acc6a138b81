/**
 * The model manifest: what each file is, how it is fed and what it gives.
 */
#ifndef IMI_MODELS_MANIFEST_H
#define IMI_MODELS_MANIFEST_H

#include "imi/bytes.h"
#include "imi/status.h"

#include <stdbool.h>

enum {
    IMI_MODELS_MAX = 16,
    IMI_MODEL_OUTPUTS_MAX = 4,
    IMI_MODEL_NAME_SIZE = 48,
    IMI_SHA256_HEX_SIZE = 65
};

typedef enum imi_model_role {
    IMI_MODEL_DETECTOR = 1,
    IMI_MODEL_CROSS_CHECK = 2,
    IMI_MODEL_LANDMARKER = 3,
    IMI_MODEL_EXTRACTOR = 4,
    IMI_MODEL_PAD = 5
} imi_model_role;

/** How pixels become input values: (level - mean) * scale per channel, NCHW. */
typedef struct imi_model_input {
    uint32_t width, height;
    bool bgr; /* channel order; RGB otherwise */
    float mean[3]; /* in the network's channel order */
    float scale[3]; /* likewise; the manifest may give one number for all */
    float crop_scale; /* side of the crop over the face box's; 0 where that does not apply */
} imi_model_input;

/** How a face is brought into an extractor's chip: models/alignment.h. */
typedef enum imi_alignment_kind {
    IMI_ALIGN_ARCFACE5 = 1,
    IMI_ALIGN_DLIB_CHIP = 2,
    IMI_ALIGN_CROP = 3
} imi_alignment_kind;

typedef struct imi_model_alignment {
    imi_alignment_kind kind;
    float margin; /* share of the face left around it on each side; not for arcface5 */
} imi_model_alignment;

typedef struct imi_model_output {
    char name[IMI_MODEL_NAME_SIZE];
    uint32_t count; /* values in all */
} imi_model_output;

/** One entry. A model that is compiled into a library has neither file nor digest. */
typedef struct imi_model_spec {
    char id[IMI_MODEL_NAME_SIZE];
    imi_model_role role;
    bool required;
    bool builtin;
    char file[IMI_MODEL_NAME_SIZE]; /* plain name, no folder */
    char sha256[IMI_SHA256_HEX_SIZE]; /* lower-case hexadecimal */
    imi_model_input input; /* not for builtin models */
    imi_model_output outputs[IMI_MODEL_OUTPUTS_MAX];
    size_t output_count;
    uint32_t template_length; /* extractors: 1 to IMI_EXTRACTOR_DIM_MAX */
    imi_model_alignment alignment; /* extractors */
    bool local; /* brought by the deployment, in models.local.json */
    char card[IMI_MODEL_NAME_SIZE]; /* of a local model: its card, a plain name like file */
} imi_model_spec;

typedef struct imi_manifest {
    imi_model_spec models[IMI_MODELS_MAX];
    size_t count;
} imi_manifest;

/** Parse manifest.json. Errors: IMI_E_MANIFEST, whose message names the model and the field. */
IMI_MUST_USE imi_status imi_manifest_parse(imi_view json, imi_manifest *out, imi_error *err);

/**
 * Apply a deployment's models.local.json to the manifest: extractors added, extractors replaced
 * (those with the id of a shipped one), and shipped ones left out that "without" names.
 *
 * Errors: IMI_E_MANIFEST, whose message names the model and the field; the manifest is then as
 *         it was.
 */
IMI_MUST_USE imi_status imi_manifest_apply_local(imi_view json, imi_manifest *manifest,
                                                 imi_error *err);

/** SHA-256 in lower-case hexadecimal. Errors: IMI_E_CRYPTO. */
IMI_MUST_USE imi_status imi_manifest_digest(imi_view bytes, char out[IMI_SHA256_HEX_SIZE],
                                            imi_error *err);
/** Errors: IMI_E_MODEL_DIGEST if the bytes are not those that the entry names. */
IMI_MUST_USE imi_status imi_manifest_check_digest(const imi_model_spec *spec, imi_view bytes,
                                                  imi_error *err);

#endif
