/* The end of a server: stop accepting, drain, cancel, join, destroy.
 *
 * Threads are joined before anything is asserted: a failed assertion leaves the test's stack,
 * which they use. What did not arrive in time shows in what follows. */
#include "fixture.h"

#include <string.h>
#include <time.h>

/* A stop that waited for its end would not be seen: the test would be given up before. */
enum { HOUR_MS = 3600 * 1000, WATCHERS = 10 };

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

typedef struct caller {
    fixture *fixture;
    imi_status status;
    imi_buffer response;
    int answered;
} caller;

static void *call_hold(void *argument)
{
    caller *c = argument;
    c->status = probe_call(c->fixture, "Hold", "", &c->response, NULL);
    return NULL;
}

static pthread_t start_held_call(caller *c, fixture *f)
{
    pthread_t thread;
    *c = (caller){.fixture = f, .response = IMI_BUFFER_INIT};
    assert_int_equal(pthread_create(&thread, NULL, call_hold, c), 0);
    (void)wait_for(&f->probe.messages, 1);
    return thread;
}

typedef struct stopper {
    fixture *fixture;
    int grace_ms;
    atomic_int done;
} stopper;

static void *stop_server(void *argument)
{
    stopper *s = argument;
    imi_rpc_server_stop(s->fixture->server, s->grace_ms);
    s->done = 1;
    return NULL;
}

static pthread_t start_stopping(stopper *s, fixture *f, int grace_ms)
{
    pthread_t thread;
    *s = (stopper){.fixture = f, .grace_ms = grace_ms};
    assert_int_equal(pthread_create(&thread, NULL, stop_server, s), 0);
    (void)wait_for(&f->probe.drained, 1);
    return thread;
}

static void idle_server_stops_at_once(void **state)
{
    fixture *f = *state;
    int64_t start = now_ms();
    imi_rpc_server_stop(f->server, 5000);
    assert_true(now_ms() - start < 1000);
}

static void call_in_flight_finishes_within_the_grace(void **state)
{
    fixture *f = *state;
    caller c;
    stopper s;
    pthread_t calling = start_held_call(&c, f);
    pthread_t stopping = start_stopping(&s, f, 5000);
    sleep_ms(100);
    int stopped_early = s.done;
    fixture_release_held(f);
    pthread_join(calling, NULL);
    pthread_join(stopping, NULL);
    assert_int_equal(stopped_early, 0);
    assert_int_equal(c.status, IMI_OK);
    assert_true(imi_view_equal(imi_buffer_view(&c.response), imi_view_of_text("released")));
    assert_int_equal(f->probe.cancelled, 0);
    imi_buffer_clean_up(&c.response);
}

static void new_call_is_refused_while_draining(void **state)
{
    fixture *f = *state;
    caller c;
    stopper s;
    pthread_t calling = start_held_call(&c, f);
    pthread_t stopping = start_stopping(&s, f, 5000);
    sleep_ms(100);
    IMI_AUTO(imi_rpc_channel) other = fixture_channel(f, f->pki.ca_cert, NULL, NULL);
    IMI_AUTO_BUFFER response = IMI_BUFFER_INIT;
    imi_rpc_request request = probe_request("Echo", 2000);
    imi_status refused =
        imi_rpc_channel_call(other, &request, imi_view_of_text("x"), &response, NULL);
    fixture_release_held(f);
    pthread_join(calling, NULL);
    pthread_join(stopping, NULL);
    assert_int_equal(refused, IMI_E_RPC_UNAVAILABLE);
    assert_int_equal(f->probe.opened, 1);
    imi_buffer_clean_up(&c.response);
}

static void call_that_outlasts_the_grace_is_cancelled(void **state)
{
    fixture *f = *state;
    caller c;
    stopper s;
    int64_t start = now_ms();
    pthread_t calling = start_held_call(&c, f);
    pthread_t stopping = start_stopping(&s, f, 200);
    pthread_join(calling, NULL);
    int64_t lasted_ms = now_ms() - start;
    bool cancelled = wait_for(&f->probe.cancelled, 1);
    /* The worker still holds the call: stopping waits for it, so that nothing is used after. */
    sleep_ms(100);
    int stopped_early = s.done;
    fixture_release_held(f);
    pthread_join(stopping, NULL);
    assert_true(lasted_ms >= 200);
    assert_int_not_equal(c.status, IMI_OK);
    assert_true(cancelled);
    assert_int_equal(stopped_early, 0);
    imi_buffer_clean_up(&c.response);
}

static void open_streams_do_not_keep_a_stopping_server(void **state)
{
    fixture *f = *state;
    imi_rpc_stream *streams[10];
    imi_rpc_request request = probe_request("Chat", 0);
    for (int i = 0; i < 10; i++) {
        assert_ok(imi_rpc_stream_open(f->channel, &request, &streams[i], err));
    }
    assert_true(wait_for(&f->probe.opened, 10));
    int64_t start = now_ms();
    imi_rpc_server_stop(f->server, 100);
    assert_true(now_ms() - start < 2000);
    assert_int_equal(f->probe.closed, 10);
    assert_int_equal(f->probe.cancelled, 10);
    for (int i = 0; i < 10; i++) {
        imi_rpc_stream_destroy(&streams[i]);
    }
}

static void client_that_is_connected_and_idle_does_not_hold_the_stop(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER response = IMI_BUFFER_INIT;
    assert_ok(probe_call(f, "Echo", "x", &response, err));
    imi_rpc_server_stop(f->server, HOUR_MS);
    assert_int_equal(f->probe.cancelled, 0);
}

static imi_rpc_stream *watch(fixture *f)
{
    imi_rpc_stream *stream = NULL;
    imi_rpc_request request = probe_request("Await", 0);
    assert_ok(imi_rpc_stream_watch(f->channel, &request, imi_view_of_text("news"), &stream, err));
    return stream;
}

static void assert_told_to_come_back(imi_rpc_stream *stream)
{
    IMI_AUTO_BUFFER message = IMI_BUFFER_INIT;
    imi_rpc_received received = IMI_RPC_RECEIVED_NOTHING;
    imi_error error = IMI_ERROR_INIT;
    assert_int_equal(imi_rpc_stream_receive(stream, WAIT_MS, &message, &received, &error),
                     IMI_E_RPC_UNAVAILABLE);
    assert_string_equal(error.message, "the server is stopping: call again in a moment");
}

static void calls_that_wait_for_news_get_what_there_is_and_are_told_to_come_back(void **state)
{
    fixture *f = *state;
    imi_rpc_stream *streams[WATCHERS];
    for (int i = 0; i < WATCHERS; i++) {
        streams[i] = watch(f);
    }
    assert_true(wait_for(&f->probe.messages, WATCHERS));
    imi_rpc_server_stop(f->server, HOUR_MS);
    assert_int_equal(f->probe.closed, WATCHERS);
    assert_int_equal(f->probe.cancelled, 0);
    for (int i = 0; i < WATCHERS; i++) {
        IMI_AUTO_BUFFER message = IMI_BUFFER_INIT;
        imi_rpc_received received = IMI_RPC_RECEIVED_NOTHING;
        assert_ok(imi_rpc_stream_receive(streams[i], WAIT_MS, &message, &received, err));
        assert_true(imi_view_equal(imi_buffer_view(&message), imi_view_of_text("news")));
        assert_told_to_come_back(streams[i]);
        imi_rpc_stream_destroy(&streams[i]);
    }
}

static void call_that_begins_to_wait_behind_the_drain_is_told_so_too(void **state)
{
    fixture *f = *state;
    imi_rpc_server_drain(f->server);
    IMI_AUTO(imi_rpc_stream) stream = watch(f);
    assert_told_to_come_back(stream);
    assert_int_equal(f->probe.messages, 0);
}

static void client_that_left_is_not_told(void **state)
{
    fixture *f = *state;
    imi_rpc_stream *streams[] = {watch(f), watch(f), watch(f)};
    assert_true(wait_for(&f->probe.messages, 3));
    imi_rpc_stream_destroy(&streams[1]);
    assert_true(wait_for(&f->probe.closed, 1));
    imi_rpc_server_stop(f->server, HOUR_MS);
    assert_int_equal(f->probe.closed, 3);
    assert_int_equal(f->probe.cancelled, 1);
    imi_rpc_stream_destroy(&streams[0]);
    imi_rpc_stream_destroy(&streams[2]);
}

static void services_learn_of_the_drain_once_and_calls_go_on_until_the_stop(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER response = IMI_BUFFER_INIT;
    imi_rpc_server_drain(f->server);
    imi_rpc_server_drain(f->server);
    assert_int_equal(f->probe.drained, 1);
    assert_ok(probe_call(f, "Echo", "x", &response, err));
    imi_rpc_server_stop(f->server, 100);
    assert_int_equal(f->probe.drained, 1);
}

static void destroying_a_serving_server_cancels_its_calls(void **state)
{
    fixture *f = *state;
    IMI_AUTO(imi_rpc_stream) stream = NULL;
    imi_rpc_request request = probe_request("Chat", 0);
    assert_ok(imi_rpc_stream_open(f->channel, &request, &stream, err));
    assert_true(wait_for(&f->probe.opened, 1));
    imi_rpc_server_destroy(&f->server);
    assert_null(f->server);
    assert_int_equal(f->probe.cancelled, 1);
}

static void *keep_calling(void *argument)
{
    caller *c = argument;
    c->status = IMI_OK;
    while (c->status == IMI_OK) {
        IMI_AUTO_BUFFER response = IMI_BUFFER_INIT;
        c->status = probe_call(c->fixture, "Echo", "x", &response, NULL);
        c->answered += c->status == IMI_OK ? 1 : 0;
    }
    return NULL;
}

static void stopping_under_load_loses_no_accepted_call(void **state)
{
    fixture *f = *state;
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    caller callers[THREADS];
    for (int i = 0; i < THREADS; i++) {
        callers[i] = (caller){.fixture = f};
        assert_int_equal(pthread_create(&threads[i], NULL, keep_calling, &callers[i]), 0);
    }
    (void)wait_for(&f->probe.messages, 100);
    imi_rpc_server_stop(f->server, 5000);
    int answered = 0;
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        answered += callers[i].answered;
    }
    for (int i = 0; i < THREADS; i++) {
        /* gRPC cancels a call that came too late on a connection that it is closing. */
        assert_true(callers[i].status == IMI_E_RPC_UNAVAILABLE ||
                    callers[i].status == IMI_E_CANCELLED);
    }
    assert_int_equal(f->probe.cancelled, 0);
    assert_int_equal(f->probe.opened, answered);
}

/* Keeps one serving thread from its work, in an allocation between two events: as a loaded
 * machine does by not running it. Until no call lives, its memory for new calls is out. */
typedef struct stall {
    fixture *fixture;
    size_t call_size; /* of its first allocation, which asks for the next call */
    atomic_bool is_armed, is_stalled, is_over;
} stall;

static bool stall_serving(void *user, size_t size)
{
    stall *s = user;
    char name[16] = "";
    pthread_getname_np(pthread_self(), name, sizeof name);
    if (!s->is_armed || s->is_over || strncmp(name, "imi-rpc", 7) != 0) {
        return false;
    }
    s->call_size = s->call_size == 0 ? size : s->call_size;
    if (size != s->call_size || s->is_stalled) {
        return false;
    }
    if (imi_rpc_server_live_calls(s->fixture->server) > 0) {
        return true;
    }
    s->is_stalled = true;
    while (!s->is_over) {
        sleep_ms(1);
    }
    return false;
}

static void *destroy_server(void *argument)
{
    stopper *s = argument;
    imi_rpc_server *server = s->fixture->server; /* the stall still asks the fixture's */
    imi_rpc_server_destroy(&server);
    s->done = 1;
    return NULL;
}

static void call_that_no_thread_has_taken_yet_holds_the_stop(void **state)
{
    fixture *f = *state;
    static stall pause; /* threads of the server look here if an assertion fails */
    caller late = {.fixture = f};
    stopper s = {.fixture = f};
    pthread_t calling;
    pthread_t stopping;
    IMI_AUTO_BUFFER response = IMI_BUFFER_INIT;
    pause.fixture = f;
    imi_alloc_set_fail_hook(stall_serving, &pause);
    fixture_start(f);
    /* The first connection is the first thread's, which is told of the stop: take another. */
    assert_ok(probe_call(f, "Echo", "x", &response, err));
    imi_rpc_channel_destroy(&f->channel);
    f->channel = fixture_channel(f, f->pki.ca_cert, NULL, NULL);
    pause.is_armed = true;
    imi_status first = probe_call(f, "Echo", "x", &response, NULL);
    for (int i = 0; i < WAIT_MS && !pause.is_stalled; i++) {
        sleep_ms(1);
    }
    int started = pthread_create(&calling, NULL, keep_calling, &late);
    sleep_ms(100);
    started += pthread_create(&stopping, NULL, destroy_server, &s);
    sleep_ms(200);
    int stopped_early = s.done;
    pause.is_over = true;
    pthread_join(stopping, NULL);
    pthread_join(calling, NULL);
    imi_alloc_set_fail_hook(NULL, NULL);
    f->server = NULL;
    assert_int_equal(first, IMI_OK);
    assert_int_equal(started, 0);
    assert_true(pause.is_stalled);
    assert_int_equal(stopped_early, 0);
}

static void server_can_be_started_again_and_again(void **state)
{
    fixture *f = *state;
    for (int i = 0; i < 5; i++) {
        IMI_AUTO_BUFFER response = IMI_BUFFER_INIT;
        fixture_start(f);
        assert_ok(probe_call(f, "Echo", "x", &response, err));
        imi_rpc_channel_destroy(&f->channel);
        imi_rpc_server_destroy(&f->server);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(idle_server_stops_at_once),
        TEST(call_in_flight_finishes_within_the_grace),
        TEST(new_call_is_refused_while_draining),
        TEST(call_that_outlasts_the_grace_is_cancelled),
        TEST(open_streams_do_not_keep_a_stopping_server),
        TEST(client_that_is_connected_and_idle_does_not_hold_the_stop),
        TEST(calls_that_wait_for_news_get_what_there_is_and_are_told_to_come_back),
        TEST(call_that_begins_to_wait_behind_the_drain_is_told_so_too),
        TEST(client_that_left_is_not_told),
        TEST(services_learn_of_the_drain_once_and_calls_go_on_until_the_stop),
        TEST(destroying_a_serving_server_cancels_its_calls),
        TEST(stopping_under_load_loses_no_accepted_call),
        TEST_NOT_STARTED(call_that_no_thread_has_taken_yet_holds_the_stop),
        TEST_NOT_STARTED(server_can_be_started_again_and_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
