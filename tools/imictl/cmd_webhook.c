/* imictl webhook: calls that did not get through, and checking one that did. */
#include "imictl.h"

#include "imi/clock.h"
#include "imi/v1/event.pb-c.h"
#include "imi/webhook_signature.h"
#include "message_json.h"
#include "plain_words.h"

#include <stdio.h>

enum { BODY_MAX = 1 << 20 };

/* ---- list ---- */

static void print_deliveries(const Imi__V1__ListDeliveriesResponse *answer)
{
    for (size_t i = 0; i < answer->n_deliveries; i++) {
        const Imi__V1__Delivery *call = answer->deliveries[i];
        bool dead = call->state == IMI__V1__DELIVERY_STATE__DELIVERY_STATE_DEAD;
        printf("%s  %s  %s of %s\n", call->delivery_id, dead ? "dead" : "waits", call->kind,
               call->session_id);
        printf("  tried %u times, last %s; next %s\n", call->attempts,
               call->last_error[0] == '\0' ? "without an end" : call->last_error,
               dead ? "never" : plain_time(call->next_attempt_ms).text);
    }
    if (answer->n_deliveries == 0) {
        printf("nothing waits and nothing was given up\n");
    }
}

static int webhook_list(int argc, char **argv)
{
    imi_connection_options connection = {.server = NULL};
    bool dead = false, json = false;
    const imi_cli_option rows[] = {
        {"--dead", NULL, &dead, false, NULL, "only those that were given up"},
        IMICTL_JSON_ROW(json),
        IMICTL_CONNECTION_ROWS(connection),
    };
    const imi_cli_spec spec = {"imictl webhook list", "", 0, rows, sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    Imi__V1__ListDeliveriesRequest request = IMI__V1__LIST_DELIVERIES_REQUEST__INIT;
    if (dead) {
        request.state = IMI__V1__DELIVERY_STATE__DELIVERY_STATE_DEAD;
    }
    imi_error error = IMI_ERROR_INIT;
    ProtobufCMessage *answer = NULL;
    if (imictl_ask(&connection, "/imi.v1.EventService/ListDeliveries", &request.base,
                   &imi__v1__list_deliveries_response__descriptor, &answer, &error) != IMI_OK) {
        return imictl_fail(&spec, json, &error);
    }
    if (json) {
        imictl_print_json(imictl_message_json(answer));
    } else {
        print_deliveries((const void *)answer);
    }
    protobuf_c_message_free_unpacked(answer, NULL);
    return IMI_EXIT_SUCCESS;
}

/* ---- replay ---- */

static int webhook_replay(int argc, char **argv)
{
    imi_connection_options connection = {.server = NULL};
    const char *id = "";
    bool json = false;
    const imi_cli_option rows[] = {
        {"--id", &id, NULL, false, "ID", "one of them, dead or done [all dead ones]"},
        IMICTL_JSON_ROW(json),
        IMICTL_CONNECTION_ROWS(connection),
    };
    const imi_cli_spec spec = {"imictl webhook replay", "", 0, rows, sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    Imi__V1__ReplayDeliveriesRequest request = IMI__V1__REPLAY_DELIVERIES_REQUEST__INIT;
    request.delivery_id = (char *)id;
    imi_error error = IMI_ERROR_INIT;
    ProtobufCMessage *answer = NULL;
    if (imictl_ask(&connection, "/imi.v1.EventService/ReplayDeliveries", &request.base,
                   &imi__v1__replay_deliveries_response__descriptor, &answer, &error) != IMI_OK) {
        return imictl_fail(&spec, json, &error);
    }
    if (json) {
        imictl_print_json(imictl_message_json(answer));
    } else {
        printf("%u will be sent again\n",
               ((const Imi__V1__ReplayDeliveriesResponse *)(const void *)answer)->replayed);
    }
    protobuf_c_message_free_unpacked(answer, NULL);
    return IMI_EXIT_SUCCESS;
}

/* ---- verify ---- */

typedef struct verify_options {
    imi_webhook_call call;
    const char *secret, *body, *at;
} verify_options;

static imi_status verify(verify_options *options, int64_t now_s, imi_error *err)
{
    imi_webhook_secrets secrets;
    IMI_AUTO_BUFFER body = IMI_BUFFER_INIT;
    IMI_TRY(imi_file_read(options->body, BODY_MAX, &body, err));
    IMI_TRY(imi_webhook_secrets_read(options->secret, &secrets, err));
    options->call.body = imi_buffer_view(&body);
    imi_status status = imi_webhook_verify(&secrets, &options->call, now_s, err);
    imi_wipe(&secrets, sizeof secrets);
    return status;
}

static int webhook_verify(int argc, char **argv)
{
    verify_options options = {.body = "/dev/stdin"};
    const imi_cli_option rows[] = {
        {"--secret", &options.secret, NULL, true, "FILE", "private file with the whsec_ secret"},
        {"--id", &options.call.id, NULL, true, "TEXT", "header webhook-id"},
        {"--timestamp", &options.call.timestamp, NULL, true, "TEXT", "header webhook-timestamp"},
        {"--signature", &options.call.signature, NULL, true, "TEXT", "header webhook-signature"},
        {"--body", &options.body, NULL, false, "FILE", "body as it came [standard input]"},
        {"--at", &options.at, NULL, false, "SECONDS", "as if it were then, since 1970 [now]"},
    };
    const imi_cli_spec spec = {"imictl webhook verify", "", 0, rows, sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    long at_s = (long)(imi_clock_system()->unix_ms(imi_clock_system()) / 1000);
    if (!imi_cli_number(options.at, 0, UINT32_MAX, &at_s)) {
        return imi_cli_misuse(&spec, "--at takes seconds since 1970");
    }
    imi_error error = IMI_ERROR_INIT;
    imi_status status = verify(&options, at_s, &error);
    if (status == IMI_E_UNAUTHENTICATED || status == IMI_E_DEADLINE) {
        printf("not right: %s\n", error.message);
        return IMI_EXIT_NEGATIVE;
    }
    if (status != IMI_OK) {
        return imictl_fail(&spec, false, &error);
    }
    printf("right\n");
    return IMI_EXIT_SUCCESS;
}

int imictl_webhook(int argc, char **argv)
{
    static const imictl_subcommand commands[] = {
        {"list", webhook_list, "calls that wait or were given up"},
        {"replay", webhook_replay, "send them again"},
        {"verify", webhook_verify, "check a call that was received"},
    };
    return imictl_dispatch("imictl webhook", commands, sizeof commands / sizeof commands[0], argc,
                           argv);
}
