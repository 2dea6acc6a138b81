/* The commands that draw: axes, quoting, which pictures there are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report/draw.h"
#include "report/drawing.h"
#include "report/figure.h"
#include "report/gnuplot.h"
#include "report_fixture.h"

#include <math.h>
#include <string.h>

static void expect_quoted(const char *text, const char *expected)
{
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    assert_int_equal(imi_report_quote(text, &out, NULL), IMI_OK);
    assert_int_equal(imi_buffer_terminate(&out, NULL), IMI_OK);
    assert_string_equal((const char *)out.data, expected);
}

static void a_quoted_text_cannot_end_itself(void **state)
{
    (void)state;
    expect_quoted("it's", "'it''s'");
    expect_quoted("a\nplot sin(x)", "'a?plot sin(x)'");
}

static void a_quoted_text_runs_no_command(void **state)
{
    (void)state;
    expect_quoted("`touch x`", "'?touch x?'");
    expect_quoted("\\n\"", "'?n?'");
}

static void text_of_other_scripts_is_kept_and_bad_bytes_are_not(void **state)
{
    (void)state;
    expect_quoted("身份", "'身份'");
    expect_quoted("a\xFF", "'a?'");
    expect_quoted(NULL, "''");
}

static void expect_name(const char *text, const char *expected)
{
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    assert_int_equal(imi_report_quote_name(text, 22, &out, NULL), IMI_OK);
    assert_int_equal(imi_buffer_terminate(&out, NULL), IMI_OK);
    assert_string_equal((const char *)out.data, expected);
}

static void a_long_name_is_cut_between_characters(void **state)
{
    (void)state;
    expect_name("exactly twenty-two cha", "'exactly twenty-two cha'");
    expect_name("exactly twenty-two char", "'exactly twenty-two ch…'");
    expect_name("身份身份身份身份身份身份身份身份身份身份身份身",
                "'身份身份身份身份身份身份身份身份身份身份身…'");
    expect_name(NULL, "''");
}

static void a_long_name_that_is_no_text_stays_within_bounds(void **state)
{
    (void)state;
    char bytes[300];
    memset(bytes, 0x80, sizeof bytes - 1);
    bytes[sizeof bytes - 1] = '\0';
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    assert_int_equal(imi_report_quote_name(bytes, 22, &out, NULL), IMI_OK);
    memset(bytes, 'a', 30);
    assert_int_equal(imi_report_quote_name(bytes, 1000, &out, NULL), IMI_OK);
}

static void a_logarithmic_axis_ends_at_powers_of_ten(void **state)
{
    (void)state;
    imi_report_axis axis = {'x', IMI_REPORT_LOG, NAN, NAN};
    imi_report_axis_include(&axis, 3e-4);
    imi_report_axis_include(&axis, 0.02);
    imi_report_axis_round(&axis);
    assert_true(axis.low == 1e-4 && axis.high == 0.1);
}

static void zero_and_nan_leave_a_logarithmic_axis_alone(void **state)
{
    (void)state;
    imi_report_axis axis = {'x', IMI_REPORT_LOG, NAN, NAN};
    imi_report_axis_include(&axis, 0);
    imi_report_axis_include(&axis, NAN);
    assert_true(isnan(axis.low) && isnan(axis.high));
    imi_report_axis_round(&axis);
    assert_true(axis.low > 0 && axis.high > axis.low);
}

static void what_is_off_the_axis_lies_at_its_end(void **state)
{
    (void)state;
    imi_report_axis axis = {'y', IMI_REPORT_PROBIT, 1e-3, 0.4};
    assert_true(imi_report_axis_place(&axis, 0) == imi_report_axis_place(&axis, 1e-3));
    assert_true(imi_report_axis_place(&axis, 1) == imi_report_axis_place(&axis, 0.4));
    assert_true(isnan(imi_report_axis_place(&axis, NAN)));
}

static void a_linear_axis_begins_at_zero_and_has_a_length(void **state)
{
    (void)state;
    imi_report_axis axis = {'x', IMI_REPORT_LINEAR, NAN, NAN};
    imi_report_axis_include(&axis, 0);
    imi_report_axis_round(&axis);
    assert_true(axis.low == 0 && axis.high > 0);
}

static void a_rate_is_told_with_its_counts(void **state)
{
    (void)state;
    char text[64];
    imi_report_rate rate = imi_report_rate_of(3, 3433);
    imi_report_rate_text(&rate, text, sizeof text);
    assert_string_equal(text, "0.087 % (3 of 3433)");
    rate = imi_report_rate_of(0, 0);
    imi_report_rate_text(&rate, text, sizeof text);
    assert_string_equal(text, "-");
    imi_report_percent_text(0.0561, text, sizeof text);
    assert_string_equal(text, "5.6 %");
}

static bool has_figure(const imi_report_figures *figures, const char *file)
{
    for (size_t i = 0; i < figures->count; i++) {
        if (strcmp(figures->figures[i].file, file) == 0) {
            return true;
        }
    }
    return false;
}

static void every_part_of_a_report_has_its_picture(void **state)
{
    (void)state;
    static const char *const files[] = {"scores",     "det",         "det-1",   "fmr",
                                        "groups-fmr", "groups-fnmr", "discard", "age-gap"};
    imi_report report = fixture_report();
    imi_report_figures figures;
    assert_int_equal(imi_report_draw(&report, &figures, NULL), IMI_OK);
    assert_int_equal(figures.count, sizeof files / sizeof *files);
    for (size_t i = 0; i < figures.count; i++) {
        assert_true(has_figure(&figures, files[i]));
    }
    imi_report_figures_clean_up(&figures);
}

static void an_empty_report_has_no_pictures(void **state)
{
    (void)state;
    imi_report report = IMI_REPORT_INIT;
    report.title = "nothing";
    imi_report_figures figures;
    assert_int_equal(imi_report_draw(&report, &figures, NULL), IMI_OK);
    assert_int_equal(figures.count, 0);
    imi_report_figures_clean_up(&figures);
}

static const char *drawing_of(imi_report_figures *figures, const char *file)
{
    for (size_t i = 0; i < figures->count; i++) {
        if (strcmp(figures->figures[i].file, file) == 0) {
            assert_int_equal(imi_buffer_terminate(&figures->figures[i].drawing, NULL), IMI_OK);
            return (const char *)figures->figures[i].drawing.data;
        }
    }
    fail();
    return NULL;
}

static void the_operating_point_is_marked_where_it_can_be(void **state)
{
    (void)state;
    imi_report report = fixture_report();
    imi_report_figures figures;
    assert_int_equal(imi_report_draw(&report, &figures, NULL), IMI_OK);
    static const char *const files[] = {"scores", "det", "fmr"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        assert_non_null(strstr(drawing_of(&figures, files[i]), "threshold 0.800"));
    }
    assert_non_null(strstr(drawing_of(&figures, "fmr"), "target 0.1 %"));
    assert_non_null(strstr(drawing_of(&figures, "groups-fmr"), "target 0.1 %"));
    imi_report_figures_clean_up(&figures);
}

static void without_an_operating_point_nothing_is_marked(void **state)
{
    (void)state;
    imi_report report = fixture_report();
    report.operating_point =
        (imi_report_operating_point){NAN, NAN, imi_report_rate_of(0, 0), imi_report_rate_of(0, 0)};
    imi_report_figures figures;
    assert_int_equal(imi_report_draw(&report, &figures, NULL), IMI_OK);
    assert_null(strstr(drawing_of(&figures, "scores"), "set arrow"));
    assert_null(strstr(drawing_of(&figures, "det"), "at threshold"));
    imi_report_figures_clean_up(&figures);
}

static void the_density_is_told_for_a_stretch_that_suits_the_scores(void **state)
{
    (void)state;
    static const uint64_t counts[] = {1, 3};
    imi_report report = IMI_REPORT_INIT;
    report.title = "density";
    imi_report_distribution one = {"all", {-4, 12, counts, 2}, {0, 0, NULL, 0}};
    report.distributions = &one;
    report.distribution_count = 1;
    imi_report_figures figures;
    assert_int_equal(imi_report_draw(&report, &figures, NULL), IMI_OK);
    const char *drawing = drawing_of(&figures, "scores");
    assert_non_null(strstr(drawing, "per 0.1 (%)"));
    /* A quarter of all scores over eight units is 0.3125 % for a tenth of a unit. */
    assert_non_null(strstr(drawing, "\n-4 0.3125\n"));
    imi_report_figures_clean_up(&figures);
    one.mated.low = 0.5;
    one.mated.high = 1;
    assert_int_equal(imi_report_draw(&report, &figures, NULL), IMI_OK);
    assert_non_null(strstr(drawing_of(&figures, "scores"), "per 0.01 (%)"));
    imi_report_figures_clean_up(&figures);
}

static void groups_without_a_rate_have_no_picture(void **state)
{
    (void)state;
    imi_report report = fixture_report();
    imi_report_group group = {"one", 3, imi_report_rate_of(1, 10), imi_report_rate_of(0, 0)};
    report.groups = &group;
    report.group_count = 1;
    imi_report_figures figures;
    assert_int_equal(imi_report_draw(&report, &figures, NULL), IMI_OK);
    assert_true(has_figure(&figures, "groups-fmr"));
    assert_false(has_figure(&figures, "groups-fnmr"));
    imi_report_figures_clean_up(&figures);
}

static void long_names_stand_below_each_other_in_the_key(void **state)
{
    (void)state;
    imi_report report = fixture_report();
    imi_report_curve curves[] = {report.det.curves[0], report.det.curves[1]};
    curves[1].name = "sessions that ended verified";
    report.det = (imi_report_curves){curves, 2};
    imi_report_figures figures;
    assert_int_equal(imi_report_draw(&report, &figures, NULL), IMI_OK);
    assert_non_null(strstr(drawing_of(&figures, "det"), "maxrows 4"));
    assert_non_null(strstr(drawing_of(&figures, "det"), "'sessions that ended verified'"));
    assert_non_null(strstr(drawing_of(&figures, "fmr"), "maxrows 2"));
    imi_report_figures_clean_up(&figures);
}

static void curves_differ_by_more_than_colour(void **state)
{
    (void)state;
    /* Dashes and marker, without the colour and the spacing of markers. */
    char styles[7][128];
    for (size_t i = 0; i < 7; i++) {
        IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
        assert_int_equal(imi_report_line_style(i, 10, &out, NULL), IMI_OK);
        assert_int_equal(imi_buffer_terminate(&out, NULL), IMI_OK);
        const char *dashes = strstr((const char *)out.data, "dt ");
        assert_non_null(dashes);
        assert_true(imi_copy_text(styles[i], sizeof styles[i], dashes));
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(styles[i], styles[k]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quoted_text_cannot_end_itself),
        cmocka_unit_test(a_quoted_text_runs_no_command),
        cmocka_unit_test(text_of_other_scripts_is_kept_and_bad_bytes_are_not),
        cmocka_unit_test(a_long_name_is_cut_between_characters),
        cmocka_unit_test(a_long_name_that_is_no_text_stays_within_bounds),
        cmocka_unit_test(a_logarithmic_axis_ends_at_powers_of_ten),
        cmocka_unit_test(zero_and_nan_leave_a_logarithmic_axis_alone),
        cmocka_unit_test(what_is_off_the_axis_lies_at_its_end),
        cmocka_unit_test(a_linear_axis_begins_at_zero_and_has_a_length),
        cmocka_unit_test(a_rate_is_told_with_its_counts),
        cmocka_unit_test(every_part_of_a_report_has_its_picture),
        cmocka_unit_test(an_empty_report_has_no_pictures),
        cmocka_unit_test(the_operating_point_is_marked_where_it_can_be),
        cmocka_unit_test(without_an_operating_point_nothing_is_marked),
        cmocka_unit_test(the_density_is_told_for_a_stretch_that_suits_the_scores),
        cmocka_unit_test(groups_without_a_rate_have_no_picture),
        cmocka_unit_test(long_names_stand_below_each_other_in_the_key),
        cmocka_unit_test(curves_differ_by_more_than_colour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
