package android.graphics;

import java.io.OutputStream;

public class YuvImage {
    public YuvImage(byte[] yuv, int format, int width, int height, int[] strides) {}

    public native boolean compressToJpeg(Rect part, int quality, OutputStream out);
}
