/**
 * What the person is told and why: guidance of the server, phrases of the phone, reasons.
 *
 * Numbers are kept for ever; texts and recordings are named by them.
 */
#ifndef IMI_CORE_CODES_H
#define IMI_CORE_CODES_H

#include "imi_core/api.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Phrases: X(NAME, number, "name"). Up to 31 they are the server's guidance, under its numbers
 * (enum Guidance of imi/v1/common.proto); from 32 on the phone says them by itself.
 */
#define IMI_CORE_PHRASES(X)                                                                        \
    X(NONE, 0, "none")                                                                             \
    X(SHOW_FACE, 1, "show_face")                                                                   \
    X(ONE_PERSON_ONLY, 2, "one_person_only")                                                       \
    X(MOVE_CLOSER, 3, "move_closer")                                                               \
    X(MOVE_AWAY, 4, "move_away")                                                                   \
    X(CENTRE_FACE, 5, "centre_face")                                                               \
    X(LOOK_STRAIGHT, 6, "look_straight")                                                           \
    X(HOLD_STILL, 7, "hold_still")                                                                 \
    X(MORE_LIGHT, 8, "more_light")                                                                 \
    X(LESS_LIGHT, 9, "less_light")                                                                 \
    X(EVEN_LIGHT, 10, "even_light")                                                                \
    X(UNCOVER_FACE, 11, "uncover_face")                                                            \
    X(TURN_LEFT, 12, "turn_left")                                                                  \
    X(TURN_RIGHT, 13, "turn_right")                                                                \
    X(OPEN_MOUTH, 14, "open_mouth")                                                                \
    X(BLINK, 15, "blink")                                                                          \
    X(BACK_TO_CENTRE, 16, "back_to_centre")                                                        \
    X(CLOSE_MOUTH, 17, "close_mouth")                                                              \
    X(CAPTURE_DONE, 18, "capture_done")                                                            \
    X(FIT_OVAL, 19, "fit_oval")                                                                    \
    X(NOD, 20, "nod")                                                                              \
    X(WELCOME, 32, "welcome")                                                                      \
    X(CONNECTING, 33, "connecting")                                                                \
    X(READ_CONSENT, 34, "read_consent")                                                            \
    X(ALLOW_CAMERA, 35, "allow_camera")                                                            \
    X(CAMERA_HELP, 36, "camera_help")                                                              \
    X(WAIT_A_WHILE, 37, "wait_a_while")                                                            \
    X(NO_CONNECTION, 38, "no_connection")                                                          \
    X(KEEP_GOING_OFFLINE, 39, "keep_going_offline")                                                \
    X(SENDING, 40, "sending")                                                                      \
    X(CHECKING, 41, "checking")                                                                    \
    X(TRY_AGAIN, 42, "try_again")                                                                  \
    X(PAUSED, 43, "paused")                                                                        \
    X(FINISHED, 44, "finished")                                                                    \
    X(STAFF_WILL_LOOK, 45, "staff_will_look")                                                      \
    X(STOPPED_AS_ASKED, 46, "stopped_as_asked")                                                    \
    X(TIME_IS_UP, 47, "time_is_up")                                                                \
    X(ASK_FOR_NEW_LINK, 48, "ask_for_new_link")                                                    \
    X(ANOTHER_WAY, 49, "another_way")

/** X(NAME, number, "name", PHRASE that says what to do next, whether trying again may help). */
#define IMI_CORE_REASONS(X)                                                                        \
    X(NONE, 0, "none", NONE, false)                                                                \
    X(NO_NETWORK, 1, "no_network", NO_CONNECTION, true)                                            \
    X(SERVER_BUSY, 2, "server_busy", CONNECTING, true)                                             \
    X(LINK_REFUSED, 3, "link_refused", ASK_FOR_NEW_LINK, false)                                    \
    X(SESSION_OVER, 4, "session_over", CHECKING, false)                                            \
    X(SESSION_EXPIRED, 5, "session_expired", TIME_IS_UP, false)                                    \
    X(CAMERA_DENIED, 6, "camera_denied", CAMERA_HELP, true)                                        \
    X(CAMERA_MISSING, 7, "camera_missing", ANOTHER_WAY, false)                                     \
    X(CAMERA_TAKEN, 8, "camera_taken", CAMERA_HELP, true)                                          \
    X(KEY_STORE_FAILED, 9, "key_store_failed", ANOTHER_WAY, false)                                 \
    X(FRAME_REFUSED, 10, "frame_refused", CONNECTING, true)                                        \
    X(ANSWER_MALFORMED, 11, "answer_malformed", CONNECTING, true)                                  \
    X(STORAGE_FULL, 12, "storage_full", NO_CONNECTION, true)                                       \
    X(TRIED_TOO_OFTEN, 13, "tried_too_often", WAIT_A_WHILE, true)                                  \
    X(NOT_SUPPORTED, 14, "not_supported", ANOTHER_WAY, false)

typedef enum imi_core_phrase {
#define X(NAME, number, name) IMI_CORE_PHRASE_##NAME = number,
    IMI_CORE_PHRASES(X)
#undef X
} imi_core_phrase;

typedef enum imi_core_reason {
#define X(NAME, number, name, phrase, again) IMI_CORE_REASON_##NAME = number,
    IMI_CORE_REASONS(X)
#undef X
} imi_core_reason;

/** What the phone may know (enum SubjectOutcome of the protocol). */
typedef enum imi_core_outcome {
    IMI_CORE_OUTCOME_UNSPECIFIED = 0,
    IMI_CORE_OUTCOME_IN_PROGRESS = 1,
    IMI_CORE_OUTCOME_DONE = 2,
    IMI_CORE_OUTCOME_TRY_AGAIN = 3,
    IMI_CORE_OUTCOME_STAFF_REVIEW = 4
} imi_core_outcome;

/** Name of a phrase, as texts and recordings are filed under; "unknown" for no phrase. */
IMI_CORE_API const char *imi_core_phrase_name(uint32_t phrase);

/** Name of a reason, for logs and integrators; "unknown" for no reason. */
IMI_CORE_API const char *imi_core_reason_name(uint32_t reason);
/** What to tell the person then; ANOTHER_WAY for no reason. */
IMI_CORE_API imi_core_phrase imi_core_reason_phrase(uint32_t reason);
/** Whether the same may work when tried again; false for no reason. */
IMI_CORE_API bool imi_core_reason_may_pass(uint32_t reason);

#ifdef __cplusplus
}
#endif
#endif
