package android.graphics;

public class Matrix {
    public Matrix() {}

    public native void setScale(float x, float y, float aboutX, float aboutY);

    public native boolean postScale(float x, float y, float aboutX, float aboutY);

    public native boolean postRotate(float degrees, float aboutX, float aboutY);
}
