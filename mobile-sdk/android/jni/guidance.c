/*
 * States, phrases, reasons, waiting and pacing.
 */
#include "arguments.h"

static jint version(JNIEnv *env, jclass core)
{
    (void)env, (void)core;
    return (jint)imi_core_version();
}

/* Next state, handled as bit 8, actions from bit 16 on. */
static jint session_step(JNIEnv *env, jclass core, jint state, jint event)
{
    (void)env, (void)core;
    imi_core_step step;
    imi_core_session_step((uint32_t)state, (uint32_t)event, &step);
    return (jint)(step.next | (uint32_t)step.handled << 8 | (uint32_t)step.actions << 16);
}

static jint session_phrase(JNIEnv *env, jclass core, jint state)
{
    (void)env, (void)core;
    return (jint)imi_core_session_phrase((uint32_t)state);
}

static jboolean session_is_over(JNIEnv *env, jclass core, jint state)
{
    (void)env, (void)core;
    return imi_core_session_is_over((uint32_t)state);
}

static jstring phrase_name(JNIEnv *env, jclass core, jint phrase)
{
    (void)core;
    return (*env)->NewStringUTF(env, imi_core_phrase_name((uint32_t)phrase));
}

static jstring reason_name(JNIEnv *env, jclass core, jint reason)
{
    (void)core;
    return (*env)->NewStringUTF(env, imi_core_reason_name((uint32_t)reason));
}

static jint reason_phrase(JNIEnv *env, jclass core, jint reason)
{
    (void)env, (void)core;
    return (jint)imi_core_reason_phrase((uint32_t)reason);
}

static jint backoff_ms(JNIEnv *env, jclass core, jint failures, jint random_bits)
{
    (void)env, (void)core;
    return (jint)imi_core_backoff_ms((uint32_t)failures, (uint32_t)random_bits);
}

static jint offline_phrase(JNIEnv *env, jclass core, jintArray left, jint elapsed_ms)
{
    (void)core;
    uint32_t actions[IMI_CORE_ACTIONS_MAX];
    size_t count;
    if (!jni_copy_ints(env, left, actions, IMI_CORE_ACTIONS_MAX, &count)) {
        return 0;
    }
    uint32_t elapsed = elapsed_ms < 0 ? 0 : (uint32_t)elapsed_ms;
    return (jint)imi_core_offline_phrase(actions, (uint32_t)count, elapsed);
}

static jint pacer_size(JNIEnv *env, jclass core)
{
    (void)env, (void)core;
    return (jint)(sizeof(jni_head) + imi_core_pacer_size());
}

static void pacer_init(JNIEnv *env, jclass core, jobject buffer)
{
    (void)core;
    size_t size;
    jni_head *head = jni_storage(env, buffer, &size);
    if (head == NULL) {
        return;
    }
    if (imi_core_pacer_init(head + 1, size) == NULL) {
        jni_refuse(env, "the buffer is too small");
        return;
    }
    jni_seal(head, JNI_PACER);
}

static void pacer_offer(JNIEnv *env, jclass core, jobject buffer, jint phrase, jlong now_ms)
{
    (void)core;
    imi_core_pacer *pacer = jni_object(env, buffer, JNI_PACER);
    if (pacer != NULL) {
        imi_core_pacer_offer(pacer, (uint32_t)phrase, now_ms);
    }
}

static void pacer_speaking(JNIEnv *env, jclass core, jobject buffer, jint length_ms, jlong now_ms)
{
    (void)core;
    imi_core_pacer *pacer = jni_object(env, buffer, JNI_PACER);
    if (pacer != NULL) {
        imi_core_pacer_speaking(pacer, length_ms < 0 ? 0 : (uint32_t)length_ms, now_ms);
    }
}

/* The phrase, and whether to speak as bit 16. */
static jint pacer_tick(JNIEnv *env, jclass core, jobject buffer, jlong now_ms)
{
    (void)core;
    imi_core_pacer *pacer = jni_object(env, buffer, JNI_PACER);
    if (pacer == NULL) {
        return 0;
    }
    imi_core_cue cue;
    imi_core_pacer_tick(pacer, now_ms, &cue);
    return (jint)((cue.phrase & 0xFFFF) | (uint32_t)cue.speak << 16);
}

static const JNINativeMethod methods[] = {
    {"version", "()I", version},
    {"sessionStep", "(II)I", session_step},
    {"sessionPhrase", "(I)I", session_phrase},
    {"sessionIsOver", "(I)Z", session_is_over},
    {"phraseName", "(I)Ljava/lang/String;", phrase_name},
    {"reasonName", "(I)Ljava/lang/String;", reason_name},
    {"reasonPhrase", "(I)I", reason_phrase},
    {"backoffMs", "(II)I", backoff_ms},
    {"offlinePhrase", "([II)I", offline_phrase},
    {"pacerSize", "()I", pacer_size},
    {"pacerInit", "(Ljava/nio/ByteBuffer;)V", pacer_init},
    {"pacerOffer", "(Ljava/nio/ByteBuffer;IJ)V", pacer_offer},
    {"pacerSpeaking", "(Ljava/nio/ByteBuffer;IJ)V", pacer_speaking},
    {"pacerTick", "(Ljava/nio/ByteBuffer;J)I", pacer_tick},
};

bool jni_register_guidance(JNIEnv *env, jclass core)
{
    return JNI_REGISTER(env, core, methods);
}
