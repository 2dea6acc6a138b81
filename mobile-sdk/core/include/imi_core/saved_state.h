/**
 * What survives a reload: state of the session, chain, and the frames that were not answered.
 *
 * Keep it where only the app can read it, and erase it with IMI_CORE_DO_FORGET: it holds images.
 * It holds neither credential nor key. A checksum finds damage; it proves nothing to the server,
 * which checks every frame.
 */
#ifndef IMI_CORE_SAVED_STATE_H
#define IMI_CORE_SAVED_STATE_H

#include "imi_core/session.h"
#include "imi_core/upload_queue.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes that saving now takes. */
IMI_CORE_API size_t imi_core_state_saved_size(const imi_core_queue *queue);

/** Save; the bytes written, or 0 if they do not fit or there is no such state. */
IMI_CORE_API size_t imi_core_state_save(uint32_t state, int64_t expires_at_unix_ms,
                                        const imi_core_queue *queue, uint8_t *out, size_t capacity);

typedef struct imi_core_loaded {
    uint32_t state; /* go on with IMI_CORE_EVENT_RELOADED */
    int64_t expires_at_unix_ms;
} imi_core_loaded;

/**
 * Load into a queue, which then sends every frame again.
 *
 * Errors: false for another version, damage, or more than the queue's storage holds; the queue has
 *         no capture then and out is all zero.
 */
IMI_CORE_API bool imi_core_state_load(imi_core_view saved, imi_core_queue *queue,
                                      imi_core_loaded *out);

#ifdef __cplusplus
}
#endif
#endif
