/*
 * Captures: frames in order, each taken once and answered once, bounded in every direction.
 */
#include "phone.h"

#include <string.h>

/* A phone that has consented and begun. */
static phone *ready_phone(fixture *f, const char *purpose)
{
    imi_created_session created = fixture_create(f, purpose);
    phone *p = phone_new(f, FIXTURE_PERSON);
    phone_enter(p, &created);
    assert_int_equal(phone_begin(p), IMI_OK);
    return p;
}

/* The next frame of a phone, kept so that it can be sent again. */
typedef struct kept_frame {
    imi_buffer jpeg;
    uint8_t signature[64];
    char capture_id[IMI_ID_SIZE];
    imi_frame frame;
} kept_frame;

static void make_frame(phone *p, kept_frame *out)
{
    *out = (kept_frame){.jpeg = IMI_BUFFER_INIT};
    scene_draw_jpeg(&p->look, &out->jpeg);
    p->look.seed++;
    phone_chain_sign(&p->chain, imi_buffer_view(&out->jpeg), p->frame_ms, &out->frame);
    imi_copy(out->signature, out->frame.signature.data, sizeof out->signature);
    imi_copy_text(out->capture_id, sizeof out->capture_id, p->chain.capture_id);
    out->frame.signature.data = out->signature;
    out->frame.capture_id = out->capture_id;
}

static void free_frame(kept_frame *frame)
{
    imi_buffer_clean_up(&frame->jpeg);
}

static imi_status submit(phone *p, const kept_frame *frame, phone_answer *answer)
{
    return imi_service_submit_frame(p->f->service, p->credential, &frame->frame, phone_answer_reply,
                                    answer, NULL);
}

static void assert_refused(phone *p, const kept_frame *frame, imi_status status)
{
    phone_answer answer;
    phone_answer_init(&answer);
    assert_int_equal(submit(p, frame, &answer), status);
    assert_int_equal(answer.replies, 0);
}

/* ---- The chain, through the whole service ---- */

static void frame_that_is_ahead_is_early_and_no_part_of_the_chain_yet(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_PLAIN);
    kept_frame first, second;
    make_frame(p, &first);
    make_frame(p, &second);
    assert_refused(p, &second, IMI_E_FRAME_EARLY);
    phone_answer answer;
    phone_answer_init(&answer);
    assert_int_equal(submit(p, &first, &answer), IMI_OK);
    assert_int_equal(submit(p, &second, &answer), IMI_OK);
    phone_answer_wait(&answer, 2);
    assert_int_equal(answer.status, IMI_OK);
    free_frame(&first);
    free_frame(&second);
    phone_destroy(&p);
}

/* As far as the largest window of the core reaches. */
enum { AHEAD_MAX = 8 };

static void frame_far_ahead_is_refused(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_PLAIN);
    for (int sequence = 1; sequence <= AHEAD_MAX + 2; sequence++) {
        kept_frame frame;
        make_frame(p, &frame);
        if (sequence == AHEAD_MAX + 1) {
            assert_refused(p, &frame, IMI_E_FRAME_EARLY);
        } else if (sequence > AHEAD_MAX + 1) {
            assert_refused(p, &frame, IMI_E_FRAME_CHAIN);
        }
        free_frame(&frame);
    }
    phone_destroy(&p);
}

static void swapped_image_is_refused_and_the_chain_goes_on(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_PLAIN);
    kept_frame frame;
    make_frame(p, &frame);
    IMI_AUTO_BUFFER other = IMI_BUFFER_INIT;
    scene what = scene_neutral(OTHER_PERSON);
    scene_draw_jpeg(&what, &other);
    imi_view own = frame.frame.jpeg;
    frame.frame.jpeg = imi_buffer_view(&other);
    assert_refused(p, &frame, IMI_E_FRAME_CHAIN);
    frame.frame.jpeg = own;
    phone_answer answer;
    phone_answer_init(&answer);
    assert_int_equal(submit(p, &frame, &answer), IMI_OK);
    phone_answer_wait(&answer, 1);
    free_frame(&frame);
    phone_destroy(&p);
}

static void frame_of_an_earlier_capture_is_refused(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_PLAIN);
    kept_frame old;
    make_frame(p, &old);
    assert_int_equal(phone_begin(p), IMI_OK);
    assert_refused(p, &old, IMI_E_FRAME_CHAIN);
    /* Naming the new capture does not help: the nonce is signed. */
    imi_copy_text(old.capture_id, sizeof old.capture_id, p->capture.capture_id);
    assert_refused(p, &old, IMI_E_FRAME_CHAIN);
    free_frame(&old);
    phone_destroy(&p);
}

static void frame_of_another_phone_is_refused(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_PLAIN);
    phone *other = ready_phone(f, PURPOSE_PLAIN);
    p->chain.key = other->key;
    kept_frame frame;
    make_frame(p, &frame);
    assert_refused(p, &frame, IMI_E_FRAME_CHAIN);
    free_frame(&frame);
    phone_destroy(&p);
    phone_destroy(&other);
}

static void time_that_runs_back_is_refused(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_PLAIN);
    imi_frame_feedback last;
    assert_int_equal(phone_send(p, &last), IMI_OK);
    p->frame_ms = -1;
    assert_int_equal(phone_send(p, &last), IMI_E_FRAME_CHAIN);
    p->frame_ms = 1;
    assert_int_equal(phone_send(p, &last), IMI_OK);
    phone_destroy(&p);
}

static void unknown_capture_is_refused(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_PLAIN);
    imi_copy_text(p->chain.capture_id, sizeof p->chain.capture_id, "cap_AAAAAAAAAAAAAAAAAAAAAA");
    imi_frame_feedback last;
    assert_int_equal(phone_send(p, &last), IMI_E_FRAME_CHAIN);
    phone_destroy(&p);
}

static void incomplete_calls_are_refused(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_PLAIN);
    kept_frame frame;
    make_frame(p, &frame);
    imi_service *s = f->service;
    assert_int_equal(imi_service_submit_frame(s, p->credential, NULL, phone_answer_reply, p, NULL),
                     IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_service_submit_frame(s, p->credential, &frame.frame, NULL, NULL, NULL),
                     IMI_E_INVALID_ARGUMENT);
    frame.frame.capture_id = NULL;
    assert_refused(p, &frame, IMI_E_INVALID_ARGUMENT);
    free_frame(&frame);
    phone_destroy(&p);
}

/* ---- Images ---- */

static void image_that_is_no_jpeg_is_refused_at_once(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_PLAIN);
    imi_frame_feedback last;
    assert_int_equal(phone_send_jpeg(p, imi_view_of_text("GIF89a, say"), &last),
                     IMI_E_IMAGE_FORMAT);
    assert_int_equal(phone_send_jpeg(p, (imi_view){NULL, 0}, &last), IMI_E_IMAGE_EMPTY);
    assert_int_equal(phone_send(p, &last), IMI_OK);
    phone_destroy(&p);
}

static void image_over_the_limit_is_refused_at_once(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_PLAIN);
    size_t size = p->capture.max_frame_bytes + 1;
    uint8_t *large = test_calloc(1, size);
    imi_frame_feedback last;
    assert_int_equal(phone_send_jpeg(p, (imi_view){large, size}, &last), IMI_E_IMAGE_TOO_LARGE);
    test_free(large);
    phone_destroy(&p);
}

static void broken_image_is_answered_and_the_chain_goes_on_behind_it(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_PLAIN);
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    scene_draw_broken_jpeg(&p->look, &jpeg);
    imi_frame_feedback last;
    assert_int_equal(phone_send_jpeg(p, imi_buffer_view(&jpeg), &last), IMI_E_IMAGE_CORRUPT);
    assert_int_equal(last.sequence, 1);
    assert_int_equal(last.outcome, IMI_OUTCOME_NONE);
    assert_int_equal(phone_send(p, &last), IMI_OK);
    assert_int_equal(last.sequence, 2);
    phone_destroy(&p);
}

static void empty_room_and_company_are_told(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_PLAIN);
    imi_frame_feedback last;
    p->look.faces = 0;
    for (int i = 0; i < 12; i++) {
        assert_int_equal(phone_send(p, &last), IMI_OK);
    }
    assert_int_equal(last.guidance, IMI_GUIDANCE_SHOW_FACE);
    p->look.faces = 2;
    for (int i = 0; i < 12; i++) {
        assert_int_equal(phone_send(p, &last), IMI_OK);
    }
    assert_int_equal(last.guidance, IMI_GUIDANCE_ONE_PERSON_ONLY);
    phone_destroy(&p);
}

/* ---- The same frame again ---- */

static void repeated_frame_gets_its_old_answer(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_PLAIN);
    kept_frame frame, next;
    make_frame(p, &frame);
    make_frame(p, &next);
    phone_answer first, again;
    phone_answer_init(&first);
    phone_answer_init(&again);
    assert_int_equal(submit(p, &frame, &first), IMI_OK);
    assert_int_equal(submit(p, &next, &first), IMI_OK);
    phone_answer_wait(&first, 2);
    assert_int_equal(submit(p, &frame, &again), IMI_OK);
    phone_answer_wait(&again, 1);
    assert_int_equal(again.status, IMI_OK);
    assert_int_equal(again.feedback.sequence, 1);
    assert_int_equal(again.feedback.outcome, IMI_OUTCOME_IN_PROGRESS);
    free_frame(&frame);
    free_frame(&next);
    phone_destroy(&p);
}

static void repeated_corrupt_frame_gets_its_old_error(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_PLAIN);
    kept_frame frame = {.jpeg = IMI_BUFFER_INIT};
    scene_draw_broken_jpeg(&p->look, &frame.jpeg);
    phone_chain_sign(&p->chain, imi_buffer_view(&frame.jpeg), p->frame_ms, &frame.frame);
    for (int i = 0; i < 2; i++) {
        phone_answer answer;
        phone_answer_init(&answer);
        assert_int_equal(submit(p, &frame, &answer), IMI_OK);
        phone_answer_wait(&answer, 1);
        assert_int_equal(answer.status, IMI_E_IMAGE_CORRUPT);
        assert_int_equal(answer.error.status, IMI_E_IMAGE_CORRUPT);
    }
    free_frame(&frame);
    phone_destroy(&p);
}

static void other_frame_under_a_used_number_is_refused(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_PLAIN);
    phone_chain fork = p->chain;
    imi_frame_feedback last;
    assert_int_equal(phone_send(p, &last), IMI_OK);
    p->chain = fork;
    assert_int_equal(phone_send(p, &last), IMI_E_FRAME_CHAIN);
    phone_destroy(&p);
}

static void final_answer_can_be_asked_for_again(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_PLAIN);
    imi_frame_feedback last = {0};
    kept_frame frame;
    phone_answer answer;
    for (int i = 0; i < 400; i++) {
        make_frame(p, &frame);
        phone_answer_init(&answer);
        assert_int_equal(submit(p, &frame, &answer), IMI_OK);
        phone_answer_wait(&answer, 1);
        last = answer.feedback;
        p->guidance = last.guidance == IMI_GUIDANCE_NONE ? p->guidance : last.guidance;
        if (last.guidance == IMI_GUIDANCE_DONE) {
            break;
        }
        free_frame(&frame);
        phone_move(p);
    }
    assert_int_equal(last.outcome, IMI_OUTCOME_DONE);
    assert_int_equal(last.actions_done, last.actions_total);
    int64_t version = fixture_session(f, p->session_id).version;
    phone_answer_init(&answer);
    assert_int_equal(submit(p, &frame, &answer), IMI_OK);
    phone_answer_wait(&answer, 1);
    assert_memory_equal(&answer.feedback, &last, sizeof last);
    /* A phone that was already sending hears the same of the frames behind. */
    imi_frame_feedback more;
    assert_int_equal(phone_send(p, &more), IMI_OK);
    assert_int_equal(more.guidance, IMI_GUIDANCE_DONE);
    assert_int_equal(more.outcome, IMI_OUTCOME_DONE);
    assert_int_equal(more.sequence, last.sequence + 1);
    assert_int_equal(fixture_session(f, p->session_id).version, version);
    free_frame(&frame);
    phone_destroy(&p);
}

static void frame_too_old_to_be_remembered_is_refused(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_PLAIN);
    p->ignores_guidance = true;
    kept_frame first;
    make_frame(p, &first);
    phone_answer answer;
    phone_answer_init(&answer);
    assert_int_equal(submit(p, &first, &answer), IMI_OK);
    phone_answer_wait(&answer, 1);
    imi_frame_feedback last;
    assert_int_equal(phone_play(p, 63, &last), IMI_OK);
    assert_int_equal(submit(p, &first, &answer), IMI_OK); /* just still remembered */
    phone_answer_wait(&answer, 2);
    assert_int_equal(phone_play(p, 1, &last), IMI_OK);
    assert_refused(p, &first, IMI_E_FRAME_CHAIN);
    free_frame(&first);
    phone_destroy(&p);
}

/* ---- Bounds ---- */

static void frame_that_waits_can_be_asked_for_again(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_PLAIN);
    fixture_gate gate;
    fixture_gate_close(f, &gate);
    kept_frame frame;
    make_frame(p, &frame);
    phone_answer answer;
    phone_answer_init(&answer);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(submit(p, &frame, &answer), IMI_OK);
    }
    assert_refused(p, &frame, IMI_E_EXHAUSTED);
    assert_int_equal(answer.replies, 0);
    fixture_gate_open(&gate);
    phone_answer_wait(&answer, 4);
    assert_int_equal(answer.status, IMI_OK);
    assert_int_equal(answer.feedback.sequence, 1);
    free_frame(&frame);
    phone_destroy(&p);
}

static void full_queue_of_a_capture_refuses_and_recovers(void **state)
{
    enum { PENDING_MAX = 32 };
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_PLAIN);
    fixture_gate gate;
    fixture_gate_close(f, &gate);
    phone_answer answer;
    phone_answer_init(&answer);
    kept_frame frames[PENDING_MAX + 1];
    for (int i = 0; i <= PENDING_MAX; i++) {
        make_frame(p, &frames[i]);
    }
    for (int i = 0; i < PENDING_MAX; i++) {
        assert_int_equal(submit(p, &frames[i], &answer), IMI_OK);
    }
    assert_refused(p, &frames[PENDING_MAX], IMI_E_EXHAUSTED);
    fixture_gate_open(&gate);
    phone_answer_wait(&answer, PENDING_MAX);
    assert_int_equal(answer.feedback.sequence, PENDING_MAX);
    assert_int_equal(submit(p, &frames[PENDING_MAX], &answer), IMI_OK);
    phone_answer_wait(&answer, PENDING_MAX + 1);
    assert_int_equal(answer.status, IMI_OK);
    for (int i = 0; i <= PENDING_MAX; i++) {
        free_frame(&frames[i]);
    }
    phone_destroy(&p);
}

static void wait_for_nothing(void *engine, void *job)
{
    (void)engine;
    (void)job;
}

static void full_pool_refuses_and_the_chain_stays_where_it_was(void **state)
{
    (void)state;
    fixture *f = fixture_new(&(fixture_options){.threads = 1, .queue = 2});
    phone *p = ready_phone(f, PURPOSE_PLAIN);
    imi_frame_feedback last;
    assert_int_equal(phone_send(p, &last), IMI_OK);
    fixture_gate gate; /* closed by all workers, hence no job holds anything */
    fixture_gate_close(f, &gate);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(imi_pool_submit(f->pool, wait_for_nothing, NULL, NULL), IMI_OK);
    }
    int64_t blocks = imi_alloc_live_blocks();
    kept_frame frame;
    make_frame(p, &frame);
    for (int i = 0; i < 3; i++) {
        assert_refused(p, &frame, IMI_E_EXHAUSTED);
    }
    assert_int_equal(imi_alloc_live_blocks(), blocks + 1); /* the kept frame itself */
    fixture_gate_open(&gate);
    phone_answer answer;
    phone_answer_init(&answer);
    imi_status status = IMI_E_EXHAUSTED;
    while (status == IMI_E_EXHAUSTED) {
        status = submit(p, &frame, &answer);
    }
    assert_int_equal(status, IMI_OK);
    phone_answer_wait(&answer, 1);
    assert_int_equal(answer.status, IMI_OK);
    assert_int_equal(answer.feedback.sequence, 2);
    free_frame(&frame);
    phone_destroy(&p);
    fixture_destroy(&f);
}

static void table_of_captures_is_bounded(void **state)
{
    (void)state;
    fixture *f = fixture_new(&(fixture_options){.captures_max = 2, .captures_at_once = 3});
    phone *a = ready_phone(f, PURPOSE_PLAIN);
    phone *b = ready_phone(f, PURPOSE_PLAIN);
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    phone *c = phone_new(f, FIXTURE_PERSON);
    phone_enter(c, &created);
    assert_int_equal(phone_begin(c), IMI_E_EXHAUSTED);
    char events[128];
    fixture_events(f, created.session_id, events, sizeof events);
    assert_string_equal(events, "created joined consented");
    imi_frame_feedback last;
    assert_int_equal(phone_send(a, &last), IMI_OK);
    assert_int_equal(phone_begin(b), IMI_OK); /* beginning anew takes one's own place */
    phone_destroy(&a);
    phone_destroy(&b);
    phone_destroy(&c);
    fixture_destroy(&f);
}

static void capture_that_has_ended_makes_room(void **state)
{
    (void)state;
    fixture *f = fixture_new(&(fixture_options){.captures_max = 1});
    phone *a = ready_phone(f, PURPOSE_PLAIN);
    imi_frame_feedback last;
    assert_int_equal(phone_play(a, 400, &last), IMI_OK);
    assert_int_equal(last.guidance, IMI_GUIDANCE_DONE);
    phone *b = ready_phone(f, PURPOSE_PLAIN);
    assert_int_equal(phone_send(b, &last), IMI_OK);
    phone_destroy(&a);
    phone_destroy(&b);
    fixture_destroy(&f);
}

static void idle_capture_is_dropped_and_may_begin_again(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_PLAIN);
    imi_frame_feedback last;
    assert_int_equal(phone_send(p, &last), IMI_OK);
    imi_clock_manual_advance(&f->clock, 119 * 1000);
    imi_service_tick(f->service);
    assert_int_equal(phone_send(p, &last), IMI_OK);
    imi_clock_manual_advance(&f->clock, 121 * 1000);
    imi_service_tick(f->service);
    assert_int_equal(phone_send(p, &last), IMI_E_FRAME_CHAIN);
    assert_int_equal(phone_begin(p), IMI_OK);
    assert_int_equal(phone_send(p, &last), IMI_OK);
    phone_destroy(&p);
}

static void beginning_again_does_not_draw_another_challenge(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_PLAIN);
    imi_capture_begun first = p->capture;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(phone_begin(p), IMI_OK);
        assert_memory_equal(&p->capture.challenge, &first.challenge, sizeof first.challenge);
        assert_memory_not_equal(p->capture.nonce, first.nonce, sizeof first.nonce);
        assert_string_not_equal(p->capture.capture_id, first.capture_id);
        assert_int_equal(p->capture.attempts_left, 2);
    }
    phone_destroy(&p);
}

/* As when the policy has been made stricter meanwhile. */
static void attempts_used_up_allow_no_further_capture(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_PLAIN);
    imi_session_record record = fixture_session(f, p->session_id);
    imi_event_record event = {.kind = "capture_judged", .at_ms = f->clock.now_ms};
    record.attempts = 3;
    assert_int_equal(f->sqlite->update_session(f->sqlite, &record, &event, NULL, NULL), IMI_OK);
    assert_int_equal(phone_begin(p), IMI_E_SESSION_STATE);
    phone_destroy(&p);
}

static void captures_cannot_be_begun_without_end(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_PLAIN);
    imi_status status = IMI_OK;
    int begun = 0;
    for (; begun < 200 && status == IMI_OK; begun++) {
        status = phone_begin(p);
    }
    assert_int_equal(status, IMI_E_SESSION_STATE);
    assert_int_equal(begun, 3 * 4); /* three attempts of four: one was begun, one is refused */
    phone_destroy(&p);
}

static void frames_are_counted(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_PLAIN);
    imi_frame_feedback last;
    assert_int_equal(phone_play(p, 400, &last), IMI_OK);
    uint64_t sent = last.sequence;
    p->chain.sequence += 50;
    assert_int_equal(phone_send(p, &last), IMI_E_FRAME_CHAIN);
    imi_service_counts counts;
    imi_service_count(f->service, &counts);
    assert_int_equal(counts.frames_taken, sent);
    assert_int_equal(counts.frames_refused, 1);
    assert_int_equal(counts.decisions[IMI_DECISION_VERIFIED], 1);
    assert_int_equal(counts.decisions[IMI_DECISION_REJECTED], 0);
    assert_int_equal(counts.live_captures, 1);
    phone_destroy(&p);
}

#define CAPTURE_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CAPTURE_TEST(frame_that_is_ahead_is_early_and_no_part_of_the_chain_yet),
        CAPTURE_TEST(frame_far_ahead_is_refused),
        CAPTURE_TEST(swapped_image_is_refused_and_the_chain_goes_on),
        CAPTURE_TEST(frame_of_an_earlier_capture_is_refused),
        CAPTURE_TEST(frame_of_another_phone_is_refused),
        CAPTURE_TEST(time_that_runs_back_is_refused),
        CAPTURE_TEST(unknown_capture_is_refused),
        CAPTURE_TEST(incomplete_calls_are_refused),
        CAPTURE_TEST(image_that_is_no_jpeg_is_refused_at_once),
        CAPTURE_TEST(image_over_the_limit_is_refused_at_once),
        CAPTURE_TEST(broken_image_is_answered_and_the_chain_goes_on_behind_it),
        CAPTURE_TEST(empty_room_and_company_are_told),
        CAPTURE_TEST(repeated_frame_gets_its_old_answer),
        CAPTURE_TEST(repeated_corrupt_frame_gets_its_old_error),
        CAPTURE_TEST(other_frame_under_a_used_number_is_refused),
        CAPTURE_TEST(final_answer_can_be_asked_for_again),
        CAPTURE_TEST(frame_too_old_to_be_remembered_is_refused),
        CAPTURE_TEST(frame_that_waits_can_be_asked_for_again),
        CAPTURE_TEST(full_queue_of_a_capture_refuses_and_recovers),
        cmocka_unit_test(full_pool_refuses_and_the_chain_stays_where_it_was),
        cmocka_unit_test(table_of_captures_is_bounded),
        cmocka_unit_test(capture_that_has_ended_makes_room),
        CAPTURE_TEST(idle_capture_is_dropped_and_may_begin_again),
        CAPTURE_TEST(beginning_again_does_not_draw_another_challenge),
        CAPTURE_TEST(attempts_used_up_allow_no_further_capture),
        CAPTURE_TEST(captures_cannot_be_begun_without_end),
        CAPTURE_TEST(frames_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
