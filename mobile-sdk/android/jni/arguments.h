/**
 * What comes from Java, checked before the core sees it. Whatever is wrong with it throws
 * IllegalArgumentException; the function that finds it answers NULL or false, and its caller
 * returns at once, as Java's rules for a pending exception want.
 */
#ifndef IMI_ANDROID_ARGUMENTS_H
#define IMI_ANDROID_ARGUMENTS_H

#include "imi_core/imi_core.h"

#include <jni.h>

/** Objects of the core that live in a direct ByteBuffer of Java's. */
typedef enum jni_kind { JNI_PACER = 1, JNI_CHOOSER, JNI_QUEUE } jni_kind;

/** Before each object. It holds its own address, so that a copy is not taken for the object. */
typedef struct jni_head {
    _Alignas(8) uintptr_t self;
    uint32_t kind;
    uint32_t random_state; /* of a queue */
} jni_head;

void jni_refuse(JNIEnv *env, const char *why);

/** Room for an object; its head is filled when the object is made. */
jni_head *jni_storage(JNIEnv *env, jobject buffer, size_t *size);
void jni_seal(jni_head *head, jni_kind kind);
/** An object that was made in this buffer. */
void *jni_object(JNIEnv *env, jobject buffer, jni_kind kind);

/** A part of a direct buffer; data is NULL only after a refusal. */
imi_core_view jni_part(JNIEnv *env, jobject buffer, jint offset, jint size);
/** All of a direct buffer, to be written to; NULL after a refusal. */
uint8_t *jni_room(JNIEnv *env, jobject buffer, size_t least, size_t *capacity);

/** An array of at most so many, copied. */
bool jni_copy(JNIEnv *env, jbyteArray array, uint8_t *to, size_t most, size_t *size);
bool jni_copy_ints(JNIEnv *env, jintArray array, uint32_t *to, size_t most, size_t *count);
/** An array of exactly so many bytes, copied. */
bool jni_copy_exactly(JNIEnv *env, jbyteArray array, uint8_t *to, size_t size);

/** Answer by an array of Java's that must have room. */
bool jni_answer_longs(JNIEnv *env, jlongArray out, const jlong *values, jsize count);
bool jni_answer_ints(JNIEnv *env, jintArray out, const uint32_t *values, jsize count);

/** The natives of one file become methods of the class; false with an exception. */
bool jni_register_guidance(JNIEnv *env, jclass core);
bool jni_register_frames(JNIEnv *env, jclass core);
bool jni_register_queue(JNIEnv *env, jclass core);
bool jni_register_requests(JNIEnv *env, jclass core);
bool jni_register_answers(JNIEnv *env, jclass core);

/** X is an array of JNINativeMethod. */
#define JNI_REGISTER(env, core, X)                                                                 \
    ((*(env))->RegisterNatives(env, core, X, (jint)(sizeof(X) / sizeof((X)[0]))) == JNI_OK)

#endif
