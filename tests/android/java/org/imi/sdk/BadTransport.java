package org.imi.sdk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;

/** A network that loses calls, and answers to calls that arrived. */
final class BadTransport implements Transport {
    volatile boolean away;
    int lostCalls;
    int lostAnswers;
    private final Transport through;
    private final double share;
    private final Random random = new Random(6);

    /** @param share of calls that are lost, and again of answers */
    BadTransport(Transport through, double share) {
        this.through = through;
        this.share = share;
    }

    private synchronized boolean loses() {
        return random.nextDouble() < share;
    }

    @Override
    public Answer post(String path, String credential, ByteBuffer body, ByteBuffer answer)
            throws IOException {
        if (away || loses()) {
            lostCalls++;
            throw new IOException("lost on the way");
        }
        Answer answered = through.post(path, credential, body, answer);
        if (away || loses()) {
            lostAnswers++;
            throw new IOException("lost on the way back");
        }
        return answered;
    }
}
