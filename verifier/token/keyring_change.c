#include "imi/crypto.h"
#include "key_pem.h"
#include "keyring_parts.h"

#include <stdio.h>
#include <string.h>

/* The PEM of the installation's only key so far, sealed as the ring's keys are. */
static imi_status adopt_first_key(imi_keyring *ring, const char *path, imi_error *err)
{
    IMI_AUTO_BUFFER pem = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER sealed = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER pass_phrase = IMI_BUFFER_INIT;
    IMI_AUTO_PKEY key = NULL;
    const imi_keyring_options *options = &ring->options;
    imi_status status =
        imi_private_file_read(options->first_key_path, IMI_PEM_BYTES_MAX, &pem, err);
    if (status == IMI_E_NOT_FOUND) {
        return IMI_OK;
    }
    IMI_TRY(status);
    IMI_TRY(imi_key_pem_parse(imi_algorithm_named("ES256"), (imi_view){0}, imi_buffer_view(&pem),
                              options->first_key_path, &key, err));
    if (options->pass_phrase_path != NULL) {
        IMI_TRY(imi_pass_phrase_read(options->pass_phrase_path, &pass_phrase, err));
    }
    IMI_TRY(imi_key_pem_render(key, imi_buffer_view(&pass_phrase), &sealed, err));
    return imi_file_write(path, imi_buffer_view(&sealed), 0600, err);
}

static bool has_had(const imi_keyring_state *state, const char *algorithm)
{
    bool found = false;
    for (size_t i = 0; i < state->count; i++) {
        found = found || strcmp(state->entries[i].algorithm, algorithm) == 0;
    }
    return found;
}

/* Where the new key lies. A file is made when its signer is opened. */
static imi_status choose_source(imi_keyring *ring, const imi_keyring_change *what,
                                imi_keyring_entry *out, imi_error *err)
{
    imi_copy_text(out->algorithm, sizeof out->algorithm, what->algorithm);
    if (what->key_label != NULL) {
        imi_copy_text(out->source, sizeof out->source, "pkcs11");
        if (!imi_copy_text(out->name, sizeof out->name, what->key_label)) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the key's label is too long");
        }
        return IMI_OK;
    }
    char id[IMI_ID_SIZE], path[IMI_KEYRING_PATH_SIZE];
    imi_copy_text(out->source, sizeof out->source, "file");
    IMI_TRY(imi_id_new("key", id, err));
    snprintf(out->name, sizeof out->name, "%s.pem", id);
    IMI_TRY(imi_keyring_path(ring, out->name, path, err));
    bool adopts = ring->options.first_key_path != NULL && strcmp(what->algorithm, "ES256") == 0 &&
                  !has_had(&ring->state, "ES256");
    return adopts ? adopt_first_key(ring, path, err) : IMI_OK;
}

imi_status imi_keyring_announce(imi_keyring *ring, const imi_keyring_change *what, imi_error *err)
{
    if (imi_keyring_state_waiting(&ring->state, what->algorithm, what->now_s) != NULL) {
        IMI_FAIL(err, IMI_E_CONFLICT, "a key for %s is announced and does not sign yet",
                 what->algorithm);
    }
    imi_keyring_entry key = {0};
    imi_signer *signer = NULL;
    IMI_TRY(choose_source(ring, what, &key, err));
    IMI_TRY(imi_keyring_hold(ring, &key, &signer, err));
    imi_copy_text(key.key_id, sizeof key.key_id, signer->key_id);
    imi_keyring_state state = ring->state;
    imi_keyring_entry fresh;
    IMI_TRY(imi_keyring_state_announce(&state, &key, what->now_s, ring->options.overlap_s,
                                       ring->options.keep_s, &fresh, err));
    IMI_TRY(imi_keyring_write_state(ring, &state, err));
    if (what->entry_out != NULL) {
        *what->entry_out = fresh;
    }
    return IMI_OK;
}

imi_status imi_keyring_drop_key(imi_keyring *ring, const imi_keyring_change *what, imi_error *err)
{
    imi_keyring_state state = ring->state;
    IMI_TRY(imi_keyring_state_drop(&state, what->key_id, what->now_s, err));
    return imi_keyring_write_state(ring, &state, err);
}

static imi_status keep_retired(imi_keyring *ring, int64_t now_s, imi_error *err)
{
    imi_keyring_state state = ring->state;
    bool changed = imi_keyring_state_keep(&state, now_s, ring->options.keep_s);
    return changed ? imi_keyring_write_state(ring, &state, err) : IMI_OK;
}

imi_status imi_keyring_provide(imi_keyring *ring, const imi_keyring_change *what, imi_error *err)
{
    IMI_TRY(keep_retired(ring, what->now_s, err));
    for (size_t i = 0; i < ring->options.algorithm_count; i++) {
        imi_keyring_change first = {.algorithm = ring->options.algorithms[i], .now_s = what->now_s};
        if (imi_keyring_state_signing(&ring->state, first.algorithm, what->now_s) == NULL) {
            IMI_TRY(imi_keyring_announce(ring, &first, err));
        }
    }
    return IMI_OK;
}
