/*
 * Frames whose calls overtake each other: over TLS, with the whole service behind the handlers.
 */
#include "phone.h"

#include "imi/v1/subject.pb-c.h"
#include "imi_core/grpc_web.h"
#include "rpc/client.h"
#include "rpc/frame_order.h"
#include "rpc/handle_submit_frame.h"
#include "rpc/handler.h"
#include "rpc/pki.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* c-ares keeps 10 bytes when it has looked up "localhost"; not ours to free. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libcares";
}

enum { MESSAGE_MAX = 512 << 10, AHEAD_MAX = 8, RACE_FRAMES = 48, RACERS = 4 };

/* Moved by the test while the server's threads read it. */
typedef struct test_clock {
    imi_clock base;
    atomic_llong now_ms;
} test_clock;

typedef struct world {
    fixture *f;
    test_clock clock;
    imi_pki pki;
    imi_frame_order *order;
    imi_handlers handlers;
    imi_rpc_service service;
    imi_rpc_server *server;
    imi_rpc_channel *channel;
    phone *p;
    char authorization[IMI_CREDENTIAL_TEXT_SIZE + 8];
} world;

/* A frame as its call carries it. */
typedef struct message {
    size_t size;
    uint8_t bytes[MESSAGE_MAX];
} message;

/* A call on a thread of its own. */
typedef struct call {
    world *w;
    const message *what;
    int64_t deadline_ms;
    pthread_t thread;
    imi_status status;
    uint32_t grpc_code;
    uint64_t sequence; /* that was answered */
} call;

static int64_t read_clock(imi_clock *clock)
{
    return atomic_load(&((test_clock *)clock)->now_ms);
}

static void start_server(world *w)
{
    char target[64];
    assert_int_equal(imi_pki_ensure(w->f->folder, NULL, 0, &w->pki, NULL), IMI_OK);
    assert_int_equal(imi_frame_order_new(&w->clock.base, &w->order, NULL), IMI_OK);
    w->handlers = (imi_handlers){.service = w->f->service, .frames = w->order};
    w->service = imi_handle_subject(&w->handlers);
    imi_rpc_server_options options = {
        .address = "127.0.0.1:0",
        .cert_file = w->pki.server_cert,
        .key_file = w->pki.server_key,
        .services = &w->service,
        .service_count = 1,
    };
    assert_int_equal(imi_rpc_server_new(&options, &w->server, NULL), IMI_OK);
    snprintf(target, sizeof target, "localhost:%d", imi_rpc_server_port(w->server));
    imi_rpc_channel_options channel = {.target = target, .ca_file = w->pki.ca_cert};
    assert_int_equal(imi_rpc_channel_new(&channel, &w->channel, NULL), IMI_OK);
}

static int set_up(void **state)
{
    world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->clock.base = (imi_clock){.unix_ms = read_clock, .monotonic_ms = read_clock};
    w->f = fixture_new(&(fixture_options){.queue = 256});
    start_server(w);
    imi_created_session created = fixture_create(w->f, PURPOSE_PLAIN);
    w->p = phone_new(w->f, FIXTURE_PERSON);
    phone_enter(w->p, &created);
    assert_int_equal(phone_begin(w->p), IMI_OK);
    snprintf(w->authorization, sizeof w->authorization, "Bearer %s", w->p->credential);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    world *w = *state;
    imi_rpc_channel_destroy(&w->channel);
    imi_rpc_server_stop(w->server, 1000); /* would not return while a call is held */
    assert_int_equal(imi_rpc_server_live_calls(w->server), 0);
    imi_rpc_server_destroy(&w->server);
    imi_frame_order_destroy(&w->order);
    phone_destroy(&w->p);
    fixture_destroy(&w->f);
    free(w);
    return 0;
}

/* The next frame of the phone's chain. */
static message *next_frame(world *w)
{
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    scene_draw_jpeg(&w->p->look, &jpeg);
    w->p->look.seed++;
    imi_frame frame;
    phone_chain_sign(&w->p->chain, imi_buffer_view(&jpeg), w->p->frame_ms, &frame);
    Imi__V1__Frame inner = IMI__V1__FRAME__INIT;
    inner.sequence = frame.sequence;
    inner.captured_at_ms = frame.captured_at_ms;
    inner.jpeg = (ProtobufCBinaryData){frame.jpeg.size, (uint8_t *)frame.jpeg.data};
    inner.signature = (ProtobufCBinaryData){frame.signature.size, (uint8_t *)frame.signature.data};
    Imi__V1__SubmitFrameRequest request = IMI__V1__SUBMIT_FRAME_REQUEST__INIT;
    request.capture_id = w->p->chain.capture_id;
    request.frame = &inner;
    message *out = malloc(sizeof *out);
    assert_non_null(out);
    assert_true(imi__v1__submit_frame_request__get_packed_size(&request) <= MESSAGE_MAX);
    out->size = imi__v1__submit_frame_request__pack(&request, out->bytes);
    return out;
}

static void *run_call(void *user)
{
    call *c = user;
    imi_rpc_metadata metadata = {"authorization", c->w->authorization};
    imi_rpc_request request = {.path = "/imi.v1.SubjectService/SubmitFrame",
                               .deadline_ms = c->deadline_ms,
                               .metadata = &metadata,
                               .metadata_count = 1};
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    imi_error error = IMI_ERROR_INIT;
    c->status = imi_rpc_channel_call(c->w->channel, &request,
                                     (imi_view){c->what->bytes, c->what->size}, &bytes, &error);
    c->grpc_code = (uint32_t)error.foreign_code;
    Imi__V1__SubmitFrameResponse *answer =
        imi__v1__submit_frame_response__unpack(NULL, bytes.size, bytes.data);
    c->sequence = answer == NULL || answer->feedback == NULL ? 0 : answer->feedback->sequence;
    imi__v1__submit_frame_response__free_unpacked(answer, NULL);
    return NULL;
}

static call send(world *w, const message *what)
{
    call c = {.w = w, .what = what};
    run_call(&c);
    return c;
}

static uint64_t refused(const world *w)
{
    imi_service_counts counts;
    imi_service_count(w->f->service, &counts);
    return counts.frames_refused;
}

/* Send from another thread; returns once the service has found the frame to be early. */
static void send_early(world *w, call *c, const message *what)
{
    uint64_t before = refused(w);
    *c = (call){.w = w, .what = what, .deadline_ms = c->deadline_ms};
    assert_int_equal(pthread_create(&c->thread, NULL, run_call, c), 0);
    while (refused(w) == before) {
        usleep(1000);
    }
}

static void join(call *c)
{
    assert_int_equal(pthread_join(c->thread, NULL), 0);
}

static void assert_answered(const call *c, uint64_t sequence)
{
    assert_int_equal(c->status, IMI_OK);
    assert_int_equal(c->sequence, sequence);
}

/* As if it had waited long enough. */
static void pass_time(world *w)
{
    atomic_fetch_add(&w->clock.now_ms, IMI_FRAME_WAITS_MS);
    imi_frames_tick(&w->handlers);
}

static void frame_that_overtakes_is_answered_in_its_turn(void **state)
{
    world *w = *state;
    message *first = next_frame(w), *second = next_frame(w);
    call early = {0};
    send_early(w, &early, second);
    call on_time = send(w, first);
    join(&early);
    assert_answered(&on_time, 1);
    assert_answered(&early, 2);
    free(first);
    free(second);
}

static void whole_window_may_come_backwards(void **state)
{
    world *w = *state;
    message *frames[AHEAD_MAX + 1];
    call calls[AHEAD_MAX + 1] = {0};
    for (int i = 0; i <= AHEAD_MAX; i++) {
        frames[i] = next_frame(w);
    }
    for (int i = AHEAD_MAX; i > 0; i--) {
        send_early(w, &calls[i], frames[i]);
    }
    calls[0] = send(w, frames[0]);
    for (int i = 0; i <= AHEAD_MAX; i++) {
        if (i > 0) {
            join(&calls[i]);
        }
        assert_answered(&calls[i], (uint64_t)i + 1);
        free(frames[i]);
    }
}

static void repeats_of_an_early_frame_are_all_answered(void **state)
{
    world *w = *state;
    message *first = next_frame(w), *second = next_frame(w);
    call early[2] = {0};
    send_early(w, &early[0], second);
    send_early(w, &early[1], second);
    call on_time = send(w, first);
    assert_answered(&on_time, 1);
    for (int i = 0; i < 2; i++) {
        join(&early[i]);
        assert_answered(&early[i], 2);
    }
    call again = send(w, second);
    assert_answered(&again, 2);
    free(first);
    free(second);
}

static void frame_whose_predecessor_does_not_come_is_to_be_sent_again(void **state)
{
    world *w = *state;
    message *first = next_frame(w), *second = next_frame(w);
    call early = {0};
    send_early(w, &early, second);
    pass_time(w);
    join(&early);
    assert_int_equal(early.status, IMI_E_FRAME_EARLY);
    /* The core keeps the frame and sends it again. */
    assert_true(imi_core_reason_may_pass(imi_core_grpc_reason(early.grpc_code)));
    call calls[] = {send(w, first), send(w, second)};
    assert_answered(&calls[0], 1);
    assert_answered(&calls[1], 2);
    free(first);
    free(second);
}

static void frame_too_far_ahead_is_refused(void **state)
{
    world *w = *state;
    for (int i = 0; i <= AHEAD_MAX; i++) {
        free(next_frame(w));
    }
    message *far = next_frame(w);
    call c = send(w, far);
    assert_int_equal(c.status, IMI_E_FRAME_CHAIN);
    free(far);
}

static void no_capture_has_more_than_its_share_of_waiting_calls(void **state)
{
    world *w = *state;
    message *first = next_frame(w), *second = next_frame(w);
    call early[IMI_FRAMES_WAITING_OF_CAPTURE_MAX] = {0};
    for (int i = 0; i < IMI_FRAMES_WAITING_OF_CAPTURE_MAX; i++) {
        send_early(w, &early[i], second);
    }
    /* One of these nine is answered at once; which, is decided when they come to wait. */
    call last = {0};
    send_early(w, &last, second);
    pass_time(w);
    join(&last);
    assert_int_equal(last.status, IMI_E_FRAME_EARLY);
    for (int i = 0; i < IMI_FRAMES_WAITING_OF_CAPTURE_MAX; i++) {
        join(&early[i]);
        assert_int_equal(early[i].status, IMI_E_FRAME_EARLY);
    }
    free(first);
    free(second);
}

static void forged_early_frame_is_refused_in_its_turn_and_the_chain_goes_on(void **state)
{
    world *w = *state;
    message *first = next_frame(w), *second = next_frame(w), *forged = malloc(sizeof *forged);
    *forged = *second;
    forged->bytes[forged->size / 2] ^= 1;
    call early = {0};
    send_early(w, &early, forged);
    call calls[] = {send(w, first), send(w, second)};
    join(&early);
    assert_true(early.status == IMI_E_FRAME_CHAIN || early.status == IMI_E_IMAGE_CORRUPT);
    assert_answered(&calls[0], 1);
    assert_answered(&calls[1], 2);
    free(first);
    free(second);
    free(forged);
}

static void phone_that_is_gone_waits_for_nothing(void **state)
{
    world *w = *state;
    message *first = next_frame(w), *second = next_frame(w);
    call early = {.deadline_ms = 200};
    send_early(w, &early, second);
    join(&early);
    assert_int_equal(early.status, IMI_E_DEADLINE);
    while (imi_rpc_server_live_calls(w->server) > 0) {
        usleep(1000);
    }
    call calls[] = {send(w, first), send(w, second)};
    assert_answered(&calls[0], 1);
    assert_answered(&calls[1], 2);
    free(first);
    free(second);
}

static void new_capture_ends_the_waiting_for_the_old_one(void **state)
{
    world *w = *state;
    message *first = next_frame(w), *second = next_frame(w);
    call early = {0};
    send_early(w, &early, second);
    assert_int_equal(phone_begin(w->p), IMI_OK);
    message *fresh = next_frame(w);
    call on_time = send(w, fresh);
    assert_answered(&on_time, 1);
    pass_time(w);
    join(&early);
    assert_int_equal(early.status, IMI_E_FRAME_CHAIN);
    free(first);
    free(second);
    free(fresh);
}

static void server_that_drains_lets_nobody_wait(void **state)
{
    world *w = *state;
    message *first = next_frame(w), *second = next_frame(w);
    call early[2] = {0};
    send_early(w, &early[0], second);
    imi_rpc_server_drain(w->server);
    send_early(w, &early[1], second);
    for (int i = 0; i < 2; i++) {
        join(&early[i]);
        assert_int_equal(early[i].status, IMI_E_FRAME_EARLY);
    }
    free(first);
    free(second);
}

/* ---- Many threads ---- */

typedef struct race {
    world *w;
    message *frames[RACE_FRAMES];
    atomic_uint next, wrong;
} race;

/* Each takes the next frame and sends it until it is answered. */
static void *run_racer(void *user)
{
    race *r = user;
    for (unsigned i = 0; (i = atomic_fetch_add(&r->next, 1)) < RACE_FRAMES;) {
        call c = send(r->w, r->frames[i]);
        while (c.status == IMI_E_FRAME_EARLY || c.status == IMI_E_EXHAUSTED) {
            c = send(r->w, r->frames[i]);
        }
        if (c.status != IMI_OK || c.sequence != i + 1) {
            atomic_fetch_add(&r->wrong, 1);
        }
    }
    return NULL;
}

static void window_of_racing_calls_keeps_every_frame_and_its_place(void **state)
{
    race r = {.w = *state};
    for (int i = 0; i < RACE_FRAMES; i++) {
        r.frames[i] = next_frame(r.w);
    }
    pthread_t threads[RACERS];
    for (int i = 0; i < RACERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, run_racer, &r), 0);
    }
    for (int i = 0; i < RACERS; i++) {
        pthread_join(threads[i], NULL);
    }
    for (int i = 0; i < RACE_FRAMES; i++) {
        free(r.frames[i]);
    }
    assert_int_equal(atomic_load(&r.wrong), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(frame_that_overtakes_is_answered_in_its_turn),
        TEST(whole_window_may_come_backwards),
        TEST(repeats_of_an_early_frame_are_all_answered),
        TEST(frame_whose_predecessor_does_not_come_is_to_be_sent_again),
        TEST(frame_too_far_ahead_is_refused),
        TEST(no_capture_has_more_than_its_share_of_waiting_calls),
        TEST(forged_early_frame_is_refused_in_its_turn_and_the_chain_goes_on),
        TEST(phone_that_is_gone_waits_for_nothing),
        TEST(new_capture_ends_the_waiting_for_the_old_one),
        TEST(server_that_drains_lets_nobody_wait),
        TEST(window_of_racing_calls_keeps_every_frame_and_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
