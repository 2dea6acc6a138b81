/**
 * Inside of the upload queue, for saving and loading it.
 */
#ifndef IMI_CORE_UPLOAD_QUEUE_PARTS_H
#define IMI_CORE_UPLOAD_QUEUE_PARTS_H

#include "imi_core/upload_queue.h"

typedef struct queued_frame {
    int64_t captured_at_unix_ms;
    int64_t sent_ms;
    uint64_t delivered_before; /* bytes that had been answered when it was sent */
    uint32_t light_shown_ms;
    uint32_t offset; /* of the JPEG in the ring */
    uint32_t size;
    bool under_way;
    uint8_t signature[IMI_CORE_SIGNATURE_SIZE];
} queued_frame;

struct imi_core_queue {
    imi_core_queue_options options;
    uint8_t capture_id[IMI_CORE_CAPTURE_ID_MAX];
    uint32_t capture_id_size; /* 0: no capture */
    uint32_t max_frame_bytes;
    uint8_t nonce[IMI_CORE_NONCE_SIZE];
    uint8_t previous_signature[IMI_CORE_SIGNATURE_SIZE];
    int64_t last_captured_unix_ms; /* of the frame pushed last; any, before the first */
    uint64_t first_sequence; /* of the oldest frame, or of the next if there is none */
    uint64_t highest_sent; /* sequence; 0: none */
    uint32_t first; /* place of the oldest frame in frames, which is a ring */
    uint32_t count;
    uint32_t failures; /* in a row */
    int64_t not_before_ms; /* backoff */
    uint64_t delivered_bytes;
    uint32_t rate_bytes_per_s;
    uint32_t ring_size;
    uint32_t ring_tail; /* behind the newest JPEG */
    queued_frame frames[IMI_CORE_QUEUE_FRAMES_MAX];
    uint8_t ring[]; /* JPEGs, each in one piece */
};

static inline queued_frame *queued_in(imi_core_queue *queue, uint32_t index)
{
    return &queue->frames[(queue->first + index) & (IMI_CORE_QUEUE_FRAMES_MAX - 1)];
}

static inline const queued_frame *queued(const imi_core_queue *queue, uint32_t index)
{
    return &queue->frames[(queue->first + index) & (IMI_CORE_QUEUE_FRAMES_MAX - 1)];
}

#endif
