/* What handlers ask about their call. */
#include "rpc/transport/bytes.h"
#include "rpc/transport/server.h"

#include <grpc/grpc_security.h>
#include <grpc/support/time.h>

void *imi_rpc_call_user(const imi_rpc_call *call)
{
    return call->route->service == NULL ? NULL : call->route->service->user;
}

const imi_rpc_method *imi_rpc_call_method(const imi_rpc_call *call)
{
    return call->method;
}

void imi_rpc_call_set_state(imi_rpc_call *call, void *state)
{
    call->state = state;
}

void *imi_rpc_call_state(const imi_rpc_call *call)
{
    return call->state;
}

const char *imi_rpc_call_id(const imi_rpc_call *call)
{
    return call->id;
}

bool imi_rpc_call_metadata(const imi_rpc_call *call, const char *key, imi_view *value_out)
{
    return imi_grpc_find_metadata(&call->metadata, key, value_out);
}

/* The one common name of an authenticated peer. */
static bool read_peer_name(const grpc_auth_context *context, char *name, size_t capacity)
{
    if (context == NULL || !grpc_auth_context_peer_is_authenticated(context)) {
        return false;
    }
    grpc_auth_property_iterator each =
        grpc_auth_context_find_properties_by_name(context, GRPC_X509_CN_PROPERTY_NAME);
    const grpc_auth_property *first = grpc_auth_property_iterator_next(&each);
    if (first == NULL || grpc_auth_property_iterator_next(&each) != NULL) {
        return false;
    }
    imi_view value = {(const uint8_t *)first->value, first->value_length};
    if (value.size == 0 || value.size >= capacity || !imi_text_is_clean_utf8(value)) {
        return false;
    }
    imi_copy(name, value.data, value.size);
    name[value.size] = '\0';
    return true;
}

bool imi_rpc_call_peer_name(const imi_rpc_call *call, char *name, size_t capacity)
{
    if (capacity > 0) {
        name[0] = '\0';
    }
    grpc_auth_context *context = grpc_call_auth_context(call->grpc);
    bool known = read_peer_name(context, name, capacity);
    grpc_auth_context_release(context);
    return known;
}

int64_t imi_rpc_call_time_left_ms(const imi_rpc_call *call)
{
    gpr_timespec deadline = gpr_convert_clock_type(call->deadline, GPR_CLOCK_MONOTONIC);
    if (gpr_time_cmp(deadline, gpr_inf_future(GPR_CLOCK_MONOTONIC)) == 0) {
        return INT64_MAX;
    }
    gpr_timespec left = gpr_time_sub(deadline, gpr_now(GPR_CLOCK_MONOTONIC));
    int64_t left_ms = left.tv_sec * 1000 + left.tv_nsec / 1000000;
    return left_ms > 0 ? left_ms : 0;
}

bool imi_rpc_call_is_over(imi_rpc_call *call)
{
    pthread_mutex_lock(&call->mutex);
    bool over = call->is_over;
    pthread_mutex_unlock(&call->mutex);
    return over;
}

imi_status imi_rpc_call_keep(imi_rpc_call *call, imi_rpc_message **out, imi_error *err)
{
    *out = NULL;
    if (call->delivering == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "no message is being delivered");
    }
    *out = IMI_STEAL(&call->delivering);
    return IMI_OK;
}
