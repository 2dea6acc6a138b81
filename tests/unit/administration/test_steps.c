/* What administrators do to points, on a real store. */
#include "office.h"

#include <string.h>

static const char *in_use(office *o, const char *purpose)
{
    static imi_threshold_in_use now;
    imi_error err = IMI_ERROR_INIT;
    office_ok(imi_administration_in_use(o->administration, FIRST, purpose, &now, &err), &err);
    return now.point_id;
}

static imi_point_state stored_state(office *o, const char *point_id)
{
    imi_error err = IMI_ERROR_INIT;
    imi_point_record point;
    office_ok(o->store->get_point(o->store, point_id, &point, &err), &err);
    return point.state;
}

static void two_administrators_put_a_threshold_into_use(void **state)
{
    office *o = *state;
    office_calibrate(o, 300);
    imi_point_record point = office_install(o, OFFICE_LOOSE, 5e-3);
    assert_int_equal(point.state, IMI_POINT_ACTIVE);
    assert_string_equal(point.proposed_by, FIRST);
    assert_string_equal(point.approved_by, SECOND);
    assert_string_equal(in_use(o, OFFICE_LOOSE), point.point_id);
    assert_int_equal(stored_state(o, point.point_id), IMI_POINT_ACTIVE);
}

static void whoever_proposed_cannot_approve(void **state)
{
    office *o = *state;
    imi_error err = IMI_ERROR_INIT;
    imi_audit_record lines[8];
    office_calibrate(o, 300);
    imi_point_record point = office_propose(o, OFFICE_LOOSE, 5e-3), out;
    assert_int_equal(
        imi_administration_approve(o->administration, FIRST, point.point_id, &out, &err),
        IMI_E_PERMISSION);
    assert_int_equal(stored_state(o, point.point_id), IMI_POINT_PROPOSED);
    assert_int_equal(office_audit(o, lines, 8), 2); /* calibration and proposal */
}

static void a_proposal_is_not_activated_without_approval(void **state)
{
    office *o = *state;
    imi_point_record out, retired;
    office_calibrate(o, 300);
    imi_point_record point = office_propose(o, OFFICE_LOOSE, 5e-3);
    assert_int_equal(imi_administration_activate(o->administration, SECOND, point.point_id, &out,
                                                 &retired, NULL),
                     IMI_E_CONFLICT);
    assert_string_equal(in_use(o, OFFICE_LOOSE), "");
}

static void whoever_is_no_administrator_may_do_nothing(void **state)
{
    office *o = *state;
    imi_administration *a = o->administration;
    office_calibrate(o, 300);
    imi_point_record point = office_propose(o, OFFICE_LOOSE, 5e-3), out, other;
    const char *const names[] = {STRANGER, "", "nobody", NULL};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *who = names[i];
        imi_threshold_in_use now;
        imi_point_list list;
        imi_read_calibration calibration;
        imi_proposed proposed;
        imi_replay replay;
        imi_shadow_counts counts;
        imi_audit_record line;
        imi_duplicate_view pair;
        imi_cohort_summary cohort;
        size_t count = 0;
        imi_propose_request propose = {
            .purpose = OFFICE_LOOSE, .target_fmr = 1e-3, .calibration_id = ""};
        imi_simulate_request simulate = {
            .purpose = OFFICE_LOOSE, .point_id = point.point_id, .target_fmr = 1e-3};
        imi_duplicate_review review = {"a", "b", "same_person", ""};
        const imi_status all[] = {
            imi_administration_admit(a, who, NULL),
            imi_administration_in_use(a, who, OFFICE_LOOSE, &now, NULL),
            imi_administration_list(a, who, OFFICE_LOOSE, &list, NULL),
            imi_administration_read_calibration(a, who, "", &calibration, NULL),
            imi_administration_propose(a, who, &propose, &proposed, NULL),
            imi_administration_simulate(a, who, &simulate, &replay, NULL),
            imi_administration_approve(a, who, point.point_id, &out, NULL),
            imi_administration_withdraw(a, who, point.point_id, &out, NULL),
            imi_administration_set_shadow(a, who, point.point_id, true, &out, NULL),
            imi_administration_activate(a, who, point.point_id, &out, &other, NULL),
            imi_administration_roll_back(a, who, OFFICE_LOOSE, &out, &other, NULL),
            imi_administration_shadow(a, who, point.point_id, &out, &counts, NULL),
            imi_administration_list_audit(a, who, 0, &line, 1, &count, NULL),
            imi_administration_list_duplicates(a, who, true, 0, &pair, 1, &count, NULL),
            imi_administration_review_duplicate(a, who, &review, NULL),
            imi_administration_cohort(a, who, &cohort, NULL),
        };
        for (size_t j = 0; j < sizeof all / sizeof all[0]; j++) {
            assert_int_equal(all[j], IMI_E_PERMISSION);
        }
    }
    assert_int_equal(stored_state(o, point.point_id), IMI_POINT_PROPOSED);
}

static void points_and_purposes_that_are_not_there_are_not_found(void **state)
{
    office *o = *state;
    imi_administration *a = o->administration;
    imi_point_record out, other;
    imi_threshold_in_use now;
    assert_int_equal(imi_administration_approve(a, FIRST, "op_none", &out, NULL), IMI_E_NOT_FOUND);
    assert_int_equal(imi_administration_withdraw(a, FIRST, "", &out, NULL), IMI_E_NOT_FOUND);
    assert_int_equal(imi_administration_activate(a, FIRST, "op_none", &out, &other, NULL),
                     IMI_E_NOT_FOUND);
    assert_int_equal(imi_administration_set_shadow(a, FIRST, "op_none", true, &out, NULL),
                     IMI_E_NOT_FOUND);
    assert_int_equal(imi_administration_in_use(a, FIRST, "other", &now, NULL),
                     IMI_E_POLICY_UNKNOWN_PURPOSE);
    assert_int_equal(imi_administration_roll_back(a, FIRST, "other", &out, &other, NULL),
                     IMI_E_POLICY_UNKNOWN_PURPOSE);
}

static void activation_retires_and_roll_back_restores(void **state)
{
    office *o = *state;
    imi_error err = IMI_ERROR_INIT;
    imi_point_record withdrawn, active;
    office_calibrate(o, 300);
    imi_point_record first = office_install(o, OFFICE_LOOSE, 5e-3);
    imi_point_record second = office_install(o, OFFICE_LOOSE, 4e-3);
    assert_int_equal(stored_state(o, first.point_id), IMI_POINT_RETIRED);
    assert_string_equal(in_use(o, OFFICE_LOOSE), second.point_id);

    office_ok(imi_administration_roll_back(o->administration, SECOND, OFFICE_LOOSE, &withdrawn,
                                           &active, &err),
              &err);
    assert_string_equal(withdrawn.point_id, second.point_id);
    assert_string_equal(active.point_id, first.point_id);
    assert_string_equal(in_use(o, OFFICE_LOOSE), first.point_id);
    assert_int_equal(stored_state(o, second.point_id), IMI_POINT_WITHDRAWN);

    office_ok(imi_administration_roll_back(o->administration, SECOND, OFFICE_LOOSE, &withdrawn,
                                           &active, &err),
              &err);
    assert_string_equal(active.point_id, "");
    assert_string_equal(in_use(o, OFFICE_LOOSE), "");
    assert_int_equal(imi_administration_roll_back(o->administration, SECOND, OFFICE_LOOSE,
                                                  &withdrawn, &active, NULL),
                     IMI_E_CONFLICT);
}

static void one_purpose_does_not_touch_another(void **state)
{
    office *o = *state;
    imi_point_record withdrawn, active;
    office_calibrate(o, 300);
    imi_point_record point = office_install(o, OFFICE_LOOSE, 5e-3);
    assert_int_equal(imi_administration_roll_back(o->administration, FIRST, OFFICE_STRICT,
                                                  &withdrawn, &active, NULL),
                     IMI_E_CONFLICT);
    assert_string_equal(in_use(o, OFFICE_LOOSE), point.point_id);
    assert_string_equal(in_use(o, OFFICE_STRICT), "");
}

static void a_shadow_takes_the_place_of_another(void **state)
{
    office *o = *state;
    imi_error err = IMI_ERROR_INIT;
    office_calibrate(o, 300);
    imi_point_record first = office_propose(o, OFFICE_LOOSE, 5e-3);
    imi_point_record second = office_propose(o, OFFICE_LOOSE, 4e-3);
    imi_point_record out;
    office_ok(
        imi_administration_set_shadow(o->administration, FIRST, first.point_id, true, &out, &err),
        &err);
    office_ok(
        imi_administration_set_shadow(o->administration, SECOND, second.point_id, true, &out, &err),
        &err);
    assert_true(out.shadow);
    office_ok(o->store->get_point(o->store, first.point_id, &out, &err), &err);
    assert_false(out.shadow);
    const imi_operating_point *now = imi_operating_points_acquire(o->points, OFFICE_LOOSE);
    assert_string_equal(now->shadow.point_id, second.point_id);
    imi_operating_point_release(&now);
}

static void withdrawing_a_shadow_ends_it(void **state)
{
    office *o = *state;
    imi_error err = IMI_ERROR_INIT;
    office_calibrate(o, 300);
    imi_point_record point = office_propose(o, OFFICE_LOOSE, 5e-3);
    office_ok(
        imi_administration_set_shadow(o->administration, FIRST, point.point_id, true, &point, &err),
        &err);
    office_ok(imi_administration_withdraw(o->administration, FIRST, point.point_id, &point, &err),
              &err);
    const imi_operating_point *now = imi_operating_points_acquire(o->points, OFFICE_LOOSE);
    assert_false(now->has_shadow);
    imi_operating_point_release(&now);
}

static void a_point_that_this_server_cannot_use_is_not_activated(void **state)
{
    office *o = *state;
    imi_error err = IMI_ERROR_INIT;
    imi_point_record out, retired;
    office_calibrate(o, 300);
    imi_point_record point = office_propose(o, OFFICE_LOOSE, 5e-3);
    office_ok(imi_administration_approve(o->administration, SECOND, point.point_id, &out, &err),
              &err);
    office_restart_with(o, 1e-3, OFFICE_MODELS);
    assert_int_equal(
        imi_administration_activate(o->administration, FIRST, point.point_id, &out, &retired, &err),
        IMI_E_CONFLICT);
    assert_non_null(strstr(err.message, "laxer"));
    assert_int_equal(stored_state(o, point.point_id), IMI_POINT_APPROVED);
}

static void every_step_is_a_line_of_the_audit_trail(void **state)
{
    office *o = *state;
    imi_error err = IMI_ERROR_INIT;
    imi_point_record out, other;
    office_calibrate(o, 300);
    imi_point_record first = office_install(o, OFFICE_LOOSE, 5e-3);
    imi_point_record second = office_propose(o, OFFICE_LOOSE, 4e-3);
    office_ok(
        imi_administration_set_shadow(o->administration, FIRST, second.point_id, true, &out, &err),
        &err);
    office_ok(imi_administration_withdraw(o->administration, SECOND, second.point_id, &out, &err),
              &err);
    office_ok(
        imi_administration_roll_back(o->administration, SECOND, OFFICE_LOOSE, &out, &other, &err),
        &err);
    static const struct {
        const char *action, *actor;
    } expected[] = {
        {"calibration.make", FIRST},    {"threshold.propose", FIRST},
        {"threshold.approve", SECOND},  {"threshold.activate", FIRST},
        {"threshold.propose", FIRST},   {"threshold.shadow", FIRST},
        {"threshold.withdraw", SECOND}, {"threshold.rollback", SECOND},
    };
    imi_audit_record lines[16];
    size_t count = office_audit(o, lines, 16);
    assert_int_equal(count, sizeof expected / sizeof expected[0]);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(lines[i].action, expected[i].action);
        assert_string_equal(lines[i].actor, expected[i].actor);
        assert_int_equal(lines[i].sequence, i + 1);
    }
    assert_string_equal(lines[3].object, first.point_id);
    assert_non_null(strstr(lines[3].detail, "target 0.005"));
    assert_non_null(strstr(lines[3].detail, "the shipped table"));
}

static void history_is_newest_first_and_keeps_everything(void **state)
{
    office *o = *state;
    imi_error err = IMI_ERROR_INIT;
    office_calibrate(o, 300);
    imi_point_record first = office_install(o, OFFICE_LOOSE, 5e-3);
    imi_point_record second = office_install(o, OFFICE_LOOSE, 4e-3);
    IMI_AUTO_POINTS list = {NULL, 0};
    office_ok(imi_administration_list(o->administration, SECOND, OFFICE_LOOSE, &list, &err), &err);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.points[0].point_id, second.point_id);
    assert_string_equal(list.points[1].point_id, first.point_id);
    assert_int_equal(list.points[1].state, IMI_POINT_RETIRED);
    assert_true(list.points[1].activated_ms > 0 && list.points[1].retired_ms > 0);
}

static void what_decides_is_told_with_its_origin(void **state)
{
    office *o = *state;
    imi_error err = IMI_ERROR_INIT;
    imi_threshold_in_use now;
    office_ok(imi_administration_in_use(o->administration, FIRST, OFFICE_STRICT, &now, &err), &err);
    assert_true(now.target_fmr_max == 1e-4 && now.target_fmr == 1e-4);
    assert_int_equal(now.kind, IMI_SCORE_RAW);
    assert_string_equal(now.calibration, "shipped.1");
    assert_string_equal(now.problem, "");
    assert_string_equal(imi_administration_purpose_at(o->administration, 0), OFFICE_STRICT);
    assert_string_equal(imi_administration_purpose_at(o->administration, 1), OFFICE_LOOSE);
    assert_null(imi_administration_purpose_at(o->administration, 2));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, office_set_up, office_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(two_administrators_put_a_threshold_into_use),
        TEST(whoever_proposed_cannot_approve),
        TEST(a_proposal_is_not_activated_without_approval),
        TEST(whoever_is_no_administrator_may_do_nothing),
        TEST(points_and_purposes_that_are_not_there_are_not_found),
        TEST(activation_retires_and_roll_back_restores),
        TEST(one_purpose_does_not_touch_another),
        TEST(a_shadow_takes_the_place_of_another),
        TEST(withdrawing_a_shadow_ends_it),
        TEST(a_point_that_this_server_cannot_use_is_not_activated),
        TEST(every_step_is_a_line_of_the_audit_trail),
        TEST(history_is_newest_first_and_keeps_everything),
        TEST(what_decides_is_told_with_its_origin),
    };
    return cmocka_run_group_tests_name("administration: steps", tests, NULL, NULL);
}
