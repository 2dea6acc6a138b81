/* imictl subject: what an office keeps of a person besides photos, and the end of it all. */
#include "imictl.h"

#include "client/backend.h"
#include "imi/v1/enrolment.pb-c.h"
#include "token_use.h"

#include <stdio.h>

enum { CLAIMS_FILE_MAX = 1 << 14 };

static imi_status set_claims(const imi_connection_options *connection, const char *subject_id,
                             const char *path, imi_error *err)
{
    IMI_AUTO_BUFFER claims = IMI_BUFFER_INIT;
    IMI_AUTO(imi_rpc_channel) channel = NULL;
    IMI_TRY(imi_file_read(path, CLAIMS_FILE_MAX, &claims, err));
    IMI_TRY(imi_buffer_terminate(&claims, err));
    IMI_TRY(imictl_connect(connection, &channel, err));
    return imi_backend_set_claims(channel, subject_id, (const char *)claims.data, err);
}

static int subject_claims(int argc, char **argv)
{
    imi_connection_options connection = {.server = NULL};
    bool json = false;
    const imi_cli_option rows[] = {IMICTL_JSON_ROW(json), IMICTL_CONNECTION_ROWS(connection)};
    const imi_cli_spec spec = {"imictl subject claims", "SUBJECT FILE", 2, rows,
                               sizeof rows / sizeof rows[0]};
    bool help = false;
    const char *operands[2] = {NULL, NULL};
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, operands, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    imi_error error = IMI_ERROR_INIT;
    if (set_claims(&connection, operands[0], operands[1], &error) != IMI_OK) {
        return imictl_fail(&spec, json, &error);
    }
    if (json) {
        imictl_print_json(json_pack("{s:b}", "kept", true));
    } else {
        printf("kept; nobody can read it back, a session or a credential discloses it\n");
    }
    return IMI_EXIT_SUCCESS;
}

typedef struct erasure {
    int64_t log_index;
    char deletion_id[IMI_ID_SIZE];
} erasure;

static imi_status erase(const imi_connection_options *connection, const char *subject_id,
                        erasure *out, imi_error *err)
{
    Imi__V1__EraseSubjectRequest request = IMI__V1__ERASE_SUBJECT_REQUEST__INIT;
    ProtobufCMessage *answer = NULL;
    request.subject_id = (char *)subject_id;
    IMI_TRY(imictl_ask(connection, "/imi.v1.EnrolmentService/EraseSubject", &request.base,
                       &imi__v1__erase_subject_response__descriptor, &answer, err));
    const Imi__V1__EraseSubjectResponse *said = (const void *)answer;
    out->log_index = said->log_index;
    imi_copy_text(out->deletion_id, sizeof out->deletion_id, said->deletion_id);
    protobuf_c_message_free_unpacked(answer, NULL);
    return IMI_OK;
}

static void print_erasure(const erasure *done, bool json)
{
    if (json) {
        imictl_print_json(json_pack("{s:b, s:I, s:s}", "erased", true, "log_index",
                                    (json_int_t)done->log_index, "deletion_id", done->deletion_id));
    } else {
        printf("erased; leaf %lld of the public log says so, not who: deletion %s\n",
               (long long)done->log_index, done->deletion_id);
    }
}

/* The erasure stands without it, so that its failure goes to standard error alone. */
static int keep_receipt(const imi_cli_spec *spec, const imi_connection_options *connection,
                        const erasure *done, const char *path)
{
    imi_error error = IMI_ERROR_INIT;
    return imictl_write_receipt(connection, done->deletion_id, IMI_RECEIPT_DELETION, path,
                                &error) == IMI_OK
               ? IMI_EXIT_SUCCESS
               : imi_cli_fail(spec, &error);
}

static int subject_erase(int argc, char **argv)
{
    imi_connection_options connection = {.server = NULL};
    const char *receipt = NULL;
    bool json = false;
    const imi_cli_option rows[] = {
        {"--receipt", &receipt, NULL, false, "FILE", "where to write the proof that it was done"},
        IMICTL_JSON_ROW(json),
        IMICTL_CONNECTION_ROWS(connection)};
    const imi_cli_spec spec = {"imictl subject erase", "SUBJECT", 1, rows,
                               sizeof rows / sizeof rows[0]};
    bool help = false;
    const char *subject_id = NULL;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, &subject_id, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    erasure done;
    imi_error error = IMI_ERROR_INIT;
    if (erase(&connection, subject_id, &done, &error) != IMI_OK) {
        return imictl_fail(&spec, json, &error);
    }
    print_erasure(&done, json);
    return receipt == NULL ? IMI_EXIT_SUCCESS : keep_receipt(&spec, &connection, &done, receipt);
}

int imictl_subject(int argc, char **argv)
{
    static const imictl_subcommand commands[] = {
        {"claims", subject_claims, "keep the claims of a JSON file; an empty file keeps none"},
        {"erase", subject_erase, "erase everything that is kept of a person"},
    };
    return imictl_dispatch("imictl subject", commands, sizeof commands / sizeof commands[0], argc,
                           argv);
}
