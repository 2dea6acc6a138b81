package android.os;

public abstract class VibrationEffect {
    public static final int DEFAULT_AMPLITUDE = -1;

    public static native VibrationEffect createOneShot(long lengthMs, int amplitude);
}
