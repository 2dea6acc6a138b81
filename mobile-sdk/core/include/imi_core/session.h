/**
 * A session as the phone lives through it: states, events, and what is to be done. Pure: one
 * table, no clock, no I/O.
 */
#ifndef IMI_CORE_SESSION_H
#define IMI_CORE_SESSION_H

#include "imi_core/codes.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Numbers are stored in saved states; never renumber. */
typedef enum imi_core_state {
    IMI_CORE_STATE_NEW = 0, /* the link is open; nothing was sent */
    IMI_CORE_STATE_JOINING,
    IMI_CORE_STATE_CONSENT, /* the text is shown */
    IMI_CORE_STATE_CONSENTING, /* the person's yes is being sent */
    IMI_CORE_STATE_READY, /* waits for the camera */
    IMI_CORE_STATE_CAMERA_HELP, /* there is no camera: shows what to press */
    IMI_CORE_STATE_BEGINNING,
    IMI_CORE_STATE_WAITING, /* the server said: not before retry_after */
    IMI_CORE_STATE_CAPTURING,
    IMI_CORE_STATE_CAPTURING_OFFLINE, /* takes frames and keeps them */
    IMI_CORE_STATE_HOLDING, /* offline and the storage is full: camera off */
    IMI_CORE_STATE_SENDING, /* camera off; sends what is kept */
    IMI_CORE_STATE_SENDING_OFFLINE,
    IMI_CORE_STATE_JUDGING, /* asks for the outcome */
    IMI_CORE_STATE_TRY_AGAIN,
    IMI_CORE_STATE_PAUSED,
    IMI_CORE_STATE_WITHDRAWING, /* the person's no is being sent */
    IMI_CORE_STATE_DONE, /* from here on nothing happens any more */
    IMI_CORE_STATE_STAFF_REVIEW,
    IMI_CORE_STATE_WITHDRAWN,
    IMI_CORE_STATE_EXPIRED,
    IMI_CORE_STATE_BLOCKED, /* the link is of no use on this phone */
    IMI_CORE_STATE_COUNT
} imi_core_state;

typedef enum imi_core_event {
    IMI_CORE_EVENT_START = 0, /* the person goes ahead */
    IMI_CORE_EVENT_JOINED, /* Join was answered */
    IMI_CORE_EVENT_AGREE, /* the person's yes */
    IMI_CORE_EVENT_DISAGREE, /* the person's no, now or later */
    IMI_CORE_EVENT_ANSWER_RECORDED, /* GiveConsent was answered */
    IMI_CORE_EVENT_CAMERA_READY,
    IMI_CORE_EVENT_CAMERA_LOST, /* denied, missing, or taken by a call */
    IMI_CORE_EVENT_BEGUN, /* BeginCapture gave a capture */
    IMI_CORE_EVENT_MUST_WAIT, /* BeginCapture gave retry_after_ms */
    IMI_CORE_EVENT_WAIT_OVER,
    IMI_CORE_EVENT_ENOUGH, /* every action was shown, or the camera's time is up */
    IMI_CORE_EVENT_QUEUE_EMPTY, /* every frame was answered */
    IMI_CORE_EVENT_STORE_FULL,
    IMI_CORE_EVENT_OFFLINE,
    IMI_CORE_EVENT_ONLINE,
    IMI_CORE_EVENT_COMPLETE, /* feedback said that no more frames are needed */
    IMI_CORE_EVENT_CAPTURE_DROPPED, /* the server does not know the capture any more */
    IMI_CORE_EVENT_OUTCOME_PENDING,
    IMI_CORE_EVENT_OUTCOME_DONE,
    IMI_CORE_EVENT_OUTCOME_TRY_AGAIN,
    IMI_CORE_EVENT_OUTCOME_STAFF_REVIEW,
    IMI_CORE_EVENT_AGAIN, /* the person tries again */
    IMI_CORE_EVENT_PAUSE,
    IMI_CORE_EVENT_RESUME,
    IMI_CORE_EVENT_CALL_FAILED, /* in a way that may pass */
    IMI_CORE_EVENT_RETRY_DUE, /* the backoff is over */
    IMI_CORE_EVENT_SESSION_OVER, /* the server refused for the session's state */
    IMI_CORE_EVENT_REFUSED, /* credential or link refused */
    IMI_CORE_EVENT_EXPIRE, /* the session's time is up */
    IMI_CORE_EVENT_RELOADED, /* a saved state was loaded */
    IMI_CORE_EVENT_COUNT
} imi_core_event;

/** What to do, as bits; all of them are safe to do twice. */
enum {
    IMI_CORE_DO_JOIN = 1 << 0, /* call Join */
    IMI_CORE_DO_CONSENT = 1 << 1, /* call GiveConsent: accepted */
    IMI_CORE_DO_WITHDRAW = 1 << 2, /* call GiveConsent: not accepted */
    IMI_CORE_DO_BEGIN = 1 << 3, /* call BeginCapture */
    IMI_CORE_DO_ASK_OUTCOME = 1 << 4, /* call GetOutcome */
    IMI_CORE_DO_BACK_OFF = 1 << 5, /* wait imi_core_backoff_ms, then RETRY_DUE */
    IMI_CORE_DO_WAIT = 1 << 6, /* wait retry_after_ms, then WAIT_OVER */
    IMI_CORE_DO_OPEN_CAMERA = 1 << 7,
    IMI_CORE_DO_CLOSE_CAMERA = 1 << 8,
    IMI_CORE_DO_SEND = 1 << 9, /* send from the queue */
    IMI_CORE_DO_HOLD = 1 << 10, /* send nothing */
    IMI_CORE_DO_DROP_FRAMES = 1 << 11, /* wipe the queue */
    IMI_CORE_DO_FORGET = 1 << 12 /* wipe credential, key and saved state */
};

typedef struct imi_core_step {
    uint8_t next; /* imi_core_state */
    bool handled; /* false: the event means nothing in this state, which stays */
    uint16_t actions; /* IMI_CORE_DO_* */
} imi_core_step;

/** What follows; numbers out of range are not handled. */
IMI_CORE_API void imi_core_session_step(uint32_t state, uint32_t event, imi_core_step *out);

/** What to tell in a state; NONE while capturing, where guidance speaks, or for no state. */
IMI_CORE_API imi_core_phrase imi_core_session_phrase(uint32_t state);

/** Whether nothing follows any more. */
IMI_CORE_API bool imi_core_session_is_over(uint32_t state);

#ifdef __cplusplus
}
#endif
#endif
