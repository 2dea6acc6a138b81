/*
 * models.local.json: a deployment's own template extractors beside the shipped ones. Only
 * extractors can be brought: the code behind every other role knows its network.
 */
#include "manifest_entry.h"
#include "manifest_fields.h"

#include <string.h>

/* Leaves room for "@", the digest of the weights and that of the pre-processing in a model id. */
enum { LOCAL_ID_LENGTH_MAX = 40 };

static imi_model_spec *find(imi_manifest *manifest, const char *id)
{
    for (size_t i = 0; i < manifest->count; i++) {
        if (strcmp(manifest->models[i].id, id) == 0) {
            return &manifest->models[i];
        }
    }
    return NULL;
}

static void remove_model(imi_manifest *manifest, imi_model_spec *spec)
{
    manifest->count--;
    for (; spec < manifest->models + manifest->count; spec++) {
        spec[0] = spec[1];
    }
}

static imi_status leave_out(const json_t *id, imi_manifest *manifest, imi_error *err)
{
    const char *name = json_string_value(id);
    imi_model_spec *spec = name == NULL ? NULL : find(manifest, name);
    if (spec == NULL || spec->role != IMI_MODEL_EXTRACTOR) {
        IMI_FAIL(err, IMI_E_MANIFEST,
                 "field 'without' must list ids of shipped extractors; '%s' "
                 "is none",
                 name == NULL ? "" : name);
    }
    remove_model(manifest, spec);
    return IMI_OK;
}

static imi_status parse_local(const json_t *object, imi_model_spec *spec, imi_error *err)
{
    IMI_TRY(imi_manifest_parse_model(object, spec, err));
    if (spec->role != IMI_MODEL_EXTRACTOR) {
        return imi_manifest_bad_field(spec, "role", "extractor: no other can be brought", err);
    }
    if (strlen(spec->id) > LOCAL_ID_LENGTH_MAX) {
        return imi_manifest_bad_field(spec, "id", "at most 40 characters long", err);
    }
    spec->local = true;
    return imi_manifest_parse_file_name(object, "card", spec, spec->card, sizeof spec->card, err);
}

static imi_status add(const json_t *object, imi_manifest *manifest, imi_error *err)
{
    imi_model_spec spec = {.id = ""};
    IMI_TRY(parse_local(object, &spec, err));
    imi_model_spec *place = find(manifest, spec.id);
    if (place != NULL && (place->local || place->role != IMI_MODEL_EXTRACTOR)) {
        return imi_manifest_bad_field(&spec, "id", "new, or that of one shipped extractor", err);
    }
    if (place == NULL && manifest->count == IMI_MODELS_MAX) {
        IMI_FAIL(err, IMI_E_MANIFEST, "no place is left for model '%s'", spec.id);
    }
    *(place != NULL ? place : &manifest->models[manifest->count++]) = spec;
    return IMI_OK;
}

static imi_status apply(const json_t *root, imi_manifest *manifest, imi_error *err)
{
    if (json_integer_value(json_object_get(root, "format")) != IMI_MANIFEST_FORMAT) {
        IMI_FAIL(err, IMI_E_MANIFEST, "field 'format' must be %d", IMI_MANIFEST_FORMAT);
    }
    const json_t *without = json_object_get(root, "without");
    const json_t *models = json_object_get(root, "models");
    if ((without != NULL && !json_is_array(without)) || !json_is_array(models)) {
        IMI_FAIL(err, IMI_E_MANIFEST, "fields 'models' and, if given, 'without' must be lists");
    }
    for (size_t i = 0; i < json_array_size(without); i++) {
        IMI_TRY(leave_out(json_array_get(without, i), manifest, err));
    }
    for (size_t i = 0; i < json_array_size(models); i++) {
        IMI_TRY(add(json_array_get(models, i), manifest, err));
    }
    return IMI_OK;
}

/* The reader of entries names the file that most of them are in. */
static const char *without_file_name(const char *message)
{
    static const char name[] = "manifest: ";
    return strncmp(message, name, sizeof name - 1) == 0 ? message + sizeof name - 1 : message;
}

imi_status imi_manifest_apply_local(imi_view json, imi_manifest *manifest, imi_error *err)
{
    imi_error found = IMI_ERROR_INIT;
    json_error_t where;
    json_t *root = json_loadb((const char *)json.data, json.size, JSON_REJECT_DUPLICATES, &where);
    if (root == NULL) {
        IMI_FAIL(err, IMI_E_MANIFEST, "models.local.json: line %d: %s", where.line, where.text);
    }
    imi_manifest changed = *manifest;
    imi_status status = apply(root, &changed, &found);
    json_decref(root);
    if (status != IMI_OK) {
        IMI_FAIL(err, status, "models.local.json: %s", without_file_name(found.message));
    }
    *manifest = changed;
    return IMI_OK;
}
