#include "imi/crypto.h"
#include "openssl.h"

#include <limits.h>
#include <openssl/hmac.h>

imi_status imi_sha256(imi_view bytes, uint8_t out[32], imi_error *err)
{
    imi_wipe(out, 32);
    if (EVP_Digest(bytes.data, bytes.size, out, NULL, EVP_sha256(), NULL) != 1) {
        imi_wipe(out, 32);
        IMI_CRYPTO_FAIL(err, IMI_E_CRYPTO, "SHA-256 failed");
    }
    return IMI_OK;
}

imi_status imi_hmac_sha256(imi_view key, imi_view message, uint8_t out[32], imi_error *err)
{
    imi_wipe(out, 32);
    if (key.size == 0 || key.size > INT_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "an HMAC needs a key");
    }
    unsigned size = 0;
    if (HMAC(EVP_sha256(), key.data, (int)key.size, message.data, message.size, out, &size) ==
            NULL ||
        size != 32) {
        imi_wipe(out, 32);
        IMI_CRYPTO_FAIL(err, IMI_E_CRYPTO, "HMAC-SHA-256 failed");
    }
    return IMI_OK;
}
