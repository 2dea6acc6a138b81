package org.imi.sdk;

import java.io.IOException;
import java.nio.ByteBuffer;

/** How a call reaches the gateway. Calls come one at a time, from a thread of the SDK's. */
public interface Transport {
    /** An answer of HTTP. */
    final class Answer {
        public final int status;
        /** Bytes in the buffer that was given. */
        public final int size;
        /** The server's clock in milliseconds since 1970; 0 if it told none. */
        public final long dateMs;

        public Answer(int status, int size, long dateMs) {
            this.status = status;
            this.size = size;
            this.dateMs = dateMs;
        }
    }

    /**
     * POST a body of application/grpc-web+proto. An answer that does not fit is an IOException; so
     * is everything that prevented one.
     *
     * @param path such as /imi.v1.SubjectService/Join
     * @param credential for "authorization: Bearer", or null
     * @param body from its position to its limit
     * @param answer direct; filled from 0
     */
    Answer post(String path, String credential, ByteBuffer body, ByteBuffer answer)
            throws IOException;
}
