package org.imi.sdk;

/**
 * What to show now. A new object for every change; guidance and outcome never say which check
 * failed.
 */
public final class VerificationView {
    public final State state;
    /** Name of the phrase to show, paced: nothing flips faster than a person reads. */
    public final String phrase;
    /** Grows by one each time that the phrase is to be spoken (and the phone is to vibrate). */
    public final int spoken;
    /** Why it does not go on, or "none"; a name of the core's. Its phrase is shown already. */
    public final String reason;
    /** Null before the server has told it. */
    public final Consent consent;
    /** Null if none is to be drawn. */
    public final Oval oval;
    /** 0xRRGGBB to fill the screen with while coloured light is asked for; -1 for none. */
    public final int light;
    public final int actionsDone;
    public final int actionsTotal;
    public final int attemptsLeft;
    /** The server saw a face in this capture: only from now on may anything be timed or counted. */
    public final boolean faceSeen;
    /** Frames that are kept here and were not answered yet. */
    public final int framesWaiting;
    /** Milliseconds since 1970 until which to wait, in state WAITING; else 0. */
    public final long waitUntilMs;
    /** Milliseconds since 1970 at which the session ends; 0 before it is joined. */
    public final long expiresAtMs;
    /** Null if there is nothing to answer. */
    public final KeepReference keepReference;
    /** The session is over; nothing follows any more. */
    public final boolean over;

    VerificationView(Draft draft) {
        state = draft.state;
        phrase = draft.phrase;
        spoken = draft.spoken;
        reason = draft.reason;
        consent = draft.consent;
        oval = draft.oval;
        light = draft.light;
        actionsDone = draft.actionsDone;
        actionsTotal = draft.actionsTotal;
        attemptsLeft = draft.attemptsLeft;
        faceSeen = draft.faceSeen;
        framesWaiting = draft.framesWaiting;
        waitUntilMs = draft.waitUntilMs;
        expiresAtMs = draft.expiresAtMs;
        keepReference = draft.keepReference;
        over = draft.over;
    }

    /** Whether it tells the same. */
    boolean equalsDraft(Draft draft) {
        return state == draft.state && phrase.equals(draft.phrase) && spoken == draft.spoken
                && reason.equals(draft.reason) && consent == draft.consent
                && (oval == null ? draft.oval == null : oval.equals(draft.oval))
                && light == draft.light && actionsDone == draft.actionsDone
                && actionsTotal == draft.actionsTotal && attemptsLeft == draft.attemptsLeft
                && faceSeen == draft.faceSeen && framesWaiting == draft.framesWaiting
                && waitUntilMs == draft.waitUntilMs && expiresAtMs == draft.expiresAtMs
                && keepReference == draft.keepReference && over == draft.over;
    }

    /** The view that is being made. */
    static final class Draft {
        State state = State.NEW;
        String phrase = "none";
        int spoken;
        String reason = "none";
        Consent consent;
        Oval oval;
        int light = -1;
        int actionsDone;
        int actionsTotal;
        int attemptsLeft;
        boolean faceSeen;
        int framesWaiting;
        long waitUntilMs;
        long expiresAtMs;
        KeepReference keepReference;
        boolean over;
    }
}
