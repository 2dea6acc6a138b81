/**
 * The key that a phone makes for one session: P-256, never leaves the phone.
 */
#ifndef IMI_TOOLS_DEVICE_KEY_H
#define IMI_TOOLS_DEVICE_KEY_H

#include "imi/bytes.h"
#include "imi/memory.h"
#include "imi/status.h"
#include "imi_core/frame_chain.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct imi_device_key imi_device_key;

/** Make a fresh key. Errors: IMI_E_CRYPTO, IMI_E_NO_MEMORY. */
IMI_MUST_USE imi_status imi_device_key_new(imi_device_key **out, imi_error *err);
void imi_device_key_destroy(imi_device_key **key);
IMI_AUTO_DEFINE(imi_device_key, imi_device_key_destroy)

/** Public key as SubjectPublicKeyInfo DER, 91 bytes; borrowed from the key. */
imi_view imi_device_key_spki(const imi_device_key *key);

/** Append the private key as PEM (PKCS #8), for who presents a credential with it later. */
IMI_MUST_USE imi_status imi_device_key_pem(const imi_device_key *key, imi_buffer *out,
                                           imi_error *err);

/**
 * Sign one link of the frame chain: ES256 over imi_core_frame_message.
 *
 * Threads: one thread a key.
 */
IMI_MUST_USE imi_status imi_device_key_sign_frame(imi_device_key *key,
                                                  const imi_core_frame_link *link,
                                                  uint8_t out[IMI_CORE_SIGNATURE_SIZE],
                                                  imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
