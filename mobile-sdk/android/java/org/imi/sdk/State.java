package org.imi.sdk;

/** Where a verification stands; the core's states in the core's order (imi_core/session.h). */
public enum State {
    NEW,
    JOINING,
    CONSENT,
    CONSENTING,
    READY,
    CAMERA_HELP,
    BEGINNING,
    WAITING,
    CAPTURING,
    CAPTURING_OFFLINE,
    HOLDING,
    SENDING,
    SENDING_OFFLINE,
    JUDGING,
    TRY_AGAIN,
    PAUSED,
    WITHDRAWING,
    DONE,
    STAFF_REVIEW,
    WITHDRAWN,
    EXPIRED,
    BLOCKED;

    private static final State[] ALL = values();

    static State of(int number) {
        return ALL[number];
    }
}
