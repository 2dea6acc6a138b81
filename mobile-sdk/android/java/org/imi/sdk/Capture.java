package org.imi.sdk;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * From camera frames to JPEGs worth sending.
 *
 * A capture has one JPEG quality: the server takes files that are made in two ways for two sources.
 * So the quality is found with the first frames, which are not sent.
 */
final class Capture {
    /** A frame of 640x480 of the best quality takes less than half of it. */
    static final int JPEG_ROOM = 512 * 1024;

    private static final int QUALITY_FIRST = 60;
    /** Place of the difference to the frame before. */
    private static final int MOTION = 4;
    private static final int TRIALS_MAX = 5;
    /** A frame that is on its way for longer, and larger than planned, had better be smaller. */
    private static final int SLOW_FRAME_MS = 700;

    /** A frame that is to be sent; valid until the next one. */
    static final class Shot {
        ByteBuffer jpeg;
        byte[] digest;
        long capturedAtMs;
        int lightShownMs;
    }

    private final ByteBuffer chooser = ByteBuffer.allocateDirect(Core.chooserSize());
    private final ByteBuffer jpeg = ByteBuffer.allocateDirect(JPEG_ROOM);
    private final int[] quality = new int[Core.QUALITY_FIELDS];
    private final MessageDigest sha256;
    private ByteBuffer before;
    private boolean compared;
    private int beforeWidth;
    private int beforeHeight;
    private int jpegQuality = QUALITY_FIRST;
    private int trialsLeft = TRIALS_MAX;
    private int jpegBytes;
    private long lastCapturedAtMs;

    Capture() {
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
        begin();
    }

    void begin() {
        Core.chooserInit(chooser);
        before = null;
        trialsLeft = TRIALS_MAX;
        jpegBytes = 0;
    }

    int quality() {
        return jpegQuality;
    }

    /** The capture of an earlier process goes on. */
    void resume(int quality) {
        jpegQuality = quality;
        trialsLeft = 0;
    }

    /** Frames are so large for the uplink that it is worth beginning again with smaller ones. */
    boolean isTooSlow(int aimBytes, int bytesPerS) {
        boolean large = jpegBytes * 5L > aimBytes * 7L;
        return large && jpegBytes * 1000L > (long) SLOW_FRAME_MS * bytesPerS;
    }

    void measure(CameraFrame frame) {
        int width = frame.width();
        int height = frame.height();
        boolean alike = before != null && width == beforeWidth && height == beforeHeight;
        Core.qualityMeasure(frame.luma(), width, height, frame.strideBytes(),
                alike ? before : null, quality);
        compared = alike;
        keep(frame, width, height);
    }

    /** Whether the frame measured last is to be sent; never one that is the same as the last. */
    boolean isWanted(int periodMs, long nowMs) {
        boolean isNew = !compared || quality[MOTION] > 0;
        return isNew && Core.chooserTake(chooser, quality, periodMs, nowMs);
    }

    private void keep(CameraFrame frame, int width, int height) {
        if (before == null || before.capacity() != width * height) {
            before = ByteBuffer.allocateDirect(width * height);
        }
        beforeWidth = width;
        beforeHeight = height;
        before.clear();
        ByteBuffer rows = frame.luma().duplicate();
        for (int y = 0; y < height; y++) {
            int start = y * frame.strideBytes();
            rows.clear();
            rows.position(start);
            rows.limit(start + width);
            before.put(rows);
        }
    }

    /** A hint on the frame measured last, before the server has looked. */
    int advice() {
        return Core.qualityAdvice(quality);
    }

    /** False once the quality is found; until then each frame is for finding it. */
    boolean isTrying() {
        return trialsLeft > 0;
    }

    void findQuality(CameraFrame frame, int aimBytes) {
        int size = encode(frame) ? jpeg.limit() : JPEG_ROOM;
        int better = Core.jpegQuality(jpegQuality, size, aimBytes);
        trialsLeft = better == jpegQuality ? 0 : trialsLeft - 1;
        jpegQuality = better;
    }

    private boolean encode(CameraFrame frame) {
        jpeg.clear();
        try (OutputStream out = new BufferStream(jpeg)) {
            frame.writeJpeg(jpegQuality, out);
        } catch (IOException e) {
            return false;
        }
        jpeg.flip();
        return true;
    }

    /** The frame as it is sent; null for one that came out too large, which the next may not. */
    Shot shoot(CameraFrame frame, long wallMs, int lightShownMs) {
        if (!encode(frame)) {
            return null;
        }
        jpegBytes = jpeg.limit();
        Shot shot = new Shot();
        sha256.update(jpeg.duplicate());
        shot.digest = sha256.digest();
        shot.jpeg = jpeg;
        // The phone's clock may be set back in between; the server wants it to grow.
        shot.capturedAtMs = Math.max(wallMs, lastCapturedAtMs + 1);
        lastCapturedAtMs = shot.capturedAtMs;
        shot.lightShownMs = lightShownMs;
        return shot;
    }

    /** Into a buffer, without a copy on the way. */
    private static final class BufferStream extends OutputStream {
        private final ByteBuffer buffer;

        BufferStream(ByteBuffer buffer) {
            this.buffer = buffer;
        }

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
            if (count > buffer.remaining()) {
                throw new IOException("the picture is too large");
            }
            buffer.put(bytes, from, count);
        }
    }
}
