package android.media;

import java.io.FileDescriptor;
import java.io.IOException;

public class MediaPlayer {
    public native void setDataSource(FileDescriptor file, long offset, long length)
            throws IOException;

    public native void prepare() throws IOException;

    public native void start();

    public native int getDuration();

    public native void release();
}
