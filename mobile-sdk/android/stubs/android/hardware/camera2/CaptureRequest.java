package android.hardware.camera2;

import android.view.Surface;

public final class CaptureRequest {
    public static final class Builder {
        public native void addTarget(Surface surface);

        public native CaptureRequest build();
    }
}
