/**
 * Reading the fields of one model's entry.
 */
#ifndef IMI_MODELS_MANIFEST_FIELDS_H
#define IMI_MODELS_MANIFEST_FIELDS_H

#include "manifest.h"

#include <jansson.h>

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

/** Whether a JSON number lies in a range; if so, it is in out. */
bool imi_manifest_number(const json_t *value, double low, double high, float *out);
/** Whether it is a whole number from 1 to most; if so, it is in out. */
bool imi_manifest_count(const json_t *value, uint32_t most, uint32_t *out);

#endif
