#include "imictl.h"

#include "client/backend.h"

#include <stdio.h>

typedef struct enrol_options {
    imi_connection_options connection;
    const char *subject;
    bool json;
    const char *photo;
} enrol_options;

static imi_status enrol(const enrol_options *options, imi_backend_enrolment *out, imi_error *err)
{
    IMI_AUTO_BUFFER photo = IMI_BUFFER_INIT;
    IMI_TRY(imictl_read_photo(options->photo, &photo, err));
    IMI_AUTO(imi_rpc_channel) channel = NULL;
    IMI_TRY(imictl_connect(&options->connection, &channel, err));
    return imi_backend_enrol(channel, options->subject, imi_buffer_view(&photo), out, err);
}

static void print_enrolment(const enrol_options *options, const imi_backend_enrolment *result)
{
    const char *reason = imi_capture_reason_name(result->reason);
    if (options->json) {
        imictl_print_json(json_pack("{s:b, s:s, s:s, s:f}", "accepted", result->accepted,
                                    "reference_id", result->reference_id, "reason", reason,
                                    "quality", result->quality));
    } else if (result->accepted) {
        printf("enrolled: %s (quality %.2f)\n", result->reference_id, result->quality);
    } else {
        printf("not accepted: %s; use another photo\n", reason);
    }
}

int imictl_enrol(int argc, char **argv)
{
    enrol_options options = {.json = false};
    const imi_cli_option rows[] = {
        {"--subject", &options.subject, NULL, true, "NAME", "our own name for the person"},
        IMICTL_JSON_ROW(options.json),
        IMICTL_CONNECTION_ROWS(options.connection),
    };
    const imi_cli_spec spec = {"imictl enrol", "PHOTO.jpg", 1, rows, sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, &options.photo, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    imi_backend_enrolment result;
    imi_error error = IMI_ERROR_INIT;
    if (enrol(&options, &result, &error) != IMI_OK) {
        return imictl_fail(&spec, options.json, &error);
    }
    print_enrolment(&options, &result);
    return result.accepted ? IMI_EXIT_SUCCESS : IMI_EXIT_NEGATIVE;
}

static imi_status erase(const imi_connection_options *connection, const char *reference_id,
                        imi_error *err)
{
    IMI_AUTO(imi_rpc_channel) channel = NULL;
    IMI_TRY(imictl_connect(connection, &channel, err));
    return imi_backend_delete_reference(channel, reference_id, err);
}

static int reference_delete(int argc, char **argv)
{
    imi_connection_options connection = {.server = NULL};
    bool json = false;
    const imi_cli_option rows[] = {
        IMICTL_JSON_ROW(json),
        IMICTL_CONNECTION_ROWS(connection),
    };
    const imi_cli_spec spec = {"imictl reference delete", "REFERENCE_ID", 1, rows,
                               sizeof rows / sizeof rows[0]};
    bool help = false;
    const char *reference_id = NULL;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, &reference_id, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    imi_error error = IMI_ERROR_INIT;
    if (erase(&connection, reference_id, &error) != IMI_OK) {
        return imictl_fail(&spec, json, &error);
    }
    if (json) {
        imictl_print_json(json_pack("{s:b}", "deleted", true));
    } else {
        printf("deleted: %s\n", reference_id);
    }
    return IMI_EXIT_SUCCESS;
}

int imictl_reference(int argc, char **argv)
{
    static const imictl_subcommand commands[] = {
        {"delete", reference_delete, "erase a reference and its template"},
    };
    return imictl_dispatch("imictl reference", commands, 1, argc, argv);
}
