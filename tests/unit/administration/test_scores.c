/* Proposals and simulations on stored calibrations and scores. */
#include "office.h"

#include <math.h>
#include <string.h>

static imi_status propose(office *o, const char *purpose, double target_fmr, imi_proposed *out,
                          imi_error *err)
{
    imi_propose_request request = {
        .purpose = purpose, .target_fmr = target_fmr, .calibration_id = ""};
    return imi_administration_propose(o->administration, FIRST, &request, out, err);
}

static void a_proposal_says_what_is_to_be_expected(void **state)
{
    office *o = *state;
    office_calibrate(o, 300);
    for (int i = 0; i < 40; i++) {
        office_add_score(o, OFFICE_LOOSE, 0.9, IMI_DECISION_VERIFIED);
    }
    for (int i = 0; i < 10; i++) {
        office_add_score(o, OFFICE_LOOSE, -0.5, IMI_DECISION_REJECTED);
    }
    imi_point_record point = office_propose(o, OFFICE_LOOSE, 5e-3);
    assert_int_equal(point.score_kind, IMI_SCORE_RAW);
    assert_true(point.fmr > 0 && point.fmr_low <= point.fmr && point.fmr <= point.fmr_high);
    assert_true(point.fmr_high <= 5e-3);
    assert_int_equal(point.comparisons, 300 * 299 / 2);
    assert_true(point.fnmr == 0 && point.fnmr_low == 0);
    assert_true(point.fnmr_high > 10.0 / 50); /* all of the refused might have been mated */
    assert_int_equal(point.mated, 40);
    assert_string_equal(point.calibration_id, o->calibration_id);
    imi_point_record stored;
    imi_error err = IMI_ERROR_INIT;
    office_ok(o->store->get_point(o->store, point.point_id, &stored, &err), &err);
    assert_true(stored.threshold == point.threshold && stored.fnmr_high == point.fnmr_high);
}

static void a_stricter_target_has_a_higher_threshold(void **state)
{
    office *o = *state;
    office_calibrate(o, 300);
    double loose = office_propose(o, OFFICE_LOOSE, 1e-2).threshold;
    double strict = office_propose(o, OFFICE_LOOSE, 2e-3).threshold;
    assert_true(strict > loose);
}

static void too_few_people_are_a_refusal_that_says_how_many_are_missing(void **state)
{
    office *o = *state;
    imi_error err = IMI_ERROR_INIT;
    imi_proposed proposed;
    office_calibrate(o, 30);
    office_ok(propose(o, OFFICE_STRICT, 1e-4, &proposed, &err), &err);
    assert_false(proposed.accepted);
    assert_non_null(strpbrk(proposed.refusal, "0123456789"));
    assert_non_null(strstr(proposed.refusal, "more"));
    assert_string_equal(proposed.point.point_id, "");
    imi_read_calibration_clean_up(&proposed.calibration);
    IMI_AUTO_POINTS list = {NULL, 0};
    office_ok(imi_administration_list(o->administration, FIRST, OFFICE_STRICT, &list, &err), &err);
    assert_int_equal(list.count, 0);
}

static void a_target_laxer_than_the_policy_file_is_refused(void **state)
{
    office *o = *state;
    imi_error err = IMI_ERROR_INIT;
    imi_proposed proposed;
    office_calibrate(o, 300);
    assert_int_equal(propose(o, OFFICE_STRICT, 1.1e-4, &proposed, &err), IMI_E_INVALID_ARGUMENT);
    assert_non_null(strstr(err.message, "laxer"));
    const double bad[] = {0, -1, 1, NAN, INFINITY};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(propose(o, OFFICE_LOOSE, bad[i], &proposed, NULL), IMI_E_INVALID_ARGUMENT);
    }
}

static void without_a_calibration_nothing_is_proposed(void **state)
{
    office *o = *state;
    imi_error err = IMI_ERROR_INIT;
    imi_proposed proposed;
    assert_int_equal(propose(o, OFFICE_LOOSE, 1e-3, &proposed, &err), IMI_E_NOT_FOUND);
    assert_non_null(strstr(err.message, "start a calibration"));
}

static void a_calibration_of_other_models_is_not_proposed_from(void **state)
{
    office *o = *state;
    imi_error err = IMI_ERROR_INIT;
    imi_proposed proposed;
    office_calibrate(o, 300);
    office_restart_with(o, 1e-2, "alpha@2");
    assert_int_equal(propose(o, OFFICE_LOOSE, 5e-3, &proposed, &err), IMI_E_CONFLICT);
    assert_non_null(strstr(err.message, "other models"));
}

static void scores_that_were_not_measured_are_not_proposed_from(void **state)
{
    office *o = *state;
    imi_proposed proposed;
    imi_error err = IMI_ERROR_INIT;
    office_calibrate(o, 300);
    imi_propose_request request = {.purpose = OFFICE_LOOSE,
                                   .target_fmr = 5e-3,
                                   .kind = IMI_SCORE_NORMALISED,
                                   .calibration_id = ""};
    office_ok(imi_administration_propose(o->administration, FIRST, &request, &proposed, &err),
              &err);
    assert_false(proposed.accepted);
    assert_true(proposed.refusal[0] != '\0');
    imi_read_calibration_clean_up(&proposed.calibration);
}

static imi_replay simulate(office *o, const imi_simulate_request *request)
{
    imi_error err = IMI_ERROR_INIT;
    imi_replay replay;
    office_ok(imi_administration_simulate(o->administration, SECOND, request, &replay, &err), &err);
    return replay;
}

static void a_simulation_lists_what_would_change(void **state)
{
    office *o = *state;
    office_add_score(o, OFFICE_LOOSE, 0.9, IMI_DECISION_VERIFIED);
    office_add_score(o, OFFICE_LOOSE, 0.5, IMI_DECISION_VERIFIED);
    office_add_score(o, OFFICE_LOOSE, 0.8, IMI_DECISION_REJECTED);
    office_add_score(o, OFFICE_STRICT, 0.1, IMI_DECISION_VERIFIED);
    imi_simulate_request request = {
        .purpose = OFFICE_LOOSE, .point_id = "", .target_fmr = NAN, .threshold = 0.7};
    imi_replay replay = simulate(o, &request);
    assert_int_equal(replay.judged, 3);
    assert_int_equal(replay.to_match, 1);
    assert_int_equal(replay.to_non_match, 1);
    assert_true(imi_replay_change_at(&replay, 0)->similarity == 0.8);
    assert_int_equal(replay.verified, 2);
}

static void a_simulation_looks_at_the_last_days_only(void **state)
{
    office *o = *state;
    office_add_score(o, OFFICE_LOOSE, 0.5, IMI_DECISION_VERIFIED);
    imi_clock_manual_advance(&o->clock, 40LL * 86400000);
    office_add_score(o, OFFICE_LOOSE, 0.5, IMI_DECISION_VERIFIED);
    imi_simulate_request request = {
        .purpose = OFFICE_LOOSE, .point_id = "", .target_fmr = NAN, .threshold = 0.7};
    assert_int_equal(simulate(o, &request).judged, 1);
    request.days = 41;
    assert_int_equal(simulate(o, &request).judged, 2);
}

static void a_simulation_takes_a_point_or_a_target(void **state)
{
    office *o = *state;
    office_calibrate(o, 300);
    imi_point_record point = office_propose(o, OFFICE_LOOSE, 5e-3);
    imi_simulate_request request = {
        .purpose = OFFICE_LOOSE, .point_id = point.point_id, .target_fmr = NAN, .threshold = NAN};
    assert_true(simulate(o, &request).rule.threshold == point.threshold);
    request.point_id = "";
    request.target_fmr = 5e-3;
    assert_true(simulate(o, &request).rule.threshold == point.threshold);
}

static void a_simulation_of_nothing_or_of_another_purpose_is_refused(void **state)
{
    office *o = *state;
    imi_replay replay;
    office_calibrate(o, 300);
    imi_point_record point = office_propose(o, OFFICE_LOOSE, 5e-3);
    imi_simulate_request request = {
        .purpose = OFFICE_LOOSE, .point_id = "", .target_fmr = NAN, .threshold = NAN};
    assert_int_equal(imi_administration_simulate(o->administration, FIRST, &request, &replay, NULL),
                     IMI_E_INVALID_ARGUMENT);
    request.purpose = OFFICE_STRICT;
    request.point_id = point.point_id;
    assert_int_equal(imi_administration_simulate(o->administration, FIRST, &request, &replay, NULL),
                     IMI_E_INVALID_ARGUMENT);
    request.point_id = "";
    request.target_fmr = 1e-9;
    assert_int_equal(imi_administration_simulate(o->administration, FIRST, &request, &replay, NULL),
                     IMI_E_CONFLICT);
}

static void a_simulation_changes_nothing(void **state)
{
    office *o = *state;
    imi_audit_record lines[4];
    office_add_score(o, OFFICE_LOOSE, 0.5, IMI_DECISION_VERIFIED);
    imi_simulate_request request = {
        .purpose = OFFICE_LOOSE, .point_id = "", .target_fmr = NAN, .threshold = 0.7};
    simulate(o, &request);
    assert_int_equal(office_audit(o, lines, 4), 0);
}

static void a_shadow_is_counted_from_what_sessions_stored(void **state)
{
    office *o = *state;
    imi_error err = IMI_ERROR_INIT;
    office_calibrate(o, 300);
    imi_point_record point = office_propose(o, OFFICE_LOOSE, 5e-3);
    const char *id = point.point_id;
    office_add_shadowed(o, OFFICE_LOOSE, 0.9, IMI_DECISION_VERIFIED, id, IMI_DECISION_VERIFIED);
    office_add_shadowed(o, OFFICE_LOOSE, 0.5, IMI_DECISION_VERIFIED, id, IMI_DECISION_REJECTED);
    office_add_shadowed(o, OFFICE_LOOSE, 0.5, IMI_DECISION_VERIFIED, "", IMI_DECISION_NONE);
    imi_shadow_counts counts;
    imi_point_record out;
    office_ok(imi_administration_shadow(o->administration, SECOND, id, &out, &counts, &err), &err);
    assert_int_equal(counts.compared, 2);
    assert_int_equal(counts.agreed, 1);
    assert_int_equal(counts.would_refuse, 1);
    assert_string_equal(out.point_id, id);
}

static void count_scores(void *user, double similarity, bool session_verified)
{
    size_t *counts = user;
    assert_true(similarity == (session_verified ? 0.9 : 0.1));
    counts[session_verified ? 1 : 0]++;
}

static void histograms_see_decisive_scores_of_the_loaded_models(void **state)
{
    office *o = *state;
    imi_error err = IMI_ERROR_INIT;
    office_add_score(o, OFFICE_LOOSE, 0.9, IMI_DECISION_VERIFIED);
    office_add_score(o, OFFICE_LOOSE, 0.1, IMI_DECISION_REJECTED);
    office_add_score(o, OFFICE_LOOSE, NAN, IMI_DECISION_REJECTED);
    size_t counts[2] = {0, 0};
    office_ok(imi_administration_visit_scores(o->administration, FIRST, OFFICE_LOOSE, 0,
                                              IMI_SCORE_RAW, count_scores, counts, &err),
              &err);
    assert_int_equal(counts[0], 1);
    assert_int_equal(counts[1], 1);
}

static void the_newest_calibration_is_told(void **state)
{
    office *o = *state;
    imi_error err = IMI_ERROR_INIT;
    imi_calibration_record newest;
    bool found = true;
    office_ok(
        imi_administration_newest_calibration(o->administration, FIRST, &newest, &found, &err),
        &err);
    assert_false(found);
    office_calibrate(o, 30);
    imi_clock_manual_advance(&o->clock, 1000);
    office_calibrate(o, 40);
    office_ok(
        imi_administration_newest_calibration(o->administration, FIRST, &newest, &found, &err),
        &err);
    assert_true(found);
    assert_string_equal(newest.calibration_id, o->calibration_id);
    assert_int_equal(newest.references, 40);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, office_set_up, office_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_proposal_says_what_is_to_be_expected),
        TEST(a_stricter_target_has_a_higher_threshold),
        TEST(too_few_people_are_a_refusal_that_says_how_many_are_missing),
        TEST(a_target_laxer_than_the_policy_file_is_refused),
        TEST(without_a_calibration_nothing_is_proposed),
        TEST(a_calibration_of_other_models_is_not_proposed_from),
        TEST(scores_that_were_not_measured_are_not_proposed_from),
        TEST(a_simulation_lists_what_would_change),
        TEST(a_simulation_looks_at_the_last_days_only),
        TEST(a_simulation_takes_a_point_or_a_target),
        TEST(a_simulation_of_nothing_or_of_another_purpose_is_refused),
        TEST(a_simulation_changes_nothing),
        TEST(a_shadow_is_counted_from_what_sessions_stored),
        TEST(histograms_see_decisive_scores_of_the_loaded_models),
        TEST(the_newest_calibration_is_told),
    };
    return cmocka_run_group_tests_name("administration: scores", tests, NULL, NULL);
}
