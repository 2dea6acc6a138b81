/* Options of a server, checked, and gRPC as they want it. */
#include "rpc/pki.h"
#include "rpc/transport/library.h"
#include "rpc/transport/server.h"

#include <grpc/grpc_security.h>

enum { HANDSHAKE_TIMEOUT_MS = 10000 };

static int or_default_ms(int value, int standard)
{
    return value <= 0 ? standard : value;
}

imi_rpc_server_options imi_grpc_server_defaults(const imi_rpc_server_options *given)
{
    imi_rpc_server_options o = *given;
    o.threads = imi_grpc_or_default(o.threads, 2);
    o.max_calls = imi_grpc_or_default(o.max_calls, 1024);
    o.max_streams_per_connection = imi_grpc_or_default(o.max_streams_per_connection, 128);
    o.max_message_bytes = imi_grpc_or_default(o.max_message_bytes, IMI_GRPC_MESSAGE_BYTES);
    o.max_queued_bytes = imi_grpc_or_default(o.max_queued_bytes, 256 << 10);
    o.max_metadata_bytes = imi_grpc_or_default(o.max_metadata_bytes, 16 << 10);
    o.max_memory_bytes = imi_grpc_or_default(o.max_memory_bytes, 256 << 20);
    o.keepalive_ms = or_default_ms(o.keepalive_ms, 30000);
    o.keepalive_timeout_ms = or_default_ms(o.keepalive_timeout_ms, 10000);
    o.min_client_ping_ms = or_default_ms(o.min_client_ping_ms, 10000);
    return o;
}

imi_status imi_grpc_check_server_options(const imi_rpc_server_options *o, imi_error *err)
{
    if (o->address == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a server needs an address");
    }
    if (o->cert_file == NULL || o->key_file == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a server needs a certificate and its key");
    }
    if (o->threads > IMI_GRPC_THREADS_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a server has at most %d threads",
                 IMI_GRPC_THREADS_MAX);
    }
    if (o->max_message_bytes > INT32_MAX || o->max_metadata_bytes > INT32_MAX ||
        o->max_streams_per_connection > INT32_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a limit of the server is too large");
    }
    for (size_t i = 0; i < o->service_count; i++) {
        if (o->services[i].name == NULL || o->services[i].methods == NULL) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "service %zu has no name or no methods", i);
        }
    }
    return IMI_OK;
}

imi_status imi_grpc_server_credentials(const imi_rpc_server_options *o,
                                       grpc_server_credentials **out, imi_error *err)
{
    IMI_AUTO_BUFFER cert = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER key = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER ca = IMI_BUFFER_INIT;
    IMI_TRY(imi_pki_check_pair(o->cert_file, o->key_file, err));
    IMI_TRY(imi_grpc_read_pem(o->cert_file, &cert, err));
    IMI_TRY(imi_grpc_read_pem(o->key_file, &key, err));
    if (o->client_ca_file != NULL) {
        IMI_TRY(imi_grpc_read_pem(o->client_ca_file, &ca, err));
    }
    grpc_ssl_pem_key_cert_pair pair = {(const char *)key.data, (const char *)cert.data};
    grpc_ssl_server_certificate_config *config =
        grpc_ssl_server_certificate_config_create((const char *)ca.data, &pair, 1);
    grpc_ssl_client_certificate_request_type request =
        o->client_ca_file == NULL ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                                  : GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY;
    *out = grpc_ssl_server_credentials_create_with_options(
        grpc_ssl_server_credentials_create_options_using_config(request, config));
    return IMI_OK;
}

grpc_server *imi_grpc_server_create(const imi_rpc_server_options *o)
{
    grpc_resource_quota *quota = grpc_resource_quota_create("imi");
    grpc_resource_quota_resize(quota, o->max_memory_bytes);
    grpc_arg quota_arg = {GRPC_ARG_POINTER,
                          (char *)(uintptr_t)GRPC_ARG_RESOURCE_QUOTA,
                          {.pointer = {quota, grpc_resource_quota_arg_vtable()}}};
    grpc_arg args[] = {
        quota_arg,
        /* Bit 0 alone: no algorithm but identity. */
        imi_grpc_integer_arg(GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET, 1),
        imi_grpc_integer_arg(GRPC_ARG_ALLOW_REUSEPORT, 0),
        imi_grpc_integer_arg(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, (int)o->max_message_bytes),
        imi_grpc_integer_arg(GRPC_ARG_MAX_CONCURRENT_STREAMS, (int)o->max_streams_per_connection),
        imi_grpc_integer_arg(GRPC_ARG_MAX_METADATA_SIZE, (int)o->max_metadata_bytes),
        imi_grpc_integer_arg(GRPC_ARG_KEEPALIVE_TIME_MS, o->keepalive_ms),
        imi_grpc_integer_arg(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, o->keepalive_timeout_ms),
        imi_grpc_integer_arg(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1),
        imi_grpc_integer_arg(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             o->min_client_ping_ms),
        imi_grpc_integer_arg(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, HANDSHAKE_TIMEOUT_MS),
    };
    grpc_channel_args list = {sizeof args / sizeof args[0], args};
    grpc_server *server = grpc_server_create(&list, NULL);
    grpc_resource_quota_unref(quota);
    return server;
}
