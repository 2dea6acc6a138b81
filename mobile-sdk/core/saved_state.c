#include "imi_core/saved_state.h"

#include "bytes.h"
#include "upload_queue_parts.h"
#include "wire.h"

/*
 * All numbers least significant byte first:
 *   "IMIS", version (2), state (1), size of capture id (1), size of all (4), checksum (4);
 *   session's end (8);
 *   with a capture: id, nonce (32), max_frame_bytes (4), sequence of the oldest frame (8),
 *   time of the newest frame (8), its signature (64), number of frames (4);
 *   each frame: time (8), light_shown_ms (4), size (4), signature (64), JPEG.
 */
enum {
    FORMAT_VERSION = 1,
    CHECKSUM_AT = 12,
    HEAD_SIZE = 16 + 8,
    CAPTURE_SIZE = IMI_CORE_NONCE_SIZE + 4 + 8 + 8 + IMI_CORE_SIGNATURE_SIZE + 4,
    FRAME_SIZE = 8 + 4 + 4 + IMI_CORE_SIGNATURE_SIZE
};

static const uint8_t magic[4] = {'I', 'M', 'I', 'S'};

/* Numbers beyond would not be exact in JavaScript; no capture comes near. */
#define SEQUENCE_MAX (UINT64_C(1) << 53)

static uint32_t checksum_part(uint32_t crc, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ (0xEDB88320U & (0U - (crc & 1)));
        }
    }
    return crc;
}

/* CRC-32 (ISO-HDLC) of everything but the checksum itself. */
static uint32_t checksum(const uint8_t *bytes, size_t size)
{
    uint32_t crc = checksum_part(UINT32_MAX, bytes, CHECKSUM_AT);
    return ~checksum_part(crc, bytes + CHECKSUM_AT + 4, size - CHECKSUM_AT - 4);
}

size_t imi_core_state_saved_size(const imi_core_queue *queue)
{
    size_t size = HEAD_SIZE;
    if (queue->capture_id_size != 0) {
        size += queue->capture_id_size + CAPTURE_SIZE;
    }
    for (uint32_t i = 0; i < queue->count; i++) {
        size += FRAME_SIZE + queued(queue, i)->size;
    }
    return size;
}

static void put_frames(writer *w, const imi_core_queue *queue)
{
    for (uint32_t i = 0; i < queue->count; i++) {
        const queued_frame *frame = queued(queue, i);
        imi_core_put_number(w, (uint64_t)frame->captured_at_unix_ms, 8);
        imi_core_put_number(w, frame->light_shown_ms, 4);
        imi_core_put_number(w, frame->size, 4);
        imi_core_put(w, frame->signature, IMI_CORE_SIGNATURE_SIZE);
        imi_core_put(w, queue->ring + frame->offset, frame->size);
    }
}

static void put_capture(writer *w, const imi_core_queue *queue)
{
    imi_core_put(w, queue->capture_id, queue->capture_id_size);
    imi_core_put(w, queue->nonce, IMI_CORE_NONCE_SIZE);
    imi_core_put_number(w, queue->max_frame_bytes, 4);
    imi_core_put_number(w, queue->first_sequence, 8);
    imi_core_put_number(w, (uint64_t)queue->last_captured_unix_ms, 8);
    imi_core_put(w, queue->previous_signature, IMI_CORE_SIGNATURE_SIZE);
    imi_core_put_number(w, queue->count, 4);
    put_frames(w, queue);
}

size_t imi_core_state_save(uint32_t state, int64_t expires_at_unix_ms, const imi_core_queue *queue,
                           uint8_t *out, size_t capacity)
{
    size_t size = imi_core_state_saved_size(queue);
    if (state >= IMI_CORE_STATE_COUNT || out == NULL || capacity < size || size > UINT32_MAX) {
        return 0;
    }
    writer w = write_to(out, size);
    imi_core_put(&w, magic, sizeof magic);
    imi_core_put_number(&w, FORMAT_VERSION, 2);
    imi_core_put_number(&w, state, 1);
    imi_core_put_number(&w, queue->capture_id_size, 1);
    imi_core_put_number(&w, size, 4);
    imi_core_put_number(&w, 0, 4);
    imi_core_put_number(&w, (uint64_t)expires_at_unix_ms, 8);
    if (queue->capture_id_size != 0) {
        put_capture(&w, queue);
    }
    writer sum = write_to(out + CHECKSUM_AT, 4);
    imi_core_put_number(&sum, checksum(out, size), 4);
    return written(&w);
}

static bool same_bytes(const uint8_t *a, const uint8_t *b, size_t size)
{
    uint8_t difference = 0;
    for (size_t i = 0; i < size; i++) {
        difference |= a[i] ^ b[i];
    }
    return difference == 0;
}

static bool load_frame(reader *r, imi_core_queue *queue)
{
    imi_core_frame frame = {.captured_at_unix_ms = (int64_t)imi_core_get_number(r, 8)};
    frame.light_shown_ms = (uint32_t)imi_core_get_number(r, 4);
    frame.jpeg.size = (size_t)imi_core_get_number(r, 4);
    const uint8_t *signature = imi_core_get(r, IMI_CORE_SIGNATURE_SIZE);
    frame.jpeg.data = imi_core_get(r, frame.jpeg.size);
    if (signature == NULL || frame.jpeg.data == NULL) {
        return false;
    }
    copy_bytes(frame.signature, signature, IMI_CORE_SIGNATURE_SIZE);
    return imi_core_queue_push(queue, &frame) == IMI_CORE_PUSH_OK;
}

/* Pushing the frames must lead to the end of the chain as it was saved. */
static bool load_frames(reader *r, imi_core_queue *queue, int64_t newest_unix_ms,
                        const uint8_t *signature)
{
    uint64_t count = imi_core_get_number(r, 4);
    for (uint64_t i = 0; i < count; i++) {
        if (!load_frame(r, queue)) {
            return false;
        }
    }
    if (count == 0) {
        queue->last_captured_unix_ms = newest_unix_ms;
        copy_bytes(queue->previous_signature, signature, IMI_CORE_SIGNATURE_SIZE);
    }
    return r->ok && queue->last_captured_unix_ms == newest_unix_ms &&
           same_bytes(queue->previous_signature, signature, IMI_CORE_SIGNATURE_SIZE);
}

static bool load_capture(reader *r, size_t id_size, imi_core_queue *queue)
{
    imi_core_view id = {imi_core_get(r, id_size), id_size};
    const uint8_t *nonce = imi_core_get(r, IMI_CORE_NONCE_SIZE);
    uint32_t max_frame_bytes = (uint32_t)imi_core_get_number(r, 4);
    uint64_t sequence = imi_core_get_number(r, 8);
    int64_t newest_unix_ms = (int64_t)imi_core_get_number(r, 8);
    const uint8_t *signature = imi_core_get(r, IMI_CORE_SIGNATURE_SIZE);
    if (signature == NULL || sequence == 0 || sequence > SEQUENCE_MAX ||
        !imi_core_queue_begin(queue, id, nonce, max_frame_bytes)) {
        return false;
    }
    queue->first_sequence = sequence;
    return load_frames(r, queue, newest_unix_ms, signature);
}

static bool load(imi_core_view saved, imi_core_queue *queue, imi_core_loaded *out)
{
    reader r = read_view(saved);
    const uint8_t *head = imi_core_get(&r, sizeof magic);
    if (head == NULL || !same_bytes(head, magic, sizeof magic)) {
        return false;
    }
    uint64_t version = imi_core_get_number(&r, 2);
    out->state = (uint32_t)imi_core_get_number(&r, 1);
    size_t id_size = (size_t)imi_core_get_number(&r, 1);
    uint64_t size = imi_core_get_number(&r, 4);
    uint64_t sum = imi_core_get_number(&r, 4);
    out->expires_at_unix_ms = (int64_t)imi_core_get_number(&r, 8);
    if (!r.ok || version != FORMAT_VERSION || size != saved.size ||
        sum != checksum(saved.data, saved.size) || out->state >= IMI_CORE_STATE_COUNT) {
        return false;
    }
    return (id_size == 0 || load_capture(&r, id_size, queue)) && r.left == 0;
}

bool imi_core_state_load(imi_core_view saved, imi_core_queue *queue, imi_core_loaded *out)
{
    *out = (imi_core_loaded){0};
    imi_core_queue_drop(queue);
    if (!load(saved, queue, out)) {
        imi_core_queue_drop(queue);
        *out = (imi_core_loaded){0};
        return false;
    }
    return true;
}
