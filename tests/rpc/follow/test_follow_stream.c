/*
 * FollowSession over TLS: steps as they are stored, ends of streams from either side, crowds.
 */
#include "phone.h"

#include "imi/v1/subject.pb-c.h"
#include "rpc/client.h"
#include "rpc/frame_order.h"
#include "rpc/handler.h"
#include "rpc/pki.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WITHIN_MS = 30000, SESSIONS = 12, SCREENS = 3, FOLLOWERS_MAX = 4, GRACE_MS = 1000 };

typedef struct world {
    fixture *f;
    imi_pki pki;
    imi_frame_order *order; /* of the service's other methods */
    imi_handlers handlers;
    imi_rpc_service service;
    imi_rpc_server *server;
    imi_rpc_channel *channel;
} world;

static int set_up(void **state)
{
    world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->f = fixture_new(NULL);
    assert_int_equal(imi_pki_ensure(w->f->folder, NULL, 0, &w->pki, NULL), IMI_OK);
    assert_int_equal(imi_frame_order_new(&w->f->clock.base, &w->order, NULL), IMI_OK);
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
    char target[64];
    snprintf(target, sizeof target, "localhost:%d", imi_rpc_server_port(w->server));
    imi_rpc_channel_options channel = {.target = target, .ca_file = w->pki.ca_cert};
    assert_int_equal(imi_rpc_channel_new(&channel, &w->channel, NULL), IMI_OK);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    world *w = *state;
    imi_rpc_channel_destroy(&w->channel);
    if (w->server != NULL) {
        imi_rpc_server_stop(w->server, GRACE_MS);
        assert_int_equal(imi_rpc_server_live_calls(w->server), 0);
        imi_rpc_server_destroy(&w->server);
    }
    imi_frame_order_destroy(&w->order);
    fixture_destroy(&w->f);
    free(w);
    return 0;
}

static imi_rpc_stream *follow(world *w, const char *session_id, const char *secret)
{
    Imi__V1__FollowSessionRequest request = IMI__V1__FOLLOW_SESSION_REQUEST__INIT;
    request.session_id = (char *)session_id;
    request.join_secret = (char *)secret;
    uint8_t bytes[1024];
    assert_true(imi__v1__follow_session_request__get_packed_size(&request) <= sizeof bytes);
    size_t size = imi__v1__follow_session_request__pack(&request, bytes);
    const imi_rpc_request target = {.path = "/imi.v1.SubjectService/FollowSession"};
    imi_rpc_stream *stream = NULL;
    assert_int_equal(
        imi_rpc_stream_watch(w->channel, &target, (imi_view){bytes, size}, &stream, NULL), IMI_OK);
    return stream;
}

static imi_rpc_stream *follow_created(world *w, const imi_created_session *created)
{
    return follow(w, created->session_id, created->join_secret);
}

/* The next step; UNSPECIFIED at a good end. The status of a bad end goes to status_out. */
static Imi__V1__FollowStep next_step(imi_rpc_stream *stream, imi_status *status_out)
{
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    imi_rpc_received received = IMI_RPC_RECEIVED_NOTHING;
    *status_out = imi_rpc_stream_receive(stream, WITHIN_MS, &bytes, &received, NULL);
    if (*status_out != IMI_OK || received == IMI_RPC_RECEIVED_END) {
        return IMI__V1__FOLLOW_STEP__FOLLOW_STEP_UNSPECIFIED;
    }
    assert_int_equal(received, IMI_RPC_RECEIVED_MESSAGE);
    Imi__V1__FollowSessionResponse *told =
        imi__v1__follow_session_response__unpack(NULL, bytes.size, bytes.data);
    assert_non_null(told);
    Imi__V1__FollowStep step = told->step;
    assert_true(told->expires_at_ms > 0);
    assert_string_equal(told->receipt_json, ""); /* the fixture keeps no log */
    imi__v1__follow_session_response__free_unpacked(told, NULL);
    return step;
}

static void assert_step(imi_rpc_stream *stream, imi_follow_step step)
{
    imi_status status = IMI_OK;
    assert_int_equal(next_step(stream, &status), (Imi__V1__FollowStep)step);
    assert_int_equal(status, IMI_OK);
}

static void assert_well_ended(imi_rpc_stream *stream)
{
    assert_step(stream, IMI_FOLLOW_NONE);
}

static void assert_failed(imi_rpc_stream *stream, imi_status wanted)
{
    imi_status status = IMI_OK;
    next_step(stream, &status);
    assert_int_equal(status, wanted);
}

static void answer(phone *p, bool accepted)
{
    imi_session_state state = IMI_SESSION_NONE;
    const imi_consent_answer given = {.accepted = accepted};
    assert_int_equal(imi_service_consent(p->f->service, p->credential, &given, &state, NULL),
                     IMI_OK);
}

static void each_step_is_told_once_and_the_last_ends_the_stream(void **state)
{
    world *w = *state;
    imi_created_session created = fixture_create(w->f, PURPOSE_PLAIN);
    phone *p = phone_new(w->f, FIXTURE_PERSON);
    imi_frame_feedback last;
    IMI_AUTO(imi_rpc_stream) stream = follow_created(w, &created);
    assert_step(stream, IMI_FOLLOW_WAITING_FOR_PHONE);
    assert_int_equal(phone_join(p, &created), IMI_OK);
    assert_step(stream, IMI_FOLLOW_PHONE_JOINED);
    assert_int_equal(phone_join(p, &created), IMI_OK); /* news, but no step */
    answer(p, true);
    assert_step(stream, IMI_FOLLOW_CONSENTED);
    assert_int_equal(phone_begin(p), IMI_OK);
    assert_step(stream, IMI_FOLLOW_CAPTURING);
    assert_int_equal(phone_begin(p), IMI_OK);
    assert_int_equal(phone_play(p, 2000, &last), IMI_OK);
    assert_step(stream, IMI_FOLLOW_DONE);
    assert_well_ended(stream);
    phone_destroy(&p);
}

static void an_expired_session_is_told_as_such_and_ends_the_stream(void **state)
{
    world *w = *state;
    imi_created_session created = fixture_create(w->f, PURPOSE_PLAIN);
    imi_clock_manual_advance(&w->f->clock, 900 * 1000);
    imi_service_tick(w->f->service);
    IMI_AUTO(imi_rpc_stream) stream = follow_created(w, &created);
    assert_step(stream, IMI_FOLLOW_EXPIRED);
    assert_well_ended(stream);
}

static void erasure_ends_the_stream(void **state)
{
    world *w = *state;
    imi_created_session created = fixture_create(w->f, PURPOSE_PLAIN);
    IMI_AUTO(imi_rpc_stream) stream = follow_created(w, &created);
    assert_step(stream, IMI_FOLLOW_WAITING_FOR_PHONE);
    imi_erased erased;
    assert_int_equal(
        imi_service_erase_subject(w->f->service, FIXTURE_PARTY, "citizen-1", &erased, NULL),
        IMI_OK);
    assert_failed(stream, IMI_E_UNAUTHENTICATED);
}

static void what_is_wrong_is_refused_however_long(void **state)
{
    world *w = *state;
    imi_created_session created = fixture_create(w->f, PURPOSE_PLAIN);
    char endless[700];
    memset(endless, 'x', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    const char *const wrong[][2] = {
        {created.session_id, ""},
        {created.session_id, "short"},
        {created.session_id, endless},
        {"ses_AAAAAAAAAAAAAAAAAAAAAA", created.join_secret},
        {"", ""},
        {endless, created.join_secret},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        IMI_AUTO(imi_rpc_stream) stream = follow(w, wrong[i][0], wrong[i][1]);
        assert_failed(stream, IMI_E_UNAUTHENTICATED);
    }
}

static void a_client_that_leaves_gives_its_place_back(void **state)
{
    world *w = *state;
    imi_created_session created = fixture_create(w->f, PURPOSE_PLAIN);
    imi_rpc_stream *streams[FOLLOWERS_MAX];
    for (int i = 0; i < FOLLOWERS_MAX; i++) {
        streams[i] = follow_created(w, &created);
        assert_step(streams[i], IMI_FOLLOW_WAITING_FOR_PHONE);
    }
    IMI_AUTO(imi_rpc_stream) refused = follow_created(w, &created);
    assert_failed(refused, IMI_E_EXHAUSTED);
    imi_rpc_stream_destroy(&streams[0]);
    while (imi_rpc_server_live_calls(w->server) >= FOLLOWERS_MAX) {
        usleep(1000);
    }
    streams[0] = follow_created(w, &created);
    assert_step(streams[0], IMI_FOLLOW_WAITING_FOR_PHONE);
    for (int i = 0; i < FOLLOWERS_MAX; i++) {
        imi_rpc_stream_destroy(&streams[i]);
    }
}

static void a_server_that_stops_tells_who_follows_to_come_back(void **state)
{
    world *w = *state;
    imi_created_session created = fixture_create(w->f, PURPOSE_PLAIN);
    IMI_AUTO(imi_rpc_stream) stream = follow_created(w, &created);
    assert_step(stream, IMI_FOLLOW_WAITING_FOR_PHONE);
    imi_rpc_server_stop(w->server, GRACE_MS);
    imi_rpc_server_destroy(&w->server);
    assert_failed(stream, IMI_E_RPC_UNAVAILABLE);
}

/* ---- Crowds ---- */

typedef struct screen {
    world *w;
    const imi_created_session *created;
    int leaves_after; /* steps; more than there are: stays to the end */
    pthread_t thread;
    Imi__V1__FollowStep last;
    bool went_back; /* a step was told behind a later one */
} screen;

static void *watch(void *user)
{
    screen *self = user;
    imi_rpc_stream *stream = follow_created(self->w, self->created);
    imi_status status = IMI_OK;
    for (int told = 0; told < self->leaves_after; told++) {
        Imi__V1__FollowStep step = next_step(stream, &status);
        if (step == IMI__V1__FOLLOW_STEP__FOLLOW_STEP_UNSPECIFIED) {
            break;
        }
        self->went_back |= step <= self->last;
        self->last = step;
    }
    imi_rpc_stream_destroy(&stream);
    return NULL;
}

/* Joins, agrees and changes its mind while screens come, follow and leave. */
static void screens_of_many_sessions_follow_their_own(void **state)
{
    world *w = *state;
    imi_created_session created[SESSIONS];
    screen screens[SESSIONS][SCREENS];
    for (int i = 0; i < SESSIONS; i++) {
        created[i] = fixture_create(w->f, PURPOSE_PLAIN);
        for (int j = 0; j < SCREENS; j++) {
            screens[i][j] =
                (screen){.w = w, .created = &created[i], .leaves_after = j == 0 ? 9 : j};
            assert_int_equal(pthread_create(&screens[i][j].thread, NULL, watch, &screens[i][j]), 0);
        }
    }
    for (int i = 0; i < SESSIONS; i++) {
        phone *p = phone_new(w->f, FIXTURE_PERSON);
        phone_enter(p, &created[i]);
        answer(p, false);
        phone_destroy(&p);
    }
    for (int i = 0; i < SESSIONS; i++) {
        for (int j = 0; j < SCREENS; j++) {
            assert_int_equal(pthread_join(screens[i][j].thread, NULL), 0);
            assert_false(screens[i][j].went_back);
        }
        assert_int_equal(screens[i][0].last, IMI__V1__FOLLOW_STEP__FOLLOW_STEP_WITHDRAWN);
    }
}

#define FOLLOW_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLLOW_TEST(each_step_is_told_once_and_the_last_ends_the_stream),
        FOLLOW_TEST(an_expired_session_is_told_as_such_and_ends_the_stream),
        FOLLOW_TEST(erasure_ends_the_stream),
        FOLLOW_TEST(what_is_wrong_is_refused_however_long),
        FOLLOW_TEST(a_client_that_leaves_gives_its_place_back),
        FOLLOW_TEST(a_server_that_stops_tells_who_follows_to_come_back),
        FOLLOW_TEST(screens_of_many_sessions_follow_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
