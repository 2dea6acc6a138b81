/*
 * Frames that come faster than they are judged: two that come together are looked at, of more
 * only the newest, the others are answered at once, and answers go out in the order of the frames.
 */
#include "phone.h"

#include <unistd.h>

enum { HEARD_MAX = 16 };

/* What a phone hears, in the order in which it hears it. */
typedef struct ear {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int count;
    imi_status status[HEARD_MAX];
    imi_frame_feedback feedback[HEARD_MAX];
    void (*during)(struct ear *self); /* called by whoever answers frame number `at`; or NULL */
    uint64_t at;
    bool shut; /* it went well */
    phone *p;
    fixture_gate *gate;
} ear;

/* The ear of a phone that has begun a capture. */
static void ear_begin(ear *self, fixture *f)
{
    *self = (ear){.mutex = PTHREAD_MUTEX_INITIALIZER,
                  .changed = PTHREAD_COND_INITIALIZER,
                  .p = phone_new(f, FIXTURE_PERSON)};
    imi_created_session session = fixture_create(f, PURPOSE_PLAIN);
    phone_enter(self->p, &session);
    assert_int_equal(phone_begin(self->p), IMI_OK);
}

static void hear(void *user, imi_status status, const imi_error *error,
                 const imi_frame_feedback *feedback)
{
    (void)error;
    ear *self = user;
    bool now = self->during != NULL && feedback->sequence == self->at;
    if (now) {
        self->during(self);
    }
    pthread_mutex_lock(&self->mutex);
    if (self->count < HEARD_MAX) {
        self->status[self->count] = status;
        self->feedback[self->count] = *feedback;
        self->count++;
    }
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->mutex);
}

static void wait_for(ear *self, int count)
{
    pthread_mutex_lock(&self->mutex);
    while (self->count < count) {
        pthread_cond_wait(&self->changed, &self->mutex);
    }
    pthread_mutex_unlock(&self->mutex);
}

/* Send what the camera sees now without waiting for the answer. */
static imi_status send(ear *self)
{
    phone *p = self->p;
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    p->look.seed++;
    scene_draw_jpeg(&p->look, &jpeg);
    imi_frame frame;
    phone_chain_sign(&p->chain, imi_buffer_view(&jpeg), p->frame_ms, &frame);
    return imi_service_submit_frame(p->f->service, p->credential, &frame, hear, self, NULL);
}

static imi_service_counts counts_of(fixture *f)
{
    imi_service_counts counts;
    imi_service_count(f->service, &counts);
    return counts;
}

enum { SHORT_MS = 15, LONG_MS = 16 /* waits of a job, by which workers are short or not */ };

/* Five frames that come while the first has waited so long for a worker, of which the newest so
 * many are judged and the others answered before. */
static void assert_newest_are_judged(fixture *f, int64_t waited_ms, int judged)
{
    ear self;
    ear_begin(&self, f);
    fixture_gate gate;
    fixture_gate_close(f, &gate);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(send(&self), IMI_OK);
        imi_clock_manual_advance(&f->clock, i == 0 ? waited_ms : 0);
    }
    assert_int_equal(self.count, 5 - judged); /* with nothing looked at */
    fixture_gate_open(&gate);
    wait_for(&self, 5);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(self.status[i], IMI_OK);
        assert_int_equal(self.feedback[i].sequence, i + 1);
        assert_true(self.feedback[i].skipped == (i < 5 - judged));
        assert_int_equal(self.feedback[i].outcome, IMI_OUTCOME_IN_PROGRESS);
        assert_true(self.feedback[i].actions_total > 0);
    }
    imi_service_counts counts = counts_of(f);
    assert_int_equal(counts.frames_taken, 5);
    assert_int_equal(counts.frames_judged, judged);
    assert_int_equal(counts.frames_skipped, 5 - judged);
    phone_destroy(&self.p);
}

static void of_frames_that_come_together_the_newest_two_are_judged(void **state)
{
    assert_newest_are_judged(*state, SHORT_MS, 2);
}

static void of_frames_that_wait_for_a_worker_only_the_newest_is_judged(void **state)
{
    assert_newest_are_judged(*state, LONG_MS, 1);
}

static void of_two_frames_that_wait_for_a_worker_one_is_judged(void **state)
{
    fixture *f = *state;
    ear self;
    ear_begin(&self, f);
    fixture_gate gate;
    fixture_gate_close(f, &gate);
    assert_int_equal(send(&self), IMI_OK);
    assert_int_equal(send(&self), IMI_OK); /* not too late yet */
    assert_int_equal(self.count, 0);
    imi_clock_manual_advance(&f->clock, LONG_MS);
    fixture_gate_open(&gate);
    wait_for(&self, 2);
    assert_true(self.feedback[0].skipped);
    assert_false(self.feedback[1].skipped);
    phone_destroy(&self.p);
}

static void frames_one_at_a_time_are_all_judged(void **state)
{
    fixture *f = *state;
    ear self;
    ear_begin(&self, f);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(send(&self), IMI_OK);
        wait_for(&self, i + 1);
        assert_false(self.feedback[i].skipped);
    }
    assert_int_equal(counts_of(f).frames_judged, 6);
    assert_int_equal(counts_of(f).frames_skipped, 0);
    phone_destroy(&self.p);
}

/* Runs on the worker that answers, where nothing can be asserted: its next job is the gate, so
 * the capture's own has to wait. */
static void shut_behind(ear *self)
{
    imi_status status = imi_pool_submit(self->p->f->pool, fixture_gate_job, self->gate, NULL);
    self->shut = status == IMI_OK && send(self) == IMI_OK;
}

static void frames_behind_a_job_that_waits_are_answered_at_once(void **state)
{
    (void)state;
    fixture *f = fixture_new(&(fixture_options){.threads = 1});
    fixture_gate gate = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    ear self;
    ear_begin(&self, f);
    self.during = shut_behind;
    self.at = 1;
    self.gate = &gate;
    assert_int_equal(send(&self), IMI_OK);
    pthread_mutex_lock(&gate.mutex);
    while (gate.inside == 0) {
        pthread_cond_wait(&gate.changed, &gate.mutex);
    }
    pthread_mutex_unlock(&gate.mutex);
    wait_for(&self, 1);
    assert_true(self.shut);
    imi_clock_manual_advance(&f->clock, LONG_MS);
    /* The third: the second was sent at the first's answer. */
    assert_int_equal(send(&self), IMI_OK);
    wait_for(&self, 2); /* although nothing is judged now */
    assert_int_equal(self.feedback[1].sequence, 2);
    assert_true(self.feedback[1].skipped);
    assert_int_equal(self.feedback[1].guidance, self.feedback[0].guidance);
    fixture_gate_open(&gate);
    wait_for(&self, 3);
    assert_int_equal(self.feedback[2].sequence, 3);
    assert_false(self.feedback[2].skipped);
    fixture_settle(f);
    assert_int_equal(counts_of(f).frames_skipped, 1);
    phone_destroy(&self.p);
    fixture_destroy(&f);
}

static void a_skipped_frame_has_its_place_in_the_chain(void **state)
{
    fixture *f = *state;
    ear self;
    ear_begin(&self, f);
    fixture_gate gate;
    fixture_gate_close(f, &gate);
    assert_int_equal(send(&self), IMI_OK);
    phone_chain broken = self.p->chain;
    assert_int_equal(send(&self), IMI_OK);
    fixture_gate_open(&gate);
    wait_for(&self, 2);
    self.p->chain = broken; /* as if the second had never been taken */
    assert_int_equal(send(&self), IMI_E_FRAME_CHAIN);
    phone_destroy(&self.p);
}

/* What is told of a second face that comes into view behind the first frame and stays for six,
 * each of which waits so long for a worker. */
static imi_guidance told_of_a_second_face(fixture *f, int64_t wait_ms)
{
    ear self;
    ear_begin(&self, f);
    self.p->frame_ms = 50;
    for (int i = 0; i < 7; i++) {
        fixture_gate gate;
        self.p->look.faces = i == 0 ? 1 : 2;
        fixture_gate_close(f, &gate);
        assert_int_equal(send(&self), IMI_OK);
        imi_clock_manual_advance(&f->clock, wait_ms);
        fixture_gate_open(&gate);
        wait_for(&self, i + 1);
        assert_false(self.feedback[i].skipped);
        imi_clock_manual_advance(&f->clock, self.p->frame_ms - wait_ms);
    }
    phone_destroy(&self.p);
    return self.feedback[6].guidance;
}

static void the_whole_picture_is_looked_at_less_often_when_workers_are_short(void **state)
{
    fixture *f = *state;
    assert_int_equal(told_of_a_second_face(f, SHORT_MS), IMI_GUIDANCE_ONE_PERSON_ONLY);
    assert_int_not_equal(told_of_a_second_face(f, LONG_MS), IMI_GUIDANCE_ONE_PERSON_ONLY);
}

#define SHED_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SHED_TEST(of_frames_that_come_together_the_newest_two_are_judged),
        SHED_TEST(of_frames_that_wait_for_a_worker_only_the_newest_is_judged),
        SHED_TEST(of_two_frames_that_wait_for_a_worker_one_is_judged),
        SHED_TEST(frames_one_at_a_time_are_all_judged),
        cmocka_unit_test(frames_behind_a_job_that_waits_are_answered_at_once),
        SHED_TEST(a_skipped_frame_has_its_place_in_the_chain),
        SHED_TEST(the_whole_picture_is_looked_at_less_often_when_workers_are_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
