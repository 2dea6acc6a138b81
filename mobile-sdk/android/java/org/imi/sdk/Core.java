package org.imi.sdk;

import java.nio.ByteBuffer;

/**
 * The mobile core (mobile-sdk/core), function by function. Objects live in direct buffers of
 * Java's; an argument that is out of its bounds throws IllegalArgumentException.
 *
 * Rows of longs: a text is two of them, its offset in the answer's buffer and its size.
 */
final class Core {
    static {
        System.loadLibrary("imi_core");
    }

    /** Events, in the core's order (session.h). */
    static final int START = 0;
    static final int JOINED = 1;
    static final int AGREE = 2;
    static final int DISAGREE = 3;
    static final int ANSWER_RECORDED = 4;
    static final int CAMERA_READY = 5;
    static final int CAMERA_LOST = 6;
    static final int BEGUN = 7;
    static final int MUST_WAIT = 8;
    static final int WAIT_OVER = 9;
    static final int ENOUGH = 10;
    static final int QUEUE_EMPTY = 11;
    static final int STORE_FULL = 12;
    static final int OFFLINE = 13;
    static final int ONLINE = 14;
    static final int COMPLETE = 15;
    static final int CAPTURE_DROPPED = 16;
    static final int OUTCOME_PENDING = 17;
    static final int OUTCOME_DONE = 18;
    static final int OUTCOME_TRY_AGAIN = 19;
    static final int OUTCOME_STAFF_REVIEW = 20;
    static final int AGAIN = 21;
    static final int PAUSE = 22;
    static final int RESUME = 23;
    static final int CALL_FAILED = 24;
    static final int RETRY_DUE = 25;
    static final int SESSION_OVER = 26;
    static final int REFUSED = 27;
    static final int EXPIRE = 28;
    static final int RELOADED = 29;

    /** What to do, as bits. */
    static final int DO_JOIN = 1;
    static final int DO_CONSENT = 1 << 1;
    static final int DO_WITHDRAW = 1 << 2;
    static final int DO_BEGIN = 1 << 3;
    static final int DO_ASK_OUTCOME = 1 << 4;
    static final int DO_BACK_OFF = 1 << 5;
    static final int DO_WAIT = 1 << 6;
    static final int DO_OPEN_CAMERA = 1 << 7;
    static final int DO_CLOSE_CAMERA = 1 << 8;
    static final int DO_SEND = 1 << 9;
    static final int DO_HOLD = 1 << 10;
    static final int DO_DROP_FRAMES = 1 << 11;
    static final int DO_FORGET = 1 << 12;

    /** Phrases that the SDK itself names (codes.h). */
    static final int PHRASE_NONE = 0;
    static final int PHRASE_SHOW_FACE = 1;
    static final int PHRASE_CAPTURE_DONE = 18;

    static final int REASON_NONE = 0;
    static final int REASON_NO_NETWORK = 1;
    static final int REASON_SERVER_BUSY = 2;
    static final int REASON_LINK_REFUSED = 3;
    static final int REASON_SESSION_OVER = 4;
    static final int REASON_CAMERA_DENIED = 6;
    static final int REASON_CAMERA_MISSING = 7;
    static final int REASON_CAMERA_TAKEN = 8;
    static final int REASON_KEY_STORE_FAILED = 9;
    static final int REASON_FRAME_REFUSED = 10;
    static final int REASON_ANSWER_MALFORMED = 11;
    static final int REASON_TRIED_TOO_OFTEN = 13;
    static final int REASON_NOT_SUPPORTED = 14;

    static final int OUTCOME_NUMBER_IN_PROGRESS = 1;
    static final int OUTCOME_NUMBER_DONE = 2;
    static final int OUTCOME_NUMBER_TRY_AGAIN = 3;
    static final int OUTCOME_NUMBER_STAFF_REVIEW = 4;

    static final int KEEP_OFFERED = 1;
    static final int KEEP_KEPT = 2;

    static final int PUSH_OK = 0;
    static final int PUSH_FULL = 1;
    static final int PUSH_TOO_LARGE = 2;
    static final int PUSH_OUT_OF_TIME = 3;
    static final int PUSH_NO_CAPTURE = 4;

    /** Bounds of frame_chain.h, messages.h and upload_queue.h. */
    static final int NONCE_SIZE = 32;
    static final int DIGEST_SIZE = 32;
    static final int SIGNATURE_SIZE = 64;
    static final int CLAIMS_MAX = 16;
    static final int JPEG_MAX_BYTES = 60 * 1024;
    static final int FRAME_ENVELOPE_MAX = 192 + 5;
    static final int ANSWER_MAX = 256 * 1024;
    static final int QUALITY_FIELDS = 5;

    /** Places of a row of readJoined; each claim takes CLAIM_SIZE behind JOINED_CLAIMS. */
    static final int JOINED_EXPIRES = 0;
    static final int JOINED_CREDENTIAL = 1;
    static final int JOINED_TITLE = 3;
    static final int JOINED_TEXT = 5;
    static final int JOINED_RECEIVER = 7;
    static final int JOINED_CLAIM_COUNT = 9;
    static final int JOINED_CLAIMS = 10;
    static final int CLAIM_NAME = 0;
    static final int CLAIM_TITLE = 2;
    static final int CLAIM_PURPOSE = 4;
    static final int CLAIM_DAYS = 6;
    static final int CLAIM_REQUIRED = 7;
    static final int CLAIM_SIZE = 8;

    /** Of readBegun: actions lie behind BEGUN_ACTIONS, colours behind them. */
    static final int BEGUN_CAPTURE = 0;
    static final int BEGUN_NONCE = 2;
    static final int BEGUN_ATTEMPTS_LEFT = 4;
    static final int BEGUN_MAX_FRAME = 5;
    static final int BEGUN_RETRY_AFTER = 6;
    static final int BEGUN_WAIT_REASON = 7;
    static final int BEGUN_LIGHT_STEP = 8;
    static final int BEGUN_ACTION_COUNT = 9;
    static final int BEGUN_COLOUR_COUNT = 10;
    static final int BEGUN_ACTIONS = 11;

    /** Of readFeedback. */
    static final int FEEDBACK_SEQUENCE = 0;
    static final int FEEDBACK_GUIDANCE = 1;
    static final int FEEDBACK_DONE = 2;
    static final int FEEDBACK_TOTAL = 3;
    static final int FEEDBACK_OUTCOME = 4;
    static final int FEEDBACK_HAS_TARGET = 5;
    static final int FEEDBACK_TARGET = 6;

    /** Of readResult. */
    static final int RESULT_OUTCOME = 0;
    static final int RESULT_ADVICE = 1;
    static final int RESULT_ATTEMPTS_LEFT = 2;
    static final int RESULT_KEEP = 3;
    static final int RESULT_TEXT = 4;

    /** Enough for the longest row, readJoined's with all claims. */
    static final int ROW_SIZE = JOINED_CLAIMS + CLAIMS_MAX * CLAIM_SIZE;

    private Core() {}

    static native int version();

    /** Next state in bits 0 to 7, whether the event was handled in bit 8, actions from bit 16. */
    static native int sessionStep(int state, int event);

    static native int sessionPhrase(int state);

    static native boolean sessionIsOver(int state);

    static native String phraseName(int phrase);

    static native String reasonName(int reason);

    static native int reasonPhrase(int reason);

    static native int backoffMs(int failures, int randomBits);

    /** What to tell so long after the network went; PHRASE_CAPTURE_DONE when all was asked for. */
    static native int offlinePhrase(int[] actionsLeft, int elapsedMs);

    static native int pacerSize();

    static native void pacerInit(ByteBuffer pacer);

    static native void pacerOffer(ByteBuffer pacer, int phrase, long nowMs);

    static native void pacerSpeaking(ByteBuffer pacer, int lengthMs, long nowMs);

    /** The phrase in bits 0 to 15, whether to speak in bit 16. */
    static native int pacerTick(ByteBuffer pacer, long nowMs);

    /** before: the frame before, rows without gaps; null without one. */
    static native void qualityMeasure(
            ByteBuffer luma, int width, int height, int strideBytes, ByteBuffer before, int[] out);

    static native int qualityAdvice(int[] quality);

    static native int chooserSize();

    static native void chooserInit(ByteBuffer chooser);

    static native boolean chooserTake(ByteBuffer chooser, int[] quality, int periodMs, long nowMs);

    static native int jpegQuality(int quality, int sizeBytes, int aimBytes);

    /** Without room for JPEGs, which is what the buffer has more. */
    static native int queueSize();

    static native void queueInit(ByteBuffer queue, int window, int randomSeed);

    static native void queueBegin(
            ByteBuffer queue, byte[] captureId, byte[] nonce, int maxFrameBytes);

    static native void queueDrop(ByteBuffer queue);

    /** Null without a capture. */
    static native byte[] queueMessage(ByteBuffer queue, long capturedAtUnixMs, byte[] digest);

    static native int queuePush(ByteBuffer queue, long capturedAtUnixMs, int lightShownMs,
            ByteBuffer jpeg, int jpegSize, byte[] signature);

    /** Size of the SubmitFrame that was written, framing and all; 0 if no frame is due. */
    static native int queueNext(ByteBuffer queue, long nowMs, ByteBuffer out, long[] sequence);

    static native boolean queueAnswered(ByteBuffer queue, long sequence, long nowMs);

    static native int queueFailed(ByteBuffer queue, long sequence, long nowMs);

    static native void queueReconnected(ByteBuffer queue);

    static native int queueWaiting(ByteBuffer queue);

    /** Bytes to aim at, milliseconds between frames, bytes a second. */
    static native void queuePlan(ByteBuffer queue, int[] out);

    static native int stateSavedSize(ByteBuffer queue);

    static native int stateSave(ByteBuffer queue, int state, long expiresAtUnixMs, ByteBuffer out);

    /** State and end of the session; false for what is damaged, and the queue is empty then. */
    static native boolean stateLoad(ByteBuffer queue, ByteBuffer saved, int size, long[] out);

    static native int writeEmpty(ByteBuffer out);

    static native int writeJoin(
            byte[] sessionId, byte[] joinSecret, byte[] publicKey, ByteBuffer out);

    /** names: UTF-8, one behind the other. */
    static native int writeConsent(boolean accepted, ByteBuffer names, int[] sizes, ByteBuffer out);

    static native int writeBegin(int cannotMask, int hints, int attestationKind,
            ByteBuffer attestation, int attestationSize, ByteBuffer out);

    /** Status of gRPC, or -1 for what is none; where the message lies. */
    static native int readAnswer(ByteBuffer body, int size, long[] out);

    static native int statusReason(int status);

    static native boolean readJoined(ByteBuffer answer, int offset, int size, long[] out);

    static native int readConsented(ByteBuffer answer, int offset, int size);

    static native int readKept(ByteBuffer answer, int offset, int size);

    static native boolean readConsentRecord(ByteBuffer answer, int offset, int size, long[] out);

    static native boolean readDecisionReceipt(ByteBuffer answer, int offset, int size, long[] out);

    static native boolean readBegun(ByteBuffer answer, int offset, int size, long[] out);

    static native boolean readFeedback(ByteBuffer answer, int offset, int size, long[] out);

    static native boolean readResult(ByteBuffer answer, int offset, int size, long[] out);
}
