#include "keyring_parts.h"

#include <stdio.h>
#include <string.h>

imi_status imi_keyring_path(const imi_keyring *ring, const char *name,
                            char out[IMI_KEYRING_PATH_SIZE], imi_error *err)
{
    int size = snprintf(out, IMI_KEYRING_PATH_SIZE, "%s/%s", ring->options.folder, name);
    if (size < 0 || size >= IMI_KEYRING_PATH_SIZE) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the keyring's path is too long");
    }
    return IMI_OK;
}

static imi_signer *find_held(const imi_keyring *ring, const char *key_id)
{
    for (imi_held_signer *held = ring->held; held != NULL; held = held->next) {
        if (strcmp(held->signer->key_id, key_id) == 0) {
            return held->signer;
        }
    }
    return NULL;
}

static imi_status open_source(const imi_keyring *ring, const imi_keyring_entry *entry,
                              imi_signer **out, imi_error *err)
{
    const imi_keyring_options *options = &ring->options;
    if (strcmp(entry->source, "pkcs11") == 0) {
        imi_signer_pkcs11_options token = {options->module_path, options->token_label, entry->name,
                                           entry->algorithm, options->pin_path};
        return imi_signer_pkcs11_open(&token, out, err);
    }
    char path[IMI_KEYRING_PATH_SIZE];
    IMI_TRY(imi_keyring_path(ring, entry->name, path, err));
    imi_signer_file_options file = {path, entry->algorithm, options->pass_phrase_path};
    return imi_signer_file_open(&file, out, err);
}

imi_status imi_keyring_hold(imi_keyring *ring, const imi_keyring_entry *entry,
                            imi_signer **borrowed_out, imi_error *err)
{
    IMI_AUTO(imi_signer) signer = NULL;
    IMI_TRY(open_source(ring, entry, &signer, err));
    imi_held_signer *held = imi_alloc(sizeof *held);
    if (held == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a signer");
    }
    *held = (imi_held_signer){IMI_STEAL(&signer), ring->held};
    ring->held = held;
    *borrowed_out = held->signer;
    return IMI_OK;
}

imi_status imi_keyring_signer_of(imi_keyring *ring, const imi_keyring_entry *entry,
                                 imi_signer **borrowed_out, imi_error *err)
{
    *borrowed_out = find_held(ring, entry->key_id);
    if (*borrowed_out == NULL) {
        IMI_TRY(imi_keyring_hold(ring, entry, borrowed_out, err));
    }
    if (strcmp((*borrowed_out)->key_id, entry->key_id) != 0) {
        *borrowed_out = NULL;
        IMI_FAIL(err, IMI_E_KEY, "the key %s is not the one that the keyring knows", entry->name);
    }
    return IMI_OK;
}
