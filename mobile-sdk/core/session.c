#include "imi_core/session.h"

/*
 * The first row that names state and event tells what follows; where none does, the event means
 * nothing and the state stays. A row for several states names them as bits.
 */
#define S(NAME) (1U << IMI_CORE_STATE_##NAME)
#define E(NAME) IMI_CORE_EVENT_##NAME
#define TO(NAME) IMI_CORE_STATE_##NAME
#define DO(NAME) IMI_CORE_DO_##NAME
#define ROW(from, event, next, actions)                                                            \
    {                                                                                              \
        (from), (event), (next), (actions)                                                         \
    }

enum {
    STAY = IMI_CORE_STATE_COUNT,
    /* The camera is on. */
    TAKING = S(CAPTURING) | S(CAPTURING_OFFLINE),
    /* A capture is under way. */
    IN_CAPTURE = TAKING | S(HOLDING) | S(SENDING) | S(SENDING_OFFLINE),
    OVER = S(DONE) | S(STAFF_REVIEW) | S(WITHDRAWN) | S(EXPIRED) | S(BLOCKED),
    ALL = S(COUNT) - 1,
    OPEN = ALL & ~OVER,
    /* Consent was given: it may be taken back, and the session may be decided. */
    CONSENTED = OPEN & ~(S(NEW) | S(JOINING) | S(CONSENT) | S(WITHDRAWING)),
    /* The person may put the phone down. */
    PAUSABLE = IN_CAPTURE | S(READY) | S(CAMERA_HELP) | S(BEGINNING) | S(WAITING),
    CALLING = S(JOINING) | S(CONSENTING) | S(BEGINNING) | S(JUDGING) | S(WITHDRAWING),
    END = DO(CLOSE_CAMERA) | DO(HOLD) | DO(DROP_FRAMES) | DO(FORGET)
};

typedef struct rule {
    uint32_t from;
    uint8_t event;
    uint8_t next;
    uint16_t actions;
} rule;

static const rule rules[] = {
    ROW(S(NEW), E(START), TO(JOINING), DO(JOIN)),
    ROW(S(JOINING), E(JOINED), TO(CONSENT), 0),
    ROW(S(CONSENT), E(AGREE), TO(CONSENTING), DO(CONSENT)),
    ROW(S(CONSENTING), E(ANSWER_RECORDED), TO(READY), DO(OPEN_CAMERA)),
    ROW(S(CONSENT) | CONSENTED, E(DISAGREE), TO(WITHDRAWING),
        DO(WITHDRAW) | DO(CLOSE_CAMERA) | DO(HOLD) | DO(DROP_FRAMES)),
    ROW(S(WITHDRAWING), E(ANSWER_RECORDED), TO(WITHDRAWN), END),

    ROW(S(READY) | S(CAMERA_HELP), E(CAMERA_READY), TO(BEGINNING), DO(BEGIN)),
    ROW(S(READY) | S(BEGINNING), E(CAMERA_LOST), TO(CAMERA_HELP), DO(CLOSE_CAMERA)),
    /* Frames that were taken are worth sending whatever becomes of the camera. */
    ROW(TAKING, E(CAMERA_LOST), TO(PAUSED), DO(CLOSE_CAMERA) | DO(HOLD)),
    ROW(S(CAMERA_HELP) | S(TRY_AGAIN), E(AGAIN), TO(READY), DO(OPEN_CAMERA)),

    ROW(S(BEGINNING), E(BEGUN), TO(CAPTURING), DO(SEND)),
    ROW(S(BEGINNING), E(MUST_WAIT), TO(WAITING), DO(WAIT) | DO(CLOSE_CAMERA)),
    ROW(S(WAITING), E(WAIT_OVER), TO(READY), DO(OPEN_CAMERA)),

    ROW(S(CAPTURING), E(OFFLINE), TO(CAPTURING_OFFLINE), DO(HOLD)),
    ROW(S(CAPTURING_OFFLINE), E(ONLINE), TO(CAPTURING), DO(SEND)),
    ROW(S(CAPTURING_OFFLINE), E(STORE_FULL), TO(HOLDING), DO(CLOSE_CAMERA)),
    ROW(S(HOLDING), E(ONLINE), TO(SENDING), DO(SEND)),
    ROW(S(CAPTURING), E(ENOUGH), TO(SENDING), DO(CLOSE_CAMERA) | DO(SEND)),
    ROW(S(CAPTURING_OFFLINE), E(ENOUGH), TO(SENDING_OFFLINE), DO(CLOSE_CAMERA)),
    ROW(S(SENDING), E(OFFLINE), TO(SENDING_OFFLINE), DO(HOLD)),
    ROW(S(SENDING_OFFLINE), E(ONLINE), TO(SENDING), DO(SEND)),
    /* All was sent and the server has not heard enough: go on with the same capture. */
    ROW(S(SENDING), E(QUEUE_EMPTY), TO(CAPTURING), DO(OPEN_CAMERA) | DO(SEND)),
    ROW(IN_CAPTURE | S(PAUSED), E(COMPLETE), TO(JUDGING),
        DO(CLOSE_CAMERA) | DO(HOLD) | DO(DROP_FRAMES) | DO(ASK_OUTCOME)),
    /* Beginning again keeps the challenge and costs no attempt. */
    ROW(IN_CAPTURE, E(CAPTURE_DROPPED), TO(READY), DO(HOLD) | DO(DROP_FRAMES) | DO(OPEN_CAMERA)),
    ROW(S(PAUSED), E(CAPTURE_DROPPED), STAY, DO(DROP_FRAMES)),

    ROW(S(JUDGING), E(OUTCOME_PENDING), STAY, DO(BACK_OFF)),
    ROW(CONSENTED, E(OUTCOME_DONE), TO(DONE), END),
    ROW(CONSENTED, E(OUTCOME_STAFF_REVIEW), TO(STAFF_REVIEW), END),
    ROW(S(JUDGING), E(OUTCOME_TRY_AGAIN), TO(TRY_AGAIN), 0),

    ROW(PAUSABLE, E(PAUSE), TO(PAUSED), DO(CLOSE_CAMERA) | DO(HOLD)),
    ROW(S(PAUSED), E(RESUME), TO(READY), DO(DROP_FRAMES) | DO(OPEN_CAMERA)),

    ROW(CALLING, E(CALL_FAILED), STAY, DO(BACK_OFF)),
    ROW(S(JOINING), E(RETRY_DUE), STAY, DO(JOIN)),
    ROW(S(CONSENTING), E(RETRY_DUE), STAY, DO(CONSENT)),
    ROW(S(BEGINNING), E(RETRY_DUE), STAY, DO(BEGIN)),
    ROW(S(JUDGING), E(RETRY_DUE), STAY, DO(ASK_OUTCOME)),
    ROW(S(WITHDRAWING), E(RETRY_DUE), STAY, DO(WITHDRAW)),

    /* Nothing can begin or go on in this session: its outcome says why. */
    ROW(CONSENTED & ~S(JUDGING), E(SESSION_OVER), TO(JUDGING),
        DO(CLOSE_CAMERA) | DO(HOLD) | DO(DROP_FRAMES) | DO(ASK_OUTCOME)),
    ROW(OPEN, E(SESSION_OVER), TO(EXPIRED), END),
    ROW(OPEN, E(REFUSED), TO(BLOCKED), END),
    ROW(OPEN, E(EXPIRE), TO(EXPIRED), END),

    /* What was under way is done again; the person is asked again for what was not recorded. */
    ROW(S(NEW) | S(JOINING) | S(CONSENT) | S(CONSENTING), E(RELOADED), TO(JOINING), DO(JOIN)),
    ROW(S(READY) | S(CAMERA_HELP) | S(BEGINNING) | S(WAITING), E(RELOADED), TO(READY),
        DO(OPEN_CAMERA)),
    ROW(IN_CAPTURE, E(RELOADED), TO(SENDING), DO(SEND)),
    ROW(S(JUDGING) | S(TRY_AGAIN), E(RELOADED), TO(JUDGING), DO(ASK_OUTCOME)),
    ROW(S(PAUSED), E(RELOADED), STAY, 0),
    ROW(S(WITHDRAWING), E(RELOADED), STAY, DO(WITHDRAW)),
};

void imi_core_session_step(uint32_t state, uint32_t event, imi_core_step *out)
{
    *out = (imi_core_step){.next = (uint8_t)state};
    if (state >= IMI_CORE_STATE_COUNT) {
        out->next = IMI_CORE_STATE_BLOCKED;
        return;
    }
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        const rule *row = &rules[i];
        if ((row->from >> state & 1) != 0 && row->event == event) {
            out->handled = true;
            out->next = row->next == STAY ? (uint8_t)state : row->next;
            out->actions = row->actions;
            return;
        }
    }
}

static const uint8_t phrases[IMI_CORE_STATE_COUNT] = {
    [TO(NEW)] = IMI_CORE_PHRASE_WELCOME,
    [TO(JOINING)] = IMI_CORE_PHRASE_CONNECTING,
    [TO(CONSENT)] = IMI_CORE_PHRASE_READ_CONSENT,
    [TO(CONSENTING)] = IMI_CORE_PHRASE_CONNECTING,
    [TO(READY)] = IMI_CORE_PHRASE_ALLOW_CAMERA,
    [TO(CAMERA_HELP)] = IMI_CORE_PHRASE_CAMERA_HELP,
    [TO(BEGINNING)] = IMI_CORE_PHRASE_CONNECTING,
    [TO(WAITING)] = IMI_CORE_PHRASE_WAIT_A_WHILE,
    [TO(CAPTURING)] = IMI_CORE_PHRASE_NONE,
    [TO(CAPTURING_OFFLINE)] = IMI_CORE_PHRASE_KEEP_GOING_OFFLINE,
    [TO(HOLDING)] = IMI_CORE_PHRASE_NO_CONNECTION,
    [TO(SENDING)] = IMI_CORE_PHRASE_SENDING,
    [TO(SENDING_OFFLINE)] = IMI_CORE_PHRASE_NO_CONNECTION,
    [TO(JUDGING)] = IMI_CORE_PHRASE_CHECKING,
    [TO(TRY_AGAIN)] = IMI_CORE_PHRASE_TRY_AGAIN,
    [TO(PAUSED)] = IMI_CORE_PHRASE_PAUSED,
    [TO(WITHDRAWING)] = IMI_CORE_PHRASE_CONNECTING,
    [TO(DONE)] = IMI_CORE_PHRASE_FINISHED,
    [TO(STAFF_REVIEW)] = IMI_CORE_PHRASE_STAFF_WILL_LOOK,
    [TO(WITHDRAWN)] = IMI_CORE_PHRASE_STOPPED_AS_ASKED,
    [TO(EXPIRED)] = IMI_CORE_PHRASE_TIME_IS_UP,
    [TO(BLOCKED)] = IMI_CORE_PHRASE_ASK_FOR_NEW_LINK,
};

imi_core_phrase imi_core_session_phrase(uint32_t state)
{
    return state < IMI_CORE_STATE_COUNT ? (imi_core_phrase)phrases[state] : IMI_CORE_PHRASE_NONE;
}

bool imi_core_session_is_over(uint32_t state)
{
    return state >= IMI_CORE_STATE_COUNT || ((uint32_t)OVER >> state & 1) != 0;
}
