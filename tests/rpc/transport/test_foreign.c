/* A client that we did not write (python3-grpcio): what ours cannot or will not send, and
 * the standard services as their users see them. */
#include "fixture.h"

#include "rpc/handle_health.h"
#include "rpc/handle_reflection.h"

#include <stdio.h>

typedef struct foreign {
    fixture base;
    imi_health *health;
    imi_reflection *reflection;
    imi_rpc_service services[5];
} foreign;

static foreign g_foreign; /* the control service has one pointer only */

static imi_rpc_flow control(imi_rpc_call *call, imi_view message)
{
    if (imi_view_equal(message, imi_view_of_text("serve"))) {
        imi_health_set(g_foreign.health, "imi.test.Probe", true);
    } else {
        imi_rpc_server_drain(g_foreign.base.server);
    }
    imi_rpc_call_reply(call, message);
    return IMI_RPC_CONTINUE;
}

static const imi_rpc_method control_methods[] = {{.name = "Do", .message = control}};

static int setup_foreign(void **state)
{
    foreign *f = &g_foreign;
    *f = (foreign){.health = NULL};
    fixture_init(&f->base);
    const imi_rpc_service subject = {.name = "imi.v1.SubjectService"};
    imi_rpc_service shown[2] = {subject};
    f->services[0] = f->base.service;
    f->services[1] = (imi_rpc_service){
        .name = "imi.test.Control", .methods = control_methods, .method_count = 1};
    assert_ok(imi_health_new(f->services, 1, &f->health, err));
    shown[1] = f->services[2] = imi_health_service(f->health);
    assert_ok(imi_reflection_new(imi_reflection_embedded(), shown, 2, &f->reflection, err));
    f->services[3] = imi_reflection_service_v1(f->reflection);
    f->services[4] = imi_reflection_service_v1alpha(f->reflection);
    f->base.options.services = f->services;
    f->base.options.service_count = 5;
    f->base.options.max_message_bytes = 1 << 20;
    fixture_start(&f->base);
    imi_health_set(f->health, "", true);
    *state = f;
    return 0;
}

static int teardown_foreign(void **state)
{
    foreign *f = *state;
    fixture_release_held(&f->base);
    imi_rpc_server_stop(f->base.server, 0); /* handlers read the pointer that destroy clears */
    imi_rpc_server_destroy(&f->base.server);
    imi_health_destroy(&f->health);
    imi_reflection_destroy(&f->reflection);
    fixture_clean_up(&f->base);
    return 0;
}

static void run_check(foreign *f, const char *check)
{
    char stubs[128];
    snprintf(stubs, sizeof stubs, "%s/stubs", f->base.folder);
    const char *const argv[] = {"/usr/bin/python3",  IMI_TEST_FOREIGN_PY, check, f->base.target,
                                f->base.pki.ca_cert, IMI_TEST_PROTO_ROOT, stubs, NULL};
    assert_int_equal(run_program(argv), 0);
}

static void compressed_messages_are_refused_before_inflation(void **state)
{
    foreign *f = *state;
    long before_kib = resident_kib();
    run_check(f, "bomb");
    assert_int_equal(f->base.probe.messages, 1); /* the plain one at the end */
    assert_true(resident_kib() - before_kib < 64 << 10);
}

static void client_that_pings_too_often_is_sent_away(void **state)
{
    run_check(*state, "pings");
}

static void errors_look_right_from_outside(void **state)
{
    run_check(*state, "errors");
}

static void health_is_served(void **state)
{
    run_check(*state, "health");
}

static void reflection_is_served(void **state)
{
    run_check(*state, "reflection");
}

/* ---- the same services through our own client ---- */

static void malformed_health_request_is_refused(void **state)
{
    foreign *f = *state;
    IMI_AUTO_BUFFER response = IMI_BUFFER_INIT;
    imi_rpc_request request = {.path = "/grpc.health.v1.Health/Check"};
    const uint8_t broken[] = {0x0a, 5, 'a'};
    assert_int_equal(imi_rpc_channel_call(f->base.channel, &request,
                                          (imi_view){broken, sizeof broken}, &response, NULL),
                     IMI_E_RPC_MESSAGE);
}

static void watchers_that_leave_are_forgotten(void **state)
{
    foreign *f = *state;
    imi_rpc_request request = {.path = "/grpc.health.v1.Health/Watch"};
    IMI_AUTO_BUFFER message = IMI_BUFFER_INIT;
    imi_rpc_received received;
    for (int i = 0; i < 20; i++) {
        IMI_AUTO(imi_rpc_stream) stream = NULL;
        assert_ok(
            imi_rpc_stream_watch(f->base.channel, &request, imi_view_of_text(""), &stream, err));
        assert_ok(imi_rpc_stream_receive(stream, WAIT_MS, &message, &received, err));
        assert_int_equal(received, IMI_RPC_RECEIVED_MESSAGE);
        imi_health_set(f->health, "", i % 2 == 0);
    }
    assert_true(wait_for_no_calls(&f->base));
    imi_health_set(f->health, NULL, true); /* nobody is left to be told */
}

static void watching_does_not_delay_the_stop(void **state)
{
    foreign *f = *state;
    imi_rpc_request request = {.path = "/grpc.health.v1.Health/Watch"};
    IMI_AUTO(imi_rpc_stream) stream = NULL;
    IMI_AUTO_BUFFER message = IMI_BUFFER_INIT;
    imi_rpc_received received;
    assert_ok(imi_rpc_stream_watch(f->base.channel, &request, imi_view_of_text(""), &stream, err));
    assert_ok(imi_rpc_stream_receive(stream, WAIT_MS, &message, &received, err));
    assert_memory_equal(message.data, "\x08\x01", 2); /* SERVING */
    imi_rpc_server_stop(f->base.server, 60000);
    assert_ok(imi_rpc_stream_receive(stream, WAIT_MS, &message, &received, err));
    assert_memory_equal(message.data, "\x08\x02", 2); /* NOT_SERVING */
    assert_int_equal(imi_rpc_stream_receive(stream, WAIT_MS, &message, &received, NULL),
                     IMI_E_RPC_UNAVAILABLE);
}

static void broken_descriptors_are_refused(void **state)
{
    foreign *f = *state;
    imi_reflection *reflection = NULL;
    imi_view whole = imi_reflection_embedded();
    assert_int_equal(imi_reflection_new((imi_view){whole.data, whole.size - 1}, f->services, 1,
                                        &reflection, NULL),
                     IMI_E_RPC_MESSAGE);
    assert_null(reflection);
}

#define FOREIGN_TEST(name) cmocka_unit_test_setup_teardown(name, setup_foreign, teardown_foreign)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOREIGN_TEST(compressed_messages_are_refused_before_inflation),
        FOREIGN_TEST(client_that_pings_too_often_is_sent_away),
        FOREIGN_TEST(errors_look_right_from_outside),
        FOREIGN_TEST(health_is_served),
        FOREIGN_TEST(reflection_is_served),
        FOREIGN_TEST(malformed_health_request_is_refused),
        FOREIGN_TEST(watchers_that_leave_are_forgotten),
        FOREIGN_TEST(watching_does_not_delay_the_stop),
        FOREIGN_TEST(broken_descriptors_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
