#include "jwk.h"

#include <string.h>

typedef struct set_key {
    const char *key_id; /* kept by the set's json */
    imi_jwk jwk;
    imi_error problem; /* why the key is not fit, or IMI_OK */
} set_key;

struct imi_key_set {
    json_t *json;
    size_t count;
    set_key *keys;
};

imi_status imi_jwks_render(imi_signer *const *signers, size_t count, imi_buffer *json_out,
                           imi_error *err)
{
    if (count == 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a key set needs at least one signer");
    }
    IMI_TRY(imi_buffer_append_text(json_out, "{\"keys\":[", err));
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            IMI_TRY(imi_buffer_append_text(json_out, ",", err));
        }
        IMI_TRY(signers[i]->public_jwk(signers[i], json_out, err));
    }
    return imi_buffer_append_text(json_out, "]}", err);
}

void imi_key_set_destroy(imi_key_set **set)
{
    if (set == NULL || *set == NULL) {
        return;
    }
    imi_key_set *taken = IMI_STEAL(set);
    for (size_t i = 0; i < taken->count; i++) {
        imi_jwk_clean_up(&taken->keys[i].jwk);
    }
    imi_free(taken->keys);
    json_decref(taken->json);
    imi_free(taken);
}

/* What is wrong with one key must not take the others away. */
static imi_status add_key(imi_key_set *set, const json_t *object, imi_error *err)
{
    const char *key_id = imi_json_text(object, "kid");
    if (key_id == NULL) {
        return IMI_OK;
    }
    set_key *key = &set->keys[set->count++];
    key->key_id = key_id;
    imi_status status = imi_jwk_read(object, &key->jwk, &key->problem);
    if (status != IMI_OK && status != IMI_E_KEY) {
        if (err != NULL) {
            *err = key->problem;
        }
        return status;
    }
    return IMI_OK;
}

imi_status imi_key_set_parse(imi_view jwks_json, imi_key_set **out, imi_error *err)
{
    *out = NULL;
    IMI_AUTO(imi_key_set) set = imi_alloc(sizeof *set);
    if (set == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a key set");
    }
    IMI_TRY(imi_json_parse_object(jwks_json, IMI_JWKS_BYTES_MAX, "the key set", IMI_E_KEY,
                                  &set->json, err));
    const json_t *keys = json_object_get(set->json, "keys");
    if (!json_is_array(keys)) {
        IMI_FAIL(err, IMI_E_KEY, "the key set has no array keys");
    }
    set->keys = imi_alloc_array(json_array_size(keys), sizeof *set->keys);
    if (set->keys == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a key set");
    }
    for (size_t i = 0; i < json_array_size(keys); i++) {
        IMI_TRY(add_key(set, json_array_get(keys, i), err));
    }
    *out = IMI_STEAL(&set);
    return IMI_OK;
}

static imi_status find_only(const imi_key_set *set, const char *key_id, const set_key **out,
                            imi_error *err)
{
    *out = NULL;
    for (size_t i = 0; i < set->count; i++) {
        if (strcmp(set->keys[i].key_id, key_id) != 0) {
            continue;
        }
        if (*out != NULL) {
            IMI_FAIL(err, IMI_E_KEY, "the key set names one kid twice");
        }
        *out = &set->keys[i];
    }
    if (*out == NULL) {
        IMI_FAIL(err, IMI_E_TOKEN_KEY_UNKNOWN, "no key of the set has the token's kid");
    }
    return IMI_OK;
}

imi_status imi_key_set_find(const imi_key_set *set, const char *key_id,
                            const imi_algorithm *algorithm, const EVP_MD_CTX **borrowed_out,
                            imi_error *err)
{
    *borrowed_out = NULL;
    const set_key *found = NULL;
    IMI_TRY(find_only(set, key_id, &found, err));
    if (found->problem.status != IMI_OK) {
        IMI_FAIL(err, IMI_E_KEY, "%s", found->problem.message);
    }
    if (found->jwk.algorithm != algorithm) {
        IMI_FAIL(err, IMI_E_KEY, "the key's kty and crv are not those of %s", algorithm->name);
    }
    *borrowed_out = found->jwk.verifier;
    return IMI_OK;
}
