#include "rpc/gateway/upstream.h"

#include "imi/memory.h"
#include "rpc/arena.h"
#include "rpc/message.h"

#include "grpc/health/v1/health.pb-c.h"
#include "imi/v1/relying_party.pb-c.h"

#include <microhttpd.h>
#include <stdatomic.h>

enum {
    CALL_DEADLINE_MS = 5000,
    CHANNELS = 8 /* a connection each; imid takes 128 calls on one */
};

struct imi_upstream {
    imi_rpc_channel *channels[CHANNELS];
    atomic_uint next;
};

imi_status imi_upstream_new(const char *server, const char *ca_file, imi_upstream **out,
                            imi_error *err)
{
    *out = NULL;
    IMI_AUTO(imi_upstream) fresh = imi_alloc(sizeof *fresh);
    if (fresh == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for channels");
    }
    imi_rpc_channel_options target = {.target = server, .ca_file = ca_file};
    for (int i = 0; i < CHANNELS; i++) {
        IMI_TRY(imi_rpc_channel_new(&target, &fresh->channels[i], err));
    }
    *out = IMI_STEAL(&fresh);
    return IMI_OK;
}

void imi_upstream_destroy(imi_upstream **upstream_pointer)
{
    imi_upstream *upstream = IMI_STEAL(upstream_pointer);
    for (int i = 0; upstream != NULL && i < CHANNELS; i++) {
        imi_rpc_channel_destroy(&upstream->channels[i]);
    }
    imi_free(upstream);
}

imi_rpc_channel *imi_upstream_channel(imi_upstream *upstream)
{
    return upstream->channels[atomic_fetch_add(&upstream->next, 1) % CHANNELS];
}

static imi_status call(imi_upstream *self, const char *path, const char *request_id,
                       const ProtobufCMessage *request, imi_buffer *response, imi_error *err)
{
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    IMI_TRY(imi_message_encode(request, &bytes, err));
    const imi_rpc_metadata metadata = {IMI_RPC_REQUEST_ID_KEY, request_id};
    imi_rpc_request target = {path, CALL_DEADLINE_MS, &metadata, 1};
    return imi_rpc_channel_call(imi_upstream_channel(self), &target, imi_buffer_view(&bytes),
                                response, err);
}

imi_status imi_upstream_fetch_jwks(imi_upstream *upstream, const char *request_id,
                                   imi_document *out, imi_error *err)
{
    Imi__V1__GetJwksRequest request = IMI__V1__GET_JWKS_REQUEST__INIT;
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    IMI_TRY(call(upstream, "/imi.v1.RelyingPartyService/GetJwks", request_id, &request.base, &bytes,
                 err));
    IMI_AUTO_ARENA arena = IMI_ARENA_INIT;
    ProtobufCMessage *decoded = NULL;
    IMI_TRY(imi_message_decode(&imi__v1__get_jwks_response__descriptor, imi_buffer_view(&bytes),
                               &arena, &decoded, err));
    const Imi__V1__GetJwksResponse *response = (const void *)decoded;
    out->status = MHD_HTTP_OK;
    out->type = "application/jwk-set+json";
    out->cache = "public, max-age=300";
    return imi_buffer_append_text(&out->body, response->jwks_json, err);
}

imi_status imi_upstream_fetch_health(imi_upstream *upstream, const char *request_id,
                                     imi_document *out, imi_error *err)
{
    Grpc__Health__V1__HealthCheckRequest request = GRPC__HEALTH__V1__HEALTH_CHECK_REQUEST__INIT;
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    IMI_TRY(call(upstream, "/grpc.health.v1.Health/Check", request_id, &request.base, &bytes, err));
    IMI_AUTO_ARENA arena = IMI_ARENA_INIT;
    ProtobufCMessage *decoded = NULL;
    IMI_TRY(imi_message_decode(&grpc__health__v1__health_check_response__descriptor,
                               imi_buffer_view(&bytes), &arena, &decoded, err));
    const Grpc__Health__V1__HealthCheckResponse *response = (const void *)decoded;
    bool serving =
        response->status == GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING;
    imi_document_set_text(out, serving ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE,
                          serving ? "serving\n" : "draining\n");
    return IMI_OK;
}
