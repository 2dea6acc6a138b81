#include "rpc/handler.h"

#include "rpc/arena.h"
#include "rpc/message.h"

#include <string.h>

typedef struct unary_job {
    imi_rpc_call *call;
    imi_rpc_message *message;
    const ProtobufCMessageDescriptor *request;
    imi_unary_function function;
} unary_job;

static void unary_job_destroy(unary_job **job)
{
    if (*job != NULL) {
        imi_rpc_message_destroy(&(*job)->message);
        imi_rpc_call_release(&(*job)->call);
        imi_free(*job);
        *job = NULL;
    }
}
IMI_AUTO_DEFINE(unary_job, unary_job_destroy)

static imi_status decode_and_run(const unary_job *job, imi_buffer *response, imi_error *err)
{
    IMI_AUTO_ARENA arena = IMI_ARENA_INIT;
    ProtobufCMessage *request = NULL;
    IMI_TRY(imi_message_decode(job->request, imi_rpc_message_view(job->message), &arena, &request,
                               err));
    const imi_handlers *handlers = imi_rpc_call_user(job->call);
    return job->function(handlers->service, job->call, request, response, err);
}

static void run_unary(void *worker_state, void *argument)
{
    (void)worker_state;
    IMI_AUTO(unary_job) job = argument;
    imi_error error = IMI_ERROR_INIT;
    IMI_AUTO_BUFFER response = IMI_BUFFER_INIT;
    if (imi_rpc_call_is_over(job->call)) {
        return;
    }
    imi_status status = decode_and_run(job, &response, &error);
    if (status != IMI_OK) {
        imi_rpc_call_fail(job->call, status, &error);
    } else if (response.data != NULL) {
        imi_rpc_call_reply(job->call, imi_buffer_view(&response));
    }
}

static imi_status queue_unary(imi_rpc_call *call, const ProtobufCMessageDescriptor *request,
                              imi_unary_function function, imi_error *err)
{
    IMI_AUTO(unary_job) job = imi_alloc(sizeof *job);
    if (job == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a request");
    }
    job->call = imi_rpc_call_acquire(call);
    job->request = request;
    job->function = function;
    IMI_TRY(imi_rpc_call_keep(call, &job->message, err));
    const imi_handlers *handlers = imi_rpc_call_user(call);
    IMI_TRY(imi_pool_submit(handlers->requests, run_unary, job, err));
    job = NULL;
    return IMI_OK;
}

imi_rpc_flow imi_handler_run(imi_rpc_call *call, imi_view message,
                             const ProtobufCMessageDescriptor *request, imi_unary_function function)
{
    (void)message; /* kept, not copied, by the job */
    imi_error error = IMI_ERROR_INIT;
    imi_status status = queue_unary(call, request, function, &error);
    if (status != IMI_OK) {
        imi_rpc_call_fail(call, status, &error);
    }
    return IMI_RPC_PAUSE;
}

imi_status imi_handler_respond(const void *message, imi_buffer *response, imi_error *err)
{
    /* An empty message is an answer too: data must not stay NULL. */
    IMI_TRY(imi_buffer_reserve(response, 1, err));
    return imi_message_encode(message, response, err);
}

void imi_handler_reply(imi_rpc_call *call, const void *message)
{
    imi_error error = IMI_ERROR_INIT;
    IMI_AUTO_BUFFER response = IMI_BUFFER_INIT;
    imi_status status = imi_handler_respond(message, &response, &error);
    if (status == IMI_OK) {
        imi_rpc_call_reply(call, imi_buffer_view(&response));
    } else {
        imi_rpc_call_fail(call, status, &error);
    }
}

imi_status imi_handler_party(imi_rpc_call *call, char name[IMI_STORE_NAME_SIZE], imi_error *err)
{
    if (!imi_rpc_call_peer_name(call, name, IMI_STORE_NAME_SIZE)) {
        IMI_FAIL(err, IMI_E_UNAUTHENTICATED,
                 "this call needs a relying party's TLS client certificate");
    }
    return IMI_OK;
}

imi_status imi_handler_credential(imi_rpc_call *call, char credential[IMI_CREDENTIAL_TEXT_SIZE],
                                  imi_error *err)
{
    static const char scheme[] = "Bearer ";
    const size_t scheme_size = sizeof scheme - 1;
    credential[0] = '\0';
    imi_view value = {NULL, 0};
    if (!imi_rpc_call_metadata(call, "authorization", &value) || value.size <= scheme_size ||
        memcmp(value.data, scheme, scheme_size) != 0) {
        IMI_FAIL(err, IMI_E_UNAUTHENTICATED,
                 "this call needs metadata 'authorization: Bearer CREDENTIAL' from Join");
    }
    imi_view secret = {value.data + scheme_size, value.size - scheme_size};
    if (secret.size >= IMI_CREDENTIAL_TEXT_SIZE || !imi_text_is_clean_utf8(secret)) {
        IMI_FAIL(err, IMI_E_UNAUTHENTICATED, "the credential is not one that Join gave");
    }
    imi_copy(credential, secret.data, secret.size);
    credential[secret.size] = '\0';
    return IMI_OK;
}

imi_view imi_handler_bytes(ProtobufCBinaryData bytes)
{
    return (imi_view){bytes.data, bytes.len};
}
