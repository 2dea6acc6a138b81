package android.graphics;

public class Paint {
    public enum Style { FILL, STROKE, FILL_AND_STROKE }

    public native void setAntiAlias(boolean smooth);

    public native void setStyle(Style style);

    public native void setColor(int colour);

    public native void setStrokeWidth(float width);
}
