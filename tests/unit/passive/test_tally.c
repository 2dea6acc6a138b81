/* The combiner, and the fusion of frames. */
#include "imi/passive.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* A face before a lens and a print that the networks see through: values as measured. */
static imi_cues person(float networks)
{
    return (imi_cues){{1.1F, 0.55F, 2.2F, 0.5F, 3.3F, -3.0F, 1.6F, networks, -2.3F}, 1.0F};
}

static imi_cues medium(float networks)
{
    return (imi_cues){{1.6F, 0.98F, 2.6F, -0.9F, 2.2F, -4.4F, 1.9F, networks, -0.9F}, 1.0F};
}

static imi_finding report(const imi_passive_tally *tally)
{
    imi_findings findings = {{{0}}};
    imi_passive_tally_report(tally, &findings);
    return findings.layer[IMI_LAYER_PASSIVE];
}

static void add(imi_passive_tally *tally, imi_cues cues, int times)
{
    for (int i = 0; i < times; i++) {
        imi_passive_tally_add(tally, &cues);
    }
}

static imi_passive_tally empty(void)
{
    imi_passive_tally tally;
    imi_passive_tally_reset(&tally);
    return tally;
}

static void a_person_is_above_zero_and_a_medium_below(void **state)
{
    (void)state;
    imi_cues live = person(5);
    imi_cues attack = medium(-5);
    assert_true(imi_passive_combine(&live) > 1);
    assert_true(imi_passive_combine(&attack) < -1);
}

static void so_they_are_without_the_networks(void **state)
{
    (void)state;
    imi_cues live = person(NAN);
    imi_cues attack = medium(NAN);
    assert_true(imi_passive_combine(&live) > 0);
    assert_true(imi_passive_combine(&attack) < 0);
}

static void the_networks_count(void **state)
{
    (void)state;
    imi_cues sure = person(5);
    imi_cues unsure = person(-5);
    assert_true(imi_passive_combine(&sure) > imi_passive_combine(&unsure) + 1);
}

static void no_cue_counts_for_more_than_training_saw(void **state)
{
    (void)state;
    for (int i = 0; i < IMI_CUE_COUNT; i++) {
        for (float sign = -1; sign <= 1; sign += 2) {
            imi_cues far = person(5);
            imi_cues beyond = far;
            far.value[i] = sign * 1e6F;
            beyond.value[i] = sign * 1e9F;
            assert_float_equal(imi_passive_combine(&far), imi_passive_combine(&beyond), 0);
            assert_true(isfinite(imi_passive_combine(&beyond)));
        }
    }
}

static void too_few_cues_say_nothing(void **state)
{
    (void)state;
    imi_cues cues = person(5);
    for (int i = 0; i < 4; i++) {
        cues.value[i] = NAN;
    }
    assert_true(isfinite(imi_passive_combine(&cues)));
    cues.value[4] = INFINITY;
    assert_true(isnan(imi_passive_combine(&cues)));
}

static void the_networks_alone_say_nothing(void **state)
{
    (void)state;
    imi_cues cues = {{NAN, NAN, NAN, NAN, NAN, NAN, NAN, 9, NAN}, NAN};
    assert_true(isnan(imi_passive_combine(&cues)));
}

static void an_empty_tally_has_not_measured(void **state)
{
    (void)state;
    imi_passive_tally tally = empty();
    imi_finding finding = report(&tally);
    assert_false(finding.measured);
    assert_false(finding.veto);
    assert_true(isnan(finding.score));
}

/* A person to everything but a fine pattern. */
static imi_cues behind_grid(float networks)
{
    imi_cues cues = person(networks);
    cues.grid = 1.7F;
    return cues;
}

static void a_grid_that_stays_outweighs_what_looks_like_a_person(void **state)
{
    (void)state;
    imi_passive_tally tally = empty();
    add(&tally, behind_grid(5), 12);
    assert_true(report(&tally).score < 0);
    assert_string_equal("looks_like_a_medium", report(&tally).code);
}

static void a_grid_in_fewer_than_half_of_the_frames_is_none(void **state)
{
    (void)state;
    imi_passive_tally tally = empty();
    imi_passive_tally plain = empty();
    add(&tally, behind_grid(5), 5);
    add(&tally, person(5), 7);
    add(&plain, person(5), 12);
    assert_float_equal(report(&plain).score, report(&tally).score, 1e-5);
}

static void a_grid_that_was_not_measured_is_none(void **state)
{
    (void)state;
    imi_passive_tally tally = empty();
    imi_cues cues = person(5);
    cues.grid = NAN;
    add(&tally, cues, 12);
    assert_true(report(&tally).score > 1);
}

static void a_grid_counts_for_no_more_than_anything_else_without_the_networks(void **state)
{
    (void)state;
    imi_passive_tally tally = empty();
    add(&tally, behind_grid(NAN), 12);
    assert_float_equal(-1, report(&tally).score, 1e-5);
}

static void one_frame_is_not_enough(void **state)
{
    (void)state;
    imi_passive_tally tally = empty();
    add(&tally, person(5), 1);
    assert_false(report(&tally).measured);
}

static void frames_that_say_nothing_do_not_count(void **state)
{
    (void)state;
    imi_passive_tally tally = empty();
    imi_cues nothing;
    for (int i = 0; i < IMI_CUE_COUNT; i++) {
        nothing.value[i] = NAN;
    }
    add(&tally, nothing, 20);
    assert_int_equal(tally.frames, 0);
    assert_false(report(&tally).measured);
}

static void equal_frames_score_what_one_scores(void **state)
{
    (void)state;
    imi_passive_tally tally = empty();
    imi_cues live = person(5);
    add(&tally, live, 5);
    imi_finding finding = report(&tally);
    assert_true(finding.measured);
    assert_false(finding.reduced);
    assert_float_equal(finding.score, imi_passive_combine(&live), 1e-6);
    assert_true(finding.uncertainty > 0);
    assert_null(finding.code);
}

static void an_odd_frame_does_not_turn_the_rest(void **state)
{
    (void)state;
    imi_passive_tally tally = empty();
    add(&tally, person(5), 3);
    add(&tally, medium(-9), 2);
    assert_true(report(&tally).score > 0);
}

static void a_medium_is_named(void **state)
{
    (void)state;
    imi_passive_tally tally = empty();
    add(&tally, medium(-9), 4);
    imi_finding finding = report(&tally);
    assert_true(finding.score < 0);
    assert_false(finding.veto);
    assert_string_equal(finding.code, "looks_like_a_medium");
}

static void without_networks_the_reach_is_reduced(void **state)
{
    (void)state;
    imi_passive_tally live = empty();
    imi_passive_tally attack = empty();
    add(&live, person(NAN), 5);
    add(&attack, medium(NAN), 5);
    assert_true(report(&live).reduced);
    assert_true(report(&live).score <= 1);
    assert_true(report(&attack).score >= -1);
}

static void one_frame_without_networks_reduces_all(void **state)
{
    (void)state;
    imi_passive_tally tally = empty();
    add(&tally, person(9), 6);
    add(&tally, person(NAN), 1);
    imi_finding finding = report(&tally);
    assert_true(finding.reduced);
    assert_true(finding.score <= 1);
}

static void only_the_latest_frames_count(void **state)
{
    (void)state;
    imi_passive_tally tally = empty();
    add(&tally, person(5), 200);
    add(&tally, medium(-9), 64);
    assert_int_equal(tally.frames, 264);
    assert_true(report(&tally).score < 0);
}

static void frames_that_differ_are_less_certain(void **state)
{
    (void)state;
    imi_passive_tally same = empty();
    imi_passive_tally mixed = empty();
    add(&same, person(5), 6);
    for (int i = 0; i < 6; i++) {
        add(&mixed, person((float)(i - 1)), 1);
    }
    assert_true(report(&mixed).uncertainty > report(&same).uncertainty);
}

static void a_reset_forgets(void **state)
{
    (void)state;
    imi_passive_tally tally = empty();
    add(&tally, person(5), 9);
    imi_passive_tally_reset(&tally);
    assert_false(report(&tally).measured);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_person_is_above_zero_and_a_medium_below),
        cmocka_unit_test(so_they_are_without_the_networks),
        cmocka_unit_test(the_networks_count),
        cmocka_unit_test(no_cue_counts_for_more_than_training_saw),
        cmocka_unit_test(too_few_cues_say_nothing),
        cmocka_unit_test(the_networks_alone_say_nothing),
        cmocka_unit_test(an_empty_tally_has_not_measured),
        cmocka_unit_test(a_grid_that_stays_outweighs_what_looks_like_a_person),
        cmocka_unit_test(a_grid_in_fewer_than_half_of_the_frames_is_none),
        cmocka_unit_test(a_grid_that_was_not_measured_is_none),
        cmocka_unit_test(a_grid_counts_for_no_more_than_anything_else_without_the_networks),
        cmocka_unit_test(one_frame_is_not_enough),
        cmocka_unit_test(frames_that_say_nothing_do_not_count),
        cmocka_unit_test(equal_frames_score_what_one_scores),
        cmocka_unit_test(an_odd_frame_does_not_turn_the_rest),
        cmocka_unit_test(a_medium_is_named),
        cmocka_unit_test(without_networks_the_reach_is_reduced),
        cmocka_unit_test(one_frame_without_networks_reduces_all),
        cmocka_unit_test(only_the_latest_frames_count),
        cmocka_unit_test(frames_that_differ_are_less_certain),
        cmocka_unit_test(a_reset_forgets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
