#include "manifest_fields.h"

#include <string.h>

imi_status imi_manifest_bad_field(const imi_model_spec *spec, const char *field, const char *wanted,
                                  imi_error *err)
{
    IMI_FAIL(err, IMI_E_MANIFEST, "manifest: model '%s': field '%s' must be %s", spec->id, field,
             wanted);
}

imi_status imi_manifest_parse_text(const json_t *object, const char *field,
                                   const imi_model_spec *spec, char *out, size_t capacity,
                                   imi_error *err)
{
    const char *text = json_string_value(json_object_get(object, field));
    if (text == NULL || text[0] == '\0' || !imi_copy_text(out, capacity, text)) {
        return imi_manifest_bad_field(spec, field, "a short text", err);
    }
    return IMI_OK;
}

imi_status imi_manifest_parse_file_name(const json_t *object, const char *field,
                                        const imi_model_spec *spec, char *out, size_t capacity,
                                        imi_error *err)
{
    IMI_TRY(imi_manifest_parse_text(object, field, spec, out, capacity, err));
    if (out[0] == '.' || strchr(out, '/') != NULL) {
        return imi_manifest_bad_field(spec, field, "a file name without a folder", err);
    }
    return IMI_OK;
}

bool imi_manifest_number(const json_t *value, double low, double high, float *out)
{
    double number = json_number_value(value);
    if (!json_is_number(value) || !(number >= low) || !(number <= high)) {
        return false;
    }
    *out = (float)number;
    return true;
}

bool imi_manifest_count(const json_t *value, uint32_t most, uint32_t *out)
{
    json_int_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < 1 || number > (json_int_t)most) {
        return false;
    }
    *out = (uint32_t)number;
    return true;
}
