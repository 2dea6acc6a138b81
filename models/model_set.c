#include "imi_models/models.h"

#include "imi/log.h"
#include "parts.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    PATH_SIZE = 4096,
    FILE_LIMIT = 256U << 20,
    MANIFEST_LIMIT = 1U << 20,
    CARD_LIMIT = 1U << 20
};

/* Loads one manifest entry into its place in the set. */
typedef imi_status (*add_function)(const imi_model_spec *spec, imi_view file, imi_model_set *set,
                                   imi_error *err);

static imi_status twice(const imi_model_spec *spec, imi_error *err)
{
    IMI_FAIL(err, IMI_E_MANIFEST, "manifest: no place is left for model '%s' in its role",
             spec->id);
}

static imi_status add_blazeface(const imi_model_spec *spec, imi_view file, imi_model_set *set,
                                imi_error *err)
{
    return set->detector != NULL ? twice(spec, err)
                                 : imi_blazeface_new(spec, file, &set->detector, err);
}

static imi_status add_hog(const imi_model_spec *spec, imi_view file, imi_model_set *set,
                          imi_error *err)
{
    return set->cross_check != NULL ? twice(spec, err)
                                    : imi_hog_detector_new(spec, file, &set->cross_check, err);
}

static imi_status add_facemesh(const imi_model_spec *spec, imi_view file, imi_model_set *set,
                               imi_error *err)
{
    return set->landmarker != NULL ? twice(spec, err)
                                   : imi_facemesh_new(spec, file, &set->landmarker, err);
}

static imi_status add_extractor(const imi_model_spec *spec, imi_view file, imi_model_set *set,
                                imi_error *err)
{
    if (set->extractor_count == IMI_MODELS_EXTRACTORS_MAX) {
        return twice(spec, err);
    }
    IMI_TRY(imi_onnx_extractor_new(spec, file, &set->extractors[set->extractor_count], err));
    set->extractor_count++;
    return IMI_OK;
}

static imi_status add_minifasnet(const imi_model_spec *spec, imi_view file, imi_model_set *set,
                                 imi_error *err)
{
    if (set->pad_count == IMI_MODELS_PADS_MAX) {
        return twice(spec, err);
    }
    IMI_TRY(imi_minifasnet_new(spec, file, &set->pads[set->pad_count], err));
    set->pad_count++;
    return IMI_OK;
}

typedef struct known_model {
    const char *id; /* NULL: any of the role */
    imi_model_role role;
    add_function add;
} known_model;

static const known_model KNOWN[] = {
    {"blazeface", IMI_MODEL_DETECTOR, add_blazeface},
    {"dlib_hog", IMI_MODEL_CROSS_CHECK, add_hog},
    {"facemesh", IMI_MODEL_LANDMARKER, add_facemesh},
    {NULL, IMI_MODEL_EXTRACTOR, add_extractor},
    {"minifasnet27", IMI_MODEL_PAD, add_minifasnet},
    {"minifasnet40", IMI_MODEL_PAD, add_minifasnet},
};

static const known_model *find_known(const imi_model_spec *spec)
{
    for (size_t i = 0; i < sizeof KNOWN / sizeof KNOWN[0]; i++) {
        bool fits = KNOWN[i].id == NULL || strcmp(KNOWN[i].id, spec->id) == 0;
        if (fits && KNOWN[i].role == spec->role) {
            return &KNOWN[i];
        }
    }
    return NULL;
}

static imi_status join(const char *folder, const char *name, char path[PATH_SIZE], imi_error *err)
{
    int length = snprintf(path, PATH_SIZE, "%s/%s", folder, name);
    if (length < 0 || length >= PATH_SIZE) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the path of the model folder is too long");
    }
    return IMI_OK;
}

static imi_status handle_absent(const imi_model_spec *spec, const char *folder, imi_error *err)
{
    if (spec->required) {
        IMI_FAIL(err, IMI_E_MODEL_MISSING, "required model %s/%s is missing: %s", folder,
                 spec->file,
                 spec->local ? "put it beside models.local.json" : "run tools/setup-models");
    }
    imi_log(IMI_LOG_WARNING, "models",
            "optional model '%s' is missing: what it is for will not run. %s", spec->id,
            spec->local ? "Put its file beside models.local.json"
                        : "tools/setup-models says where to get it");
    return IMI_OK;
}

/* Nobody should have to guess where weights come from and whom they were measured on. */
static imi_status check_card(const char *folder, const imi_model_spec *spec, imi_error *err)
{
    char path[PATH_SIZE];
    IMI_TRY(join(folder, spec->card, path, err));
    IMI_AUTO_BUFFER card = IMI_BUFFER_INIT;
    if (access(path, F_OK) == 0) {
        IMI_TRY(imi_file_read(path, CARD_LIMIT, &card, err));
    }
    if (card.size == 0) {
        IMI_FAIL(err, IMI_E_MANIFEST,
                 "models.local.json: the card of model '%s', %s, is missing or empty: write it as "
                 "docs/models.md says",
                 spec->id, path);
    }
    return IMI_OK;
}

static imi_status load_model(const char *folder, const imi_model_spec *spec, imi_model_set *set,
                             imi_error *err)
{
    const known_model *known = find_known(spec);
    if (known == NULL) {
        IMI_FAIL(err, IMI_E_MANIFEST,
                 "manifest: this build has no code for model '%s' in that role", spec->id);
    }
    if (spec->builtin) {
        return known->add(spec, (imi_view){NULL, 0}, set, err);
    }
    if (spec->local) {
        IMI_TRY(check_card(folder, spec, err));
    }
    char path[PATH_SIZE];
    IMI_TRY(join(folder, spec->file, path, err));
    if (access(path, F_OK) != 0) {
        return handle_absent(spec, folder, err);
    }
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    IMI_TRY(imi_file_read(path, FILE_LIMIT, &file, err));
    return known->add(spec, imi_buffer_view(&file), set, err);
}

static imi_status read_local(const char *folder, imi_manifest *manifest, imi_error *err)
{
    char path[PATH_SIZE];
    IMI_TRY(join(folder, "models.local.json", path, err));
    if (access(path, F_OK) != 0) {
        return IMI_OK;
    }
    IMI_AUTO_BUFFER json = IMI_BUFFER_INIT;
    IMI_TRY(imi_file_read(path, MANIFEST_LIMIT, &json, err));
    IMI_TRY(imi_manifest_apply_local(imi_buffer_view(&json), manifest, err));
    imi_log(IMI_LOG_INFO, "models", "template extractors as %s says", path);
    return IMI_OK;
}

static imi_status read_manifest(const char *folder, imi_manifest *out, imi_error *err)
{
    char path[PATH_SIZE];
    IMI_TRY(join(folder, "manifest.json", path, err));
    if (access(path, F_OK) != 0) {
        IMI_FAIL(err, IMI_E_MANIFEST, "%s is missing: run tools/setup-models", path);
    }
    IMI_AUTO_BUFFER json = IMI_BUFFER_INIT;
    IMI_TRY(imi_file_read(path, MANIFEST_LIMIT, &json, err));
    IMI_TRY(imi_manifest_parse(imi_buffer_view(&json), out, err));
    return read_local(folder, out, err);
}

static imi_status load_all(const char *folder, const imi_manifest *manifest, imi_model_set *set,
                           imi_error *err)
{
    for (size_t i = 0; i < manifest->count; i++) {
        IMI_TRY(load_model(folder, &manifest->models[i], set, err));
    }
    if (set->detector == NULL || set->landmarker == NULL || set->extractor_count == 0) {
        IMI_FAIL(err, IMI_E_MANIFEST,
                 "manifest: detector, landmarker and extractor are all needed");
    }
    return IMI_OK;
}

imi_status imi_model_set_load(const char *folder, imi_model_set *out, imi_error *err)
{
    *out = (imi_model_set){0};
    imi_manifest *manifest = imi_alloc(sizeof *manifest);
    if (manifest == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for the manifest");
    }
    imi_status status = read_manifest(folder, manifest, err);
    if (status == IMI_OK) {
        status = load_all(folder, manifest, out, err);
    }
    imi_free(manifest);
    if (status != IMI_OK) {
        imi_model_set_clean_up(out);
    }
    return status;
}

void imi_model_set_clean_up(imi_model_set *set)
{
    if (set->detector != NULL) {
        set->detector->destroy(set->detector);
    }
    if (set->cross_check != NULL) {
        set->cross_check->destroy(set->cross_check);
    }
    if (set->landmarker != NULL) {
        set->landmarker->destroy(set->landmarker);
    }
    for (size_t i = 0; i < set->extractor_count; i++) {
        set->extractors[i]->destroy(set->extractors[i]);
    }
    for (size_t i = 0; i < set->pad_count; i++) {
        set->pads[i]->destroy(set->pads[i]);
    }
    *set = (imi_model_set){0};
}

imi_engine_parts imi_model_set_parts(const imi_model_set *set)
{
    return (imi_engine_parts){
        .detector = set->detector,
        .cross_check = set->cross_check,
        .landmarker = set->landmarker,
        .extractors = set->extractors,
        .extractor_count = set->extractor_count,
        .pads = set->pads,
        .pad_count = set->pad_count,
    };
}
