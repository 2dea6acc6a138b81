#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "samples.h"

#include <math.h>
#include <string.h>

static imi_scorer *load(void)
{
    imi_scorer *scorer = NULL;
    assert_int_equal(sample_load(sample_table, &scorer, NULL), IMI_OK);
    return scorer;
}

static void assert_rate(const imi_scorer *scorer, float similarity, double wanted)
{
    assert_true(fabs(imi_scorer_fmr_at(scorer, IMI_SCORE_RAW, similarity) / wanted - 1) < 1e-5);
}

static void knots_have_their_own_rate(void **state)
{
    (void)state;
    IMI_AUTO(imi_scorer) scorer = load();
    assert_rate(scorer, -1, 1);
    assert_rate(scorer, 0.2F, 0.1);
    assert_rate(scorer, 0.5F, 0.001);
}

static void between_knots_the_rate_is_log_linear(void **state)
{
    (void)state;
    IMI_AUTO(imi_scorer) scorer = load();
    assert_rate(scorer, 0.35F, 0.01);
    assert_rate(scorer, -0.4F, sqrt(0.1));
}

static void beyond_the_last_knot_the_rate_stays(void **state)
{
    (void)state;
    IMI_AUTO(imi_scorer) scorer = load();
    assert_rate(scorer, 0.9F, 0.001);
    assert_rate(scorer, 1, 0.001);
    assert_rate(scorer, INFINITY, 0.001);
    assert_rate(scorer, -INFINITY, 1);
}

static void no_rate_is_below_the_floor(void **state)
{
    (void)state;
    IMI_AUTO(imi_scorer) scorer = NULL;
    const char deep[] =
        "{\"version\": \"t\", \"measured_on\": \"m\", \"made_at\": \"d\", \"models\": "
        "[{\"id\": \"alpha@1\", \"weights\": {\"raw\": 1, \"normalised\": 1}}], \"tables\": "
        "{\"raw\": "
        "{\"comparisons\": 1000, \"fmr_floor\": 0.003, \"groups\": {\"all\": {\"comparisons\": "
        "1000}}, "
        "\"knots\": [[-1, 1], [0.5, 1e-6]]}}}";
    assert_int_equal(sample_load(deep, &scorer, NULL), IMI_OK);
    assert_true(imi_scorer_fmr_at(scorer, IMI_SCORE_RAW, 0.5F) == 0.003);
    assert_true(imi_scorer_fmr_at(scorer, IMI_SCORE_RAW, 1) == 0.003);
    float threshold = 0;
    assert_int_equal(imi_scorer_threshold(scorer, IMI_SCORE_RAW, 0.002, &threshold, NULL),
                     IMI_E_CALIBRATION);
}

static void the_rate_never_rises_with_similarity(void **state)
{
    (void)state;
    IMI_AUTO(imi_scorer) scorer = load();
    double before = 2;
    for (int i = -1000; i <= 1000; i++) {
        double rate = imi_scorer_fmr_at(scorer, IMI_SCORE_RAW, (float)i / 1000);
        assert_true(rate <= before);
        assert_true(rate >= imi_scorer_fmr_floor(scorer, IMI_SCORE_RAW) && rate <= 1);
        before = rate;
    }
}

static void nan_has_no_rate_and_passes_no_threshold(void **state)
{
    (void)state;
    IMI_AUTO(imi_scorer) scorer = load();
    double rate = imi_scorer_fmr_at(scorer, IMI_SCORE_RAW, NAN);
    assert_true(isnan(rate));
    assert_false(rate <= 1);
}

static void a_threshold_keeps_its_target(void **state)
{
    (void)state;
    IMI_AUTO(imi_scorer) scorer = load();
    const double targets[] = {1, 0.9, 0.1, 0.05, 0.01, 0.0033, 0.001};
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        float threshold = NAN;
        assert_int_equal(imi_scorer_threshold(scorer, IMI_SCORE_RAW, targets[i], &threshold, NULL),
                         IMI_OK);
        assert_true(imi_scorer_fmr_at(scorer, IMI_SCORE_RAW, threshold) <= targets[i]);
        if (threshold > -1) {
            assert_true(imi_scorer_fmr_at(scorer, IMI_SCORE_RAW, threshold - 1e-4F) > targets[i]);
        }
    }
}

static void a_target_below_what_was_measured_is_an_error(void **state)
{
    (void)state;
    IMI_AUTO(imi_scorer) scorer = load();
    const double targets[] = {0.0009, 1e-4, 1e-9};
    for (size_t i = 0; i < 3; i++) {
        float threshold = 0;
        imi_error error = IMI_ERROR_INIT;
        assert_int_equal(
            imi_scorer_threshold(scorer, IMI_SCORE_RAW, targets[i], &threshold, &error),
            IMI_E_CALIBRATION);
        assert_true(isnan(threshold));
        assert_int_not_equal(error.message[0], '\0');
    }
}

static void a_target_that_is_no_rate_is_refused(void **state)
{
    (void)state;
    IMI_AUTO(imi_scorer) scorer = load();
    const double targets[] = {0, -1, 1.5, NAN, INFINITY};
    for (size_t i = 0; i < 5; i++) {
        float threshold = 0;
        assert_int_equal(imi_scorer_threshold(scorer, IMI_SCORE_RAW, targets[i], &threshold, NULL),
                         IMI_E_INVALID_ARGUMENT);
        assert_true(isnan(threshold));
    }
}

static void the_table_tells_what_it_is(void **state)
{
    (void)state;
    IMI_AUTO(imi_scorer) scorer = load();
    assert_string_equal(imi_scorer_version(scorer), "test.1");
    assert_string_equal(imi_scorer_measured_on(scorer), "made up");
    assert_int_equal(imi_scorer_model_count(scorer), 2);
    assert_string_equal(imi_scorer_model_id(scorer, 1), "beta@1");
    assert_null(imi_scorer_model_id(scorer, 2));
}

static void each_kind_has_a_table_of_its_own(void **state)
{
    (void)state;
    IMI_AUTO(imi_scorer) scorer = load();
    assert_true(fabs(imi_scorer_fmr_at(scorer, IMI_SCORE_NORMALISED, 1.5F) / 0.01 - 1) < 1e-5);
    assert_true(fabs(imi_scorer_fmr_at(scorer, IMI_SCORE_NORMALISED, -0.5F) / 0.1 - 1) < 1e-5);
    assert_true(imi_scorer_fmr_at(scorer, IMI_SCORE_NORMALISED, -7) == 1);
    assert_true(imi_scorer_fmr_floor(scorer, IMI_SCORE_NORMALISED) == 0.0002);
    float threshold = NAN;
    assert_int_equal(imi_scorer_threshold(scorer, IMI_SCORE_NORMALISED, 3e-4, &threshold, NULL),
                     IMI_OK);
    assert_true(threshold > 1.5F && threshold < 4);
    assert_true(imi_scorer_fmr_at(scorer, IMI_SCORE_NORMALISED, threshold) <= 3e-4);
}

static void a_kind_without_a_table_has_no_rate_and_no_threshold(void **state)
{
    (void)state;
    IMI_AUTO(imi_scorer) scorer = NULL;
    assert_int_equal(sample_load(sample_raw_only_table, &scorer, NULL), IMI_OK);
    const imi_score_kind kinds[] = {IMI_SCORE_NONE, IMI_SCORE_NORMALISED, (imi_score_kind)3};
    for (size_t i = 0; i < 3; i++) {
        float threshold = 0;
        assert_false(imi_scorer_has(scorer, kinds[i]));
        assert_true(isnan(imi_scorer_fmr_at(scorer, kinds[i], 5)));
        assert_true(isnan(imi_scorer_fmr_floor(scorer, kinds[i])));
        assert_int_equal(imi_scorer_threshold(scorer, kinds[i], 0.5, &threshold, NULL),
                         IMI_E_CALIBRATION);
        assert_true(isnan(threshold));
    }
}

static void a_deployments_table_tells_where_it_comes_from(void **state)
{
    (void)state;
    IMI_AUTO(imi_scorer) scorer = load();
    assert_string_equal(imi_scorer_calibration_id(scorer, IMI_SCORE_NORMALISED), "run-7");
    assert_string_equal(imi_scorer_cohort_id(scorer, IMI_SCORE_NORMALISED), "cohort-1");
    assert_null(imi_scorer_calibration_id(scorer, IMI_SCORE_RAW));
    assert_null(imi_scorer_cohort_id(scorer, IMI_SCORE_NONE));
}

static void weights_and_shares_are_told_by_model(void **state)
{
    (void)state;
    IMI_AUTO(imi_scorer) scorer = load();
    assert_true(imi_scorer_weight(scorer, IMI_SCORE_RAW, 1) == 0.4F);
    assert_true(imi_scorer_weight(scorer, IMI_SCORE_NORMALISED, 1) == 0.25F);
    assert_true(isnan(imi_scorer_weight(scorer, IMI_SCORE_NORMALISED, 2)));
    assert_true(isnan(imi_scorer_weight(scorer, IMI_SCORE_NONE, 0)));
    assert_true(imi_scorer_normalisation(scorer, 1).mean_share == 0.5);
    assert_true(imi_scorer_normalisation(scorer, 1).deviation_share == 0.25);
    assert_true(isnan(imi_scorer_normalisation(scorer, 2).mean_share));
}

static void kinds_have_names(void **state)
{
    (void)state;
    assert_string_equal(imi_score_kind_name(IMI_SCORE_NONE), "none");
    assert_string_equal(imi_score_kind_name(IMI_SCORE_RAW), "raw");
    assert_string_equal(imi_score_kind_name(IMI_SCORE_NORMALISED), "normalised");
}

static void assert_mismatch(const char *const *ids, size_t count, const char *told)
{
    IMI_AUTO(imi_scorer) scorer = load();
    imi_error error = IMI_ERROR_INIT;
    assert_int_equal(imi_scorer_check_models(scorer, ids, count, &error), IMI_E_MODEL_MISMATCH);
    assert_non_null(strstr(error.message, told));
}

static void the_models_of_the_table_fit_in_any_order(void **state)
{
    (void)state;
    IMI_AUTO(imi_scorer) scorer = load();
    const char *const same[] = {"alpha@1", "beta@1"};
    const char *const turned[] = {"beta@1", "alpha@1"};
    assert_int_equal(imi_scorer_check_models(scorer, same, 2, NULL), IMI_OK);
    assert_int_equal(imi_scorer_check_models(scorer, turned, 2, NULL), IMI_OK);
}

static void a_table_made_for_other_models_does_not_fit(void **state)
{
    (void)state;
    const char *const newer[] = {"alpha@2", "beta@1"};
    assert_mismatch(newer, 2, "alpha@1");
    assert_mismatch(newer + 1, 1, "alpha@1");
    assert_mismatch(NULL, 0, "alpha@1");
    const char *const more[] = {"alpha@1", "beta@1", "gamma@1"};
    assert_mismatch(more, 3, "gamma@1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knots_have_their_own_rate),
        cmocka_unit_test(between_knots_the_rate_is_log_linear),
        cmocka_unit_test(beyond_the_last_knot_the_rate_stays),
        cmocka_unit_test(no_rate_is_below_the_floor),
        cmocka_unit_test(the_rate_never_rises_with_similarity),
        cmocka_unit_test(nan_has_no_rate_and_passes_no_threshold),
        cmocka_unit_test(a_threshold_keeps_its_target),
        cmocka_unit_test(a_target_below_what_was_measured_is_an_error),
        cmocka_unit_test(a_target_that_is_no_rate_is_refused),
        cmocka_unit_test(each_kind_has_a_table_of_its_own),
        cmocka_unit_test(a_kind_without_a_table_has_no_rate_and_no_threshold),
        cmocka_unit_test(a_deployments_table_tells_where_it_comes_from),
        cmocka_unit_test(weights_and_shares_are_told_by_model),
        cmocka_unit_test(kinds_have_names),
        cmocka_unit_test(the_table_tells_what_it_is),
        cmocka_unit_test(the_models_of_the_table_fit_in_any_order),
        cmocka_unit_test(a_table_made_for_other_models_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
