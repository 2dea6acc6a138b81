/* Stored scores judged again. */
#include "imi/threshold.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define MODELS "a+b"

static imi_score_record score(double raw, imi_decision decision)
{
    imi_score_record record = {
        .at_ms = 1000,
        .raw_similarity = raw,
        .normalised_similarity = NAN,
        .decisive = true,
        .decision = decision,
        .subject_verified = decision == IMI_DECISION_VERIFIED,
    };
    imi_copy_text(record.session_id, sizeof record.session_id, "ses_1");
    imi_copy_text(record.model_version, sizeof record.model_version, MODELS);
    return record;
}

static imi_replay replay_at(double threshold)
{
    const imi_replay_rule rule = {MODELS, IMI_SCORE_RAW, threshold};
    imi_replay replay;
    imi_replay_init(&replay, &rule);
    return replay;
}

static void add(imi_replay *replay, double raw, imi_decision decision)
{
    imi_score_record record = score(raw, decision);
    imi_replay_add(replay, &record);
}

static void a_stricter_threshold_turns_matches_around(void **state)
{
    (void)state;
    imi_replay replay = replay_at(0.6);
    add(&replay, 0.7, IMI_DECISION_VERIFIED);
    add(&replay, 0.55, IMI_DECISION_VERIFIED);
    add(&replay, 0.3, IMI_DECISION_REJECTED);
    assert_int_equal(replay.judged, 3);
    assert_int_equal(replay.to_non_match, 1);
    assert_int_equal(replay.to_match, 0);
    const imi_replay_change *change = imi_replay_change_at(&replay, 0);
    assert_non_null(change);
    assert_string_equal(change->session_id, "ses_1");
    assert_true(change->similarity == 0.55);
    assert_int_equal(change->decision, IMI_DECISION_VERIFIED);
    assert_false(change->match);
    assert_null(imi_replay_change_at(&replay, 1));
}

static void a_laxer_threshold_turns_refusals_around(void **state)
{
    (void)state;
    imi_replay replay = replay_at(0.2);
    add(&replay, 0.7, IMI_DECISION_VERIFIED);
    add(&replay, 0.3, IMI_DECISION_REJECTED);
    add(&replay, 0.1, IMI_DECISION_REJECTED);
    assert_int_equal(replay.to_match, 1);
    assert_int_equal(replay.to_non_match, 0);
    assert_true(imi_replay_change_at(&replay, 0)->match);
}

static void a_score_at_the_threshold_is_a_match(void **state)
{
    (void)state;
    imi_replay replay = replay_at(0.5);
    add(&replay, 0.5, IMI_DECISION_VERIFIED);
    assert_int_equal(replay.judged_below, 0);
    assert_int_equal(replay.to_non_match, 0);
}

static void a_threshold_that_is_no_number_matches_nothing(void **state)
{
    (void)state;
    imi_replay replay = replay_at(NAN);
    add(&replay, 1, IMI_DECISION_VERIFIED);
    add(&replay, 1, IMI_DECISION_REJECTED);
    assert_int_equal(replay.judged_below, 2);
    assert_int_equal(replay.to_match, 0);
    assert_int_equal(replay.to_non_match, 1);
}

static void what_another_check_decided_is_left_out(void **state)
{
    (void)state;
    imi_replay replay = replay_at(0.5);
    imi_score_record record = score(0.9, IMI_DECISION_REJECTED);
    record.decisive = false;
    imi_replay_add(&replay, &record);
    assert_int_equal(replay.seen, 1);
    assert_int_equal(replay.not_decisive, 1);
    assert_int_equal(replay.judged, 0);
    assert_int_equal(replay.to_match, 0);
}

static void scores_of_other_models_are_left_out(void **state)
{
    (void)state;
    imi_replay replay = replay_at(0.5);
    imi_score_record record = score(0.9, IMI_DECISION_REJECTED);
    imi_copy_text(record.model_version, sizeof record.model_version, "a");
    imi_replay_add(&replay, &record);
    assert_int_equal(replay.other_models, 1);
    assert_int_equal(replay.judged, 0);
}

static void records_without_a_score_of_the_kind_are_left_out(void **state)
{
    (void)state;
    const imi_replay_rule rule = {MODELS, IMI_SCORE_NORMALISED, 5};
    imi_replay replay;
    imi_replay_init(&replay, &rule);
    add(&replay, 0.9, IMI_DECISION_REJECTED);
    assert_int_equal(replay.without_score, 1);
    imi_score_record record = score(0.1, IMI_DECISION_REJECTED);
    record.normalised_similarity = 6;
    imi_replay_add(&replay, &record);
    assert_int_equal(replay.judged, 1);
    assert_int_equal(replay.to_match, 1);
}

static void an_unknown_kind_judges_nothing(void **state)
{
    (void)state;
    const imi_replay_rule rule = {MODELS, (imi_score_kind)7, 0};
    imi_replay replay;
    imi_replay_init(&replay, &rule);
    add(&replay, 0.9, IMI_DECISION_REJECTED);
    assert_int_equal(replay.judged, 0);
}

static void the_newest_changes_are_listed_newest_first(void **state)
{
    (void)state;
    imi_replay replay = replay_at(0.5);
    const int count = IMI_REPLAY_CHANGES_MAX + 50;
    for (int i = 0; i < count; i++) {
        imi_score_record record = score(0.1, IMI_DECISION_VERIFIED);
        record.at_ms = i + 1;
        imi_replay_add(&replay, &record);
    }
    assert_int_equal(replay.to_non_match, count);
    assert_int_equal(imi_replay_change_at(&replay, 0)->at_ms, count);
    assert_int_equal(imi_replay_change_at(&replay, IMI_REPLAY_CHANGES_MAX - 1)->at_ms, 51);
    assert_null(imi_replay_change_at(&replay, IMI_REPLAY_CHANGES_MAX));
    assert_int_equal(replay.first_ms, 1);
    assert_int_equal(replay.last_ms, count);
}

static void fnmr_lies_between_certain_and_possible_mates(void **state)
{
    (void)state;
    imi_replay replay = replay_at(0.6);
    for (int i = 0; i < 90; i++) {
        add(&replay, 0.7, IMI_DECISION_VERIFIED);
    }
    for (int i = 0; i < 10; i++) {
        add(&replay, 0.55, IMI_DECISION_VERIFIED); /* mated, and would be refused */
    }
    for (int i = 0; i < 20; i++) {
        add(&replay, 0.2, IMI_DECISION_REJECTED); /* nobody knows */
    }
    imi_fnmr_bracket fnmr = imi_replay_fnmr(&replay);
    assert_true(fabs(fnmr.least.rate - 0.1) < 1e-12);
    assert_true(fabs(fnmr.most.rate - 30.0 / 120) < 1e-12);
    assert_int_equal(fnmr.least.events, 10);
    assert_int_equal(fnmr.most.events, 30);
    /* Wilson's interval of 10 in 100, as tables have it. */
    assert_true(fabs(fnmr.least.low - 0.0552) < 5e-5);
    assert_true(fabs(fnmr.least.high - 0.1744) < 5e-5);
}

static void a_failed_attempt_of_a_session_that_ended_well_is_mated(void **state)
{
    (void)state;
    imi_replay replay = replay_at(0.5);
    imi_score_record record = score(0.4, IMI_DECISION_RETRY);
    record.subject_verified = true;
    imi_replay_add(&replay, &record);
    assert_int_equal(replay.verified, 1);
    assert_int_equal(replay.verified_below, 1);
    /* It was not verified then and would not be now. */
    assert_int_equal(replay.to_match + replay.to_non_match, 0);
}

static void without_comparisons_nothing_is_known_of_fnmr(void **state)
{
    (void)state;
    imi_replay replay = replay_at(0.5);
    imi_fnmr_bracket fnmr = imi_replay_fnmr(&replay);
    assert_true(isnan(fnmr.least.rate) && isnan(fnmr.least.low) && isnan(fnmr.least.high));
    assert_true(isnan(fnmr.most.rate));
    imi_point_record point = {.fnmr = 0, .mated = 5};
    imi_point_expect_fnmr(&point, &replay);
    assert_true(isnan(point.fnmr) && isnan(point.fnmr_low) && isnan(point.fnmr_high));
    assert_int_equal(point.mated, 0);
}

/* As where a report is asked for raw scores and the threshold is one of normalised ones. */
static void without_a_threshold_nothing_is_known_of_fnmr(void **state)
{
    (void)state;
    imi_replay replay = replay_at(NAN);
    add(&replay, 0.9, IMI_DECISION_VERIFIED);
    imi_fnmr_bracket fnmr = imi_replay_fnmr(&replay);
    assert_int_equal(replay.judged, 1);
    assert_true(isnan(fnmr.least.rate) && isnan(fnmr.least.high));
    assert_true(isnan(fnmr.most.rate) && isnan(fnmr.most.high));
}

static void no_errors_among_few_do_not_prove_none(void **state)
{
    (void)state;
    imi_replay replay = replay_at(0.5);
    for (int i = 0; i < 30; i++) {
        add(&replay, 0.9, IMI_DECISION_VERIFIED);
    }
    imi_fnmr_bracket fnmr = imi_replay_fnmr(&replay);
    assert_true(fnmr.least.rate == 0 && fnmr.least.low == 0);
    assert_true(fnmr.least.high >= 3.0 / 30); /* rule of three */
    imi_point_record point = {.fnmr = 1};
    imi_point_expect_fnmr(&point, &replay);
    assert_true(point.fnmr == 0 && point.fnmr_high == fnmr.most.high);
    assert_int_equal(point.mated, 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stricter_threshold_turns_matches_around),
        cmocka_unit_test(a_laxer_threshold_turns_refusals_around),
        cmocka_unit_test(a_score_at_the_threshold_is_a_match),
        cmocka_unit_test(a_threshold_that_is_no_number_matches_nothing),
        cmocka_unit_test(what_another_check_decided_is_left_out),
        cmocka_unit_test(scores_of_other_models_are_left_out),
        cmocka_unit_test(records_without_a_score_of_the_kind_are_left_out),
        cmocka_unit_test(an_unknown_kind_judges_nothing),
        cmocka_unit_test(the_newest_changes_are_listed_newest_first),
        cmocka_unit_test(fnmr_lies_between_certain_and_possible_mates),
        cmocka_unit_test(a_failed_attempt_of_a_session_that_ended_well_is_mated),
        cmocka_unit_test(without_comparisons_nothing_is_known_of_fnmr),
        cmocka_unit_test(without_a_threshold_nothing_is_known_of_fnmr),
        cmocka_unit_test(no_errors_among_few_do_not_prove_none),
    };
    return cmocka_run_group_tests_name("threshold: replay", tests, NULL, NULL);
}
