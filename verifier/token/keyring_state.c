#include "keyring_state.h"

#include <string.h>

static bool is_usable(const imi_keyring_entry *entry, const char *algorithm, int64_t now_s)
{
    return strcmp(entry->algorithm, algorithm) == 0 &&
           (entry->retires_s == 0 || entry->retires_s > now_s) &&
           imi_keyring_entry_is_published(entry, now_s);
}

bool imi_keyring_entry_is_published(const imi_keyring_entry *entry, int64_t now_s)
{
    /* A clock that was set back must not take a key out of the set: announced_s is not looked at.
     */
    return entry->dropped_s == 0 || entry->dropped_s > now_s;
}

/* Of two keys the one to sign with. Where none has begun, because a clock was set back or another
 * machine's is ahead, the first to begin does. */
static bool is_better(const imi_keyring_entry *entry, const imi_keyring_entry *than, int64_t now_s)
{
    bool has_begun = entry->signs_from_s <= now_s;
    if (than == NULL || has_begun != (than->signs_from_s <= now_s)) {
        return than == NULL || has_begun;
    }
    return has_begun ? entry->signs_from_s >= than->signs_from_s
                     : entry->signs_from_s < than->signs_from_s;
}

imi_keyring_entry *imi_keyring_state_signing(imi_keyring_state *state, const char *algorithm,
                                             int64_t now_s)
{
    imi_keyring_entry *found = NULL;
    for (size_t i = 0; i < state->count; i++) {
        imi_keyring_entry *entry = &state->entries[i];
        if (is_usable(entry, algorithm, now_s) && is_better(entry, found, now_s)) {
            found = entry;
        }
    }
    return found;
}

imi_keyring_entry *imi_keyring_state_waiting(imi_keyring_state *state, const char *algorithm,
                                             int64_t now_s)
{
    const imi_keyring_entry *signing = imi_keyring_state_signing(state, algorithm, now_s);
    for (size_t i = 0; i < state->count; i++) {
        imi_keyring_entry *entry = &state->entries[i];
        if (is_usable(entry, algorithm, now_s) && entry->signs_from_s > now_s && entry != signing) {
            return entry;
        }
    }
    return NULL;
}

static imi_status make_room(imi_keyring_state *state, int64_t now_s, imi_error *err)
{
    if (state->count < IMI_KEYRING_MAX) {
        return IMI_OK;
    }
    for (size_t i = 0; i < state->count; i++) {
        if (imi_keyring_entry_is_published(&state->entries[i], now_s)) {
            continue;
        }
        state->count--;
        for (size_t k = i; k < state->count; k++) {
            state->entries[k] = state->entries[k + 1];
        }
        return IMI_OK;
    }
    IMI_FAIL(err, IMI_E_EXHAUSTED, "the keyring holds %d keys, and none was dropped",
             IMI_KEYRING_MAX);
}

imi_status imi_keyring_state_announce(imi_keyring_state *state, const imi_keyring_entry *key,
                                      int64_t now_s, int64_t overlap_s, int64_t keep_s,
                                      imi_keyring_entry *out, imi_error *err)
{
    for (size_t i = 0; i < state->count; i++) {
        if (strcmp(state->entries[i].key_id, key->key_id) == 0) {
            IMI_FAIL(err, IMI_E_CONFLICT, "the key is in the keyring already");
        }
    }
    IMI_TRY(make_room(state, now_s, err));
    imi_keyring_entry *before = imi_keyring_state_signing(state, key->algorithm, now_s);
    imi_keyring_entry fresh = *key;
    fresh.announced_s = now_s;
    fresh.signs_from_s = before == NULL ? now_s : now_s + overlap_s;
    if (before != NULL) {
        before->retires_s = fresh.signs_from_s;
        before->dropped_s = fresh.signs_from_s + keep_s;
    }
    state->entries[state->count++] = fresh;
    *out = fresh;
    return IMI_OK;
}

bool imi_keyring_state_keep(imi_keyring_state *state, int64_t now_s, int64_t keep_s)
{
    bool changed = false;
    for (size_t i = 0; i < state->count; i++) {
        imi_keyring_entry *entry = &state->entries[i];
        /* The times of a stolen key are one: by them a clock that was set back knows it, too. */
        bool retires = entry->retires_s < entry->dropped_s;
        if (retires && imi_keyring_entry_is_published(entry, now_s) &&
            entry->dropped_s < entry->retires_s + keep_s) {
            entry->dropped_s = entry->retires_s + keep_s;
            changed = true;
        }
    }
    return changed;
}

imi_status imi_keyring_state_drop(imi_keyring_state *state, const char *key_id, int64_t now_s,
                                  imi_error *err)
{
    imi_keyring_entry *stolen = NULL;
    for (size_t i = 0; i < state->count; i++) {
        bool is_it = strcmp(state->entries[i].key_id, key_id) == 0;
        stolen = is_it ? &state->entries[i] : stolen;
    }
    if (stolen == NULL || !imi_keyring_entry_is_published(stolen, now_s)) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "the keyring has no such key");
    }
    imi_keyring_entry *waiting = imi_keyring_state_waiting(state, stolen->algorithm, now_s);
    bool signs = imi_keyring_state_signing(state, stolen->algorithm, now_s) == stolen;
    if (signs && waiting == NULL) {
        IMI_FAIL(err, IMI_E_CONFLICT, "no other key for %s is announced: rotate first",
                 stolen->algorithm);
    }
    if (signs) {
        waiting->signs_from_s = now_s;
    }
    if (stolen == waiting) {
        /* Its predecessor goes on. */
        imi_keyring_entry *signing = imi_keyring_state_signing(state, stolen->algorithm, now_s);
        signing->retires_s = 0;
        signing->dropped_s = 0;
    }
    stolen->retires_s = now_s;
    stolen->dropped_s = now_s;
    return IMI_OK;
}
