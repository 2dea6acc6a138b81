#include "rpc_bench.h"

#include "cli.h"
#include "client/connection.h"
#include "client/latency.h"
#include "imi/log.h"
#include "imi/memory.h"
#include "rpc/client.h"
#include "rpc/handle_health.h"
#include "rpc/pki.h"
#include "rpc/transport.h"

#include <ftw.h>
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { THREADS_MAX = 64, WARM_UP = 50 };

static const char health_check[] = "/grpc.health.v1.Health/Check";

typedef struct rpc_bench {
    const char *server, *ca, *threads, *seconds;
    long thread_count, second_count;
    bool json;
    char folder[64]; /* of the server in this process; "" when another is measured */
    imi_pki pki;
    imi_health *health;
    imi_rpc_service service; /* the server reads it as long as it lives */
    imi_rpc_server *own;
    char target[IMI_CONNECTION_PATH_SIZE];
    char ca_file[IMI_CONNECTION_PATH_SIZE];
} rpc_bench;

typedef struct caller {
    rpc_bench *bench;
    pthread_t thread;
    imi_rpc_channel *channel;
    imi_latency us10; /* tenths of a microsecond */
    double seconds;
    imi_status status;
    imi_error error;
} caller;

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* A server of our own with nothing but the health service. */
static imi_status start_own(rpc_bench *self, imi_error *err)
{
    imi_copy_text(self->folder, sizeof self->folder, "/tmp/imi-bench.XXXXXX");
    if (mkdtemp(self->folder) == NULL) {
        self->folder[0] = '\0';
        IMI_FAIL(err, IMI_E_IO, "cannot make a folder in /tmp");
    }
    IMI_TRY(imi_pki_ensure(self->folder, NULL, 0, &self->pki, err));
    IMI_TRY(imi_health_new(NULL, 0, &self->health, err));
    imi_health_set(self->health, NULL, true);
    self->service = imi_health_service(self->health);
    imi_rpc_server_options options = {
        .address = "127.0.0.1:0",
        .cert_file = self->pki.server_cert,
        .key_file = self->pki.server_key,
        .services = &self->service,
        .service_count = 1,
    };
    IMI_TRY(imi_rpc_server_new(&options, &self->own, err));
    snprintf(self->target, sizeof self->target, "localhost:%d", imi_rpc_server_port(self->own));
    imi_copy_text(self->ca_file, sizeof self->ca_file, self->pki.ca_cert);
    return IMI_OK;
}

static imi_status prepare(rpc_bench *self, imi_error *err)
{
    if (self->server == NULL) {
        return start_own(self, err);
    }
    if (self->ca == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "--server needs --ca");
    }
    imi_copy_text(self->target, sizeof self->target, self->server);
    imi_copy_text(self->ca_file, sizeof self->ca_file, self->ca);
    return IMI_OK;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)info;
    (void)kind;
    (void)place;
    return remove(path);
}

static void clean_up(rpc_bench *self)
{
    imi_rpc_server_destroy(&self->own);
    imi_health_destroy(&self->health);
    if (self->folder[0] != '\0') {
        nftw(self->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    }
}

static imi_status call_once(caller *self, imi_error *err)
{
    imi_rpc_request request = {.path = health_check};
    IMI_AUTO_BUFFER response = IMI_BUFFER_INIT;
    int64_t start_ns = now_ns();
    /* The empty message asks for the server as a whole. */
    IMI_TRY(imi_rpc_channel_call(self->channel, &request, (imi_view){NULL, 0}, &response, err));
    imi_latency_add(&self->us10, (now_ns() - start_ns) / 100);
    return IMI_OK;
}

static imi_status call_many(caller *self, imi_error *err)
{
    for (int i = 0; i < WARM_UP; i++) {
        IMI_TRY(call_once(self, err));
    }
    self->us10 = (imi_latency){.count = 0};
    int64_t start_ns = now_ns();
    int64_t end_ns = start_ns + self->bench->second_count * 1000000000;
    while (now_ns() < end_ns) {
        IMI_TRY(call_once(self, err));
    }
    self->seconds = (double)(now_ns() - start_ns) / 1e9;
    return IMI_OK;
}

static void *run_caller(void *argument)
{
    caller *self = argument;
    self->status = call_many(self, &self->error);
    return NULL;
}

/* count callers at once, each with a connection of its own. */
static imi_status measure(rpc_bench *self, size_t count, imi_latency *us10_out, double *per_s_out,
                          imi_error *err)
{
    static caller callers[THREADS_MAX];
    imi_rpc_channel_options options = {.target = self->target, .ca_file = self->ca_file};
    imi_status status = IMI_OK;
    size_t started = 0;
    *us10_out = (imi_latency){.count = 0};
    *per_s_out = 0;
    for (size_t i = 0; i < count && status == IMI_OK; i++) {
        callers[i] = (caller){.bench = self};
        status = imi_rpc_channel_new(&options, &callers[i].channel, err);
        if (status == IMI_OK &&
            pthread_create(&callers[i].thread, NULL, run_caller, &callers[i]) == 0) {
            started++;
        }
    }
    for (size_t i = 0; i < started; i++) {
        pthread_join(callers[i].thread, NULL);
        imi_latency_merge(us10_out, &callers[i].us10);
        *per_s_out += (double)callers[i].us10.count / callers[i].seconds;
        if (callers[i].status != IMI_OK) {
            status = callers[i].status;
            *err = callers[i].error;
        }
        imi_rpc_channel_destroy(&callers[i].channel);
    }
    return status;
}

static double us(const imi_latency *us10, double share)
{
    return (double)imi_latency_percentile(us10, share) / 10;
}

static void print_row(const rpc_bench *self, size_t threads, const imi_latency *us10, double per_s)
{
    if (self->json) {
        json_t *object = json_pack("{s:i, s:f, s:f, s:f}", "threads", (int)threads, "p50_us",
                                   us(us10, 0.5), "p99_us", us(us10, 0.99), "calls_per_s", per_s);
        json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(7));
        putchar('\n');
        json_decref(object);
    } else {
        printf("%8zu %12.1f %12.1f %14.0f\n", threads, us(us10, 0.5), us(us10, 0.99), per_s);
    }
    fflush(stdout);
}

static imi_status run(rpc_bench *self, imi_error *err)
{
    static imi_latency us10;
    IMI_TRY(prepare(self, err));
    if (!self->json) {
        printf("Health check over TLS, %s\n\n%8s %12s %12s %14s\n",
               self->own != NULL ? "server in this process" : self->target, "callers", "p50 us",
               "p99 us", "calls/s");
    }
    const size_t counts[] = {1, (size_t)self->thread_count};
    size_t steps = self->thread_count > 1 ? 2 : 1;
    for (size_t i = 0; i < steps; i++) {
        double per_s = 0;
        IMI_TRY(measure(self, counts[i], &us10, &per_s, err));
        print_row(self, counts[i], &us10, per_s);
    }
    return IMI_OK;
}

int imi_bench_rpc(int argc, char **argv)
{
    static rpc_bench self = {.thread_count = 8, .second_count = 3};
    const imi_cli_option rows[] = {
        {"--server", &self.server, NULL, false, "HOST:PORT", "measure this [one in this process]"},
        {"--ca", &self.ca, NULL, false, "FILE", "who signed its certificate"},
        {"--threads", &self.threads, NULL, false, "N", "callers at once [8]"},
        {"--seconds", &self.seconds, NULL, false, "N", "length of each measurement [3]"},
        {"--json", NULL, &self.json, false, NULL, "print one JSON object a line"},
    };
    const imi_cli_spec spec = {"imi-bench rpc", "", 0, rows, sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    if (!imi_cli_number(self.threads, 1, THREADS_MAX, &self.thread_count) ||
        !imi_cli_number(self.seconds, 1, 3600, &self.second_count)) {
        return imi_cli_misuse(&spec, "--threads takes 1 to %d, --seconds 1 to 3600", THREADS_MAX);
    }
    imi_log_set_level(IMI_LOG_ERROR);
    imi_error error = IMI_ERROR_INIT;
    imi_status status = run(&self, &error);
    clean_up(&self);
    return status == IMI_OK ? IMI_EXIT_SUCCESS : imi_cli_fail(&spec, &error);
}
