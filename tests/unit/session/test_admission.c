/*
 * More captures than can be judged: as many run as there is room for, the others wait, who asked
 * first comes first, and waiting costs nothing.
 */
#include "admission.h"
#include "phone.h"

#include <stdio.h>

enum { SECOND = 1000, RIVALS = 8 };

/* ---- The line ---- */

/* An admission without captures: who is let in stays on the doorstep. */
typedef struct door {
    imi_admission admission;
    imi_captures captures;
    int64_t now_ms;
} door;

static void door_open(door *d, const imi_admission_options *options)
{
    imi_admission_init(&d->admission, options);
    assert_int_equal(imi_captures_init(&d->captures, 1, NULL), IMI_OK);
    d->now_ms = 1000000;
}

static void door_close(door *d)
{
    imi_captures_clean_up(&d->captures);
    imi_admission_clean_up(&d->admission);
}

static int64_t ask(door *d, const char *session_id)
{
    return imi_admission_ask(&d->admission, &d->captures, session_id, d->now_ms);
}

/* Room for two, which a and b have. */
static void door_open_full(door *d)
{
    door_open(d, &(imi_admission_options){.workers = 1, .fixed = 2});
    assert_int_equal(ask(d, "a"), 0);
    assert_int_equal(ask(d, "b"), 0);
}

static void as_many_come_in_as_there_is_room_for(void **state)
{
    (void)state;
    door d;
    door_open_full(&d);
    assert_true(ask(&d, "c") > 0);
    imi_admission_leave(&d.admission);
    assert_int_equal(ask(&d, "c"), 0);
    assert_int_equal(imi_admission_waiting(&d.admission), 0);
    assert_true(ask(&d, "d") > 0);
    door_close(&d);
}

static void who_asked_first_comes_first(void **state)
{
    (void)state;
    door d;
    door_open_full(&d);
    assert_true(ask(&d, "c") > 0);
    assert_true(ask(&d, "d") > 0);
    imi_admission_leave(&d.admission);
    assert_true(ask(&d, "e") > 0);
    assert_true(ask(&d, "d") > 0);
    assert_int_equal(ask(&d, "c"), 0);
    imi_admission_leave(&d.admission);
    assert_true(ask(&d, "e") > 0);
    assert_int_equal(ask(&d, "d"), 0);
    door_close(&d);
}

static void who_does_not_come_back_loses_the_place(void **state)
{
    (void)state;
    door d;
    door_open_full(&d);
    int64_t wait_ms = ask(&d, "c");
    imi_admission_leave(&d.admission);
    d.now_ms += wait_ms + IMI_ADMISSION_GRACE_MS;
    assert_true(ask(&d, "d") > 0);
    d.now_ms++;
    assert_int_equal(ask(&d, "d"), 0);
    assert_true(ask(&d, "c") > 0);
    door_close(&d);
}

static void asking_early_neither_helps_nor_harms(void **state)
{
    (void)state;
    door d;
    door_open_full(&d);
    int64_t first = ask(&d, "c");
    int64_t second = ask(&d, "d");
    for (int i = 0; i < 100; i++) {
        assert_int_equal(ask(&d, "d"), second);
        assert_int_equal(ask(&d, "c"), first);
    }
    assert_int_equal(imi_admission_waiting(&d.admission), 2);
    door_close(&d);
}

static void who_stands_further_back_is_told_to_wait_longer(void **state)
{
    (void)state;
    door d;
    door_open(&d, &(imi_admission_options){.workers = 1, .fixed = 5});
    const char *const inside[] = {"a", "b", "c", "d", "e"};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(ask(&d, inside[i]), 0);
    }
    assert_int_equal(ask(&d, "f"), 6 * SECOND); /* a capture ends every six seconds */
    assert_int_equal(ask(&d, "g"), 12 * SECOND);
    assert_int_equal(ask(&d, "h"), 18 * SECOND);
    assert_int_equal(ask(&d, "i"), 24 * SECOND);
    assert_int_equal(ask(&d, "j"), IMI_ADMISSION_WAIT_MAX_MS);
    assert_int_equal(ask(&d, "k"), IMI_ADMISSION_WAIT_MAX_MS);
    door_close(&d);
}

static void nobody_is_told_to_come_back_at_once(void **state)
{
    (void)state;
    door d;
    door_open(&d, &(imi_admission_options){.workers = 1, .fixed = 40});
    char id[IMI_ID_SIZE];
    for (int i = 0; i < 40; i++) {
        snprintf(id, sizeof id, "ses_%d", i);
        assert_int_equal(ask(&d, id), 0);
    }
    assert_int_equal(ask(&d, "last"), IMI_ADMISSION_WAIT_MIN_MS);
    door_close(&d);
}

static void line_is_bounded(void **state)
{
    (void)state;
    door d;
    door_open_full(&d);
    char id[IMI_ID_SIZE];
    for (int i = 0; i < IMI_ADMISSION_LINE_MAX + 10; i++) {
        snprintf(id, sizeof id, "ses_%d", i);
        assert_true(ask(&d, id) > 0);
    }
    assert_int_equal(imi_admission_waiting(&d.admission), IMI_ADMISSION_LINE_MAX);
    imi_admission_leave(&d.admission);
    assert_int_equal(ask(&d, "ses_0"), 0);
    assert_true(ask(&d, id) > 0); /* and has a place now */
    assert_int_equal(imi_admission_waiting(&d.admission), IMI_ADMISSION_LINE_MAX);
    door_close(&d);
}

/* ---- How many ---- */

static size_t room_at(const imi_admission_options *options, int64_t frame_ms)
{
    door d;
    door_open(&d, options);
    for (int i = 0; i < 10000; i++) {
        imi_admission_note_frame(&d.admission, frame_ms);
    }
    size_t room = imi_admission_room(&d.admission);
    door_close(&d);
    return room;
}

static void room_is_for_as_many_as_can_be_judged(void **state)
{
    (void)state;
    imi_admission_options options = {.workers = 2, .most = 256};
    assert_int_equal(room_at(&options, 20), 22); /* 100 frames a second, 4.5 for each */
    assert_int_equal(room_at(&options, 50), 8);
    options.workers = 8;
    assert_int_equal(room_at(&options, 50), 35);
}

static void room_is_one_a_worker_however_slow(void **state)
{
    (void)state;
    imi_admission_options options = {.workers = 3, .most = 256};
    assert_int_equal(room_at(&options, 5000), 3);
}

static void room_is_bounded_however_fast(void **state)
{
    (void)state;
    imi_admission_options options = {.workers = 2, .most = 256};
    assert_int_equal(room_at(&options, 0), 256);
    options.workers = 300;
    assert_int_equal(room_at(&options, 0), 300);
}

static void room_that_was_set_does_not_change(void **state)
{
    (void)state;
    imi_admission_options options = {.workers = 2, .fixed = 7, .most = 256};
    assert_int_equal(room_at(&options, 5000), 7);
    assert_int_equal(room_at(&options, 0), 7);
}

static void one_slow_frame_changes_little(void **state)
{
    (void)state;
    door d;
    door_open(&d, &(imi_admission_options){.workers = 2, .most = 256});
    size_t before = imi_admission_room(&d.admission);
    imi_admission_note_frame(&d.admission, 500);
    assert_true(imi_admission_room(&d.admission) + 1 >= before);
    door_close(&d);
}

/* ---- Captures ---- */

static phone *ready_phone(fixture *f)
{
    phone *p = phone_new(f, FIXTURE_PERSON);
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    phone_enter(p, &created);
    return p;
}

static phone *begun_phone(fixture *f)
{
    phone *p = ready_phone(f);
    assert_int_equal(phone_begin(p), IMI_OK);
    assert_int_equal(p->capture.retry_after_ms, 0);
    return p;
}

static bool has_to_wait(phone *p)
{
    assert_int_equal(phone_begin(p), IMI_OK);
    assert_true(p->capture.busy == (p->capture.retry_after_ms > 0));
    return p->capture.busy;
}

static void withdraw(phone *p)
{
    imi_session_state state = IMI_SESSION_NONE;
    assert_int_equal(
        imi_service_consent(p->f->service, p->credential, &(imi_consent_answer){0}, &state, NULL),
        IMI_OK);
}

/* Room for one. */
static int set_up(void **state)
{
    *state = fixture_new(&(fixture_options){.captures_at_once = 1});
    return 0;
}

static void who_waits_has_begun_nothing(void **state)
{
    fixture *f = *state;
    phone *first = begun_phone(f);
    phone *second = ready_phone(f);
    assert_true(has_to_wait(second));
    assert_string_equal(second->capture.capture_id, "");
    assert_int_equal(second->capture.challenge.count, 0);
    char events[128];
    fixture_events(f, second->session_id, events, sizeof events);
    assert_string_equal(events, "created joined consented");
    assert_int_equal(fixture_session(f, second->session_id).attempts, 0);
    imi_service_counts counts;
    imi_service_count(f->service, &counts);
    assert_int_equal(counts.captures_at_once, 1);
    assert_int_equal(counts.captures_waiting, 1);
    assert_int_equal(counts.live_captures, 1);
    phone_destroy(&first);
    phone_destroy(&second);
}

static void waiting_costs_no_beginning(void **state)
{
    fixture *f = *state;
    phone *first = begun_phone(f);
    phone *second = ready_phone(f);
    for (int i = 0; i < 20; i++) {
        assert_true(has_to_wait(second));
    }
    imi_clock_manual_advance(&f->clock, IMI_ADMISSION_QUIET_MS + 1);
    for (int i = 0; i < 4; i++) {
        assert_false(has_to_wait(second));
    }
    assert_int_equal(fixture_session(f, second->session_id).attempts, 0);
    phone_destroy(&first);
    phone_destroy(&second);
}

static void capture_that_ends_makes_room(void **state)
{
    fixture *f = *state;
    phone *first = begun_phone(f);
    phone *second = ready_phone(f);
    assert_true(has_to_wait(second));
    imi_frame_feedback last;
    assert_int_equal(phone_play(first, 400, &last), IMI_OK);
    assert_int_equal(last.guidance, IMI_GUIDANCE_DONE);
    assert_false(has_to_wait(second));
    phone_destroy(&first);
    phone_destroy(&second);
}

static void capture_that_is_dropped_makes_room(void **state)
{
    fixture *f = *state;
    phone *first = begun_phone(f);
    phone *second = ready_phone(f);
    assert_true(has_to_wait(second));
    withdraw(first);
    assert_false(has_to_wait(second));
    phone_destroy(&first);
    phone_destroy(&second);
}

static void capture_without_frames_leaves_its_place_and_may_go_on(void **state)
{
    fixture *f = *state;
    phone *first = begun_phone(f);
    phone *second = ready_phone(f);
    imi_frame_feedback told;
    imi_clock_manual_advance(&f->clock, IMI_ADMISSION_QUIET_MS);
    assert_int_equal(phone_send(first, &told), IMI_OK);
    imi_clock_manual_advance(&f->clock, IMI_ADMISSION_QUIET_MS);
    assert_true(has_to_wait(second));
    imi_clock_manual_advance(&f->clock, 1);
    assert_false(has_to_wait(second));
    assert_int_equal(phone_send(first, &told), IMI_OK);
    phone_destroy(&first);
    phone_destroy(&second);
}

static void who_is_in_may_begin_again_before_those_who_wait(void **state)
{
    fixture *f = *state;
    phone *first = begun_phone(f);
    phone *second = ready_phone(f);
    assert_true(has_to_wait(second));
    assert_false(has_to_wait(first));
    assert_true(has_to_wait(second));
    phone_destroy(&first);
    phone_destroy(&second);
}

/* A beginning of which the n-th call of the store fails; false if it makes fewer. */
static bool begin_badly(fixture *f, int n)
{
    phone *p = ready_phone(f);
    faulty_store_fail(&f->store, n, IMI_E_STORE_IO, false);
    imi_status status = phone_begin(p);
    bool failed = faulty_store_has_failed(&f->store);
    faulty_store_heal(&f->store);
    assert_true(failed == (status == IMI_E_STORE_IO));
    phone_destroy(&p);
    return failed;
}

static void what_cannot_begin_takes_no_room(void **state)
{
    fixture *f = *state;
    int calls = 0;
    while (begin_badly(f, calls + 1)) {
        phone *p = begun_phone(f);
        withdraw(p);
        phone_destroy(&p);
        calls++;
    }
    assert_true(calls > 3);
}

typedef struct rival {
    pthread_t thread;
    phone *p;
    imi_status status;
} rival;

static void *begin_one(void *argument)
{
    rival *self = argument;
    self->status = phone_begin(self->p);
    return NULL;
}

static void no_more_than_fit_begin_at_one_moment(void **state)
{
    (void)state;
    fixture *f = fixture_new(&(fixture_options){.captures_at_once = 3});
    rival rivals[RIVALS] = {{0}};
    for (int i = 0; i < RIVALS; i++) {
        rivals[i].p = ready_phone(f);
    }
    for (int i = 0; i < RIVALS; i++) {
        assert_int_equal(pthread_create(&rivals[i].thread, NULL, begin_one, &rivals[i]), 0);
    }
    int begun = 0;
    for (int i = 0; i < RIVALS; i++) {
        pthread_join(rivals[i].thread, NULL);
        assert_int_equal(rivals[i].status, IMI_OK);
        begun += !rivals[i].p->capture.busy;
        phone_destroy(&rivals[i].p);
    }
    assert_int_equal(begun, 3);
    fixture_destroy(&f);
}

static void frames_that_are_judged_are_measured(void **state)
{
    (void)state;
    fixture *f = fixture_new(NULL);
    imi_service_counts before, after;
    imi_service_count(f->service, &before);
    assert_int_equal(before.captures_at_once, 13);
    phone *p = phone_new(f, FIXTURE_PERSON);
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    assert_int_equal(phone_run(p, &created).outcome, IMI_OUTCOME_DONE);
    imi_service_count(f->service, &after); /* by a clock that stood still meanwhile */
    assert_true(after.captures_at_once > before.captures_at_once);
    phone_destroy(&p);
    fixture_destroy(&f);
}

#define ADMISSION_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_many_come_in_as_there_is_room_for),
        cmocka_unit_test(who_asked_first_comes_first),
        cmocka_unit_test(who_does_not_come_back_loses_the_place),
        cmocka_unit_test(asking_early_neither_helps_nor_harms),
        cmocka_unit_test(who_stands_further_back_is_told_to_wait_longer),
        cmocka_unit_test(nobody_is_told_to_come_back_at_once),
        cmocka_unit_test(line_is_bounded),
        cmocka_unit_test(room_is_for_as_many_as_can_be_judged),
        cmocka_unit_test(room_is_one_a_worker_however_slow),
        cmocka_unit_test(room_is_bounded_however_fast),
        cmocka_unit_test(room_that_was_set_does_not_change),
        cmocka_unit_test(one_slow_frame_changes_little),
        ADMISSION_TEST(who_waits_has_begun_nothing),
        ADMISSION_TEST(waiting_costs_no_beginning),
        ADMISSION_TEST(capture_that_ends_makes_room),
        ADMISSION_TEST(capture_that_is_dropped_makes_room),
        ADMISSION_TEST(capture_without_frames_leaves_its_place_and_may_go_on),
        ADMISSION_TEST(who_is_in_may_begin_again_before_those_who_wait),
        ADMISSION_TEST(what_cannot_begin_takes_no_room),
        cmocka_unit_test(no_more_than_fit_begin_at_one_moment),
        cmocka_unit_test(frames_that_are_judged_are_measured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
