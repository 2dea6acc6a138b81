/*
 * The one symbol that the library exports: Java calls it when it loads the library.
 */
#include "arguments.h"

#define CORE_CLASS "org/imi/sdk/Core"

JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM *vm, void *reserved)
{
    (void)reserved;
    JNIEnv *env = NULL;
    if ((*vm)->GetEnv(vm, (void **)&env, JNI_VERSION_1_6) != JNI_OK) {
        return JNI_ERR;
    }
    jclass core = (*env)->FindClass(env, CORE_CLASS);
    bool registered = core != NULL && jni_register_guidance(env, core) &&
                      jni_register_frames(env, core) && jni_register_queue(env, core) &&
                      jni_register_requests(env, core) && jni_register_answers(env, core);
    return registered ? JNI_VERSION_1_6 : JNI_ERR;
}
