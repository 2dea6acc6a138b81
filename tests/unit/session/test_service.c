/*
 * The service as a whole: what it insists on when made, housekeeping, nothing left behind.
 */
#include "phone.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static imi_status make(const imi_service_options *options, imi_error *err)
{
    imi_service *service = (imi_service *)1;
    imi_status status = imi_service_new(options, &service, err);
    if (status != IMI_OK) {
        assert_null(service);
    }
    imi_service_destroy(&service);
    return status;
}

static void every_part_is_required(void **state)
{
    fixture *f = *state;
    imi_service_options good = fixture_service_options(f);
    assert_int_equal(make(&good, NULL), IMI_OK);
    imi_service_options bad[8];
    for (int i = 0; i < 8; i++) {
        bad[i] = good;
    }
    bad[0].store = NULL;
    bad[1].clock = NULL;
    bad[2].keyring = NULL;
    bad[3].policy = NULL;
    bad[4].scorer = NULL;
    bad[5].compute = NULL;
    bad[6].model_version = NULL;
    bad[7].subject_secret = NULL;
    for (int i = 0; i < 8; i++) {
        assert_int_equal(make(&bad[i], NULL), IMI_E_INVALID_ARGUMENT);
    }
}

static void absurd_number_of_captures_is_refused(void **state)
{
    fixture *f = *state;
    imi_service_options options = fixture_service_options(f);
    options.live_captures_max = SIZE_MAX;
    assert_int_equal(make(&options, NULL), IMI_E_INVALID_ARGUMENT);
}

static void rate_that_the_calibration_cannot_support_is_refused_at_start(void **state)
{
    fixture *f = *state;
    char path[128];
    snprintf(path, sizeof path, "%s/policy.yaml", f->folder);
    fixture_write_policy(path, 1e-6); /* the calibration ends at 1e-5 */
    imi_policy *policy = NULL;
    assert_int_equal(imi_policy_load(path, &policy, NULL), IMI_OK);
    imi_service_options options = fixture_service_options(f);
    options.policy = policy;
    imi_error err = IMI_ERROR_INIT;
    assert_int_equal(make(&options, &err), IMI_E_POLICY);
    assert_non_null(strstr(err.message, PURPOSE_PLAIN));
    assert_non_null(strstr(err.message, "1e-06"));
    imi_policy_destroy(&policy);
}

static void rate_at_the_floor_is_accepted(void **state)
{
    fixture *f = *state;
    char path[128];
    snprintf(path, sizeof path, "%s/policy.yaml", f->folder);
    fixture_write_policy(path, 1e-5);
    imi_policy *policy = NULL;
    assert_int_equal(imi_policy_load(path, &policy, NULL), IMI_OK);
    imi_service_options options = fixture_service_options(f);
    options.policy = policy;
    assert_int_equal(make(&options, NULL), IMI_OK);
    imi_policy_destroy(&policy);
}

static void destroying_nothing_is_allowed(void **state)
{
    (void)state;
    imi_service *none = NULL;
    imi_service_destroy(&none);
    imi_service_destroy(NULL);
}

/* ---- Housekeeping ---- */

static void overdue_sessions_expire_with_an_event(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    imi_clock_manual_advance(&f->clock, 900 * 1000 - 1);
    imi_service_tick(f->service);
    assert_int_equal(fixture_session(f, created.session_id).state, IMI_SESSION_CREATED);
    imi_clock_manual_advance(&f->clock, 1);
    imi_service_tick(f->service);
    assert_int_equal(fixture_session(f, created.session_id).state, IMI_SESSION_EXPIRED);
    char events[128];
    fixture_events(f, created.session_id, events, sizeof events);
    assert_string_equal(events, "created expired");
    imi_service_tick(f->service);
    fixture_events(f, created.session_id, events, sizeof events);
    assert_string_equal(events, "created expired");
}

static void sessions_of_every_open_state_expire_and_captures_go_with_them(void **state)
{
    fixture *f = *state;
    phone *p[3];
    imi_created_session created[3];
    for (int i = 0; i < 3; i++) {
        created[i] = fixture_create(f, PURPOSE_PLAIN);
        p[i] = phone_new(f, FIXTURE_PERSON);
    }
    assert_int_equal(phone_join(p[1], &created[1]), IMI_OK);
    phone_enter(p[2], &created[2]);
    assert_int_equal(phone_begin(p[2]), IMI_OK);
    imi_clock_manual_advance(&f->clock, 900 * 1000 - 1);
    imi_frame_feedback last; /* busy until the end, so that it is not dropped as idle */
    assert_int_equal(phone_send(p[2], &last), IMI_OK);
    imi_clock_manual_advance(&f->clock, 1);
    imi_service_tick(f->service);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(fixture_session(f, created[i].session_id).state, IMI_SESSION_EXPIRED);
        phone_destroy(&p[i]);
    }
    imi_service_counts counts;
    imi_service_count(f->service, &counts);
    assert_int_equal(counts.live_captures, 0);
}

static void decided_sessions_do_not_expire(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    phone *p = phone_new(f, FIXTURE_PERSON);
    (void)phone_run(p, &created);
    imi_clock_manual_advance(&f->clock, 3600 * 1000);
    imi_service_tick(f->service);
    imi_session_record record = fixture_session(f, created.session_id);
    assert_int_equal(record.state, IMI_SESSION_DECIDED);
    assert_int_equal(record.decision, IMI_DECISION_VERIFIED);
    phone_destroy(&p);
}

static void many_overdue_sessions_expire_in_one_go(void **state)
{
    fixture *f = *state;
    enum { MANY = 70 }; /* more than two pages */
    imi_created_session created[MANY];
    for (int i = 0; i < MANY; i++) {
        created[i] = fixture_create(f, PURPOSE_PLAIN);
    }
    imi_clock_manual_advance(&f->clock, 900 * 1000);
    imi_service_tick(f->service);
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(fixture_session(f, created[i].session_id).state, IMI_SESSION_EXPIRED);
    }
}

static void housekeeping_survives_a_failing_store(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    imi_clock_manual_advance(&f->clock, 900 * 1000);
    fixture_gate gate; /* the refresh of the cohort, which asks the store too, waits */
    fixture_gate_close(f, &gate);
    for (int n = 1; n <= 3; n++) {
        faulty_store_fail(&f->store, n, IMI_E_STORE_BUSY, false);
        imi_service_tick(f->service);
        assert_true(faulty_store_has_failed(&f->store));
        assert_int_equal(fixture_session(f, created.session_id).state, IMI_SESSION_CREATED);
    }
    imi_service_tick(f->service);
    assert_int_equal(fixture_session(f, created.session_id).state, IMI_SESSION_EXPIRED);
    fixture_gate_open(&gate);
}

/* ---- Nothing left behind ---- */

static void nothing_stays_allocated(void **state)
{
    (void)state;
    int64_t before = imi_alloc_live_blocks();
    fixture *f = fixture_new(NULL);
    const uint32_t persons[] = {FIXTURE_PERSON, OTHER_PERSON};
    for (int i = 0; i < 2; i++) {
        phone *p = phone_new(f, persons[i]);
        imi_created_session created = fixture_create(f, PURPOSE_STRICT);
        (void)phone_run(p, &created);
        phone_destroy(&p);
    }
    phone *p = phone_new(f, FIXTURE_PERSON); /* and one that stops in the middle */
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    imi_frame_feedback last;
    phone_enter(p, &created);
    assert_int_equal(phone_begin(p), IMI_OK);
    assert_int_equal(phone_play(p, 12, &last), IMI_OK);
    phone_destroy(&p);
    fixture_destroy(&f);
    assert_int_equal(imi_alloc_live_blocks(), before);
}

/* Blocks that dropping the idle captures frees. The workers are held meanwhile: the refresh of the
 * cohort, which the tick starts as well, would make the store allocate. */
static int64_t blocks_of_captures(fixture *f)
{
    fixture_gate gate;
    fixture_gate_close(f, &gate);
    int64_t before = imi_alloc_live_blocks();
    imi_clock_manual_advance(&f->clock, 121 * 1000);
    imi_service_tick(f->service);
    int64_t freed = before - imi_alloc_live_blocks();
    fixture_gate_open(&gate);
    return freed;
}

/* After the decision only the answers are kept: no frames, no judge. */
static void ended_capture_keeps_no_images(void **state)
{
    fixture *f = *state;
    imi_service_tick(f->service); /* let the store allocate what it keeps */
    phone *p = phone_new(f, FIXTURE_PERSON);
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    imi_frame_feedback last;
    phone_enter(p, &created);
    assert_int_equal(phone_begin(p), IMI_OK);
    assert_int_equal(phone_play(p, 12, &last), IMI_OK);
    assert_true(blocks_of_captures(f) > 2);
    assert_int_equal(phone_begin(p), IMI_OK);
    assert_int_equal(phone_play(p, 400, &last), IMI_OK);
    assert_int_equal(last.guidance, IMI_GUIDANCE_DONE);
    assert_int_equal(blocks_of_captures(f), 1);
    phone_destroy(&p);
}

#define SERVICE_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVICE_TEST(every_part_is_required),
        SERVICE_TEST(absurd_number_of_captures_is_refused),
        SERVICE_TEST(rate_that_the_calibration_cannot_support_is_refused_at_start),
        SERVICE_TEST(rate_at_the_floor_is_accepted),
        cmocka_unit_test(destroying_nothing_is_allowed),
        SERVICE_TEST(overdue_sessions_expire_with_an_event),
        SERVICE_TEST(sessions_of_every_open_state_expire_and_captures_go_with_them),
        SERVICE_TEST(decided_sessions_do_not_expire),
        SERVICE_TEST(many_overdue_sessions_expire_in_one_go),
        SERVICE_TEST(housekeeping_survives_a_failing_store),
        cmocka_unit_test(nothing_stays_allocated),
        SERVICE_TEST(ended_capture_keeps_no_images),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
