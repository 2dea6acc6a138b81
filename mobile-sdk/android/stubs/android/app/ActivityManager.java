package android.app;

public class ActivityManager {
    public static native boolean isUserAMonkey();
}
