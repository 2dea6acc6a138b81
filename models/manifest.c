#include "manifest.h"

#include "manifest_entry.h"
#include "manifest_fields.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <string.h>

static imi_status check_unique(const imi_manifest *manifest, imi_error *err)
{
    for (size_t i = 0; i < manifest->count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (strcmp(manifest->models[i].id, manifest->models[j].id) == 0) {
                return imi_manifest_bad_field(&manifest->models[i], "id", "unique", err);
            }
        }
    }
    return IMI_OK;
}

static imi_status parse_root(const json_t *root, imi_manifest *out, imi_error *err)
{
    if (json_integer_value(json_object_get(root, "format")) != IMI_MANIFEST_FORMAT) {
        IMI_FAIL(err, IMI_E_MANIFEST, "manifest: field 'format' must be %d", IMI_MANIFEST_FORMAT);
    }
    const json_t *models = json_object_get(root, "models");
    if (json_array_size(models) < 1 || json_array_size(models) > IMI_MODELS_MAX) {
        IMI_FAIL(err, IMI_E_MANIFEST, "manifest: field 'models' must hold 1 to %d models",
                 IMI_MODELS_MAX);
    }
    for (size_t i = 0; i < json_array_size(models); i++) {
        IMI_TRY(
            imi_manifest_parse_model(json_array_get(models, i), &out->models[out->count++], err));
    }
    return check_unique(out, err);
}

imi_status imi_manifest_parse(imi_view json, imi_manifest *out, imi_error *err)
{
    *out = (imi_manifest){.count = 0};
    json_error_t where;
    json_t *root = json_loadb((const char *)json.data, json.size, JSON_REJECT_DUPLICATES, &where);
    if (root == NULL) {
        IMI_FAIL(err, IMI_E_MANIFEST, "manifest: line %d: %s", where.line, where.text);
    }
    imi_status status = parse_root(root, out, err);
    json_decref(root);
    if (status != IMI_OK) {
        *out = (imi_manifest){.count = 0};
    }
    return status;
}

imi_status imi_manifest_digest(imi_view bytes, char out[IMI_SHA256_HEX_SIZE], imi_error *err)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    out[0] = '\0';
    if (EVP_Digest(bytes.data, bytes.size, digest, &size, EVP_sha256(), NULL) != 1) {
        IMI_FAIL(err, IMI_E_CRYPTO, "SHA-256 could not be computed");
    }
    imi_hex_encode((imi_view){digest, size}, out);
    return IMI_OK;
}

imi_status imi_manifest_check_digest(const imi_model_spec *spec, imi_view bytes, imi_error *err)
{
    char text[IMI_SHA256_HEX_SIZE];
    IMI_TRY(imi_manifest_digest(bytes, text, err));
    if (strcmp(text, spec->sha256) != 0) {
        IMI_FAIL(err, IMI_E_MODEL_DIGEST, "%s is not the file that the manifest names: %s",
                 spec->file,
                 spec->local ? "correct its sha256 in models.local.json, or get the right file"
                             : "run tools/setup-models");
    }
    return IMI_OK;
}
