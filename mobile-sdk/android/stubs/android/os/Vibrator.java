package android.os;

public abstract class Vibrator {
    public abstract boolean hasVibrator();

    @Deprecated
    public native void vibrate(long lengthMs);

    public native void vibrate(VibrationEffect effect);
}
