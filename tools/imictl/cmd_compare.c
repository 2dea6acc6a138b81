#include "imictl.h"

#include "client/backend.h"

#include <stdio.h>

typedef struct compare_options {
    imi_connection_options connection;
    const char *purpose;
    bool json;
    const char *photos[2];
} compare_options;

static imi_status compare(const compare_options *options, imi_backend_comparison *out,
                          imi_error *err)
{
    IMI_AUTO_BUFFER probe = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER reference = IMI_BUFFER_INIT;
    IMI_TRY(imictl_read_photo(options->photos[0], &probe, err));
    IMI_TRY(imictl_read_photo(options->photos[1], &reference, err));
    IMI_AUTO(imi_rpc_channel) channel = NULL;
    IMI_TRY(imictl_connect(&options->connection, &channel, err));
    return imi_backend_compare(channel, options->purpose, imi_buffer_view(&probe),
                               imi_buffer_view(&reference), out, err);
}

static void print_unusable(const char *photo, imi_capture_reason reason)
{
    if (reason != IMI_CAPTURE_OK) {
        printf("%s cannot be compared: %s\n", photo, imi_capture_reason_name(reason));
    }
}

static void print_text(const compare_options *options, const imi_backend_comparison *result)
{
    print_unusable(options->photos[0], result->probe_reason);
    print_unusable(options->photos[1], result->reference_reason);
    if (result->decision == IMI_DECISION_VERIFIED || result->decision == IMI_DECISION_REJECTED) {
        printf("%s: similarity %.4f, calibrated false match rate %.2e (purpose %s)\n",
               result->decision == IMI_DECISION_VERIFIED ? "match" : "non-match",
               result->similarity, result->fmr, options->purpose);
    }
}

static void print_json(const imi_backend_comparison *result)
{
    imictl_print_json(json_pack("{s:s, s:f, s:f, s:s, s:s}", "decision",
                                imi_backend_decision_name(result->decision), "similarity",
                                result->similarity, "fmr", result->fmr, "probe_reason",
                                imi_capture_reason_name(result->probe_reason), "reference_reason",
                                imi_capture_reason_name(result->reference_reason)));
}

static int exit_code(imi_decision decision)
{
    switch (decision) {
    case IMI_DECISION_VERIFIED:
        return IMI_EXIT_SUCCESS;
    case IMI_DECISION_REJECTED:
        return IMI_EXIT_NEGATIVE;
    default:
        return IMI_EXIT_UNDECIDED;
    }
}

int imictl_compare(int argc, char **argv)
{
    compare_options options = {.purpose = "demo"};
    const imi_cli_option rows[] = {
        {"--purpose", &options.purpose, NULL, false, "NAME",
         "purpose whose threshold applies [demo]"},
        IMICTL_JSON_ROW(options.json),
        IMICTL_CONNECTION_ROWS(options.connection),
    };
    const imi_cli_spec spec = {"imictl compare", "A.jpg B.jpg", 2, rows,
                               sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, options.photos, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    imi_backend_comparison result;
    imi_error error = IMI_ERROR_INIT;
    if (compare(&options, &result, &error) != IMI_OK) {
        return imictl_fail(&spec, options.json, &error);
    }
    if (options.json) {
        print_json(&result);
    } else {
        print_text(&options, &result);
    }
    return exit_code(result.decision);
}
