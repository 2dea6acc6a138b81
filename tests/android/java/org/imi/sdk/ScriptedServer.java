package org.imi.sdk;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Answers as a test says: what a server in order does only by chance, or never. */
final class ScriptedServer implements Transport {
    static final int INVALID_ARGUMENT = 3;
    static final int FAILED_PRECONDITION = 9;
    static final int UNAVAILABLE = 14;
    /** Of Guidance. */
    static final int TURN_LEFT = 12;
    static final int TURN_MS = 300;

    /** By path: the status to answer with instead of a message. */
    final Map<String, Integer> refusals = new ConcurrentHashMap<>();
    /** So often others have their turn first. */
    final AtomicInteger turns = new AtomicInteger();
    /** Told for each frame. */
    volatile int guidance = TURN_LEFT;
    private final AtomicInteger sequence = new AtomicInteger();
    private final Map<String, byte[]> messages = Collections.synchronizedMap(new HashMap<>());
    private final Map<String, AtomicInteger> calls = new ConcurrentHashMap<>();

    ScriptedServer() {
        messages.put(Protocol.JOIN, fields(text(1, "credential"), text(3, "May we?"),
                number(4, System.currentTimeMillis() + 600_000)));
        messages.put(Protocol.GIVE_CONSENT, fields(number(1, 3)));
        messages.put(Protocol.BEGIN_CAPTURE, fields(text(1, "capture"),
                bytes(2, new byte[Core.NONCE_SIZE]), number(3, 2), number(5, 200_000),
                bytes(7, fields(number(1, 60_000), number(2, 0x0000FF), number(2, 0x00FF00)))));
        messages.put(Protocol.GET_OUTCOME, fields(number(1, Core.OUTCOME_NUMBER_DONE),
                number(4, Core.KEEP_OFFERED), text(5, "May we keep it?")));
        messages.put(Protocol.KEEP_REFERENCE, fields());
    }

    /** How often it was called. */
    int calls(String path) {
        AtomicInteger count = calls.get(path);
        return count == null ? 0 : count.get();
    }

    @Override
    public Answer post(String path, String credential, ByteBuffer body, ByteBuffer answer) {
        calls.computeIfAbsent(path, first -> new AtomicInteger()).incrementAndGet();
        int status = refusals.getOrDefault(path, 0);
        if (path.equals(Protocol.BEGIN_CAPTURE)) {
            sequence.set(0);
        }
        ByteBuffer out = answer.duplicate();
        out.clear();
        if (status == 0) {
            frame(out, 0, message(path));
        }
        frame(out, 0x80, ("grpc-status:" + status + "\r\n").getBytes(Protocol.UTF_8));
        return new Answer(200, out.position(), 0);
    }

    private byte[] message(String path) {
        if (path.equals(Protocol.BEGIN_CAPTURE) && turns.getAndDecrement() > 0) {
            return fields(number(8, TURN_MS), number(9, 1));
        }
        return path.equals(Protocol.SUBMIT_FRAME) ? feedback() : messages.get(path);
    }

    private byte[] feedback() {
        return fields(bytes(1, fields(number(1, sequence.incrementAndGet()), number(2, guidance))));
    }

    private static void frame(ByteBuffer out, int flag, byte[] content) {
        out.put((byte) flag).putInt(content.length).put(content);
    }

    private static byte[] fields(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.write(part, 0, part.length);
        }
        return all.toByteArray();
    }

    private static void varint(ByteArrayOutputStream out, long value) {
        long left = value;
        for (; left > 127; left >>>= 7) {
            out.write((int) left & 127 | 128);
        }
        out.write((int) left);
    }

    private static byte[] number(int field, long value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        varint(out, field << 3);
        varint(out, value);
        return out.toByteArray();
    }

    private static byte[] bytes(int field, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        varint(out, field << 3 | 2);
        varint(out, content.length);
        out.write(content, 0, content.length);
        return out.toByteArray();
    }

    private static byte[] text(int field, String content) {
        return bytes(field, content.getBytes(Protocol.UTF_8));
    }
}
