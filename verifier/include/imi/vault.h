/**
 * The vault: one data key a subject, and sealing under it. Destroying a data key makes all that
 * was sealed under it unreadable, wherever copies of it lie.
 *
 * Data keys lie in a database of their own, apart from what they seal, so that a backup of the
 * data holds none; each is wrapped under a secret of the installation.
 *
 * Threads:   safe. Several processes may share a vault.
 * Ownership: text and bytes are borrowed for the call.
 */
#ifndef IMI_VAULT_H
#define IMI_VAULT_H

#include "imi/bytes.h"
#include "imi/crypto.h"
#include "imi/status.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct imi_vault imi_vault;

/**
 * Open the vault, made at first start.
 *
 * wrapping_secret: copied.
 * Errors: IMI_E_KEY if the secret is not the one that the vault was made with, IMI_E_STORE_*.
 */
IMI_MUST_USE imi_status imi_vault_open(const char *path,
                                       const uint8_t wrapping_secret[IMI_SECRET_SIZE],
                                       imi_vault **out, imi_error *err);
/** Wipes what it holds; accepts NULL, nulls the pointer. */
void imi_vault_close(imi_vault **vault);
IMI_AUTO_DEFINE(imi_vault, imi_vault_close)

/**
 * Id of the data key of a relying party's subject.
 *
 * make:   make one where there is none; it survives kill -9 when the call returns.
 * Errors: IMI_E_NOT_FOUND without make.
 */
IMI_MUST_USE imi_status imi_vault_find_key(imi_vault *vault, const char *relying_party,
                                           const char *subject_id, bool make,
                                           char key_id_out[IMI_ID_SIZE], imi_error *err);

/**
 * Seal: AES-256-GCM with a random nonce; appends to out.
 *
 * context: binds the sealed bytes to their place, such as "template:ref_..."; opening names the
 *          same one, so that nobody can move them.
 * Errors:  IMI_E_NOT_FOUND if the key was destroyed.
 */
IMI_MUST_USE imi_status imi_vault_seal(imi_vault *vault, const char *key_id, const char *context,
                                       imi_view plain, imi_buffer *out, imi_error *err);
/** Errors: IMI_E_NOT_FOUND if the key was destroyed, IMI_E_STORE_CORRUPT if the bytes or their
 * context are not those that were sealed. Appends to out. */
IMI_MUST_USE imi_status imi_vault_unseal(imi_vault *vault, const char *key_id, const char *context,
                                         imi_view sealed, imi_buffer *out, imi_error *err);

/** A data key at hand, for opening many things in a row: wipe it soon. */
typedef struct imi_vault_key {
    bool found; /* false: it was destroyed, and opens nothing */
    uint8_t bytes[32];
} imi_vault_key;

/** Read many keys at once, which costs hardly more than reading one. */
IMI_MUST_USE imi_status imi_vault_read_keys(imi_vault *vault, const char (*key_ids)[IMI_ID_SIZE],
                                            size_t count, imi_vault_key *out, imi_error *err);
/** As imi_vault_unseal. */
IMI_MUST_USE imi_status imi_vault_unseal_with(imi_vault *vault, const imi_vault_key *key,
                                              const char *context, imi_view sealed, imi_buffer *out,
                                              imi_error *err);

/** Destroy a data key for good, in every page of the vault. IMI_E_NOT_FOUND; IMI_E_STORE_BUSY
 * when another process holds the pages: call again. */
IMI_MUST_USE imi_status imi_vault_destroy_key(imi_vault *vault, const char *key_id, imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
