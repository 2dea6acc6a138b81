package android.content;

import android.content.res.AssetManager;
import android.content.res.Configuration;
import android.content.res.Resources;
import java.io.File;

public class ContextWrapper extends Context {
    @Override
    public native Context getApplicationContext();

    @Override
    public native int checkSelfPermission(String name);

    @Override
    public native Object getSystemService(String name);

    @Override
    public native File getNoBackupFilesDir();

    @Override
    public native Resources getResources();

    @Override
    public native AssetManager getAssets();

    @Override
    public native Context createConfigurationContext(Configuration wanted);
}
