#include "rpc/transport/library.h"

#include "imi/log.h"

#include <grpc/support/log.h>
#include <pthread.h>
#include <stdatomic.h>

static pthread_once_t g_once = PTHREAD_ONCE_INIT;
static atomic_bool g_forked;

static void mark_forked(void)
{
    atomic_store(&g_forked, true);
}

static void log_from_grpc(gpr_log_func_args *args)
{
    imi_log_level level =
        args->severity == GPR_LOG_SEVERITY_ERROR ? IMI_LOG_WARNING : IMI_LOG_DEBUG;
    imi_log(level, "grpc", "%s", args->message);
}

static void prepare_once(void)
{
    gpr_set_log_function(log_from_grpc);
    pthread_atfork(NULL, NULL, mark_forked);
}

bool imi_grpc_is_forked(void)
{
    return atomic_load(&g_forked);
}

/* The threads behind gRPC exist in the parent only: a forked child would wait for ever. */
imi_status imi_grpc_refuse_forked(imi_error *err)
{
    if (imi_grpc_is_forked()) {
        IMI_FAIL(err, IMI_E_UNSUPPORTED,
                 "this process was forked after RPC had started; start a new program instead");
    }
    return IMI_OK;
}

imi_status imi_grpc_start(imi_error *err)
{
    IMI_TRY(imi_grpc_refuse_forked(err));
    pthread_once(&g_once, prepare_once);
    grpc_init();
    return IMI_OK;
}

void imi_grpc_stop(void)
{
    grpc_shutdown_blocking();
}

enum { PEM_LIMIT = 1 << 20 };

imi_status imi_grpc_read_pem(const char *path, imi_buffer *out, imi_error *err)
{
    IMI_TRY(imi_file_read(path, PEM_LIMIT, out, err));
    return imi_buffer_terminate(out, err);
}

grpc_arg imi_grpc_integer_arg(const char *key, int value)
{
    return (grpc_arg){GRPC_ARG_INTEGER, (char *)(uintptr_t)key, {.integer = value}};
}

size_t imi_grpc_or_default(size_t value, size_t standard)
{
    return value == 0 ? standard : value;
}
