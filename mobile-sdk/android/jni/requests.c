/*
 * Requests, each with the framing of gRPC-Web before it. Natives answer the bytes written.
 */
#include "arguments.h"

enum {
    HEADER = IMI_CORE_GRPC_WEB_HEADER_SIZE,
    TEXT_MAX = 64, /* session id, join secret */
    KEY_MAX = 128 /* a P-256 key takes 91 */
};

/* Where the message goes, with room for its framing before it; NULL after a refusal. */
static uint8_t *begin_request(JNIEnv *env, jobject out, size_t *capacity)
{
    uint8_t *at = jni_room(env, out, HEADER, capacity);
    if (at == NULL) {
        return NULL;
    }
    *capacity -= HEADER;
    return at + HEADER;
}

static jint end_request(uint8_t *message, size_t size)
{
    imi_core_grpc_web_header((uint32_t)size, message - HEADER);
    return (jint)(size + HEADER);
}

static jint write_empty(JNIEnv *env, jclass core, jobject out)
{
    (void)core;
    size_t capacity;
    uint8_t *message = begin_request(env, out, &capacity);
    return message == NULL ? 0 : end_request(message, 0);
}

static jint write_join(JNIEnv *env, jclass core, jbyteArray session_id, jbyteArray join_secret,
                       jbyteArray public_key, jobject out)
{
    (void)core;
    uint8_t id[TEXT_MAX], secret[TEXT_MAX], key[KEY_MAX];
    imi_core_join join = {
        .session_id = {id, 0}, .join_secret = {secret, 0}, .device_public_key = {key, 0}};
    size_t capacity;
    uint8_t *message = begin_request(env, out, &capacity);
    if (message == NULL || !jni_copy(env, session_id, id, sizeof id, &join.session_id.size) ||
        !jni_copy(env, join_secret, secret, sizeof secret, &join.join_secret.size) ||
        !jni_copy(env, public_key, key, sizeof key, &join.device_public_key.size)) {
        return 0;
    }
    size_t size = imi_core_write_join(&join, message, capacity);
    if (size == 0) {
        jni_refuse(env, "no such link or key, or no room");
        return 0;
    }
    return end_request(message, size);
}

/* Views of names that lie one behind the other. */
static bool take_names(JNIEnv *env, jobject names, jintArray sizes, imi_core_view *out,
                       uint32_t *count)
{
    jint lengths[IMI_CORE_CLAIMS_MAX];
    jsize number = sizes == NULL ? -1 : (*env)->GetArrayLength(env, sizes);
    if (number < 0 || number > IMI_CORE_CLAIMS_MAX) {
        jni_refuse(env, "not so many claims");
        return false;
    }
    (*env)->GetIntArrayRegion(env, sizes, 0, number, lengths);
    jint at = 0;
    for (jsize i = 0; i < number; i++) {
        out[i] = jni_part(env, names, at, lengths[i]);
        if (out[i].data == NULL) {
            return false;
        }
        at += lengths[i];
    }
    *count = (uint32_t)number;
    return true;
}

static jint write_consent(JNIEnv *env, jclass core, jboolean accepted, jobject names,
                          jintArray sizes, jobject out)
{
    (void)core;
    imi_core_view claims[IMI_CORE_CLAIMS_MAX];
    uint32_t count;
    size_t capacity;
    uint8_t *message = begin_request(env, out, &capacity);
    if (message == NULL || !take_names(env, names, sizes, claims, &count)) {
        return 0;
    }
    size_t size = imi_core_write_consent(accepted != JNI_FALSE, claims, count, message, capacity);
    if (size == 0) {
        jni_refuse(env, "no such claims, or no room");
        return 0;
    }
    return end_request(message, size);
}

/* attestation: null if kind is 0. */
static jint write_begin(JNIEnv *env, jclass core, jint cannot_mask, jint hints, jint kind,
                        jobject attestation, jint attestation_size, jobject out)
{
    (void)core;
    imi_core_begin begin = {.cannot_mask = (uint32_t)cannot_mask,
                            .hints = (uint32_t)hints,
                            .attestation_kind = (uint32_t)kind};
    size_t capacity, size;
    uint8_t *message = begin_request(env, out, &capacity);
    if (message == NULL) {
        return 0;
    }
    if (kind != 0) {
        begin.attestation = jni_part(env, attestation, 0, attestation_size);
        if (begin.attestation.data == NULL) {
            return 0;
        }
    }
    if (!imi_core_write_begin(&begin, message, capacity, &size)) {
        jni_refuse(env, "no such words of the person or phone, or no room");
        return 0;
    }
    return end_request(message, size);
}

#define BUFFER "Ljava/nio/ByteBuffer;"
static const JNINativeMethod methods[] = {
    {"writeEmpty", "(" BUFFER ")I", write_empty},
    {"writeJoin", "([B[B[B" BUFFER ")I", write_join},
    {"writeConsent", "(Z" BUFFER "[I" BUFFER ")I", write_consent},
    {"writeBegin", "(III" BUFFER "I" BUFFER ")I", write_begin},
};

bool jni_register_requests(JNIEnv *env, jclass core)
{
    return JNI_REGISTER(env, core, methods);
}
