/* Calls of every kind over the real server: what arrives, what comes back, what fails. */
#include "fixture.h"

#include "imi/log.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void assert_text(const imi_buffer *buffer, const char *text)
{
    if (!imi_view_equal(imi_buffer_view(buffer), imi_view_of_text(text))) {
        fail_msg("got \"%.*s\", wanted \"%s\"", (int)buffer->size, (const char *)buffer->data,
                 text);
    }
}

static void unary_call_gets_its_answer(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER response = IMI_BUFFER_INIT;
    assert_ok(probe_call(f, "Echo", "hello", &response, err));
    assert_text(&response, "hello");
}

static void empty_message_is_a_message(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER response = IMI_BUFFER_INIT;
    assert_ok(probe_call(f, "Echo", "", &response, err));
    assert_int_equal(response.size, 0);
    assert_int_equal(f->probe.messages, 1);
}

static void message_of_many_frames_arrives_whole(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER sent = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER response = IMI_BUFFER_INIT;
    assert_ok(imi_buffer_reserve(&sent, 2000000, err));
    sent.size = 2000000;
    for (size_t i = 0; i < sent.size; i++) {
        sent.data[i] = (uint8_t)(i * 2654435761U >> 13);
    }
    imi_rpc_request request = probe_request("Echo", WAIT_MS);
    assert_ok(imi_rpc_channel_call(f->channel, &request, imi_buffer_view(&sent), &response, err));
    assert_true(imi_view_equal(imi_buffer_view(&sent), imi_buffer_view(&response)));
}

static void metadata_reaches_the_handler(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER response = IMI_BUFFER_INIT;
    imi_rpc_metadata note = {"x-note", "seen"};
    imi_rpc_request request = probe_request("Who", WAIT_MS);
    request.metadata = &note;
    request.metadata_count = 1;
    assert_ok(imi_rpc_channel_call(f->channel, &request, imi_view_of_text(""), &response, err));
    assert_text(&response, "|seen");
}

static void illegal_metadata_is_refused_before_sending(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER response = IMI_BUFFER_INIT;
    imi_rpc_metadata note = {"X Note", "line\nbreak"};
    imi_rpc_request request = probe_request("Who", WAIT_MS);
    request.metadata = &note;
    request.metadata_count = 1;
    assert_int_equal(
        imi_rpc_channel_call(f->channel, &request, imi_view_of_text(""), &response, NULL),
        IMI_E_INVALID_ARGUMENT);
    assert_int_equal(f->probe.opened, 0);
}

static void public_failure_carries_status_and_message(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER response = IMI_BUFFER_INIT;
    imi_error error = IMI_ERROR_INIT;
    assert_int_equal(probe_call(f, "Fail", "image_corrupt", &response, &error),
                     IMI_E_IMAGE_CORRUPT);
    assert_int_equal(error.foreign_code, IMI_RPC_CODE_INVALID_ARGUMENT);
    assert_string_equal(error.message, "detail of the failure");
}

static void internal_failure_keeps_its_detail_on_the_server(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER response = IMI_BUFFER_INIT;
    imi_error error = IMI_ERROR_INIT;
    assert_int_equal(probe_call(f, "Fail", "store_io", &response, &error), IMI_E_STORE_IO);
    assert_int_equal(error.foreign_code, IMI_RPC_CODE_INTERNAL);
    assert_null(strstr(error.message, "detail"));
}

/* Whether the log names the request of a failed call that gave this id. */
static bool log_names(fixture *f, const char *given, const char *id)
{
    IMI_AUTO_BUFFER response = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER log = IMI_BUFFER_INIT;
    imi_rpc_metadata metadata = {IMI_RPC_REQUEST_ID_KEY, given};
    imi_rpc_request request = probe_request("Fail", WAIT_MS);
    request.metadata = &metadata;
    request.metadata_count = 1;
    char path[128], wanted[128];
    snprintf(path, sizeof path, "%s/log", f->folder);
    snprintf(wanted, sizeof wanted, "(request \\\"%s\\\") to imi.test.Probe/Fail failed", id);
    int stderr_before = dup(STDERR_FILENO);
    int file = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    dup2(file, STDERR_FILENO);
    imi_log_set_level(IMI_LOG_WARNING);
    imi_status status =
        imi_rpc_channel_call(f->channel, &request, imi_view_of_text("store_io"), &response, NULL);
    bool closed = wait_for_no_calls(f); /* the line is written by then */
    imi_log_set_level(IMI_LOG_OFF);
    dup2(stderr_before, STDERR_FILENO);
    close(stderr_before);
    close(file);
    assert_int_equal(status, IMI_E_STORE_IO);
    assert_true(closed);
    assert_ok(imi_file_read(path, 1 << 16, &log, err));
    assert_ok(imi_buffer_terminate(&log, err));
    return strstr((const char *)log.data, wanted) != NULL;
}

static void failure_is_logged_with_the_callers_name_for_the_request(void **state)
{
    fixture *f = *state;
    char longest[65] = "";
    memset(longest, 'a', 64);
    assert_true(log_names(f, "req_AZaz09.-", "req_AZaz09.-"));
    assert_true(log_names(f, longest, longest));
}

static void name_of_a_request_that_is_none_is_not_logged(void **state)
{
    fixture *f = *state;
    char too_long[66] = "";
    memset(too_long, 'a', 65);
    const char *const wrong[] = {"", "a b", "a\"b", "a/b", "<a>", "a:b", too_long};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_true(log_names(f, wrong[i], ""));
    }
}

static void failing_without_a_reason_is_never_success(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER response = IMI_BUFFER_INIT;
    assert_int_equal(probe_call(f, "Fail", "no such status", &response, NULL), IMI_E_INTERNAL);
}

static void client_stream_is_counted_and_answered(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER message = IMI_BUFFER_INIT;
    IMI_AUTO(imi_rpc_stream) stream = NULL;
    imi_rpc_received received;
    imi_rpc_request request = probe_request("Count", WAIT_MS);
    assert_ok(imi_rpc_stream_open(f->channel, &request, &stream, err));
    for (int i = 0; i < 100; i++) {
        assert_ok(imi_rpc_stream_send(stream, imi_view_of_text("x"), err));
    }
    assert_ok(imi_rpc_stream_close_send(stream, err));
    assert_ok(imi_rpc_stream_receive(stream, -1, &message, &received, err));
    assert_int_equal(received, IMI_RPC_RECEIVED_MESSAGE);
    assert_text(&message, "100");
    assert_ok(imi_rpc_stream_receive(stream, -1, &message, &received, err));
    assert_int_equal(received, IMI_RPC_RECEIVED_END);
}

static void server_stream_arrives_in_order_and_ends(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER message = IMI_BUFFER_INIT;
    IMI_AUTO(imi_rpc_stream) stream = NULL;
    imi_rpc_received received;
    imi_rpc_request request = probe_request("Tick", WAIT_MS);
    assert_ok(imi_rpc_stream_watch(f->channel, &request, imi_view_of_text("200"), &stream, err));
    for (int i = 0; i < 200; i++) {
        assert_ok(imi_rpc_stream_receive(stream, -1, &message, &received, err));
        assert_int_equal(received, IMI_RPC_RECEIVED_MESSAGE);
        assert_int_equal(message.size, 1);
        assert_int_equal(message.data[0], i);
    }
    assert_ok(imi_rpc_stream_receive(stream, -1, &message, &received, err));
    assert_int_equal(received, IMI_RPC_RECEIVED_END);
    /* Asking again says the same. */
    assert_ok(imi_rpc_stream_receive(stream, -1, &message, &received, err));
    assert_int_equal(received, IMI_RPC_RECEIVED_END);
}

static void bidi_stream_answers_each_message(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER message = IMI_BUFFER_INIT;
    IMI_AUTO(imi_rpc_stream) stream = NULL;
    imi_rpc_received received;
    imi_rpc_request request = probe_request("Chat", WAIT_MS);
    assert_ok(imi_rpc_stream_open(f->channel, &request, &stream, err));
    for (int i = 0; i < 50; i++) {
        char text[16];
        snprintf(text, sizeof text, "turn %d", i);
        assert_ok(imi_rpc_stream_send(stream, imi_view_of_text(text), err));
        assert_ok(imi_rpc_stream_receive(stream, -1, &message, &received, err));
        assert_text(&message, text);
    }
    assert_ok(imi_rpc_stream_close_send(stream, err));
    assert_ok(imi_rpc_stream_receive(stream, -1, &message, &received, err));
    assert_int_equal(received, IMI_RPC_RECEIVED_END);
    assert_int_equal(f->probe.half_closed, 1);
}

static void receive_gives_up_after_its_timeout_and_goes_on_later(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER message = IMI_BUFFER_INIT;
    IMI_AUTO(imi_rpc_stream) stream = NULL;
    imi_rpc_received received;
    imi_rpc_request request = probe_request("Chat", WAIT_MS);
    assert_ok(imi_rpc_stream_open(f->channel, &request, &stream, err));
    assert_ok(imi_rpc_stream_receive(stream, 30, &message, &received, err));
    assert_int_equal(received, IMI_RPC_RECEIVED_NOTHING);
    assert_ok(imi_rpc_stream_send(stream, imi_view_of_text("late"), err));
    assert_ok(imi_rpc_stream_receive(stream, -1, &message, &received, err));
    assert_text(&message, "late");
}

static void deadline_ends_the_call_on_both_sides(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER response = IMI_BUFFER_INIT;
    imi_rpc_request request = probe_request("Hold", 1000);
    assert_int_equal(
        imi_rpc_channel_call(f->channel, &request, imi_view_of_text(""), &response, NULL),
        IMI_E_DEADLINE);
    assert_true(f->probe.time_left_ms > 0 && f->probe.time_left_ms <= 1000);
    assert_true(wait_for(&f->probe.cancelled, 1));
}

static void call_without_a_deadline_has_none_on_the_server(void **state)
{
    fixture *f = *state;
    IMI_AUTO(imi_rpc_stream) stream = NULL;
    imi_rpc_request request = probe_request("Chat", 0);
    assert_ok(imi_rpc_stream_open(f->channel, &request, &stream, err));
    assert_true(wait_for(&f->probe.opened, 1));
    assert_true(f->probe.time_left_ms == INT64_MAX);
}

static void cancelling_reaches_the_handler(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER message = IMI_BUFFER_INIT;
    IMI_AUTO(imi_rpc_stream) stream = NULL;
    imi_rpc_received received;
    imi_rpc_request request = probe_request("Hold", WAIT_MS);
    assert_ok(imi_rpc_stream_watch(f->channel, &request, imi_view_of_text(""), &stream, err));
    assert_true(wait_for(&f->probe.messages, 1));
    assert_false(imi_rpc_call_is_over(f->probe.held[0]));
    imi_rpc_stream_cancel(stream);
    assert_int_equal(imi_rpc_stream_receive(stream, -1, &message, &received, NULL),
                     IMI_E_CANCELLED);
    assert_true(wait_for(&f->probe.cancelled, 1));
    assert_true(imi_rpc_call_is_over(f->probe.held[0]));
    assert_int_equal(imi_rpc_call_send(f->probe.held[0], imi_view_of_text("x"), NULL),
                     IMI_E_CANCELLED);
}

/* Each with a message on its way: Chat takes one that comes after closed() for a change of
 * threads. */
static void calls_that_are_cancelled_while_reading_are_all_closed(void **state)
{
    fixture *f = *state;
    imi_rpc_request request = probe_request("Chat", WAIT_MS);
    enum { CALLS = 100 };
    for (int i = 0; i < CALLS; i++) {
        IMI_AUTO(imi_rpc_stream) stream = NULL;
        assert_ok(imi_rpc_stream_open(f->channel, &request, &stream, err));
        assert_ok(imi_rpc_stream_send(stream, imi_view_of_text("x"), err));
        assert_true(wait_for(&f->probe.opened, i + 1));
        assert_ok(imi_rpc_stream_send(stream, imi_view_of_text("y"), err));
        imi_rpc_stream_cancel(stream);
    }
    assert_true(wait_for(&f->probe.closed, CALLS));
    imi_rpc_server_stop(f->server, 1000);
    assert_int_equal(f->probe.opened, CALLS);
    assert_int_equal(f->probe.closed, CALLS);
    assert_int_equal(f->probe.thread_changes, 0);
    assert_int_equal(imi_rpc_server_live_calls(f->server), 0);
}

static void unknown_method_is_answered_not_left_hanging(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER response = IMI_BUFFER_INIT;
    imi_error error = IMI_ERROR_INIT;
    assert_int_equal(probe_call(f, "NoSuchMethod", "", &response, &error), IMI_E_UNSUPPORTED);
    assert_int_equal(error.foreign_code, IMI_RPC_CODE_UNIMPLEMENTED);
}

static void many_unknown_methods_are_all_answered(void **state)
{
    fixture *f = *state;
    for (int i = 0; i < 200; i++) {
        IMI_AUTO_BUFFER response = IMI_BUFFER_INIT;
        assert_int_equal(probe_call(f, "NoSuchMethod", "", &response, NULL), IMI_E_UNSUPPORTED);
    }
}

typedef struct caller {
    fixture *fixture;
    int good;
} caller;

static void *call_many(void *argument)
{
    caller *c = argument;
    for (int i = 0; i < 200; i++) {
        IMI_AUTO_BUFFER response = IMI_BUFFER_INIT;
        char text[32];
        snprintf(text, sizeof text, "%p %d", argument, i);
        if (probe_call(c->fixture, "Echo", text, &response, NULL) == IMI_OK &&
            imi_view_equal(imi_buffer_view(&response), imi_view_of_text(text))) {
            c->good++;
        }
    }
    return NULL;
}

static void one_channel_serves_many_threads(void **state)
{
    fixture *f = *state;
    enum { THREADS = 8 };
    pthread_t threads[THREADS];
    caller callers[THREADS];
    for (int i = 0; i < THREADS; i++) {
        callers[i] = (caller){f, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, call_many, &callers[i]), 0);
    }
    int good = 0;
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        good += callers[i].good;
    }
    assert_int_equal(good, THREADS * 200);
}

typedef struct resumer {
    imi_rpc_call *call;
    atomic_bool is_done;
} resumer;

static void *resume_without_end(void *argument)
{
    resumer *r = argument;
    while (!r->is_done) {
        imi_rpc_call_resume(r->call);
    }
    return NULL;
}

static int send_small(imi_rpc_stream *stream, int count)
{
    int sent = 0;
    while (sent < count && imi_rpc_stream_send(stream, imi_view_of_text("x"), NULL) == IMI_OK) {
        sent++;
    }
    return sent;
}

/* A worker may resume just as a message arrives: the next receive must not touch it. */
static void resuming_a_call_that_reads_already_loses_no_message(void **state)
{
    fixture *f = *state;
    IMI_AUTO(imi_rpc_stream) stream = NULL;
    imi_rpc_request request = probe_request("Pause", 20000);
    assert_ok(imi_rpc_stream_open(f->channel, &request, &stream, err));
    assert_int_equal(send_small(stream, 1), 1);
    assert_true(wait_for(&f->probe.messages, 1));
    resumer r = {.call = f->probe.paused};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, resume_without_end, &r), 0);
    int sent = send_small(stream, 3000);
    bool arrived = wait_for(&f->probe.messages, 1 + sent);
    r.is_done = true;
    pthread_join(thread, NULL);
    assert_int_equal(sent, 3000);
    assert_true(arrived);
    assert_int_equal(f->probe.messages, 1 + sent);
}

static void server_keeps_a_list_of_services_of_its_own(void **state)
{
    fixture *f = *state;
    imi_rpc_service service = f->service;
    IMI_AUTO_BUFFER response = IMI_BUFFER_INIT;
    f->options.services = &service;
    fixture_start(f);
    service = (imi_rpc_service){.name = "gone"};
    assert_ok(probe_call(f, "Echo", "x", &response, err));
}

static void unreachable_server_is_unavailable(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER response = IMI_BUFFER_INIT;
    imi_rpc_server_destroy(&f->server);
    assert_int_equal(probe_call(f, "Echo", "x", &response, NULL), IMI_E_RPC_UNAVAILABLE);
    IMI_AUTO(imi_rpc_stream) stream = NULL;
    imi_rpc_request request = probe_request("Chat", WAIT_MS);
    assert_int_equal(imi_rpc_stream_open(f->channel, &request, &stream, NULL),
                     IMI_E_RPC_UNAVAILABLE);
    assert_null(stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(unary_call_gets_its_answer),
        TEST(empty_message_is_a_message),
        TEST(message_of_many_frames_arrives_whole),
        TEST(metadata_reaches_the_handler),
        TEST(illegal_metadata_is_refused_before_sending),
        TEST(public_failure_carries_status_and_message),
        TEST(internal_failure_keeps_its_detail_on_the_server),
        TEST(failure_is_logged_with_the_callers_name_for_the_request),
        TEST(name_of_a_request_that_is_none_is_not_logged),
        TEST(failing_without_a_reason_is_never_success),
        TEST(client_stream_is_counted_and_answered),
        TEST(server_stream_arrives_in_order_and_ends),
        TEST(bidi_stream_answers_each_message),
        TEST(receive_gives_up_after_its_timeout_and_goes_on_later),
        TEST(deadline_ends_the_call_on_both_sides),
        TEST(call_without_a_deadline_has_none_on_the_server),
        TEST(cancelling_reaches_the_handler),
        TEST(calls_that_are_cancelled_while_reading_are_all_closed),
        TEST(unknown_method_is_answered_not_left_hanging),
        TEST(many_unknown_methods_are_all_answered),
        TEST(one_channel_serves_many_threads),
        TEST(resuming_a_call_that_reads_already_loses_no_message),
        TEST_NOT_STARTED(server_keeps_a_list_of_services_of_its_own),
        TEST(unreachable_server_is_unavailable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
