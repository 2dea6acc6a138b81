/*
 * jose_peer issue FOLDER: make a key, write jwks.json and token.txt there.
 * jose_peer verify JWKS ISSUER AUDIENCE NONCE NOW: a token a line on standard input; prints the
 * name of the status of each.
 */
#include "imi/clock.h"
#include "imi/memory.h"
#include "imi/token.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *in_folder(const char *folder, const char *name)
{
    static char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static imi_token_claims sample_claims(void)
{
    int64_t now_s = imi_clock_system()->unix_ms(imi_clock_system()) / 1000;
    return (imi_token_claims){
        .issuer = "https://imi.example",
        .audience = "https://backend.example",
        .subject = "pairwise-\xE6\x9D\x8E",
        .token_id = "tok_1",
        .nonce = "n-0S6_WzA2Mj",
        .purpose = "demo",
        .session_id = "ses_1",
        .methods = "face liveness",
        .assurance = "substantial",
        .model_version = "model@1",
        .policy_version = "policy@1",
        .target_fmr = 1e-4,
        .issued_at_s = now_s,
        .expires_at_s = now_s + 300,
    };
}

static imi_status issue(const char *folder, imi_error *err)
{
    IMI_AUTO(imi_signer) signer = NULL;
    IMI_AUTO_BUFFER jwks = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    imi_token_claims claims = sample_claims();
    IMI_TRY(imi_signer_file_new(in_folder(folder, "key.pem"), &signer, err));
    IMI_TRY(imi_jwks_render(&signer, 1, &jwks, err));
    IMI_TRY(imi_token_issue(signer, &claims, &token, err));
    imi_view jwks_text = imi_buffer_view(&jwks), token_text = imi_buffer_view(&token);
    IMI_TRY(imi_file_write(in_folder(folder, "jwks.json"), jwks_text, 0644, err));
    return imi_file_write(in_folder(folder, "token.txt"), token_text, 0600, err);
}

static imi_status verify_lines(char **arguments, imi_error *err)
{
    IMI_AUTO_BUFFER jwks = IMI_BUFFER_INIT;
    IMI_TRY(imi_file_read(arguments[0], 1 << 20, &jwks, err));
    imi_token_expectation expectation = {
        .algorithm = "ES256",
        .issuer = arguments[1],
        .audience = arguments[2],
        .nonce = arguments[3],
        .now_s = strtoll(arguments[4], NULL, 10),
    };
    static char line[1 << 20];
    while (fgets(line, sizeof line, stdin) != NULL) {
        imi_view token = {(const uint8_t *)line, strcspn(line, "\n")};
        imi_token_claims claims;
        imi_status status =
            imi_token_verify(token, imi_buffer_view(&jwks), &expectation, &claims, NULL);
        printf("%s %s\n", imi_status_name(status), claims.subject);
    }
    return IMI_OK;
}

int main(int count, char **arguments)
{
    imi_error err = IMI_ERROR_INIT;
    imi_status status = IMI_E_INVALID_ARGUMENT;
    if (count == 3 && strcmp(arguments[1], "issue") == 0) {
        status = issue(arguments[2], &err);
    } else if (count == 7 && strcmp(arguments[1], "verify") == 0) {
        status = verify_lines(arguments + 2, &err);
    }
    if (status != IMI_OK) {
        fprintf(stderr, "jose_peer: %s: %s\n", imi_status_name(status), err.message);
    }
    return status == IMI_OK ? 0 : 2;
}
