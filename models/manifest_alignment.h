/**
 * How an extractor's entry says that a face is brought into its chip.
 */
#ifndef IMI_MODELS_MANIFEST_ALIGNMENT_H
#define IMI_MODELS_MANIFEST_ALIGNMENT_H

#include "manifest.h"

#include <jansson.h>

/** Field "alignment" of an entry whose input has been read. Errors: IMI_E_MANIFEST. */
IMI_MUST_USE imi_status imi_manifest_parse_alignment(const json_t *object, imi_model_spec *spec,
                                                     imi_error *err);

#endif
