/* What a gate writes: a table for people, JSON for programs, figures into a card. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gate_report.h"
#include "imi/memory.h"
#include "text_file.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

static const eval_gate_group GROUPS[2] = {
    {.name = "near",
     .is_anchor = true,
     .subjects = 40,
     .images = 200,
     .mated = 100,
     .non_mated = 9000,
     .failed_images = {1, 2},
     .rates = {{0.001, 0.05, {0.0005, 0.002}, {0.03, 0.07}},
               {0.001, 0.15, {0.0004, 0.002}, {0.11, 0.19}}},
     .fnmr = {0.10, {0.06, 0.14}},
     .fmr = {0, {-0.001, 0.001}},
     .finding = EVAL_GATE_WORSE},
    {.name = "far",
     .subjects = 3,
     .images = 6,
     .mated = 3,
     .rates = {{NAN, 0, {NAN, NAN}, {0, 0}}, {NAN, 0, {NAN, NAN}, {0, 0}}},
     .finding = EVAL_GATE_TOO_FEW},
};

static eval_gate_group g_groups[2];

static eval_gate_report report_of(bool compares)
{
    imi_copy(g_groups, GROUPS, sizeof GROUPS);
    return (eval_gate_report){.data = "made up",
                              .date = "2026-01-02",
                              .score = "raw",
                              .models = {"old@1", "new@2"},
                              .thresholds = {0.5, 0.6},
                              .rule = {0.001, 0.02, 0.001, 5, 50},
                              .groups = g_groups,
                              .group_count = 2,
                              .compares = compares,
                              .verdict = EVAL_GATE_REFUSED};
}

static void assert_has(const imi_buffer *text, const char *part)
{
    if (strstr((const char *)text->data, part) == NULL) {
        print_error("'%s' is not in:\n%s\n", part, (const char *)text->data);
    }
    assert_non_null(strstr((const char *)text->data, part));
}

static void write_text(const eval_gate_report *report, imi_buffer *out)
{
    imi_error err = IMI_ERROR_INIT;
    assert_int_equal(eval_gate_report_write(report, out, &err), IMI_OK);
    assert_int_equal(imi_buffer_terminate(out, &err), IMI_OK);
}

static void the_text_names_models_data_date_and_verdict(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    eval_gate_report report = report_of(true);
    write_text(&report, &text);
    assert_has(&text, "Candidate: new@2. Baseline: old@1.");
    assert_has(&text, "Date: 2026-01-02. Data: made up.");
    assert_has(&text, "Verdict: **refused**");
}

static void the_text_shows_each_group_in_percent(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    eval_gate_report report = report_of(true);
    write_text(&report, &text);
    assert_has(&text, "| near * | 40 | 200 | 100 | 9000 | 0.50 | 0.100 (0.050 to 0.200) | 5.0 (3.0 "
                      "to 7.0) | 1.00 |");
    assert_has(&text, "| +10.0 (+6.0 to +14.0) |");
    assert_has(&text, "| worse |");
}

static void the_text_says_what_is_missing(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    eval_gate_report report = report_of(true);
    write_text(&report, &text);
    assert_has(&text, "- near: worse; FNMR changes by +10.0 points (tolerance 2.0)");
    assert_has(&text,
               "- far: 3 subjects, 3 mated and 0 non-mated comparisons; a judgement needs 5, "
               "50 and 1");
}

static void a_baseline_alone_has_no_verdict(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    eval_gate_report report = report_of(false);
    write_text(&report, &text);
    assert_has(&text, "Measured: old@1.");
    assert_null(strstr((const char *)text.data, "Verdict"));
    assert_null(strstr((const char *)text.data, "new@2"));
}

static json_t *json_of(bool compares)
{
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    imi_error err = IMI_ERROR_INIT;
    eval_gate_report report = report_of(compares);
    assert_int_equal(eval_gate_report_write_json(&report, &text, &err), IMI_OK);
    json_t *json = json_loadb((const char *)text.data, text.size, 0, NULL);
    assert_non_null(json);
    return json;
}

static void the_json_holds_the_same(void **state)
{
    (void)state;
    json_t *json = json_of(true);
    assert_string_equal(json_string_value(json_object_get(json, "verdict")), "refused");
    assert_string_equal(json_string_value(json_object_get(json, "candidate")), "new@2");
    json_t *near = json_array_get(json_object_get(json, "groups"), 0);
    json_t *change = json_object_get(near, "fnmr_change");
    assert_true(fabs(json_number_value(json_object_get(change, "rate")) - 0.10) < 1e-12);
    json_t *side = json_object_get(near, "candidate");
    assert_int_equal(json_integer_value(json_object_get(side, "failed_images")), 2);
    json_decref(json);
}

static void the_json_has_null_for_what_is_not_known(void **state)
{
    (void)state;
    json_t *json = json_of(false);
    json_t *far = json_array_get(json_object_get(json, "groups"), 1);
    json_t *fmr = json_object_get(json_object_get(far, "baseline"), "fmr");
    assert_true(json_is_null(json_object_get(fmr, "rate")));
    assert_null(json_object_get(json, "verdict"));
    json_decref(json);
}

static void fill(const char *card, imi_status wanted, imi_buffer *after)
{
    char path[TEXT_FILE_PATH_SIZE];
    text_file_make(card, path);
    imi_error err = IMI_ERROR_INIT;
    eval_gate_report report = report_of(true);
    assert_int_equal(eval_gate_report_fill_card(&report, path, &err), wanted);
    assert_int_equal(imi_file_read(path, 1U << 20, after, &err), IMI_OK);
    assert_int_equal(imi_buffer_terminate(after, &err), IMI_OK);
    text_file_remove(path);
}

static void a_card_gets_its_figures_and_keeps_the_rest(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER card = IMI_BUFFER_INIT;
    fill("# Head\n" EVAL_CARD_BEGIN "\nold figures\n" EVAL_CARD_END "\n## Tail\n", IMI_OK, &card);
    assert_has(&card, "# Head\n" EVAL_CARD_BEGIN "\n\nCandidate: new@2.");
    assert_has(&card, EVAL_CARD_END "\n## Tail\n");
    assert_null(strstr((const char *)card.data, "old figures"));
}

static void a_card_that_is_filled_twice_has_one_set_of_figures(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER once = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER again = IMI_BUFFER_INIT;
    fill(EVAL_CARD_BEGIN "\n" EVAL_CARD_END "\n", IMI_OK, &once);
    fill((const char *)once.data, IMI_OK, &again);
    assert_string_equal((const char *)once.data, (const char *)again.data);
}

static void a_card_without_marks_stays_as_it_is(void **state)
{
    (void)state;
    static const char *const cards[] = {"# Head\n", EVAL_CARD_BEGIN "\n", EVAL_CARD_END "\n",
                                        EVAL_CARD_END "\n" EVAL_CARD_BEGIN "\n",
                                        EVAL_CARD_BEGIN EVAL_CARD_BEGIN EVAL_CARD_END};
    for (size_t i = 0; i < sizeof cards / sizeof cards[0]; i++) {
        IMI_AUTO_BUFFER card = IMI_BUFFER_INIT;
        fill(cards[i], IMI_E_INVALID_ARGUMENT, &card);
        assert_string_equal((const char *)card.data, cards[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_names_models_data_date_and_verdict),
        cmocka_unit_test(the_text_shows_each_group_in_percent),
        cmocka_unit_test(the_text_says_what_is_missing),
        cmocka_unit_test(a_baseline_alone_has_no_verdict),
        cmocka_unit_test(the_json_holds_the_same),
        cmocka_unit_test(the_json_has_null_for_what_is_not_known),
        cmocka_unit_test(a_card_gets_its_figures_and_keeps_the_rest),
        cmocka_unit_test(a_card_that_is_filled_twice_has_one_set_of_figures),
        cmocka_unit_test(a_card_without_marks_stays_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
