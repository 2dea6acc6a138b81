package org.imi.sdk;

import java.nio.ByteBuffer;

/** Where a message lies in the buffer of an answer. */
final class Message {
    final ByteBuffer buffer;
    final int offset;
    final int size;

    Message(ByteBuffer buffer, int offset, int size) {
        this.buffer = buffer;
        this.offset = offset;
        this.size = size;
    }

    /** The bytes that two places of a row name. */
    byte[] bytes(long[] row, int at) {
        byte[] bytes = new byte[(int) row[at + 1]];
        ByteBuffer view = buffer.duplicate();
        view.clear();
        view.position((int) row[at]);
        view.get(bytes);
        return bytes;
    }

    String text(long[] row, int at) {
        return new String(bytes(row, at), Protocol.UTF_8);
    }
}
