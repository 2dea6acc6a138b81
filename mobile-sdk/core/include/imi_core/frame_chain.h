/**
 * The bytes that a phone signs for each frame, so that frames can be neither swapped,
 * dropped, reordered nor brought in from another session.
 *
 * Freestanding C11: no libc, no allocation. The server uses the same code to check.
 */
#ifndef IMI_CORE_FRAME_CHAIN_H
#define IMI_CORE_FRAME_CHAIN_H

#include "imi_core/api.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    IMI_CORE_NONCE_SIZE = 32, /* capture nonce from the server */
    IMI_CORE_DIGEST_SIZE = 32, /* SHA-256 of the JPEG */
    IMI_CORE_SIGNATURE_SIZE = 64, /* ECDSA P-256, r and s big-endian, as JOSE ES256 */
    IMI_CORE_FRAME_MESSAGE_SIZE = 160
};

/** What one link of the chain binds together. All pointers borrowed. */
typedef struct imi_core_frame_link {
    const uint8_t *nonce; /* IMI_CORE_NONCE_SIZE bytes */
    uint64_t sequence; /* 1 for the first frame of a capture */
    int64_t captured_at_ms; /* phone's clock, milliseconds since 1970 */
    const uint8_t *image_digest; /* IMI_CORE_DIGEST_SIZE bytes */
    const uint8_t *previous_signature; /* IMI_CORE_SIGNATURE_SIZE bytes; zeros for frame 1 */
} imi_core_frame_link;

/**
 * Lay out the message that is signed (ES256 hashes it with SHA-256).
 *
 * Layout: "imi-frame-v1" and 4 zero bytes, nonce (32), sequence (8, big-endian),
 *         captured_at_ms (8, big-endian two's complement), image digest (32),
 *         previous signature (64).
 */
IMI_CORE_API void imi_core_frame_message(const imi_core_frame_link *link,
                                         uint8_t out[IMI_CORE_FRAME_MESSAGE_SIZE]);

#ifdef __cplusplus
}
#endif
#endif
