package android.media;

import android.os.Handler;
import android.view.Surface;

public class ImageReader implements AutoCloseable {
    public static native ImageReader newInstance(int width, int height, int format, int images);

    public native Image acquireLatestImage();

    public native Surface getSurface();

    public native void setOnImageAvailableListener(
            OnImageAvailableListener listener, Handler handler);

    @Override
    public native void close();

    public interface OnImageAvailableListener {
        void onImageAvailable(ImageReader reader);
    }
}
