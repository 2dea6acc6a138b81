/**
 * How a webhook call is signed: Standard Webhooks 1.0.0, symmetric signatures (v1).
 *
 * A signature is "v1," and the base64 of HMAC-SHA-256 over "ID.TIMESTAMP.BODY". While a secret is
 * being replaced a call carries one by each, separated by blanks.
 */
#ifndef IMI_WEBHOOK_SIGNATURE_H
#define IMI_WEBHOOK_SIGNATURE_H

#include "imi/bytes.h"
#include "imi/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    IMI_WEBHOOK_SECRETS_MAX = 4, /* at once, while they are replaced */
    IMI_WEBHOOK_SECRET_MIN = 24, /* bytes; both bounds are the specification's */
    IMI_WEBHOOK_SECRET_MAX = 64,
    IMI_WEBHOOK_TOLERANCE_S = 300 /* that clocks may differ, or a call may be under way */
};

/** Secrets of one receiver. Wipe after use. */
typedef struct imi_webhook_secrets {
    size_t count;
    struct {
        uint8_t bytes[IMI_WEBHOOK_SECRET_MAX];
        size_t size;
    } at[IMI_WEBHOOK_SECRETS_MAX];
} imi_webhook_secrets;

/**
 * Parse the text of a file of secrets: one a line, "whsec_" and base64, the newest first.
 *
 * Errors: IMI_E_KEY, naming the line; out is then zeroed.
 */
IMI_MUST_USE imi_status imi_webhook_secrets_parse(imi_view text, imi_webhook_secrets *out,
                                                  imi_error *err);
/** Read a private file of them. Errors: IMI_E_NOT_FOUND, IMI_E_KEY, IMI_E_IO. */
IMI_MUST_USE imi_status imi_webhook_secrets_read(const char *path, imi_webhook_secrets *out,
                                                 imi_error *err);
/** The same, but a file that is not there is made with a fresh secret. */
IMI_MUST_USE imi_status imi_webhook_secrets_load(const char *path, imi_webhook_secrets *out,
                                                 imi_error *err);

/** A call as it is received: the texts of its three headers, and the body as it came. */
typedef struct imi_webhook_call {
    const char *id; /* webhook-id */
    const char *timestamp; /* webhook-timestamp, seconds since 1970 */
    const char *signature; /* webhook-signature; not read by imi_webhook_sign */
    imi_view body;
} imi_webhook_call;

/** Append the value of webhook-signature, by all secrets. */
IMI_MUST_USE imi_status imi_webhook_sign(const imi_webhook_secrets *secrets,
                                         const imi_webhook_call *call, imi_buffer *out,
                                         imi_error *err);
/**
 * Whether a call is signed by one of the secrets, and not too long ago.
 *
 * Errors: IMI_E_INVALID_ARGUMENT when a header is missing or is no such header;
 *         IMI_E_UNAUTHENTICATED when no signature is right; IMI_E_DEADLINE when the time is more
 *         than IMI_WEBHOOK_TOLERANCE_S away from now_s.
 */
IMI_MUST_USE imi_status imi_webhook_verify(const imi_webhook_secrets *secrets,
                                           const imi_webhook_call *call, int64_t now_s,
                                           imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
