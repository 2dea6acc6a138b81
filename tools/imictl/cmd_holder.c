/* imictl holder: what a person asks for with the phone's own word, from the folder that
 * 'imictl phone --wallet' has filled. */
#include "imictl.h"

#include "client/call.h"
#include "imi/crypto.h"
#include "imi/v1/holder.pb-c.h"

#include <stdio.h>
#include <string.h>

enum { SESSION_FILE_MAX = 256, PATH_SIZE = 512 };

typedef struct holder_options {
    imi_connection_options connection;
    const char *wallet;
    const char *part; /* "record", "receipt" or NULL */
} holder_options;

static imi_status wallet_path(const holder_options *options, const char *name, char out[PATH_SIZE],
                              imi_error *err)
{
    int size = snprintf(out, PATH_SIZE, "%s/%s", options->wallet, name);
    if (size < 0 || size >= PATH_SIZE) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the folder's name is too long");
    }
    return IMI_OK;
}

static imi_status ask(const holder_options *options, const char *path,
                      const ProtobufCMessage *request,
                      const ProtobufCMessageDescriptor *response_type, ProtobufCMessage **out,
                      imi_error *err)
{
    *out = NULL;
    char file[PATH_SIZE];
    imi_connection connection;
    IMI_AUTO_BUFFER authorization = IMI_BUFFER_INIT;
    IMI_AUTO(imi_rpc_channel) channel = NULL;
    IMI_TRY(wallet_path(options, "session", file, err));
    IMI_TRY(imi_private_file_read(file, SESSION_FILE_MAX, &authorization, err));
    IMI_TRY(imi_buffer_terminate(&authorization, err));
    IMI_TRY(imi_connection_resolve(&options->connection, &connection, err));
    IMI_TRY(imi_connection_as_phone(&connection, &channel, err));
    imi_unary_call call = {
        .channel = channel,
        .path = path,
        .authorization = (const char *)authorization.data,
        .request = request,
        .response_type = response_type,
    };
    return imi_unary_call_run(&call, out, err);
}

/* JSON as it came, so that a receipt stays what was signed; 3 where there is none yet. */
static int print_text(const char *text)
{
    if (text[0] == '\0') {
        fprintf(stderr, "the log has not taken it in yet: ask again in a second\n");
        return IMI_EXIT_UNDECIDED;
    }
    puts(text);
    return IMI_EXIT_SUCCESS;
}

static imi_status consent(const holder_options *options, int *code_out, imi_error *err)
{
    Imi__V1__GetConsentRequest request = IMI__V1__GET_CONSENT_REQUEST__INIT;
    ProtobufCMessage *answer = NULL;
    IMI_TRY(ask(options, "/imi.v1.HolderService/GetConsent", &request.base,
                &imi__v1__get_consent_response__descriptor, &answer, err));
    const Imi__V1__GetConsentResponse *response = (const void *)answer;
    bool receipt = options->part != NULL && strcmp(options->part, "receipt") == 0;
    *code_out = print_text(receipt ? response->receipt_json : response->consent_json);
    protobuf_c_message_free_unpacked(answer, NULL);
    return IMI_OK;
}

static imi_status withdraw(const holder_options *options, int *code_out, imi_error *err)
{
    Imi__V1__WithdrawConsentRequest request = IMI__V1__WITHDRAW_CONSENT_REQUEST__INIT;
    ProtobufCMessage *answer = NULL;
    IMI_TRY(ask(options, "/imi.v1.HolderService/WithdrawConsent", &request.base,
                &imi__v1__withdraw_consent_response__descriptor, &answer, err));
    protobuf_c_message_free_unpacked(answer, NULL);
    *code_out = print_text("withdrawn");
    return IMI_OK;
}

static imi_status receipt(const holder_options *options, int *code_out, imi_error *err)
{
    Imi__V1__GetDecisionReceiptRequest request = IMI__V1__GET_DECISION_RECEIPT_REQUEST__INIT;
    ProtobufCMessage *answer = NULL;
    IMI_TRY(ask(options, "/imi.v1.HolderService/GetDecisionReceipt", &request.base,
                &imi__v1__get_decision_receipt_response__descriptor, &answer, err));
    *code_out = print_text(
        ((const Imi__V1__GetDecisionReceiptResponse *)(const void *)answer)->receipt_json);
    protobuf_c_message_free_unpacked(answer, NULL);
    return IMI_OK;
}

static imi_status credential(const holder_options *options, int *code_out, imi_error *err)
{
    Imi__V1__IssueCredentialRequest request = IMI__V1__ISSUE_CREDENTIAL_REQUEST__INIT;
    ProtobufCMessage *answer = NULL;
    char path[PATH_SIZE];
    IMI_TRY(wallet_path(options, "credential", path, err));
    IMI_TRY(ask(options, "/imi.v1.HolderService/IssueCredential", &request.base,
                &imi__v1__issue_credential_response__descriptor, &answer, err));
    const Imi__V1__IssueCredentialResponse *response = (const void *)answer;
    imi_status status = imi_file_write(path, imi_view_of_text(response->credential), 0600, err);
    if (status == IMI_OK) {
        *code_out = print_text(response->credential);
    }
    protobuf_c_message_free_unpacked(answer, NULL);
    return status;
}

typedef imi_status (*holder_command)(const holder_options *options, int *code_out, imi_error *err);

static int run(const char *program, bool has_part, holder_command command, int argc, char **argv)
{
    holder_options options = {.wallet = NULL};
    const imi_cli_option rows[] = {
        {"--wallet", &options.wallet, NULL, true, "DIR", "as 'imictl phone' filled it"},
        IMICTL_CONNECTION_ROWS(options.connection),
        {"--part", &options.part, NULL, false, "PART", "record or receipt [record]"},
    };
    const size_t count = sizeof rows / sizeof rows[0];
    const imi_cli_spec spec = {program, "", 0, rows, has_part ? count : count - 1};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    if (options.part != NULL && strcmp(options.part, "record") != 0 &&
        strcmp(options.part, "receipt") != 0) {
        return imi_cli_misuse(&spec, "--part takes record or receipt");
    }
    imi_error error = IMI_ERROR_INIT;
    return command(&options, &code, &error) == IMI_OK ? code : imictl_fail(&spec, false, &error);
}

static int holder_consent(int argc, char **argv)
{
    return run("imictl holder consent", true, consent, argc, argv);
}

static int holder_withdraw(int argc, char **argv)
{
    return run("imictl holder withdraw", false, withdraw, argc, argv);
}

static int holder_receipt(int argc, char **argv)
{
    return run("imictl holder receipt", false, receipt, argc, argv);
}

static int holder_credential(int argc, char **argv)
{
    return run("imictl holder credential", false, credential, argc, argv);
}

int imictl_holder(int argc, char **argv)
{
    static const imictl_subcommand commands[] = {
        {"consent", holder_consent, "what was agreed to, or the receipt of it"},
        {"withdraw", holder_withdraw, "take the consent back"},
        {"receipt", holder_receipt, "proof that the decision is in the public log"},
        {"credential", holder_credential, "fetch the credential; also kept in the wallet"},
    };
    return imictl_dispatch("imictl holder", commands, sizeof commands / sizeof commands[0], argc,
                           argv);
}
