package android.content;

import android.content.res.AssetManager;
import android.content.res.Configuration;
import android.content.res.Resources;
import java.io.File;

public abstract class Context {
    public static final String CAMERA_SERVICE = "camera";
    public static final String VIBRATOR_SERVICE = "vibrator";
    public static final String WINDOW_SERVICE = "window";

    public abstract Context getApplicationContext();

    public final native String getString(int id);

    public final native String getString(int id, Object... arguments);

    public abstract int checkSelfPermission(String name);

    public abstract Object getSystemService(String name);

    public abstract File getNoBackupFilesDir();

    public abstract Resources getResources();

    public abstract AssetManager getAssets();

    public abstract Context createConfigurationContext(Configuration wanted);
}
