#include "token_use.h"

#include "client/backend.h"
#include "client/connection.h"
#include "imi/token.h"
#include "imi/v1/token.pb-c.h"
#include "imictl.h"
#include "message_json.h"
#include "plain_words.h"

#include <stdio.h>
#include <string.h>

static imi_status ask(const imi_connection_options *connection, const char *method,
                      const void *request, const ProtobufCMessageDescriptor *response_type,
                      void *out, imi_error *err)
{
    char path[64];
    snprintf(path, sizeof path, "/imi.v1.TokenService/%s", method);
    return imictl_ask(connection, path, request, response_type, out, err);
}

/* ---- Redemption ---- */

typedef struct redeem_options {
    imi_connection_options connection;
    const char *token, *request_id;
    bool json;
} redeem_options;

static imi_status redeem(const redeem_options *options, Imi__V1__RedeemTokenResponse **out,
                         imi_error *err)
{
    char fresh[IMI_ID_SIZE];
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    Imi__V1__RedeemTokenRequest request = IMI__V1__REDEEM_TOKEN_REQUEST__INIT;
    IMI_TRY(imi_id_new("r", fresh, err));
    IMI_TRY(imictl_read_operand(options->token, 2 * IMI_TOKEN_BYTES_MAX, &token, err));
    IMI_TRY(imi_buffer_terminate(&token, err));
    request.token = (char *)token.data;
    request.request_id = options->request_id == NULL ? fresh : (char *)options->request_id;
    return ask(&options->connection, "RedeemToken", &request,
               &imi__v1__redeem_token_response__descriptor, out, err);
}

static void print_redeemed(const Imi__V1__RedeemTokenResponse *answer, bool json)
{
    if (json) {
        imictl_print_json(imictl_message_json(&answer->base));
    } else if (answer->redeemed) {
        printf("redeemed at %s, session %s\n", plain_time(answer->redeemed_at_ms).text,
               answer->session_id);
    } else {
        printf("not redeemed: %s\n", answer->reason);
    }
}

int imictl_token_redeem(int argc, char **argv)
{
    redeem_options options = {.json = false};
    const imi_cli_option rows[] = {
        {"--request-id", &options.request_id, NULL, false, "TEXT",
         "idempotency key, 8 to 100 characters [random]"},
        IMICTL_JSON_ROW(options.json),
        IMICTL_CONNECTION_ROWS(options.connection),
    };
    const imi_cli_spec spec = {"imictl token redeem", "TOKEN|-", 1, rows,
                               sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, &options.token, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    imi_error error = IMI_ERROR_INIT;
    Imi__V1__RedeemTokenResponse *answer = NULL;
    if (redeem(&options, &answer, &error) != IMI_OK) {
        return imictl_fail(&spec, options.json, &error);
    }
    print_redeemed(answer, options.json);
    code = answer->redeemed ? IMI_EXIT_SUCCESS : IMI_EXIT_NEGATIVE;
    protobuf_c_message_free_unpacked(&answer->base, NULL);
    return code;
}

/* ---- Status ---- */

/* What the three commands say of a token. */
typedef struct new_status {
    const char *program;
    Imi__V1__TokenStatus status;
    const char *reason; /* unless another is given */
    const char *done;
} new_status;

static int set_status(int argc, char **argv, const new_status *wanted)
{
    imi_connection_options connection = {.server = NULL};
    const char *session_id = NULL, *reason = wanted->reason;
    bool json = false;
    const imi_cli_option rows[] = {
        {"--reason", &reason, NULL, false, "CODE", "letters, digits and _, for the public log"},
        IMICTL_JSON_ROW(json),
        IMICTL_CONNECTION_ROWS(connection),
    };
    const imi_cli_spec spec = {wanted->program, "SESSION_ID", 1, rows,
                               sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, &session_id, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    Imi__V1__SetTokenStatusRequest request = IMI__V1__SET_TOKEN_STATUS_REQUEST__INIT;
    request.session_id = (char *)session_id;
    request.status = wanted->status;
    request.reason = (char *)reason;
    imi_error error = IMI_ERROR_INIT;
    Imi__V1__SetTokenStatusResponse *answer = NULL;
    if (ask(&connection, "SetTokenStatus", &request,
            &imi__v1__set_token_status_response__descriptor, &answer, &error) != IMI_OK) {
        return imictl_fail(&spec, json, &error);
    }
    if (json) {
        imictl_print_json(imictl_message_json(&answer->base));
    } else {
        printf("%s; its status list says so within a minute\n", wanted->done);
    }
    protobuf_c_message_free_unpacked(&answer->base, NULL);
    return IMI_EXIT_SUCCESS;
}

int imictl_token_revoke(int argc, char **argv)
{
    return set_status(argc, argv,
                      &(new_status){"imictl token revoke",
                                    IMI__V1__TOKEN_STATUS__TOKEN_STATUS_INVALID, "revoked",
                                    "revoked for good"});
}

int imictl_token_suspend(int argc, char **argv)
{
    return set_status(argc, argv,
                      &(new_status){"imictl token suspend",
                                    IMI__V1__TOKEN_STATUS__TOKEN_STATUS_SUSPENDED, "suspended",
                                    "suspended"});
}

int imictl_token_reinstate(int argc, char **argv)
{
    return set_status(argc, argv,
                      &(new_status){"imictl token reinstate",
                                    IMI__V1__TOKEN_STATUS__TOKEN_STATUS_UNSPECIFIED, "reinstated",
                                    "stands again"});
}

/* ---- Receipts ---- */

imi_status imictl_write_receipt(const imi_connection_options *options, const char *id,
                                imi_receipt_kind kind, const char *path, imi_error *err)
{
    IMI_AUTO(imi_rpc_channel) channel = NULL;
    IMI_AUTO_BUFFER json = IMI_BUFFER_INIT;
    IMI_TRY(imictl_connect(options, &channel, err));
    IMI_TRY(imi_backend_receipt(channel, id, kind, &json, err));
    if (path != NULL) {
        return imi_file_write(path, imi_buffer_view(&json), 0644, err);
    }
    printf("%.*s\n", (int)json.size, (const char *)json.data);
    return IMI_OK;
}

int imictl_token_receipt(int argc, char **argv)
{
    imi_connection_options connection = {.server = NULL};
    const char *id = NULL, *path = NULL;
    bool consent = false, deletion = false, json = false;
    const imi_cli_option rows[] = {
        {"--consent", NULL, &consent, false, NULL, "of the consent, not of the decision"},
        {"--deletion", NULL, &deletion, false, NULL,
         "of a deletion, by the id it was answered with"},
        {"--out", &path, NULL, false, "FILE", "where to write it [standard output]"},
        IMICTL_JSON_ROW(json),
        IMICTL_CONNECTION_ROWS(connection),
    };
    const imi_cli_spec spec = {"imictl token receipt", "SESSION_ID|DELETION_ID", 1, rows,
                               sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, &id, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    if (consent && deletion) {
        return imi_cli_misuse(&spec, "a receipt is of one thing");
    }
    imi_error error = IMI_ERROR_INIT;
    imi_receipt_kind kind = deletion  ? IMI_RECEIPT_DELETION
                            : consent ? IMI_RECEIPT_CONSENT
                                      : IMI_RECEIPT_DECISION;
    return imictl_write_receipt(&connection, id, kind, path, &error) == IMI_OK
               ? IMI_EXIT_SUCCESS
               : imictl_fail(&spec, json, &error);
}
