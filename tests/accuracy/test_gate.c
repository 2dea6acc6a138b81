/* What a gate decides on made-up scores of three groups, of which the first holds the threshold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gate_verdict.h"

#include <math.h>

enum { GROUPS = 3, SUBJECTS_EACH = 20, SUBJECTS = GROUPS * SUBJECTS_EACH, SCORES_MAX = 4000 };
enum { MATED_EACH = 5, MATED = SUBJECTS_EACH * MATED_EACH };
enum { NON_MATED = SUBJECTS_EACH * (SUBJECTS_EACH - 1) };

static const eval_gate_rule RULE = {
    .fmr = 0.01, .fnmr_tolerance = 0.02, .fmr_tolerance = 0.01, .subjects_min = 5, .mated_min = 50};
static const bool ANCHORS[GROUPS] = {true, false, false};

/* Scores of one side, and where they live. */
typedef struct side {
    eval_grouped_score scores[SCORES_MAX];
    uint32_t strata[SUBJECTS];
    eval_grouped_scores all;
} side;

static side g_sides[EVAL_SIDES];
static eval_gate_group g_groups[GROUPS];

static void add(side *self, uint32_t group, uint32_t a, uint32_t b, float similarity)
{
    uint32_t first = group * SUBJECTS_EACH;
    self->scores[self->all.count++] =
        (eval_grouped_score){{similarity, a == b, first + a, first + b}, group};
}

/* Non-mated scores spread over 0 to 0.5 in every group, mated ones at 0.8. */
static void make_group(side *self, uint32_t group)
{
    for (uint32_t a = 0; a < SUBJECTS_EACH; a++) {
        for (uint32_t k = 0; k < MATED_EACH; k++) {
            add(self, group, a, a, 0.8F);
        }
        for (uint32_t b = 0; b < SUBJECTS_EACH; b++) {
            if (a != b) {
                float share = (float)((a * 19 + b * 7) % NON_MATED) / NON_MATED;
                add(self, group, a, b, 0.5F * share);
            }
        }
    }
}

static void make_side(side *self)
{
    self->all = (eval_grouped_scores){.scores = self->scores,
                                      .groups = GROUPS,
                                      .is_anchor = ANCHORS,
                                      .subjects = SUBJECTS,
                                      .strata = self->strata,
                                      .strata_count = GROUPS};
    for (uint32_t i = 0; i < SUBJECTS; i++) {
        self->strata[i] = i / SUBJECTS_EACH;
    }
    for (uint32_t g = 0; g < GROUPS; g++) {
        make_group(self, g);
    }
}

static int make_sides(void **state)
{
    (void)state;
    for (int s = 0; s < EVAL_SIDES; s++) {
        make_side(&g_sides[s]);
    }
    for (int g = 0; g < GROUPS; g++) {
        g_groups[g] = (eval_gate_group){.name = "group",
                                        .is_anchor = ANCHORS[g],
                                        .subjects = SUBJECTS_EACH,
                                        .mated = MATED,
                                        .non_mated = NON_MATED};
    }
    return 0;
}

/* Make some mated comparisons of a group miss: one in every so many subjects, all of theirs. */
static void spoil(side *self, uint32_t group, uint32_t every, float similarity)
{
    for (size_t i = 0; i < self->all.count; i++) {
        eval_grouped_score *at = &self->scores[i];
        if (at->group == group && at->score.mated && at->score.subject_a % every == 0) {
            at->score.similarity = similarity;
        }
    }
}

static eval_gate_verdict judge(void)
{
    eval_grouped_scores sides[EVAL_SIDES];
    for (int s = 0; s < EVAL_SIDES; s++) {
        eval_grouped_scores_sort(&g_sides[s].all);
        sides[s] = g_sides[s].all;
    }
    double thresholds[EVAL_SIDES];
    eval_gate_verdict verdict = EVAL_GATE_REFUSED;
    imi_error err = IMI_ERROR_INIT;
    assert_int_equal(eval_gate_compare(&RULE, sides, g_groups, thresholds, &verdict, &err), IMI_OK);
    assert_true(thresholds[EVAL_BASELINE] > 0.4 && thresholds[EVAL_BASELINE] < 0.8);
    return verdict;
}

static void the_same_scores_are_accepted(void **state)
{
    (void)state;
    assert_int_equal(judge(), EVAL_GATE_ACCEPTED);
    for (int g = 0; g < GROUPS; g++) {
        assert_int_equal(g_groups[g].finding, EVAL_GATE_NOT_WORSE);
        assert_true(g_groups[g].fnmr.by == 0 && g_groups[g].fnmr.interval.high == 0);
    }
}

static void a_better_candidate_is_accepted(void **state)
{
    (void)state;
    spoil(&g_sides[EVAL_BASELINE], 1, 2, 0.1F);
    assert_int_equal(judge(), EVAL_GATE_ACCEPTED);
    assert_true(g_groups[1].fnmr.by < -0.4);
    assert_true(g_groups[1].fnmr.interval.high < 0);
}

static void a_candidate_worse_in_one_group_is_refused(void **state)
{
    (void)state;
    spoil(&g_sides[EVAL_CANDIDATE], 2, 2, 0.1F);
    assert_int_equal(judge(), EVAL_GATE_REFUSED);
    assert_int_equal(g_groups[0].finding, EVAL_GATE_NOT_WORSE);
    assert_int_equal(g_groups[2].finding, EVAL_GATE_WORSE);
    assert_true(fabs(g_groups[2].fnmr.by - 0.5) < 1e-9);
    assert_true(g_groups[2].fnmr.interval.low > 0);
}

static void gains_elsewhere_do_not_buy_a_loss(void **state)
{
    (void)state;
    spoil(&g_sides[EVAL_BASELINE], 0, 1, 0.1F);
    spoil(&g_sides[EVAL_BASELINE], 1, 1, 0.1F);
    spoil(&g_sides[EVAL_CANDIDATE], 2, 2, 0.1F);
    assert_int_equal(judge(), EVAL_GATE_REFUSED);
}

static void a_group_that_matches_falsely_more_often_is_worse(void **state)
{
    (void)state;
    side *candidate = &g_sides[EVAL_CANDIDATE];
    for (size_t i = 0; i < candidate->all.count; i++) {
        eval_grouped_score *at = &candidate->scores[i];
        if (at->group == 1 && !at->score.mated && at->score.subject_a % 2 == 0) {
            at->score.similarity = 0.7F;
        }
    }
    assert_int_equal(judge(), EVAL_GATE_REFUSED);
    assert_int_equal(g_groups[1].finding, EVAL_GATE_WORSE);
    assert_true(g_groups[1].fmr.by > 0.3);
    assert_true(g_groups[1].fnmr.by == 0);
}

static void failures_to_acquire_count_as_misses(void **state)
{
    (void)state;
    spoil(&g_sides[EVAL_CANDIDATE], 1, 2, -INFINITY);
    assert_int_equal(judge(), EVAL_GATE_REFUSED);
    assert_int_equal(g_groups[1].finding, EVAL_GATE_WORSE);
}

static void one_subject_who_is_missed_leaves_it_undecided(void **state)
{
    (void)state;
    spoil(&g_sides[EVAL_CANDIDATE], 1, SUBJECTS_EACH, 0.1F);
    assert_int_equal(judge(), EVAL_GATE_UNDECIDED);
    assert_int_equal(g_groups[1].finding, EVAL_GATE_UNSURE);
    assert_true(fabs(g_groups[1].fnmr.by - 0.05) < 1e-9);
    assert_true(g_groups[1].fnmr.interval.low <= 0);
}

static void the_same_misses_on_both_sides_are_no_change(void **state)
{
    (void)state;
    spoil(&g_sides[EVAL_BASELINE], 1, 3, 0.1F);
    spoil(&g_sides[EVAL_CANDIDATE], 1, 3, 0.1F);
    assert_int_equal(judge(), EVAL_GATE_ACCEPTED);
    assert_true(g_groups[1].rates[EVAL_CANDIDATE].fnmr > 0.3);
    assert_true(g_groups[1].fnmr.interval.high == 0);
}

static void a_group_too_small_leaves_it_undecided(void **state)
{
    (void)state;
    g_groups[2].mated = RULE.mated_min - 1;
    assert_int_equal(judge(), EVAL_GATE_UNDECIDED);
    assert_int_equal(g_groups[2].finding, EVAL_GATE_TOO_FEW);
    make_sides(NULL);
    g_groups[2].subjects = RULE.subjects_min - 1;
    assert_int_equal(judge(), EVAL_GATE_UNDECIDED);
}

static void an_anchor_needs_three_over_the_rate_non_mated_comparisons(void **state)
{
    (void)state;
    assert_int_equal(eval_gate_non_mated_min(&RULE), 300);
    g_groups[0].non_mated = 299;
    assert_int_equal(judge(), EVAL_GATE_UNDECIDED);
    assert_int_equal(g_groups[0].finding, EVAL_GATE_TOO_FEW);
}

static void a_small_group_does_not_hide_a_loss_in_another(void **state)
{
    (void)state;
    g_groups[1].mated = 1;
    spoil(&g_sides[EVAL_CANDIDATE], 2, 2, 0.1F);
    assert_int_equal(judge(), EVAL_GATE_REFUSED);
}

static void a_group_without_mated_comparisons_is_never_accepted(void **state)
{
    (void)state;
    for (int s = 0; s < EVAL_SIDES; s++) {
        size_t kept = 0;
        for (size_t i = 0; i < g_sides[s].all.count; i++) {
            if (g_sides[s].scores[i].group != 1 || !g_sides[s].scores[i].score.mated) {
                g_sides[s].scores[kept++] = g_sides[s].scores[i];
            }
        }
        g_sides[s].all.count = kept;
    }
    assert_int_equal(judge(), EVAL_GATE_UNDECIDED);
    assert_int_equal(g_groups[1].finding, EVAL_GATE_UNSURE);
}

static void other_people_cannot_be_compared(void **state)
{
    (void)state;
    eval_grouped_scores sides[EVAL_SIDES] = {g_sides[0].all, g_sides[1].all};
    sides[EVAL_CANDIDATE].subjects--;
    double thresholds[EVAL_SIDES];
    eval_gate_verdict verdict = EVAL_GATE_ACCEPTED;
    imi_error err = IMI_ERROR_INIT;
    assert_int_equal(eval_gate_compare(&RULE, sides, g_groups, thresholds, &verdict, &err),
                     IMI_E_INVALID_ARGUMENT);
    assert_int_equal(verdict, EVAL_GATE_UNDECIDED);
}

static void one_side_alone_is_measured_without_a_verdict(void **state)
{
    (void)state;
    spoil(&g_sides[EVAL_BASELINE], 1, 2, 0.1F);
    eval_grouped_scores_sort(&g_sides[EVAL_BASELINE].all);
    double threshold = NAN;
    imi_error err = IMI_ERROR_INIT;
    assert_int_equal(eval_gate_measure(&RULE, &g_sides[EVAL_BASELINE].all, EVAL_BASELINE, g_groups,
                                       &threshold, &err),
                     IMI_OK);
    assert_true(fabs(g_groups[1].rates[EVAL_BASELINE].fnmr - 0.5) < 1e-9);
    assert_true(g_groups[0].rates[EVAL_BASELINE].fmr <= RULE.fmr);
    assert_int_equal(g_groups[1].finding, EVAL_GATE_NONE);
}

static void names_are_those_that_the_documents_use(void **state)
{
    (void)state;
    assert_string_equal(eval_gate_finding_name(EVAL_GATE_NOT_WORSE), "not worse");
    assert_string_equal(eval_gate_finding_name(EVAL_GATE_TOO_FEW), "too few");
    assert_string_equal(eval_gate_verdict_name(EVAL_GATE_ACCEPTED), "accepted");
    assert_string_equal(eval_gate_verdict_name(EVAL_GATE_REFUSED), "refused");
    assert_string_equal(eval_gate_verdict_name(EVAL_GATE_UNDECIDED), "undecided");
}

#define TEST(name) cmocka_unit_test_setup(name, make_sides)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_same_scores_are_accepted),
        TEST(a_better_candidate_is_accepted),
        TEST(a_candidate_worse_in_one_group_is_refused),
        TEST(gains_elsewhere_do_not_buy_a_loss),
        TEST(a_group_that_matches_falsely_more_often_is_worse),
        TEST(failures_to_acquire_count_as_misses),
        TEST(one_subject_who_is_missed_leaves_it_undecided),
        TEST(the_same_misses_on_both_sides_are_no_change),
        TEST(a_group_too_small_leaves_it_undecided),
        TEST(an_anchor_needs_three_over_the_rate_non_mated_comparisons),
        TEST(a_small_group_does_not_hide_a_loss_in_another),
        TEST(a_group_without_mated_comparisons_is_never_accepted),
        TEST(other_people_cannot_be_compared),
        TEST(one_side_alone_is_measured_without_a_verdict),
        TEST(names_are_those_that_the_documents_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
