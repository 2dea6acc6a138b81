package android.view;

import android.content.Context;
import android.content.res.Resources;
import android.graphics.Canvas;
import android.util.AttributeSet;

public class View {
    public static final int VISIBLE = 0;
    public static final int INVISIBLE = 4;
    public static final int GONE = 8;

    protected View() {}

    public View(Context context, AttributeSet attributes) {}

    public final native Resources getResources();

    public native void invalidate();

    protected native void onDraw(Canvas canvas);

    public final native int getWidth();

    public final native int getHeight();

    public native boolean post(Runnable work);

    public native void setBackgroundColor(int colour);

    public native void setVisibility(int visibility);

    public native void setOnClickListener(OnClickListener listener);

    public interface OnClickListener {
        void onClick(View view);
    }
}
