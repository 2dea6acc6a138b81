#include "arguments.h"

void jni_refuse(JNIEnv *env, const char *why)
{
    if ((*env)->ExceptionCheck(env)) {
        return;
    }
    jclass exception = (*env)->FindClass(env, "java/lang/IllegalArgumentException");
    if (exception != NULL) {
        (*env)->ThrowNew(env, exception, why);
    }
}

/* Address of a direct buffer, and its capacity; NULL after a refusal. */
static uint8_t *address_of(JNIEnv *env, jobject buffer, size_t *capacity)
{
    *capacity = 0;
    uint8_t *address = buffer == NULL ? NULL : (*env)->GetDirectBufferAddress(env, buffer);
    jlong size = address == NULL ? -1 : (*env)->GetDirectBufferCapacity(env, buffer);
    if (size < 0 || size > INT32_MAX) {
        jni_refuse(env, "not a direct buffer");
        return NULL;
    }
    *capacity = (size_t)size;
    return address;
}

jni_head *jni_storage(JNIEnv *env, jobject buffer, size_t *size)
{
    jni_head *head = (jni_head *)jni_room(env, buffer, sizeof(jni_head), size);
    if (head == NULL) {
        return NULL;
    }
    if (((uintptr_t)head & 7) != 0) {
        jni_refuse(env, "the buffer is not aligned");
        return NULL;
    }
    *size -= sizeof *head;
    *head = (jni_head){0};
    return head;
}

void jni_seal(jni_head *head, jni_kind kind)
{
    head->self = (uintptr_t)head;
    head->kind = kind;
}

void *jni_object(JNIEnv *env, jobject buffer, jni_kind kind)
{
    size_t capacity;
    jni_head *head = (jni_head *)jni_room(env, buffer, sizeof(jni_head), &capacity);
    if (head == NULL) {
        return NULL;
    }
    if (((uintptr_t)head & 7) != 0 || head->self != (uintptr_t)head || head->kind != kind) {
        jni_refuse(env, "the buffer holds no such object");
        return NULL;
    }
    return head + 1;
}

imi_core_view jni_part(JNIEnv *env, jobject buffer, jint offset, jint size)
{
    size_t capacity;
    const uint8_t *address = address_of(env, buffer, &capacity);
    if (address == NULL) {
        return (imi_core_view){0};
    }
    bool fits = offset >= 0 && size >= 0 && (size_t)offset <= capacity &&
                (size_t)size <= capacity - (size_t)offset;
    if (!fits) {
        jni_refuse(env, "outside the buffer");
        return (imi_core_view){0};
    }
    return (imi_core_view){.data = address + offset, .size = (size_t)size};
}

uint8_t *jni_room(JNIEnv *env, jobject buffer, size_t least, size_t *capacity)
{
    uint8_t *address = address_of(env, buffer, capacity);
    if (address != NULL && *capacity < least) {
        jni_refuse(env, "the buffer is too small");
        return NULL;
    }
    return address;
}

static bool take_length(JNIEnv *env, jarray array, size_t most, size_t *length)
{
    *length = array == NULL ? 0 : (size_t)(*env)->GetArrayLength(env, array);
    if (array == NULL || *length > most) {
        *length = 0;
        jni_refuse(env, array == NULL ? "an array is missing" : "an array is too long");
        return false;
    }
    return true;
}

bool jni_copy(JNIEnv *env, jbyteArray array, uint8_t *to, size_t most, size_t *size)
{
    if (!take_length(env, array, most, size)) {
        return false;
    }
    (*env)->GetByteArrayRegion(env, array, 0, (jsize)*size, (jbyte *)to);
    return true;
}

bool jni_copy_ints(JNIEnv *env, jintArray array, uint32_t *to, size_t most, size_t *count)
{
    if (!take_length(env, array, most, count)) {
        return false;
    }
    (*env)->GetIntArrayRegion(env, array, 0, (jsize)*count, (jint *)to);
    return true;
}

bool jni_copy_exactly(JNIEnv *env, jbyteArray array, uint8_t *to, size_t size)
{
    size_t got;
    if (!jni_copy(env, array, to, size, &got)) {
        return false;
    }
    if (got != size) {
        jni_refuse(env, "too few bytes");
        return false;
    }
    return true;
}

static bool has_room(JNIEnv *env, jarray out, jsize count)
{
    if (out == NULL || (*env)->GetArrayLength(env, out) < count) {
        jni_refuse(env, "no room for the answer");
        return false;
    }
    return true;
}

bool jni_answer_longs(JNIEnv *env, jlongArray out, const jlong *values, jsize count)
{
    if (!has_room(env, out, count)) {
        return false;
    }
    (*env)->SetLongArrayRegion(env, out, 0, count, values);
    return true;
}

bool jni_answer_ints(JNIEnv *env, jintArray out, const uint32_t *values, jsize count)
{
    if (!has_room(env, out, count)) {
        return false;
    }
    (*env)->SetIntArrayRegion(env, out, 0, count, (const jint *)values);
    return true;
}
