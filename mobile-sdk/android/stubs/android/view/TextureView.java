package android.view;

import android.graphics.Matrix;
import android.graphics.SurfaceTexture;

public class TextureView extends View {
    public native SurfaceTexture getSurfaceTexture();

    public native void setTransform(Matrix matrix);
}
