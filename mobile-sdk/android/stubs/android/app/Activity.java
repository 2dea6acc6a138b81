package android.app;

import android.content.Intent;
import android.os.Bundle;
import android.view.ContextThemeWrapper;
import android.view.View;
import android.view.Window;

public class Activity extends ContextThemeWrapper {
    protected native void onCreate(Bundle saved);

    protected native void onStop();

    protected native void onDestroy();

    public native void setContentView(int layout);

    public native <T extends View> T findViewById(int id);

    public native Window getWindow();

    public native Intent getIntent();

    public final native void requestPermissions(String[] names, int request);

    public native void onRequestPermissionsResult(int request, String[] names, int[] granted);
}
