#include "pkcs11.h"

#include <dlfcn.h>
#include <string.h>

enum { TOKEN_LABEL_SIZE = 32, SLOTS_MAX = 64, POINT_ATTRIBUTE_MAX = 128 };

static imi_status fail(imi_error *err, const char *what, CK_RV code)
{
    IMI_FAIL_FOREIGN(err, IMI_E_CRYPTO, (int64_t)code, "the PKCS#11 module cannot %s: 0x%lX", what,
                     code);
}

#define TRY_CK(call, what)                                                                         \
    do {                                                                                           \
        CK_RV code_ = (call);                                                                      \
        if (code_ != CKR_OK) {                                                                     \
            return fail(err, (what), code_);                                                       \
        }                                                                                          \
    } while (0)

imi_status imi_pkcs11_load(const char *path, CK_FUNCTION_LIST **out, imi_error *err)
{
    *out = NULL;
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        IMI_FAIL(err, IMI_E_KEY, "cannot load the PKCS#11 module %s", path);
    }
    CK_C_GetFunctionList list = (CK_C_GetFunctionList)dlsym(library, "C_GetFunctionList");
    if (list == NULL || list(out) != CKR_OK || *out == NULL) {
        *out = NULL;
        dlclose(library);
        IMI_FAIL(err, IMI_E_KEY, "%s is no PKCS#11 module", path);
    }
    CK_C_INITIALIZE_ARGS arguments = {.flags = CKF_OS_LOCKING_OK};
    CK_RV code = (*out)->C_Initialize(&arguments);
    if (code != CKR_OK && code != CKR_CRYPTOKI_ALREADY_INITIALIZED) {
        return fail(err, "start", code);
    }
    return IMI_OK;
}

/* Labels of tokens are padded with spaces and not terminated. */
static bool has_label(const CK_TOKEN_INFO *info, const char *label)
{
    size_t size = strlen(label);
    for (size_t i = 0; i < TOKEN_LABEL_SIZE; i++) {
        if (info->label[i] != (CK_UTF8CHAR)(i < size ? label[i] : ' ')) {
            return false;
        }
    }
    return size <= TOKEN_LABEL_SIZE;
}

static imi_status find_slot(CK_FUNCTION_LIST *module, const char *label, CK_SLOT_ID *out,
                            imi_error *err)
{
    CK_SLOT_ID slots[SLOTS_MAX];
    CK_ULONG count = SLOTS_MAX;
    TRY_CK(module->C_GetSlotList(CK_TRUE, slots, &count), "list its slots");
    for (CK_ULONG i = 0; i < count; i++) {
        CK_TOKEN_INFO info;
        if (module->C_GetTokenInfo(slots[i], &info) == CKR_OK && has_label(&info, label)) {
            *out = slots[i];
            return IMI_OK;
        }
    }
    IMI_FAIL(err, IMI_E_NOT_FOUND, "the PKCS#11 module has no token %s", label);
}

void imi_pkcs11_close(imi_pkcs11_session *session)
{
    if (session->handle != CK_INVALID_HANDLE) {
        session->module->C_CloseSession(session->handle);
        session->handle = CK_INVALID_HANDLE;
    }
}

imi_status imi_pkcs11_open(imi_pkcs11_session *session, const char *token_label, imi_view pin,
                           imi_error *err)
{
    CK_SLOT_ID slot = 0;
    IMI_TRY(find_slot(session->module, token_label, &slot, err));
    TRY_CK(session->module->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &session->handle),
           "open a session");
    CK_RV code = session->module->C_Login(session->handle, CKU_USER, (CK_UTF8CHAR *)pin.data,
                                          (CK_ULONG)pin.size);
    if (code == CKR_OK || code == CKR_USER_ALREADY_LOGGED_IN) {
        return IMI_OK;
    }
    imi_pkcs11_close(session);
    if (code == CKR_PIN_INCORRECT || code == CKR_PIN_LOCKED || code == CKR_PIN_LEN_RANGE) {
        IMI_FAIL_FOREIGN(err, IMI_E_PERMISSION, (int64_t)code, "the token %s refuses the PIN",
                         token_label);
    }
    return fail(err, "log in", code);
}

static imi_status find_object(const imi_pkcs11_session *session, CK_OBJECT_CLASS class,
                              const imi_algorithm *algorithm, const char *label,
                              CK_OBJECT_HANDLE *out, imi_error *err)
{
    CK_KEY_TYPE kind = algorithm->is_point ? CKK_EC : CKK_EC_EDWARDS;
    CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &class, sizeof class},
                             {CKA_KEY_TYPE, &kind, sizeof kind},
                             {CKA_LABEL, (void *)label, (CK_ULONG)strlen(label)}};
    CK_OBJECT_HANDLE found[2];
    CK_ULONG count = 0;
    TRY_CK(session->module->C_FindObjectsInit(session->handle, wanted, 3), "look for a key");
    CK_RV code = session->module->C_FindObjects(session->handle, found, 2, &count);
    session->module->C_FindObjectsFinal(session->handle);
    if (code != CKR_OK) {
        return fail(err, "look for a key", code);
    }
    if (count != 1) {
        IMI_FAIL(err, IMI_E_KEY, "the token has %s %s key %s for %s", count == 0 ? "no" : "several",
                 class == CKO_PRIVATE_KEY ? "private" : "public", label, algorithm->name);
    }
    *out = found[0];
    return IMI_OK;
}

/* CKA_EC_POINT is the DER OCTET STRING of the point, or of the 32 bytes of an Edwards key. */
static imi_status read_point(const imi_pkcs11_session *session, CK_OBJECT_HANDLE key,
                             imi_public_bytes *out, imi_error *err)
{
    uint8_t der[POINT_ATTRIBUTE_MAX];
    CK_ATTRIBUTE point = {CKA_EC_POINT, der, sizeof der};
    TRY_CK(session->module->C_GetAttributeValue(session->handle, key, &point, 1),
           "tell a public key");
    if (point.ulValueLen < 2 || der[0] != 0x04 || der[1] != point.ulValueLen - 2 ||
        der[1] > sizeof out->data) {
        IMI_FAIL(err, IMI_E_KEY, "the token's public key is not a DER OCTET STRING");
    }
    *out = (imi_public_bytes){.size = der[1]};
    imi_copy(out->data, der + 2, der[1]);
    return IMI_OK;
}

imi_status imi_pkcs11_find_key(imi_pkcs11_session *session, const imi_algorithm *algorithm,
                               const char *key_label, imi_error *err)
{
    CK_OBJECT_HANDLE public_key = CK_INVALID_HANDLE;
    IMI_TRY(
        find_object(session, CKO_PRIVATE_KEY, algorithm, key_label, &session->private_key, err));
    IMI_TRY(find_object(session, CKO_PUBLIC_KEY, algorithm, key_label, &public_key, err));
    return read_point(session, public_key, &session->public_key, err);
}

imi_status imi_pkcs11_sign(const imi_pkcs11_session *session, CK_MECHANISM_TYPE mechanism,
                           imi_view bytes, imi_buffer *signature_out, imi_error *err)
{
    CK_MECHANISM how = {mechanism, NULL, 0};
    uint8_t signature[IMI_SIGNATURE_SIZE];
    CK_ULONG size = sizeof signature;
    TRY_CK(session->module->C_SignInit(session->handle, &how, session->private_key),
           "begin to sign");
    TRY_CK(session->module->C_Sign(session->handle, (CK_BYTE *)bytes.data, (CK_ULONG)bytes.size,
                                   signature, &size),
           "sign");
    if (size != sizeof signature) {
        IMI_FAIL(err, IMI_E_CRYPTO, "the PKCS#11 module made a signature of %lu bytes", size);
    }
    return imi_buffer_append(signature_out, (imi_view){signature, size}, err);
}
