package org.imi.sdk;

import java.util.Arrays;

/** What to ask for while the network is away: the rest of the challenge, at the core's pace. */
final class OfflineScript {
    private int[] actions = new int[0];
    private int[] left = new int[0];
    private long startedMs = -1;

    void begin(int[] challenge) {
        actions = challenge;
        startedMs = -1;
    }

    void start(int done, long nowMs) {
        left = Arrays.copyOfRange(actions, Math.min(done, actions.length), actions.length);
        startedMs = nowMs;
    }

    void stop() {
        startedMs = -1;
    }

    /** To tell; PHRASE_NONE leaves the last, PHRASE_CAPTURE_DONE is when all was asked for. */
    int phrase(long nowMs) {
        long passed = Math.min(nowMs - startedMs, Integer.MAX_VALUE);
        return startedMs < 0 ? Core.PHRASE_NONE : Core.offlinePhrase(left, (int) passed);
    }
}
