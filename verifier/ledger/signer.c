#include "note.h"

#include "imi/crypto.h"
#include "imi/ledger.h"
#include "verifier/crypto/openssl.h"

#include <openssl/pem.h>
#include <stdio.h>

struct imi_note_signer {
    imi_note_key key;
    EVP_PKEY *private_key;
};

static imi_status make_key(void *user, imi_buffer *out, imi_error *err)
{
    (void)user;
    IMI_AUTO_PKEY key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    IMI_AUTO_BIO bio = BIO_new(BIO_s_mem());
    if (key == NULL || bio == NULL ||
        PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1) {
        IMI_CRYPTO_FAIL(err, IMI_E_CRYPTO, "cannot make a signing key");
    }
    char *text = NULL;
    long size = BIO_get_mem_data(bio, &text);
    imi_status status =
        imi_buffer_append(out, (imi_view){(const uint8_t *)text, (size_t)size}, err);
    imi_wipe(text, (size_t)size);
    return status;
}

/* OpenSSL would ask on the terminal. */
static int no_pass_phrase(char *out, int size, int writing, void *user)
{
    (void)out;
    (void)size;
    (void)writing;
    (void)user;
    return -1;
}

static imi_status read_key(imi_view pem, const char *path, EVP_PKEY **out, uint8_t public_key[32],
                           imi_error *err)
{
    IMI_AUTO_BIO bio = BIO_new_mem_buf(pem.data, (int)pem.size);
    IMI_AUTO_PKEY key =
        bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, no_pass_phrase, NULL);
    size_t size = 32;
    if (key == NULL || EVP_PKEY_is_a(key, "ED25519") != 1 ||
        EVP_PKEY_get_raw_public_key(key, public_key, &size) != 1 || size != 32) {
        char what[IMI_LEDGER_PATH_SIZE];
        snprintf(what, sizeof what, "%s holds no Ed25519 private key in PEM", path);
        IMI_CRYPTO_FAIL(err, IMI_E_KEY, what);
    }
    *out = IMI_STEAL(&key);
    return IMI_OK;
}

imi_status imi_note_signer_load(const char *path, const char *name, imi_note_algorithm algorithm,
                                imi_note_signer **out, imi_error *err)
{
    *out = NULL;
    if (path == NULL || path[0] == '\0') {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a signing key needs a file");
    }
    IMI_AUTO_BUFFER pem = IMI_BUFFER_INIT;
    IMI_TRY(imi_private_file_load(path, IMI_LEDGER_KEY_BYTES_MAX, make_key, NULL, &pem, err));
    IMI_AUTO(imi_note_signer) signer = imi_alloc(sizeof *signer);
    if (signer == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a signing key");
    }
    uint8_t public_key[32];
    IMI_TRY(read_key(imi_buffer_view(&pem), path, &signer->private_key, public_key, err));
    IMI_TRY(imi_note_key_init(name, algorithm, public_key, &signer->key, err));
    *out = IMI_STEAL(&signer);
    return IMI_OK;
}

void imi_note_signer_destroy(imi_note_signer **signer)
{
    if (*signer != NULL) {
        EVP_PKEY_free((*signer)->private_key);
        imi_free(*signer);
        *signer = NULL;
    }
}

const imi_note_key *imi_note_signer_key(const imi_note_signer *signer)
{
    return &signer->key;
}

static imi_status sign(const imi_note_signer *signer, imi_view message,
                       uint8_t out[IMI_ED25519_SIZE], imi_error *err)
{
    IMI_AUTO_MD_CTX context = EVP_MD_CTX_new();
    size_t size = IMI_ED25519_SIZE;
    if (context == NULL ||
        EVP_DigestSignInit(context, NULL, NULL, NULL, signer->private_key) != 1 ||
        EVP_DigestSign(context, out, &size, message.data, message.size) != 1 ||
        size != IMI_ED25519_SIZE) {
        IMI_CRYPTO_FAIL(err, IMI_E_CRYPTO, "cannot sign a note");
    }
    return IMI_OK;
}

static size_t write_be(uint64_t value, size_t size, uint8_t *out)
{
    for (size_t i = 0; i < size; i++) {
        out[i] = (uint8_t)(value >> (8 * (size - 1 - i)));
    }
    return size;
}

imi_status imi_note_sign(const imi_note_signer *signer, imi_view text, uint64_t time_s,
                         imi_buffer *out, imi_error *err)
{
    IMI_AUTO_BUFFER message = IMI_BUFFER_INIT;
    IMI_TRY(imi_note_message(text, signer->key.algorithm, time_s, &message, err));
    uint8_t bytes[4 + 8 + IMI_ED25519_SIZE];
    size_t size = write_be(signer->key.id, 4, bytes);
    if (signer->key.algorithm == IMI_NOTE_COSIGNATURE) {
        size += write_be(time_s, 8, bytes + size);
    }
    IMI_TRY(sign(signer, imi_buffer_view(&message), bytes + size, err));
    IMI_TRY(imi_buffer_printf(out, err, IMI_NOTE_DASH "%s ", signer->key.name));
    IMI_TRY(imi_base64_encode((imi_view){bytes, size + IMI_ED25519_SIZE}, out, err));
    return imi_buffer_append_text(out, "\n", err);
}
