/*
 * Quality of camera frames, and which of them are sent.
 */
#include "arguments.h"

enum { QUALITY_FIELDS = sizeof(imi_core_quality) / sizeof(uint32_t) };
_Static_assert(sizeof(imi_core_quality) == 5 * sizeof(uint32_t), "Core.java has five of them");

/* The rows must lie in the buffer; what else is wrong with them the core finds. */
static bool take_luma(JNIEnv *env, jobject buffer, jint width, jint height, jint stride,
                      imi_core_luma *out)
{
    bool possible = width >= IMI_CORE_LUMA_SIDE_MIN && width <= IMI_CORE_LUMA_SIDE_MAX &&
                    height >= IMI_CORE_LUMA_SIDE_MIN && height <= IMI_CORE_LUMA_SIDE_MAX &&
                    stride >= width && stride <= 4 * IMI_CORE_LUMA_SIDE_MAX;
    if (!possible) {
        jni_refuse(env, "no size of a picture");
        return false;
    }
    imi_core_view rows = jni_part(env, buffer, 0, (height - 1) * stride + width);
    *out = (imi_core_luma){rows.data, (uint32_t)width, (uint32_t)height, (uint32_t)stride};
    return rows.data != NULL;
}

/* before: of the same sides, rows without gaps; or null. */
static void quality_measure(JNIEnv *env, jclass core, jobject frame, jint width, jint height,
                            jint stride, jobject before, jintArray out)
{
    (void)core;
    imi_core_luma now, last;
    imi_core_quality quality;
    if (!take_luma(env, frame, width, height, stride, &now) ||
        (before != NULL && !take_luma(env, before, width, height, width, &last))) {
        return;
    }
    if (!imi_core_quality_measure(&now, before == NULL ? NULL : &last, &quality)) {
        jni_refuse(env, "no picture");
        return;
    }
    jni_answer_ints(env, out, &quality.sharpness_milli, QUALITY_FIELDS);
}

static bool take_quality(JNIEnv *env, jintArray array, imi_core_quality *out)
{
    *out = (imi_core_quality){0};
    if (array == NULL || (*env)->GetArrayLength(env, array) < QUALITY_FIELDS) {
        jni_refuse(env, "no quality");
        return false;
    }
    (*env)->GetIntArrayRegion(env, array, 0, QUALITY_FIELDS, (jint *)&out->sharpness_milli);
    return true;
}

static jint quality_advice(JNIEnv *env, jclass core, jintArray array)
{
    (void)core;
    imi_core_quality quality;
    return take_quality(env, array, &quality) ? (jint)imi_core_quality_advice(&quality) : 0;
}

static jint chooser_size(JNIEnv *env, jclass core)
{
    (void)env, (void)core;
    return (jint)(sizeof(jni_head) + imi_core_chooser_size());
}

static void chooser_init(JNIEnv *env, jclass core, jobject buffer)
{
    (void)core;
    size_t size;
    jni_head *head = jni_storage(env, buffer, &size);
    if (head == NULL) {
        return;
    }
    if (imi_core_chooser_init(head + 1, size) == NULL) {
        jni_refuse(env, "the buffer is too small");
        return;
    }
    jni_seal(head, JNI_CHOOSER);
}

static jboolean chooser_take(JNIEnv *env, jclass core, jobject buffer, jintArray array,
                             jint period_ms, jlong now_ms)
{
    (void)core;
    imi_core_chooser *chooser = jni_object(env, buffer, JNI_CHOOSER);
    imi_core_quality quality;
    return chooser != NULL && take_quality(env, array, &quality) &&
           imi_core_chooser_take(chooser, &quality, (uint32_t)period_ms, now_ms);
}

static jint jpeg_quality(JNIEnv *env, jclass core, jint quality, jint size_bytes, jint aim_bytes)
{
    (void)env, (void)core;
    return (jint)imi_core_jpeg_quality((uint32_t)quality, (uint32_t)size_bytes,
                                       (uint32_t)aim_bytes);
}

static const JNINativeMethod methods[] = {
    {"qualityMeasure", "(Ljava/nio/ByteBuffer;IIILjava/nio/ByteBuffer;[I)V", quality_measure},
    {"qualityAdvice", "([I)I", quality_advice},
    {"chooserSize", "()I", chooser_size},
    {"chooserInit", "(Ljava/nio/ByteBuffer;)V", chooser_init},
    {"chooserTake", "(Ljava/nio/ByteBuffer;[IIJ)Z", chooser_take},
    {"jpegQuality", "(III)I", jpeg_quality},
};

bool jni_register_frames(JNIEnv *env, jclass core)
{
    return JNI_REGISTER(env, core, methods);
}
