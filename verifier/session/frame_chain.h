/**
 * The chain of signed frames of one capture, as the server checks it.
 */
#ifndef IMI_SESSION_FRAME_CHAIN_H
#define IMI_SESSION_FRAME_CHAIN_H

#include "imi/service.h"
#include "imi_core/frame_chain.h"

/** Where a chain stands: what the next frame must follow. A value type. */
typedef struct imi_frame_chain {
    uint64_t next_sequence; /* 1 at first */
    int64_t last_captured_at_ms;
    uint8_t last_signature[IMI_CORE_SIGNATURE_SIZE]; /* zeros at first */
} imi_frame_chain;

void imi_frame_chain_init(imi_frame_chain *chain);

/** The phone's key and the capture's nonce: what every link must be bound to. */
typedef struct imi_frame_binding {
    imi_view device_key;
    const uint8_t *nonce; /* IMI_CORE_NONCE_SIZE bytes */
} imi_frame_binding;

/**
 * Whether a frame is the next link: sequence, time, signature over image and predecessor.
 * The chain itself is not moved.
 *
 * Errors: IMI_E_FRAME_CHAIN.
 */
IMI_MUST_USE imi_status imi_frame_chain_check(const imi_frame_chain *chain,
                                              const imi_frame_binding *binding,
                                              const imi_frame *frame, imi_error *err);

/** Take a checked frame as the last link. */
void imi_frame_chain_advance(imi_frame_chain *chain, const imi_frame *frame);

#endif
