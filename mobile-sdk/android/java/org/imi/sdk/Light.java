package org.imi.sdk;

/** The slow sequence of colours that the screen shows once a face was seen. */
final class Light {
    static final int NONE = -1;

    private int stepMs;
    private int[] colours = new int[0];
    private long startedMs = -1;

    void begin(int step, int[] sequence) {
        stepMs = step;
        colours = step > 0 ? sequence : new int[0];
        startedMs = -1;
    }

    void start(long nowMs) {
        if (startedMs < 0) {
            startedMs = nowMs;
        }
    }

    /** The colour that is to be shown, or NONE. */
    int colour(long nowMs) {
        int shown = shownMs(nowMs);
        return shown == 0 ? NONE : colours[(shown - 1) / stepMs];
    }

    /** Milliseconds since the first colour, counted from 1; 0 while there is none. */
    int shownMs(long nowMs) {
        long passed = startedMs < 0 ? -1 : nowMs - startedMs;
        boolean shows = passed >= 0 && passed < (long) stepMs * colours.length;
        return shows ? (int) passed + 1 : 0;
    }
}
