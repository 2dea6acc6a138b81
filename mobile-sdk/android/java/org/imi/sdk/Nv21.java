package org.imi.sdk;

import java.nio.ByteBuffer;

/** Three planes of a camera, as they come, to one upright NV21 picture: what YuvImage takes. */
public final class Nv21 {
    /** A plane: bytes from 0, with gaps between rows, and between pixels of a row. */
    public static final class Plane {
        final ByteBuffer bytes;
        final int rowStride;
        final int pixelStride;

        public Plane(ByteBuffer bytes, int rowStride, int pixelStride) {
            this.bytes = bytes;
            this.rowStride = rowStride;
            this.pixelStride = pixelStride;
        }

        /** Turned clockwise into an array, every so many bytes of it. */
        void turn(int width, int height, int degrees, byte[] out, int start, int step) {
            int outWidth = degrees % 180 == 0 ? width : height;
            // The last row ends with its last pixel, whatever the stride.
            byte[] row = new byte[(width - 1) * pixelStride + 1];
            ByteBuffer rows = bytes.duplicate();
            for (int y = 0; y < height; y++) {
                rows.clear();
                rows.position(y * rowStride);
                rows.get(row);
                for (int x = 0; x < width; x++) {
                    int toX = x;
                    int toY = y;
                    if (degrees == 90) {
                        toX = height - 1 - y;
                        toY = x;
                    } else if (degrees == 180) {
                        toX = width - 1 - x;
                        toY = height - 1 - y;
                    } else if (degrees == 270) {
                        toX = y;
                        toY = width - 1 - x;
                    }
                    out[start + (toY * outWidth + toX) * step] = row[x * pixelStride];
                }
            }
        }
    }

    private Nv21() {}

    /**
     * @param width even, as the height is
     * @param degrees to turn clockwise: 0, 90, 180 or 270
     * @throws IllegalArgumentException for anything else
     */
    public static byte[] upright(
            Plane luma, Plane blue, Plane red, int width, int height, int degrees) {
        boolean possible = width > 0 && height > 0 && width % 2 == 0 && height % 2 == 0
                && degrees >= 0 && degrees < 360 && degrees % 90 == 0;
        if (!possible) {
            throw new IllegalArgumentException("no picture for NV21");
        }
        byte[] out = new byte[width * height * 3 / 2];
        luma.turn(width, height, degrees, out, 0, 1);
        red.turn(width / 2, height / 2, degrees, out, width * height, 2);
        blue.turn(width / 2, height / 2, degrees, out, width * height + 1, 2);
        return out;
    }
}
