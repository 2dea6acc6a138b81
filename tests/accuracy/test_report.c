#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static eval_row row = {.group = "lfw",
                       .subjects = 7,
                       .images = 21,
                       .failed_images = 1,
                       .mated = 30,
                       .non_mated = 400,
                       .rates = {0.0123, 0.0456, 0.7},
                       .at = {0.0005, 0.06},
                       .intervals = {{0.01, 0.02}, {0.03, 0.05}, {0.0001, 0.001}, {0.05, 0.08}}};

static void people_get_a_table_in_percent(void **state)
{
    (void)state;
    eval_report report = {"fused", 1e-3, 0.7, &row, 1};
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    eval_report_print(&report, to);
    fclose(to);
    assert_non_null(
        strstr(text, "| lfw | 7 | 21 | 4.76 (0.12-23.82) | 30 | 400 | 1.23 (1.00-2.00) |"));
    assert_non_null(strstr(text, "0.050 (0.010-0.100)"));
    free(text);
}

static void without_a_calibrated_threshold_its_columns_stay_away(void **state)
{
    (void)state;
    eval_report report = {"one model", 1e-3, NAN, &row, 1};
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    eval_report_print(&report, to);
    fclose(to);
    assert_null(strstr(text, "calibrated"));
    assert_non_null(strstr(text, "4.56 (3.00-5.00) |\n"));
    free(text);
}

static void machines_get_json_in_which_nan_is_null(void **state)
{
    (void)state;
    eval_row nothing = row;
    nothing.rates.eer = NAN;
    eval_report report = {"fused", 1e-3, NAN, &nothing, 1};
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    assert_int_equal(eval_report_print_json(&report, 1, NULL, 0, to, NULL), IMI_OK);
    fclose(to);
    assert_non_null(strstr(text, "\"calibrated_threshold\": null"));
    assert_non_null(strstr(text, "\"scored_by\": \"fused\""));
    assert_null(strstr(text, "nan"));
    free(text);
}

static bool anchors[2] = {false, true};
static const char *const names[2] = {"lfw", "lfw (EA)"};

static eval_shared_rates before[2] = {{0.0002, 0.11, {0.0001, 0.0004}, {0.1, 0.12}},
                                      {0.001, 0.043, {0.0005, 0.002}, {0.03, 0.05}}};
static eval_shared_rates after[2] = {{0.0003, 0.027, {0.0001, 0.0005}, {0.02, 0.03}},
                                     {0.001, 0.026, {0.0005, 0.002}, {0.02, 0.04}}};
static const eval_shared_view views[2] = {
    {"fused", {1e-3, 0.8, 0.0004, 2.5, {2, 3}, before, NULL}},
    {"fused, normalised", {1e-3, 3.2, 0.0005, 2, {1.5, 2.5}, after, NULL}}};

static void a_shared_threshold_is_shown_before_and_after(void **state)
{
    (void)state;
    eval_shared_report shared = {names, anchors, 2, views, 2};
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    eval_shared_report_print(&shared, to);
    fclose(to);
    assert_non_null(strstr(text, "mean FMR over lfw (EA) at 0.001"));
    assert_non_null(strstr(text, "| lfw | 11.00 (10.00-12.00) | 0.020 (0.010-0.040) | 2.70 "));
    assert_non_null(
        strstr(text, "| highest FMR of a group / pooled FMR | | 2.5 (2.0-3.0) | | 2.0"));
    free(text);
}

static void a_group_without_comparisons_is_not_shown(void **state)
{
    (void)state;
    eval_shared_rates empty[2] = {before[0], {NAN, NAN, {NAN, NAN}, {NAN, NAN}}};
    eval_shared_view view = {"fused", {1e-3, 0.8, 0.0004, 2.5, {2, 3}, empty, NULL}};
    eval_shared_report shared = {names, anchors, 2, &view, 1};
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    eval_shared_report_print(&shared, to);
    fclose(to);
    assert_non_null(strstr(text, "| lfw |"));
    assert_null(strstr(text, "| lfw (EA) |"));
    free(text);
}

static void machines_get_the_shared_thresholds_too(void **state)
{
    (void)state;
    eval_report report = {"fused", 1e-3, NAN, &row, 1};
    eval_shared_report shared = {names, anchors, 2, views, 2};
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    assert_int_equal(eval_report_print_json(&report, 1, &shared, 1, to, NULL), IMI_OK);
    fclose(to);
    assert_non_null(strstr(text, "\"shared_thresholds\""));
    assert_non_null(strstr(text, "\"mean_fmr_held\": 0.001"));
    assert_non_null(strstr(text, "\"scored_by\": \"fused, normalised\""));
    assert_non_null(strstr(text, "\"worst_to_pooled\""));
    assert_null(strstr(text, "nan"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_get_a_table_in_percent),
        cmocka_unit_test(without_a_calibrated_threshold_its_columns_stay_away),
        cmocka_unit_test(machines_get_json_in_which_nan_is_null),
        cmocka_unit_test(a_shared_threshold_is_shown_before_and_after),
        cmocka_unit_test(a_group_without_comparisons_is_not_shown),
        cmocka_unit_test(machines_get_the_shared_thresholds_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
