#include "forge.h"

#include "imi/memory.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

imi_signer *g_signer;
imi_buffer g_jwks = IMI_BUFFER_INIT;
char g_folder[256];
static imi_error g_err;

#define OK(call) assert_ok((call), &g_err)

void assert_ok(imi_status status, const imi_error *err)
{
    if (status != IMI_OK) {
        fail_msg("%s: %s", imi_status_name(status), err->message);
    }
}

const char *in_folder(const char *name)
{
    static char path[520];
    snprintf(path, sizeof path, "%s/%s", g_folder, name);
    return path;
}

int forge_set_up(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR");
    snprintf(g_folder, sizeof g_folder, "%s/imi-token-XXXXXX", base == NULL ? "/tmp" : base);
    assert_non_null(mkdtemp(g_folder));
    OK(imi_signer_file_new(in_folder("key.pem"), &g_signer, &g_err));
    OK(imi_jwks_render(&g_signer, 1, &g_jwks, &g_err));
    return 0;
}

int forge_tear_down(void **state)
{
    (void)state;
    imi_signer_destroy(&g_signer);
    imi_buffer_clean_up(&g_jwks);
    DIR *listing = opendir(g_folder);
    for (struct dirent *entry = NULL; (entry = readdir(listing)) != NULL;) {
        unlink(in_folder(entry->d_name));
    }
    closedir(listing);
    return rmdir(g_folder);
}

const char *good_header(void)
{
    static char text[256];
    snprintf(text, sizeof text, "{\"alg\":\"ES256\",\"typ\":\"%s\",\"kid\":\"%s\"}", IMI_TOKEN_TYPE,
             g_signer->key_id);
    return text;
}

const char *good_payload(void)
{
    return "{\"iss\":\"" TEST_ISSUER "\",\"sub\":\"sub-1\",\"jti\":\"tok_1\","
           "\"nonce\":\"" TEST_NONCE "\",\"purpose\":\"demo\",\"sid\":\"ses_1\","
           "\"acr\":\"basic\",\"imi_model\":\"m@1\",\"imi_policy\":\"p@1\","
           "\"aud\":\"" TEST_AUDIENCE "\",\"imi_point\":\"opp_1\",\"imi_score\":\"normalised\","
           "\"iat\":1699999990,\"exp\":1700000600,"
           "\"amr\":[\"face\",\"liveness\"],\"imi_target_fmr\":0.001}";
}

const char *payload_with(const char *old_text, const char *new_text)
{
    static char text[4096];
    const char *good = good_payload();
    const char *at = strstr(good, old_text);
    assert_non_null(at);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - good), good, new_text,
             at + strlen(old_text));
    return text;
}

imi_token_claims good_claims(void)
{
    imi_token_claims claims = {
        .issuer = TEST_ISSUER,
        .audience = TEST_AUDIENCE,
        .subject = "sub-1",
        .token_id = "tok_1",
        .nonce = TEST_NONCE,
        .purpose = "demo",
        .session_id = "ses_1",
        .methods = "face liveness",
        .assurance = "basic",
        .model_version = "m@1",
        .policy_version = "p@1",
        .operating_point = "opp_1",
        .score_kind = "normalised",
        .target_fmr = 1e-3,
        .issued_at_s = TEST_NOW_S - 10,
        .expires_at_s = TEST_NOW_S + 600,
    };
    return claims;
}

imi_token_expectation good_expectation(void)
{
    return (imi_token_expectation){
        .algorithm = "ES256",
        .issuer = TEST_ISSUER,
        .audience = TEST_AUDIENCE,
        .nonce = TEST_NONCE,
        .now_s = TEST_NOW_S,
        .leeway_s = 0,
    };
}

static void append_head(const char *header, const char *payload, imi_buffer *out)
{
    OK(imi_base64url_encode(imi_view_of_text(header), out, &g_err));
    OK(imi_buffer_append_text(out, ".", &g_err));
    OK(imi_base64url_encode(imi_view_of_text(payload), out, &g_err));
}

void forge_signed_with(const char *header, const char *payload, imi_view signature, imi_buffer *out)
{
    append_head(header, payload, out);
    OK(imi_buffer_append_text(out, ".", &g_err));
    OK(imi_base64url_encode(signature, out, &g_err));
}

void forge(imi_signer *signer, const char *header, const char *payload, imi_buffer *out)
{
    IMI_AUTO_BUFFER head = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER signature = IMI_BUFFER_INIT;
    append_head(header, payload, &head);
    OK(signer->sign(signer, imi_buffer_view(&head), &signature, &g_err));
    forge_signed_with(header, payload, imi_buffer_view(&signature), out);
}

imi_status verify(imi_view token)
{
    imi_token_expectation expectation = good_expectation();
    imi_token_claims claims;
    return imi_token_verify(token, imi_buffer_view(&g_jwks), &expectation, &claims, NULL);
}

void assert_refused(imi_view token, imi_status wanted)
{
    imi_token_expectation expectation = good_expectation();
    imi_token_claims claims, zero;
    memset(&claims, 0xA5, sizeof claims);
    memset(&zero, 0, sizeof zero);
    imi_error err = IMI_ERROR_INIT;
    imi_status status =
        imi_token_verify(token, imi_buffer_view(&g_jwks), &expectation, &claims, &err);
    if (status != wanted) {
        fail_msg("%s (%s) instead of %s", imi_status_name(status), err.message,
                 imi_status_name(wanted));
    }
    assert_memory_equal(&claims, &zero, sizeof zero);
    assert_true(err.message[0] != '\0');
    assert_null(strstr(err.message, "sub-1"));
}

void assert_forged_refused(const char *header, const char *payload, imi_status wanted)
{
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    forge(g_signer, header, payload, &token);
    assert_refused(imi_buffer_view(&token), wanted);
}
