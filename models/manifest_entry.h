/**
 * Reading one model's entry: shared by the shipped manifest and a deployment's models.local.json.
 */
#ifndef IMI_MODELS_MANIFEST_ENTRY_H
#define IMI_MODELS_MANIFEST_ENTRY_H

#include "manifest.h"

#include <jansson.h>

/** The version that field "format" of both files must have. */
enum { IMI_MANIFEST_FORMAT = 1 };

/** Read an entry into a zeroed spec. Errors: IMI_E_MANIFEST. */
IMI_MUST_USE imi_status imi_manifest_parse_model(const json_t *object, imi_model_spec *spec,
                                                 imi_error *err);

#endif
