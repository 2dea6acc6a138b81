package org.imi.sdk;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertTrue;

import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;

/** What a session comes to where server, phone or person do what they rarely do. */
public class RunnerTest {
    private static final String LINK =
            "https://verify.example/j#ses.A234567890123456789012345678901234567890-_z";

    private final ScriptedServer server = new ScriptedServer();
    private final NoiseCamera camera = new NoiseCamera();
    private final TestPhone phone = new TestPhone(camera, server);

    /** Defects, which the loop outlives. */
    private final List<Throwable> defects = new CopyOnWriteArrayList<>();
    private final Logger log = Logger.getLogger("org.imi.sdk");
    private final Handler watch = new Handler() {
        @Override
        public void publish(LogRecord record) {
            defects.add(record.getThrown());
        }

        @Override
        public void flush() {
        }

        @Override
        public void close() {
        }
    };

    @Before
    public void pick_up() {
        log.addHandler(watch);
    }

    @After
    public void put_down() {
        phone.close();
        camera.stop();
        log.removeHandler(watch);
        assertEquals(Collections.emptyList(), defects);
    }

    private void agree() throws InterruptedException {
        phone.open(new Options(LINK));
        phone.verification.start();
        phone.await(State.CONSENT);
        phone.verification.agree(Collections.<String>emptyList());
    }

    private VerificationView awaitHelp() throws InterruptedException {
        return phone.await("help", view -> view.state == State.CAMERA_HELP
                && view.phrase.equals("another_way"));
    }

    private void awaitCalls(String path, int count) throws InterruptedException {
        for (int i = 0; i < 1000 && server.calls(path) < count; i++) {
            Thread.sleep(10);
        }
        assertTrue(path, server.calls(path) >= count);
    }

    @Test
    public void a_phone_whose_frames_are_all_refused_is_told_another_way() throws Exception {
        server.refusals.put(Protocol.SUBMIT_FRAME, ScriptedServer.INVALID_ARGUMENT);
        agree();
        assertEquals("not_supported", awaitHelp().reason);
        assertEquals(4, server.calls(Protocol.BEGIN_CAPTURE));
    }

    @Test
    public void after_too_many_refusals_each_wish_is_one_capture() throws Exception {
        server.refusals.put(Protocol.SUBMIT_FRAME, ScriptedServer.INVALID_ARGUMENT);
        agree();
        awaitHelp();
        phone.verification.again();
        awaitCalls(Protocol.BEGIN_CAPTURE, 5);
        awaitHelp();
        assertEquals(5, server.calls(Protocol.BEGIN_CAPTURE));
        server.refusals.clear();
        phone.verification.again();
        phone.await(State.CAPTURING);
    }

    @Test
    public void a_key_that_cannot_be_made_ends_the_session() throws Exception {
        phone.key.fails = true;
        phone.open(new Options(LINK));
        phone.verification.start();
        assertBlockedByKey();
        assertEquals(0, server.calls(Protocol.JOIN));
    }

    @Test
    public void a_key_that_fails_in_a_capture_ends_the_session() throws Exception {
        agree();
        phone.await("a frame that was answered", view -> view.actionsTotal > 0 || view.faceSeen);
        phone.key.fails = true;
        assertBlockedByKey();
    }

    private void assertBlockedByKey() throws InterruptedException {
        VerificationView end = phone.awaitEnd();
        assertEquals(State.BLOCKED, end.state);
        assertEquals("key_store_failed", end.reason);
        phone.await("another way", view -> view.phrase.equals("another_way"));
        assertTrue(phone.key.erased);
        assertNull(phone.vault.content);
    }

    /** What the phone itself says of its pictures, which are noise, comes before. */
    @Test
    public void light_and_counting_wait_until_the_server_saw_a_face() throws Exception {
        server.guidance = Core.PHRASE_SHOW_FACE;
        agree();
        awaitCalls(Protocol.SUBMIT_FRAME, 5);
        for (VerificationView view : phone.seen()) {
            assertFalse(view.faceSeen);
            assertEquals(Light.NONE, view.light);
        }
        server.guidance = ScriptedServer.TURN_LEFT;
        assertTrue(phone.await("light", view -> view.light >= 0).faceSeen);
    }

    @Test
    public void another_capture_waits_for_a_face_again() throws Exception {
        agree();
        phone.await("light", view -> view.light >= 0);
        server.guidance = Core.PHRASE_SHOW_FACE;
        phone.verification.pause();
        phone.await(State.PAUSED);
        phone.verification.resume();
        VerificationView view = phone.await(State.CAPTURING);
        assertFalse(view.faceSeen);
        assertEquals(Light.NONE, view.light);
    }

    @Test
    public void who_waits_for_others_is_told_no_more_and_goes_on() throws Exception {
        server.turns.set(2);
        agree();
        VerificationView view = phone.await("a turn", waits -> waits.state == State.WAITING
                && waits.reason.equals("server_busy") && waits.phrase.equals("connecting"));
        assertTrue(view.waitUntilMs > 0);
        phone.await(State.CAPTURING);
        assertEquals(3, server.calls(Protocol.BEGIN_CAPTURE));
        for (VerificationView seen : phone.seen()) {
            assertFalse(seen.reason.equals("tried_too_often"));
        }
    }

    @Test
    public void who_waits_may_put_the_phone_down() throws Exception {
        server.turns.set(1);
        agree();
        phone.await(State.WAITING);
        phone.verification.pause();
        phone.await(State.PAUSED);
        Thread.sleep(ScriptedServer.TURN_MS + 200);
        assertEquals(1, server.calls(Protocol.BEGIN_CAPTURE));
        phone.verification.resume();
        phone.await(State.CAPTURING);
    }

    @Test
    public void what_another_session_left_is_erased_when_one_is_opened() throws Exception {
        phone.vault.content = new SavedState("another", "credential",
                System.currentTimeMillis() + 600_000, 60, new byte[100]).write();
        phone.open(new Options(LINK));
        phone.await("a view", view -> true);
        assertNull(phone.vault.content);
    }

    private void finish() throws InterruptedException {
        server.refusals.put(Protocol.BEGIN_CAPTURE, ScriptedServer.FAILED_PRECONDITION);
        agree();
        assertEquals("May we keep it?",
                phone.await("an offer", view -> view.keepReference != null).keepReference.text);
    }

    @Test
    public void a_no_that_is_said_twice_is_a_no() throws Exception {
        finish();
        phone.verification.keepReference(false);
        phone.verification.keepReference(false);
        phone.await("nothing to answer", view -> view.keepReference == null);
        awaitCalls(Protocol.KEEP_REFERENCE, 2);
        Thread.sleep(200); // so that the other answer is taken, too
        assertNull(phone.await(State.DONE).keepReference);
    }

    @Test
    public void an_answer_that_was_taken_back_is_not_told_again() throws Exception {
        finish();
        server.refusals.put(Protocol.KEEP_REFERENCE, ScriptedServer.UNAVAILABLE);
        phone.verification.keepReference(true);
        phone.await("a failure", view -> view.reason.equals("server_busy"));
        server.refusals.remove(Protocol.KEEP_REFERENCE);
        phone.verification.keepReference(false);
        phone.await("nothing to answer", view -> view.keepReference == null);
        int calls = server.calls(Protocol.KEEP_REFERENCE);
        Thread.sleep(Core.backoffMs(1, -1) + 200);
        assertEquals(calls, server.calls(Protocol.KEEP_REFERENCE));
    }
}
