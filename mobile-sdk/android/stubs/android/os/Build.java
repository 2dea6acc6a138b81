package android.os;

public class Build {
    public static final String FINGERPRINT = read();
    public static final String HARDWARE = read();

    private static native String read();

    public static class VERSION {
        public static final int SDK_INT = Integer.parseInt(read());
    }

    public static class VERSION_CODES {
        public static final int N = 24;
        public static final int O = 26;
        public static final int P = 28;
    }
}
