#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "samples.h"

#include <string.h>

static void assert_refused(const char *from, const char *to, const char *told)
{
    imi_error error = IMI_ERROR_INIT;
    assert_int_equal(sample_load_changed(from, to, &error), IMI_E_CALIBRATION);
    if (strstr(error.message, told) == NULL) {
        fail_msg("\"%s\" does not tell \"%s\"", error.message, told);
    }
}

static void a_missing_file_is_an_error(void **state)
{
    (void)state;
    imi_scorer *scorer = NULL;
    assert_int_equal(imi_scorer_load("/nonexistent/table.json", &scorer, NULL), IMI_E_NOT_FOUND);
    assert_null(scorer);
}

static void what_is_not_json_is_refused(void **state)
{
    (void)state;
    imi_scorer *scorer = NULL;
    const char *const others[] = {"", "{", "[]", "7", "\xFF\xFE", "{} {}"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_int_equal(sample_load(others[i], &scorer, NULL), IMI_E_CALIBRATION);
        assert_null(scorer);
    }
}

static void every_field_is_required(void **state)
{
    (void)state;
    const char *const fields[] = {"version", "measured_on", "made_at",   "models",
                                  "weights", "raw",         "tables",    "groups",
                                  "knots",   "comparisons", "fmr_floor", "normalised"};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        char renamed[32];
        imi_copy_text(renamed, sizeof renamed, fields[i]);
        renamed[0] = 'X';
        assert_int_equal(sample_load_changed(fields[i], renamed, NULL), IMI_E_CALIBRATION);
    }
}

static void an_unknown_or_repeated_field_is_refused(void **state)
{
    (void)state;
    assert_refused("\"comparisons\": 30000", "\"comparisons\": 30000, \"threshold\": 0.6",
                   "threshold");
    assert_refused("\"fmr_floor\": 0.0005", "\"fmr_floor\": 0.0005, \"fmr_floor\": 0.1", "JSON");
    assert_refused("\"tables\": {", "\"tables\": {\"fused\": {}, ", "fused");
    assert_refused("\"raw\": 0.6", "\"raw\": 0.6, \"other\": 1", "other");
    assert_refused("\"cohort_id\"", "\"cohort\"", "cohort");
    assert_refused("\"version\"", "\"origin\": {}, \"version\"", "origin");
}

static void weights_must_sum_to_one(void **state)
{
    (void)state;
    assert_refused("0.6", "0.7", "sum");
    assert_refused("0.6", "0.5999", "sum");
    assert_refused("0.75", "0.7", "normalised");
    assert_int_equal(sample_load_changed("0.6,", "0.60000001,", NULL), IMI_OK);
}

static void weights_must_be_positive_numbers(void **state)
{
    (void)state;
    assert_refused("0.6", "0", "weight");
    assert_refused("0.6", "-0.6", "weight");
    assert_refused("0.6", "\"0.6\"", "weight");
    assert_refused("0.6", "null", "weight");
    assert_refused("0.25", "0", "normalised weight");
    assert_refused("{\"raw\": 0.6, \"normalised\": 0.75}", "0.6", "weights of alpha@1");
}

static void models_must_be_named_once(void **state)
{
    (void)state;
    assert_refused("beta@1", "alpha@1", "twice");
    assert_refused("beta@1", "", "id");
    assert_refused("beta@1", "a-name-that-is-far-too-long-for-a-model-and-so-must-be-refused-here",
                   "id");
    assert_refused("\"weights\": {\"raw\": 0.4", "\"bias\": 1, \"weights\": {\"raw\": 0.4", "id");
}

static void rates_must_fall(void **state)
{
    (void)state;
    assert_refused("[0.5, 0.001]", "[0.5, 0.2]", "knot 2");
    assert_refused("[0.5, 0.001]", "[0.2, 0.001]", "knot 2");
    assert_refused("[0.5, 0.001]", "[0.1, 0.001]", "knot 2");
    assert_int_equal(sample_load_changed("[0.5, 0.001]", "[0.5, 0.1]", NULL), IMI_OK);
}

static void knots_must_be_pairs_in_range(void **state)
{
    (void)state;
    const char *const others[] = {"[0.5]",      "[0.5, 0.001, 1]", "0.5",          "[0.5, 0]",
                                  "[0.5, -1]",  "[1.5, 0.001]",    "[\"0.5\", 1]", "null",
                                  "[0.5, true]"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_refused("[0.5, 0.001]", others[i], "knot 2");
    }
}

static void the_table_must_start_where_it_claims_nothing(void **state)
{
    (void)state;
    assert_refused("[-1, 1]", "[-1, 0.5]", "first knot");
    assert_refused("[-1, 1]", "[0, 1]", "first knot");
    assert_refused("[[-1, 1], [0.2, 0.1], [0.5, 0.001]]", "[[-1, 1]]", "knots");
}

static void a_floor_must_be_a_rate_that_the_comparisons_show(void **state)
{
    (void)state;
    assert_refused("0.0005", "0", "fmr_floor");
    assert_refused("0.0005", "1", "fmr_floor");
    assert_refused("0.0005", "-0.1", "fmr_floor");
    assert_refused("0.0005", "\"0.0005\"", "fmr_floor");
    assert_refused("0.0005", "1e-9", "cannot show");
    assert_refused("\"comparisons\": 30000,", "\"comparisons\": 0,", "comparisons");
}

static void shares_of_the_normalisation_must_be_sound(void **state)
{
    (void)state;
    const char *const others[] = {"{\"mean\": 2.5, \"deviation\": 1}",
                                  "{\"mean\": -1, \"deviation\": 1}",
                                  "{\"mean\": 1, \"deviation\": 1.5}",
                                  "{\"mean\": 1, \"deviation\": -1}",
                                  "{\"mean\": 1}",
                                  "{\"deviation\": 1}",
                                  "{\"mean\": \"1\", \"deviation\": 1}",
                                  "{\"mean\": 1, \"deviation\": 1, \"top\": 5}",
                                  "7",
                                  "[]"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_refused("{\"mean\": 1, \"deviation\": 1}", others[i], "normalisation of alpha@1");
    }
    assert_refused(", \"normalisation\": {\"mean\": 1, \"deviation\": 1}", "", "normalisation");
}

static void only_raw_similarities_are_limited_to_cosines(void **state)
{
    (void)state;
    assert_refused("[0.5, 0.001]", "[4, 0.001]", "knot 2");
    assert_int_equal(sample_load_changed("[4, 0.0002]", "[17.5, 0.0002]", NULL), IMI_OK);
    assert_refused("[4, 0.0002]", "[1e30, 0.0002]", "knot 2");
    assert_refused("[-2.5, 1]", "[-2.5, 0.9]", "first knot");
    assert_int_equal(sample_load_changed("[-2.5, 1]", "[0.5, 1]", NULL), IMI_OK);
}

static void the_raw_table_is_required_and_the_other_is_not(void **state)
{
    (void)state;
    imi_scorer *scorer = NULL;
    assert_int_equal(sample_load(sample_raw_only_table, &scorer, NULL), IMI_OK);
    assert_true(imi_scorer_has(scorer, IMI_SCORE_RAW));
    assert_false(imi_scorer_has(scorer, IMI_SCORE_NORMALISED));
    imi_scorer_destroy(&scorer);
    assert_refused("\"tables\": {\"raw\": {\"comparisons\"",
                   "\"tables\": {\"raw\": [], \"x\": {\"y\"", "\"x\"");
    assert_refused("\"raw\": {\"comparisons\": 30000",
                   "\"raw\": 7, \"normalised\": {\"comparisons\": 30000", "JSON");
}

static void a_table_in_memory_reads_as_one_in_a_file(void **state)
{
    (void)state;
    imi_scorer *scorer = NULL;
    assert_int_equal(imi_scorer_parse(imi_view_of_text(sample_table), &scorer, NULL), IMI_OK);
    assert_string_equal(imi_scorer_version(scorer), "test.1");
    imi_scorer_destroy(&scorer);
    assert_int_equal(imi_scorer_parse((imi_view){NULL, 0}, &scorer, NULL), IMI_E_CALIBRATION);
    assert_null(scorer);
}

static int g_allowed;

static bool fail_when_spent(void *user, size_t size)
{
    (void)user;
    (void)size;
    return g_allowed-- <= 0;
}

static void running_out_of_memory_leaks_nothing(void **state)
{
    (void)state;
    int64_t before = imi_alloc_live_blocks();
    imi_status status = IMI_E_NO_MEMORY;
    int allowed = 0;
    for (; status == IMI_E_NO_MEMORY && allowed < 50; allowed++) {
        imi_scorer *scorer = NULL;
        g_allowed = allowed;
        imi_alloc_set_fail_hook(fail_when_spent, NULL);
        status = sample_load(sample_table, &scorer, NULL);
        imi_alloc_set_fail_hook(NULL, NULL);
        imi_scorer_destroy(&scorer);
        assert_int_equal(imi_alloc_live_blocks(), before);
    }
    assert_int_equal(status, IMI_OK);
    assert_true(allowed > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_missing_file_is_an_error),
        cmocka_unit_test(what_is_not_json_is_refused),
        cmocka_unit_test(every_field_is_required),
        cmocka_unit_test(an_unknown_or_repeated_field_is_refused),
        cmocka_unit_test(weights_must_sum_to_one),
        cmocka_unit_test(weights_must_be_positive_numbers),
        cmocka_unit_test(models_must_be_named_once),
        cmocka_unit_test(rates_must_fall),
        cmocka_unit_test(knots_must_be_pairs_in_range),
        cmocka_unit_test(the_table_must_start_where_it_claims_nothing),
        cmocka_unit_test(a_floor_must_be_a_rate_that_the_comparisons_show),
        cmocka_unit_test(shares_of_the_normalisation_must_be_sound),
        cmocka_unit_test(only_raw_similarities_are_limited_to_cosines),
        cmocka_unit_test(the_raw_table_is_required_and_the_other_is_not),
        cmocka_unit_test(a_table_in_memory_reads_as_one_in_a_file),
        cmocka_unit_test(running_out_of_memory_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
