package org.imi.sdk;

/**
 * The slow sequence of colours that the screen shows once a face was seen. Each fades in from the
 * one before, as the protocol has it: nothing flashes.
 */
final class Light {
    static final int NONE = -1;
    /** From LightSequence of the protocol. */
    static final int FADE_MS = 300;
    /** What the screen shows before the first. */
    private static final int WHITE = 0xFFFFFF;

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
        if (shown == 0) {
            return NONE;
        }
        int step = (shown - 1) / stepMs;
        int passed = Math.min((shown - 1) % stepMs, FADE_MS);
        return blend(step == 0 ? WHITE : colours[step - 1], colours[step], passed);
    }

    private static int blend(int from, int to, int passedMs) {
        int colour = 0;
        for (int shift = 0; shift < 24; shift += 8) {
            int a = from >> shift & 255;
            int b = to >> shift & 255;
            colour |= a + (b - a) * passedMs / FADE_MS << shift;
        }
        return colour;
    }

    /** Milliseconds since the first colour, counted from 1; 0 while there is none. */
    int shownMs(long nowMs) {
        long passed = startedMs < 0 ? -1 : nowMs - startedMs;
        boolean shows = passed >= 0 && passed < (long) stepMs * colours.length;
        return shows ? (int) passed + 1 : 0;
    }
}
