package org.imi.sdk;

import java.util.concurrent.Executor;

/** What the phone gives: all of it replaceable, so that everything else runs on any Java. */
public final class Platform {
    final CameraSource camera;
    final DeviceKey key;
    final Transport transport;
    final Vault vault;
    final Executor callbacks;
    boolean emulator;
    boolean automation;
    boolean virtualCamera;

    /** @param callbacks where listeners are called; on Android the main thread */
    public Platform(CameraSource camera, DeviceKey key, Transport transport, Vault vault,
            Executor callbacks) {
        if (camera == null || key == null || transport == null || vault == null
                || callbacks == null) {
            throw new IllegalArgumentException("a part of the platform is missing");
        }
        this.camera = camera;
        this.key = key;
        this.transport = transport;
        this.vault = vault;
        this.callbacks = callbacks;
    }

    /** What the phone says about itself: hints, never proof. */
    public Platform hints(boolean virtualCamera, boolean emulator, boolean automation) {
        this.virtualCamera = virtualCamera;
        this.emulator = emulator;
        this.automation = automation;
        return this;
    }

    /** Bits of DeviceHints. */
    int hintBits() {
        return (virtualCamera ? 1 : 0) | (emulator ? 2 : 0) | (automation ? 4 : 0);
    }
}
