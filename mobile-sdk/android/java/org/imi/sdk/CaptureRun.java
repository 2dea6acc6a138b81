package org.imi.sdk;

import java.security.GeneralSecurityException;
import java.util.concurrent.atomic.AtomicReference;

/** The part of a verification that has to do with frames: camera, queue, guidance, light. */
final class CaptureRun {
    /** A single lost call is usual on a bad link, and two may be under way when it stumbles. */
    private static final int LOST_IN_A_ROW = Uplink.WINDOW + 1;
    /** Captures in a row whose frames are refused: then this phone will not do. */
    private static final int REFUSALS_MAX = 4;

    final Uplink uplink;
    private final Runner runner;
    private final Platform platform;
    private final Network network;
    private final Tasks tasks;
    private final Capture capture = new Capture();
    private final Light light = new Light();
    private final OfflineScript script = new OfflineScript();
    private final Uplink.Slot[] slots = new Uplink.Slot[Uplink.WINDOW];
    /** The one frame that is looked at or waits for it. */
    private final AtomicReference<CameraFrame> held = new AtomicReference<>();
    private boolean sending;
    private boolean cameraOpen;
    private boolean cameraReady;
    private int cameraTurn;
    private int captureTurn;
    private int lost;
    private int refusals;
    private boolean judgedOnce;

    CaptureRun(Runner runner, Platform platform, Network network, Tasks tasks, int seed) {
        this.runner = runner;
        this.platform = platform;
        this.network = network;
        this.tasks = tasks;
        uplink = new Uplink(runner.options.storageBytes, seed);
        for (int i = 0; i < slots.length; i++) {
            slots[i] = new Uplink.Slot();
        }
    }

    /** False for a capture that cannot be. */
    boolean begin(Protocol.Begun begun) {
        reset();
        light.begin(begun.lightStepMs, begun.colours);
        script.begin(begun.actions);
        return uplink.begin(begun);
    }

    private void reset() {
        captureTurn++;
        lost = 0;
        judgedOnce = false;
        capture.begin();
        light.begin(0, new int[0]);
        script.begin(new int[0]);
        runner.draft().oval = null;
        runner.draft().light = Light.NONE;
        runner.draft().faceSeen = false;
    }

    void act(int actions) {
        if ((actions & Core.DO_HOLD) != 0) {
            sending = false;
        }
        if ((actions & Core.DO_CLOSE_CAMERA) != 0) {
            closeCamera();
        }
        if ((actions & Core.DO_DROP_FRAMES) != 0) {
            uplink.drop();
            reset();
        }
        if ((actions & Core.DO_OPEN_CAMERA) != 0) {
            openCamera();
        }
        if ((actions & Core.DO_SEND) != 0) {
            sending = true;
        }
    }

    void stateChanged() {
        if (runner.is(State.CAPTURING_OFFLINE)) {
            script.start(runner.draft().actionsDone, Runner.nowMs());
        } else {
            script.stop();
        }
    }

    private void openCamera() {
        if (cameraOpen) {
            if (cameraReady) {
                int turn = cameraTurn;
                tasks.post(() -> ready(turn));
            }
            return;
        }
        cameraOpen = true;
        cameraReady = false;
        platform.camera.open(runner.options.camera, new Sight(++cameraTurn));
    }

    void closeCamera() {
        cameraTurn++;
        if (cameraOpen) {
            cameraOpen = false;
            platform.camera.close();
        }
    }

    /** For the other side. Another camera's pictures are of another capture. */
    void reopenCamera() {
        if (cameraOpen) {
            closeCamera();
            openCamera();
            runner.handle(Core.CAPTURE_DROPPED);
        }
    }

    int jpegQuality() {
        return capture.quality();
    }

    void resume(int jpegQuality) {
        capture.resume(jpegQuality);
    }

    private void ready(int turn) {
        if (turn == cameraTurn) {
            cameraReady = true;
            runner.explain(Core.REASON_NONE);
            runner.handle(Core.CAMERA_READY);
        }
    }

    private void lost(int turn, CameraSource.Loss loss) {
        if (turn == cameraTurn) {
            runner.handle(Core.CAMERA_LOST);
            runner.explain(loss.reason);
        }
    }

    /** What one opened camera tells; a later one has another. */
    private final class Sight implements CameraSource.Listener {
        private final int turn;

        Sight(int turn) {
            this.turn = turn;
        }

        @Override
        public void onReady() {
            tasks.post(() -> ready(turn));
        }

        @Override
        public void onLost(CameraSource.Loss loss) {
            tasks.post(() -> lost(turn, loss));
        }

        /** While one frame is looked at, others are let go. */
        @Override
        public void onFrame(CameraFrame frame) {
            if (!held.compareAndSet(null, frame)) {
                frame.close();
                return;
            }
            boolean posted = tasks.post(() -> {
                try {
                    if (turn == cameraTurn) {
                        look(frame);
                    }
                } finally {
                    letGo();
                }
            });
            if (!posted) {
                letGo();
            }
        }
    }

    /** Every frame is closed, also one that comes while everything ends. */
    void letGo() {
        CameraFrame frame = held.getAndSet(null);
        if (frame != null) {
            frame.close();
        }
    }

    private boolean isTaking() {
        return runner.is(State.CAPTURING) || runner.is(State.CAPTURING_OFFLINE);
    }

    private void look(CameraFrame frame) {
        if (!isTaking()) {
            return;
        }
        long now = Runner.nowMs();
        // What waits longer would be old when it is looked at; offline, it is kept for later.
        boolean room = runner.is(State.CAPTURING_OFFLINE) || uplink.waiting() <= Uplink.WINDOW;
        capture.measure(frame);
        if (!judgedOnce) {
            int advice = capture.advice();
            runner.tell(advice == Core.PHRASE_NONE ? Core.PHRASE_SHOW_FACE : advice);
        }
        if (capture.isTrying()) {
            capture.findQuality(frame, uplink.aimBytes());
        } else if (room && capture.isWanted(uplink.periodMs(), now)) {
            Capture.Shot shot =
                    capture.shoot(frame, System.currentTimeMillis(), light.shownMs(now));
            if (shot != null) {
                push(shot);
            }
        }
    }

    private void push(Capture.Shot shot) {
        int pushed;
        try {
            pushed = uplink.push(shot, platform.key);
        } catch (GeneralSecurityException e) {
            runner.block(Core.REASON_KEY_STORE_FAILED);
            return;
        }
        if (pushed == Core.PUSH_NO_CAPTURE) {
            runner.handle(Core.CAPTURE_DROPPED);
        } else if (pushed == Core.PUSH_FULL) {
            // Online there is room again after the next answer.
            runner.handle(Core.STORE_FULL);
        }
        send(Runner.nowMs());
    }

    void tick(long now) {
        send(now);
        if (runner.is(State.CAPTURING_OFFLINE)) {
            int phrase = script.phrase(now);
            if (phrase == Core.PHRASE_CAPTURE_DONE) {
                runner.handle(Core.ENOUGH);
            } else {
                runner.tell(phrase);
            }
        }
        runner.draft().light = isTaking() ? light.colour(now) : Light.NONE;
    }

    private boolean isProbing() {
        return runner.is(State.CAPTURING_OFFLINE) || runner.is(State.HOLDING)
                || runner.is(State.SENDING_OFFLINE);
    }

    /** Offline, the next frame is also how to find out whether the network is back. */
    private void send(long now) {
        int most = sending ? slots.length : isProbing() ? 1 : 0;
        for (int i = 0; i < most; i++) {
            if (!slots[i].underWay && uplink.next(now, slots[i])) {
                send(slots[i]);
            }
        }
        if (runner.is(State.SENDING) && uplink.waiting() == 0) {
            runner.handle(Core.QUEUE_EMPTY);
        }
    }

    private void send(Uplink.Slot slot) {
        slot.underWay = true;
        int turn = captureTurn;
        String credential = runner.credential();
        tasks.background(() -> {
            Network.Reply reply =
                    network.call(Protocol.SUBMIT_FRAME, credential, slot.request, slot.answer);
            tasks.post(() -> {
                slot.underWay = false;
                runner.compareClocks(reply.dateMs);
                if (turn == captureTurn) {
                    answered(slot.sequence, reply);
                }
                send(Runner.nowMs());
            });
        });
    }

    private void answered(long sequence, Network.Reply reply) {
        Protocol.Feedback feedback =
                reply.reason == Core.REASON_NONE ? Protocol.feedback(reply.message) : null;
        if (feedback == null) {
            uplink.failed(sequence, Runner.nowMs());
            failed(reply.reason == Core.REASON_NONE ? Core.REASON_ANSWER_MALFORMED : reply.reason);
            return;
        }
        uplink.answered(feedback.sequence, Runner.nowMs());
        lost = 0;
        refusals = 0;
        runner.explain(Core.REASON_NONE);
        runner.handle(Core.ONLINE);
        guide(feedback);
        if (isTaking() && capture.isTooSlow(uplink.aimBytes(), uplink.bytesPerS())) {
            runner.handle(Core.CAPTURE_DROPPED);
            return;
        }
        boolean complete = feedback.guidance == Core.PHRASE_CAPTURE_DONE
                || feedback.outcome > Core.OUTCOME_NUMBER_IN_PROGRESS;
        if (complete) {
            runner.handle(Core.COMPLETE);
        }
    }

    private void guide(Protocol.Feedback feedback) {
        VerificationView.Draft draft = runner.draft();
        draft.actionsDone = feedback.actionsDone;
        draft.actionsTotal = feedback.actionsTotal;
        draft.oval = feedback.target;
        judgedOnce = true;
        if (!isTaking()) {
            return;
        }
        runner.tell(feedback.guidance);
        // The only guidance without a face is to show it. What the phone itself advises says
        // nothing of a face.
        if (feedback.guidance > Core.PHRASE_SHOW_FACE) {
            draft.faceSeen = true;
            light.start(Runner.nowMs());
        }
    }

    private void failed(int why) {
        switch (why) {
            case Core.REASON_LINK_REFUSED:
                runner.block(why);
                break;
            case Core.REASON_SESSION_OVER:
                runner.handle(Core.SESSION_OVER);
                break;
            case Core.REASON_FRAME_REFUSED:
                refused();
                break;
            case Core.REASON_NO_NETWORK:
                lost++;
                boolean online = runner.is(State.CAPTURING) || runner.is(State.SENDING);
                if (lost >= LOST_IN_A_ROW && online) {
                    runner.explain(why);
                    runner.handle(Core.OFFLINE);
                }
                break;
            default:
                // Busy or odd: the queue waits and sends again.
                break;
        }
    }

    /** The capture begins again, which may help; in vain too often, the person is told. */
    private void refused() {
        runner.handle(Core.CAPTURE_DROPPED);
        if (++refusals >= REFUSALS_MAX && runner.is(State.READY)) {
            closeCamera();
            runner.handle(Core.CAMERA_LOST);
            runner.explain(Core.REASON_NOT_SUPPORTED);
        }
    }
}
