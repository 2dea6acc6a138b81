/* The registry: what decides, and what happens to it when things do not fit. */
#include "office.h"

#include "imi/threshold.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

static const imi_operating_point *acquire(office *o, const char *purpose)
{
    const imi_operating_point *point = imi_operating_points_acquire(o->points, purpose);
    assert_non_null(point);
    return point;
}

static void without_a_point_the_shipped_calibration_decides(void **state)
{
    office *o = *state;
    const imi_operating_point *point = acquire(o, OFFICE_STRICT);
    assert_string_equal(point->active.point_id, "");
    assert_ptr_equal(point->active.scorer, o->scorer);
    assert_int_equal(point->active.kind, IMI_SCORE_RAW);
    assert_true(point->active.target_fmr == 1e-4);
    assert_true(fabs(point->active.thresholds[IMI_SCORE_RAW] - 0.6) < 1e-6);
    assert_true(isnan(point->active.thresholds[IMI_SCORE_NORMALISED]));
    assert_false(point->has_shadow);
    imi_operating_point_release(&point);
    assert_null(point);
}

static void a_purpose_that_the_policy_lacks_has_no_point(void **state)
{
    office *o = *state;
    imi_error err = IMI_ERROR_INIT;
    assert_null(imi_operating_points_acquire(o->points, "other"));
    assert_null(imi_operating_points_acquire(o->points, NULL));
    assert_int_equal(imi_operating_points_reload(o->points, "other", &err),
                     IMI_E_POLICY_UNKNOWN_PURPOSE);
}

static void an_active_point_decides_after_a_restart_too(void **state)
{
    office *o = *state;
    office_calibrate(o, 300);
    imi_point_record installed = office_install(o, OFFICE_LOOSE, 5e-3);
    for (int i = 0; i < 2; i++) {
        const imi_operating_point *point = acquire(o, OFFICE_LOOSE);
        assert_string_equal(point->active.point_id, installed.point_id);
        assert_true(point->active.target_fmr == 5e-3);
        assert_true(point->active.thresholds[IMI_SCORE_RAW] == installed.threshold);
        assert_ptr_not_equal(point->active.scorer, o->scorer);
        imi_operating_point_release(&point);
        point = acquire(o, OFFICE_STRICT);
        assert_string_equal(point->active.point_id, "");
        imi_operating_point_release(&point);
        office_restart(o);
    }
}

static void what_was_acquired_stays_as_it_is(void **state)
{
    office *o = *state;
    office_calibrate(o, 300);
    const imi_operating_point *before = acquire(o, OFFICE_LOOSE);
    imi_point_record first = office_install(o, OFFICE_LOOSE, 5e-3);
    const imi_operating_point *between = acquire(o, OFFICE_LOOSE);
    office_install(o, OFFICE_LOOSE, 4e-3);
    assert_string_equal(before->active.point_id, "");
    assert_string_equal(between->active.point_id, first.point_id);
    assert_true(between->active.target_fmr == 5e-3);
    /* Its calibration still tells rates, though another point is active. */
    double fmr = imi_scorer_fmr_at(between->active.scorer, IMI_SCORE_RAW, 0.9F);
    assert_true(fmr >= 0 && fmr <= 1);
    imi_operating_point_release(&before);
    imi_operating_point_release(&between);
}

static void assert_falls_back(office *o, const char *reason)
{
    char problem[IMI_POINT_PROBLEM_SIZE];
    const imi_operating_point *point = acquire(o, OFFICE_LOOSE);
    assert_string_equal(point->active.point_id, "");
    assert_ptr_equal(point->active.scorer, o->scorer);
    imi_operating_point_release(&point);
    imi_operating_points_problem(o->points, OFFICE_LOOSE, problem);
    if (strstr(problem, reason) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", problem, reason);
    }
    imi_operating_points_problem(o->points, OFFICE_STRICT, problem);
    assert_string_equal(problem, "");
}

static void a_point_of_other_models_is_not_used_and_says_so(void **state)
{
    office *o = *state;
    office_calibrate(o, 300);
    office_install(o, OFFICE_LOOSE, 5e-3);
    office_restart_with(o, 1e-2, "alpha@2");
    assert_falls_back(o, "alpha@2 are loaded");
}

static void a_point_laxer_than_a_new_policy_file_is_not_used(void **state)
{
    office *o = *state;
    office_calibrate(o, 300);
    office_install(o, OFFICE_LOOSE, 5e-3);
    office_restart_with(o, 1e-3, OFFICE_MODELS);
    assert_falls_back(o, "laxer than the policy file");
    const imi_operating_point *point = acquire(o, OFFICE_LOOSE);
    assert_true(point->active.target_fmr == 1e-3);
    imi_operating_point_release(&point);
}

static void falling_back_keeps_a_stricter_target_where_it_can(void **state)
{
    office *o = *state;
    office_calibrate(o, 300);
    office_install(o, OFFICE_LOOSE, 5e-3);
    office_restart_with(o, 1e-2, "alpha@2");
    const imi_operating_point *point = acquire(o, OFFICE_LOOSE);
    assert_true(point->active.target_fmr == 5e-3);
    float expected = 0;
    assert_int_equal(imi_scorer_threshold(o->scorer, IMI_SCORE_RAW, 5e-3, &expected, NULL), IMI_OK);
    assert_true(point->active.thresholds[IMI_SCORE_RAW] == (double)expected);
    imi_operating_point_release(&point);
}

/* 720,000 comparisons show rates that the shipped million, of people unlike them, does not. */
static void falling_back_is_as_strict_as_the_shipped_table_can_tell(void **state)
{
    office *o = *state;
    office_calibrate(o, 1200);
    imi_point_record point = office_install(o, OFFICE_LOOSE, 7e-6);
    assert_true(point.target_fmr < imi_scorer_fmr_floor(o->scorer, IMI_SCORE_RAW));
    office_restart_with(o, 1e-2, "alpha@2");
    const imi_operating_point *fallen = acquire(o, OFFICE_LOOSE);
    assert_true(fallen->active.target_fmr == imi_scorer_fmr_floor(o->scorer, IMI_SCORE_RAW));
    float expected = 0;
    assert_int_equal(imi_scorer_threshold(o->scorer, IMI_SCORE_RAW, 1e-5, &expected, NULL), IMI_OK);
    assert_true(fallen->active.thresholds[IMI_SCORE_RAW] == (double)expected);
    imi_operating_point_release(&fallen);
}

/* As by two proposals at once, when there was room for one. */
static void the_oldest_of_too_many_points_still_decides(void **state)
{
    office *o = *state;
    imi_error err = IMI_ERROR_INIT;
    office_calibrate(o, 300);
    imi_point_record active = office_install(o, OFFICE_LOOSE, 5e-3);
    imi_point_record *more = imi_alloc_array(IMI_POINTS_PER_PURPOSE_MAX, sizeof *more);
    for (size_t i = 0; i < IMI_POINTS_PER_PURPOSE_MAX; i++) {
        more[i] = active;
        more[i].version = 0;
        more[i].state = IMI_POINT_PROPOSED;
        office_ok(imi_id_new("opp", more[i].point_id, &err), &err);
    }
    imi_audit_record audit = {.actor = FIRST, .action = "threshold.propose"};
    office_ok(o->store->put_points(o->store, more, IMI_POINTS_PER_PURPOSE_MAX, &audit, NULL, &err), &err);
    imi_free(more);
    office_ok(imi_operating_points_reload(o->points, OFFICE_LOOSE, &err), &err);
    const imi_operating_point *point = acquire(o, OFFICE_LOOSE);
    assert_string_equal(point->active.point_id, active.point_id);
    imi_operating_point_release(&point);
}

static void a_shadow_is_acquired_beside_the_active_point(void **state)
{
    office *o = *state;
    imi_error err = IMI_ERROR_INIT;
    office_calibrate(o, 300);
    imi_point_record point = office_propose(o, OFFICE_LOOSE, 5e-3);
    office_ok(
        imi_administration_set_shadow(o->administration, FIRST, point.point_id, true, &point, &err),
        &err);
    const imi_operating_point *both = acquire(o, OFFICE_LOOSE);
    assert_string_equal(both->active.point_id, "");
    assert_true(both->has_shadow);
    assert_string_equal(both->shadow.point_id, point.point_id);
    assert_true(both->shadow.thresholds[IMI_SCORE_RAW] == point.threshold);
    imi_operating_point_release(&both);
}

static void a_shadow_that_cannot_be_used_is_left_out(void **state)
{
    office *o = *state;
    imi_error err = IMI_ERROR_INIT;
    office_calibrate(o, 300);
    imi_point_record point = office_propose(o, OFFICE_LOOSE, 5e-3);
    office_ok(
        imi_administration_set_shadow(o->administration, FIRST, point.point_id, true, &point, &err),
        &err);
    office_restart_with(o, 1e-3, OFFICE_MODELS);
    const imi_operating_point *both = acquire(o, OFFICE_LOOSE);
    assert_false(both->has_shadow);
    imi_operating_point_release(&both);
}

typedef struct swapping {
    office *o;
    atomic_bool stop;
    atomic_uint acquired;
} swapping;

static void *acquire_again_and_again(void *argument)
{
    swapping *self = argument;
    while (!atomic_load(&self->stop)) {
        const imi_operating_point *point =
            imi_operating_points_acquire(self->o->points, OFFICE_LOOSE);
        /* Read everything, so that a sanitizer sees what was freed too early. */
        double fmr = imi_scorer_fmr_at(point->active.scorer, IMI_SCORE_RAW, 0.5F);
        if (fmr >= 0 && point->active.target_fmr > 0) {
            atomic_fetch_add(&self->acquired, 1);
        }
        imi_operating_point_release(&point);
    }
    return NULL;
}

static void points_are_swapped_while_others_decide(void **state)
{
    office *o = *state;
    imi_error err = IMI_ERROR_INIT;
    office_calibrate(o, 300);
    office_install(o, OFFICE_LOOSE, 5e-3);
    swapping shared = {.o = o};
    pthread_t threads[3];
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, acquire_again_and_again, &shared), 0);
    }
    for (int i = 0; i < 50 || atomic_load(&shared.acquired) < 1000; i++) {
        office_ok(imi_operating_points_reload(o->points, OFFICE_LOOSE, &err), &err);
    }
    atomic_store(&shared.stop, true);
    for (size_t i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
    }
}

static void a_registry_needs_all_its_parts(void **state)
{
    office *o = *state;
    imi_operating_points *points = NULL;
    const imi_operating_points_options whole = {o->policy, o->scorer, OFFICE_MODELS, o->store};
    for (int i = 0; i < 4; i++) {
        imi_operating_points_options options = whole;
        options.policy = i == 0 ? NULL : options.policy;
        options.scorer = i == 1 ? NULL : options.scorer;
        options.model_version = i == 2 ? NULL : options.model_version;
        options.store = i == 3 ? NULL : options.store;
        assert_int_equal(imi_operating_points_new(&options, &points, NULL), IMI_E_INVALID_ARGUMENT);
        assert_null(points);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, office_set_up, office_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(without_a_point_the_shipped_calibration_decides),
        TEST(a_purpose_that_the_policy_lacks_has_no_point),
        TEST(an_active_point_decides_after_a_restart_too),
        TEST(what_was_acquired_stays_as_it_is),
        TEST(a_point_of_other_models_is_not_used_and_says_so),
        TEST(a_point_laxer_than_a_new_policy_file_is_not_used),
        TEST(falling_back_keeps_a_stricter_target_where_it_can),
        TEST(falling_back_is_as_strict_as_the_shipped_table_can_tell),
        TEST(the_oldest_of_too_many_points_still_decides),
        TEST(a_shadow_is_acquired_beside_the_active_point),
        TEST(a_shadow_that_cannot_be_used_is_left_out),
        TEST(points_are_swapped_while_others_decide),
        TEST(a_registry_needs_all_its_parts),
    };
    return cmocka_run_group_tests_name("administration: points", tests, NULL, NULL);
}
