package org.imi.sdk;

import java.nio.ByteBuffer;

/** What is told now: the core's pacer, with names instead of numbers. */
final class Telling {
    private final ByteBuffer pacer = ByteBuffer.allocateDirect(Core.pacerSize());
    private int shown = -1;
    private String name = "none";

    Telling() {
        Core.pacerInit(pacer);
    }

    void offer(int phrase, long nowMs) {
        Core.pacerOffer(pacer, phrase, nowMs);
    }

    void speaking(int lengthMs, long nowMs) {
        Core.pacerSpeaking(pacer, lengthMs, nowMs);
    }

    /** Brings phrase and spoken up to now; the number of the phrase that is shown. */
    int tick(VerificationView.Draft draft, long nowMs) {
        int cue = Core.pacerTick(pacer, nowMs);
        int phrase = cue & 0xFFFF;
        if (phrase != shown) {
            shown = phrase;
            name = Core.phraseName(phrase);
        }
        draft.phrase = name;
        draft.spoken += cue >> 16 & 1;
        return phrase;
    }
}
