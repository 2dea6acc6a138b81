package android.view;

import android.graphics.SurfaceTexture;

public class TextureView extends View {
    public native SurfaceTexture getSurfaceTexture();
}
