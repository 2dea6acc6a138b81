#include "imi/crypto.h"
#include "openssl.h"

imi_status imi_leaf_entry(const uint8_t salt[IMI_LEAF_SALT_SIZE], imi_view event,
                          uint8_t out[IMI_SHA256_SIZE], imi_error *err)
{
    /* With its NUL: no other use of SHA-256 begins with these bytes. */
    static const char domain[] = "imi-leaf-v1";
    imi_wipe(out, IMI_SHA256_SIZE);
    IMI_AUTO_MD_CTX context = EVP_MD_CTX_new();
    if (context == NULL || EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1 ||
        EVP_DigestUpdate(context, domain, sizeof domain) != 1 ||
        EVP_DigestUpdate(context, salt, IMI_LEAF_SALT_SIZE) != 1 ||
        EVP_DigestUpdate(context, event.data, event.size) != 1 ||
        EVP_DigestFinal_ex(context, out, NULL) != 1) {
        imi_wipe(out, IMI_SHA256_SIZE);
        IMI_CRYPTO_FAIL(err, IMI_E_CRYPTO, "SHA-256 failed");
    }
    return IMI_OK;
}
