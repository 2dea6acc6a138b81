/*
 * sd_jwt_peer issue FOLDER: make keys of an issuer and of a holder, write issuer.pem, holder.pem,
 *   jwks.json, holder.json (the public JWK) and credential.txt there.
 * sd_jwt_peer present CREDENTIAL KEY AUDIENCE NONCE PATH...: print a presentation of a file.
 * sd_jwt_peer verify JWKS ISSUER VCT AUDIENCE NONCE NOW: a presentation a line on standard input;
 *   prints the name of the status of each, and the claims.
 */
#include "imi/clock.h"
#include "imi/credential.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char claims[] =
    "{\"name\":\"\xE6\x9D\x8E\xE5\x8D\x8E\",\"gpa\":3.85,\"graduated\":true,"
    "\"degree\":{\"subject\":\"Physics\",\"year\":2024},\"languages\":[\"zh\",\"en\"]}";

static int64_t now_s(void)
{
    return imi_clock_system()->unix_ms(imi_clock_system()) / 1000;
}

static const char *in_folder(const char *folder, const char *name)
{
    static char paths[4][1024];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static imi_status write_issued(const char *folder, imi_signer *issuer, imi_view holder_jwk,
                               imi_error *err)
{
    IMI_AUTO_BUFFER jwks = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT;
    imi_credential_terms terms = {
        .issuer = "https://imi.example",
        .type = "https://imi.example/credentials/graduate",
        .issued_at_s = now_s(),
        .expires_at_s = now_s() + 86400,
        .holder_jwk = holder_jwk,
        .decoys = 3,
    };
    IMI_TRY(imi_jwks_render(&issuer, 1, &jwks, err));
    IMI_TRY(imi_credential_issue(issuer, &terms, imi_view_of_text(claims), &credential, err));
    IMI_TRY(imi_file_write(in_folder(folder, "jwks.json"), imi_buffer_view(&jwks), 0644, err));
    IMI_TRY(imi_file_write(in_folder(folder, "holder.json"), holder_jwk, 0644, err));
    return imi_file_write(in_folder(folder, "credential.txt"), imi_buffer_view(&credential), 0600,
                          err);
}

static imi_status issue(const char *folder, imi_error *err)
{
    IMI_AUTO(imi_signer) issuer = NULL;
    IMI_AUTO(imi_signer) holder = NULL;
    IMI_AUTO_BUFFER holder_jwk = IMI_BUFFER_INIT;
    IMI_TRY(imi_signer_file_new(in_folder(folder, "issuer.pem"), &issuer, err));
    IMI_TRY(imi_signer_file_new(in_folder(folder, "holder.pem"), &holder, err));
    IMI_TRY(holder->public_jwk(holder, &holder_jwk, err));
    return write_issued(folder, issuer, imi_buffer_view(&holder_jwk), err);
}

static imi_status present(char **arguments, size_t path_count, imi_error *err)
{
    IMI_AUTO(imi_signer) holder = NULL;
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    imi_presentation_terms terms = {(const char *const *)arguments + 4, path_count, arguments[2],
                                    arguments[3], now_s()};
    IMI_TRY(imi_file_read(arguments[0], IMI_CREDENTIAL_BYTES_MAX, &credential, err));
    IMI_TRY(imi_signer_file_new(arguments[1], &holder, err));
    IMI_TRY(imi_credential_present(imi_buffer_view(&credential), holder, &terms, &out, err));
    printf("%.*s\n", (int)out.size, (const char *)out.data);
    return IMI_OK;
}

static void verify_line(const char *line, const imi_key_set *keys,
                        const imi_credential_expectation *expectation)
{
    imi_credential_facts facts;
    IMI_AUTO_BUFFER disclosed = IMI_BUFFER_INIT;
    imi_view presentation = {(const uint8_t *)line, strcspn(line, "\n")};
    imi_status status =
        imi_credential_verify(presentation, keys, expectation, &facts, &disclosed, NULL);
    printf("%s %.*s\n", imi_status_name(status), (int)disclosed.size,
           disclosed.size == 0 ? "" : (const char *)disclosed.data);
}

static imi_status verify_lines(char **arguments, imi_error *err)
{
    IMI_AUTO_BUFFER jwks = IMI_BUFFER_INIT;
    IMI_AUTO(imi_key_set) keys = NULL;
    IMI_TRY(imi_file_read(arguments[0], IMI_JWKS_BYTES_MAX, &jwks, err));
    IMI_TRY(imi_key_set_parse(imi_buffer_view(&jwks), &keys, err));
    imi_credential_expectation expectation = {
        .algorithm = "ES256",
        .issuer = arguments[1],
        .type = arguments[2],
        .audience = arguments[3],
        .nonce = arguments[4],
        .now_s = strtoll(arguments[5], NULL, 10),
        .leeway_s = 30,
        .binding_age_max_s = 60,
    };
    static char line[1 << 20];
    while (fgets(line, sizeof line, stdin) != NULL) {
        verify_line(line, keys, &expectation);
    }
    return IMI_OK;
}

int main(int count, char **arguments)
{
    imi_error err = IMI_ERROR_INIT;
    imi_status status = IMI_E_INVALID_ARGUMENT;
    if (count == 3 && strcmp(arguments[1], "issue") == 0) {
        status = issue(arguments[2], &err);
    } else if (count >= 6 && strcmp(arguments[1], "present") == 0) {
        status = present(arguments + 2, (size_t)count - 6, &err);
    } else if (count == 8 && strcmp(arguments[1], "verify") == 0) {
        status = verify_lines(arguments + 2, &err);
    }
    if (status != IMI_OK) {
        fprintf(stderr, "sd_jwt_peer: %s: %s\n", imi_status_name(status), err.message);
    }
    return status == IMI_OK ? 0 : 2;
}
