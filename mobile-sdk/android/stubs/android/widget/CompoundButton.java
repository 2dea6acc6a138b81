package android.widget;

public abstract class CompoundButton extends Button {
    public native boolean isChecked();
}
