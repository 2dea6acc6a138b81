/**
 * Reading one model's entry: shared by the shipped manifest and a deployment's models.local.json.
 */
#ifndef IMI_MODELS_MANIFEST_ENTRY_H
#define IMI_MODELS_MANIFEST_ENTRY_H

#include "manifest.h"

#include <jansson.h>

/** The version that field "format" of both files must have. */
enum { IMI_MANIFEST_FORMAT = 1 };

/** Fail with a message that names the model, the field, and what the field must be. */
imi_status imi_manifest_bad_field(const imi_model_spec *spec, const char *field, const char *wanted,
                                  imi_error *err);
/** A text field that fits. Errors: IMI_E_MANIFEST. */
IMI_MUST_USE imi_status imi_manifest_parse_text(const json_t *object, const char *field,
                                                const imi_model_spec *spec, char *out,
                                                size_t capacity, imi_error *err);
/** A file's plain name, since nothing here may reach out of the models' folder. */
IMI_MUST_USE imi_status imi_manifest_parse_file_name(const json_t *object, const char *field,
                                                     const imi_model_spec *spec, char *out,
                                                     size_t capacity, imi_error *err);
/** Read an entry into a zeroed spec. Errors: IMI_E_MANIFEST. */
IMI_MUST_USE imi_status imi_manifest_parse_model(const json_t *object, imi_model_spec *spec,
                                                 imi_error *err);

/** Whether a JSON number lies in a range; if so, it is in out. */
bool imi_manifest_number(const json_t *value, double low, double high, float *out);

/** Field "alignment" of an extractor. Errors: IMI_E_MANIFEST. */
IMI_MUST_USE imi_status imi_manifest_parse_alignment(const json_t *object, imi_model_spec *spec,
                                                     imi_error *err);

#endif
