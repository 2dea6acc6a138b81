/*
 * The deployment's cohort: who is drawn, when it is drawn again, and that the erased leave it.
 */
#include "cohort_draw.h"
#include "crowd.h"
#include "service_internal.h"
#include "subject_references.h"

#include <stdio.h>
#include <string.h>

/* ---- Drawing ---- */

static imi_cohort_draw g_draw;

static imi_reference_record somebody(uint32_t number, double quality)
{
    imi_reference_record record = crowd_reference(number);
    record.quality = quality;
    return record;
}

static void offer(imi_reference_record record)
{
    imi_cohort_draw_offer(&g_draw, &record);
}

static bool is_drawn(uint32_t number)
{
    imi_reference_record record = crowd_reference(number);
    for (size_t i = 0; i < g_draw.count; i++) {
        if (strcmp(g_draw.members[i].reference_id, record.reference_id) == 0) {
            return true;
        }
    }
    return false;
}

static void everybody_is_drawn_when_there_is_room(void **state)
{
    (void)state;
    imi_cohort_draw_init(&g_draw, 1, 10);
    for (uint32_t i = 0; i < 7; i++) {
        offer(somebody(i, 0.7));
    }
    assert_int_equal(g_draw.count, 7);
}

static void a_full_draw_holds_its_capacity_in_order_of_rank(void **state)
{
    (void)state;
    imi_cohort_draw_init(&g_draw, 1, 10);
    for (uint32_t i = 0; i < 500; i++) {
        offer(somebody(i, 0.7));
    }
    assert_int_equal(g_draw.count, 10);
    for (size_t i = 1; i < g_draw.count; i++) {
        assert_true(g_draw.members[i - 1].rank < g_draw.members[i].rank);
    }
}

/* 400 draws of 10 out of 50: each person is drawn about 80 times; 6 deviations allowed. */
static void everybody_has_the_same_chance(void **state)
{
    (void)state;
    int drawn[50] = {0};
    for (uint64_t seed = 0; seed < 400; seed++) {
        imi_cohort_draw_init(&g_draw, seed * 7919, 10);
        for (uint32_t i = 0; i < 50; i++) {
            offer(somebody(i, 0.7));
        }
        for (uint32_t i = 0; i < 50; i++) {
            drawn[i] += is_drawn(i);
        }
    }
    for (uint32_t i = 0; i < 50; i++) {
        assert_in_range(drawn[i], 32, 128);
    }
}

static void a_subject_has_one_place_and_its_best_reference_takes_it(void **state)
{
    (void)state;
    imi_cohort_draw_init(&g_draw, 1, 10);
    static const double qualities[] = {0.5, 0.9, 0.7};
    for (size_t i = 0; i < 3; i++) {
        imi_reference_record record = somebody(1, qualities[i]);
        snprintf(record.reference_id, sizeof record.reference_id, "ref_%zu", i);
        offer(record);
    }
    assert_int_equal(g_draw.count, 1);
    assert_string_equal(g_draw.members[0].reference_id, "ref_1");
}

static void poor_references_are_drawn_only_for_want_of_better_ones(void **state)
{
    (void)state;
    imi_cohort_draw_init(&g_draw, 1, 10);
    for (uint32_t i = 0; i < 8; i++) {
        offer(somebody(i, 0.01));
    }
    for (uint32_t i = 100; i < 107; i++) {
        offer(somebody(i, 0.7));
    }
    assert_int_equal(g_draw.count, 10);
    for (uint32_t i = 100; i < 107; i++) {
        assert_true(is_drawn(i));
    }
    for (uint32_t i = 107; i < 200; i++) {
        offer(somebody(i, 0.7));
    }
    for (uint32_t i = 0; i < 8; i++) {
        assert_false(is_drawn(i));
    }
}

static void additional_references_are_none_of_a_cohorts(void **state)
{
    (void)state;
    imi_cohort_draw_init(&g_draw, 1, 10);
    imi_reference_record record = somebody(1, 0.7);
    record.kind = IMI_REFERENCE_ADDITIONAL;
    offer(record);
    assert_int_equal(g_draw.count, 0);
}

static void all_references_of_a_small_store_are_looked_at(void **state)
{
    fixture *f = *state;
    crowd_enrol(f, 0, 40);
    imi_cohort_draw_init(&g_draw, 1, 1000);
    assert_int_equal(
        imi_cohort_draw_from(&g_draw, f->sqlite, FIXTURE_MODEL_VERSION, 41, 1000, NULL), IMI_OK);
    assert_int_equal(g_draw.count, 41);
}

static void of_a_large_store_random_places_are_looked_at(void **state)
{
    fixture *f = *state;
    for (uint32_t i = 0; i < 200; i++) {
        imi_reference_record record = crowd_reference(i);
        assert_int_equal(imi_id_new("ref", record.reference_id, NULL), IMI_OK);
        assert_int_equal(f->sqlite->put_reference(f->sqlite, &record, imi_view_of_text("x"), NULL),
                         IMI_OK);
    }
    imi_cohort_draw_init(&g_draw, 1, 1000);
    assert_int_equal(imi_cohort_draw_from(&g_draw, f->sqlite, FIXTURE_MODEL_VERSION, 201, 80, NULL),
                     IMI_OK);
    assert_in_range(g_draw.count, 20, 80);
}

/* ---- Keeping ---- */

static imi_service_counts counts(fixture *f)
{
    imi_service_counts now;
    imi_service_count(f->service, &now);
    return now;
}

static void read_cohort_id(fixture *f, char out[IMI_ID_SIZE])
{
    imi_cohort_record record;
    assert_int_equal(
        f->sqlite->visit_newest_cohort(f->sqlite, FIXTURE_MODEL_VERSION, &record, NULL, NULL, NULL),
        IMI_OK);
    imi_copy_text(out, IMI_ID_SIZE, record.cohort_id);
}

static void with_too_few_people_there_is_no_cohort(void **state)
{
    fixture *f = *state;
    crowd_enrol(f, 0, IMI_COHORT_MEMBERS_MIN - 2); /* with the fixture's person one too few */
    crowd_tick(f);
    assert_int_equal(counts(f).cohort_members, 0);
    assert_null(imi_cohort_keeper_acquire(imi_service_cohorts(f->service)));
}

static void with_enough_people_one_is_drawn_at_the_next_check(void **state)
{
    fixture *f = *state;
    crowd_tick(f);
    crowd_enrol(f, 0, IMI_COHORT_MEMBERS_MIN - 1);
    crowd_tick(f); /* too soon to look again */
    assert_int_equal(counts(f).cohort_members, 0);
    crowd_tick_later(f);
    assert_int_equal(counts(f).cohort_members, IMI_COHORT_MEMBERS_MIN);
}

static void references_of_other_models_do_not_count(void **state)
{
    fixture *f = *state;
    crowd_enrol(f, 0, IMI_COHORT_MEMBERS_MIN - 2);
    imi_reference_record older = crowd_reference(9999);
    imi_copy_text(older.model_version, sizeof older.model_version, "older");
    assert_int_equal(f->sqlite->put_reference(f->sqlite, &older, imi_view_of_text("x"), NULL),
                     IMI_OK);
    crowd_tick(f);
    assert_int_equal(counts(f).cohort_members, 0);
}

static void a_cohort_is_there_again_after_a_restart(void **state)
{
    fixture *f = *state;
    crowd_enrol(f, 0, 320);
    crowd_tick(f);
    char drawn[IMI_ID_SIZE];
    read_cohort_id(f, drawn);
    fixture_restart(f);
    assert_int_equal(counts(f).cohort_members, 321);
    IMI_AUTO(imi_shared_cohort)
    shared = imi_cohort_keeper_acquire(imi_service_cohorts(f->service));
    assert_string_equal(imi_cohort_id(shared->cohort), drawn);
}

static void it_is_drawn_again_when_the_population_grew_by_half(void **state)
{
    fixture *f = *state;
    char first[IMI_ID_SIZE], second[IMI_ID_SIZE];
    crowd_enrol(f, 0, 319);
    crowd_tick(f);
    read_cohort_id(f, first);
    crowd_enrol(f, 319, 159);
    crowd_tick_later(f);
    read_cohort_id(f, second);
    assert_string_equal(first, second);
    crowd_enrol(f, 478, 1);
    crowd_tick_later(f);
    read_cohort_id(f, second);
    assert_string_not_equal(first, second);
    assert_int_equal(counts(f).cohort_members, 480);
}

static void it_is_drawn_again_after_a_month(void **state)
{
    fixture *f = *state;
    char first[IMI_ID_SIZE], second[IMI_ID_SIZE];
    crowd_enrol(f, 0, 319);
    crowd_tick(f);
    read_cohort_id(f, first);
    crowd_enrol(f, 319, 1);
    imi_clock_manual_advance(&f->clock, 29LL * 24 * 3600 * 1000);
    crowd_tick(f);
    read_cohort_id(f, second);
    assert_string_equal(first, second);
    imi_clock_manual_advance(&f->clock, 1LL * 24 * 3600 * 1000);
    crowd_tick(f);
    read_cohort_id(f, second);
    assert_string_not_equal(first, second);
}

/* Everybody is in it already: the draw gives the same, and is not repeated every minute. */
static void a_draw_that_changes_nothing_counts_as_one(void **state)
{
    fixture *f = *state;
    char first[IMI_ID_SIZE], second[IMI_ID_SIZE];
    crowd_enrol(f, 0, 319);
    crowd_tick(f);
    read_cohort_id(f, first);
    imi_clock_manual_advance(&f->clock, 31LL * 24 * 3600 * 1000);
    crowd_tick(f);
    read_cohort_id(f, second);
    assert_string_equal(first, second);
    assert_int_equal(counts(f).cohort_members, 320);
    imi_clock_manual_advance(&f->clock, 60000);
    atomic_store(&f->store.calls, 0);
    imi_cohort_keeper_refresh(imi_service_cohorts(f->service));
    assert_int_equal(atomic_load(&f->store.calls), 2); /* counts, and looks at the cohort */
}

static void an_erased_member_leaves_at_the_next_tick(void **state)
{
    fixture *f = *state;
    crowd_enrol(f, 0, 320);
    crowd_tick(f);
    assert_int_equal(counts(f).cohort_members, 321);
    assert_int_equal(imi_service_delete_reference(f->service, FIXTURE_PARTY, f->reference_id, NULL),
                     IMI_OK);
    crowd_tick(f); /* without waiting for the next check */
    assert_int_equal(counts(f).cohort_members, 320);
    IMI_AUTO(imi_shared_cohort)
    shared = imi_cohort_keeper_acquire(imi_service_cohorts(f->service));
    assert_false(imi_cohort_has(shared->cohort, imi_subject_key_of(FIXTURE_PARTY, "citizen-1")));
}

static void it_is_drawn_again_when_a_tenth_was_erased(void **state)
{
    fixture *f = *state;
    char first[IMI_ID_SIZE], second[IMI_ID_SIZE];
    crowd_enrol(f, 0, 399);
    crowd_tick(f);
    read_cohort_id(f, first);
    for (uint32_t i = 0; i < 40; i++) {
        crowd_erase(f, i);
    }
    crowd_tick_later(f);
    read_cohort_id(f, second);
    assert_string_equal(first, second);
    crowd_erase(f, 40);
    crowd_tick_later(f);
    read_cohort_id(f, second);
    assert_string_not_equal(first, second);
    assert_int_equal(counts(f).cohort_members, 359);
}

static void with_too_few_left_scores_are_raw_again(void **state)
{
    fixture *f = *state;
    crowd_enrol(f, 0, 299);
    crowd_tick(f);
    assert_int_equal(counts(f).cohort_members, 300);
    crowd_erase(f, 0);
    crowd_tick_later(f);
    assert_int_equal(counts(f).cohort_members, 0);
}

/* The same photos of the same people draw a cohort that the store has had before. */
static void a_registry_that_was_enrolled_again_has_its_cohort_back(void **state)
{
    fixture *f = *state;
    crowd_enrol(f, 0, 299);
    crowd_tick(f);
    for (uint32_t i = 0; i < 100; i++) {
        crowd_erase(f, i);
    }
    crowd_tick_later(f);
    assert_int_equal(counts(f).cohort_members, 0);
    crowd_enrol(f, 0, 100);
    crowd_tick_later(f);
    assert_int_equal(counts(f).cohort_members, 300);
    fixture_restart(f);
    crowd_tick_later(f);
    assert_int_equal(counts(f).cohort_members, 300);
}

static void a_cohort_in_use_outlives_its_successor(void **state)
{
    fixture *f = *state;
    crowd_enrol(f, 0, 320);
    crowd_tick(f);
    imi_shared_cohort *held = imi_cohort_keeper_acquire(imi_service_cohorts(f->service));
    crowd_enrol(f, 320, 200);
    crowd_tick_later(f);
    assert_int_equal(counts(f).cohort_members, 521);
    assert_int_equal(imi_cohort_size(held->cohort), 321);
    imi_shared_cohort_release(&held);
    assert_null(held);
}

static void a_failing_store_leaves_the_cohort_in_use(void **state)
{
    fixture *f = *state;
    crowd_enrol(f, 0, 320);
    crowd_tick(f);
    for (int n = 1; n <= 2; n++) {
        imi_clock_manual_advance(&f->clock, 60000);
        faulty_store_fail(&f->store, n, IMI_E_STORE_IO, false);
        imi_cohort_keeper_refresh(imi_service_cohorts(f->service));
        assert_true(faulty_store_has_failed(&f->store));
        faulty_store_heal(&f->store);
        assert_int_equal(counts(f).cohort_members, 321);
    }
}

static void a_full_pool_puts_the_refresh_off(void **state)
{
    (void)state;
    fixture *f = fixture_new(&(fixture_options){.threads = 1, .queue = 1});
    crowd_enrol(f, 0, 320);
    fixture_gate gate,
        queued = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    fixture_gate_close(f, &gate);
    assert_int_equal(imi_pool_submit(f->pool, fixture_gate_job, &queued, NULL), IMI_OK);
    imi_service_tick(f->service);
    fixture_gate_open(&gate);
    pthread_mutex_lock(&queued.mutex);
    while (queued.inside == 0) {
        pthread_cond_wait(&queued.changed, &queued.mutex);
    }
    pthread_mutex_unlock(&queued.mutex);
    fixture_gate_open(&queued);
    fixture_settle(f);
    assert_int_equal(counts(f).cohort_members, 0);
    crowd_tick(f); /* due at once, not a minute later */
    assert_int_equal(counts(f).cohort_members, 321);
    fixture_destroy(&f);
}

static void a_member_whose_template_is_damaged_is_left_out(void **state)
{
    fixture *f = *state;
    crowd_enrol(f, 0, 320);
    imi_reference_record damaged = crowd_reference(9999);
    assert_int_equal(f->sqlite->put_reference(f->sqlite, &damaged, imi_view_of_text("x"), NULL),
                     IMI_OK);
    crowd_tick(f);
    assert_int_equal(counts(f).cohort_members, 321);
}

static void statistics_are_kept_at_enrolment_once_there_is_a_cohort(void **state)
{
    fixture *f = *state;
    crowd_enrol(f, 0, 320);
    crowd_tick(f);
    scene portrait = scene_neutral(9);
    imi_enrolment enrolled;
    assert_int_equal(fixture_enrol(f, FIXTURE_PARTY, "citizen-9", &portrait, &enrolled), IMI_OK);
    imi_subject_reference *loaded = imi_alloc_aligned(1, sizeof *loaded);
    assert_int_equal(imi_subject_reference_load(f->sqlite, enrolled.reference_id, loaded, NULL),
                     IMI_OK);
    IMI_AUTO(imi_shared_cohort)
    shared = imi_cohort_keeper_acquire(imi_service_cohorts(f->service));
    assert_string_equal(loaded->statistics.cohort_id, imi_cohort_id(shared->cohort));
    imi_subject_key self = imi_subject_key_of(FIXTURE_PARTY, "citizen-9");
    imi_cohort_statistics again;
    assert_int_equal(
        imi_cohort_measure(shared->cohort, &loaded->templates[0], &self, 1, &again, NULL), IMI_OK);
    assert_true(loaded->statistics.mean[0] == again.mean[0]);
    assert_true(loaded->statistics.deviation[0] == again.deviation[0]);
    imi_free(loaded);
}

int main(void)
{
    fixture_prefer_memory();
#define PLAIN(function) cmocka_unit_test(function)
#define WITH_STORE(function)                                                                       \
    cmocka_unit_test_setup_teardown(function, fixture_set_up, fixture_tear_down)
    const struct CMUnitTest tests[] = {
        PLAIN(everybody_is_drawn_when_there_is_room),
        PLAIN(a_full_draw_holds_its_capacity_in_order_of_rank),
        PLAIN(everybody_has_the_same_chance),
        PLAIN(a_subject_has_one_place_and_its_best_reference_takes_it),
        PLAIN(poor_references_are_drawn_only_for_want_of_better_ones),
        PLAIN(additional_references_are_none_of_a_cohorts),
        WITH_STORE(all_references_of_a_small_store_are_looked_at),
        WITH_STORE(of_a_large_store_random_places_are_looked_at),
        WITH_STORE(with_too_few_people_there_is_no_cohort),
        WITH_STORE(with_enough_people_one_is_drawn_at_the_next_check),
        WITH_STORE(references_of_other_models_do_not_count),
        WITH_STORE(a_cohort_is_there_again_after_a_restart),
        WITH_STORE(it_is_drawn_again_when_the_population_grew_by_half),
        WITH_STORE(it_is_drawn_again_after_a_month),
        WITH_STORE(a_draw_that_changes_nothing_counts_as_one),
        WITH_STORE(an_erased_member_leaves_at_the_next_tick),
        WITH_STORE(it_is_drawn_again_when_a_tenth_was_erased),
        WITH_STORE(with_too_few_left_scores_are_raw_again),
        WITH_STORE(a_registry_that_was_enrolled_again_has_its_cohort_back),
        WITH_STORE(a_cohort_in_use_outlives_its_successor),
        WITH_STORE(a_failing_store_leaves_the_cohort_in_use),
        PLAIN(a_full_pool_puts_the_refresh_off),
        WITH_STORE(a_member_whose_template_is_damaged_is_left_out),
        WITH_STORE(statistics_are_kept_at_enrolment_once_there_is_a_cohort),
    };
    return cmocka_run_group_tests_name("session: the deployment's cohort", tests, NULL, NULL);
}
