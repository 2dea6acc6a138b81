#include "imi_core/frame_chain.h"

static uint8_t *put_bytes(uint8_t *at, const uint8_t *bytes, unsigned size)
{
    for (unsigned i = 0; i < size; i++) {
        at[i] = bytes[i];
    }
    return at + size;
}

static uint8_t *put_u64(uint8_t *at, uint64_t value)
{
    for (int i = 0; i < 8; i++) {
        at[i] = (uint8_t)(value >> (56 - 8 * i));
    }
    return at + 8;
}

void imi_core_frame_message(const imi_core_frame_link *link,
                            uint8_t out[IMI_CORE_FRAME_MESSAGE_SIZE])
{
    static const uint8_t domain[16] = "imi-frame-v1";
    uint8_t *at = put_bytes(out, domain, sizeof domain);
    at = put_bytes(at, link->nonce, IMI_CORE_NONCE_SIZE);
    at = put_u64(at, link->sequence);
    at = put_u64(at, (uint64_t)link->captured_at_ms);
    at = put_bytes(at, link->image_digest, IMI_CORE_DIGEST_SIZE);
    put_bytes(at, link->previous_signature, IMI_CORE_SIGNATURE_SIZE);
}
