#include "imictl.h"

#include "client/backend.h"
#include "fetch.h"
#include "imi/clock.h"
#include "token_use.h"
#include "token_view.h"

#include <stdio.h>

enum { LEEWAY_S = 30 };

typedef struct token_options {
    const char *jwks;
    const char *ca;
    const char *issuer;
    const char *audience;
    const char *nonce;
    const char *algorithm;
    bool json;
    const char *token; /* "-": standard input */
} token_options;

static imi_status verify(const token_options *options, imi_token_claims *out, bool *checked_out,
                         imi_error *err)
{
    *checked_out = false;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER jwks = IMI_BUFFER_INIT;
    IMI_TRY(imictl_read_operand(options->token, 2 * IMI_TOKEN_BYTES_MAX, &token, err));
    IMI_TRY(imictl_fetch(options->jwks, options->ca, &jwks, err));
    imi_token_expectation expectation = {
        .algorithm = options->algorithm,
        .issuer = options->issuer,
        .audience = options->audience,
        .nonce = options->nonce,
        .now_s = imi_clock_system()->unix_ms(imi_clock_system()) / 1000,
        .leeway_s = LEEWAY_S,
    };
    imi_status status =
        imi_token_verify(imi_buffer_view(&token), imi_buffer_view(&jwks), &expectation, out, err);
    *checked_out = status == IMI_OK || imictl_is_token_refusal(status);
    return status;
}

static void print_valid(const token_options *options, const imi_token_claims *claims)
{
    if (options->json) {
        imictl_print_json(
            json_pack("{s:b, s:o}", "valid", true, "claims", imictl_claims_json(claims)));
    } else {
        printf("valid\n");
        imictl_claims_print(claims);
    }
}

static void print_invalid(const token_options *options, const imi_error *error)
{
    if (options->json) {
        imictl_print_json(json_pack("{s:b, s:s, s:s}", "valid", false, "reason",
                                    imi_status_name(error->status), "message", error->message));
    } else {
        printf("not valid: %s (%s)\n", error->message, imi_status_name(error->status));
    }
}

static int token_verify(int argc, char **argv)
{
    token_options options = {.algorithm = "ES256"};
    const imi_cli_option rows[] = {
        {"--jwks", &options.jwks, NULL, true, "FILE|URL", "the issuer's public keys"},
        {"--issuer", &options.issuer, NULL, true, "URL", "who must have issued it (iss)"},
        {"--audience", &options.audience, NULL, true, "NAME", "whom it must be for (aud)"},
        {"--nonce", &options.nonce, NULL, false, "TEXT", "what it must carry [not checked]"},
        {"--algorithm", &options.algorithm, NULL, false, "NAME", "ES256, EdDSA or SM2 [ES256]"},
        {"--ca", &options.ca, NULL, false, "FILE", "for a URL: who signed its certificate"},
        IMICTL_JSON_ROW(options.json),
    };
    const imi_cli_spec spec = {"imictl token verify", "TOKEN|-", 1, rows,
                               sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, &options.token, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    imi_token_claims claims;
    imi_error error = IMI_ERROR_INIT;
    bool checked = false;
    imi_status status = verify(&options, &claims, &checked, &error);
    if (!checked) {
        return imictl_fail(&spec, options.json, &error);
    }
    if (status != IMI_OK) {
        print_invalid(&options, &error);
        return IMI_EXIT_NEGATIVE;
    }
    print_valid(&options, &claims);
    return IMI_EXIT_SUCCESS;
}

int imictl_token(int argc, char **argv)
{
    static const imictl_subcommand commands[] = {
        {"verify", token_verify, "check a token against a key set, offline"},
        {"redeem", imictl_token_redeem, "use a token up"},
        {"revoke", imictl_token_revoke, "a session's token stands no more"},
        {"suspend", imictl_token_suspend, "it does not stand for now"},
        {"reinstate", imictl_token_reinstate, "it stands again"},
        {"receipt", imictl_token_receipt, "proof that the decision is in the public log"},
    };
    return imictl_dispatch("imictl token", commands, sizeof commands / sizeof commands[0], argc,
                           argv);
}

static imi_status fetch_jwks(const imi_connection_options *connection, const char *path,
                             imi_error *err)
{
    IMI_AUTO_BUFFER json = IMI_BUFFER_INIT;
    IMI_AUTO(imi_rpc_channel) channel = NULL;
    IMI_TRY(imictl_connect(connection, &channel, err));
    IMI_TRY(imi_backend_jwks(channel, &json, err));
    if (path != NULL) {
        return imi_file_write(path, imi_buffer_view(&json), 0644, err);
    }
    printf("%.*s\n", (int)json.size, (const char *)json.data);
    return IMI_OK;
}

int imictl_jwks(int argc, char **argv)
{
    imi_connection_options connection = {.server = NULL};
    const char *path = NULL;
    bool json = false;
    const imi_cli_option rows[] = {
        {"--out", &path, NULL, false, "FILE", "where to write it [standard output]"},
        IMICTL_JSON_ROW(json),
        IMICTL_CONNECTION_ROWS(connection),
    };
    const imi_cli_spec spec = {"imictl jwks", "", 0, rows, sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    imi_error error = IMI_ERROR_INIT;
    return fetch_jwks(&connection, path, &error) == IMI_OK ? IMI_EXIT_SUCCESS
                                                           : imictl_fail(&spec, json, &error);
}
