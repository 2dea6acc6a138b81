/* Attempts of subjects and devices: counted, kept over a restart, and never let in two by two. */
#include "fixture.h"

#include "imi/memory.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { THREADS = 8, FREE = 3 };
static const int64_t NOW_MS = 1700000000000, DAY_MS = 86400000;

/* What the gate was told last, and what it says. */
typedef struct gate {
    bool closed;
    imi_attempt_tally subject, device;
} gate;

static bool open_gate(void *user, const imi_attempt_tally *subject, const imi_attempt_tally *device)
{
    gate *self = user;
    self->subject = *subject;
    self->device = *device;
    return !self->closed;
}

static imi_attempt_record attempt_of(const char *session_id, uint32_t number, uint8_t subject,
                                     uint8_t device, int64_t at_ms)
{
    imi_attempt_record record = {.number = number, .at_ms = at_ms};
    imi_copy_text(record.session_id, sizeof record.session_id, session_id);
    memset(record.subject, subject, sizeof record.subject);
    memset(record.device, device, sizeof record.device);
    return record;
}

static bool begin(const imi_attempt_record *record, gate *through)
{
    bool admitted = false;
    OK(g_store->begin_attempt(g_store, record, record->at_ms - DAY_MS, open_gate, through,
                              &admitted, &g_err));
    return admitted;
}

/* What a stranger's attempt would be told of this subject and device. */
static gate look(uint8_t subject, uint8_t device, int64_t at_ms)
{
    gate through = {.closed = true};
    imi_attempt_record record = attempt_of("ses_onlooker", 1, subject, device, at_ms);
    assert_false(begin(&record, &through));
    return through;
}

static void a_first_attempt_finds_nothing(void **state)
{
    (void)state;
    gate through = {.closed = false};
    imi_attempt_record record = attempt_of("ses_a", 1, 1, 1, NOW_MS);
    assert_true(begin(&record, &through));
    assert_int_equal(through.subject.count, 0);
    assert_int_equal(through.subject.last_ms, 0);
    assert_int_equal(through.device.count, 0);
}

static void attempts_count_for_their_subject_and_their_device(void **state)
{
    (void)state;
    gate through = {.closed = false};
    imi_attempt_record one = attempt_of("ses_a", 1, 1, 7, NOW_MS);
    imi_attempt_record two = attempt_of("ses_b", 1, 1, 8, NOW_MS + 5);
    assert_true(begin(&one, &through) && begin(&two, &through));
    gate seen = look(1, 7, NOW_MS + 10);
    assert_int_equal(seen.subject.count, 2);
    assert_int_equal(seen.subject.last_ms, NOW_MS + 5);
    assert_int_equal(seen.device.count, 1);
    assert_int_equal(seen.device.last_ms, NOW_MS);
    seen = look(2, 9, NOW_MS + 10);
    assert_int_equal(seen.subject.count + seen.device.count, 0);
}

static void an_attempt_that_is_refused_leaves_no_trace(void **state)
{
    (void)state;
    look(1, 1, NOW_MS);
    assert_int_equal(look(1, 1, NOW_MS).subject.count, 0);
}

static void an_attempt_begun_again_counts_once_and_not_against_itself(void **state)
{
    (void)state;
    gate through = {.closed = false};
    imi_attempt_record record = attempt_of("ses_a", 1, 1, 1, NOW_MS);
    assert_true(begin(&record, &through));
    record.at_ms += 1000;
    assert_true(begin(&record, &through));
    assert_int_equal(through.subject.count, 0);
    gate seen = look(1, 1, NOW_MS + 2000);
    assert_int_equal(seen.subject.count, 1);
    assert_int_equal(seen.subject.last_ms, NOW_MS);
}

static void attempts_of_yesterday_are_forgotten(void **state)
{
    (void)state;
    gate through = {.closed = false};
    imi_attempt_record record = attempt_of("ses_a", 1, 1, 1, NOW_MS);
    assert_true(begin(&record, &through));
    assert_int_equal(look(1, 1, NOW_MS + DAY_MS - 1).subject.count, 1);
    assert_int_equal(look(1, 1, NOW_MS + DAY_MS).subject.count, 0);
    /* For good: they are deleted. */
    assert_int_equal(look(1, 1, NOW_MS + 1).subject.count, 0);
}

static void attempts_survive_reopening(void **state)
{
    (void)state;
    gate through = {.closed = false};
    imi_attempt_record record = attempt_of("ses_a", 1, 1, 1, NOW_MS);
    assert_true(begin(&record, &through));
    imi_store_destroy(&g_store);
    OK(g_factory->reopen(&g_store, &g_err));
    assert_int_equal(look(1, 1, NOW_MS + 1).subject.count, 1);
}

/* A session whose first attempt ends with this decision at NOW_MS + 500. */
static void end_with(imi_decision decision)
{
    imi_session_record session = sample_session();
    imi_event_record event = sample_event("created");
    OK(g_store->create_session(g_store, &session, &event, &g_err));
    gate through = {.closed = false};
    imi_attempt_record record = attempt_of(session.session_id, 1, 1, 1, NOW_MS);
    assert_true(begin(&record, &through));
    session.attempts = 1;
    session.decision = decision;
    event = sample_event("decided");
    event.at_ms = NOW_MS + 500;
    OK(g_store->update_session(g_store, &session, &event, NULL, &g_err));
}

static void an_attempt_ends_with_its_decision(void **state)
{
    (void)state;
    end_with(IMI_DECISION_RETRY);
    gate seen = look(1, 1, NOW_MS + 1000);
    assert_int_equal(seen.subject.count, 1);
    assert_int_equal(seen.subject.last_ms, NOW_MS + 500);
}

static void who_was_verified_has_not_failed(void **state)
{
    (void)state;
    end_with(IMI_DECISION_VERIFIED);
    assert_int_equal(look(1, 1, NOW_MS + 1000).subject.count, 0);
    end_with(IMI_DECISION_REJECTED);
    assert_int_equal(look(1, 1, NOW_MS + 1000).subject.count, 1);
}

static void attempts_without_session_or_number_are_refused(void **state)
{
    (void)state;
    bool admitted = true;
    gate through = {.closed = false};
    imi_attempt_record record = attempt_of("", 1, 1, 1, NOW_MS);
    REFUSES(g_store->begin_attempt(g_store, &record, 0, open_gate, &through, &admitted, &g_err),
            IMI_E_INVALID_ARGUMENT);
    assert_false(admitted);
    record = attempt_of("ses_a", 0, 1, 1, NOW_MS);
    REFUSES(g_store->begin_attempt(g_store, &record, 0, open_gate, &through, &admitted, &g_err),
            IMI_E_INVALID_ARGUMENT);
}

typedef struct rival {
    pthread_t thread;
    char session_id[IMI_ID_SIZE];
    bool admitted;
    imi_status status;
} rival;

static bool few_enough(void *user, const imi_attempt_tally *subject,
                       const imi_attempt_tally *device)
{
    (void)user;
    (void)device;
    return subject->count < FREE;
}

static void *try_once(void *argument)
{
    rival *self = argument;
    imi_attempt_record record = attempt_of(self->session_id, 1, 1, 1, NOW_MS);
    self->status =
        g_store->begin_attempt(g_store, &record, 0, few_enough, NULL, &self->admitted, NULL);
    return NULL;
}

static void attempts_at_the_same_moment_are_counted_one_by_one(void **state)
{
    (void)state;
    rival rivals[THREADS] = {{.admitted = false}};
    int admitted = 0;
    for (int i = 0; i < THREADS; i++) {
        char name[] = "ses_0";
        name[4] = (char)('0' + i);
        imi_copy_text(rivals[i].session_id, sizeof rivals[i].session_id, name);
        assert_int_equal(pthread_create(&rivals[i].thread, NULL, try_once, &rivals[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(rivals[i].thread, NULL);
        OK(rivals[i].status);
        admitted += rivals[i].admitted;
    }
    assert_int_equal(admitted, FREE);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_store, drop_store)

int store_attempts_run(const char *name, const store_factory *factory)
{
    const struct CMUnitTest tests[] = {
        TEST(a_first_attempt_finds_nothing),
        TEST(attempts_count_for_their_subject_and_their_device),
        TEST(an_attempt_that_is_refused_leaves_no_trace),
        TEST(an_attempt_begun_again_counts_once_and_not_against_itself),
        TEST(attempts_of_yesterday_are_forgotten),
        TEST(attempts_survive_reopening),
        TEST(an_attempt_ends_with_its_decision),
        TEST(who_was_verified_has_not_failed),
        TEST(attempts_without_session_or_number_are_refused),
        TEST(attempts_at_the_same_moment_are_counted_one_by_one),
    };
    g_factory = factory;
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}
