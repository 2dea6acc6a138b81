#include "manifest_entry.h"

#include "imi/vision.h"
#include "manifest_alignment.h"
#include "manifest_fields.h"

#include <string.h>

enum { SIDE_MAX = 1024, VALUES_MAX = 1U << 20 };

typedef struct role_name {
    const char *name;
    imi_model_role role;
} role_name;

static const role_name ROLES[] = {
    {"detector", IMI_MODEL_DETECTOR},
    {"cross_check", IMI_MODEL_CROSS_CHECK},
    {"landmarker", IMI_MODEL_LANDMARKER},
    {"extractor", IMI_MODEL_EXTRACTOR},
    {"pad", IMI_MODEL_PAD},
};

/* The id becomes part of names in tables and logs. */
static imi_status parse_id(const json_t *object, imi_model_spec *spec, imi_error *err)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    IMI_TRY(imi_manifest_parse_text(object, "id", spec, spec->id, sizeof spec->id, err));
    if (strspn(spec->id, allowed) != strlen(spec->id)) {
        return imi_manifest_bad_field(spec, "id", "of letters, digits, '_', '-' and '.'", err);
    }
    return IMI_OK;
}

static imi_status parse_file(const json_t *object, imi_model_spec *spec, imi_error *err)
{
    IMI_TRY(imi_manifest_parse_file_name(object, "file", spec, spec->file, sizeof spec->file, err));
    IMI_TRY(
        imi_manifest_parse_text(object, "sha256", spec, spec->sha256, sizeof spec->sha256, err));
    if (strspn(spec->sha256, "0123456789abcdef") != IMI_SHA256_HEX_SIZE - 1) {
        return imi_manifest_bad_field(spec, "sha256",
                                      "64 lower-case hexadecimal digits (sha256sum FILE)", err);
    }
    return IMI_OK;
}

static imi_status parse_role(const json_t *object, imi_model_spec *spec, imi_error *err)
{
    const char *text = json_string_value(json_object_get(object, "role"));
    for (size_t i = 0; text != NULL && i < sizeof ROLES / sizeof ROLES[0]; i++) {
        if (strcmp(text, ROLES[i].name) == 0) {
            spec->role = ROLES[i].role;
            return IMI_OK;
        }
    }
    return imi_manifest_bad_field(spec, "role",
                                  "detector, cross_check, landmarker, extractor or pad", err);
}

static imi_status parse_colour(const json_t *input, imi_model_spec *spec, imi_error *err)
{
    const char *colour = json_string_value(json_object_get(input, "colour"));
    if (colour == NULL || (strcmp(colour, "RGB") != 0 && strcmp(colour, "BGR") != 0)) {
        return imi_manifest_bad_field(spec, "input.colour", "RGB or BGR", err);
    }
    spec->input.bgr = strcmp(colour, "BGR") == 0;
    const char *layout = json_string_value(json_object_get(input, "layout"));
    if (layout == NULL || strcmp(layout, "NCHW") != 0) {
        return imi_manifest_bad_field(spec, "input.layout",
                                      "NCHW (convert a network that takes NHWC)", err);
    }
    return IMI_OK;
}

/* One number, or one a channel. */
static imi_status parse_scale(const json_t *scale, imi_model_spec *spec, imi_error *err)
{
    if (json_is_array(scale) && json_array_size(scale) != 3) {
        scale = NULL;
    }
    for (size_t c = 0; c < 3; c++) {
        const json_t *value = json_is_array(scale) ? json_array_get(scale, c) : scale;
        if (!imi_manifest_number(value, 1e-6, 1, &spec->input.scale[c])) {
            return imi_manifest_bad_field(spec, "input.scale",
                                          "a number above 0 and up to 1, or three", err);
        }
    }
    return IMI_OK;
}

static imi_status parse_input(const json_t *object, imi_model_spec *spec, imi_error *err)
{
    const json_t *input = json_object_get(object, "input");
    if (!imi_manifest_count(json_object_get(input, "width"), SIDE_MAX, &spec->input.width) ||
        !imi_manifest_count(json_object_get(input, "height"), SIDE_MAX, &spec->input.height)) {
        return imi_manifest_bad_field(spec, "input.width and .height",
                                      "whole numbers from 1 to 1024", err);
    }
    IMI_TRY(parse_colour(input, spec, err));
    const json_t *mean = json_object_get(input, "mean");
    for (size_t c = 0; c < 3; c++) {
        if (!imi_manifest_number(json_array_get(mean, c), 0, 255, &spec->input.mean[c])) {
            return imi_manifest_bad_field(spec, "input.mean", "three numbers from 0 to 255", err);
        }
    }
    IMI_TRY(parse_scale(json_object_get(input, "scale"), spec, err));
    const json_t *crop = json_object_get(input, "crop_scale");
    if (crop != NULL && !imi_manifest_number(crop, 0.1, 10, &spec->input.crop_scale)) {
        return imi_manifest_bad_field(spec, "input.crop_scale", "a number from 0.1 to 10", err);
    }
    return IMI_OK;
}

static imi_status parse_output(const json_t *output, imi_model_spec *spec, imi_error *err)
{
    imi_model_output *out = &spec->outputs[spec->output_count++];
    IMI_TRY(imi_manifest_parse_text(output, "name", spec, out->name, sizeof out->name, err));
    const json_t *shape = json_object_get(output, "shape");
    out->count = 1;
    for (size_t i = 0; i < json_array_size(shape); i++) {
        uint32_t side = 0;
        if (!imi_manifest_count(json_array_get(shape, i), VALUES_MAX / out->count, &side)) {
            return imi_manifest_bad_field(spec, "outputs.shape", "sizes of a small tensor", err);
        }
        out->count *= side;
    }
    return json_array_size(shape) > 0
               ? IMI_OK
               : imi_manifest_bad_field(spec, "outputs.shape", "an array of sizes", err);
}

static imi_status parse_outputs(const json_t *object, imi_model_spec *spec, imi_error *err)
{
    const json_t *outputs = json_object_get(object, "outputs");
    size_t count = json_array_size(outputs);
    if (count < 1 || count > IMI_MODEL_OUTPUTS_MAX) {
        return imi_manifest_bad_field(spec, "outputs", "an array of 1 to 4 outputs", err);
    }
    for (size_t i = 0; i < count; i++) {
        IMI_TRY(parse_output(json_array_get(outputs, i), spec, err));
    }
    return IMI_OK;
}

static imi_status parse_extractor(const json_t *object, imi_model_spec *spec, imi_error *err)
{
    if (!imi_manifest_count(json_object_get(object, "template_length"), IMI_EXTRACTOR_DIM_MAX,
                            &spec->template_length) ||
        spec->template_length != spec->outputs[0].count || spec->output_count != 1) {
        return imi_manifest_bad_field(spec, "template_length",
                                      "the length of the one output, from 1 to 512", err);
    }
    return imi_manifest_parse_alignment(object, spec, err);
}

imi_status imi_manifest_parse_model(const json_t *object, imi_model_spec *spec, imi_error *err)
{
    IMI_TRY(parse_id(object, spec, err));
    IMI_TRY(parse_role(object, spec, err));
    const json_t *required = json_object_get(object, "required");
    if (!json_is_boolean(required)) {
        return imi_manifest_bad_field(spec, "required", "true or false", err);
    }
    spec->required = json_is_true(required);
    spec->builtin = json_is_string(json_object_get(object, "builtin"));
    if (spec->builtin && spec->role == IMI_MODEL_EXTRACTOR) {
        return imi_manifest_bad_field(spec, "builtin",
                                      "absent: an extractor is a network in a file", err);
    }
    if (spec->builtin) {
        return IMI_OK;
    }
    IMI_TRY(parse_file(object, spec, err));
    IMI_TRY(parse_input(object, spec, err));
    IMI_TRY(parse_outputs(object, spec, err));
    return spec->role == IMI_MODEL_EXTRACTOR ? parse_extractor(object, spec, err) : IMI_OK;
}
