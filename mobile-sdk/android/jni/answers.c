/*
 * Answers taken apart into rows of numbers. A text is two of them: its offset in the answer's
 * buffer and its size. Core.java names the places.
 */
#include "arguments.h"

typedef struct row {
    jlong *at;
    const uint8_t *base; /* of the answer's buffer */
} row;

static void put(row *r, jlong value)
{
    *r->at++ = value;
}

static void put_view(row *r, imi_core_view view)
{
    put(r, view.size == 0 ? 0 : (jlong)(view.data - r->base));
    put(r, (jlong)view.size);
}

/* Status of gRPC, or -1; where the message lies. */
static jint read_answer(JNIEnv *env, jclass core, jobject buffer, jint size, jlongArray out)
{
    (void)core;
    imi_core_view body = jni_part(env, buffer, 0, size);
    imi_core_answer answer;
    if (body.data == NULL || !imi_core_grpc_web_parse(body, &answer)) {
        return -1;
    }
    jlong values[2];
    row r = {values, body.data};
    put_view(&r, answer.message);
    return jni_answer_longs(env, out, values, 2) ? (jint)answer.status : -1;
}

static jint status_reason(JNIEnv *env, jclass core, jint status)
{
    (void)env, (void)core;
    return (jint)imi_core_grpc_reason((uint32_t)status);
}

static jboolean read_joined(JNIEnv *env, jclass core, jobject buffer, jint offset, jint size,
                            jlongArray out)
{
    (void)core;
    enum { FIXED = 10, PER_CLAIM = 8 };
    imi_core_view message = jni_part(env, buffer, offset, size);
    imi_core_joined joined;
    if (message.data == NULL || !imi_core_read_joined(message, &joined)) {
        return JNI_FALSE;
    }
    jlong values[FIXED + PER_CLAIM * IMI_CORE_CLAIMS_MAX];
    row r = {values, message.data - offset};
    put(&r, joined.expires_at_unix_ms);
    put_view(&r, joined.credential);
    put_view(&r, joined.purpose_title);
    put_view(&r, joined.consent_text);
    put_view(&r, joined.receiver);
    put(&r, joined.claim_count);
    for (uint32_t i = 0; i < joined.claim_count; i++) {
        put_view(&r, joined.claims[i].name);
        put_view(&r, joined.claims[i].title);
        put_view(&r, joined.claims[i].purpose);
        put(&r, joined.claims[i].retention_days);
        put(&r, joined.claims[i].required);
    }
    return jni_answer_longs(env, out, values, (jsize)(r.at - values));
}

/* What a reader of the core finds, or -1. */
static jint read_number(JNIEnv *env, jobject buffer, jint offset, jint size,
                        bool (*reader)(imi_core_view answer, uint32_t *out))
{
    imi_core_view message = jni_part(env, buffer, offset, size);
    uint32_t number;
    bool read = message.data != NULL && reader(message, &number);
    return read ? (jint)number : -1;
}

/* enum SessionState, or -1. */
static jint read_consented(JNIEnv *env, jclass core, jobject buffer, jint offset, jint size)
{
    (void)core;
    return read_number(env, buffer, offset, size, imi_core_read_consented);
}

/* enum KeepReference, or -1. */
static jint read_kept(JNIEnv *env, jclass core, jobject buffer, jint offset, jint size)
{
    (void)core;
    return read_number(env, buffer, offset, size, imi_core_read_kept);
}

static jboolean read_begun(JNIEnv *env, jclass core, jobject buffer, jint offset, jint size,
                           jlongArray out)
{
    (void)core;
    enum { FIXED = 11 };
    imi_core_view message = jni_part(env, buffer, offset, size);
    imi_core_begun begun;
    if (message.data == NULL || !imi_core_read_begun(message, &begun)) {
        return JNI_FALSE;
    }
    jlong values[FIXED + IMI_CORE_ACTIONS_MAX + IMI_CORE_COLOURS_MAX];
    row r = {values, message.data - offset};
    put_view(&r, begun.capture_id);
    put_view(&r, begun.nonce);
    put(&r, begun.attempts_left);
    put(&r, begun.max_frame_bytes);
    put(&r, begun.retry_after_ms);
    put(&r, begun.wait_reason);
    put(&r, begun.light_step_ms);
    put(&r, begun.action_count);
    put(&r, begun.colour_count);
    for (uint32_t i = 0; i < begun.action_count; i++) {
        put(&r, begun.actions[i]);
    }
    for (uint32_t i = 0; i < begun.colour_count; i++) {
        put(&r, begun.colours[i]);
    }
    return jni_answer_longs(env, out, values, (jsize)(r.at - values));
}

static jboolean read_feedback(JNIEnv *env, jclass core, jobject buffer, jint offset, jint size,
                              jlongArray out)
{
    (void)core;
    imi_core_view message = jni_part(env, buffer, offset, size);
    imi_core_feedback feedback;
    if (message.data == NULL || !imi_core_read_feedback(message, &feedback)) {
        return JNI_FALSE;
    }
    jlong values[] = {
        (jlong)feedback.sequence,
        feedback.guidance,
        feedback.actions_done,
        feedback.actions_total,
        feedback.outcome,
        feedback.has_target,
        feedback.target.centre_x_permille,
        feedback.target.centre_y_permille,
        feedback.target.height_permille,
    };
    return jni_answer_longs(env, out, values, sizeof values / sizeof values[0]);
}

static jboolean read_result(JNIEnv *env, jclass core, jobject buffer, jint offset, jint size,
                            jlongArray out)
{
    (void)core;
    imi_core_view message = jni_part(env, buffer, offset, size);
    imi_core_result result;
    if (message.data == NULL || !imi_core_read_result(message, &result)) {
        return JNI_FALSE;
    }
    jlong values[6];
    row r = {values, message.data - offset};
    put(&r, result.outcome);
    put(&r, result.advice);
    put(&r, result.attempts_left);
    put(&r, result.keep_reference);
    put_view(&r, result.keep_reference_text);
    return jni_answer_longs(env, out, values, sizeof values / sizeof values[0]);
}

static jboolean read_consent_record(JNIEnv *env, jclass core, jobject buffer, jint offset,
                                    jint size, jlongArray out)
{
    (void)core;
    imi_core_view message = jni_part(env, buffer, offset, size);
    imi_core_consent_record record;
    if (message.data == NULL || !imi_core_read_consent_record(message, &record)) {
        return JNI_FALSE;
    }
    jlong values[4];
    row r = {values, message.data - offset};
    put_view(&r, record.consent_json);
    put_view(&r, record.receipt_json);
    return jni_answer_longs(env, out, values, sizeof values / sizeof values[0]);
}

static jboolean read_decision_receipt(JNIEnv *env, jclass core, jobject buffer, jint offset,
                                      jint size, jlongArray out)
{
    (void)core;
    imi_core_view message = jni_part(env, buffer, offset, size), receipt;
    if (message.data == NULL || !imi_core_read_decision_receipt(message, &receipt)) {
        return JNI_FALSE;
    }
    jlong values[2];
    row r = {values, message.data - offset};
    put_view(&r, receipt);
    return jni_answer_longs(env, out, values, sizeof values / sizeof values[0]);
}

#define BUFFER "Ljava/nio/ByteBuffer;"
static const JNINativeMethod methods[] = {
    {"readAnswer", "(" BUFFER "I[J)I", read_answer},
    {"statusReason", "(I)I", status_reason},
    {"readJoined", "(" BUFFER "II[J)Z", read_joined},
    {"readConsented", "(" BUFFER "II)I", read_consented},
    {"readKept", "(" BUFFER "II)I", read_kept},
    {"readConsentRecord", "(" BUFFER "II[J)Z", read_consent_record},
    {"readDecisionReceipt", "(" BUFFER "II[J)Z", read_decision_receipt},
    {"readBegun", "(" BUFFER "II[J)Z", read_begun},
    {"readFeedback", "(" BUFFER "II[J)Z", read_feedback},
    {"readResult", "(" BUFFER "II[J)Z", read_result},
};

bool jni_register_answers(JNIEnv *env, jclass core)
{
    return JNI_REGISTER(env, core, methods);
}
