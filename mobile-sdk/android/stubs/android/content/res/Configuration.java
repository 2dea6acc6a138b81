package android.content.res;

import java.util.Locale;

public final class Configuration {
    public Configuration(Configuration from) {}

    public native void setLocale(Locale locale);
}
