package org.imi.sdk;

import static org.junit.Assert.fail;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** A phone of a test's own: the SDK as it is, on parts of a PC's. */
final class TestPhone implements ViewListener, AutoCloseable {
    private static final int PATIENCE_S = 100;
    private static final CameraSource NO_CAMERA = new CameraSource() {
        @Override
        public void open(Facing facing, Listener listener) {
            listener.onLost(Loss.MISSING);
        }

        @Override
        public void close() {
        }
    };

    final JcaKey key = new JcaKey();
    final MemoryVault vault = new MemoryVault();
    private final List<VerificationView> seen = Collections.synchronizedList(new ArrayList<>());
    private final ExecutorService callbacks = Executors.newSingleThreadExecutor();
    final ClipCamera camera;
    private final CameraSource source;
    private final Transport transport;
    private VerificationView last;
    Verification verification;

    /** @param camera null for a phone without one */
    TestPhone(ClipCamera camera, Transport transport) {
        this.camera = camera;
        source = camera == null ? NO_CAMERA : camera;
        this.transport = transport;
    }

    TestPhone(CameraSource source, Transport transport) {
        camera = null;
        this.source = source;
        this.transport = transport;
    }

    /** Also a second time, as after the end of the app's process. */
    TestPhone open(Options options) {
        last = null;
        verification = Verification.open(
                options, new Platform(source, key, transport, vault, callbacks), this);
        return this;
    }

    @Override
    public synchronized void onChange(VerificationView view) {
        seen.add(view);
        last = view;
        if (camera != null) {
            camera.ask(view.phrase);
        }
        notifyAll();
    }

    /** What is waited for. */
    interface Condition {
        boolean holds(VerificationView view);
    }

    /** The first view from now on that is so. */
    synchronized VerificationView await(String what, Condition wanted) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
        while (last == null || !wanted.holds(last)) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                fail(what + " did not come; last was " + tell(last));
            }
            wait(left);
        }
        return last;
    }

    VerificationView await(State state) throws InterruptedException {
        return await("state " + state, view -> view.state == state);
    }

    VerificationView awaitEnd() throws InterruptedException {
        return await("the end", view -> view.over);
    }

    static String tell(VerificationView view) {
        return view == null ? "nothing"
                : view.state + " " + view.phrase + " " + view.reason + " " + view.actionsDone + "/"
                        + view.actionsTotal + " waiting " + view.framesWaiting;
    }

    List<VerificationView> seen() {
        return new ArrayList<>(seen);
    }

    /** The states in the order of their coming. */
    List<State> states() {
        List<State> states = new ArrayList<>();
        for (VerificationView view : seen()) {
            if (states.isEmpty() || states.get(states.size() - 1) != view.state) {
                states.add(view.state);
            }
        }
        return states;
    }

    @Override
    public void close() {
        verification.dispose();
        if (camera != null) {
            camera.stop();
        }
        callbacks.shutdown();
    }
}
