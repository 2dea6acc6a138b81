package org.imi.sdk;

import java.io.IOException;
import java.nio.ByteBuffer;

/** One call and what became of it. */
final class Network {
    /** What came of a call: a message, or why there is none. */
    static final class Reply {
        /** REASON_NONE if there is a message. */
        final int reason;
        final Message message;
        /** The server's clock; 0 if unknown. */
        final long dateMs;

        Reply(int reason, Message message, long dateMs) {
            this.reason = reason;
            this.message = message;
            this.dateMs = dateMs;
        }
    }

    private final Transport transport;

    Network(Transport transport) {
        this.transport = transport;
    }

    /** Blocks. The answer's buffer belongs to the reply until the next call with it. */
    Reply call(String path, String credential, ByteBuffer request, ByteBuffer answer) {
        Transport.Answer got;
        try {
            got = transport.post(path, credential, request.duplicate(), answer);
        } catch (IOException | RuntimeException e) {
            // Also what a foreign transport throws against its word: the call failed.
            return new Reply(Core.REASON_NO_NETWORK, null, 0);
        }
        long[] place = new long[2];
        int grpcStatus = got.status == 200 ? Core.readAnswer(answer, got.size, place) : -1;
        int reason = Protocol.reason(got.status, grpcStatus);
        Message message = reason == Core.REASON_NONE
                ? new Message(answer, (int) place[0], (int) place[1]) : null;
        return new Reply(reason, message, got.dateMs);
    }
}
