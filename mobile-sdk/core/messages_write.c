#include "imi_core/messages.h"

#include "wire.h"

enum {
    SESSION_ID_MAX = 64, /* as the server's */
    JOIN_SECRET_SIZE = 43,
    PUBLIC_KEY_SIZE = 91,
    ATTESTATION_MAX = 16384,
    ATTESTATION_KIND_LAST = 2
};

size_t imi_core_write_join(const imi_core_join *join, uint8_t *out, size_t capacity)
{
    if (join->session_id.size == 0 || join->session_id.size > SESSION_ID_MAX ||
        join->join_secret.size != JOIN_SECRET_SIZE ||
        join->device_public_key.size != PUBLIC_KEY_SIZE) {
        return 0;
    }
    writer w = write_to(out, capacity);
    imi_core_wire_put_bytes(&w, 1, join->session_id);
    imi_core_wire_put_bytes(&w, 2, join->join_secret);
    imi_core_wire_put_bytes(&w, 3, join->device_public_key);
    return written(&w);
}

size_t imi_core_write_consent(bool accepted, const imi_core_view *claims, uint32_t claim_count,
                              uint8_t *out, size_t capacity)
{
    if (claim_count > IMI_CORE_CLAIMS_MAX) {
        return 0;
    }
    writer w = write_to(out, capacity);
    /* The word is written also when it is no, which spares callers an empty request. */
    imi_core_wire_put_varint(&w, WIRE_KEY(1, WIRE_VARINT));
    imi_core_wire_put_varint(&w, accepted);
    for (uint32_t i = 0; i < claim_count; i++) {
        imi_core_wire_put_bytes(&w, 2, claims[i]);
    }
    return written(&w);
}

static void put_cannot(writer *w, uint32_t mask)
{
    uint8_t actions[IMI_CORE_ACTION_LAST];
    size_t count = 0;
    for (uint32_t action = 1; action <= IMI_CORE_ACTION_LAST; action++) {
        if ((mask >> action & 1) != 0) {
            actions[count++] = (uint8_t)action;
        }
    }
    imi_core_wire_put_bytes(w, 1, (imi_core_view){actions, count});
}

static void put_hints(writer *w, uint32_t hints)
{
    uint32_t set = (hints & 1) + (hints >> 1 & 1) + (hints >> 2 & 1);
    if (set > 0) {
        imi_core_wire_put_length(w, 2, 2U * set);
        imi_core_wire_put_uint(w, 1, hints & IMI_CORE_HINT_VIRTUAL_CAMERA);
        imi_core_wire_put_uint(w, 2, (hints & IMI_CORE_HINT_EMULATOR) != 0);
        imi_core_wire_put_uint(w, 3, (hints & IMI_CORE_HINT_AUTOMATION) != 0);
    }
}

bool imi_core_write_begin(const imi_core_begin *begin, uint8_t *out, size_t capacity,
                          size_t *written_out)
{
    *written_out = 0;
    if (begin->attestation_kind > ATTESTATION_KIND_LAST ||
        begin->attestation.size > ATTESTATION_MAX) {
        return false;
    }
    writer w = write_to(out, capacity);
    put_cannot(&w, begin->cannot_mask);
    put_hints(&w, begin->hints);
    if (begin->attestation_kind != 0) {
        imi_core_wire_put_length(&w, 3,
                                 imi_core_wire_uint_size(begin->attestation_kind) +
                                     imi_core_wire_bytes_size(begin->attestation.size));
        imi_core_wire_put_uint(&w, 1, begin->attestation_kind);
        imi_core_wire_put_bytes(&w, 2, begin->attestation);
    }
    *written_out = written(&w);
    return w.ok;
}

size_t imi_core_write_frame(imi_core_view capture_id, const imi_core_frame *frame, uint8_t *out,
                            size_t capacity)
{
    if (capture_id.size == 0 || capture_id.size > IMI_CORE_CAPTURE_ID_MAX ||
        frame->jpeg.size == 0) {
        return 0;
    }
    uint64_t at_ms = (uint64_t)frame->captured_at_unix_ms;
    writer w = write_to(out, capacity);
    imi_core_wire_put_bytes(&w, 1, capture_id);
    imi_core_wire_put_length(&w, 2,
                             imi_core_wire_uint_size(frame->sequence) +
                                 imi_core_wire_uint_size(at_ms) +
                                 imi_core_wire_bytes_size(frame->jpeg.size) +
                                 imi_core_wire_bytes_size(sizeof frame->signature) +
                                 imi_core_wire_uint_size(frame->light_shown_ms));
    imi_core_wire_put_uint(&w, 1, frame->sequence);
    imi_core_wire_put_uint(&w, 2, at_ms);
    imi_core_wire_put_bytes(&w, 3, frame->jpeg);
    imi_core_wire_put_bytes(&w, 4, (imi_core_view){frame->signature, sizeof frame->signature});
    imi_core_wire_put_uint(&w, 5, frame->light_shown_ms);
    return written(&w);
}
