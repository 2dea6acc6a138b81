/* imictl subject: what an office keeps of a person besides photos, and the end of it all. */
#include "imictl.h"

#include "client/backend.h"
#include "imi/v1/enrolment.pb-c.h"

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

static imi_status erase(const imi_connection_options *connection, const char *subject_id,
                        int64_t *log_index_out, imi_error *err)
{
    Imi__V1__EraseSubjectRequest request = IMI__V1__ERASE_SUBJECT_REQUEST__INIT;
    ProtobufCMessage *answer = NULL;
    request.subject_id = (char *)subject_id;
    IMI_TRY(imictl_ask(connection, "/imi.v1.EnrolmentService/EraseSubject", &request.base,
                       &imi__v1__erase_subject_response__descriptor, &answer, err));
    *log_index_out = ((const Imi__V1__EraseSubjectResponse *)(const void *)answer)->log_index;
    protobuf_c_message_free_unpacked(answer, NULL);
    return IMI_OK;
}

static int subject_erase(int argc, char **argv)
{
    imi_connection_options connection = {.server = NULL};
    bool json = false;
    const imi_cli_option rows[] = {IMICTL_JSON_ROW(json), IMICTL_CONNECTION_ROWS(connection)};
    const imi_cli_spec spec = {"imictl subject erase", "SUBJECT", 1, rows,
                               sizeof rows / sizeof rows[0]};
    bool help = false;
    const char *subject_id = NULL;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, &subject_id, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    int64_t log_index = -1;
    imi_error error = IMI_ERROR_INIT;
    if (erase(&connection, subject_id, &log_index, &error) != IMI_OK) {
        return imictl_fail(&spec, json, &error);
    }
    if (json) {
        imictl_print_json(
            json_pack("{s:b, s:I}", "erased", true, "log_index", (json_int_t)log_index));
    } else {
        printf("erased; leaf %lld of the public log says so, not who\n", (long long)log_index);
    }
    return IMI_EXIT_SUCCESS;
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
