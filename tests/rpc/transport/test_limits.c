/* Every bound of the server, met by a client that goes beyond it. Each test fails when the
 * measure that it names is taken away.
 *
 * A test that starts threads judges only after they are joined: a failed assertion leaves
 * its stack, which they use. */
#include "fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void fill(imi_buffer *buffer, size_t size)
{
    assert_ok(imi_buffer_reserve(buffer, size, err));
    buffer->size = size; /* zeros */
}

/* ---- the port (GRPC_ARG_ALLOW_REUSEPORT) ---- */

static void second_server_on_the_same_port_fails_clearly(void **state)
{
    fixture *f = *state;
    imi_rpc_server_options options = f->options;
    imi_rpc_server *second = NULL;
    imi_error error = IMI_ERROR_INIT;
    options.address = f->target;
    assert_int_equal(imi_rpc_server_new(&options, &second, &error), IMI_E_IO);
    assert_null(second);
    assert_non_null(strstr(error.message, "another server"));
    /* The first is not disturbed. */
    IMI_AUTO_BUFFER response = IMI_BUFFER_INIT;
    assert_ok(probe_call(f, "Echo", "x", &response, err));
}

/* ---- sizes ---- */

static void request_over_the_size_limit_never_reaches_the_handler(void **state)
{
    fixture *f = *state;
    f->options.max_message_bytes = 100000;
    fixture_start(f);
    IMI_AUTO_BUFFER message = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER response = IMI_BUFFER_INIT;
    imi_error error = IMI_ERROR_INIT;
    imi_rpc_request request = probe_request("Echo", WAIT_MS);
    fill(&message, 100001);
    assert_int_equal(
        imi_rpc_channel_call(f->channel, &request, imi_buffer_view(&message), &response, &error),
        IMI_E_EXHAUSTED);
    assert_int_equal(f->probe.messages, 0);
    message.size = 100000;
    assert_ok(
        imi_rpc_channel_call(f->channel, &request, imi_buffer_view(&message), &response, err));
}

static void streamed_message_over_the_size_limit_ends_the_stream(void **state)
{
    fixture *f = *state;
    f->options.max_message_bytes = 100000;
    fixture_start(f);
    IMI_AUTO_BUFFER message = IMI_BUFFER_INIT;
    IMI_AUTO(imi_rpc_stream) stream = NULL;
    imi_rpc_received received;
    imi_rpc_request request = probe_request("Chat", WAIT_MS);
    assert_ok(imi_rpc_stream_open(f->channel, &request, &stream, err));
    fill(&message, 100001);
    imi_status sent = imi_rpc_stream_send(stream, imi_buffer_view(&message), NULL);
    assert_true(sent == IMI_OK || sent == IMI_E_CANCELLED);
    assert_int_equal(imi_rpc_stream_receive(stream, -1, &message, &received, NULL),
                     IMI_E_EXHAUSTED);
    assert_true(wait_for(&f->probe.closed, 1));
    assert_int_equal(f->probe.messages, 0);
}

static void metadata_over_the_limit_is_refused(void **state)
{
    fixture *f = *state;
    f->options.max_metadata_bytes = 8 << 10;
    fixture_start(f);
    char value[32 << 10];
    IMI_AUTO_BUFFER response = IMI_BUFFER_INIT;
    imi_rpc_metadata note = {"x-filler", value};
    imi_rpc_request request = probe_request("Who", WAIT_MS);
    request.metadata = &note;
    request.metadata_count = 1;
    memset(value, 'v', sizeof value);
    value[sizeof value - 1] = '\0';
    assert_int_not_equal(
        imi_rpc_channel_call(f->channel, &request, imi_view_of_text(""), &response, NULL), IMI_OK);
    assert_int_equal(f->probe.opened, 0);
    /* On a connection of its own: gRPC may drop one that sent such a thing. */
    IMI_AUTO(imi_rpc_channel) other = fixture_channel(f, f->pki.ca_cert, NULL, NULL);
    value[4 << 10] = '\0';
    assert_ok(imi_rpc_channel_call(other, &request, imi_view_of_text(""), &response, err));
}

/* ---- numbers ---- */

enum { CROWD = 24 };

typedef struct crowd {
    fixture *fixture;
    imi_rpc_stream *streams[CROWD];
} crowd;

/* Streams of Hold, opened without waiting for an answer; the first `count` of them. */
static void gather(crowd *c, size_t count)
{
    imi_rpc_request request = probe_request("Hold", 20000);
    for (size_t i = 0; i < count; i++) {
        assert_ok(imi_rpc_stream_watch(c->fixture->channel, &request, imi_view_of_text(""),
                                       &c->streams[i], err));
    }
}

static void disperse(crowd *c)
{
    for (size_t i = 0; i < CROWD; i++) {
        imi_rpc_stream_destroy(&c->streams[i]);
    }
}

/* A stream that was refused says so each time it is asked. */
static size_t count_refused(const crowd *c)
{
    size_t refused = 0;
    for (size_t i = 0; i < CROWD; i++) {
        IMI_AUTO_BUFFER message = IMI_BUFFER_INIT;
        imi_rpc_received received;
        imi_status status = imi_rpc_stream_receive(c->streams[i], 20, &message, &received, NULL);
        assert_true(status == IMI_E_EXHAUSTED ||
                    (status == IMI_OK && received == IMI_RPC_RECEIVED_NOTHING));
        refused += status == IMI_E_EXHAUSTED ? 1 : 0;
    }
    return refused;
}

static void flood_of_calls_is_refused_beyond_the_limit(void **state)
{
    fixture *f = *state;
    f->options.max_calls = 10;
    fixture_start(f);
    crowd c = {.fixture = f};
    gather(&c, CROWD);
    size_t refused = 0;
    for (int round = 0; round < 20 && refused < CROWD - 10; round++) {
        refused = count_refused(&c);
    }
    assert_int_equal(refused, CROWD - 10);
    assert_int_equal(f->probe.opened, 10);
    fixture_release_held(f);
    disperse(&c);
    assert_true(wait_for_no_calls(f));
    /* Afterwards there is room again. */
    IMI_AUTO_BUFFER response = IMI_BUFFER_INIT;
    assert_ok(probe_call(f, "Echo", "x", &response, err));
}

typedef struct opener {
    fixture *fixture;
    atomic_int answered, failed;
} opener;

static void *hold_one(void *argument)
{
    opener *o = argument;
    IMI_AUTO_BUFFER response = IMI_BUFFER_INIT;
    imi_error error = IMI_ERROR_INIT;
    if (probe_call(o->fixture, "Hold", "", &response, &error) == IMI_OK) {
        o->answered++;
    } else {
        fprintf(stderr, "a held call failed: %s\n", error.message);
        o->failed++;
    }
    return NULL;
}

static void connection_has_a_limit_of_streams(void **state)
{
    fixture *f = *state;
    f->options.max_streams_per_connection = 3;
    fixture_start(f);
    /* The client learns the limit with the connection's first settings. */
    IMI_AUTO_BUFFER response = IMI_BUFFER_INIT;
    assert_ok(probe_call(f, "Echo", "", &response, err));
    enum { THREADS = 8 };
    pthread_t threads[THREADS];
    opener o = {.fixture = f};
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, hold_one, &o), 0);
    }
    bool arrived = wait_for(&f->probe.messages, 1 + 3);
    sleep_ms(200);
    int at_once = f->probe.messages; /* the others wait at the client */
    while (o.answered + o.failed < THREADS) {
        fixture_release_held(f);
        sleep_ms(5);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_true(arrived);
    assert_int_equal(at_once, 1 + 3);
    assert_int_equal(o.failed, 0);
}

/* ---- a reader that does not read ---- */

static void slow_reader_costs_bounded_memory(void **state)
{
    fixture *f = *state;
    f->options.max_queued_bytes = 64 << 10;
    fixture_start(f);
    IMI_AUTO(imi_rpc_stream) stream = NULL;
    imi_rpc_request request = probe_request("Flood", 20000);
    long before_kib = resident_kib();
    assert_ok(imi_rpc_stream_watch(f->channel, &request, imi_view_of_text(""), &stream, err));
    assert_true(wait_for(&f->probe.exhausted, 1));
    long long settled = wait_until_still(&f->probe.flooded_bytes);
    assert_true(settled < 8 << 20); /* queue, flow-control window, sockets */
    assert_true(resident_kib() - before_kib < 64 << 10);
    imi_rpc_stream_cancel(stream);
    assert_true(wait_for(&f->probe.closed, 1));
}

static void stream_to_a_slow_reader_can_be_aborted(void **state)
{
    fixture *f = *state;
    IMI_AUTO(imi_rpc_stream) stream = NULL;
    IMI_AUTO_BUFFER message = IMI_BUFFER_INIT;
    imi_rpc_received received;
    imi_rpc_request request = probe_request("Hold", 20000);
    assert_ok(imi_rpc_stream_watch(f->channel, &request, imi_view_of_text(""), &stream, err));
    assert_true(wait_for(&f->probe.messages, 1));
    imi_rpc_call_abort(f->probe.held[0]);
    assert_int_not_equal(imi_rpc_stream_receive(stream, -1, &message, &received, NULL), IMI_OK);
    assert_true(wait_for(&f->probe.closed, 1));
}

static void reader_that_falls_behind_gets_an_error(void **state)
{
    fixture *f = *state;
    f->options.max_queued_bytes = 32 << 10;
    fixture_start(f);
    IMI_AUTO(imi_rpc_stream) stream = NULL;
    IMI_AUTO_BUFFER block = IMI_BUFFER_INIT;
    imi_rpc_request request = probe_request("Chat", 20000);
    fill(&block, 16 << 10);
    assert_ok(imi_rpc_stream_open(f->channel, &request, &stream, err));
    /* Never receives: what comes back piles up until the server refuses to hold more. */
    for (int i = 0; i < 2000 && f->probe.exhausted == 0; i++) {
        if (imi_rpc_stream_send(stream, imi_buffer_view(&block), NULL) != IMI_OK) {
            break;
        }
    }
    assert_true(wait_for(&f->probe.exhausted, 1));
    imi_rpc_received received = IMI_RPC_RECEIVED_MESSAGE;
    imi_status status = IMI_OK;
    while (status == IMI_OK && received == IMI_RPC_RECEIVED_MESSAGE) {
        status = imi_rpc_stream_receive(stream, -1, &block, &received, NULL);
    }
    assert_int_equal(status, IMI_E_EXHAUSTED);
}

/* ---- a handler that does not read ---- */

typedef struct sender {
    imi_rpc_stream *stream;
    atomic_llong sent;
} sender;

static void *send_many(void *argument)
{
    sender *s = argument;
    IMI_AUTO_BUFFER block = IMI_BUFFER_INIT;
    fill(&block, 64 << 10);
    while (s->sent < 400 &&
           imi_rpc_stream_send(s->stream, imi_buffer_view(&block), NULL) == IMI_OK) {
        s->sent++;
    }
    return NULL;
}

static void handler_that_pauses_holds_the_client_back(void **state)
{
    fixture *f = *state;
    IMI_AUTO(imi_rpc_stream) stream = NULL;
    imi_rpc_request request = probe_request("Pause", 20000);
    assert_ok(imi_rpc_stream_open(f->channel, &request, &stream, err));
    sender s = {.stream = stream};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, send_many, &s), 0);
    bool arrived = wait_for(&f->probe.messages, 1);
    long long sent = wait_until_still(&s.sent);
    int read = f->probe.messages;
    fixture_resume(f);
    pthread_join(thread, NULL);
    assert_true(arrived);
    assert_int_equal(read, 1);
    assert_true(sent < 200); /* 400 would be everything: 25 MB */
    assert_int_equal(s.sent, 400);
    assert_true(wait_for(&f->probe.messages, 400));
}

/* ---- threads (one completion queue each) ---- */

static void *chat_on(void *argument)
{
    fixture *f = argument;
    IMI_AUTO(imi_rpc_channel) channel = NULL;
    IMI_AUTO(imi_rpc_stream) stream = NULL;
    IMI_AUTO_BUFFER message = IMI_BUFFER_INIT;
    imi_rpc_received received;
    imi_rpc_channel_options options = {.target = f->target, .ca_file = f->pki.ca_cert};
    imi_rpc_request request = probe_request("Chat", 20000);
    if (imi_rpc_channel_new(&options, &channel, NULL) != IMI_OK ||
        imi_rpc_stream_open(channel, &request, &stream, NULL) != IMI_OK) {
        return NULL;
    }
    for (int i = 0; i < 100; i++) {
        if (imi_rpc_stream_send(stream, imi_view_of_text("x"), NULL) != IMI_OK ||
            imi_rpc_stream_receive(stream, -1, &message, &received, NULL) != IMI_OK) {
            return NULL;
        }
    }
    return f;
}

static void callbacks_of_a_call_stay_on_one_thread(void **state)
{
    fixture *f = *state;
    f->options.threads = 4;
    fixture_start(f);
    enum { THREADS = 8 };
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, chat_on, f), 0);
    }
    int good = 0;
    for (int i = 0; i < THREADS; i++) {
        void *result = NULL;
        pthread_join(threads[i], &result);
        good += result != NULL ? 1 : 0;
    }
    assert_int_equal(good, THREADS);
    assert_true(wait_for(&f->probe.closed, THREADS));
    assert_int_equal(f->probe.thread_changes, 0);
}

/* ---- a network that goes silent (keepalive) ---- */

/* Forwards between one client and the server until told to be silent, without closing. */
typedef struct relay {
    int listener, client, server;
    atomic_bool is_silent, is_done;
    pthread_t thread;
    char target[32];
    uint16_t server_port;
} relay;

static struct sockaddr_in loopback(uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
}

static void forward(const relay *r, int from, int to)
{
    char bytes[16384];
    ssize_t size = recv(from, bytes, sizeof bytes, MSG_DONTWAIT);
    if (size > 0 && !r->is_silent) {
        ssize_t sent = send(to, bytes, (size_t)size, MSG_NOSIGNAL);
        (void)sent;
    }
}

static void *run_relay(void *argument)
{
    relay *r = argument;
    struct sockaddr_in to = loopback(r->server_port);
    r->client = accept(r->listener, NULL, NULL);
    r->server = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(r->server, (struct sockaddr *)&to, sizeof to) != 0) {
        return NULL;
    }
    while (!r->is_done) {
        forward(r, r->client, r->server);
        forward(r, r->server, r->client);
        sleep_ms(1);
    }
    return NULL;
}

static void start_relay(relay *r, const fixture *f)
{
    struct sockaddr_in at = loopback(0);
    socklen_t size = sizeof at;
    r->server_port = (uint16_t)imi_rpc_server_port(f->server);
    r->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(r->listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(r->listener, 1), 0);
    assert_int_equal(getsockname(r->listener, (struct sockaddr *)&at, &size), 0);
    snprintf(r->target, sizeof r->target, "127.0.0.1:%d", ntohs(at.sin_port));
    assert_int_equal(pthread_create(&r->thread, NULL, run_relay, r), 0);
}

static void stop_relay(relay *r)
{
    r->is_done = true;
    pthread_join(r->thread, NULL);
    close(r->client);
    close(r->server);
    close(r->listener);
}

static void client_that_vanished_is_noticed(void **state)
{
    fixture *f = *state;
    f->options.keepalive_ms = 300;
    f->options.keepalive_timeout_ms = 1500;
    fixture_start(f);
    static relay r = {.client = -1}; /* its thread lives on if an assertion fails */
    start_relay(&r, f);
    imi_rpc_channel *channel = NULL;
    imi_rpc_channel_options options = {.target = r.target, .ca_file = f->pki.ca_cert};
    assert_ok(imi_rpc_channel_new(&options, &channel, err));
    imi_rpc_stream *stream = NULL;
    imi_rpc_request request = probe_request("Hold", 0);
    assert_ok(imi_rpc_stream_watch(channel, &request, imi_view_of_text(""), &stream, err));
    assert_true(wait_for(&f->probe.messages, 1));
    sleep_ms(2200); /* pings are answered: the call lives */
    assert_int_equal(f->probe.closed, 0);
    r.is_silent = true;
    assert_true(wait_for(&f->probe.cancelled, 1));
    imi_rpc_stream_destroy(&stream);
    imi_rpc_channel_destroy(&channel);
    stop_relay(&r);
}

/* ---- fork ---- */

static int use_after_fork(fixture *f)
{
    imi_error error = IMI_ERROR_INIT;
    imi_rpc_server *server = NULL;
    imi_rpc_channel *channel = NULL;
    IMI_AUTO_BUFFER response = IMI_BUFFER_INIT;
    imi_rpc_channel_options options = {.target = f->target, .ca_file = f->pki.ca_cert};
    bool refused = imi_rpc_server_new(&f->options, &server, &error) == IMI_E_UNSUPPORTED &&
                   imi_rpc_channel_new(&options, &channel, &error) == IMI_E_UNSUPPORTED &&
                   probe_call(f, "Echo", "x", &response, &error) == IMI_E_UNSUPPORTED;
    imi_rpc_channel_destroy(&f->channel);
    imi_rpc_server_destroy(&f->server);
    return refused ? 0 : 1;
}

static void forked_child_is_refused_instead_of_hanging(void **state)
{
    fixture *f = *state;
    pid_t child = fork();
    if (child == 0) {
        alarm(10);
        _exit(use_after_fork(f));
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    /* The parent goes on. */
    IMI_AUTO_BUFFER response = IMI_BUFFER_INIT;
    assert_ok(probe_call(f, "Echo", "x", &response, err));
}

/* ---- options ---- */

static imi_status try_options(const imi_rpc_server_options *options)
{
    imi_rpc_server *server = NULL;
    imi_status status = imi_rpc_server_new(options, &server, NULL);
    assert_true((status == IMI_OK) == (server != NULL));
    imi_rpc_server_destroy(&server);
    return status;
}

static void unusable_options_are_refused(void **state)
{
    fixture *f = *state;
    imi_rpc_server_options o = f->options;
    o.address = NULL;
    assert_int_equal(try_options(&o), IMI_E_INVALID_ARGUMENT);
    o = f->options;
    o.key_file = NULL;
    assert_int_equal(try_options(&o), IMI_E_INVALID_ARGUMENT);
    o = f->options;
    o.threads = 1000;
    assert_int_equal(try_options(&o), IMI_E_INVALID_ARGUMENT);
    o = f->options;
    o.max_message_bytes = SIZE_MAX;
    assert_int_equal(try_options(&o), IMI_E_INVALID_ARGUMENT);
    o = f->options;
    o.cert_file = "/nonexistent/server.crt";
    assert_int_equal(try_options(&o), IMI_E_NOT_FOUND);
    o = f->options;
    o.address = "256.0.0.1:99999";
    assert_int_equal(try_options(&o), IMI_E_IO);
}

static void method_that_is_registered_twice_is_refused(void **state)
{
    fixture *f = *state;
    imi_rpc_service twice[] = {f->service, f->service};
    imi_rpc_server_options o = f->options;
    o.services = twice;
    o.service_count = 2;
    assert_int_equal(try_options(&o), IMI_E_INVALID_ARGUMENT);
}

static bool fail_nth(void *user, size_t size)
{
    (void)size;
    return --*(int *)user == 0;
}

static void lack_of_memory_at_start_leaks_nothing(void **state)
{
    fixture *f = *state;
    imi_status status = IMI_E_NO_MEMORY;
    int failures = 0;
    /* Once it serves, a thread that has no memory for the next call retries by itself. */
    for (int n = 1; n <= 24; n++) {
        int countdown = n;
        int64_t before = imi_alloc_live_blocks();
        imi_alloc_set_fail_hook(fail_nth, &countdown);
        imi_rpc_server *server = NULL;
        status = imi_rpc_server_new(&f->options, &server, NULL);
        imi_alloc_set_fail_hook(NULL, NULL);
        imi_rpc_server_destroy(&server);
        failures += status == IMI_OK ? 0 : 1;
        assert_int_equal(imi_alloc_live_blocks(), before);
    }
    assert_true(failures >= 5);
}

/* Lets the allocations of one size fail: those of the calls that a server keeps waiting. */
typedef struct shortage {
    size_t last_size, failing_size;
} shortage;

static bool fail_size(void *user, size_t size)
{
    shortage *s = user;
    if (s->failing_size == 0) {
        s->last_size = size;
    }
    return s->failing_size == size;
}

static void server_without_memory_for_calls_does_not_start(void **state)
{
    fixture *f = *state;
    shortage s = {0, 0};
    imi_rpc_server *server = NULL;
    imi_alloc_set_fail_hook(fail_size, &s);
    imi_status first = imi_rpc_server_new(&f->options, &server, NULL);
    imi_rpc_server_destroy(&server);
    s.failing_size = s.last_size; /* asking for calls is the last thing that a start does */
    imi_status second = imi_rpc_server_new(&f->options, &server, NULL);
    imi_alloc_set_fail_hook(NULL, NULL);
    imi_rpc_server_destroy(&server);
    assert_int_equal(first, IMI_OK);
    assert_int_equal(second, IMI_E_NO_MEMORY); /* it would listen and answer nobody */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        /* First: nothing of gRPC may run in the process when it forks, but our server. */
        TEST(forked_child_is_refused_instead_of_hanging),
        TEST(second_server_on_the_same_port_fails_clearly),
        TEST_NOT_STARTED(request_over_the_size_limit_never_reaches_the_handler),
        TEST_NOT_STARTED(streamed_message_over_the_size_limit_ends_the_stream),
        TEST_NOT_STARTED(metadata_over_the_limit_is_refused),
        TEST_NOT_STARTED(flood_of_calls_is_refused_beyond_the_limit),
        TEST_NOT_STARTED(connection_has_a_limit_of_streams),
        TEST_NOT_STARTED(slow_reader_costs_bounded_memory),
        TEST(stream_to_a_slow_reader_can_be_aborted),
        TEST_NOT_STARTED(reader_that_falls_behind_gets_an_error),
        TEST(handler_that_pauses_holds_the_client_back),
        TEST_NOT_STARTED(callbacks_of_a_call_stay_on_one_thread),
        TEST_NOT_STARTED(client_that_vanished_is_noticed),
        TEST_NOT_STARTED(unusable_options_are_refused),
        TEST_NOT_STARTED(method_that_is_registered_twice_is_refused),
        TEST_NOT_STARTED(lack_of_memory_at_start_leaks_nothing),
        TEST_NOT_STARTED(server_without_memory_for_calls_does_not_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
