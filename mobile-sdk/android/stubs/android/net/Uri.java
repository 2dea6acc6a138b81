package android.net;

public abstract class Uri {
    @Override
    public abstract String toString();
}
