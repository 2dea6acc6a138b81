package org.imi.sdk;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;

/** Frames on their way: the core's queue, with two calls under way at a time. */
final class Uplink {
    /** The delay of one is filled by the other; the server keeps their order. */
    static final int WINDOW = 2;

    /** Feedback takes less than 100 bytes; trailers have texts. */
    private static final int ANSWER_ROOM = 16 * 1024;

    private final ByteBuffer queue;
    private final int[] plan = new int[3];
    private final long[] sequence = new long[1];

    Uplink(int storageBytes, int randomSeed) {
        queue = ByteBuffer.allocateDirect(Core.queueSize() + storageBytes);
        Core.queueInit(queue, WINDOW, randomSeed);
    }

    /** False for a capture that the core does not take; there is none then. */
    boolean begin(Protocol.Begun begun) {
        try {
            Core.queueBegin(queue, begun.captureId, begun.nonce, begun.maxFrameBytes);
            return true;
        } catch (IllegalArgumentException e) {
            Core.queueDrop(queue);
            return false;
        }
    }

    void drop() {
        Core.queueDrop(queue);
    }

    /** PUSH_*. A frame that cannot be signed throws. */
    int push(Capture.Shot shot, DeviceKey key) throws GeneralSecurityException {
        byte[] message = Core.queueMessage(queue, shot.capturedAtMs, shot.digest);
        if (message == null) {
            return Core.PUSH_NO_CAPTURE;
        }
        return Core.queuePush(queue, shot.capturedAtMs, shot.lightShownMs, shot.jpeg,
                shot.jpeg.limit(), key.sign(message));
    }

    /** One call: a frame as it is sent, and room for its answer. */
    static final class Slot {
        final ByteBuffer request =
                ByteBuffer.allocateDirect(Capture.JPEG_ROOM + Core.FRAME_ENVELOPE_MAX);
        final ByteBuffer answer = ByteBuffer.allocateDirect(ANSWER_ROOM);
        long sequence;
        boolean underWay;
    }

    /** Fills the slot with the frame to send now; false if none is due. */
    boolean next(long nowMs, Slot slot) {
        int size = Core.queueNext(queue, nowMs, slot.request, sequence);
        if (size > 0) {
            slot.sequence = sequence[0];
            slot.request.clear();
            slot.request.limit(size);
        }
        return size > 0;
    }

    void answered(long number, long nowMs) {
        Core.queueAnswered(queue, number, nowMs);
    }

    void failed(long number, long nowMs) {
        Core.queueFailed(queue, number, nowMs);
    }

    void reconnected() {
        Core.queueReconnected(queue);
    }

    int waiting() {
        return Core.queueWaiting(queue);
    }

    int aimBytes() {
        Core.queuePlan(queue, plan);
        return plan[0];
    }

    int periodMs() {
        Core.queuePlan(queue, plan);
        return plan[1];
    }

    int bytesPerS() {
        Core.queuePlan(queue, plan);
        return plan[2];
    }

    byte[] save(int state, long expiresAtMs) {
        ByteBuffer out = ByteBuffer.allocateDirect(Core.stateSavedSize(queue));
        byte[] saved = new byte[Core.stateSave(queue, state, expiresAtMs, out)];
        out.get(saved);
        return saved;
    }

    /** State and end of the session, or null. */
    long[] load(byte[] saved) {
        long[] loaded = new long[2];
        return Core.stateLoad(queue, Protocol.direct(saved), saved.length, loaded) ? loaded : null;
    }
}
