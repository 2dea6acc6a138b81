package org.imi.sdk;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.Test;

/** The natives: numbers are the core's, and no argument of Java's brings the process down. */
public class CoreTest {
    private static final int STATES = State.values().length;

    private static void refuses(Runnable call) {
        assertThrows(IllegalArgumentException.class, call::run);
    }

    private static ByteBuffer queue() {
        ByteBuffer queue = ByteBuffer.allocateDirect(Core.queueSize() + 200_000);
        Core.queueInit(queue, 2, 1);
        return queue;
    }

    private static ByteBuffer queueInCapture() {
        ByteBuffer queue = queue();
        Core.queueBegin(queue, new byte[] {'c'}, new byte[Core.NONCE_SIZE], 100_000);
        return queue;
    }

    private static int push(ByteBuffer queue, long capturedAt, int size) {
        return Core.queuePush(queue, capturedAt, 0, ByteBuffer.allocateDirect(size), size,
                new byte[Core.SIGNATURE_SIZE]);
    }

    @Test
    public void the_major_version_is_the_one_this_was_written_for() {
        assertEquals(2, Core.version() >> 16);
    }

    @Test
    public void states_are_as_many_as_the_core_s() {
        assertTrue((Core.sessionStep(STATES - 1, Core.EXPIRE) & 0xFF) < STATES);
        assertEquals(State.BLOCKED, State.of(Core.sessionStep(STATES, Core.EXPIRE) & 0xFF));
        assertFalse(Core.sessionIsOver(State.WITHDRAWING.ordinal()));
        for (State state : new State[] {State.DONE, State.STAFF_REVIEW, State.WITHDRAWN,
            State.EXPIRED, State.BLOCKED}) {
            assertTrue(Core.sessionIsOver(state.ordinal()));
        }
    }

    @Test
    public void events_and_actions_are_the_core_s() {
        int step = Core.sessionStep(State.NEW.ordinal(), Core.START);
        assertEquals(State.JOINING, State.of(step & 0xFF));
        assertEquals(1, step >> 8 & 1);
        assertEquals(Core.DO_JOIN, step >>> 16);
        step = Core.sessionStep(State.DONE.ordinal(), Core.RELOADED);
        assertEquals(0, step >> 8 & 1);
        step = Core.sessionStep(State.READY.ordinal(), Core.EXPIRE);
        assertEquals(Core.DO_CLOSE_CAMERA | Core.DO_HOLD | Core.DO_DROP_FRAMES | Core.DO_FORGET,
                step >>> 16);
    }

    @Test
    public void phrases_and_reasons_have_the_names_that_this_expects() {
        assertEquals("show_face", Core.phraseName(Core.PHRASE_SHOW_FACE));
        assertEquals("capture_done", Core.phraseName(Core.PHRASE_CAPTURE_DONE));
        assertEquals("unknown", Core.phraseName(-1));
        assertEquals("key_store_failed", Core.reasonName(Core.REASON_KEY_STORE_FAILED));
        assertEquals("not_supported", Core.reasonName(Core.REASON_NOT_SUPPORTED));
        assertEquals("unknown", Core.reasonName(Integer.MIN_VALUE));
        assertEquals("another_way",
                Core.phraseName(Core.reasonPhrase(Core.REASON_CAMERA_MISSING)));
    }

    @Test
    public void storage_must_be_direct_large_enough_and_there() {
        refuses(() -> Core.pacerInit(null));
        refuses(() -> Core.pacerInit(ByteBuffer.allocate(4096)));
        refuses(() -> Core.pacerInit(ByteBuffer.allocateDirect(0)));
        refuses(() -> Core.pacerInit(ByteBuffer.allocateDirect(Core.pacerSize() - 1)));
        refuses(() -> Core.chooserInit(ByteBuffer.allocateDirect(Core.chooserSize() - 1)));
        refuses(() -> Core.queueInit(ByteBuffer.allocateDirect(Core.queueSize()), 1, 1));
        refuses(() -> Core.queueInit(ByteBuffer.allocateDirect(Core.queueSize() + 99_999), 0, 1));
        refuses(() -> Core.queueInit(ByteBuffer.allocateDirect(Core.queueSize() + 99_999), 9, 1));
    }

    @Test
    public void what_holds_no_such_object_is_refused() {
        ByteBuffer raw = ByteBuffer.allocateDirect(Core.queueSize() + 200_000);
        refuses(() -> Core.queueWaiting(raw));
        refuses(() -> Core.pacerTick(queue(), 0));
        ByteBuffer queue = queue();
        ByteBuffer copy = ByteBuffer.allocateDirect(queue.capacity());
        copy.put(queue.duplicate());
        refuses(() -> Core.queueWaiting(copy));
        refuses(() -> Core.queueDrop(null));
    }

    /** The run fails if a native goes on after the first refusal: -Xcheck:jni warns of it. */
    @Test
    public void of_two_wrong_arguments_the_first_ends_the_call() {
        ByteBuffer raw = ByteBuffer.allocateDirect(Core.queueSize() + 200_000);
        ByteBuffer heap = ByteBuffer.allocate(2000);
        refuses(() -> Core.queueNext(raw, 0, heap, null));
        refuses(() -> Core.queueNext(null, 0, null, null));
        refuses(() -> Core.queueMessage(raw, 1, null));
        refuses(() -> Core.queuePush(raw, 1, 0, heap, 9, null));
        refuses(() -> Core.queueBegin(raw, null, null, -1));
        refuses(() -> Core.queuePlan(raw, null));
        refuses(() -> Core.stateSave(raw, STATES, 0, heap));
        refuses(() -> Core.stateLoad(raw, heap, -1, null));
        refuses(() -> Core.chooserTake(raw, null, 0, 0));
        refuses(() -> Core.writeJoin(null, null, null, heap));
        refuses(() -> Core.writeConsent(true, heap, null, heap));
        refuses(() -> Core.writeBegin(0, 0, 1, heap, -1, heap));
    }

    @Test
    public void actions_must_be_there_and_not_too_many() {
        refuses(() -> Core.offlinePhrase(null, 0));
        refuses(() -> Core.offlinePhrase(new int[17], 0));
        int[] unknown = new int[16];
        Arrays.fill(unknown, -1);
        assertEquals("look_straight", Core.phraseName(Core.offlinePhrase(unknown, 5000)));
        assertEquals(Core.PHRASE_NONE, Core.offlinePhrase(unknown, -1));
    }

    @Test
    public void a_failed_making_leaves_no_object() {
        ByteBuffer queue = queue();
        refuses(() -> Core.queueInit(queue, 0, 1));
        refuses(() -> Core.queueWaiting(queue));
    }

    @Test
    public void bytes_of_the_wrong_size_are_refused() {
        ByteBuffer queue = queue();
        byte[] nonce = new byte[Core.NONCE_SIZE];
        refuses(() -> Core.queueBegin(queue, new byte[65], nonce, 1000));
        refuses(() -> Core.queueBegin(queue, new byte[0], nonce, 1000));
        refuses(() -> Core.queueBegin(queue, null, nonce, 1000));
        refuses(() -> Core.queueBegin(queue, new byte[1], new byte[31], 1000));
        refuses(() -> Core.queueBegin(queue, new byte[1], nonce, -1));
        refuses(() -> Core.queueMessage(queue, 0, new byte[33]));
        refuses(() -> Core.queuePush(queue, 1, 0, ByteBuffer.allocateDirect(9), 10,
                new byte[Core.SIGNATURE_SIZE]));
        refuses(() -> Core.queuePush(queue, 1, 0, ByteBuffer.allocateDirect(9), -1,
                new byte[Core.SIGNATURE_SIZE]));
        refuses(() -> Core.queuePush(queue, 1, 0, ByteBuffer.allocateDirect(9), 9, new byte[63]));
    }

    @Test
    public void without_a_capture_there_is_nothing_to_sign() {
        assertNull(Core.queueMessage(queue(), 1, new byte[Core.DIGEST_SIZE]));
        assertEquals(Core.PUSH_NO_CAPTURE, push(queue(), 1, 10));
    }

    @Test
    public void frames_go_in_and_come_out_once() {
        ByteBuffer queue = queueInCapture();
        assertEquals(160, Core.queueMessage(queue, 5, new byte[Core.DIGEST_SIZE]).length);
        assertEquals(Core.PUSH_OK, push(queue, 5, 1000));
        assertEquals(Core.PUSH_OUT_OF_TIME, push(queue, 5, 1000));
        assertEquals(Core.PUSH_TOO_LARGE, push(queue, 6, 100_001));
        ByteBuffer out = ByteBuffer.allocateDirect(2000);
        long[] sequence = new long[1];
        int size = Core.queueNext(queue, 0, out, sequence);
        assertTrue(size > 1000 && size <= 1000 + Core.FRAME_ENVELOPE_MAX);
        assertEquals(1, sequence[0]);
        assertEquals(size - 5, out.getInt(1));
        assertEquals(0, Core.queueNext(queue, 0, out, sequence));
        assertTrue(Core.queueAnswered(queue, 1, 10));
        assertFalse(Core.queueAnswered(queue, 1, 10));
        assertEquals(0, Core.queueWaiting(queue));
    }

    @Test
    public void a_frame_without_room_is_sent_later() {
        ByteBuffer queue = queueInCapture();
        push(queue, 5, 1000);
        refuses(() -> Core.queueNext(queue, 0, ByteBuffer.allocateDirect(900), new long[1]));
        refuses(() -> Core.queueNext(queue, 0, ByteBuffer.allocateDirect(2000), new long[0]));
        refuses(() -> Core.queueNext(queue, 0, ByteBuffer.allocateDirect(2000), null));
        assertTrue(Core.queueNext(queue, 0, ByteBuffer.allocateDirect(2000), new long[1]) > 0);
    }

    @Test
    public void saved_states_come_back_and_damage_does_not() {
        ByteBuffer queue = queueInCapture();
        push(queue, 5, 1000);
        ByteBuffer saved = ByteBuffer.allocateDirect(Core.stateSavedSize(queue));
        int state = State.CAPTURING.ordinal();
        int size = Core.stateSave(queue, state, 77, saved);
        long[] loaded = new long[2];
        ByteBuffer other = queue();
        assertTrue(Core.stateLoad(other, saved, size, loaded));
        assertEquals(state, loaded[0]);
        assertEquals(77, loaded[1]);
        assertEquals(1, Core.queueWaiting(other));
        saved.put(40, (byte) (saved.get(40) ^ 1));
        assertFalse(Core.stateLoad(other, saved, size, loaded));
        refuses(() -> Core.stateLoad(other, saved, size + 1, loaded));
        refuses(() -> Core.stateSave(queue, STATES, 0, saved));
        refuses(() -> Core.stateSave(queue, state, 0, ByteBuffer.allocateDirect(10)));
    }

    @Test
    public void pictures_must_lie_in_their_buffer() {
        ByteBuffer picture = ByteBuffer.allocateDirect(64 * 48);
        int[] quality = new int[Core.QUALITY_FIELDS];
        Core.qualityMeasure(picture, 64, 48, 64, picture, quality);
        assertEquals(1000, quality[2]);
        assertNotEquals(Core.PHRASE_NONE, Core.qualityAdvice(quality));
        refuses(() -> Core.qualityMeasure(picture, 64, 49, 64, null, quality));
        refuses(() -> Core.qualityMeasure(picture, 64, 48, 65, null, quality));
        refuses(() -> Core.qualityMeasure(picture, 64, 48, 63, null, quality));
        refuses(() -> Core.qualityMeasure(picture, 8, 8, 8, null, quality));
        refuses(() -> Core.qualityMeasure(picture, 1 << 30, 1 << 30, 1 << 30, null, quality));
        refuses(() -> Core.qualityMeasure(picture, 64, 48, 64, null, new int[4]));
        refuses(() -> Core.qualityMeasure(picture, 64, 48, 64, ByteBuffer.allocateDirect(9),
                quality));
        refuses(() -> Core.qualityAdvice(null));
    }

    @Test
    public void requests_need_room_and_sane_parts() {
        ByteBuffer out = ByteBuffer.allocateDirect(1000);
        ByteBuffer small = ByteBuffer.allocateDirect(8);
        byte[] id = new byte[20];
        byte[] secret = new byte[43];
        byte[] key = new byte[91];
        assertEquals(5, Core.writeEmpty(out));
        assertTrue(Core.writeJoin(id, secret, key, out) > 154);
        refuses(() -> Core.writeEmpty(ByteBuffer.allocateDirect(4)));
        refuses(() -> Core.writeJoin(id, secret, key, small));
        refuses(() -> Core.writeJoin(new byte[65], secret, key, out));
        refuses(() -> Core.writeJoin(null, secret, key, out));
        refuses(() -> Core.writeConsent(true, out, new int[17], out));
        refuses(() -> Core.writeConsent(true, small, new int[] {9}, out));
        refuses(() -> Core.writeConsent(true, small, new int[] {-1}, out));
        refuses(() -> Core.writeConsent(true, small, null, out));
        refuses(() -> Core.writeBegin(0, 0, 1, null, 0, out));
        refuses(() -> Core.writeBegin(0, 0, 1, small, 9, out));
    }

    @Test
    public void answers_outside_their_buffer_are_refused() {
        ByteBuffer answer = ByteBuffer.allocateDirect(100);
        long[] row = new long[Core.ROW_SIZE];
        refuses(() -> Core.readAnswer(answer, 101, row));
        refuses(() -> Core.readAnswer(null, 0, row));
        refuses(() -> Core.readJoined(answer, 90, 11, row));
        refuses(() -> Core.readJoined(answer, -1, 10, row));
        refuses(() -> Core.readJoined(answer, Integer.MAX_VALUE, Integer.MAX_VALUE, row));
        refuses(() -> Core.readResult(answer, 0, 0, new long[1]));
        assertEquals(-1, Core.readAnswer(answer, 100, row));
    }

    @Test
    public void nonsense_of_every_length_is_no_answer() {
        java.util.Random random = new java.util.Random(3);
        long[] row = new long[Core.ROW_SIZE];
        for (int size = 0; size < 2000; size++) {
            byte[] bytes = new byte[size];
            random.nextBytes(bytes);
            ByteBuffer answer = Protocol.direct(bytes);
            Message message = new Message(answer, 0, size);
            Core.readAnswer(answer, size, row);
            Protocol.joined(message);
            Protocol.begun(message);
            Protocol.feedback(message);
            Protocol.result(message);
            Protocol.consentRecord(message);
            Protocol.decisionReceipt(message);
        }
    }
}
