/**
 * Makes tokens, good and bad, from raw header and payload text, with a key of the test's own.
 */
#ifndef IMI_TEST_TOKEN_FORGE_H
#define IMI_TEST_TOKEN_FORGE_H

#include "imi/token.h"

#define TEST_NOW_S 1700000000
#define TEST_ISSUER "https://imi.example"
#define TEST_AUDIENCE "https://backend.example"
#define TEST_NONCE "n-0S6_WzA2Mj"

/** A fresh key in a fresh folder, and its key set. cmocka set-up and tear-down. */
int forge_set_up(void **state);
int forge_tear_down(void **state);
extern imi_signer *g_signer;
extern imi_buffer g_jwks;
extern char g_folder[256];

/** Fail the test with the message unless status is OK. */
void assert_ok(imi_status status, const imi_error *err);

/** {"alg":"ES256","typ":...,"kid":...} of g_signer; static storage. */
const char *good_header(void);
/** Every claim as imi_token_issue writes it; static storage. */
const char *good_payload(void);
/** good_payload with the first occurrence of a text replaced; static storage. */
const char *payload_with(const char *old_text, const char *new_text);
imi_token_claims good_claims(void);
imi_token_expectation good_expectation(void);

/** base64url(header).base64url(payload).base64url(ES256 by signer). */
void forge(imi_signer *signer, const char *header, const char *payload, imi_buffer *out);
/** The same with a signature of the caller's, given as bytes. */
void forge_signed_with(const char *header, const char *payload, imi_view signature,
                       imi_buffer *out);

/** Verify against g_jwks and good_expectation. out may be NULL. */
imi_status verify(imi_view token);
/** Assert the status, that out was zeroed, and that the message holds no part of the token. */
void assert_refused(imi_view token, imi_status wanted);
/** Forge with g_signer and assert_refused. */
void assert_forged_refused(const char *header, const char *payload, imi_status wanted);

/** Path of a file in g_folder; static storage. */
const char *in_folder(const char *name);

#endif
