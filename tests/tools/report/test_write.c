/* Whole reports, drawn by gnuplot as it is installed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report_fixture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const pictures[] = {"scores",     "det",         "det-1",   "fmr",
                                       "groups-fmr", "groups-fnmr", "discard", "age-gap"};
enum { PICTURES = sizeof pictures / sizeof *pictures };

static int make_folder(void **state)
{
    static char folder[FIXTURE_PATH_SIZE];
    fixture_folder_make(folder);
    *state = folder;
    return 0;
}

static int remove_folder(void **state)
{
    fixture_folder_remove(*state);
    return 0;
}

static void write_report(const imi_report *report, const char *folder)
{
    imi_error error = IMI_ERROR_INIT;
    imi_status status = imi_report_write(report, folder, &error);
    if (status != IMI_OK) {
        print_error("%s\n", error.message);
    }
    assert_int_equal(status, IMI_OK);
}

static void every_picture_is_there_as_svg_and_png(void **state)
{
    imi_report report = fixture_report();
    write_report(&report, *state);
    for (size_t i = 0; i < PICTURES; i++) {
        char name[FIXTURE_FILE_SIZE];
        snprintf(name, sizeof name, "%s.svg", pictures[i]);
        assert_true(fixture_has_file(*state, name));
        snprintf(name, sizeof name, "%s.png", pictures[i]);
        assert_true(fixture_has_file(*state, name));
    }
    assert_true(fixture_has_file(*state, "report.html"));
    /* And nothing else: no script, no half-written file. */
    assert_int_equal(fixture_count_files(*state), 2 * PICTURES + 1);
}

static void every_svg_is_well_formed(void **state)
{
    imi_report report = fixture_report();
    write_report(&report, *state);
    for (size_t i = 0; i < PICTURES; i++) {
        char name[FIXTURE_FILE_SIZE];
        IMI_AUTO_BUFFER svg = IMI_BUFFER_INIT;
        snprintf(name, sizeof name, "%s.svg", pictures[i]);
        fixture_read(*state, name, &svg);
        assert_true(fixture_is_well_formed((const char *)svg.data));
    }
}

static void the_check_for_well_formed_text_can_fail(void **state)
{
    (void)state;
    assert_true(fixture_is_well_formed("<a b='1'><c/>&amp;</a>"));
    assert_false(fixture_is_well_formed("<a><b></a></b>"));
    assert_false(fixture_is_well_formed("<a>&</a>"));
    assert_false(fixture_is_well_formed("<a b=1></a>"));
    assert_false(fixture_is_well_formed("<a>"));
    assert_false(fixture_is_well_formed("plain"));
}

static void names_appear_in_the_pictures_as_they_are(void **state)
{
    imi_report report = fixture_report();
    write_report(&report, *state);
    IMI_AUTO_BUFFER svg = IMI_BUFFER_INIT;
    fixture_read(*state, "groups-fmr.svg", &svg);
    /* A bare > is allowed in XML. */
    assert_non_null(strstr((const char *)svg.data, "lfw &lt;EA> &amp; 'co'"));
    assert_non_null(strstr((const char *)svg.data, "老年人"));
}

static void the_page_needs_nothing_from_outside(void **state)
{
    static const char *const forbidden[] = {"http://", "https://", "<script", "<link", "@import",
                                            "url(",    "src=\"//", "<iframe", "onload"};
    imi_report report = fixture_report();
    write_report(&report, *state);
    IMI_AUTO_BUFFER page = IMI_BUFFER_INIT;
    fixture_read(*state, "report.html", &page);
    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++) {
        assert_null(strstr((const char *)page.data, forbidden[i]));
    }
    assert_non_null(strstr((const char *)page.data, "default-src 'none'"));
    assert_non_null(strstr((const char *)page.data, "data:image/svg+xml;base64,PD94bWwg"));
}

static void equal_scores_can_be_drawn(void **state)
{
    const float scores[] = {0.5F, 0.5F, 0.5F};
    uint64_t mated[10];
    uint64_t non_mated[10];
    imi_report_distribution one = {"constant", imi_report_count_scores(scores, 3, mated, 10),
                                   imi_report_count_scores(scores, 1, non_mated, 10)};
    imi_report report = IMI_REPORT_INIT;
    report.title = "constant";
    report.distributions = &one;
    report.distribution_count = 1;
    write_report(&report, *state);
    assert_true(fixture_has_file(*state, "scores.png"));
}

static void a_group_without_scores_has_no_picture(void **state)
{
    imi_report_distribution none = {"empty", {0, 0, NULL, 0}, {0, 0, NULL, 0}};
    imi_report_curve no_points = {"empty", NULL, 0};
    imi_report report = IMI_REPORT_INIT;
    report.title = "empty";
    report.distributions = &none;
    report.distribution_count = 1;
    report.det = (imi_report_curves){&no_points, 1};
    write_report(&report, *state);
    assert_int_equal(fixture_count_files(*state), 1);
}

static void unknown_numbers_can_be_drawn(void **state)
{
    const imi_report_point points[] = {{0.01, NAN, NAN, NAN}, {0.1, 0.1, NAN, NAN}};
    const imi_report_curve curve = {"partly", points, 2};
    const imi_report_group groups[] = {
        {"some", 0, imi_report_rate_of(0, 0), imi_report_rate_of(1, 9)},
        {"none", 0, imi_report_rate_of(0, 0), imi_report_rate_of(0, 0)}};
    imi_report report = IMI_REPORT_INIT;
    report.title = "unknown";
    report.det = (imi_report_curves){&curve, 1};
    report.fmr = (imi_report_curves){&curve, 1};
    report.discard = (imi_report_curves){&curve, 1};
    report.groups = groups;
    report.group_count = 2;
    write_report(&report, *state);
    assert_true(fixture_has_file(*state, "det.svg"));
    assert_true(fixture_has_file(*state, "groups-fnmr.svg"));
}

static void one_point_of_one_rate_can_be_drawn(void **state)
{
    const imi_report_point points[] = {{0.5, 0, 0, 0}};
    const imi_report_curve curve = {"point", points, 1};
    imi_report report = IMI_REPORT_INIT;
    report.title = "point";
    report.det = (imi_report_curves){&curve, 1};
    report.fmr = (imi_report_curves){&curve, 1};
    report.discard = (imi_report_curves){&curve, 1};
    write_report(&report, *state);
    assert_true(fixture_has_file(*state, "fmr.svg"));
}

static void a_missing_gnuplot_is_said_with_what_to_install(void **state)
{
    char *path = imi_strdup(getenv("PATH"));
    setenv("PATH", "/nonexistent", 1);
    imi_report report = fixture_report();
    imi_error error = IMI_ERROR_INIT;
    imi_status status = imi_report_write(&report, *state, &error);
    setenv("PATH", path, 1);
    imi_free(path);
    assert_int_equal(status, IMI_E_UNSUPPORTED);
    assert_non_null(strstr(error.message, "gnuplot-nox"));
    assert_int_equal(fixture_count_files(*state), 0);
}

/* A program of gnuplot's name that fails, in a folder of its own. */
static void put_failing_gnuplot(char folder[FIXTURE_PATH_SIZE])
{
    char path[FIXTURE_FILE_SIZE];
    fixture_folder_make(folder);
    snprintf(path, sizeof path, "%s/gnuplot", folder);
    const char *text = "#!/bin/sh\necho half > det.svg\necho 'line 7: no such terminal' >&2\n"
                       "exit 1\n";
    assert_int_equal(imi_file_write(path, imi_view_of_text(text), 0755, NULL), IMI_OK);
}

static void a_failing_gnuplot_is_quoted_and_leaves_nothing(void **state)
{
    char programs[FIXTURE_PATH_SIZE];
    put_failing_gnuplot(programs);
    char *path = imi_strdup(getenv("PATH"));
    setenv("PATH", programs, 1);
    imi_report report = fixture_report();
    imi_error error = IMI_ERROR_INIT;
    imi_status status = imi_report_write(&report, *state, &error);
    setenv("PATH", path, 1);
    imi_free(path);
    fixture_folder_remove(programs);
    assert_int_equal(status, IMI_E_IO);
    assert_non_null(strstr(error.message, "no such terminal"));
    assert_int_equal(fixture_count_files(*state), 0);
}

static void a_new_folder_is_made_and_a_file_is_none(void **state)
{
    char path[FIXTURE_FILE_SIZE];
    imi_report report = IMI_REPORT_INIT;
    report.title = "folder";
    snprintf(path, sizeof path, "%s/new", (const char *)*state);
    write_report(&report, path);
    assert_true(fixture_has_file(path, "report.html"));
    snprintf(path, sizeof path, "%s/new/report.html", (const char *)*state);
    assert_int_equal(imi_report_write(&report, path, NULL), IMI_E_IO);
    assert_int_equal(imi_report_write(&report, "/nonexistent/deep", NULL), IMI_E_IO);
    snprintf(path, sizeof path, "%s/new", (const char *)*state);
    fixture_folder_remove(path);
}

/* Makes the countdown-th allocation from now fail. */
static bool fail_at_zero(void *user, size_t size)
{
    (void)size;
    return (*(int *)user)-- == 0;
}

static void no_memory_at_any_point_fails_cleanly(void **state)
{
    const imi_report_group group = {"one", 3, imi_report_rate_of(1, 10), imi_report_rate_of(1, 5)};
    imi_report report = IMI_REPORT_INIT;
    report.title = "faults";
    report.groups = &group;
    report.group_count = 1;
    int64_t blocks = imi_alloc_live_blocks();
    imi_status status = IMI_E_NO_MEMORY;
    int points = 0;
    for (; status == IMI_E_NO_MEMORY && points < 1000; points++) {
        int countdown = points;
        imi_alloc_set_fail_hook(fail_at_zero, &countdown);
        status = imi_report_write(&report, *state, NULL);
        imi_alloc_set_fail_hook(NULL, NULL);
        assert_int_equal(imi_alloc_live_blocks(), blocks);
        assert_int_equal(fixture_count_files(*state), status == IMI_OK ? 5 : 0);
    }
    assert_int_equal(status, IMI_OK);
    assert_true(points > 3);
}

static void a_report_without_title_is_refused(void **state)
{
    imi_report report = IMI_REPORT_INIT;
    assert_int_equal(imi_report_write(&report, *state, NULL), IMI_E_INVALID_ARGUMENT);
    report.title = "";
    assert_int_equal(imi_report_write(&report, *state, NULL), IMI_E_INVALID_ARGUMENT);
}

static void a_histogram_without_range_is_refused(void **state)
{
    const uint64_t counts[] = {1};
    imi_report_distribution bad = {"bad", {0.5, 0.5, counts, 1}, {0, 0, NULL, 0}};
    imi_report report = IMI_REPORT_INIT;
    report.title = "bad";
    report.distributions = &bad;
    report.distribution_count = 1;
    assert_int_equal(imi_report_write(&report, *state, NULL), IMI_E_INVALID_ARGUMENT);
    bad.mated = (imi_report_histogram){NAN, 1, counts, 1};
    assert_int_equal(imi_report_write(&report, *state, NULL), IMI_E_INVALID_ARGUMENT);
    bad.mated = (imi_report_histogram){0, 1, NULL, 1};
    assert_int_equal(imi_report_write(&report, *state, NULL), IMI_E_INVALID_ARGUMENT);
}

static void a_picture_cannot_be_named_out_of_the_folder(void **state)
{
    static const char *const names[] = {"../x", "", "a b", "A", "x.svg", NULL};
    imi_report_bar bar = {"b", imi_report_rate_of(1, 2)};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        imi_report_bars bars = {names[i], "t", "r", &bar, 1};
        imi_report report = IMI_REPORT_INIT;
        report.title = "bad";
        report.bars = &bars;
        report.bars_count = 1;
        assert_int_equal(imi_report_write(&report, *state, NULL), IMI_E_INVALID_ARGUMENT);
    }
    assert_int_equal(fixture_count_files(*state), 0);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(every_picture_is_there_as_svg_and_png),
        IN_FOLDER(every_svg_is_well_formed),
        cmocka_unit_test(the_check_for_well_formed_text_can_fail),
        IN_FOLDER(names_appear_in_the_pictures_as_they_are),
        IN_FOLDER(the_page_needs_nothing_from_outside),
        IN_FOLDER(equal_scores_can_be_drawn),
        IN_FOLDER(a_group_without_scores_has_no_picture),
        IN_FOLDER(unknown_numbers_can_be_drawn),
        IN_FOLDER(one_point_of_one_rate_can_be_drawn),
        IN_FOLDER(a_missing_gnuplot_is_said_with_what_to_install),
        IN_FOLDER(a_failing_gnuplot_is_quoted_and_leaves_nothing),
        IN_FOLDER(a_new_folder_is_made_and_a_file_is_none),
        IN_FOLDER(no_memory_at_any_point_fails_cleanly),
        IN_FOLDER(a_report_without_title_is_refused),
        IN_FOLDER(a_histogram_without_range_is_refused),
        IN_FOLDER(a_picture_cannot_be_named_out_of_the_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
