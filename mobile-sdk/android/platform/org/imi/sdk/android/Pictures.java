package org.imi.sdk.android;

import android.media.Image;
import android.media.ImageReader;

/**
 * A reader that lives until the last of its images is closed: closing it before would take the
 * memory away under whoever reads them on another thread.
 */
final class Pictures {
    final ImageReader reader;
    private int taken;
    private boolean closing;

    Pictures(ImageReader reader) {
        this.reader = reader;
    }

    /** Null if none has come. */
    synchronized Image take() {
        Image image = closing ? null : reader.acquireLatestImage();
        taken += image == null ? 0 : 1;
        return image;
    }

    synchronized void giveBack(Image image) {
        image.close();
        taken--;
        closeIfUnused();
    }

    synchronized void close() {
        closing = true;
        closeIfUnused();
    }

    private void closeIfUnused() {
        if (closing && taken == 0) {
            reader.close();
        }
    }
}
