package org.imi.sdk;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * A picture of the camera's. The SDK closes every one, once and on any thread; until then its
 * memory must stay, also when the camera is closed meanwhile.
 */
public interface CameraFrame {
    /** Brightness, one byte a pixel, in a direct buffer from its start; may lie on its side. */
    ByteBuffer luma();

    int width();

    int height();

    int strideBytes();

    /** The upright picture, of a quality from 30 to 90. */
    void writeJpeg(int quality, OutputStream out) throws IOException;

    void close();
}
