/* What may happen to an operating point, and who may do it. */
#include "imi/threshold.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const imi_point_actor PROPOSER = {"ada", 1000};
static const imi_point_actor OTHER = {"ben", 2000};

static imi_point_record point_in(const char *id, imi_point_state state)
{
    imi_point_record point = {.state = state, .target_fmr = 1e-4, .proposed_ms = 500};
    imi_copy_text(point.point_id, sizeof point.point_id, id);
    imi_copy_text(point.purpose, sizeof point.purpose, "demo");
    imi_copy_text(point.proposed_by, sizeof point.proposed_by, PROPOSER.name);
    if (state != IMI_POINT_PROPOSED) {
        imi_copy_text(point.approved_by, sizeof point.approved_by, OTHER.name);
    }
    return point;
}

static void assert_unchanged(const imi_point_record *point, const imi_point_record *before)
{
    assert_memory_equal(point, before, sizeof *point);
}

static void another_administrator_approves(void **state)
{
    (void)state;
    imi_point_record point = point_in("op_1", IMI_POINT_PROPOSED);
    assert_int_equal(imi_point_approve(&point, &OTHER, NULL), IMI_OK);
    assert_int_equal(point.state, IMI_POINT_APPROVED);
    assert_string_equal(point.approved_by, "ben");
    assert_int_equal(point.approved_ms, 2000);
}

static void nobody_approves_their_own_proposal(void **state)
{
    (void)state;
    imi_error error = IMI_ERROR_INIT;
    imi_point_record point = point_in("op_1", IMI_POINT_PROPOSED);
    imi_point_record before = point;
    assert_int_equal(imi_point_approve(&point, &PROPOSER, &error), IMI_E_PERMISSION);
    assert_non_null(strstr(error.message, "another administrator"));
    assert_unchanged(&point, &before);
}

static void an_approval_without_a_name_is_none(void **state)
{
    (void)state;
    const imi_point_actor nameless[] = {{"", 1}, {NULL, 1}};
    for (size_t i = 0; i < 2; i++) {
        imi_point_record point = point_in("op_1", IMI_POINT_PROPOSED);
        assert_int_equal(imi_point_approve(&point, &nameless[i], NULL), IMI_E_PERMISSION);
        assert_int_equal(point.state, IMI_POINT_PROPOSED);
    }
}

static void only_proposed_points_are_approved(void **state)
{
    (void)state;
    const imi_point_state states[] = {IMI_POINT_NONE, IMI_POINT_APPROVED, IMI_POINT_ACTIVE,
                                      IMI_POINT_RETIRED, IMI_POINT_WITHDRAWN};
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        imi_point_record point = point_in("op_1", states[i]);
        imi_point_record before = point;
        assert_int_equal(imi_point_approve(&point, &OTHER, NULL), IMI_E_CONFLICT);
        assert_unchanged(&point, &before);
    }
}

static void only_approved_points_are_activated(void **state)
{
    (void)state;
    const imi_point_state states[] = {IMI_POINT_NONE, IMI_POINT_PROPOSED, IMI_POINT_ACTIVE,
                                      IMI_POINT_RETIRED, IMI_POINT_WITHDRAWN};
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        imi_point_record point = point_in("op_1", states[i]);
        imi_point_record current = point_in("op_0", IMI_POINT_ACTIVE);
        imi_point_record before = point, current_before = current;
        assert_int_equal(imi_point_activate(&point, &current, &OTHER, NULL), IMI_E_CONFLICT);
        assert_unchanged(&point, &before);
        assert_unchanged(&current, &current_before);
    }
}

static void a_point_without_an_approver_is_not_activated(void **state)
{
    (void)state;
    imi_point_record point = point_in("op_1", IMI_POINT_APPROVED);
    point.approved_by[0] = '\0';
    assert_int_equal(imi_point_activate(&point, NULL, &OTHER, NULL), IMI_E_CONFLICT);
    assert_int_equal(point.state, IMI_POINT_APPROVED);
}

static void activation_retires_the_one_before_and_ends_the_shadow(void **state)
{
    (void)state;
    imi_point_record point = point_in("op_1", IMI_POINT_APPROVED);
    imi_point_record current = point_in("op_0", IMI_POINT_ACTIVE);
    point.shadow = true;
    assert_int_equal(imi_point_activate(&point, &current, &OTHER, NULL), IMI_OK);
    assert_int_equal(point.state, IMI_POINT_ACTIVE);
    assert_false(point.shadow);
    assert_int_equal(point.activated_ms, 2000);
    assert_int_equal(current.state, IMI_POINT_RETIRED);
    assert_int_equal(current.retired_ms, 2000);
}

static void whoever_proposed_may_activate_what_another_approved(void **state)
{
    (void)state;
    imi_point_record point = point_in("op_1", IMI_POINT_APPROVED);
    assert_int_equal(imi_point_activate(&point, NULL, &PROPOSER, NULL), IMI_OK);
    assert_int_equal(point.state, IMI_POINT_ACTIVE);
}

static void points_are_withdrawn_before_activation_only(void **state)
{
    (void)state;
    const imi_point_state never[] = {IMI_POINT_NONE, IMI_POINT_ACTIVE, IMI_POINT_RETIRED,
                                     IMI_POINT_WITHDRAWN};
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
        imi_point_record point = point_in("op_1", never[i]);
        imi_point_record before = point;
        assert_int_equal(imi_point_withdraw(&point, &OTHER, NULL), IMI_E_CONFLICT);
        assert_unchanged(&point, &before);
    }
    const imi_point_state possible[] = {IMI_POINT_PROPOSED, IMI_POINT_APPROVED};
    for (size_t i = 0; i < 2; i++) {
        imi_point_record point = point_in("op_1", possible[i]);
        point.shadow = true;
        assert_int_equal(imi_point_withdraw(&point, &PROPOSER, NULL), IMI_OK);
        assert_int_equal(point.state, IMI_POINT_WITHDRAWN);
        assert_false(point.shadow);
        assert_int_equal(point.retired_ms, 1000);
    }
}

static void a_shadow_takes_the_place_of_the_former_one(void **state)
{
    (void)state;
    imi_point_record point = point_in("op_1", IMI_POINT_PROPOSED);
    imi_point_record former = point_in("op_0", IMI_POINT_APPROVED);
    former.shadow = true;
    assert_int_equal(imi_point_set_shadow(&point, true, &former, NULL), IMI_OK);
    assert_true(point.shadow);
    assert_false(former.shadow);
    assert_int_equal(point.state, IMI_POINT_PROPOSED);
}

static void only_points_that_wait_run_as_shadow(void **state)
{
    (void)state;
    const imi_point_state never[] = {IMI_POINT_NONE, IMI_POINT_ACTIVE, IMI_POINT_RETIRED,
                                     IMI_POINT_WITHDRAWN};
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
        imi_point_record point = point_in("op_1", never[i]);
        imi_point_record former = point_in("op_0", IMI_POINT_PROPOSED);
        former.shadow = true;
        assert_int_equal(imi_point_set_shadow(&point, true, &former, NULL), IMI_E_CONFLICT);
        assert_false(point.shadow);
        assert_true(former.shadow);
    }
}

static void a_shadow_is_stopped_once(void **state)
{
    (void)state;
    imi_point_record point = point_in("op_1", IMI_POINT_PROPOSED);
    point.shadow = true;
    assert_int_equal(imi_point_set_shadow(&point, true, NULL, NULL), IMI_E_CONFLICT);
    assert_int_equal(imi_point_set_shadow(&point, false, NULL, NULL), IMI_OK);
    assert_false(point.shadow);
    assert_int_equal(imi_point_set_shadow(&point, false, NULL, NULL), IMI_E_CONFLICT);
}

static void a_roll_back_brings_the_former_point_back(void **state)
{
    (void)state;
    imi_point_record current = point_in("op_2", IMI_POINT_ACTIVE);
    imi_point_record previous = point_in("op_1", IMI_POINT_RETIRED);
    previous.activated_ms = 700;
    previous.retired_ms = 900;
    assert_int_equal(imi_point_roll_back(&current, &previous, &OTHER, NULL), IMI_OK);
    assert_int_equal(current.state, IMI_POINT_WITHDRAWN);
    assert_int_equal(current.retired_ms, 2000);
    assert_int_equal(previous.state, IMI_POINT_ACTIVE);
    assert_int_equal(previous.activated_ms, 700);
    assert_int_equal(previous.retired_ms, 0);
}

static void a_roll_back_without_a_former_point_leaves_none(void **state)
{
    (void)state;
    imi_point_record current = point_in("op_2", IMI_POINT_ACTIVE);
    assert_int_equal(imi_point_roll_back(&current, NULL, &OTHER, NULL), IMI_OK);
    assert_int_equal(current.state, IMI_POINT_WITHDRAWN);
}

static void there_is_nothing_to_roll_back_without_an_active_point(void **state)
{
    (void)state;
    imi_error error = IMI_ERROR_INIT;
    assert_int_equal(imi_point_roll_back(NULL, NULL, &OTHER, &error), IMI_E_CONFLICT);
    assert_non_null(strstr(error.message, "shipped"));
    imi_point_record waiting = point_in("op_1", IMI_POINT_APPROVED);
    assert_int_equal(imi_point_roll_back(&waiting, NULL, &OTHER, NULL), IMI_E_CONFLICT);
    assert_int_equal(waiting.state, IMI_POINT_APPROVED);
}

static void a_roll_back_never_activates_what_was_not_active(void **state)
{
    (void)state;
    const imi_point_state never[] = {IMI_POINT_NONE, IMI_POINT_PROPOSED, IMI_POINT_APPROVED,
                                     IMI_POINT_WITHDRAWN};
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
        imi_point_record current = point_in("op_2", IMI_POINT_ACTIVE);
        imi_point_record previous = point_in("op_1", never[i]);
        assert_int_equal(imi_point_roll_back(&current, &previous, &OTHER, NULL), IMI_E_CONFLICT);
        assert_int_equal(current.state, IMI_POINT_ACTIVE);
        assert_int_equal(previous.state, never[i]);
    }
}

static void roll_backs_go_back_step_by_step_and_never_to_what_was_rolled_back(void **state)
{
    (void)state;
    imi_point_record points[3] = {point_in("op_3", IMI_POINT_APPROVED),
                                  point_in("op_2", IMI_POINT_ACTIVE),
                                  point_in("op_1", IMI_POINT_RETIRED)};
    points[1].activated_ms = 200;
    points[2].activated_ms = 100;
    /* Back from 2 to 1: 2 has shown itself wrong. */
    assert_ptr_equal(imi_points_find_previous(points, 3), &points[2]);
    assert_int_equal(imi_point_roll_back(&points[1], &points[2], &OTHER, NULL), IMI_OK);
    /* 3 after 1, and back again: to 1, not to 2. */
    assert_int_equal(imi_point_activate(&points[0], &points[2], &OTHER, NULL), IMI_OK);
    assert_ptr_equal(imi_points_find_active(points, 3), &points[0]);
    assert_ptr_equal(imi_points_find_previous(points, 3), &points[2]);
    assert_int_equal(imi_point_roll_back(&points[0], &points[2], &OTHER, NULL), IMI_OK);
    assert_ptr_equal(imi_points_find_active(points, 3), &points[2]);
    assert_null(imi_points_find_previous(points, 3));
}

static void the_newest_retired_point_is_the_previous_one(void **state)
{
    (void)state;
    imi_point_record points[3] = {point_in("op_1", IMI_POINT_RETIRED),
                                  point_in("op_2", IMI_POINT_RETIRED),
                                  point_in("op_3", IMI_POINT_WITHDRAWN)};
    points[0].activated_ms = 100;
    points[1].activated_ms = 200;
    points[2].activated_ms = 300;
    assert_ptr_equal(imi_points_find_previous(points, 3), &points[1]);
    assert_null(imi_points_find_active(points, 3));
    assert_null(imi_points_find_previous(points, 0));
}

static void a_shadow_flag_on_a_point_that_does_not_wait_is_ignored(void **state)
{
    (void)state;
    imi_point_record points[2] = {point_in("op_1", IMI_POINT_ACTIVE),
                                  point_in("op_2", IMI_POINT_PROPOSED)};
    points[0].shadow = true;
    assert_null(imi_points_find_shadow(points, 2));
    points[1].shadow = true;
    assert_ptr_equal(imi_points_find_shadow(points, 2), &points[1]);
}

static void a_target_is_at_most_the_policy_files(void **state)
{
    (void)state;
    imi_error error = IMI_ERROR_INIT;
    imi_point_record point = point_in("op_1", IMI_POINT_PROPOSED);
    assert_int_equal(imi_point_check_target(&point, 1e-4, NULL), IMI_OK);
    assert_int_equal(imi_point_check_target(&point, 1e-3, NULL), IMI_OK);
    assert_int_equal(imi_point_check_target(&point, 9.9e-5, &error), IMI_E_POLICY);
    assert_non_null(strstr(error.message, "laxer than the policy file allows"));
    assert_int_equal(imi_point_check_target(&point, NAN, NULL), IMI_E_POLICY);
}

static void a_target_is_a_rate(void **state)
{
    (void)state;
    const double bad[] = {0, -1e-4, 1, 2, NAN, INFINITY};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        imi_point_record point = {.target_fmr = bad[i]};
        assert_int_equal(imi_point_check_target(&point, 1, NULL), IMI_E_POLICY);
    }
}

static void states_have_names(void **state)
{
    (void)state;
    assert_string_equal(imi_point_state_name(IMI_POINT_PROPOSED), "proposed");
    assert_string_equal(imi_point_state_name(IMI_POINT_WITHDRAWN), "withdrawn");
    assert_string_equal(imi_point_state_name((imi_point_state)6), "unknown");
    assert_string_equal(imi_point_state_name((imi_point_state)-1), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_administrator_approves),
        cmocka_unit_test(nobody_approves_their_own_proposal),
        cmocka_unit_test(an_approval_without_a_name_is_none),
        cmocka_unit_test(only_proposed_points_are_approved),
        cmocka_unit_test(only_approved_points_are_activated),
        cmocka_unit_test(a_point_without_an_approver_is_not_activated),
        cmocka_unit_test(activation_retires_the_one_before_and_ends_the_shadow),
        cmocka_unit_test(whoever_proposed_may_activate_what_another_approved),
        cmocka_unit_test(points_are_withdrawn_before_activation_only),
        cmocka_unit_test(a_shadow_takes_the_place_of_the_former_one),
        cmocka_unit_test(only_points_that_wait_run_as_shadow),
        cmocka_unit_test(a_shadow_is_stopped_once),
        cmocka_unit_test(a_roll_back_brings_the_former_point_back),
        cmocka_unit_test(a_roll_back_without_a_former_point_leaves_none),
        cmocka_unit_test(there_is_nothing_to_roll_back_without_an_active_point),
        cmocka_unit_test(a_roll_back_never_activates_what_was_not_active),
        cmocka_unit_test(roll_backs_go_back_step_by_step_and_never_to_what_was_rolled_back),
        cmocka_unit_test(the_newest_retired_point_is_the_previous_one),
        cmocka_unit_test(a_shadow_flag_on_a_point_that_does_not_wait_is_ignored),
        cmocka_unit_test(a_target_is_at_most_the_policy_files),
        cmocka_unit_test(a_target_is_a_rate),
        cmocka_unit_test(states_have_names),
    };
    return cmocka_run_group_tests_name("threshold: life", tests, NULL, NULL);
}
