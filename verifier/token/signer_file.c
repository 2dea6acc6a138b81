#include "imi/crypto.h"
#include "imi/signer.h"
#include "jwk.h"

#include <openssl/pem.h>

enum { PEM_BYTES_MAX = 16384 };

typedef struct file_signer {
    imi_signer base;
    EVP_PKEY *key;
    uint8_t point[IMI_P256_POINT_SIZE];
} file_signer;

/* Without this OpenSSL would ask the terminal for the pass phrase of an encrypted file. */
static int refuse_pass_phrase(char *buffer, int size, int for_writing, void *user)
{
    (void)buffer, (void)size, (void)for_writing, (void)user;
    return -1;
}

static imi_status make_key_pem(imi_buffer *out, imi_error *err)
{
    IMI_AUTO_PKEY key = EVP_EC_gen("P-256");
    IMI_AUTO_BIO pem = BIO_new(BIO_s_secmem());
    if (key == NULL || pem == NULL ||
        PEM_write_bio_PrivateKey(pem, key, NULL, NULL, 0, NULL, NULL) != 1) {
        IMI_CRYPTO_FAIL(err, IMI_E_CRYPTO, "cannot make a signing key");
    }
    char *text = NULL;
    long size = BIO_get_mem_data(pem, &text);
    return imi_buffer_append(out, (imi_view){(uint8_t *)text, (size_t)size}, err);
}

static imi_status parse_key_pem(imi_view pem, const char *path, EVP_PKEY **out, imi_error *err)
{
    *out = NULL;
    IMI_AUTO_BIO bio = BIO_new_mem_buf(pem.data, (int)pem.size);
    IMI_AUTO_PKEY key =
        bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, refuse_pass_phrase, NULL);
    if (key == NULL) {
        char what[192];
        snprintf(what, sizeof what, "%.120s holds no private key in unencrypted PEM", path);
        IMI_CRYPTO_FAIL(err, IMI_E_KEY, what);
    }
    if (!imi_key_is_p256(key)) {
        IMI_FAIL(err, IMI_E_KEY, "the key in %s is not an EC key on P-256", path);
    }
    IMI_AUTO_PKEY_CTX context = EVP_PKEY_CTX_new(key, NULL);
    if (context == NULL || EVP_PKEY_check(context) != 1) {
        IMI_CRYPTO_FAIL(err, IMI_E_KEY, "the key pair in the file does not fit together");
    }
    *out = IMI_STEAL(&key);
    return IMI_OK;
}

static imi_status sign(imi_signer *self, imi_view message, imi_buffer *signature_out,
                       imi_error *err)
{
    return imi_es256_sign(((file_signer *)self)->key, message, signature_out, err);
}

static imi_status public_jwk(imi_signer *self, imi_buffer *json_out, imi_error *err)
{
    return imi_jwk_render(((file_signer *)self)->point, self->key_id, json_out, err);
}

static void destroy(imi_signer *self)
{
    EVP_PKEY_free(((file_signer *)self)->key); /* clears the private number */
    imi_free(self);
}

imi_status imi_signer_file_new(const char *pem_path, imi_signer **out, imi_error *err)
{
    *out = NULL;
    if (pem_path == NULL || pem_path[0] == '\0') {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a signer needs the path of its key");
    }
    IMI_AUTO_BUFFER pem = IMI_BUFFER_INIT;
    IMI_TRY(imi_private_file_load(pem_path, PEM_BYTES_MAX, make_key_pem, &pem, err));
    file_signer *self = imi_alloc(sizeof *self);
    if (self == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a signer");
    }
    self->base = (imi_signer){.sign = sign, .public_jwk = public_jwk, .destroy = destroy};
    IMI_AUTO(imi_signer) owner = &self->base;
    imi_copy_text(owner->algorithm, sizeof owner->algorithm, "ES256");
    IMI_TRY(parse_key_pem(imi_buffer_view(&pem), pem_path, &self->key, err));
    IMI_TRY(imi_p256_point_of_key(self->key, self->point, err));
    IMI_TRY(imi_jwk_thumbprint(self->point, owner->key_id, err));
    *out = IMI_STEAL(&owner);
    return IMI_OK;
}

void imi_signer_destroy(imi_signer **signer)
{
    if (signer != NULL && *signer != NULL) {
        imi_signer *taken = IMI_STEAL(signer);
        taken->destroy(taken);
    }
}
