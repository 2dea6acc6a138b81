package org.imi.sdk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Collection;
import java.util.Collections;
import java.util.Random;

/**
 * One verification on one thread, the loop: events go to the core's table, which says what to do.
 * Calls and camera run on threads of their own and come back to the loop.
 */
final class Runner {
    private static final int TICK_MS = 50;
    private static final int KEEP_TRIES_MAX = 8;
    /** The server's clock counts where the phone's differs by more. */
    private static final long SKEW_FREE_MS = 120_000;

    /** What a reply is for. */
    private interface Answered {
        void take(Message message);
    }

    final Options options;
    private final Platform platform;
    private final Tasks tasks;
    private final Network network;
    private final Random random = new Random();
    private final Telling telling = new Telling();
    private final VerificationView.Draft draft = new VerificationView.Draft();
    private final Publisher publisher;
    private final CaptureRun capture;
    private String credential = "";
    private Collection<String> agreed = Collections.emptyList();
    private long skewMs;
    private int state;
    private int reason;
    private int failures;
    private int ticket;
    private int retryAfterMs;
    private int advice;
    private int keepAnswers;

    Runner(Options options, Platform platform, Tasks tasks, Publisher publisher) {
        this.options = options;
        this.platform = platform;
        this.tasks = tasks;
        this.publisher = publisher;
        network = new Network(platform.transport);
        capture = new CaptureRun(this, platform, network, tasks, random.nextInt());
    }

    /** Loads what an earlier process left, and erases what is of another session. */
    void open() {
        try {
            byte[] content = platform.vault.load();
            SavedState saved = content == null ? null : SavedState.read(content);
            boolean ours = saved != null && saved.sessionId.equals(options.link.sessionId);
            long[] loaded = ours ? capture.uplink.load(saved.core) : null;
            if (loaded != null) {
                credential = saved.credential;
                capture.resume(saved.jpegQuality);
                state = (int) loaded[0];
                draft.expiresAtMs = loaded[1];
            } else {
                platform.vault.erase();
            }
        } catch (IOException | IllegalArgumentException e) {
            // As if there were nothing: the server knows how far this session has come.
            state = State.NEW.ordinal();
            platform.vault.erase();
        }
        if (state != State.NEW.ordinal()) {
            handle(Core.RELOADED);
        }
        telling.offer(Core.sessionPhrase(state), nowMs());
        tasks.everyTick(TICK_MS, this::tick);
    }

    static long nowMs() {
        return System.nanoTime() / 1_000_000;
    }

    boolean is(State wanted) {
        return state == wanted.ordinal();
    }

    String credential() {
        return credential;
    }

    VerificationView.Draft draft() {
        return draft;
    }

    /** An event, on the loop. */
    void handle(int event) {
        int step = Core.sessionStep(state, event);
        if ((step >> 8 & 1) == 0) {
            return;
        }
        boolean changed = state != (step & 0xFF);
        state = step & 0xFF;
        if (changed) {
            // What was under way or waited belongs to the state before.
            ticket++;
            capture.stateChanged();
            telling.offer(Core.sessionPhrase(state), nowMs());
        }
        act(step >>> 16);
        if (changed && !Core.sessionIsOver(state)) {
            save();
        }
    }

    private void act(int actions) {
        capture.act(actions);
        if ((actions & Core.DO_FORGET) != 0) {
            platform.vault.erase();
            platform.key.erase();
        }
        if ((actions & Core.DO_JOIN) != 0) {
            join();
        }
        if ((actions & Core.DO_CONSENT) != 0) {
            call(Protocol.GIVE_CONSENT, Protocol.consent(true, agreed), this::consentRecorded);
        }
        if ((actions & Core.DO_WITHDRAW) != 0) {
            call(Protocol.GIVE_CONSENT,
                    Protocol.consent(false, Collections.<String>emptyList()),
                    this::consentRecorded);
        }
        if ((actions & Core.DO_BEGIN) != 0) {
            call(Protocol.BEGIN_CAPTURE, Protocol.begin(Action.mask(options.cannot),
                    platform.hintBits(), platform.key.attestation()), this::begun);
        }
        if ((actions & Core.DO_ASK_OUTCOME) != 0) {
            call(Protocol.GET_OUTCOME, Protocol.empty(), this::judged);
        }
        if ((actions & Core.DO_BACK_OFF) != 0) {
            later(Core.RETRY_DUE, Core.backoffMs(Math.max(failures, 1), random.nextInt()));
        }
        if ((actions & Core.DO_WAIT) != 0) {
            draft.waitUntilMs = System.currentTimeMillis() + retryAfterMs;
            later(Core.WAIT_OVER, retryAfterMs);
        }
    }

    /** An event after a while, unless the state has changed by then. */
    private void later(int event, int delayMs) {
        int asked = ticket;
        tasks.later(delayMs, () -> {
            if (asked == ticket) {
                handle(event);
            }
        });
    }

    /** The key is made first, which may take a second in hardware. */
    private void join() {
        int asked = ticket;
        tasks.background(() -> {
            try {
                byte[] key = platform.key.publicKey(Attestation.challenge(options.link.sessionId));
                tasks.post(() -> {
                    if (asked == ticket) {
                        call(Protocol.JOIN, Protocol.join(options.link, key), this::joined);
                    }
                });
            } catch (GeneralSecurityException | RuntimeException e) {
                tasks.post(() -> {
                    if (asked == ticket) {
                        failed(Core.REASON_KEY_STORE_FAILED);
                    }
                });
            }
        });
    }

    /** Whatever comes back after the state has changed is of no interest any more. */
    private void call(String path, ByteBuffer request, Answered answered) {
        int asked = ++ticket;
        String bearer = path.equals(Protocol.JOIN) ? null : credential;
        tasks.background(() -> {
            ByteBuffer answer = ByteBuffer.allocateDirect(Core.ANSWER_MAX);
            Network.Reply reply = network.call(path, bearer, request, answer);
            tasks.post(() -> {
                compareClocks(reply.dateMs);
                if (asked != ticket) {
                    return;
                }
                if (reply.reason == Core.REASON_NONE) {
                    answered.take(reply.message);
                } else {
                    failed(reply.reason);
                }
            });
        });
    }

    /** The gateway's Date has whole seconds, and the way takes its time. */
    void compareClocks(long dateMs) {
        long ahead = dateMs - System.currentTimeMillis();
        if (dateMs > 0) {
            skewMs = Math.abs(ahead) > SKEW_FREE_MS ? ahead : 0;
        }
    }

    private void succeeded() {
        failures = 0;
        explain(Core.REASON_NONE);
    }

    /** Says why it does not go on, in the person's words. */
    void explain(int why) {
        if (why == reason) {
            return;
        }
        reason = why;
        draft.reason = Core.reasonName(why);
        telling.offer(why == Core.REASON_NONE ? Core.sessionPhrase(state)
                : Core.reasonPhrase(why), nowMs());
    }

    /** With this link, or on this phone, nothing will do. */
    void block(int why) {
        handle(Core.REFUSED);
        explain(why);
    }

    private void failed(int why) {
        failures++;
        if (why == Core.REASON_LINK_REFUSED || why == Core.REASON_KEY_STORE_FAILED) {
            block(why);
        } else if (why == Core.REASON_SESSION_OVER) {
            handle(Core.SESSION_OVER);
        } else {
            explain(why);
            handle(Core.CALL_FAILED);
        }
    }

    private void joined(Message message) {
        Protocol.Joined joined = Protocol.joined(message);
        if (joined == null) {
            failed(Core.REASON_ANSWER_MALFORMED);
            return;
        }
        succeeded();
        credential = joined.credential;
        draft.consent = joined.consent;
        draft.expiresAtMs = joined.expiresAtMs;
        handle(Core.JOINED);
    }

    private void consentRecorded(Message message) {
        if (Core.readConsented(message.buffer, message.offset, message.size) < 0) {
            failed(Core.REASON_ANSWER_MALFORMED);
            return;
        }
        succeeded();
        handle(Core.ANSWER_RECORDED);
    }

    private void begun(Message message) {
        Protocol.Begun begun = Protocol.begun(message);
        if (begun == null) {
            failed(Core.REASON_ANSWER_MALFORMED);
            return;
        }
        succeeded();
        if (begun.retryAfterMs > 0) {
            retryAfterMs = begun.retryAfterMs;
            handle(Core.MUST_WAIT);
            explain(begun.waitReason);
            return;
        }
        if (!capture.begin(begun)) {
            failed(Core.REASON_ANSWER_MALFORMED);
            return;
        }
        draft.attemptsLeft = begun.attemptsLeft;
        draft.actionsDone = 0;
        draft.actionsTotal = begun.actions.length;
        handle(Core.BEGUN);
    }

    private void judged(Message message) {
        Protocol.Result result = Protocol.result(message);
        if (result == null) {
            failed(Core.REASON_ANSWER_MALFORMED);
            return;
        }
        draft.attemptsLeft = result.attemptsLeft;
        draft.keepReference = Protocol.keepReference(result.keep, result.keepText);
        switch (result.outcome) {
            case Core.OUTCOME_NUMBER_DONE:
                succeeded();
                handle(Core.OUTCOME_DONE);
                break;
            case Core.OUTCOME_NUMBER_STAFF_REVIEW:
                succeeded();
                handle(Core.OUTCOME_STAFF_REVIEW);
                break;
            case Core.OUTCOME_NUMBER_TRY_AGAIN:
                succeeded();
                advice = result.advice;
                handle(Core.OUTCOME_TRY_AGAIN);
                break;
            default:
                failures++;
                handle(Core.OUTCOME_PENDING);
                break;
        }
    }

    void tell(int phrase) {
        telling.offer(phrase, nowMs());
    }

    private void tick() {
        long now = nowMs();
        boolean timed = draft.expiresAtMs > 0 && !Core.sessionIsOver(state);
        if (timed && System.currentTimeMillis() + skewMs >= draft.expiresAtMs) {
            handle(Core.EXPIRE);
        }
        capture.tick(now);
        int shown = telling.tick(draft, now);
        // First that another try is needed, then how it goes better.
        if (is(State.TRY_AGAIN) && advice != Core.PHRASE_NONE
                && Core.sessionPhrase(state) == shown) {
            telling.offer(advice, now);
            advice = Core.PHRASE_NONE;
        }
        publish();
    }

    private void publish() {
        draft.state = State.of(state);
        draft.over = Core.sessionIsOver(state);
        if (!is(State.WAITING)) {
            draft.waitUntilMs = 0;
        }
        draft.framesWaiting = capture.uplink.waiting();
        publisher.publish(draft);
    }

    private void save() {
        try {
            byte[] core = capture.uplink.save(state, draft.expiresAtMs);
            platform.vault.save(new SavedState(options.link.sessionId, credential,
                    draft.expiresAtMs, capture.jpegQuality(), core).write());
        } catch (IOException e) {
            // Then it does not survive the app's end: half a state would be worse.
            platform.vault.erase();
        }
    }

    void agree(Collection<String> claims) {
        if (is(State.CONSENT)) {
            agreed = claims;
            handle(Core.AGREE);
        }
    }

    void speaking(int lengthMs) {
        telling.speaking(lengthMs, nowMs());
    }

    void setCamera(Facing facing) {
        options.camera = facing;
        capture.reopenCamera();
    }

    /** After the session is over, the credential is good for this and for the receipts. */
    void keepReference(boolean accepted) {
        if (draft.keepReference != null) {
            keepReference(new KeepAnswer(accepted, draft.keepReference.text, ++keepAnswers), 1);
        }
    }

    /** What the person said to which text. */
    private static final class KeepAnswer {
        final boolean accepted;
        final String text;
        final int number;

        KeepAnswer(boolean accepted, String text, int number) {
            this.accepted = accepted;
            this.text = text;
            this.number = number;
        }
    }

    private void keepReference(KeepAnswer said, int tried) {
        ByteBuffer request = Protocol.consent(said.accepted, Collections.<String>emptyList());
        String bearer = credential;
        tasks.background(() -> {
            ByteBuffer answer = ByteBuffer.allocateDirect(Core.ANSWER_MAX);
            Network.Reply reply = network.call(Protocol.KEEP_REFERENCE, bearer, request, answer);
            tasks.post(() -> kept(said, tried, reply));
        });
    }

    /** Of two answers only the later counts: the earlier is not told again. */
    private void kept(KeepAnswer said, int tried, Network.Reply reply) {
        if (said.number != keepAnswers) {
            return;
        }
        if (reply.reason == Core.REASON_NONE) {
            Message message = reply.message;
            int keep = Core.readKept(message.buffer, message.offset, message.size);
            explain(Core.REASON_NONE);
            draft.keepReference = Protocol.keepReference(keep, said.text);
            return;
        }
        explain(reply.reason);
        if (tried < KEEP_TRIES_MAX) {
            tasks.later(Core.backoffMs(tried, random.nextInt()),
                    () -> retryKeeping(said, tried + 1));
        }
    }

    private void retryKeeping(KeepAnswer said, int tried) {
        if (said.number == keepAnswers) {
            keepReference(said, tried);
        }
    }

    void receipts(ReceiptsListener listener) {
        String bearer = credential;
        tasks.background(() -> {
            ByteBuffer answer = ByteBuffer.allocateDirect(Core.ANSWER_MAX);
            Network.Reply reply =
                    network.call(Protocol.GET_CONSENT, bearer, Protocol.empty(), answer);
            String consent = reply.message == null ? null : Protocol.consentRecord(reply.message);
            if (consent != null) {
                reply = network.call(Protocol.GET_RECEIPT, bearer, Protocol.empty(), answer);
            }
            String decision = consent == null || reply.message == null
                    ? null : Protocol.decisionReceipt(reply.message);
            String why = Core.reasonName(reply.reason == Core.REASON_NONE
                    ? Core.REASON_ANSWER_MALFORMED : reply.reason);
            platform.callbacks.execute(() -> {
                if (decision == null) {
                    listener.onFailure(why);
                } else {
                    listener.onReceipts(new Receipts(consent, decision));
                }
            });
        });
    }

    void letGo() {
        capture.letGo();
    }

    /** Keeps what a later process needs, unless the session is over. */
    void dispose() {
        if (!Core.sessionIsOver(state) && !is(State.NEW)) {
            save();
        }
        capture.closeCamera();
        credential = "";
    }
}
