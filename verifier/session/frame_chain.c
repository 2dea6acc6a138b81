#include "frame_chain.h"

#include "imi/crypto.h"

void imi_frame_chain_init(imi_frame_chain *chain)
{
    *chain = (imi_frame_chain){.next_sequence = 1};
}

static imi_status check_signature(const imi_frame_chain *chain, const imi_frame_binding *binding,
                                  const imi_frame *frame, imi_error *err)
{
    uint8_t digest[IMI_CORE_DIGEST_SIZE];
    IMI_TRY(imi_sha256(frame->jpeg, digest, err));
    imi_core_frame_link link = {
        .nonce = binding->nonce,
        .sequence = frame->sequence,
        .captured_at_ms = frame->captured_at_ms,
        .image_digest = digest,
        .previous_signature = chain->last_signature,
    };
    uint8_t message[IMI_CORE_FRAME_MESSAGE_SIZE];
    imi_core_frame_message(&link, message);
    imi_status status = imi_es256_verify_spki(
        binding->device_key, (imi_view){message, sizeof message}, frame->signature, err);
    if (status == IMI_E_TOKEN_SIGNATURE || status == IMI_E_INVALID_ARGUMENT) {
        IMI_FAIL(err, IMI_E_FRAME_CHAIN, "the frame's signature does not continue the chain");
    }
    return status;
}

imi_status imi_frame_chain_check(const imi_frame_chain *chain, const imi_frame_binding *binding,
                                 const imi_frame *frame, imi_error *err)
{
    if (frame->signature.size != IMI_CORE_SIGNATURE_SIZE) {
        IMI_FAIL(err, IMI_E_FRAME_CHAIN, "a frame's signature has 64 bytes");
    }
    if (frame->sequence != chain->next_sequence) {
        IMI_FAIL(err, IMI_E_FRAME_CHAIN, "frame %llu came where %llu was due",
                 (unsigned long long)frame->sequence, (unsigned long long)chain->next_sequence);
    }
    if (frame->captured_at_ms <= 0 ||
        (chain->next_sequence > 1 && frame->captured_at_ms <= chain->last_captured_at_ms)) {
        IMI_FAIL(err, IMI_E_FRAME_CHAIN, "a frame's time does not lie behind its predecessor's");
    }
    return check_signature(chain, binding, frame, err);
}

void imi_frame_chain_advance(imi_frame_chain *chain, const imi_frame *frame)
{
    chain->next_sequence = frame->sequence + 1;
    chain->last_captured_at_ms = frame->captured_at_ms;
    imi_copy(chain->last_signature, frame->signature.data, sizeof chain->last_signature);
}
