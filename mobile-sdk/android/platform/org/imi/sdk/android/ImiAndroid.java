package org.imi.sdk.android;

import android.app.ActivityManager;
import android.content.Context;
import android.os.Build;
import android.os.Handler;
import android.os.Looper;
import android.view.TextureView;
import java.io.File;
import org.imi.sdk.FileVault;
import org.imi.sdk.HttpsTransport;
import org.imi.sdk.Options;
import org.imi.sdk.Platform;
import org.imi.sdk.SealedVault;
import org.imi.sdk.Vault;
import org.imi.sdk.Verification;
import org.imi.sdk.ViewListener;

/** A verification on Android's own parts. Each of them can be replaced: see open's lines. */
public final class ImiAndroid {
    private ImiAndroid() {}

    /**
     * @param preview where the camera is shown; laid out before start() is called
     * @param listener called on the main thread
     */
    public static Verification open(
            Context context, Options options, TextureView preview, ViewListener listener) {
        Handler main = new Handler(Looper.getMainLooper());
        Platform platform = new Platform(new Camera2Source(context, preview),
                new KeystoreKey(options.sessionId()), new HttpsTransport(options.origin(), null),
                vault(context), main::post);
        return Verification.open(
                options, platform.hints(false, isEmulator(), isAutomated()), listener);
    }

    /** To be called when the app starts: erases images of a session that was never finished. */
    public static void eraseExpired(Context context) {
        Verification.eraseExpired(vault(context));
    }

    /** Neither copied to the cloud nor to the next phone. */
    private static Vault vault(Context context) {
        File file = new File(context.getNoBackupFilesDir(), "imi-verification");
        return new SealedVault(new FileVault(file), new KeystoreSealingKey());
    }

    private static boolean isEmulator() {
        return Build.HARDWARE.equals("goldfish") || Build.HARDWARE.equals("ranchu")
                || Build.FINGERPRINT.startsWith("generic");
    }

    private static boolean isAutomated() {
        return ActivityManager.isUserAMonkey();
    }
}
