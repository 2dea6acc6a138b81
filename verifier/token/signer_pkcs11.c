#include "imi/crypto.h"
#include "imi/signer.h"
#include "jwk.h"
#include "key_pem.h"
#include "pkcs11.h"

#include <pthread.h>
#include <string.h>

typedef struct pkcs11_signer {
    imi_signer base;
    const imi_algorithm *algorithm;
    char *token_label, *key_label, *pin_path;
    imi_public_bytes public_key;
    pthread_mutex_t lock; /* over what follows: a session signs one thing at a time */
    imi_pkcs11_session session;
    bool is_locked_out; /* the token refused the PIN: it is not tried again */
} pkcs11_signer;

/* A session and key; the PIN is read anew, so that it is not kept. */
static imi_status connect(pkcs11_signer *self, imi_error *err)
{
    if (self->is_locked_out) {
        IMI_FAIL(err, IMI_E_PERMISSION, "the token refused the PIN before: mend it and restart");
    }
    IMI_AUTO_BUFFER pin = IMI_BUFFER_INIT;
    IMI_TRY(imi_pass_phrase_read(self->pin_path, &pin, err));
    imi_status status =
        imi_pkcs11_open(&self->session, self->token_label, imi_buffer_view(&pin), err);
    self->is_locked_out = status == IMI_E_PERMISSION;
    if (status == IMI_OK) {
        status = imi_pkcs11_find_key(&self->session, self->algorithm, self->key_label, err);
    }
    if (status != IMI_OK) {
        imi_pkcs11_close(&self->session);
    }
    return status;
}

static imi_status connect_again(pkcs11_signer *self, imi_error *err)
{
    imi_pkcs11_close(&self->session);
    IMI_TRY(connect(self, err));
    imi_view before = {self->public_key.data, self->public_key.size};
    imi_view now = {self->session.public_key.data, self->session.public_key.size};
    if (!imi_view_equal(before, now)) {
        imi_pkcs11_close(&self->session);
        IMI_FAIL(err, IMI_E_KEY, "the token's key is not the one that it was");
    }
    return IMI_OK;
}

/* What a module says when the session, the login or the token has gone. */
static bool is_lost(int64_t code)
{
    switch ((CK_RV)code) {
    case CKR_SESSION_HANDLE_INVALID:
    case CKR_SESSION_CLOSED:
    case CKR_USER_NOT_LOGGED_IN:
    case CKR_KEY_HANDLE_INVALID:
    case CKR_OBJECT_HANDLE_INVALID:
    case CKR_DEVICE_REMOVED:
    case CKR_DEVICE_ERROR:
    case CKR_TOKEN_NOT_PRESENT:
        return true;
    default:
        return false;
    }
}

static imi_status sign_locked(pkcs11_signer *self, CK_MECHANISM_TYPE mechanism, imi_view bytes,
                              imi_buffer *signature_out, imi_error *err)
{
    if (self->session.handle == CK_INVALID_HANDLE) {
        IMI_TRY(connect_again(self, err));
    }
    imi_error detail = IMI_ERROR_INIT;
    imi_status status = imi_pkcs11_sign(&self->session, mechanism, bytes, signature_out, &detail);
    if (status == IMI_E_CRYPTO && is_lost(detail.foreign_code)) {
        IMI_TRY(connect_again(self, err));
        return imi_pkcs11_sign(&self->session, mechanism, bytes, signature_out, err);
    }
    if (status != IMI_OK && err != NULL) {
        *err = detail;
    }
    return status;
}

static imi_status sign(imi_signer *base, imi_view message, imi_buffer *signature_out,
                       imi_error *err)
{
    pkcs11_signer *self = (pkcs11_signer *)base;
    /* CKM_ECDSA takes a digest; Ed25519 hashes by itself. */
    uint8_t digest[IMI_SHA256_SIZE];
    imi_view bytes = message;
    if (self->algorithm->is_point) {
        IMI_TRY(imi_sha256(message, digest, err));
        bytes = (imi_view){digest, sizeof digest};
    }
    CK_MECHANISM_TYPE mechanism = self->algorithm->is_point ? CKM_ECDSA : CKM_EDDSA;
    pthread_mutex_lock(&self->lock);
    imi_status status = sign_locked(self, mechanism, bytes, signature_out, err);
    pthread_mutex_unlock(&self->lock);
    return status;
}

static imi_status public_jwk(imi_signer *base, imi_buffer *json_out, imi_error *err)
{
    const pkcs11_signer *self = (pkcs11_signer *)base;
    return imi_jwk_render(self->algorithm, &self->public_key, base->key_id, json_out, err);
}

static void destroy(imi_signer *base)
{
    pkcs11_signer *self = (pkcs11_signer *)base;
    imi_pkcs11_close(&self->session);
    pthread_mutex_destroy(&self->lock);
    imi_free(self->token_label);
    imi_free(self->key_label);
    imi_free(self->pin_path);
    imi_free(self);
}

/* A token may hold a private key and a public key of one label that do not belong together. */
static imi_status prove_pair(pkcs11_signer *self, imi_error *err)
{
    imi_view message = imi_view_of_text("imi.pkcs11.pair");
    IMI_AUTO_PKEY key = NULL;
    IMI_AUTO_MD_CTX verifier = NULL;
    IMI_AUTO_BUFFER signature = IMI_BUFFER_INIT;
    IMI_TRY(imi_algorithm_key_of_bytes(self->algorithm, &self->public_key, &key, err));
    IMI_TRY(imi_algorithm_prepare_to_verify(self->algorithm, key, &verifier, err));
    IMI_TRY(sign(&self->base, message, &signature, err));
    if (imi_algorithm_verify(self->algorithm, verifier, message, imi_buffer_view(&signature),
                             NULL) != IMI_OK) {
        IMI_FAIL(err, IMI_E_KEY, "the private and the public key %s do not fit together",
                 self->key_label);
    }
    return IMI_OK;
}

static imi_status set_up(pkcs11_signer *self, const imi_signer_pkcs11_options *options,
                         imi_error *err)
{
    self->token_label = imi_strdup(options->token_label);
    self->key_label = imi_strdup(options->key_label);
    self->pin_path = imi_strdup(options->pin_path);
    if (self->token_label == NULL || self->key_label == NULL || self->pin_path == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a signer");
    }
    IMI_TRY(imi_pkcs11_load(options->module_path, &self->session.module, err));
    IMI_TRY(connect(self, err));
    self->public_key = self->session.public_key;
    IMI_TRY(prove_pair(self, err));
    return imi_jwk_thumbprint_of_bytes(self->algorithm, &self->public_key, self->base.key_id, err);
}

static bool is_named(const char *text)
{
    return text != NULL && text[0] != '\0';
}

imi_status imi_signer_pkcs11_open(const imi_signer_pkcs11_options *options, imi_signer **out,
                                  imi_error *err)
{
    *out = NULL;
    if (!is_named(options->module_path) || !is_named(options->token_label) ||
        !is_named(options->key_label) || !is_named(options->pin_path)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a PKCS#11 signer needs module, token, key and PIN");
    }
    const imi_algorithm *algorithm = imi_algorithm_named(options->algorithm);
    if (algorithm == NULL || algorithm->user_id != NULL) {
        IMI_FAIL(err, IMI_E_UNSUPPORTED, "PKCS#11 signs by ES256 and EdDSA");
    }
    pkcs11_signer *self = imi_alloc(sizeof *self);
    if (self == NULL || pthread_mutex_init(&self->lock, NULL) != 0) {
        imi_free(self);
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a signer");
    }
    self->base = (imi_signer){.sign = sign, .public_jwk = public_jwk, .destroy = destroy};
    self->session.handle = CK_INVALID_HANDLE;
    self->algorithm = algorithm;
    IMI_AUTO(imi_signer) owner = &self->base;
    imi_copy_text(owner->algorithm, sizeof owner->algorithm, algorithm->name);
    IMI_TRY(set_up(self, options, err));
    *out = IMI_STEAL(&owner);
    return IMI_OK;
}
