package org.imi.sdk;

/**
 * What to ask for while the network is away: the rest of the challenge, at an old person's pace,
 * as nobody can say when one was shown.
 */
final class OfflineScript {
    static final int LEAD_MS = 4000;
    static final int ACTION_MS = 5000;
    static final int BACK_MS = 2000;

    private int[] actions = new int[0];
    private int first;
    private long startedMs = -1;

    void begin(int[] challenge) {
        actions = challenge;
        startedMs = -1;
    }

    void start(int done, long nowMs) {
        first = Math.min(done, actions.length);
        startedMs = nowMs;
    }

    void stop() {
        startedMs = -1;
    }

    /** The phrase to tell, or PHRASE_NONE to leave the last. */
    int phrase(long nowMs) {
        int at = step(nowMs);
        if (startedMs < 0 || at < 0 || at >= actions.length - first) {
            return Core.PHRASE_NONE;
        }
        boolean acts = (nowMs - startedMs - LEAD_MS) % (ACTION_MS + BACK_MS) < ACTION_MS;
        return acts ? phraseOf(actions[first + at]) : Core.PHRASE_BACK_TO_CENTRE;
    }

    /** Whether everything was asked for. */
    boolean isOver(long nowMs) {
        return startedMs >= 0 && step(nowMs) >= actions.length - first;
    }

    private int step(long nowMs) {
        long passed = nowMs - startedMs - LEAD_MS;
        return passed < 0 ? -1 : (int) (passed / (ACTION_MS + BACK_MS));
    }

    /** FOLLOW needs ovals that only the server places. */
    private static int phraseOf(int action) {
        switch (action) {
            case 1:
                return Core.PHRASE_MOVE_CLOSER;
            case 2:
                return Core.PHRASE_TURN_LEFT;
            case 3:
                return Core.PHRASE_TURN_RIGHT;
            case 4:
                return Core.PHRASE_OPEN_MOUTH;
            case 5:
                return Core.PHRASE_BLINK;
            case 7:
                return Core.PHRASE_NOD;
            default:
                return Core.PHRASE_LOOK_STRAIGHT;
        }
    }
}
