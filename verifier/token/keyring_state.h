/**
 * What a keyring remembers, as a value: rules of rotation, and the state file's form.
 */
#ifndef IMI_TOKEN_KEYRING_STATE_H
#define IMI_TOKEN_KEYRING_STATE_H

#include "imi/keyring.h"

#include <stdbool.h>

enum { IMI_KEYRING_STATE_BYTES_MAX = 65536 }; /* of the file */

typedef struct imi_keyring_state {
    size_t count;
    imi_keyring_entry entries[IMI_KEYRING_MAX];
} imi_keyring_state;

/** The key that signs now; NULL if there is none. */
imi_keyring_entry *imi_keyring_state_signing(imi_keyring_state *state, const char *algorithm,
                                             int64_t now_s);
/** The key that is announced and does not sign yet; NULL if there is none. */
imi_keyring_entry *imi_keyring_state_waiting(imi_keyring_state *state, const char *algorithm,
                                             int64_t now_s);
/** In the key set. */
bool imi_keyring_entry_is_published(const imi_keyring_entry *entry, int64_t now_s);

/**
 * Add a key as imi_keyring_rotate says; the oldest key that was dropped makes room. No key of its
 * algorithm may be waiting.
 * Errors: IMI_E_CONFLICT if it was added before; IMI_E_EXHAUSTED if all keys are in use.
 */
IMI_MUST_USE imi_status imi_keyring_state_announce(imi_keyring_state *state,
                                                   const imi_keyring_entry *key, int64_t now_s,
                                                   int64_t overlap_s, int64_t keep_s,
                                                   imi_keyring_entry *out, imi_error *err);

/**
 * Let every retired key that is still in the key set stay for at least keep_s after it retired; not
 * one that was dropped because it may be stolen. Returns whether that changed any.
 */
bool imi_keyring_state_keep(imi_keyring_state *state, int64_t now_s, int64_t keep_s);

/** As imi_keyring_drop says. */
IMI_MUST_USE imi_status imi_keyring_state_drop(imi_keyring_state *state, const char *key_id,
                                               int64_t now_s, imi_error *err);

/** Errors: IMI_E_KEY. */
IMI_MUST_USE imi_status imi_keyring_state_parse(imi_view text, imi_keyring_state *out,
                                                imi_error *err);
IMI_MUST_USE imi_status imi_keyring_state_render(const imi_keyring_state *state, imi_buffer *out,
                                                 imi_error *err);

#endif
