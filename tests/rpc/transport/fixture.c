#include "fixture.h"

#include "imi/log.h"

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

/* c-ares keeps 10 bytes when it has looked up "localhost"; not ours to free. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libcares";
}

/* ---- handlers ---- */

static probe *probe_of(imi_rpc_call *call)
{
    return imi_rpc_call_user(call);
}

static void count_open(imi_rpc_call *call)
{
    probe_of(call)->opened++;
    probe_of(call)->time_left_ms = imi_rpc_call_time_left_ms(call);
}

/* Chat's state is the thread that opened the call; no other may run its callbacks. */
static void note_thread(imi_rpc_call *call)
{
    count_open(call);
    imi_rpc_call_set_state(call, (void *)pthread_self());
}

static void check_thread(imi_rpc_call *call)
{
    if (imi_rpc_call_state(call) != (void *)pthread_self()) {
        probe_of(call)->thread_changes++;
    }
}

static void count_closed(imi_rpc_call *call, bool cancelled)
{
    probe *p = probe_of(call);
    if (cancelled) {
        p->cancelled++;
    }
    p->closed++;
}

static imi_rpc_flow echo(imi_rpc_call *call, imi_view message)
{
    probe_of(call)->messages++;
    imi_rpc_call_reply(call, message);
    return IMI_RPC_CONTINUE;
}

static imi_rpc_flow fail_as_told(imi_rpc_call *call, imi_view message)
{
    imi_error error = IMI_ERROR_INIT;
    for (int status = -1; status > -1000; status--) {
        if (imi_view_equal(imi_view_of_text(imi_status_name((imi_status)status)), message)) {
            imi_rpc_call_fail(call,
                              imi_error_set(&error, (imi_status)status, 0, __FILE__, __LINE__,
                                            "detail of the failure"),
                              &error);
            return IMI_RPC_PAUSE;
        }
    }
    imi_rpc_call_fail(call, IMI_OK, NULL);
    return IMI_RPC_PAUSE;
}

static imi_rpc_flow who(imi_rpc_call *call, imi_view message)
{
    (void)message;
    char name[128];
    char text[256];
    imi_view note;
    imi_rpc_call_metadata(call, "x-note", &note);
    imi_rpc_call_peer_name(call, name, sizeof name);
    snprintf(text, sizeof text, "%s|%.*s", name, (int)note.size, (const char *)note.data);
    imi_rpc_call_reply(call, imi_view_of_text(text));
    return IMI_RPC_CONTINUE;
}

static imi_rpc_flow hold(imi_rpc_call *call, imi_view message)
{
    (void)message;
    probe *p = probe_of(call);
    pthread_mutex_lock(&p->mutex);
    if (p->held_count < sizeof p->held / sizeof p->held[0]) {
        p->held[p->held_count++] = imi_rpc_call_acquire(call);
    }
    pthread_mutex_unlock(&p->mutex);
    p->messages++;
    return IMI_RPC_PAUSE;
}

static imi_rpc_flow count_message(imi_rpc_call *call, imi_view message)
{
    (void)message;
    imi_rpc_call_set_state(call, (char *)imi_rpc_call_state(call) + 1);
    probe_of(call)->messages++;
    return IMI_RPC_CONTINUE;
}

static void answer_count(imi_rpc_call *call)
{
    char text[32];
    snprintf(text, sizeof text, "%zu", (size_t)(uintptr_t)imi_rpc_call_state(call));
    probe_of(call)->half_closed++;
    imi_rpc_call_reply(call, imi_view_of_text(text));
}

static imi_rpc_flow chat(imi_rpc_call *call, imi_view message)
{
    imi_error error = IMI_ERROR_INIT;
    probe_of(call)->messages++;
    check_thread(call);
    if (imi_rpc_call_send(call, message, &error) != IMI_OK) {
        probe_of(call)->exhausted++;
        imi_rpc_call_fail(call, error.status, &error);
        return IMI_RPC_PAUSE;
    }
    return IMI_RPC_CONTINUE;
}

static void close_chat(imi_rpc_call *call, bool cancelled)
{
    check_thread(call);
    imi_rpc_call_set_state(call, NULL); /* a message after this would be seen as a change */
    count_closed(call, cancelled);
}

static void end_chat(imi_rpc_call *call)
{
    probe_of(call)->half_closed++;
    imi_rpc_call_finish(call);
}

static imi_rpc_flow pause_reading(imi_rpc_call *call, imi_view message)
{
    (void)message;
    probe *p = probe_of(call);
    pthread_mutex_lock(&p->mutex);
    if (p->paused == NULL) {
        p->paused = imi_rpc_call_acquire(call);
    }
    pthread_mutex_unlock(&p->mutex);
    /* Counted last: a test that sees the message may resume at once. */
    return p->messages++ == 0 ? IMI_RPC_PAUSE : IMI_RPC_CONTINUE;
}

/* Fill the queue; writable() calls again when there is room. */
static void flood_more(imi_rpc_call *call)
{
    static const uint8_t block[1024] = {0};
    probe *p = probe_of(call);
    while (imi_rpc_call_send(call, (imi_view){block, sizeof block}, NULL) == IMI_OK) {
        p->flooded_bytes += sizeof block;
    }
    p->exhausted++;
}

static imi_rpc_flow flood(imi_rpc_call *call, imi_view message)
{
    (void)message;
    flood_more(call);
    return IMI_RPC_PAUSE;
}

static imi_rpc_flow tick(imi_rpc_call *call, imi_view message)
{
    char text[16] = "";
    imi_copy(text, message.data, message.size < 15 ? message.size : 15);
    for (int i = 0; i < atoi(text); i++) {
        uint8_t value = (uint8_t)i;
        if (imi_rpc_call_send(call, (imi_view){&value, 1}, NULL) != IMI_OK) {
            break;
        }
    }
    imi_rpc_call_finish(call);
    return IMI_RPC_PAUSE;
}

/* One message of news, and none after it. */
static imi_rpc_flow await_news(imi_rpc_call *call, imi_view message)
{
    if (imi_rpc_call_send(call, message, NULL) == IMI_OK) {
        probe_of(call)->messages++;
    }
    return IMI_RPC_PAUSE;
}

static const imi_rpc_method methods[] = {
    {.name = "Echo", .open = count_open, .message = echo, .closed = count_closed},
    {.name = "Fail", .open = count_open, .message = fail_as_told, .closed = count_closed},
    {.name = "Who", .open = count_open, .message = who, .closed = count_closed},
    {.name = "Hold", .open = count_open, .message = hold, .closed = count_closed},
    {.name = "Count",
     .client_streams = true,
     .open = count_open,
     .message = count_message,
     .half_close = answer_count,
     .closed = count_closed},
    {.name = "Chat",
     .client_streams = true,
     .server_streams = true,
     .open = note_thread,
     .message = chat,
     .half_close = end_chat,
     .closed = close_chat},
    {.name = "Pause",
     .client_streams = true,
     .server_streams = true,
     .open = count_open,
     .message = pause_reading,
     .half_close = end_chat,
     .closed = count_closed},
    {.name = "Flood",
     .server_streams = true,
     .open = count_open,
     .message = flood,
     .writable = flood_more,
     .closed = count_closed},
    {.name = "Tick",
     .server_streams = true,
     .open = count_open,
     .message = tick,
     .closed = count_closed},
    {.name = "Await",
     .server_streams = true,
     .ends_on_drain = true,
     .open = count_open,
     .message = await_news,
     .closed = count_closed},
};

static void note_drain(void *user)
{
    probe *p = user;
    p->drained++;
}

/* ---- the fixture ---- */

void fixture_init(fixture *f)
{
    *f = (fixture){.folder = "/tmp/imi-rpc-test-XXXXXX"};
    imi_log_set_level(getenv("IMI_TEST_LOG") == NULL ? IMI_LOG_OFF : IMI_LOG_DEBUG);
    f->blocks_before = imi_alloc_live_blocks();
    assert_non_null(mkdtemp(f->folder));
    assert_ok(imi_pki_ensure(f->folder, NULL, 0, &f->pki, err));
    pthread_mutex_init(&f->probe.mutex, NULL);
    f->service = (imi_rpc_service){.name = "imi.test.Probe",
                                   .methods = methods,
                                   .method_count = sizeof methods / sizeof methods[0],
                                   .user = &f->probe,
                                   .drain = note_drain};
    f->options = (imi_rpc_server_options){.address = "127.0.0.1:0",
                                          .cert_file = f->pki.server_cert,
                                          .key_file = f->pki.server_key,
                                          .client_ca_file = f->pki.ca_cert,
                                          .services = &f->service,
                                          .service_count = 1};
}

imi_rpc_channel *fixture_channel(const fixture *f, const char *ca, const char *cert,
                                 const char *key)
{
    imi_rpc_channel *channel = NULL;
    imi_rpc_channel_options options = {
        .target = f->target, .ca_file = ca, .cert_file = cert, .key_file = key};
    assert_ok(imi_rpc_channel_new(&options, &channel, err));
    return channel;
}

void fixture_start(fixture *f)
{
    assert_ok(imi_rpc_server_new(&f->options, &f->server, err));
    snprintf(f->target, sizeof f->target, "127.0.0.1:%d", imi_rpc_server_port(f->server));
    f->channel = fixture_channel(f, f->pki.ca_cert, NULL, NULL);
}

static void remove_folder(const char *folder)
{
    const char *const argv[] = {"/bin/rm", "-rf", folder, NULL};
    assert_int_equal(run_program(argv), 0);
}

void fixture_clean_up(fixture *f)
{
    fixture_release_held(f);
    fixture_resume(f);
    imi_rpc_channel_destroy(&f->channel);
    imi_rpc_server_destroy(&f->server);
    pthread_mutex_destroy(&f->probe.mutex);
    remove_folder(f->folder);
    assert_int_equal(f->probe.opened, f->probe.closed);
    assert_int_equal(imi_alloc_live_blocks(), f->blocks_before);
}

static imi_rpc_call *take_held(probe *p)
{
    pthread_mutex_lock(&p->mutex);
    imi_rpc_call *call = NULL;
    if (p->held_count > 0) {
        p->held_count--;
        call = IMI_STEAL(&p->held[p->held_count]);
    }
    pthread_mutex_unlock(&p->mutex);
    return call;
}

void fixture_release_held(fixture *f)
{
    for (imi_rpc_call *call = take_held(&f->probe); call != NULL; call = take_held(&f->probe)) {
        imi_rpc_call_reply(call, imi_view_of_text("released"));
        imi_rpc_call_release(&call);
    }
}

void fixture_resume(fixture *f)
{
    pthread_mutex_lock(&f->probe.mutex);
    imi_rpc_call *paused = IMI_STEAL(&f->probe.paused);
    pthread_mutex_unlock(&f->probe.mutex);
    if (paused != NULL) {
        imi_rpc_call_resume(paused);
        imi_rpc_call_release(&paused);
    }
}

/* ---- helpers ---- */

imi_rpc_request probe_request(const char *method, int64_t deadline_ms)
{
    static _Thread_local char path[64];
    snprintf(path, sizeof path, "/imi.test.Probe/%s", method);
    return (imi_rpc_request){.path = path, .deadline_ms = deadline_ms};
}

imi_status probe_call(fixture *f, const char *method, const char *text, imi_buffer *response,
                      imi_error *err)
{
    imi_rpc_request request = probe_request(method, WAIT_MS);
    return imi_rpc_channel_call(f->channel, &request, imi_view_of_text(text), response, err);
}

bool wait_for_no_calls(const fixture *f)
{
    for (int waited = 0; imi_rpc_server_live_calls(f->server) > 0; waited += 2) {
        if (waited >= WAIT_MS) {
            return false;
        }
        sleep_ms(2);
    }
    return true;
}

int setup_only(void **state)
{
    static fixture f;
    fixture_init(&f);
    *state = &f;
    return 0;
}

int setup_started(void **state)
{
    setup_only(state);
    fixture_start(*state);
    return 0;
}

int teardown_fixture(void **state)
{
    fixture_clean_up(*state);
    return 0;
}

long long wait_until_still(atomic_llong *value)
{
    long long before = atomic_load(value);
    for (int round = 0; round < 33; round++) {
        sleep_ms(300);
        long long now = atomic_load(value);
        if (now == before) {
            break;
        }
        before = now;
    }
    return before;
}

void sleep_ms(int ms)
{
    struct timespec time = {ms / 1000, (long)(ms % 1000) * 1000000};
    nanosleep(&time, NULL);
}

bool wait_for(atomic_int *value, int wanted)
{
    for (int waited = 0; atomic_load(value) < wanted; waited += 2) {
        if (waited >= WAIT_MS) {
            return false;
        }
        sleep_ms(2);
    }
    return true;
}

long resident_kib(void)
{
    long total = 0;
    long resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%ld %ld", &total, &resident), 2);
    fclose(file);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

int run_program(const char *const argv[])
{
    pid_t pid = 0;
    int status = -1;
    fflush(NULL);
    assert_int_equal(
        posix_spawn(&pid, argv[0], NULL, NULL, (char *const *)(uintptr_t)argv, environ), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
