/*
 * The queue of frames on their way, and the state that survives the app's end.
 */
#include "arguments.h"

static jint queue_size(JNIEnv *env, jclass core)
{
    (void)env, (void)core;
    return (jint)(sizeof(jni_head) + imi_core_queue_size());
}

static void queue_init(JNIEnv *env, jclass core, jobject buffer, jint window, jint random_seed)
{
    (void)core;
    size_t size;
    jni_head *head = jni_storage(env, buffer, &size);
    if (head == NULL) {
        return;
    }
    imi_core_queue_options options = {.window = (uint32_t)window,
                                      .random = imi_core_random_xorshift,
                                      .user = &head->random_state};
    if (imi_core_queue_init(head + 1, size, &options) == NULL) {
        jni_refuse(env, "the buffer is too small, or such a window cannot be");
        return;
    }
    head->random_state = random_seed == 0 ? 1 : (uint32_t)random_seed;
    jni_seal(head, JNI_QUEUE);
}

static void queue_begin(JNIEnv *env, jclass core, jobject buffer, jbyteArray capture_id,
                        jbyteArray nonce, jint max_frame_bytes)
{
    (void)core;
    imi_core_queue *queue = jni_object(env, buffer, JNI_QUEUE);
    uint8_t id[IMI_CORE_CAPTURE_ID_MAX], nonce_bytes[IMI_CORE_NONCE_SIZE];
    size_t id_size;
    if (queue == NULL || !jni_copy(env, capture_id, id, sizeof id, &id_size) ||
        !jni_copy_exactly(env, nonce, nonce_bytes, sizeof nonce_bytes)) {
        return;
    }
    imi_core_view view = {.data = id, .size = id_size};
    uint32_t most = max_frame_bytes < 0 ? 0 : (uint32_t)max_frame_bytes;
    if (!imi_core_queue_begin(queue, view, nonce_bytes, most)) {
        jni_refuse(env, "no capture has such a name or limit");
    }
}

static void queue_drop(JNIEnv *env, jclass core, jobject buffer)
{
    (void)core;
    imi_core_queue *queue = jni_object(env, buffer, JNI_QUEUE);
    if (queue != NULL) {
        imi_core_queue_drop(queue);
    }
}

/* The bytes to sign; null without a capture. */
static jbyteArray queue_message(JNIEnv *env, jclass core, jobject buffer, jlong captured_at_unix_ms,
                                jbyteArray digest)
{
    (void)core;
    imi_core_queue *queue = jni_object(env, buffer, JNI_QUEUE);
    uint8_t hash[IMI_CORE_DIGEST_SIZE], message[IMI_CORE_FRAME_MESSAGE_SIZE];
    if (queue == NULL || !jni_copy_exactly(env, digest, hash, sizeof hash) ||
        !imi_core_queue_message(queue, captured_at_unix_ms, hash, message)) {
        return NULL;
    }
    jbyteArray out = (*env)->NewByteArray(env, sizeof message);
    if (out != NULL) {
        (*env)->SetByteArrayRegion(env, out, 0, sizeof message, (const jbyte *)message);
    }
    return out;
}

static jint queue_push(JNIEnv *env, jclass core, jobject buffer, jlong captured_at_unix_ms,
                       jint light_shown_ms, jobject jpeg, jint jpeg_size, jbyteArray signature)
{
    (void)core;
    imi_core_queue *queue = jni_object(env, buffer, JNI_QUEUE);
    imi_core_frame frame = {.captured_at_unix_ms = captured_at_unix_ms,
                            .light_shown_ms = (uint32_t)light_shown_ms};
    if (queue == NULL ||
        !jni_copy_exactly(env, signature, frame.signature, sizeof frame.signature)) {
        return IMI_CORE_PUSH_NO_CAPTURE;
    }
    frame.jpeg = jni_part(env, jpeg, 0, jpeg_size);
    return frame.jpeg.data == NULL ? IMI_CORE_PUSH_TOO_LARGE
                                   : (jint)imi_core_queue_push(queue, &frame);
}

/* Writes SubmitFrame with its framing; its bytes, or 0 if no frame is due. */
static jint queue_next(JNIEnv *env, jclass core, jobject buffer, jlong now_ms, jobject out,
                       jlongArray sequence_out)
{
    (void)core;
    imi_core_queue *queue = jni_object(env, buffer, JNI_QUEUE);
    if (queue == NULL) {
        return 0;
    }
    size_t capacity;
    uint8_t *at = jni_room(env, out, IMI_CORE_GRPC_WEB_HEADER_SIZE, &capacity);
    imi_core_frame frame;
    if (at == NULL || !imi_core_queue_next(queue, now_ms, &frame)) {
        return 0;
    }
    size_t size = imi_core_write_frame(imi_core_queue_capture_id(queue), &frame,
                                       at + IMI_CORE_GRPC_WEB_HEADER_SIZE,
                                       capacity - IMI_CORE_GRPC_WEB_HEADER_SIZE);
    jlong sequence = (jlong)frame.sequence;
    if (size == 0 || !jni_answer_longs(env, sequence_out, &sequence, 1)) {
        imi_core_queue_reconnected(queue);
        jni_refuse(env, "no room for the frame");
        return 0;
    }
    imi_core_grpc_web_header((uint32_t)size, at);
    return (jint)(size + IMI_CORE_GRPC_WEB_HEADER_SIZE);
}

static jboolean queue_answered(JNIEnv *env, jclass core, jobject buffer, jlong sequence,
                               jlong now_ms)
{
    (void)core;
    imi_core_queue *queue = jni_object(env, buffer, JNI_QUEUE);
    return queue != NULL && imi_core_queue_answered(queue, (uint64_t)sequence, now_ms);
}

static jint queue_failed(JNIEnv *env, jclass core, jobject buffer, jlong sequence, jlong now_ms)
{
    (void)core;
    imi_core_queue *queue = jni_object(env, buffer, JNI_QUEUE);
    return queue == NULL ? 0 : (jint)imi_core_queue_failed(queue, (uint64_t)sequence, now_ms);
}

static void queue_reconnected(JNIEnv *env, jclass core, jobject buffer)
{
    (void)core;
    imi_core_queue *queue = jni_object(env, buffer, JNI_QUEUE);
    if (queue != NULL) {
        imi_core_queue_reconnected(queue);
    }
}

static jint queue_waiting(JNIEnv *env, jclass core, jobject buffer)
{
    (void)core;
    imi_core_queue *queue = jni_object(env, buffer, JNI_QUEUE);
    return queue == NULL ? 0 : (jint)imi_core_queue_waiting(queue);
}

/* Size to aim at, period, rate. */
static void queue_plan(JNIEnv *env, jclass core, jobject buffer, jintArray out)
{
    (void)core;
    imi_core_queue *queue = jni_object(env, buffer, JNI_QUEUE);
    if (queue == NULL) {
        return;
    }
    imi_core_plan plan;
    imi_core_queue_plan(queue, &plan);
    uint32_t values[] = {plan.jpeg_bytes, plan.period_ms, plan.rate_bytes_per_s};
    jni_answer_ints(env, out, values, 3);
}

static jint state_saved_size(JNIEnv *env, jclass core, jobject buffer)
{
    (void)core;
    imi_core_queue *queue = jni_object(env, buffer, JNI_QUEUE);
    return queue == NULL ? 0 : (jint)imi_core_state_saved_size(queue);
}

static jint state_save(JNIEnv *env, jclass core, jobject buffer, jint state,
                       jlong expires_at_unix_ms, jobject out)
{
    (void)core;
    imi_core_queue *queue = jni_object(env, buffer, JNI_QUEUE);
    if (queue == NULL) {
        return 0;
    }
    size_t capacity;
    uint8_t *at = jni_room(env, out, 0, &capacity);
    if (at == NULL) {
        return 0;
    }
    size_t size = imi_core_state_save((uint32_t)state, expires_at_unix_ms, queue, at, capacity);
    if (size == 0) {
        jni_refuse(env, "no such state, or no room for it");
    }
    return (jint)size;
}

/* State and end of the session; false for what is damaged. */
static jboolean state_load(JNIEnv *env, jclass core, jobject buffer, jobject saved, jint size,
                           jlongArray out)
{
    (void)core;
    imi_core_queue *queue = jni_object(env, buffer, JNI_QUEUE);
    if (queue == NULL) {
        return JNI_FALSE;
    }
    imi_core_view bytes = jni_part(env, saved, 0, size);
    imi_core_loaded loaded;
    if (bytes.data == NULL || !imi_core_state_load(bytes, queue, &loaded)) {
        return JNI_FALSE;
    }
    jlong values[] = {(jlong)loaded.state, loaded.expires_at_unix_ms};
    return jni_answer_longs(env, out, values, 2);
}

#define BUFFER "Ljava/nio/ByteBuffer;"
static const JNINativeMethod methods[] = {
    {"queueSize", "()I", queue_size},
    {"queueInit", "(" BUFFER "II)V", queue_init},
    {"queueBegin", "(" BUFFER "[B[BI)V", queue_begin},
    {"queueDrop", "(" BUFFER ")V", queue_drop},
    {"queueMessage", "(" BUFFER "J[B)[B", queue_message},
    {"queuePush", "(" BUFFER "JI" BUFFER "I[B)I", queue_push},
    {"queueNext", "(" BUFFER "J" BUFFER "[J)I", queue_next},
    {"queueAnswered", "(" BUFFER "JJ)Z", queue_answered},
    {"queueFailed", "(" BUFFER "JJ)I", queue_failed},
    {"queueReconnected", "(" BUFFER ")V", queue_reconnected},
    {"queueWaiting", "(" BUFFER ")I", queue_waiting},
    {"queuePlan", "(" BUFFER "[I)V", queue_plan},
    {"stateSavedSize", "(" BUFFER ")I", state_saved_size},
    {"stateSave", "(" BUFFER "IJ" BUFFER ")I", state_save},
    {"stateLoad", "(" BUFFER BUFFER "I[J)Z", state_load},
};

bool jni_register_queue(JNIEnv *env, jclass core)
{
    return JNI_REGISTER(env, core, methods);
}
