/**
 * A phone's P-256 key, made with OpenSSL, and the chain of frames that it signs.
 */
#ifndef IMI_TESTS_DEVICE_KEY_H
#define IMI_TESTS_DEVICE_KEY_H

#include "imi/bytes.h"
#include "imi/service.h"

typedef struct device_key device_key;

/** Must succeed. */
device_key *device_key_new(void);
/** SubjectPublicKeyInfo, valid as long as the key. */
imi_view device_key_spki(const device_key *key);
/** ES256 in JOSE form. */
void device_key_sign(const device_key *key, imi_view message, uint8_t signature_out[64]);
void device_key_destroy(device_key **key);

/** The phone's end of a frame chain. */
typedef struct phone_chain {
    const device_key *key;
    char capture_id[IMI_ID_SIZE];
    uint8_t nonce[IMI_CAPTURE_NONCE_SIZE];
    uint64_t sequence; /* of the last frame; 0 at first */
    int64_t time_ms; /* of the last frame */
    uint8_t signature[64]; /* of the last frame; zeros at first */
} phone_chain;

/**
 * Sign the next frame, which becomes the last of the chain.
 * out borrows from chain and jpeg: valid until the next frame is signed.
 */
void phone_chain_sign(phone_chain *chain, imi_view jpeg, int64_t after_ms, imi_frame *out);

#endif
