#include "key_pem.h"

#include "imi/crypto.h"

#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <string.h>

/* PBKDF2 with HMAC-SHA-256: what OWASP asks for (2023). Paid once a start. */
enum { PBKDF2_ITERATIONS = 600000 };

static inline void free_pkcs8(X509_SIG **sealed)
{
    X509_SIG_free(*sealed);
}

static inline void free_key_info(PKCS8_PRIV_KEY_INFO **info)
{
    PKCS8_PRIV_KEY_INFO_free(*info);
}

static imi_status write_sealed(EVP_PKEY *key, imi_view pass_phrase, BIO *pem, imi_error *err)
{
    __attribute__((cleanup(free_key_info))) PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
    X509_ALGOR *scheme =
        PKCS5_pbe2_set_iv(EVP_aes_256_cbc(), PBKDF2_ITERATIONS, NULL, 0, NULL, NID_hmacWithSHA256);
    /* Takes the scheme over on success alone. */
    __attribute__((cleanup(free_pkcs8))) X509_SIG *sealed =
        info == NULL || scheme == NULL
            ? NULL
            : PKCS8_set0_pbe((const char *)pass_phrase.data, (int)pass_phrase.size, info, scheme);
    if (sealed == NULL) {
        X509_ALGOR_free(scheme);
        IMI_CRYPTO_FAIL(err, IMI_E_CRYPTO, "cannot encrypt a signing key");
    }
    if (PEM_write_bio_PKCS8(pem, sealed) != 1) {
        IMI_CRYPTO_FAIL(err, IMI_E_CRYPTO, "cannot write a signing key");
    }
    return IMI_OK;
}

imi_status imi_key_pem_render(EVP_PKEY *key, imi_view pass_phrase, imi_buffer *out, imi_error *err)
{
    IMI_AUTO_BIO pem = BIO_new(BIO_s_secmem());
    if (pem == NULL) {
        IMI_CRYPTO_FAIL(err, IMI_E_CRYPTO, "no memory for a signing key");
    }
    if (pass_phrase.size > 0) {
        IMI_TRY(write_sealed(key, pass_phrase, pem, err));
    } else if (PEM_write_bio_PKCS8PrivateKey(pem, key, NULL, NULL, 0, NULL, NULL) != 1) {
        IMI_CRYPTO_FAIL(err, IMI_E_CRYPTO, "cannot write a signing key");
    }
    char *text = NULL;
    long size = BIO_get_mem_data(pem, &text);
    return imi_buffer_append(out, (imi_view){(uint8_t *)text, (size_t)size}, err);
}

typedef struct answer {
    imi_view pass_phrase;
    bool asked;
} answer;

/* Called for encrypted files alone. Without it OpenSSL would ask the terminal. */
static int answer_pass_phrase(char *buffer, int size, int for_writing, void *user)
{
    answer *self = user;
    (void)for_writing;
    self->asked = true;
    if (self->pass_phrase.size == 0 || size < 0 || self->pass_phrase.size > (size_t)size) {
        return -1;
    }
    imi_copy(buffer, self->pass_phrase.data, self->pass_phrase.size);
    return (int)self->pass_phrase.size;
}

static imi_status read_key(imi_view pass_phrase, imi_view pem, const char *path, EVP_PKEY **out,
                           imi_error *err)
{
    answer state = {pass_phrase, false};
    IMI_AUTO_BIO bio = BIO_new_mem_buf(pem.data, (int)pem.size);
    *out = bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, answer_pass_phrase, &state);
    if (*out == NULL) {
        char what[224];
        snprintf(what, sizeof what, "%.120s holds no private key in %s", path,
                 pass_phrase.size == 0 ? "unencrypted PEM" : "PEM under this pass phrase");
        IMI_CRYPTO_FAIL(err, IMI_E_KEY, what);
    }
    if (pass_phrase.size > 0 && !state.asked) {
        EVP_PKEY_free(IMI_STEAL(out));
        IMI_FAIL(err, IMI_E_KEY, "the key in %s is not encrypted, although it has a pass phrase",
                 path);
    }
    return IMI_OK;
}

imi_status imi_key_pem_parse(const imi_algorithm *algorithm, imi_view pass_phrase, imi_view pem,
                             const char *path, EVP_PKEY **out, imi_error *err)
{
    *out = NULL;
    IMI_AUTO_PKEY key = NULL;
    IMI_TRY(read_key(pass_phrase, pem, path, &key, err));
    if (imi_algorithm_of_key(key) != algorithm) {
        IMI_FAIL(err, IMI_E_KEY, "the key in %s is not one for %s", path, algorithm->name);
    }
    IMI_AUTO_PKEY_CTX context = EVP_PKEY_CTX_new(key, NULL);
    if (context == NULL || EVP_PKEY_check(context) != 1) {
        IMI_CRYPTO_FAIL(err, IMI_E_KEY, "the key pair in the file does not fit together");
    }
    *out = IMI_STEAL(&key);
    return IMI_OK;
}

imi_status imi_pass_phrase_read(const char *path, imi_buffer *out, imi_error *err)
{
    IMI_TRY(imi_private_file_read(path, IMI_PASS_PHRASE_MAX, out, err));
    const uint8_t *end = memchr(out->data, '\n', out->size);
    out->size = end == NULL ? out->size : (size_t)(end - out->data);
    if (out->size == 0) {
        IMI_FAIL(err, IMI_E_KEY, "%s holds nothing in its first line", path);
    }
    return IMI_OK;
}
