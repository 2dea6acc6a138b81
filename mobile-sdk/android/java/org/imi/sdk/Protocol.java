package org.imi.sdk;

import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Requests and answers of the server's, as objects. */
final class Protocol {
    static final Charset UTF_8 = Charset.forName("UTF-8");
    static final String JOIN = "/imi.v1.SubjectService/Join";
    static final String GIVE_CONSENT = "/imi.v1.SubjectService/GiveConsent";
    static final String BEGIN_CAPTURE = "/imi.v1.SubjectService/BeginCapture";
    static final String SUBMIT_FRAME = "/imi.v1.SubjectService/SubmitFrame";
    static final String GET_OUTCOME = "/imi.v1.SubjectService/GetOutcome";
    static final String KEEP_REFERENCE = "/imi.v1.SubjectService/AnswerAdditionalReference";
    static final String GET_CONSENT = "/imi.v1.HolderService/GetConsent";
    static final String GET_RECEIPT = "/imi.v1.HolderService/GetDecisionReceipt";

    private static final int REQUEST_SIZE = 20 * 1024;
    private static final int ATTESTATION_MAX = 16 * 1024;
    private static final int ATTESTATION_ANDROID_KEY = 1;

    private Protocol() {}

    /** Answer of Join. */
    static final class Joined {
        String credential;
        Consent consent;
        long expiresAtMs;
    }

    /** Answer of BeginCapture. */
    static final class Begun {
        byte[] captureId;
        byte[] nonce;
        int attemptsLeft;
        int maxFrameBytes;
        int retryAfterMs;
        int waitReason;
        int lightStepMs;
        int[] actions;
        int[] colours;
    }

    /** Answer to a frame. */
    static final class Feedback {
        long sequence;
        int guidance;
        int actionsDone;
        int actionsTotal;
        int outcome;
        Oval target;
    }

    /** Answer of GetOutcome. */
    static final class Result {
        int outcome;
        int advice;
        int attemptsLeft;
        int keep;
        String keepText;
    }

    static ByteBuffer direct(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(Math.max(bytes.length, 1));
        buffer.put(bytes);
        buffer.flip();
        return buffer;
    }

    private static ByteBuffer request() {
        return ByteBuffer.allocateDirect(REQUEST_SIZE);
    }

    private static ByteBuffer sized(ByteBuffer request, int size) {
        request.limit(size);
        return request;
    }

    static ByteBuffer empty() {
        ByteBuffer out = request();
        return sized(out, Core.writeEmpty(out));
    }

    static ByteBuffer join(JoinLink link, byte[] publicKey) {
        ByteBuffer out = request();
        return sized(out, Core.writeJoin(
                link.sessionId.getBytes(UTF_8), link.secret.getBytes(UTF_8), publicKey, out));
    }

    static ByteBuffer consent(boolean accepted, Collection<String> claims) {
        int[] sizes = new int[claims.size()];
        StringBuilder names = new StringBuilder();
        int count = 0;
        for (String claim : claims) {
            sizes[count++] = claim.getBytes(UTF_8).length;
            names.append(claim);
        }
        ByteBuffer out = request();
        ByteBuffer bytes = direct(names.toString().getBytes(UTF_8));
        return sized(out, Core.writeConsent(accepted, bytes, sizes, out));
    }

    /** attestation: null for none; one that the server would not take is left out. */
    static ByteBuffer begin(int cannotMask, int hints, byte[] attestation) {
        boolean told = attestation != null && attestation.length > 0
                && attestation.length <= ATTESTATION_MAX;
        ByteBuffer out = request();
        return sized(out, Core.writeBegin(cannotMask, hints, told ? ATTESTATION_ANDROID_KEY : 0,
                told ? direct(attestation) : null, told ? attestation.length : 0, out));
    }

    /** What an answer of HTTP means: REASON_NONE, or why it is none of use. */
    static int reason(int httpStatus, int grpcStatus) {
        if (httpStatus == 200) {
            return Core.statusReason(grpcStatus);
        }
        if (httpStatus == 413) {
            return Core.REASON_FRAME_REFUSED;
        }
        boolean mayPass = httpStatus == 408 || httpStatus == 429 || httpStatus >= 500;
        return mayPass ? Core.REASON_SERVER_BUSY : Core.REASON_NOT_SUPPORTED;
    }

    static Joined joined(Message message) {
        long[] row = new long[Core.ROW_SIZE];
        if (!Core.readJoined(message.buffer, message.offset, message.size, row)) {
            return null;
        }
        Joined joined = new Joined();
        joined.credential = message.text(row, Core.JOINED_CREDENTIAL);
        joined.expiresAtMs = row[Core.JOINED_EXPIRES];
        List<Claim> claims = new ArrayList<>();
        for (int i = 0; i < row[Core.JOINED_CLAIM_COUNT]; i++) {
            claims.add(claim(message, row, Core.JOINED_CLAIMS + i * Core.CLAIM_SIZE));
        }
        joined.consent = new Consent(message.text(row, Core.JOINED_TITLE),
                message.text(row, Core.JOINED_TEXT), message.text(row, Core.JOINED_RECEIVER),
                claims);
        return joined;
    }

    private static Claim claim(Message message, long[] row, int at) {
        return new Claim(message.text(row, at + Core.CLAIM_NAME),
                message.text(row, at + Core.CLAIM_TITLE),
                message.text(row, at + Core.CLAIM_PURPOSE), (int) row[at + Core.CLAIM_DAYS],
                row[at + Core.CLAIM_REQUIRED] != 0);
    }

    static Begun begun(Message message) {
        long[] row = new long[Core.ROW_SIZE];
        if (!Core.readBegun(message.buffer, message.offset, message.size, row)) {
            return null;
        }
        Begun begun = new Begun();
        begun.captureId = message.bytes(row, Core.BEGUN_CAPTURE);
        begun.nonce = message.bytes(row, Core.BEGUN_NONCE);
        begun.attemptsLeft = (int) row[Core.BEGUN_ATTEMPTS_LEFT];
        begun.maxFrameBytes = (int) row[Core.BEGUN_MAX_FRAME];
        begun.retryAfterMs = (int) row[Core.BEGUN_RETRY_AFTER];
        begun.waitReason = (int) row[Core.BEGUN_WAIT_REASON];
        begun.lightStepMs = (int) row[Core.BEGUN_LIGHT_STEP];
        begun.actions = numbers(row, Core.BEGUN_ACTIONS, (int) row[Core.BEGUN_ACTION_COUNT]);
        begun.colours = numbers(row, Core.BEGUN_ACTIONS + begun.actions.length,
                (int) row[Core.BEGUN_COLOUR_COUNT]);
        return begun;
    }

    private static int[] numbers(long[] row, int from, int count) {
        int[] numbers = new int[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (int) row[from + i];
        }
        return numbers;
    }

    static Feedback feedback(Message message) {
        long[] row = new long[Core.ROW_SIZE];
        if (!Core.readFeedback(message.buffer, message.offset, message.size, row)) {
            return null;
        }
        Feedback feedback = new Feedback();
        feedback.sequence = row[Core.FEEDBACK_SEQUENCE];
        feedback.guidance = (int) row[Core.FEEDBACK_GUIDANCE];
        feedback.actionsDone = (int) row[Core.FEEDBACK_DONE];
        feedback.actionsTotal = (int) row[Core.FEEDBACK_TOTAL];
        feedback.outcome = (int) row[Core.FEEDBACK_OUTCOME];
        if (row[Core.FEEDBACK_HAS_TARGET] != 0) {
            feedback.target = new Oval(row[Core.FEEDBACK_TARGET] / 1000f,
                    row[Core.FEEDBACK_TARGET + 1] / 1000f, row[Core.FEEDBACK_TARGET + 2] / 1000f);
        }
        return feedback;
    }

    static Result result(Message message) {
        long[] row = new long[Core.ROW_SIZE];
        if (!Core.readResult(message.buffer, message.offset, message.size, row)) {
            return null;
        }
        Result result = new Result();
        result.outcome = (int) row[Core.RESULT_OUTCOME];
        result.advice = (int) row[Core.RESULT_ADVICE];
        result.attemptsLeft = (int) row[Core.RESULT_ATTEMPTS_LEFT];
        result.keep = (int) row[Core.RESULT_KEEP];
        result.keepText = message.text(row, Core.RESULT_TEXT);
        return result;
    }

    /** Null if there is nothing to answer. */
    static KeepReference keepReference(int keep, String text) {
        return keep == Core.KEEP_OFFERED || keep == Core.KEEP_KEPT
                ? new KeepReference(keep == Core.KEEP_KEPT, text) : null;
    }

    /** The record of what was agreed to, or null for what is no answer. */
    static String consentRecord(Message message) {
        long[] row = new long[4];
        return Core.readConsentRecord(message.buffer, message.offset, message.size, row)
                ? message.text(row, 0) : null;
    }

    /** Empty for not yet, null for what is no answer. */
    static String decisionReceipt(Message message) {
        long[] row = new long[2];
        return Core.readDecisionReceipt(message.buffer, message.offset, message.size, row)
                ? message.text(row, 0) : null;
    }
}
