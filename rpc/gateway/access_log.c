#include "rpc/gateway/access_log.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

/* The name of a method is the client's text; only known ones are repeated. */
static const char *known_method(const char *method)
{
    static const char *const known[] = {"GET", "HEAD", "POST", "OPTIONS"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(method, known[i]) == 0) {
            return known[i];
        }
    }
    return "OTHER";
}

imi_status imi_access_format(const imi_access *access, imi_buffer *out, imi_error *err)
{
    time_t seconds = (time_t)(access->at_ms / 1000);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    char when[32];
    strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &utc);
    char network[IMI_ADDRESS_PREFIX_SIZE];
    imi_client_address_prefix(&access->client, network);
    IMI_TRY(imi_buffer_printf(
        out, err,
        "{\"time\":\"%s.%03dZ\",\"topic\":\"access\",\"request\":\"%s\",\"method\":\"%s\","
        "\"route\":\"%s\",\"status\":%u,\"bytes_in\":%" PRIu64 ",\"bytes_out\":%" PRIu64
        ",\"ms\":%" PRId64 ",\"network\":\"%s\"",
        when, (int)(access->at_ms % 1000), access->request_id, known_method(access->method),
        access->route, access->status, access->bytes_in, access->bytes_out, access->took_ms,
        network));
    if (access->grpc_code >= 0) {
        IMI_TRY(imi_buffer_printf(out, err, ",\"grpc\":%d", access->grpc_code));
    }
    return imi_buffer_append_text(out, "}\n", err);
}
