#include "admission.h"

#include <string.h>

/* Judged frames a second that a challenge needs. Source: docs/performance.md. */
static const double FRAMES_PER_S = 4.5;
/* What a frame is taken to cost before any was judged. Source: docs/performance.md, ten phones. */
static const double FIRST_FRAME_MS = 33;
/* Weight of the latest frame: the mean is of about as many as 12 captures give in 10 s, so that
 * neither a template nor a burst of them moves it much. */
static const double FRAME_WEIGHT = 1.0 / 512;
/* How long a capture lasts that is done by a calm person; only waits are reckoned from it. */
static const double CAPTURE_MS = 30000;

void imi_admission_init(imi_admission *admission, const imi_admission_options *options)
{
    *admission = (imi_admission){.options = *options, .frame_ms = FIRST_FRAME_MS};
    pthread_mutex_init(&admission->mutex, NULL);
}

void imi_admission_clean_up(imi_admission *admission)
{
    pthread_mutex_destroy(&admission->mutex);
}

void imi_admission_note_frame(imi_admission *admission, int64_t worker_ms)
{
    pthread_mutex_lock(&admission->mutex);
    admission->frame_ms += ((double)worker_ms - admission->frame_ms) * FRAME_WEIGHT;
    pthread_mutex_unlock(&admission->mutex);
}

/* Mutex held. A frame that costs nothing fits without end. */
static size_t room_of(const imi_admission *admission)
{
    const imi_admission_options *options = &admission->options;
    if (options->fixed > 0) {
        return options->fixed;
    }
    double fit = (double)options->workers * 1000 / (admission->frame_ms * FRAMES_PER_S);
    size_t most = options->most > options->workers ? options->most : options->workers;
    size_t room = fit < (double)most ? (size_t)fit : most;
    return room > options->workers ? room : options->workers;
}

size_t imi_admission_room(imi_admission *admission)
{
    pthread_mutex_lock(&admission->mutex);
    size_t room = room_of(admission);
    pthread_mutex_unlock(&admission->mutex);
    return room;
}

size_t imi_admission_waiting(imi_admission *admission)
{
    pthread_mutex_lock(&admission->mutex);
    size_t waiting = admission->waiting;
    pthread_mutex_unlock(&admission->mutex);
    return waiting;
}

/* ---- The line. Mutex held ---- */

static void forget_who_left(imi_admission *admission, int64_t now_ms)
{
    size_t kept = 0;
    for (size_t i = 0; i < admission->waiting; i++) {
        if (now_ms - admission->line[i].due_ms <= IMI_ADMISSION_GRACE_MS) {
            admission->line[kept++] = admission->line[i];
        }
    }
    admission->waiting = kept;
}

/* How many stand before this session, which may not be in the line. */
static size_t count_before(const imi_admission *admission, const char *session_id)
{
    size_t before = 0;
    while (before < admission->waiting &&
           strcmp(admission->line[before].session_id, session_id) != 0) {
        before++;
    }
    return before;
}

static void step_out(imi_admission *admission, size_t place)
{
    if (place < admission->waiting) {
        admission->waiting--;
        for (size_t i = place; i < admission->waiting; i++) {
            admission->line[i] = admission->line[i + 1];
        }
    }
}

static void stand_at(imi_admission *admission, size_t place, const char *session_id, int64_t due_ms)
{
    if (place == IMI_ADMISSION_LINE_MAX) {
        return;
    }
    imi_waiting_phone *phone = &admission->line[place];
    imi_copy_text(phone->session_id, sizeof phone->session_id, session_id);
    phone->due_ms = due_ms;
    admission->waiting += place == admission->waiting;
}

/* Until as many captures have ended as it takes. */
static int64_t wait_for(size_t ends, size_t room)
{
    double wait_ms = (double)ends * CAPTURE_MS / (double)room;
    return wait_ms > IMI_ADMISSION_WAIT_MAX_MS   ? IMI_ADMISSION_WAIT_MAX_MS
           : wait_ms < IMI_ADMISSION_WAIT_MIN_MS ? IMI_ADMISSION_WAIT_MIN_MS
                                                 : (int64_t)wait_ms;
}

int64_t imi_admission_ask(imi_admission *admission, imi_captures *captures, const char *session_id,
                          int64_t now_ms)
{
    bool own = false;
    int64_t wait_ms = 0;
    pthread_mutex_lock(&admission->mutex);
    forget_who_left(admission, now_ms);
    size_t busy =
        imi_captures_count_busy(captures, now_ms - IMI_ADMISSION_QUIET_MS, session_id, &own);
    size_t place = count_before(admission, session_id);
    size_t taken = busy + admission->entering + place;
    size_t room = room_of(admission);
    if (own || taken < room) {
        step_out(admission, place);
        admission->entering++;
    } else {
        wait_ms = wait_for(taken + 1 - room, room);
        stand_at(admission, place, session_id, now_ms + wait_ms);
    }
    pthread_mutex_unlock(&admission->mutex);
    return wait_ms;
}

void imi_admission_leave(imi_admission *admission)
{
    pthread_mutex_lock(&admission->mutex);
    admission->entering--;
    pthread_mutex_unlock(&admission->mutex);
}
