package android.content.res;

import java.util.Locale;

public final class Configuration {
    public static final int ORIENTATION_LANDSCAPE = 2;

    public int orientation;

    public Configuration(Configuration from) {}

    public native void setLocale(Locale locale);
}
