/* imictl events: all that happens to the sessions of a relying party. */
#include "imictl.h"

#include "client/call.h"
#include "imi/v1/event.pb-c.h"
#include "message_json.h"
#include "plain_words.h"

#include <stdio.h>

typedef struct watch_options {
    imi_connection_options connection;
    const char *after, *count;
    bool json;
} watch_options;

static void print_event(const Imi__V1__WatchEventsResponse *event, bool json)
{
    if (json) {
        json_t *object = imictl_message_json(&event->base);
        json_dumpf(object, stdout, JSON_COMPACT);
        putchar('\n');
        json_decref(object);
    } else {
        printf("%lld  %s  %-26s %-14s %s\n", (long long)event->cursor,
               plain_time(event->at_ms).text, event->session_id, event->kind, event->detail);
    }
    fflush(stdout);
}

static imi_status print_next(imi_rpc_stream *stream, bool json, bool *ended_out, imi_error *err)
{
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    imi_rpc_received received = IMI_RPC_RECEIVED_NOTHING;
    IMI_TRY(imi_rpc_stream_receive(stream, -1, &bytes, &received, err));
    *ended_out = received != IMI_RPC_RECEIVED_MESSAGE;
    if (*ended_out) {
        return IMI_OK;
    }
    ProtobufCMessage *message = NULL;
    IMI_TRY(imi_message_unpack(&imi__v1__watch_events_response__descriptor, imi_buffer_view(&bytes),
                               &message, err));
    print_event((const void *)message, json);
    protobuf_c_message_free_unpacked(message, NULL);
    return IMI_OK;
}

/* count: 0 = until the call ends. */
static imi_status watch(const watch_options *options, long after, long count, imi_error *err)
{
    Imi__V1__WatchEventsRequest request = IMI__V1__WATCH_EVENTS_REQUEST__INIT;
    request.after_cursor = after;
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    IMI_AUTO(imi_rpc_channel) channel = NULL;
    IMI_AUTO(imi_rpc_stream) stream = NULL;
    IMI_TRY(imictl_connect(&options->connection, &channel, err));
    IMI_TRY(imi_message_pack(&request.base, &bytes, err));
    imi_rpc_request rpc = {.path = "/imi.v1.EventService/WatchEvents"};
    IMI_TRY(imi_rpc_stream_watch(channel, &rpc, imi_buffer_view(&bytes), &stream, err));
    bool ended = false;
    for (long printed = 0; !ended && (count == 0 || printed < count); printed++) {
        IMI_TRY(print_next(stream, options->json, &ended, err));
    }
    return IMI_OK;
}

static int events_watch(int argc, char **argv)
{
    watch_options options = {.after = "0", .count = "0"};
    const imi_cli_option rows[] = {
        {"--after", &options.after, NULL, false, "CURSOR", "only events behind this one [0]"},
        {"--count", &options.count, NULL, false, "N", "end after so many [go on]"},
        {"--json", NULL, &options.json, false, NULL, "print one JSON object a line"},
        IMICTL_CONNECTION_ROWS(options.connection),
    };
    const imi_cli_spec spec = {"imictl events watch", "", 0, rows, sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    long after = 0, count = 0;
    if (!imi_cli_number(options.after, 0, INT64_MAX, &after) ||
        !imi_cli_number(options.count, 0, INT32_MAX, &count)) {
        return imi_cli_misuse(&spec, "--after and --count take whole numbers");
    }
    imi_error error = IMI_ERROR_INIT;
    if (watch(&options, after, count, &error) != IMI_OK) {
        return imictl_fail(&spec, options.json, &error);
    }
    return IMI_EXIT_SUCCESS;
}

int imictl_events(int argc, char **argv)
{
    static const imictl_subcommand commands[] = {
        {"watch", events_watch, "events of all sessions as they happen"},
    };
    return imictl_dispatch("imictl events", commands, sizeof commands / sizeof commands[0], argc,
                           argv);
}
