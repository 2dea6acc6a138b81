#include "imictl.h"

#include "join_link.h"
#include "qr_code.h"
#include "session_view.h"

#include <stdio.h>
#include <unistd.h>

typedef struct create_options {
    imi_connection_options connection;
    const char *purpose;
    const char *reference;
    const char *nonce;
    const char *request_id;
    const char *claim;
    imi_cli_names claims;
    const char *gateway;
    bool qr;
    bool json;
} create_options;

static imi_status create(const create_options *options, imi_backend_created *out, imi_error *err)
{
    char fresh[IMI_ID_SIZE];
    IMI_TRY(imi_id_new("n", fresh, err));
    IMI_AUTO(imi_rpc_channel) channel = NULL;
    IMI_TRY(imictl_connect(&options->connection, &channel, err));
    imi_backend_request request = {
        .purpose = options->purpose,
        .reference_id = options->reference,
        .nonce = options->nonce != NULL ? options->nonce : fresh,
        .request_id = options->request_id,
        .claims = options->claims.names,
        .claim_count = options->claims.count,
    };
    IMI_TRY(imi_backend_create_session(channel, &request, out, err));
    if (options->gateway != NULL) {
        char link[IMICTL_LINK_SIZE];
        IMI_TRY(imictl_join_link_at(out->join_url, options->gateway, link, err));
        imi_copy_text(out->join_url, sizeof out->join_url, link);
    }
    return IMI_OK;
}

static imi_status print_code(const char *link, imi_error *err)
{
    IMI_AUTO_BUFFER code = IMI_BUFFER_INIT;
    IMI_TRY(imictl_qr_draw(link, isatty(STDOUT_FILENO) == 1, &code, err));
    fwrite(code.data, 1, code.size, stdout);
    return IMI_OK;
}

static void print_created(const imi_backend_created *created, bool json)
{
    if (json) {
        imictl_print_json(json_pack("{s:s, s:s, s:s, s:I}", "session_id", created->session_id,
                                    "join_secret", created->join_secret, "join_url",
                                    created->join_url, "expires_at_ms",
                                    (json_int_t)created->expires_at_ms));
    } else {
        printf("session   %s\njoin      %s\n", created->session_id, created->join_url);
        printf("The link works once; show it to the person alone, as a QR code for instance.\n");
    }
}

static int session_create(int argc, char **argv)
{
    create_options options = {.purpose = "demo"};
    const imi_cli_option rows[] = {
        {"--reference", &options.reference, NULL, true, "ID", "as 'imictl enrol' printed it"},
        {"--purpose", &options.purpose, NULL, false, "NAME", "purpose of the policy [demo]"},
        {"--nonce", &options.nonce, NULL, false, "TEXT", "what the token will carry [random]"},
        {"--claims", &options.claim, NULL, false, "NAMES",
         "what the token shall tell: name,degree"},
        {"--gateway", &options.gateway, NULL, false, "ORIGIN",
         "where the link leads, such as https://localhost:7480 [the policy's issuer]"},
        {"--qr", NULL, &options.qr, false, NULL, "show the link as a QR code too"},
        {"--request-id", &options.request_id, NULL, false, "TEXT", "idempotency key [none]"},
        IMICTL_JSON_ROW(options.json),
        IMICTL_CONNECTION_ROWS(options.connection),
    };
    const imi_cli_spec spec = {"imictl session create", "", 0, rows, sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    if (!imi_cli_split_names(options.claim, &options.claims)) {
        return imi_cli_misuse(&spec, "--claims takes at most 16 names, such as name,degree");
    }
    if (options.gateway != NULL && !imictl_is_gateway(options.gateway)) {
        return imi_cli_misuse(&spec, "--gateway takes an origin, such as https://localhost:7480");
    }
    if (options.qr && options.json) {
        return imi_cli_misuse(&spec, "--qr and --json do not go together");
    }
    imi_backend_created created;
    imi_error error = IMI_ERROR_INIT;
    if (create(&options, &created, &error) != IMI_OK) {
        return imictl_fail(&spec, options.json, &error);
    }
    print_created(&created, options.json);
    if (options.qr && print_code(created.join_url, &error) != IMI_OK) {
        return imictl_fail(&spec, options.json, &error);
    }
    return IMI_EXIT_SUCCESS;
}

static imi_status get(const imi_connection_options *connection, const char *session_id,
                      imi_backend_session *out, imi_error *err)
{
    IMI_AUTO(imi_rpc_channel) channel = NULL;
    IMI_TRY(imictl_connect(connection, &channel, err));
    return imi_backend_get_session(channel, session_id, out, err);
}

static int session_get(int argc, char **argv)
{
    imi_connection_options connection = {.server = NULL};
    bool json = false;
    bool token = false;
    const imi_cli_option rows[] = {
        {"--token", NULL, &token, false, NULL, "print the token too"},
        IMICTL_JSON_ROW(json),
        IMICTL_CONNECTION_ROWS(connection),
    };
    const imi_cli_spec spec = {"imictl session get", "SESSION_ID", 1, rows,
                               sizeof rows / sizeof rows[0]};
    bool help = false;
    const char *session_id = NULL;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, &session_id, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    imi_backend_session session;
    imi_error error = IMI_ERROR_INIT;
    if (get(&connection, session_id, &session, &error) != IMI_OK) {
        return imictl_fail(&spec, json, &error);
    }
    if (json) {
        imictl_print_json(imictl_session_json(&session, token));
    } else {
        imictl_session_print(&session);
        if (token && session.token[0] != '\0') {
            printf("token     %s\n", session.token);
        }
    }
    return IMI_EXIT_SUCCESS;
}

typedef struct watch_options {
    imi_connection_options connection;
    const char *after;
    bool json;
    const char *session_id;
} watch_options;

static bool print_event(void *user, const imi_backend_event *event)
{
    const watch_options *options = user;
    if (options->json) {
        json_t *object =
            json_pack("{s:I, s:I, s:s, s:s, s:o}", "sequence", (json_int_t)event->sequence, "at_ms",
                      (json_int_t)event->at_ms, "kind", event->kind, "detail", event->detail,
                      "session", imictl_session_json(&event->session, false));
        json_dumpf(object, stdout, JSON_COMPACT);
        putchar('\n');
        json_decref(object);
    } else {
        printf("%lld  %-14s %s\n", (long long)event->sequence, event->kind, event->detail);
    }
    fflush(stdout);
    return true;
}

static imi_status watch(watch_options *options, int64_t after, imi_error *err)
{
    IMI_AUTO(imi_rpc_channel) channel = NULL;
    IMI_TRY(imictl_connect(&options->connection, &channel, err));
    return imi_backend_watch(channel, options->session_id, after, print_event, options, err);
}

static int session_watch(int argc, char **argv)
{
    watch_options options = {.after = "0"};
    const imi_cli_option rows[] = {
        {"--after", &options.after, NULL, false, "N", "only events behind this number [0]"},
        {"--json", NULL, &options.json, false, NULL, "print one JSON object a line"},
        IMICTL_CONNECTION_ROWS(options.connection),
    };
    const imi_cli_spec spec = {"imictl session watch", "SESSION_ID", 1, rows,
                               sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, &options.session_id, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    long after = 0;
    if (!imi_cli_number(options.after, 0, INT32_MAX, &after)) {
        return imi_cli_misuse(&spec, "--after takes a whole number");
    }
    imi_error error = IMI_ERROR_INIT;
    if (watch(&options, after, &error) != IMI_OK) {
        return imictl_fail(&spec, options.json, &error);
    }
    return IMI_EXIT_SUCCESS;
}

int imictl_session(int argc, char **argv)
{
    static const imictl_subcommand commands[] = {
        {"create", session_create, "open a session and print its join link"},
        {"get", session_get, "state and decision of a session"},
        {"watch", session_watch, "its events as they happen, until it ends"},
    };
    return imictl_dispatch("imictl session", commands, sizeof commands / sizeof commands[0], argc,
                           argv);
}
