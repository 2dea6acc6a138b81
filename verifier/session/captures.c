#include "captures.h"
#include "live_capture.h"

#include <string.h>

imi_status imi_captures_init(imi_captures *captures, size_t capacity, imi_error *err)
{
    captures->slots = imi_alloc_array(capacity, sizeof(imi_live_capture *));
    if (captures->slots == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a table of %zu captures", capacity);
    }
    captures->capacity = capacity;
    pthread_mutex_init(&captures->mutex, NULL);
    return IMI_OK;
}

void imi_captures_clean_up(imi_captures *captures)
{
    if (captures->slots == NULL) {
        return;
    }
    for (size_t i = 0; i < captures->capacity; i++) {
        imi_live_capture_release(&captures->slots[i]);
    }
    imi_free(captures->slots);
    captures->slots = NULL;
    pthread_mutex_destroy(&captures->mutex);
}

/* Slot of a session, or NULL. Mutex held. A walk over a few hundred pointers costs less than
 * checking one signature. */
static imi_live_capture **find_slot(imi_captures *captures, const char *session_id)
{
    for (size_t i = 0; i < captures->capacity; i++) {
        imi_live_capture *capture = captures->slots[i];
        if (capture != NULL && strcmp(capture->session_id, session_id) == 0) {
            return &captures->slots[i];
        }
    }
    return NULL;
}

/* An empty slot, else one whose capture has ended, else NULL. Mutex held. */
static imi_live_capture **find_room(imi_captures *captures)
{
    imi_live_capture **ended = NULL;
    for (size_t i = 0; i < captures->capacity; i++) {
        if (captures->slots[i] == NULL) {
            return &captures->slots[i];
        }
        if (imi_live_capture_phase(captures->slots[i]) != IMI_PHASE_LIVE) {
            ended = &captures->slots[i];
        }
    }
    return ended;
}

/* Drop a capture that has left the table, and the table's reference to it. */
static void let_go(imi_live_capture *capture)
{
    if (capture != NULL) {
        imi_live_capture_drop(capture);
        imi_live_capture_release(&capture);
    }
}

imi_status imi_captures_admit(imi_captures *captures, imi_live_capture *capture, imi_error *err)
{
    imi_live_capture *replaced = NULL;
    pthread_mutex_lock(&captures->mutex);
    imi_live_capture **slot = find_slot(captures, capture->session_id);
    if (slot == NULL) {
        slot = find_room(captures);
    }
    if (slot != NULL) {
        replaced = *slot;
        *slot = imi_live_capture_acquire(capture);
    }
    pthread_mutex_unlock(&captures->mutex);
    let_go(replaced);
    if (slot == NULL) {
        IMI_FAIL(err, IMI_E_EXHAUSTED, "too many captures are under way: try again in a moment");
    }
    return IMI_OK;
}

imi_live_capture *imi_captures_acquire(imi_captures *captures, const char *session_id)
{
    imi_live_capture *found = NULL;
    pthread_mutex_lock(&captures->mutex);
    imi_live_capture **slot = find_slot(captures, session_id);
    if (slot != NULL) {
        found = imi_live_capture_acquire(*slot);
    }
    pthread_mutex_unlock(&captures->mutex);
    return found;
}

void imi_captures_drop(imi_captures *captures, imi_live_capture *capture)
{
    imi_live_capture *found = NULL;
    pthread_mutex_lock(&captures->mutex);
    imi_live_capture **slot = find_slot(captures, capture->session_id);
    if (slot != NULL && *slot == capture) {
        found = IMI_STEAL(slot);
    }
    pthread_mutex_unlock(&captures->mutex);
    let_go(found);
}

void imi_captures_drop_session(imi_captures *captures, const char *session_id)
{
    imi_live_capture *found = NULL;
    pthread_mutex_lock(&captures->mutex);
    imi_live_capture **slot = find_slot(captures, session_id);
    if (slot != NULL) {
        found = IMI_STEAL(slot);
    }
    pthread_mutex_unlock(&captures->mutex);
    let_go(found);
}

/* Take out the first idle capture from index on. */
static imi_live_capture *steal_idle(imi_captures *captures, size_t *index, int64_t before_ms)
{
    imi_live_capture *found = NULL;
    pthread_mutex_lock(&captures->mutex);
    for (; *index < captures->capacity && found == NULL; (*index)++) {
        imi_live_capture **slot = &captures->slots[*index];
        if (*slot != NULL && imi_live_capture_last_frame_ms(*slot) < before_ms) {
            found = IMI_STEAL(slot);
        }
    }
    pthread_mutex_unlock(&captures->mutex);
    return found;
}

void imi_captures_drop_idle(imi_captures *captures, int64_t before_ms)
{
    size_t index = 0;
    imi_live_capture *idle = NULL;
    while ((idle = steal_idle(captures, &index, before_ms)) != NULL) {
        let_go(idle);
    }
}

size_t imi_captures_count_busy(imi_captures *captures, int64_t since_ms, const char *session_id,
                               bool *own_out)
{
    size_t count = 0;
    *own_out = false;
    pthread_mutex_lock(&captures->mutex);
    for (size_t i = 0; i < captures->capacity; i++) {
        imi_live_capture *capture = captures->slots[i];
        if (capture == NULL || !imi_live_capture_is_busy(capture, since_ms)) {
            continue;
        }
        bool own = strcmp(capture->session_id, session_id) == 0;
        *own_out = *own_out || own;
        count += !own;
    }
    pthread_mutex_unlock(&captures->mutex);
    return count;
}

size_t imi_captures_count(imi_captures *captures)
{
    size_t count = 0;
    pthread_mutex_lock(&captures->mutex);
    for (size_t i = 0; i < captures->capacity; i++) {
        count += captures->slots[i] != NULL;
    }
    pthread_mutex_unlock(&captures->mutex);
    return count;
}
