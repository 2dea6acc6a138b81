package org.imi.sdk;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;

/**
 * One verification: a view that changes, and what the person may do. Methods return at once, may
 * be called from any thread, and do nothing in states that they mean nothing in.
 */
public final class Verification {
    private final Tasks tasks = new Tasks();
    private final Publisher publisher;
    private final Runner runner;

    private Verification(Options options, Platform platform, ViewListener listener) {
        publisher = new Publisher(platform.callbacks, listener);
        runner = new Runner(options, platform, tasks, publisher);
    }

    /** Goes on where the app's last end left off, if the vault holds this session. */
    public static Verification open(Options options, Platform platform, ViewListener listener) {
        if (options == null || platform == null || listener == null) {
            throw new IllegalArgumentException("options, platform and listener are needed");
        }
        Verification verification = new Verification(options, platform, listener);
        verification.tasks.post(verification.runner::open);
        return verification;
    }

    /**
     * Erases what a session left that the person abandoned and that has expired since. To be called
     * when the app starts, before a session is opened; takes milliseconds.
     */
    public static void eraseExpired(Vault vault) {
        try {
            byte[] content = vault.load();
            SavedState saved = content == null ? null : SavedState.read(content);
            if (saved != null && System.currentTimeMillis() < saved.expiresAtMs) {
                return;
            }
        } catch (IOException e) {
            // Of no use to anybody.
        }
        vault.erase();
    }

    public VerificationView view() {
        return publisher.last();
    }

    private void post(int event) {
        tasks.post(() -> runner.handle(event));
    }

    public void start() {
        post(Core.START);
    }

    /** Names of the claims that may be told; must hold the required ones. */
    public void agree(Collection<String> claims) {
        Collection<String> copy = Collections.unmodifiableList(new ArrayList<>(claims));
        tasks.post(() -> runner.agree(copy));
    }

    /** No to the consent text, or consent taken back later. */
    public void disagree() {
        post(Core.DISAGREE);
    }

    public void again() {
        post(Core.AGAIN);
    }

    /** Also when the app leaves the screen: everything is kept for the case that it is ended. */
    public void pause() {
        post(Core.PAUSE);
    }

    public void resume() {
        post(Core.RESUME);
    }

    /** Takes effect when the next capture begins. */
    public void setCannot(Collection<Action> actions) {
        Collection<Action> copy = Options.copyOf(actions);
        tasks.post(() -> runner.options.cannot(copy));
    }

    public void setCamera(Facing facing) {
        if (facing == null) {
            throw new IllegalArgumentException("which camera?");
        }
        tasks.post(() -> runner.setCamera(facing));
    }

    /** A recording that takes so long has begun: the phrase is not cut off. */
    public void speaking(int lengthMs) {
        tasks.post(() -> runner.speaking(lengthMs));
    }

    public void keepReference(boolean accepted) {
        tasks.post(() -> runner.keepReference(accepted));
    }

    /** The citizen's copies, told on the callback thread. They work until dispose(). */
    public void receipts(ReceiptsListener listener) {
        tasks.post(() -> runner.receipts(listener));
    }

    /** Stops camera and calls; what another process needs stays unless the session is over. */
    public void dispose() {
        publisher.stop();
        tasks.post(() -> {
            try {
                runner.dispose();
            } finally {
                tasks.stop();
                runner.letGo();
            }
        });
    }
}
