package android.graphics;

public class Canvas {
    public native void drawOval(float left, float top, float right, float bottom, Paint paint);
}
