package android.hardware.camera2;

import android.hardware.camera2.params.StreamConfigurationMap;

public final class CameraCharacteristics {
    public static final int LENS_FACING_FRONT = 0;
    public static final int LENS_FACING_BACK = 1;
    public static final Key<Integer> LENS_FACING = null;
    public static final Key<Integer> SENSOR_ORIENTATION = null;
    public static final Key<StreamConfigurationMap>
            SCALER_STREAM_CONFIGURATION_MAP = null;

    public native <T> T get(Key<T> key);

    public static final class Key<T> {
    }
}
