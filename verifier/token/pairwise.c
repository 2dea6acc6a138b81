#include "imi/token.h"

#include "imi/memory.h"

/* Separates this use of the secret from any other; the version allows another derivation. */
static const char label[] = "imi.pairwise-subject.v1";

imi_status imi_token_pairwise_subject(const uint8_t secret[IMI_SECRET_SIZE], const char *audience,
                                      const char *subject_id, char out[IMI_PAIRWISE_SIZE],
                                      imi_error *err)
{
    out[0] = '\0';
    if (audience == NULL || audience[0] == '\0') {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a pairwise subject needs an audience");
    }
    if (subject_id == NULL || subject_id[0] == '\0') {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a pairwise subject needs a subject");
    }
    /* The NULs keep ("ab", "c") and ("a", "bc") apart. */
    IMI_AUTO_BUFFER message = IMI_BUFFER_INIT;
    IMI_TRY(imi_buffer_printf(&message, err, "%s%c%s%c%s", label, 0, audience, 0, subject_id));
    uint8_t mac[32];
    IMI_TRY(
        imi_hmac_sha256((imi_view){secret, IMI_SECRET_SIZE}, imi_buffer_view(&message), mac, err));
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_TRY(imi_base64url_encode((imi_view){mac, sizeof mac}, &text, err));
    IMI_TRY(imi_buffer_terminate(&text, err));
    imi_copy_text(out, IMI_PAIRWISE_SIZE, (const char *)text.data);
    return IMI_OK;
}
