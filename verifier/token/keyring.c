#include "keyring_parts.h"

#include "algorithm.h"

#include <errno.h>
#include <string.h>

static imi_status keep_texts(imi_keyring *ring, const imi_keyring_options *options, imi_error *err)
{
    const char *given[IMI_KEYRING_OPTION_TEXTS] = {options->folder, options->pass_phrase_path,
                                                   options->module_path, options->token_label,
                                                   options->pin_path};
    for (size_t i = 0; i < IMI_KEYRING_OPTION_TEXTS; i++) {
        ring->texts[i] = given[i] == NULL ? NULL : imi_strdup(given[i]);
        if (given[i] != NULL && ring->texts[i] == NULL) {
            IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a keyring");
        }
    }
    ring->options = *options;
    ring->options.folder = ring->texts[0];
    ring->options.pass_phrase_path = ring->texts[1];
    ring->options.module_path = ring->texts[2];
    ring->options.token_label = ring->texts[3];
    ring->options.pin_path = ring->texts[4];
    ring->options.overlap_s = options->overlap_s > 0 ? options->overlap_s : IMI_KEYRING_OVERLAP_S;
    ring->options.keep_s = options->keep_s > 0 ? options->keep_s : IMI_KEYRING_KEEP_S;
    return IMI_OK;
}

static imi_status check_options(const imi_keyring_options *options, int64_t now_s, imi_error *err)
{
    if (options->folder == NULL || options->folder[0] == '\0' || now_s <= 0 ||
        options->overlap_s < 0 || options->keep_s < 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a keyring needs a folder and the time");
    }
    for (size_t i = 0; i < options->algorithm_count; i++) {
        if (imi_algorithm_named(options->algorithms[i]) == NULL) {
            IMI_FAIL(err, IMI_E_UNSUPPORTED, "an algorithm of the keyring is not supported");
        }
    }
    return IMI_OK;
}

void imi_keyring_destroy(imi_keyring **ring)
{
    if (ring == NULL || *ring == NULL) {
        return;
    }
    imi_keyring *taken = IMI_STEAL(ring);
    while (taken->held != NULL) {
        imi_held_signer *held = taken->held;
        taken->held = held->next;
        imi_signer_destroy(&held->signer);
        imi_free(held);
    }
    for (size_t i = 0; i < IMI_KEYRING_OPTION_TEXTS; i++) {
        imi_free(taken->texts[i]);
    }
    pthread_mutex_destroy(&taken->lock);
    imi_free(taken);
}

imi_status imi_keyring_open(const imi_keyring_options *options, int64_t now_s, imi_keyring **out,
                            imi_error *err)
{
    *out = NULL;
    IMI_TRY(check_options(options, now_s, err));
    if (mkdir(options->folder, 0700) != 0 && errno != EEXIST) {
        IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot make the keyring's folder %s: %s",
                         options->folder, strerror(errno));
    }
    imi_keyring *fresh = imi_alloc(sizeof *fresh);
    if (fresh == NULL || pthread_mutex_init(&fresh->lock, NULL) != 0) {
        imi_free(fresh);
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a keyring");
    }
    IMI_AUTO(imi_keyring) ring = fresh;
    imi_keyring_change start = {.now_s = now_s};
    IMI_TRY(keep_texts(ring, options, err));
    IMI_TRY(imi_keyring_change_state(ring, imi_keyring_provide, &start, err));
    /* Needed at opening alone, and the caller's. */
    ring->options.algorithms = NULL;
    ring->options.first_key_path = NULL;
    /* A key that cannot be loaded is told of now, not at the first token. */
    for (size_t i = 0; i < ring->state.count; i++) {
        imi_signer *signer = NULL;
        if (imi_keyring_entry_is_published(&ring->state.entries[i], now_s)) {
            IMI_TRY(imi_keyring_signer_of(ring, &ring->state.entries[i], &signer, err));
        }
    }
    *out = IMI_STEAL(&ring);
    return IMI_OK;
}

/* --- Use ------------------------------------------------------------------------------------- */

static imi_status find_signer(imi_keyring *ring, const char *algorithm, int64_t now_s,
                              imi_signer **borrowed_out, imi_error *err)
{
    IMI_TRY(imi_keyring_read_state(ring, err));
    const imi_keyring_entry *entry = imi_keyring_state_signing(&ring->state, algorithm, now_s);
    if (entry == NULL) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "the keyring has no key that signs %s now", algorithm);
    }
    return imi_keyring_signer_of(ring, entry, borrowed_out, err);
}

imi_status imi_keyring_signer(imi_keyring *ring, const char *algorithm, int64_t now_s,
                              imi_signer **borrowed_out, imi_error *err)
{
    *borrowed_out = NULL;
    pthread_mutex_lock(&ring->lock);
    imi_status status = find_signer(ring, algorithm, now_s, borrowed_out, err);
    pthread_mutex_unlock(&ring->lock);
    return status;
}

static imi_status render_published(imi_keyring *ring, int64_t now_s, imi_buffer *json_out,
                                   imi_error *err)
{
    imi_signer *signers[IMI_KEYRING_MAX];
    size_t count = 0;
    IMI_TRY(imi_keyring_read_state(ring, err));
    for (size_t i = 0; i < ring->state.count; i++) {
        const imi_keyring_entry *entry = &ring->state.entries[i];
        if (imi_keyring_entry_is_published(entry, now_s)) {
            IMI_TRY(imi_keyring_signer_of(ring, entry, &signers[count++], err));
        }
    }
    return imi_jwks_render(signers, count, json_out, err);
}

imi_status imi_keyring_jwks(imi_keyring *ring, int64_t now_s, imi_buffer *json_out, imi_error *err)
{
    pthread_mutex_lock(&ring->lock);
    imi_status status = render_published(ring, now_s, json_out, err);
    pthread_mutex_unlock(&ring->lock);
    return status;
}

imi_status imi_keyring_rotate(imi_keyring *ring, const char *algorithm, const char *key_label,
                              int64_t now_s, imi_keyring_entry *out, imi_error *err)
{
    if (imi_algorithm_named(algorithm) == NULL) {
        IMI_FAIL(err, IMI_E_UNSUPPORTED, "the algorithm is not supported");
    }
    imi_keyring_change what = {
        .algorithm = algorithm, .key_label = key_label, .now_s = now_s, .entry_out = out};
    pthread_mutex_lock(&ring->lock);
    imi_status status = imi_keyring_change_state(ring, imi_keyring_announce, &what, err);
    pthread_mutex_unlock(&ring->lock);
    return status;
}

imi_status imi_keyring_drop(imi_keyring *ring, const char *key_id, int64_t now_s, imi_error *err)
{
    imi_keyring_change what = {.key_id = key_id, .now_s = now_s};
    pthread_mutex_lock(&ring->lock);
    imi_status status = imi_keyring_change_state(ring, imi_keyring_drop_key, &what, err);
    pthread_mutex_unlock(&ring->lock);
    return status;
}

imi_status imi_keyring_list(imi_keyring *ring, imi_keyring_entry *out, size_t *count_out,
                            imi_error *err)
{
    *count_out = 0;
    pthread_mutex_lock(&ring->lock);
    imi_status status = imi_keyring_read_state(ring, err);
    for (size_t i = 0; status == IMI_OK && i < ring->state.count; i++) {
        out[(*count_out)++] = ring->state.entries[i];
    }
    pthread_mutex_unlock(&ring->lock);
    return status;
}
