/*
 * Many phones at once, and phones that race with themselves. Meant for the thread sanitizer;
 * cmocka's assertions are for the main thread alone, so that threads count what went wrong.
 */
#include "phone.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PHONES = 16, RACERS = 8 };

typedef struct runner {
    fixture *f;
    pthread_t thread;
    phone *p;
    imi_created_session created;
    imi_frame_feedback last;
    imi_status status;
} runner;

static imi_status enter(runner *r)
{
    imi_session_state now = IMI_SESSION_NONE;
    IMI_TRY(phone_join(r->p, &r->created));
    IMI_TRY(imi_service_consent(r->f->service, r->p->credential,
                                &(imi_consent_answer){.accepted = true}, &now, NULL));
    return phone_begin(r->p);
}

static void *run_session(void *user)
{
    runner *r = user;
    imi_create_session request = {.purpose = PURPOSE_STRICT,
                                  .reference_id = r->f->reference_id,
                                  .nonce = "nonce-of-the-bureau",
                                  .request_id = ""};
    r->status =
        imi_service_create_session(r->f->service, FIXTURE_PARTY, &request, &r->created, NULL);
    if (r->status == IMI_OK) {
        r->status = enter(r);
    }
    if (r->status == IMI_OK) {
        r->status = phone_play(r->p, 400, &r->last);
    }
    return NULL;
}

/* Housekeeping and metrics go on meanwhile. */
typedef struct keeper {
    fixture *f;
    atomic_bool stop;
} keeper;

static void *keep_house(void *user)
{
    keeper *k = user;
    while (!atomic_load(&k->stop)) {
        imi_service_counts counts;
        imi_service_tick(k->f->service);
        imi_service_count(k->f->service, &counts);
        usleep(2000);
    }
    return NULL;
}

static void many_phones_at_once_get_their_own_answers(void **state)
{
    (void)state;
    fixture *f = fixture_new(&(fixture_options){.threads = 4, .queue = 256});
    keeper k = {.f = f};
    pthread_t house;
    assert_int_equal(pthread_create(&house, NULL, keep_house, &k), 0);
    runner runners[PHONES];
    for (int i = 0; i < PHONES; i++) {
        runners[i] = (runner){.f = f, .p = phone_new(f, i % 2 ? OTHER_PERSON : FIXTURE_PERSON)};
        assert_int_equal(pthread_create(&runners[i].thread, NULL, run_session, &runners[i]), 0);
    }
    for (int i = 0; i < PHONES; i++) {
        pthread_join(runners[i].thread, NULL);
    }
    atomic_store(&k.stop, true);
    pthread_join(house, NULL);
    for (int i = 0; i < PHONES; i++) {
        assert_int_equal(runners[i].status, IMI_OK);
        assert_int_equal(runners[i].last.outcome, IMI_OUTCOME_DONE);
        imi_session_record record = fixture_session(f, runners[i].created.session_id);
        assert_int_equal(record.decision, i % 2 ? IMI_DECISION_REJECTED : IMI_DECISION_VERIFIED);
        phone_destroy(&runners[i].p);
    }
    fixture_destroy(&f);
}

/* ---- Races within one session ---- */

static void *join_once(void *user)
{
    runner *r = user;
    r->status = phone_join(r->p, &r->created);
    return NULL;
}

static void race(runner *runners, void *(*function)(void *))
{
    for (int i = 0; i < RACERS; i++) {
        assert_int_equal(pthread_create(&runners[i].thread, NULL, function, &runners[i]), 0);
    }
    for (int i = 0; i < RACERS; i++) {
        pthread_join(runners[i].thread, NULL);
    }
}

static void of_many_phones_one_joins(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    runner runners[RACERS];
    for (int i = 0; i < RACERS; i++) {
        runners[i] = (runner){.f = f, .p = phone_new(f, FIXTURE_PERSON), .created = created};
    }
    race(runners, join_once);
    int joined = 0;
    for (int i = 0; i < RACERS; i++) {
        joined += runners[i].status == IMI_OK;
        assert_true(runners[i].status == IMI_OK || runners[i].status == IMI_E_UNAUTHENTICATED);
        phone_destroy(&runners[i].p);
    }
    assert_int_equal(joined, 1);
}

static void *create_once(void *user)
{
    runner *r = user;
    imi_create_session request = {.purpose = PURPOSE_PLAIN,
                                  .reference_id = r->f->reference_id,
                                  .nonce = "nonce-of-the-bureau",
                                  .request_id = "one"};
    r->status =
        imi_service_create_session(r->f->service, FIXTURE_PARTY, &request, &r->created, NULL);
    return NULL;
}

static void one_request_at_many_places_makes_one_session(void **state)
{
    fixture *f = *state;
    runner runners[RACERS];
    for (int i = 0; i < RACERS; i++) {
        runners[i] = (runner){.f = f};
    }
    race(runners, create_once);
    for (int i = 0; i < RACERS; i++) {
        assert_int_equal(runners[i].status, IMI_OK);
        assert_string_equal(runners[i].created.session_id, runners[0].created.session_id);
    }
}

/* One frame sent by several connections at once, as after a break. */
typedef struct duplicate {
    runner *r;
    pthread_barrier_t *start;
    const imi_frame *frame;
    pthread_t thread;
    imi_status status;
    phone_answer answer;
} duplicate;

static void *submit_duplicate(void *user)
{
    duplicate *d = user;
    pthread_barrier_wait(d->start);
    d->status = imi_service_submit_frame(d->r->f->service, d->r->p->credential, d->frame,
                                         phone_answer_reply, &d->answer, NULL);
    if (d->status == IMI_OK) {
        phone_answer_wait(&d->answer, 1);
    }
    return NULL;
}

static void frame_sent_by_several_at_once_is_judged_once(void **state)
{
    fixture *f = *state;
    runner r = {
        .f = f, .p = phone_new(f, FIXTURE_PERSON), .created = fixture_create(f, PURPOSE_PLAIN)};
    assert_int_equal(enter(&r), IMI_OK);
    for (int round = 0; round < 20; round++) {
        IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
        scene_draw_jpeg(&r.p->look, &jpeg);
        imi_frame frame;
        phone_chain_sign(&r.p->chain, imi_buffer_view(&jpeg), 80, &frame);
        duplicate copies[4];
        pthread_barrier_t start;
        pthread_barrier_init(&start, NULL, 4);
        for (int i = 0; i < 4; i++) {
            copies[i] = (duplicate){.r = &r, .start = &start, .frame = &frame};
            phone_answer_init(&copies[i].answer);
            assert_int_equal(pthread_create(&copies[i].thread, NULL, submit_duplicate, &copies[i]),
                             0);
        }
        for (int i = 0; i < 4; i++) {
            pthread_join(copies[i].thread, NULL);
            assert_int_equal(copies[i].status, IMI_OK);
            assert_int_equal(copies[i].answer.replies, 1);
            assert_memory_equal(&copies[i].answer.feedback, &copies[0].answer.feedback,
                                sizeof copies[0].answer.feedback);
        }
        pthread_barrier_destroy(&start);
        phone_move(r.p);
    }
    phone_destroy(&r.p);
}

static void *withdraw(void *user)
{
    runner *r = user;
    imi_session_state now = IMI_SESSION_NONE;
    usleep((useconds_t)(rand() % 20000));
    r->status = imi_service_consent(r->f->service, r->p->credential,
                                    &(imi_consent_answer){.accepted = false}, &now, NULL);
    return NULL;
}

/* Either the decision comes first or the withdrawal: never both, never neither. */
static void withdrawal_and_decision_exclude_each_other(void **state)
{
    fixture *f = *state;
    for (int round = 0; round < 4; round++) {
        runner r = {
            .f = f, .p = phone_new(f, FIXTURE_PERSON), .created = fixture_create(f, PURPOSE_PLAIN)};
        assert_int_equal(enter(&r), IMI_OK);
        imi_frame_feedback last = {0};
        while (last.actions_done == 0 || last.actions_done < last.actions_total) {
            assert_int_equal(phone_send(r.p, &last), IMI_OK);
            phone_move(r.p);
        }
        assert_int_equal(pthread_create(&r.thread, NULL, withdraw, &r), 0);
        (void)phone_play(r.p, 20, &last);
        pthread_join(r.thread, NULL);
        imi_session_record record = fixture_session(f, r.created.session_id);
        if (r.status == IMI_OK) {
            assert_int_equal(record.state, IMI_SESSION_WITHDRAWN);
            assert_int_equal(record.decision, IMI_DECISION_NONE);
        } else {
            assert_int_equal(r.status, IMI_E_SESSION_STATE);
            assert_int_equal(record.decision, IMI_DECISION_VERIFIED);
        }
        phone_destroy(&r.p);
    }
}

static void *begin_and_send(void *user)
{
    runner *r = user;
    phone copy = *r->p;
    imi_status status = phone_begin(&copy);
    imi_frame_feedback last;
    if (status == IMI_OK) {
        status = phone_send(&copy, &last);
    }
    bool expected = status == IMI_OK || status == IMI_E_FRAME_CHAIN || status == IMI_E_CONFLICT;
    r->status = expected ? r->status : status;
    return NULL;
}

static void captures_begun_at_once_leave_one(void **state)
{
    fixture *f = *state;
    phone *p = phone_new(f, FIXTURE_PERSON);
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    phone_enter(p, &created);
    runner runners[RACERS];
    for (int i = 0; i < RACERS; i++) {
        runners[i] = (runner){.f = f, .p = p, .status = IMI_OK};
    }
    race(runners, begin_and_send);
    for (int i = 0; i < RACERS; i++) {
        assert_int_equal(runners[i].status, IMI_OK);
    }
    imi_service_counts counts;
    imi_service_count(f->service, &counts);
    assert_int_equal(counts.live_captures, 1);
    phone_destroy(&p);
}

/* ---- Watches that come and go while news is told ---- */

typedef struct listener_state {
    atomic_int calls;
    atomic_int inside; /* must never exceed 1 */
    atomic_bool overlapped, gone, called_when_gone;
} listener_state;

static void listen(void *user, const char *session_id)
{
    (void)session_id;
    listener_state *l = user;
    if (atomic_fetch_add(&l->inside, 1) != 0) {
        atomic_store(&l->overlapped, true);
    }
    if (atomic_load(&l->gone)) {
        atomic_store(&l->called_when_gone, true);
    }
    atomic_fetch_add(&l->calls, 1);
    usleep(3000); /* longer than an event takes, so that news comes meanwhile */
    atomic_fetch_sub(&l->inside, 1);
}

typedef struct watcher {
    runner base;
    const char *session_id;
    bool failed;
} watcher;

static void *come_and_go(void *user)
{
    watcher *w = user;
    for (int i = 0; i < 20; i++) {
        listener_state l = {.calls = 0};
        imi_watch *watch = NULL;
        if (imi_service_watch(w->base.f->service, FIXTURE_PARTY, w->session_id, listen, &l, &watch,
                              NULL) != IMI_OK) {
            w->failed = true;
            continue;
        }
        usleep(5000);
        imi_watch_destroy(&watch);
        atomic_store(&l.gone, true);
        usleep(100);
        w->failed |= atomic_load(&l.overlapped) || atomic_load(&l.called_when_gone) ||
                     atomic_load(&l.inside) != 0;
    }
    return NULL;
}

/* Each capture begun is an event. */
static void *make_news(void *user)
{
    runner *r = user;
    phone copy = *r->p;
    for (int i = 0; i < 15; i++) {
        (void)phone_begin(&copy);
    }
    return NULL;
}

static void watches_may_come_and_go_while_news_is_told(void **state)
{
    fixture *f = *state;
    phone *p = phone_new(f, FIXTURE_PERSON);
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    phone_enter(p, &created);
    watcher watchers[4];
    for (int i = 0; i < 4; i++) {
        watchers[i] = (watcher){.base = {.f = f}, .session_id = created.session_id};
        assert_int_equal(pthread_create(&watchers[i].base.thread, NULL, come_and_go, &watchers[i]),
                         0);
    }
    runner newsmakers[3];
    for (int i = 0; i < 3; i++) {
        newsmakers[i] = (runner){.f = f, .p = p};
        assert_int_equal(pthread_create(&newsmakers[i].thread, NULL, make_news, &newsmakers[i]), 0);
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(newsmakers[i].thread, NULL);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(watchers[i].base.thread, NULL);
        assert_false(watchers[i].failed);
    }
    phone_destroy(&p);
}

#define THREAD_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_phones_at_once_get_their_own_answers),
        THREAD_TEST(of_many_phones_one_joins),
        THREAD_TEST(one_request_at_many_places_makes_one_session),
        THREAD_TEST(frame_sent_by_several_at_once_is_judged_once),
        THREAD_TEST(withdrawal_and_decision_exclude_each_other),
        THREAD_TEST(captures_begun_at_once_leave_one),
        THREAD_TEST(watches_may_come_and_go_while_news_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
