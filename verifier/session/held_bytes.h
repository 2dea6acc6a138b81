/**
 * How many bytes of frames all captures together hold in memory. Each capture is bounded by
 * itself; this bounds their sum, so that many phones at once cannot exhaust the machine.
 */
#ifndef IMI_SESSION_HELD_BYTES_H
#define IMI_SESSION_HELD_BYTES_H

#include "imi/bytes.h"

#include <stdatomic.h>

typedef struct imi_held_bytes {
    atomic_size_t held;
    size_t limit; /* fixed once made */
} imi_held_bytes;

void imi_held_bytes_init(imi_held_bytes *bytes, size_t limit);

/** Copy bytes into an empty buffer and count them. Errors: IMI_E_EXHAUSTED, IMI_E_NO_MEMORY. */
IMI_MUST_USE imi_status imi_held_bytes_copy(imi_held_bytes *bytes, imi_view from, imi_buffer *out,
                                            imi_error *err);
/** Wipe and free such a buffer. It may have been moved, never appended to. */
void imi_held_bytes_release(imi_held_bytes *bytes, imi_buffer *buffer);

#endif
