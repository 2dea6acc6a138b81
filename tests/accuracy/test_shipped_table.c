/*
 * The table that ships must be one that the server takes, and strict enough for East Asian
 * faces: a table measured on others would promise them rates that do not hold.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "imi/compare.h"

#include <math.h>
#include <string.h>

static imi_scorer *load(void)
{
    imi_scorer *scorer = NULL;
    imi_error error = IMI_ERROR_INIT;
    if (imi_scorer_load(IMI_SHIPPED_TABLE, &scorer, &error) != IMI_OK) {
        fail_msg("%s", error.message);
    }
    return scorer;
}

static void the_shipped_table_loads(void **state)
{
    (void)state;
    IMI_AUTO(imi_scorer) scorer = load();
    assert_int_equal(imi_scorer_model_count(scorer), 2);
    assert_ptr_equal(strstr(imi_scorer_model_id(scorer, 0), "mobilefacenet"),
                     imi_scorer_model_id(scorer, 0));
}

static void it_says_that_a_deployment_must_make_its_own(void **state)
{
    (void)state;
    IMI_AUTO(imi_scorer) scorer = load();
    assert_non_null(strstr(imi_scorer_measured_on(scorer), "own population"));
}

static void it_supports_the_rates_that_policies_ask_for(void **state)
{
    (void)state;
    IMI_AUTO(imi_scorer) scorer = load();
    const double targets[] = {1e-2, 1e-3, 1e-4};
    for (imi_score_kind kind = IMI_SCORE_RAW; kind <= IMI_SCORE_NORMALISED; kind++) {
        float before = -INFINITY;
        for (size_t i = 0; i < 3; i++) {
            float threshold = NAN;
            assert_int_equal(imi_scorer_threshold(scorer, kind, targets[i], &threshold, NULL),
                             IMI_OK);
            assert_true(threshold > before);
            assert_true(imi_scorer_fmr_at(scorer, kind, threshold) <= targets[i]);
            before = threshold;
        }
        assert_true(kind == IMI_SCORE_NORMALISED || before < 1);
    }
}

/* A table that ships cannot know anybody's cohort. */
static void it_names_no_deployment(void **state)
{
    (void)state;
    IMI_AUTO(imi_scorer) scorer = load();
    for (imi_score_kind kind = IMI_SCORE_RAW; kind <= IMI_SCORE_NORMALISED; kind++) {
        assert_null(imi_scorer_calibration_id(scorer, kind));
        assert_null(imi_scorer_cohort_id(scorer, kind));
    }
}

static void it_uses_a_share_of_what_a_cohort_tells(void **state)
{
    (void)state;
    IMI_AUTO(imi_scorer) scorer = load();
    for (size_t i = 0; i < imi_scorer_model_count(scorer); i++) {
        imi_normalisation shares = imi_scorer_normalisation(scorer, i);
        assert_true(shares.mean_share > 0.5 && shares.mean_share < 1);
        assert_true(shares.deviation_share > 0.1 && shares.deviation_share < 1);
    }
}

static void it_claims_nothing_that_was_not_measured(void **state)
{
    (void)state;
    IMI_AUTO(imi_scorer) scorer = load();
    float threshold = 0;
    assert_true(imi_scorer_fmr_floor(scorer, IMI_SCORE_RAW) > 1e-5);
    assert_int_equal(imi_scorer_threshold(scorer, IMI_SCORE_RAW, 1e-6, &threshold, NULL),
                     IMI_E_CALIBRATION);
    assert_true(imi_scorer_fmr_at(scorer, IMI_SCORE_RAW, 1) >=
                imi_scorer_fmr_floor(scorer, IMI_SCORE_RAW));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shipped_table_loads),
        cmocka_unit_test(it_says_that_a_deployment_must_make_its_own),
        cmocka_unit_test(it_supports_the_rates_that_policies_ask_for),
        cmocka_unit_test(it_names_no_deployment),
        cmocka_unit_test(it_uses_a_share_of_what_a_cohort_tells),
        cmocka_unit_test(it_claims_nothing_that_was_not_measured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
