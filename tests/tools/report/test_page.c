/* The HTML page: complete, safe, and on its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report/page.h"
#include "report_fixture.h"

#include <string.h>

/* The page of a report without its pictures. */
static void make_page(const imi_report *report, imi_buffer *out)
{
    imi_report_figures none = {NULL, 0, 0};
    assert_int_equal(imi_report_page(report, &none, "/nonexistent", out, NULL), IMI_OK);
    assert_int_equal(imi_buffer_terminate(out, NULL), IMI_OK);
}

static void text_is_escaped(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    assert_int_equal(imi_report_put_text("<a href=\"x\">&\x01", &out, NULL), IMI_OK);
    assert_int_equal(imi_buffer_terminate(&out, NULL), IMI_OK);
    assert_string_equal((const char *)out.data, "&lt;a href=&quot;x&quot;&gt;&amp;?");
}

static void names_from_the_data_cannot_bring_markup(void **state)
{
    (void)state;
    imi_report report = fixture_report();
    report.title = "<script>alert(1)</script>";
    IMI_AUTO_BUFFER page = IMI_BUFFER_INIT;
    make_page(&report, &page);
    assert_null(strstr((const char *)page.data, "<script"));
    assert_non_null(strstr((const char *)page.data, "&lt;script&gt;"));
    assert_non_null(strstr((const char *)page.data, "lfw &lt;EA&gt; &amp; 'co'"));
}

static void the_page_says_what_a_reader_needs(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "Made up.",    "2026-01-31",  "0.8000", "Target FMR 0.10 %", "2 of 1000", "老年人",
        "Few people.", "Worst pairs", "0.31",   "2.0 times"};
    imi_report report = fixture_report();
    IMI_AUTO_BUFFER page = IMI_BUFFER_INIT;
    make_page(&report, &page);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_non_null(strstr((const char *)page.data, texts[i]));
    }
}

static void unknown_rates_are_dashes(void **state)
{
    (void)state;
    imi_report report = fixture_report();
    IMI_AUTO_BUFFER page = IMI_BUFFER_INIT;
    make_page(&report, &page);
    assert_null(strstr((const char *)page.data, "nan"));
    assert_non_null(strstr((const char *)page.data, "<td>0 of 0</td><td>-</td>"));
}

static void a_page_of_nothing_is_still_a_page(void **state)
{
    (void)state;
    imi_report report = IMI_REPORT_INIT;
    report.title = "nothing";
    IMI_AUTO_BUFFER page = IMI_BUFFER_INIT;
    make_page(&report, &page);
    assert_non_null(strstr((const char *)page.data, "<h1>nothing</h1>"));
    assert_null(strstr((const char *)page.data, "<table"));
}

static void a_missing_picture_fails_the_page(void **state)
{
    (void)state;
    imi_report report = fixture_report();
    imi_report_figure figure = {.section = IMI_REPORT_DET, .file = "det", .title = "DET"};
    imi_report_figures figures = {&figure, 1, 1};
    IMI_AUTO_BUFFER page = IMI_BUFFER_INIT;
    assert_int_not_equal(imi_report_page(&report, &figures, "/nonexistent", &page, NULL), IMI_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_escaped),
        cmocka_unit_test(names_from_the_data_cannot_bring_markup),
        cmocka_unit_test(the_page_says_what_a_reader_needs),
        cmocka_unit_test(unknown_rates_are_dashes),
        cmocka_unit_test(a_page_of_nothing_is_still_a_page),
        cmocka_unit_test(a_missing_picture_fails_the_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
