/* Connections of clients. */
#include "rpc/pki.h"
#include "rpc/transport/client_call.h"
#include "rpc/transport/library.h"

#include <grpc/grpc_security.h>

static imi_status make_channel_credentials(const imi_rpc_channel_options *o,
                                           grpc_channel_credentials **out, imi_error *err)
{
    IMI_AUTO_BUFFER ca = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER cert = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER key = IMI_BUFFER_INIT;
    IMI_TRY(imi_grpc_read_pem(o->ca_file, &ca, err));
    if (o->cert_file != NULL) {
        IMI_TRY(imi_pki_check_pair(o->cert_file, o->key_file, err));
        IMI_TRY(imi_grpc_read_pem(o->cert_file, &cert, err));
        IMI_TRY(imi_grpc_read_pem(o->key_file, &key, err));
    }
    grpc_ssl_pem_key_cert_pair pair = {(const char *)key.data, (const char *)cert.data};
    *out = grpc_ssl_credentials_create((const char *)ca.data, o->cert_file == NULL ? NULL : &pair,
                                       NULL, NULL);
    if (*out == NULL) {
        IMI_FAIL(err, IMI_E_KEY, "gRPC cannot use the certificates of the channel");
    }
    return IMI_OK;
}

static grpc_channel *create_grpc_channel(const imi_rpc_channel_options *o,
                                         grpc_channel_credentials *credentials)
{
    grpc_arg args[] = {
        imi_grpc_integer_arg(GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET, 1),
        imi_grpc_integer_arg(
            GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH,
            (int)imi_grpc_or_default(o->max_message_bytes, IMI_GRPC_MESSAGE_BYTES)),
        /* A connection of its own, as the phone that it stands for would have. */
        imi_grpc_integer_arg(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1),
        /* No retry behind the caller's back, no proxy from the environment. */
        imi_grpc_integer_arg(GRPC_ARG_ENABLE_RETRIES, 0),
        imi_grpc_integer_arg(GRPC_ARG_ENABLE_HTTP_PROXY, 0),
        imi_grpc_integer_arg(GRPC_ARG_KEEPALIVE_TIME_MS, 30000),
        imi_grpc_integer_arg(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10000),
        imi_grpc_integer_arg(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200),
        imi_grpc_integer_arg(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000),
    };
    grpc_channel_args list = {sizeof args / sizeof args[0], args};
    return grpc_channel_create(o->target, credentials, &list);
}

imi_status imi_rpc_channel_new(const imi_rpc_channel_options *options, imi_rpc_channel **out,
                               imi_error *err)
{
    *out = NULL;
    if (options->target == NULL || options->ca_file == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a channel needs a target and a CA file");
    }
    if ((options->cert_file == NULL) != (options->key_file == NULL)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a client certificate and its key go together");
    }
    if (options->max_message_bytes > INT32_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the message limit is too large");
    }
    IMI_TRY(imi_grpc_start(err));
    imi_rpc_channel *channel = imi_alloc(sizeof *channel);
    grpc_channel_credentials *credentials = NULL;
    imi_status status = channel == NULL ? imi_error_set(err, IMI_E_NO_MEMORY, 0, __FILE__, __LINE__,
                                                        "no memory for a channel")
                                        : make_channel_credentials(options, &credentials, err);
    if (status != IMI_OK) {
        imi_free(channel);
        imi_grpc_stop();
        return status;
    }
    channel->grpc = create_grpc_channel(options, credentials);
    grpc_channel_credentials_release(credentials);
    *out = channel;
    return IMI_OK;
}

void imi_rpc_channel_destroy(imi_rpc_channel **channel_pointer)
{
    imi_rpc_channel *channel = channel_pointer == NULL ? NULL : IMI_STEAL(channel_pointer);
    if (channel != NULL && !imi_grpc_is_forked()) {
        grpc_channel_destroy(channel->grpc);
        imi_free(channel);
        imi_grpc_stop();
    }
}
