package android.view;

public class View {
    public static final int VISIBLE = 0;
    public static final int INVISIBLE = 4;
    public static final int GONE = 8;

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
