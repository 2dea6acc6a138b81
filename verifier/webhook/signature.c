#include "imi/webhook_signature.h"

#include "imi/crypto.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define VERSION "v1,"

enum {
    ID_MAX = 256,
    SIGNATURES_MAX = 4096, /* bytes of a header */
    TIME_DIGITS = 12 /* of seconds; the year 33658 */
};

/* Append one signature. */
static imi_status sign_by(imi_view secret, const imi_webhook_call *call, imi_buffer *out,
                          imi_error *err)
{
    uint8_t mac[IMI_SHA256_SIZE];
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_TRY(imi_buffer_printf(&text, err, "%s.%s.", call->id, call->timestamp));
    IMI_TRY(imi_buffer_append(&text, call->body, err));
    IMI_TRY(imi_hmac_sha256(secret, imi_buffer_view(&text), mac, err));
    IMI_TRY(imi_buffer_append_text(out, VERSION, err));
    return imi_base64_encode((imi_view){mac, sizeof mac}, out, err);
}

static imi_view secret_at(const imi_webhook_secrets *secrets, size_t index)
{
    return (imi_view){secrets->at[index].bytes, secrets->at[index].size};
}

imi_status imi_webhook_sign(const imi_webhook_secrets *secrets, const imi_webhook_call *call,
                            imi_buffer *out, imi_error *err)
{
    for (size_t i = 0; i < secrets->count; i++) {
        IMI_TRY(imi_buffer_append_text(out, i == 0 ? "" : " ", err));
        IMI_TRY(sign_by(secret_at(secrets, i), call, out, err));
    }
    return IMI_OK;
}

/* Whether one of the blank-separated signatures is this one. Others may be of other versions. */
static bool is_among(imi_view expected, const char *signatures)
{
    bool found = false;
    for (const char *at = signatures; *at != '\0';) {
        size_t size = strcspn(at, " ");
        found |= imi_view_equal_secret(expected, (imi_view){(const uint8_t *)at, size});
        at += size + strspn(at + size, " ");
    }
    return found;
}

static bool is_present(const char *text, size_t most)
{
    return text != NULL && text[0] != '\0' && strnlen(text, most + 1) <= most;
}

static imi_status read_time(const char *text, int64_t *out, imi_error *err)
{
    bool digits = is_present(text, TIME_DIGITS) && strspn(text, "0123456789") == strlen(text);
    if (!digits || sscanf(text, "%" SCNd64, out) != 1) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "webhook-timestamp is not a number of seconds");
    }
    return IMI_OK;
}

imi_status imi_webhook_verify(const imi_webhook_secrets *secrets, const imi_webhook_call *call,
                              int64_t now_s, imi_error *err)
{
    int64_t at_s = 0;
    if (!is_present(call->id, ID_MAX) || !is_present(call->signature, SIGNATURES_MAX)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "webhook-id or webhook-signature is missing");
    }
    IMI_TRY(read_time(call->timestamp, &at_s, err));
    bool signed_by_one = false;
    for (size_t i = 0; i < secrets->count; i++) {
        IMI_AUTO_BUFFER expected = IMI_BUFFER_INIT;
        IMI_TRY(sign_by(secret_at(secrets, i), call, &expected, err));
        signed_by_one |= is_among(imi_buffer_view(&expected), call->signature);
    }
    if (!signed_by_one) {
        IMI_FAIL(err, IMI_E_UNAUTHENTICATED,
                 "no signature is right: the secret is another, or the "
                 "body is not as it was sent");
    }
    if (at_s < now_s - IMI_WEBHOOK_TOLERANCE_S || at_s > now_s + IMI_WEBHOOK_TOLERANCE_S) {
        IMI_FAIL(err, IMI_E_DEADLINE, "it was sent %" PRId64 " s ago: a repeat, or a wrong clock",
                 now_s - at_s);
    }
    return IMI_OK;
}
