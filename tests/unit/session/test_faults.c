/*
 * Memory that runs out and stores that fail, at every point: nothing is accepted, nothing that
 * was acknowledged is lost, nothing leaks.
 */
#include "phone.h"

#include <math.h>
#include <string.h>

/* ---- Running out of memory ---- */

typedef struct alloc_fault {
    atomic_int left; /* allocations until the one that fails; 0 or less: none */
} alloc_fault;

static bool fail_at_zero(void *user, size_t size)
{
    (void)size;
    alloc_fault *fault = user;
    return !tl_scene_is_drawing && atomic_fetch_sub(&fault->left, 1) == 1;
}

static alloc_fault g_fault;

static void fail_allocation(int n)
{
    atomic_store(&g_fault.left, n);
    imi_alloc_set_fail_hook(fail_at_zero, &g_fault);
}

/* Whether the failure that was asked for has happened. */
static bool stop_failing(void)
{
    imi_alloc_set_fail_hook(NULL, NULL);
    return atomic_load(&g_fault.left) <= 0;
}

enum { SWEEP_MAX = 2000 };

static void creation_survives_running_out_of_memory(void **state)
{
    fixture *f = *state;
    imi_create_session request = {.purpose = PURPOSE_PLAIN,
                                  .reference_id = f->reference_id,
                                  .nonce = "nonce-of-the-bureau",
                                  .request_id = "same"};
    imi_status status = IMI_E_NO_MEMORY;
    bool failed = true;
    for (int n = 1; n < SWEEP_MAX && (failed || status != IMI_OK); n++) {
        imi_created_session created;
        fail_allocation(n);
        status = imi_service_create_session(f->service, FIXTURE_PARTY, &request, &created, NULL);
        failed = stop_failing();
        assert_int_equal(created.session_id[0] != '\0', status == IMI_OK);
        assert_int_equal(created.join_secret[0] != '\0', status == IMI_OK);
        if (status == IMI_OK) {
            assert_int_equal(fixture_session(f, created.session_id).state, IMI_SESSION_CREATED);
        }
    }
    assert_int_equal(status, IMI_OK);
    assert_false(failed);
}

static void join_survives_running_out_of_memory(void **state)
{
    fixture *f = *state;
    phone *p = phone_new(f, FIXTURE_PERSON);
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    imi_status status = IMI_E_NO_MEMORY;
    for (int n = 1; n < SWEEP_MAX && status != IMI_OK; n++) {
        fail_allocation(n);
        status = phone_join(p, &created);
        (void)stop_failing();
        imi_session_record record = fixture_session(f, created.session_id);
        assert_int_equal(record.state == IMI_SESSION_JOINED, status == IMI_OK);
    }
    assert_int_equal(status, IMI_OK);
    imi_session_state now = IMI_SESSION_NONE;
    assert_int_equal(imi_service_consent(f->service, p->credential,
                                         &(imi_consent_answer){.accepted = true}, &now, NULL),
                     IMI_OK);
    phone_destroy(&p);
}

static void consent_and_begin_survive_running_out_of_memory(void **state)
{
    fixture *f = *state;
    phone *p = phone_new(f, FIXTURE_PERSON);
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    assert_int_equal(phone_join(p, &created), IMI_OK);
    imi_session_state now = IMI_SESSION_NONE;
    imi_status status = IMI_E_NO_MEMORY;
    for (int n = 1; n < SWEEP_MAX && status != IMI_OK; n++) {
        fail_allocation(n);
        status = imi_service_consent(f->service, p->credential,
                                     &(imi_consent_answer){.accepted = true}, &now, NULL);
        (void)stop_failing();
        assert_int_equal(now == IMI_SESSION_CONSENTED, status == IMI_OK);
    }
    assert_int_equal(status, IMI_OK);
    status = IMI_E_NO_MEMORY;
    for (int n = 1; n < SWEEP_MAX && status != IMI_OK; n++) {
        fail_allocation(n);
        status = phone_begin(p);
        (void)stop_failing();
        assert_int_equal(p->capture.capture_id[0] != '\0', status == IMI_OK);
    }
    assert_int_equal(status, IMI_OK);
    imi_frame_feedback last;
    assert_int_equal(phone_send(p, &last), IMI_OK);
    phone_destroy(&p);
}

/* Enter another session, and begin. */
static void enter_anew(phone *p)
{
    imi_created_session created = fixture_create(p->f, PURPOSE_PLAIN);
    phone_enter(p, &created);
    assert_int_equal(phone_begin(p), IMI_OK);
}

static void any_frame_survives_running_out_of_memory(void **state)
{
    fixture *f = *state;
    phone *p = phone_new(f, FIXTURE_PERSON);
    p->ignores_guidance = true;
    enter_anew(p);
    bool failed = true;
    for (int n = 1; n < SWEEP_MAX && failed; n++) {
        IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
        scene_draw_jpeg(&p->look, &jpeg);
        imi_frame_feedback last;
        fail_allocation(n);
        imi_status status = phone_send_jpeg(p, imi_buffer_view(&jpeg), &last);
        failed = stop_failing();
        /* Some failures are borne, such as a frame that is not among the best. */
        assert_true(status == IMI_OK || failed || status == IMI_E_FRAME_CHAIN);
        if (status == IMI_E_FRAME_CHAIN) { /* the frame before could not be examined */
            enter_anew(p);
            failed = true;
            n--;
        }
        phone_move(p);
    }
    assert_false(failed);
    phone_destroy(&p);
}

static imi_status fail_to_embed(imi_extractor *self, const imi_image *chip, float *vector_out,
                                imi_error *err)
{
    (void)self;
    (void)chip;
    (void)vector_out;
    IMI_FAIL(err, IMI_E_MODEL_RUN, "the model does not run");
}

/* Or it could be verified without what that layer would have seen. */
static void capture_of_a_frame_that_could_not_be_examined_is_over(void **state)
{
    fixture *f = *state;
    phone *p = phone_new(f, FIXTURE_PERSON);
    enter_anew(p);
    imi_frame_feedback last;
    imi_extractor working = f->models.extractor;
    f->models.extractor.embed = fail_to_embed;
    /* Templates are made once the face is known at rest. */
    assert_int_equal(phone_play(p, 60, &last), IMI_E_MODEL_RUN);
    f->models.extractor = working;
    assert_int_equal(phone_send(p, &last), IMI_E_FRAME_CHAIN);
    assert_int_equal(fixture_session(f, p->session_id).attempts, 0);
    assert_int_equal(phone_begin(p), IMI_OK);
    assert_int_equal(phone_play(p, 400, &last), IMI_OK);
    assert_int_equal(fixture_session(f, p->session_id).decision, IMI_DECISION_VERIFIED);
    phone_destroy(&p);
}

static void enrolment_survives_running_out_of_memory(void **state)
{
    fixture *f = *state;
    scene portrait = scene_neutral(5);
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    scene_draw_jpeg(&portrait, &jpeg);
    imi_status status = IMI_E_NO_MEMORY;
    for (int n = 1; n < SWEEP_MAX && status != IMI_OK; n++) {
        imi_enrolment enrolled;
        fail_allocation(n);
        status = fixture_enrol_jpeg(f, FIXTURE_PARTY, "c", imi_buffer_view(&jpeg), &enrolled);
        (void)stop_failing();
        assert_int_equal(enrolled.accepted, status == IMI_OK);
        assert_int_equal(enrolled.reference_id[0] != '\0', status == IMI_OK);
    }
    assert_int_equal(status, IMI_OK);
}

static void document_enrolment_survives_running_out_of_memory(void **state)
{
    fixture *f = *state;
    f->models.zone[0] = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<";
    f->models.zone[1] = "L898902C36UTO7408122F3112319ZE184226B<<<<<18";
    scene document = scene_neutral(5);
    document.wide_box = true;
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    scene_draw_jpeg(&document, &jpeg);
    imi_enrol_request request = {.subject_id = "c",
                                 .document_jpeg = imi_buffer_view(&jpeg),
                                 .claims = {.document_number = "L898902C3"}};
    imi_status status = IMI_E_NO_MEMORY;
    for (int n = 1; n < SWEEP_MAX && status != IMI_OK; n++) {
        imi_enrolment enrolled;
        fail_allocation(n);
        status = fixture_enrol_request(f, FIXTURE_PARTY, &request, &enrolled);
        (void)stop_failing();
        assert_int_equal(enrolled.accepted, status == IMI_OK);
        assert_int_equal(enrolled.reference_id[0] != '\0', status == IMI_OK);
    }
    assert_int_equal(status, IMI_OK);
}

/* ---- The decisive frame ---- */

static phone *entered_phone(fixture *f)
{
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    phone *p = phone_new(f, FIXTURE_PERSON);
    phone_enter(p, &created);
    return p;
}

/* Begin a capture and play until every action but the last is answered. */
static void play_to_the_brink(phone *p)
{
    imi_frame_feedback last = {0};
    assert_int_equal(phone_begin(p), IMI_OK);
    for (int i = 0; i < 400; i++) {
        assert_int_equal(phone_send(p, &last), IMI_OK);
        assert_int_not_equal(last.guidance, IMI_GUIDANCE_DONE);
        phone_move(p);
        if (last.actions_done + 1 == last.actions_total) {
            return;
        }
    }
    fail_msg("the first action was never answered");
}

/* Send frames from the brink on while something fails. */
static imi_status play_the_end(phone *p, imi_frame_feedback *last)
{
    imi_status status = IMI_OK;
    *last = (imi_frame_feedback){0};
    for (int i = 0; i < 200 && status == IMI_OK && last->guidance != IMI_GUIDANCE_DONE; i++) {
        status = phone_send(p, last);
        phone_move(p);
    }
    return status;
}

/* What must hold whatever went wrong. Returns whether the session was decided. */
static bool assert_sound(phone *p, imi_status status, const imi_frame_feedback *last)
{
    imi_session_record record = fixture_session(p->f, p->session_id);
    bool decided = record.state == IMI_SESSION_DECIDED;
    if (status == IMI_OK && last->guidance == IMI_GUIDANCE_DONE) {
        assert_true(decided); /* acknowledged, hence durable */
        assert_int_equal(last->outcome, IMI_OUTCOME_DONE);
    }
    if (decided) {
        assert_int_equal(record.decision, IMI_DECISION_VERIFIED);
        (void)fixture_checked_token(p->f, p->session_id);
    } else {
        assert_int_equal(record.state, IMI_SESSION_CONSENTED);
        assert_int_equal(record.decision, IMI_DECISION_NONE);
        assert_int_equal(record.attempts, 0);
        assert_string_equal(record.token_id, "");
    }
    return decided;
}

/* Decided, or begun so often that to begin it once more costs an attempt. */
static bool is_used_up(phone *p, bool decided)
{
    char events[256];
    fixture_events(p->f, p->session_id, events, sizeof events);
    return decided ||
           strstr(events, "capture_begun capture_begun capture_begun capture_begun") != NULL;
}

static void decisive_frame_survives_running_out_of_memory(void **state)
{
    fixture *f = *state;
    phone *p = entered_phone(f);
    bool failed = true;
    for (int n = 1; failed; n += 29) {
        imi_frame_feedback last;
        play_to_the_brink(p);
        fail_allocation(n);
        imi_status status = play_the_end(p, &last);
        failed = stop_failing();
        if (is_used_up(p, assert_sound(p, status, &last))) {
            phone_destroy(&p);
            p = entered_phone(f);
        }
    }
    phone_destroy(&p);
}

/* Every store call of the decision fails once, before and behind the act. */
static void decisive_frame_survives_a_failing_store(void **state)
{
    fixture *f = *state;
    for (int behind = 0; behind < 2; behind++) {
        phone *p = entered_phone(f);
        bool failed = true;
        int n = 1;
        for (; failed; n++) {
            imi_frame_feedback last;
            play_to_the_brink(p);
            faulty_store_fail(&f->store, n, IMI_E_STORE_IO, behind == 1);
            imi_status status = play_the_end(p, &last);
            failed = faulty_store_has_failed(&f->store);
            faulty_store_heal(&f->store);
            if (failed) {
                assert_int_equal(status, IMI_E_STORE_IO);
            }
            if (is_used_up(p, assert_sound(p, status, &last))) {
                phone_destroy(&p);
                p = entered_phone(f);
            }
        }
        assert_true(n > 4);
        phone_destroy(&p);
    }
}

/* The decision was stored, but the caller could not be told: the phone finds it out. */
static void decision_stored_behind_a_failure_is_not_lost(void **state)
{
    fixture *f = *state;
    phone *p = entered_phone(f);
    imi_frame_feedback last;
    play_to_the_brink(p);
    faulty_store_fail(&f->store, 6, IMI_E_STORE_IO,
                      true); /* the update, after four reads and a place */
    assert_int_equal(play_the_end(p, &last), IMI_E_STORE_IO);
    faulty_store_heal(&f->store);
    imi_outcome outcome;
    assert_int_equal(imi_service_outcome(f->service, p->credential, &outcome, NULL), IMI_OK);
    assert_int_equal(outcome.outcome, IMI_OUTCOME_DONE);
    (void)fixture_checked_token(f, p->session_id);
    phone_destroy(&p);
}

static void failed_decision_may_be_tried_again(void **state)
{
    fixture *f = *state;
    phone *p = entered_phone(f);
    imi_frame_feedback last;
    play_to_the_brink(p);
    faulty_store_fail(&f->store, 1, IMI_E_STORE_BUSY, false);
    assert_int_equal(play_the_end(p, &last), IMI_E_STORE_BUSY);
    assert_int_equal(phone_send(p, &last), IMI_E_FRAME_CHAIN);
    play_to_the_brink(p);
    assert_int_equal(play_the_end(p, &last), IMI_OK);
    assert_int_equal(last.outcome, IMI_OUTCOME_DONE);
    assert_int_equal(fixture_session(f, p->session_id).decision, IMI_DECISION_VERIFIED);
    phone_destroy(&p);
}

/* ---- What comes in between while the decision is made ---- */

static void withdraw_consent(void *user)
{
    phone *p = user;
    imi_session_state now = IMI_SESSION_NONE;
    assert_int_equal(imi_service_consent(p->f->service, p->credential,
                                         &(imi_consent_answer){.accepted = false}, &now, NULL),
                     IMI_OK);
}

/* Store calls of a decision: reference, session, events, update. */
static void withdrawal_just_before_the_decision_is_stored_wins(void **state)
{
    fixture *f = *state;
    for (int n = 1; n <= 4; n++) {
        phone *p = entered_phone(f);
        imi_frame_feedback last;
        play_to_the_brink(p);
        faulty_store_intervene(&f->store, n, withdraw_consent, p);
        (void)play_the_end(p, &last);
        imi_session_record record = fixture_session(f, p->session_id);
        assert_int_equal(record.state, IMI_SESSION_WITHDRAWN);
        assert_int_equal(record.decision, IMI_DECISION_NONE);
        assert_int_equal(record.attempts, 0);
        assert_string_equal(record.token_id, "");
        phone_destroy(&p);
    }
}

/* As another server on the same store would. */
static void end_behind_the_services_back(void *user)
{
    phone *p = user;
    imi_store *sqlite = p->f->sqlite;
    imi_session_record record;
    imi_event_record event = {.kind = "withdrawn", .at_ms = p->f->clock.now_ms};
    assert_int_equal(sqlite->get_session(sqlite, p->session_id, &record, NULL), IMI_OK);
    record.state = IMI_SESSION_WITHDRAWN;
    assert_int_equal(sqlite->update_session(sqlite, &record, &event, NULL, NULL), IMI_OK);
}

static void session_ended_elsewhere_is_not_decided(void **state)
{
    fixture *f = *state;
    for (int n = 1; n <= 4; n++) {
        phone *p = entered_phone(f);
        imi_frame_feedback last;
        play_to_the_brink(p);
        faulty_store_intervene(&f->store, n, end_behind_the_services_back, p);
        assert_int_equal(play_the_end(p, &last), IMI_OK);
        assert_int_equal(last.outcome, IMI_OUTCOME_DONE);
        imi_session_record record = fixture_session(f, p->session_id);
        assert_int_equal(record.state, IMI_SESSION_WITHDRAWN);
        assert_int_equal(record.decision, IMI_DECISION_NONE);
        phone_destroy(&p);
    }
}

static void let_the_session_run_out(void *user)
{
    phone *p = user;
    imi_clock_manual_advance(&p->f->clock, 900 * 1000);
}

static void session_that_runs_out_while_deciding_is_not_decided(void **state)
{
    fixture *f = *state;
    phone *p = entered_phone(f);
    imi_frame_feedback last;
    play_to_the_brink(p);
    faulty_store_intervene(&f->store, 1, let_the_session_run_out, p);
    assert_int_equal(play_the_end(p, &last), IMI_E_SESSION_EXPIRED);
    imi_session_record record = fixture_session(f, p->session_id);
    assert_int_equal(record.state, IMI_SESSION_CONSENTED);
    assert_int_equal(record.decision, IMI_DECISION_NONE);
    phone_destroy(&p);
}

static void begin_another(void *user)
{
    phone *p = user;
    imi_capture_begun begun;
    assert_int_equal(
        imi_service_begin_capture(p->f->service, p->credential, &p->says, &begun, NULL), IMI_OK);
}

static void capture_replaced_while_deciding_does_not_decide(void **state)
{
    fixture *f = *state;
    for (int n = 1; n <= 2; n++) {
        phone *p = entered_phone(f);
        imi_frame_feedback last;
        play_to_the_brink(p);
        faulty_store_intervene(&f->store, n, begin_another, p);
        assert_int_equal(play_the_end(p, &last), IMI_E_FRAME_CHAIN);
        assert_int_equal(fixture_session(f, p->session_id).decision, IMI_DECISION_NONE);
        phone_destroy(&p);
    }
}

static void begin_then_break(void *user)
{
    phone *p = user;
    imi_frame_feedback last;
    assert_int_equal(phone_begin(p), IMI_OK);
    assert_int_equal(phone_send(p, &last), IMI_OK);
    faulty_store_fail(&p->f->store, 1, IMI_E_STORE_IO, false);
}

/* The one that fails must clean up after itself only. */
static void capture_that_could_not_begin_does_not_take_its_successor_along(void **state)
{
    fixture *f = *state;
    phone *p = entered_phone(f);
    imi_capture_begun begun;
    faulty_store_intervene(&f->store, 4, begin_then_break, p); /* its own get_session */
    assert_int_equal(imi_service_begin_capture(f->service, p->credential, &p->says, &begun, NULL),
                     IMI_E_STORE_IO);
    faulty_store_heal(&f->store);
    imi_frame_feedback last;
    assert_int_equal(phone_send(p, &last), IMI_OK);
    phone_destroy(&p);
}

/* ---- A failing store elsewhere ---- */

static void creation_survives_a_failing_store(void **state)
{
    fixture *f = *state;
    imi_create_session request = {.purpose = PURPOSE_PLAIN,
                                  .reference_id = f->reference_id,
                                  .nonce = "nonce-of-the-bureau",
                                  .request_id = "same"};
    imi_created_session created, again;
    for (int behind = 0; behind < 2; behind++) {
        bool failed = true;
        for (int n = 1; failed; n++) {
            faulty_store_fail(&f->store, n, IMI_E_STORE_IO, behind == 1);
            imi_status status =
                imi_service_create_session(f->service, FIXTURE_PARTY, &request, &created, NULL);
            failed = faulty_store_has_failed(&f->store);
            faulty_store_heal(&f->store);
            assert_int_equal(status, failed ? IMI_E_STORE_IO : IMI_OK);
            assert_int_equal(created.session_id[0] == '\0', failed);
        }
    }
    /* Whatever was stored on the way, the request still names one session. */
    assert_int_equal(imi_service_create_session(f->service, FIXTURE_PARTY, &request, &again, NULL),
                     IMI_OK);
    assert_string_equal(again.session_id, created.session_id);
}

static void consent_survives_a_failing_store(void **state)
{
    fixture *f = *state;
    for (int behind = 0; behind < 2; behind++) {
        phone *p = phone_new(f, FIXTURE_PERSON);
        imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
        assert_int_equal(phone_join(p, &created), IMI_OK);
        imi_session_state now = IMI_SESSION_NONE;
        bool failed = true;
        for (int n = 1; failed; n++) {
            faulty_store_fail(&f->store, n, IMI_E_STORE_IO, behind == 1);
            imi_status status = imi_service_consent(
                f->service, p->credential, &(imi_consent_answer){.accepted = true}, &now, NULL);
            failed = faulty_store_has_failed(&f->store);
            faulty_store_heal(&f->store);
            assert_int_equal(status, failed ? IMI_E_STORE_IO : IMI_OK);
            assert_int_equal(now == IMI_SESSION_CONSENTED, !failed);
        }
        assert_int_equal(fixture_session(f, p->session_id).state, IMI_SESSION_CONSENTED);
        phone_destroy(&p);
    }
}

static void join_that_was_not_acknowledged_opens_nothing(void **state)
{
    fixture *f = *state;
    phone *p = phone_new(f, FIXTURE_PERSON);
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    faulty_store_fail(&f->store, 1, IMI_E_STORE_IO, false);
    assert_int_equal(phone_join(p, &created), IMI_E_STORE_IO);
    faulty_store_fail(&f->store, 2, IMI_E_STORE_IO, false);
    assert_int_equal(phone_join(p, &created), IMI_E_STORE_IO);
    assert_int_equal(phone_join(p, &created), IMI_OK);
    phone_destroy(&p);
}

static void begin_survives_a_failing_store_and_keeps_no_capture(void **state)
{
    fixture *f = *state;
    phone *p = entered_phone(f);
    imi_service_counts counts;
    for (int behind = 0; behind < 2; behind++) {
        bool failed = true;
        for (int n = 1; failed; n++) {
            faulty_store_fail(&f->store, n, IMI_E_STORE_IO, behind == 1);
            imi_status status = phone_begin(p);
            failed = faulty_store_has_failed(&f->store);
            faulty_store_heal(&f->store);
            assert_int_equal(status, failed ? IMI_E_STORE_IO : IMI_OK);
            imi_service_count(f->service, &counts);
            assert_true(counts.live_captures <= 1);
        }
    }
    imi_frame_feedback last;
    assert_int_equal(phone_send(p, &last), IMI_OK);
    phone_destroy(&p);
}

static void enrolment_that_was_not_stored_is_not_accepted(void **state)
{
    fixture *f = *state;
    scene portrait = scene_neutral(5);
    imi_enrolment enrolled;
    faulty_store_fail(&f->store, 1, IMI_E_STORE_IO, false);
    assert_int_equal(fixture_enrol(f, FIXTURE_PARTY, "c", &portrait, &enrolled), IMI_E_STORE_IO);
    assert_false(enrolled.accepted);
    assert_string_equal(enrolled.reference_id, "");
}

static void reading_through_a_failing_store_shows_nothing(void **state)
{
    fixture *f = *state;
    phone *p = phone_new(f, FIXTURE_PERSON);
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    (void)phone_run(p, &created);
    imi_session_record record;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    for (int n = 1; n <= 2; n++) {
        faulty_store_fail(&f->store, n, IMI_E_STORE_IO, false);
        assert_int_equal(imi_service_get_session(f->service, FIXTURE_PARTY, created.session_id,
                                                 &record, &token, NULL),
                         IMI_E_STORE_IO);
        assert_string_equal(record.session_id, "");
        assert_int_equal(record.decision, IMI_DECISION_NONE);
        assert_int_equal(token.size, 0);
    }
    assert_int_equal(imi_service_get_session(f->service, FIXTURE_PARTY, created.session_id, &record,
                                             &token, NULL),
                     IMI_OK);
    imi_introspection answer;
    faulty_store_fail(&f->store, 1, IMI_E_STORE_IO, false);
    assert_int_equal(
        imi_service_introspect(f->service, FIXTURE_PARTY, imi_buffer_view(&token), &answer, NULL),
        IMI_E_STORE_IO);
    assert_false(answer.active);
    phone_destroy(&p);
}

#define FAULT_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

static int64_t g_blocks_at_start;

static int note_blocks(void **state)
{
    (void)state;
    g_blocks_at_start = imi_alloc_live_blocks();
    return 0;
}

/* After all sweeps every block must be back. */
static int compare_blocks(void **state)
{
    (void)state;
    return imi_alloc_live_blocks() == g_blocks_at_start ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAULT_TEST(creation_survives_running_out_of_memory),
        FAULT_TEST(join_survives_running_out_of_memory),
        FAULT_TEST(consent_and_begin_survive_running_out_of_memory),
        FAULT_TEST(any_frame_survives_running_out_of_memory),
        FAULT_TEST(capture_of_a_frame_that_could_not_be_examined_is_over),
        FAULT_TEST(enrolment_survives_running_out_of_memory),
        FAULT_TEST(document_enrolment_survives_running_out_of_memory),
        FAULT_TEST(decisive_frame_survives_running_out_of_memory),
        FAULT_TEST(decisive_frame_survives_a_failing_store),
        FAULT_TEST(decision_stored_behind_a_failure_is_not_lost),
        FAULT_TEST(failed_decision_may_be_tried_again),
        FAULT_TEST(withdrawal_just_before_the_decision_is_stored_wins),
        FAULT_TEST(session_ended_elsewhere_is_not_decided),
        FAULT_TEST(session_that_runs_out_while_deciding_is_not_decided),
        FAULT_TEST(capture_replaced_while_deciding_does_not_decide),
        FAULT_TEST(capture_that_could_not_begin_does_not_take_its_successor_along),
        FAULT_TEST(creation_survives_a_failing_store),
        FAULT_TEST(consent_survives_a_failing_store),
        FAULT_TEST(join_that_was_not_acknowledged_opens_nothing),
        FAULT_TEST(begin_survives_a_failing_store_and_keeps_no_capture),
        FAULT_TEST(enrolment_that_was_not_stored_is_not_accepted),
        FAULT_TEST(reading_through_a_failing_store_shows_nothing),
    };
    return cmocka_run_group_tests(tests, note_blocks, compare_blocks);
}
