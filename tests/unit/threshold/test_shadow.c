/* How a candidate decided beside the active point. */
#include "imi/threshold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static imi_score_record beside(const char *point_id, imi_decision decision, imi_decision shadow)
{
    imi_score_record record = {.at_ms = 1000, .decision = decision, .shadow_decision = shadow};
    imi_copy_text(record.shadow_point, sizeof record.shadow_point, point_id);
    return record;
}

static void add(imi_shadow_counts *counts, const char *point_id, imi_decision decision,
                imi_decision shadow)
{
    imi_score_record record = beside(point_id, decision, shadow);
    imi_shadow_add(counts, "op_1", &record);
}

static void outcomes_are_counted_in_both_directions(void **state)
{
    (void)state;
    imi_shadow_counts counts = {0};
    add(&counts, "op_1", IMI_DECISION_VERIFIED, IMI_DECISION_VERIFIED);
    add(&counts, "op_1", IMI_DECISION_REJECTED, IMI_DECISION_REJECTED);
    add(&counts, "op_1", IMI_DECISION_VERIFIED, IMI_DECISION_REJECTED);
    add(&counts, "op_1", IMI_DECISION_REJECTED, IMI_DECISION_VERIFIED);
    add(&counts, "op_1", IMI_DECISION_REJECTED, IMI_DECISION_VERIFIED);
    assert_int_equal(counts.compared, 5);
    assert_int_equal(counts.agreed, 2);
    assert_int_equal(counts.would_refuse, 1);
    assert_int_equal(counts.would_verify, 2);
}

static void other_candidates_are_not_counted(void **state)
{
    (void)state;
    imi_shadow_counts counts = {0};
    add(&counts, "op_2", IMI_DECISION_VERIFIED, IMI_DECISION_REJECTED);
    add(&counts, "", IMI_DECISION_VERIFIED, IMI_DECISION_REJECTED);
    assert_int_equal(counts.compared, 0);
}

static void a_shadow_that_did_not_decide_is_not_counted(void **state)
{
    (void)state;
    imi_shadow_counts counts = {0};
    add(&counts, "op_1", IMI_DECISION_VERIFIED, IMI_DECISION_NONE);
    assert_int_equal(counts.compared, 0);
}

static void records_without_a_shadow_belong_to_no_point(void **state)
{
    (void)state;
    imi_shadow_counts counts = {0};
    imi_score_record record = beside("", IMI_DECISION_VERIFIED, IMI_DECISION_VERIFIED);
    imi_shadow_add(&counts, "", &record);
    assert_int_equal(counts.compared, 0);
}

static void the_period_is_that_of_what_was_counted(void **state)
{
    (void)state;
    imi_shadow_counts counts = {0};
    imi_score_record record = beside("op_1", IMI_DECISION_VERIFIED, IMI_DECISION_VERIFIED);
    for (int at = 5; at <= 9; at++) {
        record.at_ms = at;
        imi_shadow_add(&counts, "op_1", &record);
    }
    assert_int_equal(counts.first_ms, 5);
    assert_int_equal(counts.last_ms, 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outcomes_are_counted_in_both_directions),
        cmocka_unit_test(other_candidates_are_not_counted),
        cmocka_unit_test(a_shadow_that_did_not_decide_is_not_counted),
        cmocka_unit_test(records_without_a_shadow_belong_to_no_point),
        cmocka_unit_test(the_period_is_that_of_what_was_counted),
    };
    return cmocka_run_group_tests_name("threshold: shadow", tests, NULL, NULL);
}
