/* What handlers say: messages, the end, and why a call failed. */
#include "imi/log.h"
#include "rpc/client.h"
#include "rpc/transport/bytes.h"
#include "rpc/transport/library.h"
#include "rpc/transport/server.h"

#include <stdio.h>
#include <string.h>

_Static_assert((int)IMI_RPC_CODE_UNAUTHENTICATED == (int)GRPC_STATUS_UNAUTHENTICATED &&
                   (int)IMI_RPC_CODE_INTERNAL == (int)GRPC_STATUS_INTERNAL,
               "our codes are those of the wire");

enum { REQUEST_ID_MAX = 64 };

static const char ID_TRAILER[] = "imi-correlation-id";

/* Queue if there is room. One message is always accepted, however large. */
static imi_status enqueue(imi_rpc_call *call, imi_grpc_queued *message, imi_error *err)
{
    if (call->is_over || call->is_finishing) {
        IMI_FAIL(err, IMI_E_CANCELLED, "the call has ended");
    }
    size_t limit = call->worker->server->options.max_queued_bytes;
    if (call->queued_bytes > 0 && call->queued_bytes + message->size > limit) {
        IMI_FAIL(err, IMI_E_EXHAUSTED, "the client reads too slowly");
    }
    *call->last_queued = message;
    call->last_queued = &message->next;
    call->queued_bytes += message->size;
    imi_grpc_flush(call);
    return IMI_OK;
}

imi_status imi_rpc_call_send(imi_rpc_call *call, imi_view bytes, imi_error *err)
{
    imi_grpc_queued *message = imi_alloc(sizeof *message);
    if (message == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a message");
    }
    /* An empty message counts too, or any number of them would fit. */
    message->size = bytes.size + sizeof *message;
    message->buffer = imi_grpc_buffer_of_view(bytes);
    pthread_mutex_lock(&call->mutex);
    imi_status status = enqueue(call, message, err);
    pthread_mutex_unlock(&call->mutex);
    if (status != IMI_OK) {
        imi_grpc_destroy_queued(&message);
    }
    return status;
}

/* Ends the call once; false if it had ended before. The mutex is held. */
static bool begin_finish(imi_rpc_call *call, imi_rpc_code code)
{
    if (call->is_finishing || call->is_over) {
        return false;
    }
    call->is_finishing = true;
    call->code = (grpc_status_code)code;
    return true;
}

void imi_rpc_call_finish(imi_rpc_call *call)
{
    pthread_mutex_lock(&call->mutex);
    if (begin_finish(call, IMI_RPC_CODE_OK)) {
        imi_grpc_flush(call);
    }
    pthread_mutex_unlock(&call->mutex);
}

void imi_rpc_call_reply(imi_rpc_call *call, imi_view message)
{
    imi_error error = IMI_ERROR_INIT;
    imi_status status = imi_rpc_call_send(call, message, &error);
    if (status == IMI_OK) {
        imi_rpc_call_finish(call);
    } else if (status != IMI_E_CANCELLED) {
        imi_rpc_call_fail(call, status, &error);
    }
}

static void add_trailer(imi_rpc_call *call, const char *static_key, const char *value)
{
    grpc_metadata *trailer = &call->trailers[call->trailer_count++];
    trailer->key = grpc_slice_from_static_string(static_key);
    trailer->value = grpc_slice_from_copied_string(value);
}

/* The caller's own name for the request; empty if it gave none that may be written. */
static imi_view request_id(const imi_rpc_call *call)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    imi_view id;
    bool is_good = imi_rpc_call_metadata(call, IMI_RPC_REQUEST_ID_KEY, &id);
    is_good = is_good && id.size <= REQUEST_ID_MAX;
    for (size_t i = 0; is_good && i < id.size; i++) {
        is_good = id.data[i] != '\0' && strchr(allowed, id.data[i]) != NULL;
    }
    return is_good ? id : (imi_view){(const uint8_t *)"", 0};
}

static void log_failure(const imi_rpc_call *call, imi_status status, const imi_error *err)
{
    const char *service = call->route->service == NULL ? "?" : call->route->service->name;
    imi_view request = request_id(call);
    imi_log(imi_rpc_status_is_public(status) ? IMI_LOG_DEBUG : IMI_LOG_WARNING, "rpc",
            "call %s (request \"%.*s\") to %s/%s failed: %s: %s", call->id, (int)request.size,
            (const char *)request.data, service, call->method->name, imi_status_name(status),
            err == NULL ? "" : err->message);
}

void imi_rpc_call_fail(imi_rpc_call *call, imi_status status, const imi_error *err)
{
    status = status == IMI_OK ? IMI_E_INTERNAL : status; /* a failure never looks like success */
    bool shows = imi_rpc_status_is_public(status) && err != NULL && err->message[0] != '\0';
    char text[sizeof err->message + 64];
    snprintf(text, sizeof text, "%s",
             shows ? err->message : "the server could not do this; its log says more");
    pthread_mutex_lock(&call->mutex);
    bool began = begin_finish(call, imi_rpc_code_of_status(status));
    if (began) {
        call->status_text = grpc_slice_from_copied_string(text);
        add_trailer(call, IMI_GRPC_STATUS_TRAILER, imi_status_name(status));
        add_trailer(call, ID_TRAILER, call->id);
        imi_grpc_flush(call);
    }
    pthread_mutex_unlock(&call->mutex);
    if (began) {
        log_failure(call, status, err);
    }
}

void imi_rpc_call_abort(imi_rpc_call *call)
{
    pthread_mutex_lock(&call->mutex);
    call->is_finishing = true;
    call->code = GRPC_STATUS_CANCELLED;
    pthread_mutex_unlock(&call->mutex);
    grpc_call_cancel(call->grpc, NULL);
}
