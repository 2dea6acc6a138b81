/**
 * Frames on their way to the server: numbered, signed in a chain, kept until they are answered,
 * sent again after a failure. The rate follows the uplink that it measures.
 *
 * The chain allows no gap: a frame that was pushed is sent until it is answered, or the capture is
 * begun again. An answer to a frame also answers all before it.
 *
 * Ownership: JPEGs are copied into the caller's storage, which bounds what is kept offline.
 */
#ifndef IMI_CORE_UPLOAD_QUEUE_H
#define IMI_CORE_UPLOAD_QUEUE_H

#include "imi_core/backoff.h"
#include "imi_core/frame_chain.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    IMI_CORE_QUEUE_FRAMES_MAX = 128,
    IMI_CORE_QUEUE_WINDOW_MAX = 8,
    IMI_CORE_CAPTURE_ID_MAX = 64,
    IMI_CORE_JPEG_MIN_BYTES = 15 * 1024, /* what the plan aims at, at least */
    IMI_CORE_JPEG_MAX_BYTES = 60 * 1024,
    IMI_CORE_PERIOD_MIN_MS = 83, /* 12 frames a second */
    IMI_CORE_PERIOD_MAX_MS = 1000
};

typedef struct imi_core_queue imi_core_queue;

typedef struct imi_core_queue_options {
    uint32_t window; /* unanswered calls at once, 1 to IMI_CORE_QUEUE_WINDOW_MAX */
    imi_core_random random; /* required */
    void *user; /* of random; outlives the queue */
} imi_core_queue_options;

typedef enum imi_core_push {
    IMI_CORE_PUSH_OK = 0,
    IMI_CORE_PUSH_FULL, /* no room until frames are answered */
    IMI_CORE_PUSH_TOO_LARGE, /* empty, larger than the server takes or than all the storage */
    IMI_CORE_PUSH_OUT_OF_TIME, /* not later than the frame before */
    IMI_CORE_PUSH_NO_CAPTURE
} imi_core_push;

/** A frame as it is sent. */
typedef struct imi_core_frame {
    uint64_t sequence; /* filled by the queue */
    int64_t captured_at_unix_ms;
    uint32_t light_shown_ms;
    imi_core_view jpeg; /* out of the queue: valid until the frame is answered */
    uint8_t signature[IMI_CORE_SIGNATURE_SIZE];
} imi_core_frame;

/** What the uplink carries. */
typedef struct imi_core_plan {
    uint32_t jpeg_bytes; /* size to aim at */
    uint32_t period_ms; /* between frames */
    uint32_t rate_bytes_per_s; /* measured; 0 before the first answer */
} imi_core_plan;

/** Least storage, without room for any JPEG. */
IMI_CORE_API size_t imi_core_queue_size(void);
/** NULL for storage without room for one JPEG of IMI_CORE_JPEG_MAX_BYTES, or bad options. */
IMI_CORE_API imi_core_queue *imi_core_queue_init(void *storage, size_t size,
                                                 const imi_core_queue_options *options);

/** A new capture: drops and wipes all frames. False for a bad id; there is no capture then. */
IMI_CORE_API bool imi_core_queue_begin(imi_core_queue *queue, imi_core_view capture_id,
                                       const uint8_t nonce[IMI_CORE_NONCE_SIZE],
                                       uint32_t max_frame_bytes);
/** Wipes frames, capture id, nonce and chain; the measured rate stays. */
IMI_CORE_API void imi_core_queue_drop(imi_core_queue *queue);

/** The bytes to sign for the frame that is pushed next; false without a capture. */
IMI_CORE_API bool imi_core_queue_message(const imi_core_queue *queue, int64_t captured_at_unix_ms,
                                         const uint8_t digest[IMI_CORE_DIGEST_SIZE],
                                         uint8_t out[IMI_CORE_FRAME_MESSAGE_SIZE]);
/** Number and keep a frame; all of it but the sequence is given. */
IMI_CORE_API imi_core_push imi_core_queue_push(imi_core_queue *queue, const imi_core_frame *frame);

/** The frame to send now, which then counts as sent; false if none is due. */
IMI_CORE_API bool imi_core_queue_next(imi_core_queue *queue, int64_t now_ms, imi_core_frame *out);
/** A frame was answered; false for an answer that is old or to nothing that was sent. */
IMI_CORE_API bool imi_core_queue_answered(imi_core_queue *queue, uint64_t sequence, int64_t now_ms);
/**
 * A call failed: its frame is sent again, after the wait that is returned. Those behind it that
 * are under way may be answered meanwhile: they wait at the server. 0 for a call whose frame has
 * been answered or was not under way, which changes nothing.
 */
IMI_CORE_API uint32_t imi_core_queue_failed(imi_core_queue *queue, uint64_t sequence,
                                            int64_t now_ms);
/** The connection is back: what was under way is sent again, at once. */
IMI_CORE_API void imi_core_queue_reconnected(imi_core_queue *queue);

/** Frames that are not answered yet. */
IMI_CORE_API uint32_t imi_core_queue_waiting(const imi_core_queue *queue);
/** Capture that the frames belong to; empty without one. Borrowed from the queue. */
IMI_CORE_API imi_core_view imi_core_queue_capture_id(const imi_core_queue *queue);
IMI_CORE_API void imi_core_queue_plan(const imi_core_queue *queue, imi_core_plan *out);

/**
 * Next JPEG quality (30 to 90) from the size that the last one gave and the size aimed at; the same
 * when that will do: 80 to 100 % of the aim, but not below IMI_CORE_JPEG_MIN_BYTES.
 */
IMI_CORE_API uint32_t imi_core_jpeg_quality(uint32_t quality, uint32_t size_bytes,
                                            uint32_t aim_bytes);

#ifdef __cplusplus
}
#endif
#endif
