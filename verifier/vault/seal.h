/**
 * Sealing under a key at hand: AES-256-GCM (NIST SP 800-38D).
 *
 * Sealed bytes are a version, a random nonce of 96 bits, the ciphertext and the tag. One key
 * may seal 2^32 times before nonces are likely enough to meet (SP 800-38D section 8.3).
 */
#ifndef IMI_VAULT_SEAL_H
#define IMI_VAULT_SEAL_H

#include "imi/bytes.h"
#include "imi/status.h"

#include <openssl/evp.h>

enum {
    IMI_SEAL_VERSION = 1,
    IMI_SEAL_KEY_SIZE = 32,
    IMI_SEAL_NONCE_SIZE = 12,
    IMI_SEAL_TAG_SIZE = 16,
    IMI_SEAL_OVERHEAD = 1 + IMI_SEAL_NONCE_SIZE + IMI_SEAL_TAG_SIZE
};

/** cipher: AES-256-GCM, fetched once. context: associated data. Appends to out. */
IMI_MUST_USE imi_status imi_seal(const EVP_CIPHER *cipher, const uint8_t key[IMI_SEAL_KEY_SIZE],
                                 const char *context, imi_view plain, imi_buffer *out,
                                 imi_error *err);
/** Appends to out. Errors: IMI_E_STORE_CORRUPT if anything differs from what was sealed. */
IMI_MUST_USE imi_status imi_unseal(const EVP_CIPHER *cipher, const uint8_t key[IMI_SEAL_KEY_SIZE],
                                   const char *context, imi_view sealed, imi_buffer *out,
                                   imi_error *err);

#endif
