#include "credential.h"

#include "imi/crypto.h"

#include <string.h>

imi_status imi_credential_draw(char secret_out[IMI_SECRET_TEXT_SIZE],
                               uint8_t hash_out[IMI_STORE_HASH_SIZE], imi_error *err)
{
    imi_wipe(secret_out, IMI_SECRET_TEXT_SIZE);
    uint8_t raw[IMI_SECRET_BYTES];
    IMI_TRY(imi_random(raw, sizeof raw, err));
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    imi_status status = imi_base64url_encode((imi_view){raw, sizeof raw}, &text, err);
    imi_wipe(raw, sizeof raw);
    IMI_TRY(status);
    IMI_TRY(imi_buffer_terminate(&text, err));
    IMI_TRY(imi_sha256(imi_buffer_view(&text), hash_out, err));
    imi_copy_text(secret_out, IMI_SECRET_TEXT_SIZE, (const char *)text.data);
    return IMI_OK;
}

bool imi_credential_matches(const char *secret, const uint8_t hash[IMI_STORE_HASH_SIZE])
{
    static const uint8_t none[IMI_STORE_HASH_SIZE];
    uint8_t given[IMI_STORE_HASH_SIZE];
    if (imi_sha256(imi_view_of_text(secret), given, NULL) != IMI_OK) {
        return false;
    }
    imi_view stored = {hash, IMI_STORE_HASH_SIZE};
    bool equal = imi_view_equal_secret((imi_view){given, sizeof given}, stored);
    return equal && !imi_view_equal_secret(stored, (imi_view){none, sizeof none});
}

bool imi_credential_split(const char *credential, char session_id_out[IMI_ID_SIZE],
                          const char **secret_out)
{
    session_id_out[0] = '\0';
    *secret_out = "";
    const char *dot = credential == NULL ? NULL : strchr(credential, '.');
    if (dot == NULL || dot == credential || dot - credential >= IMI_ID_SIZE) {
        return false;
    }
    if (strnlen(dot + 1, IMI_SECRET_TEXT_SIZE) != IMI_SECRET_TEXT_SIZE - 1) {
        return false;
    }
    imi_copy(session_id_out, credential, (size_t)(dot - credential));
    session_id_out[dot - credential] = '\0';
    *secret_out = dot + 1;
    return true;
}
