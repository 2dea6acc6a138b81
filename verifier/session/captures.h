/**
 * The table of captures in memory: at most one per session, bounded, dropped when idle.
 */
#ifndef IMI_SESSION_CAPTURES_H
#define IMI_SESSION_CAPTURES_H

#include "imi/status.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct imi_live_capture imi_live_capture;

typedef struct imi_captures {
    pthread_mutex_t mutex; /* guards the slots; taken before a capture's mutex, never after */
    imi_live_capture **slots;
    size_t capacity;
} imi_captures;

IMI_MUST_USE imi_status imi_captures_init(imi_captures *captures, size_t capacity, imi_error *err);
/** Drops all captures; no job may be running. */
void imi_captures_clean_up(imi_captures *captures);

/**
 * Put a capture in, holding a reference of the table's own. It takes the place of the same
 * session's; when the table is full, of one that has ended.
 *
 * Errors: IMI_E_EXHAUSTED.
 */
IMI_MUST_USE imi_status imi_captures_admit(imi_captures *captures, imi_live_capture *capture,
                                           imi_error *err);

/** The capture of a session with a reference for the caller, or NULL. */
imi_live_capture *imi_captures_acquire(imi_captures *captures, const char *session_id);

/** Take one capture out and drop it, if it is still in. */
void imi_captures_drop(imi_captures *captures, imi_live_capture *capture);
/** Take a session's capture out and drop it. */
void imi_captures_drop_session(imi_captures *captures, const char *session_id);
/** Drop captures without a frame since before_ms (monotonic). */
void imi_captures_drop_idle(imi_captures *captures, int64_t before_ms);

size_t imi_captures_count(imi_captures *captures);
/** Captures under way with a frame, or begun, since since_ms (monotonic). That of session_id is not
 * counted, but told in own_out. */
size_t imi_captures_count_busy(imi_captures *captures, int64_t since_ms, const char *session_id,
                               bool *own_out);

#endif
