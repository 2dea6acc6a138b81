package org.imi.sdk;

/** A camera that the SDK opens and closes; both return at once and may come twice. */
public interface CameraSource {
    void open(Facing facing, Listener listener);

    /** No call of the listener's is to follow for frames. */
    void close();

    /** May be called from any thread. */
    interface Listener {
        void onReady();

        void onFrame(CameraFrame frame);

        void onLost(Loss loss);
    }

    /** Why there is no camera. */
    enum Loss {
        DENIED(Core.REASON_CAMERA_DENIED),
        MISSING(Core.REASON_CAMERA_MISSING),
        TAKEN(Core.REASON_CAMERA_TAKEN);

        final int reason;

        Loss(int reason) {
            this.reason = reason;
        }
    }
}
