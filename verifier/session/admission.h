/**
 * How many captures run at once, and who is next. A capture whose frames are seldom judged helps
 * nobody: where the workers can judge no more of them, a phone is asked to come back, and what
 * becomes free is for those who asked first.
 */
#ifndef IMI_SESSION_ADMISSION_H
#define IMI_SESSION_ADMISSION_H

#include "captures.h"

#include "imi/memory.h"
#include "imi/store.h"

enum {
    /* Phones that have a place in the line; further ones are told to come back without one. */
    IMI_ADMISSION_LINE_MAX = 256,
    /* How long a phone is told to wait, at least and at most. */
    IMI_ADMISSION_WAIT_MIN_MS = 3000,
    IMI_ADMISSION_WAIT_MAX_MS = 30000,
    /* A place in the line is kept for so long behind the time that was told: the camera has to
     * start anew. */
    IMI_ADMISSION_GRACE_MS = 10000,
    /* A capture without a frame for so long leaves its place to others. It may go on. */
    IMI_ADMISSION_QUIET_MS = 10000
};

typedef struct imi_admission_options {
    size_t workers;
    size_t fixed; /* captures at once; 0: as many as measured */
    size_t most; /* of those measured */
} imi_admission_options;

typedef struct imi_waiting_phone {
    char session_id[IMI_ID_SIZE];
    int64_t due_ms; /* monotonic: when it was told to come back */
} imi_waiting_phone;

typedef struct imi_admission {
    imi_admission_options options;
    pthread_mutex_t mutex; /* guards the following; taken before that of the captures */
    double frame_ms; /* of a worker, for a judged frame: the mean of the latest hundreds */
    size_t entering; /* let in, and not yet among the captures */
    size_t waiting;
    imi_waiting_phone line[IMI_ADMISSION_LINE_MAX]; /* who asked first comes first */
} imi_admission;

void imi_admission_init(imi_admission *admission, const imi_admission_options *options);
void imi_admission_clean_up(imi_admission *admission);

/** Note how long a worker was at a frame that it judged. */
void imi_admission_note_frame(imi_admission *admission, int64_t worker_ms);

/** How many captures may run at once as things stand. */
size_t imi_admission_room(imi_admission *admission);
size_t imi_admission_waiting(imi_admission *admission);

/**
 * Whether this session's phone may begin a capture: 0, upon which imi_admission_leave must be
 * called when the capture is among the others or has not begun; else how long it is to wait.
 * Whoever's own capture runs may begin it again. Asking early costs nothing.
 */
IMI_MUST_USE int64_t imi_admission_ask(imi_admission *admission, imi_captures *captures,
                                       const char *session_id, int64_t now_ms);
void imi_admission_leave(imi_admission *admission);

#endif
