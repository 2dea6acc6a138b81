#include "seal.h"

#include "imi/memory.h"
#include "verifier/crypto/openssl.h"

#include <limits.h>
#include <string.h>

static void free_context(EVP_CIPHER_CTX **context)
{
    EVP_CIPHER_CTX_free(*context);
}

#define AUTO_CIPHER_CTX __attribute__((cleanup(free_context))) EVP_CIPHER_CTX *

/* Make room behind what out holds; the caller adds to out->size what it then filled. */
static imi_status make_room(imi_buffer *out, size_t size, imi_error *err)
{
    size_t whole = 0;
    if (size > INT_MAX || !imi_size_add(out->size, size, &whole)) {
        IMI_FAIL(err, IMI_E_OVERFLOW, "too much to seal at once");
    }
    return imi_buffer_reserve(out, whole, err);
}

static bool encrypt(EVP_CIPHER_CTX *ctx, const EVP_CIPHER *cipher, const uint8_t *key,
                    const char *context, imi_view plain, uint8_t *to)
{
    int size = 0;
    uint8_t *text = to + 1 + IMI_SEAL_NONCE_SIZE;
    return EVP_EncryptInit_ex2(ctx, cipher, key, to + 1, NULL) == 1 &&
           EVP_EncryptUpdate(ctx, NULL, &size, (const uint8_t *)context, (int)strlen(context)) ==
               1 &&
           (plain.size == 0 ||
            EVP_EncryptUpdate(ctx, text, &size, plain.data, (int)plain.size) == 1) &&
           EVP_EncryptFinal_ex(ctx, text + plain.size, &size) == 1 &&
           EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, IMI_SEAL_TAG_SIZE, text + plain.size) ==
               1;
}

imi_status imi_seal(const EVP_CIPHER *cipher, const uint8_t key[IMI_SEAL_KEY_SIZE],
                    const char *context, imi_view plain, imi_buffer *out, imi_error *err)
{
    AUTO_CIPHER_CTX ctx = EVP_CIPHER_CTX_new();
    if (ctx == NULL) {
        IMI_CRYPTO_FAIL(err, IMI_E_NO_MEMORY, "no memory to seal");
    }
    size_t size = 0;
    if (!imi_size_add(plain.size, IMI_SEAL_OVERHEAD, &size)) {
        IMI_FAIL(err, IMI_E_OVERFLOW, "too much to seal at once");
    }
    IMI_TRY(make_room(out, size, err));
    uint8_t *to = out->data + out->size;
    to[0] = IMI_SEAL_VERSION;
    IMI_TRY(imi_random(to + 1, IMI_SEAL_NONCE_SIZE, err));
    if (!encrypt(ctx, cipher, key, context, plain, to)) {
        imi_wipe(to, size);
        IMI_CRYPTO_FAIL(err, IMI_E_CRYPTO, "cannot seal");
    }
    out->size += size;
    return IMI_OK;
}

static bool decrypt(EVP_CIPHER_CTX *ctx, const EVP_CIPHER *cipher, const uint8_t *key,
                    const char *context, imi_view sealed, uint8_t *to)
{
    int size = 0;
    size_t text_size = sealed.size - IMI_SEAL_OVERHEAD;
    const uint8_t *text = sealed.data + 1 + IMI_SEAL_NONCE_SIZE;
    uint8_t tag[IMI_SEAL_TAG_SIZE], nothing[1];
    imi_copy(tag, text + text_size, sizeof tag);
    return EVP_DecryptInit_ex2(ctx, cipher, key, sealed.data + 1, NULL) == 1 &&
           EVP_DecryptUpdate(ctx, NULL, &size, (const uint8_t *)context, (int)strlen(context)) ==
               1 &&
           (text_size == 0 || EVP_DecryptUpdate(ctx, to, &size, text, (int)text_size) == 1) &&
           EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, sizeof tag, tag) == 1 &&
           EVP_DecryptFinal_ex(ctx, nothing, &size) == 1;
}

imi_status imi_unseal(const EVP_CIPHER *cipher, const uint8_t key[IMI_SEAL_KEY_SIZE],
                      const char *context, imi_view sealed, imi_buffer *out, imi_error *err)
{
    if (sealed.size < IMI_SEAL_OVERHEAD || sealed.data[0] != IMI_SEAL_VERSION) {
        IMI_FAIL(err, IMI_E_STORE_CORRUPT, "what should be sealed does not have that form");
    }
    AUTO_CIPHER_CTX ctx = EVP_CIPHER_CTX_new();
    if (ctx == NULL) {
        IMI_CRYPTO_FAIL(err, IMI_E_NO_MEMORY, "no memory to unseal");
    }
    size_t size = sealed.size - IMI_SEAL_OVERHEAD;
    IMI_TRY(make_room(out, size + 1, err)); /* so that there is an address for nothing, too */
    uint8_t *to = out->data + out->size;
    if (!decrypt(ctx, cipher, key, context, sealed, to)) {
        imi_wipe(to, size);
        IMI_CRYPTO_FAIL(err, IMI_E_STORE_CORRUPT, "what was sealed has been changed or moved");
    }
    out->size += size;
    return IMI_OK;
}
