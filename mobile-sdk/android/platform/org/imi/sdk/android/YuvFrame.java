package org.imi.sdk.android;

import android.graphics.ImageFormat;
import android.graphics.Rect;
import android.graphics.YuvImage;
import android.media.Image;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.imi.sdk.CameraFrame;
import org.imi.sdk.Nv21;

/** A picture of YUV_420_888; the reader's until it is closed. */
final class YuvFrame implements CameraFrame {
    private final Pictures pictures;
    private final Image image;
    private final int uprightDegrees;

    YuvFrame(Pictures pictures, Image image, int uprightDegrees) {
        this.pictures = pictures;
        this.image = image;
        this.uprightDegrees = uprightDegrees;
    }

    @Override
    public ByteBuffer luma() {
        return image.getPlanes()[0].getBuffer();
    }

    @Override
    public int width() {
        return image.getWidth();
    }

    @Override
    public int height() {
        return image.getHeight();
    }

    @Override
    public int strideBytes() {
        return image.getPlanes()[0].getRowStride();
    }

    private static Nv21.Plane plane(Image.Plane plane) {
        return new Nv21.Plane(
                plane.getBuffer(), plane.getRowStride(), plane.getPixelStride());
    }

    @Override
    public void writeJpeg(int quality, OutputStream out) throws IOException {
        int width = image.getWidth();
        int height = image.getHeight();
        Image.Plane[] planes = image.getPlanes();
        byte[] picture = Nv21.upright(plane(planes[0]), plane(planes[1]), plane(planes[2]), width,
                height, uprightDegrees);
        boolean lying = uprightDegrees % 180 != 0;
        int outWidth = lying ? height : width;
        int outHeight = lying ? width : height;
        YuvImage upright = new YuvImage(picture, ImageFormat.NV21, outWidth, outHeight, null);
        if (!upright.compressToJpeg(new Rect(0, 0, outWidth, outHeight), quality, out)) {
            throw new IOException("no picture");
        }
    }

    @Override
    public void close() {
        pictures.giveBack(image);
    }
}
