/* Lists of presentations to attack detection, and the rates that come of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "presentation.h"
#include "text_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static imi_status load(const char *text, eval_presentations *out, imi_error *err)
{
    char path[TEXT_FILE_PATH_SIZE];
    text_file_make(text, path);
    imi_status status = eval_presentations_load(path, out, err);
    text_file_remove(path);
    return status;
}

static void refused(const char *text, imi_status status, const char *told)
{
    eval_presentations all;
    imi_error error = IMI_ERROR_INIT;
    assert_int_equal(load(text, &all, &error), status);
    assert_non_null(strstr(error.message, told));
    assert_int_equal(all.count, 0);
}

static void a_list_is_read(void **state)
{
    (void)state;
    AUTO_EVAL_PRESENTATIONS all;
    assert_int_equal(
        load("file,label,challenge\n/dev/null,bona_fide,\n/dev/zero,print_flat,\n", &all, NULL),
        IMI_OK);
    assert_int_equal(all.count, 2);
    assert_string_equal(all.items[0].name, "/dev/null");
    assert_string_equal(all.items[0].label, EVAL_BONA_FIDE);
    assert_int_equal(all.items[0].challenge.count, 0);
    assert_string_equal(all.items[1].label, "print_flat");
    assert_string_equal(all.items[1].path, "/dev/zero");
}

static void a_challenge_is_the_rest_of_the_line(void **state)
{
    (void)state;
    AUTO_EVAL_PRESENTATIONS all;
    assert_int_equal(load("file,label,challenge\r\n/dev/null,bona_fide,turn_left,near_far\r\n"
                          "/dev/null,bona_fide,\"near_far,blink\"\r\n",
                          &all, NULL),
                     IMI_OK);
    assert_int_equal(all.items[0].challenge.count, 2);
    assert_int_equal(all.items[0].challenge.actions[1], IMI_ACTION_NEAR_FAR);
    assert_int_equal(all.items[1].challenge.count, 2);
    assert_int_equal(all.items[1].challenge.actions[1], IMI_ACTION_BLINK);
}

static void a_challenge_may_be_left_out(void **state)
{
    (void)state;
    AUTO_EVAL_PRESENTATIONS all;
    assert_int_equal(load("file,label\n/dev/null,mask", &all, NULL), IMI_OK);
    assert_int_equal(all.count, 1);
    assert_int_equal(all.items[0].challenge.count, 0);
}

static void a_range_of_seconds_is_read_off_the_name(void **state)
{
    (void)state;
    AUTO_EVAL_PRESENTATIONS all;
    assert_int_equal(load("file,label,challenge\n/dev/null#t=8-16.5,bona_fide,\n", &all, NULL),
                     IMI_OK);
    assert_string_equal(all.items[0].name, "/dev/null#t=8-16.5");
    assert_string_equal(all.items[0].path, "/dev/null");
    assert_int_equal(all.items[0].start_ms, 8000);
    assert_int_equal(all.items[0].end_ms, 16500);
}

static void a_range_that_is_none_is_refused(void **state)
{
    (void)state;
    const char *const ranges[] = {"8", "8-", "-8", "16-8", "8-8", "a-b", "nan-9", "1-inf", "1-2x"};
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        char text[128];
        snprintf(text, sizeof text, "file,label\n/dev/null#t=%s,bona_fide\n", ranges[i]);
        refused(text, IMI_E_INVALID_ARGUMENT, "range");
    }
}

static void a_bad_line_is_named(void **state)
{
    (void)state;
    refused("file,label,challenge\n/dev/null,bona_fide,\n/dev/null\n", IMI_E_INVALID_ARGUMENT,
            "line 3");
    refused("file,label,challenge\n,bona_fide,\n", IMI_E_INVALID_ARGUMENT, "line 2");
    refused("file,label,challenge\n/dev/null,,\n", IMI_E_INVALID_ARGUMENT, "line 2");
    refused("file,label,challenge\n/dev/null,bona_fide,somersault\n", IMI_E_INVALID_ARGUMENT,
            "line 2");
    refused("name,kind\n/dev/null,bona_fide\n", IMI_E_INVALID_ARGUMENT, "first line");
    refused("file,label,challenge\n", IMI_E_INVALID_ARGUMENT, "nothing");
    refused("", IMI_E_INVALID_ARGUMENT, "first line");
}

static void a_missing_file_is_named_before_anything_is_looked_at(void **state)
{
    (void)state;
    refused("file,label,challenge\n/nonexistent.mp4,bona_fide,\n", IMI_E_NOT_FOUND,
            "/nonexistent.mp4");
}

static void a_file_is_looked_for_beside_the_list(void **state)
{
    (void)state;
    char folder[] = "/tmp/imi-test-list-XXXXXX";
    char list[64];
    char file[64];
    assert_non_null(mkdtemp(folder));
    snprintf(list, sizeof list, "%s/list.csv", folder);
    snprintf(file, sizeof file, "%s/a.jpg", folder);
    imi_view text = imi_view_of_text("file,label\na.jpg,print\n");
    assert_int_equal(imi_file_write(list, text, 0600, NULL), IMI_OK);
    assert_int_equal(imi_file_write(file, text, 0600, NULL), IMI_OK);
    AUTO_EVAL_PRESENTATIONS all;
    assert_int_equal(eval_presentations_load(list, &all, NULL), IMI_OK);
    assert_string_equal(all.items[0].name, "a.jpg");
    assert_string_equal(all.items[0].path, file);
    text_file_remove(list);
    text_file_remove(file);
    text_file_remove(folder);
    remove(folder);
}

/* ---- Rows and rates ---- */

static eval_presentation presented(const char *label, imi_pad_decision decision, float score)
{
    return (eval_presentation){.name = "a",
                               .label = label,
                               .frames = 1,
                               .faces = 1,
                               .weighed = {.decision = decision, .log_ratio = score}};
}

static void read_back(imi_status (*write)(const eval_presentations *, const char *, imi_error *),
                      const eval_presentations *all, char *out, size_t capacity)
{
    char path[TEXT_FILE_PATH_SIZE];
    text_file_make("", path);
    assert_int_equal(write(all, path, NULL), IMI_OK);
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    assert_int_equal(imi_file_read(path, capacity - 1, &file, NULL), IMI_OK);
    assert_int_equal(imi_buffer_terminate(&file, NULL), IMI_OK);
    imi_copy_text(out, capacity, (const char *)file.data);
    text_file_remove(path);
}

static void rows_hold_decision_score_and_reasons(void **state)
{
    (void)state;
    char text[512];
    eval_presentation items[] = {presented("bona_fide", IMI_PAD_BONA_FIDE, 2.5F),
                                 presented("loop", IMI_PAD_ATTACK, -1)};
    items[1].findings.layer[IMI_LAYER_GEOMETRY].code = "plane";
    items[1].findings.layer[IMI_LAYER_CONTINUITY] = (imi_finding){.veto = true, .code = "loop"};
    eval_presentations all = {.items = items, .count = 2};
    read_back(eval_presentations_write, &all, text, sizeof text);
    assert_string_equal(text, "file,label,decision,score,reasons\n"
                              "a,bona_fide,bona_fide,2.5000,\n"
                              "a,loop,attack,-1.0000,plane;loop\n");
}

static void rows_say_why_nothing_was_seen(void **state)
{
    (void)state;
    char text[512];
    eval_presentation items[] = {presented("print", IMI_PAD_UNDECIDED, NAN),
                                 presented("print", IMI_PAD_UNDECIDED, NAN)};
    items[0].trouble = "IMI_E_IMAGE_CORRUPT";
    items[1].faces = 0;
    eval_presentations all = {.items = items, .count = 2};
    read_back(eval_presentations_write, &all, text, sizeof text);
    assert_string_equal(text, "file,label,decision,score,reasons\n"
                              "a,print,undecided,nan,IMI_E_IMAGE_CORRUPT\n"
                              "a,print,undecided,nan,no_face\n");
}

static void rows_say_why_a_challenge_was_not_answered(void **state)
{
    (void)state;
    char text[512];
    eval_presentation item = presented("bona_fide", IMI_PAD_UNDECIDED, 0);
    item.challenge.count = 2;
    item.verdict.reason = IMI_LIVENESS_TIMEOUT;
    eval_presentations all = {.items = &item, .count = 1};
    read_back(eval_presentations_write, &all, text, sizeof text);
    assert_non_null(strstr(text, "undecided,0.0000,timeout\n"));
}

static imi_status write_findings(const eval_presentations *all, const char *path, imi_error *err)
{
    return eval_findings_write(all, false, path, err);
}

static void findings_of_layers_that_did_not_measure_are_empty(void **state)
{
    (void)state;
    char text[1024];
    eval_presentation item = presented("bona_fide", IMI_PAD_UNDECIDED, 0);
    item.findings.layer[IMI_LAYER_CHALLENGE] =
        (imi_finding){.measured = true, .score = 1.5F, .uncertainty = 0.25F};
    item.findings.layer[IMI_LAYER_GEOMETRY] = (imi_finding){.veto = true, .code = "plane"};
    eval_presentations all = {.items = &item, .count = 1};
    read_back(write_findings, &all, text, sizeof text);
    assert_non_null(strstr(text, "file,label,decision,script,seconds,frames,faces,challenge,"));
    assert_non_null(
        strstr(text, "a,bona_fide,undecided,,0.0,1,1,1.50000,0.25000,,,,veto:plane,,,,"));
}

static void findings_name_the_script_in_one_cell(void **state)
{
    (void)state;
    char text[1024];
    eval_presentation item = presented("bona_fide", IMI_PAD_BONA_FIDE, 4);
    item.took_ms = 12340;
    assert_int_equal(imi_challenge_parse("near_far@2,blink,follow@5", &item.challenge, NULL),
                     IMI_OK);
    eval_presentations all = {.items = &item, .count = 1};
    read_back(write_findings, &all, text, sizeof text);
    assert_non_null(strstr(text, "a,bona_fide,bona_fide,near_far@2;blink;follow@5,12.3,1,1,"));
}

static void errors_are_counted_apart_from_non_responses(void **state)
{
    (void)state;
    eval_presentation items[] = {
        presented("screen", IMI_PAD_BONA_FIDE, 1), presented("bona_fide", IMI_PAD_ATTACK, -3),
        presented("screen", IMI_PAD_ATTACK, -2),   presented("bona_fide", IMI_PAD_UNDECIDED, 0),
        presented("print", IMI_PAD_UNDECIDED, 0),  presented("bona_fide", IMI_PAD_BONA_FIDE, 3),
    };
    eval_presentations all = {.items = items, .count = 6};
    eval_presentation_rates rates;
    assert_int_equal(eval_presentations_rate(&all, &rates, NULL), IMI_OK);
    assert_int_equal(rates.count, 3);
    assert_string_equal(rates.labels[0].label, "bona_fide");
    assert_int_equal(rates.labels[0].count, 3);
    assert_int_equal(rates.labels[0].attack, 1);
    assert_int_equal(rates.labels[0].undecided, 1);
    assert_string_equal(rates.labels[1].label, "print");
    assert_int_equal(rates.labels[1].bona_fide, 0);
    assert_string_equal(rates.labels[2].label, "screen");
    assert_int_equal(rates.labels[2].bona_fide, 1);
    assert_int_equal(rates.labels[2].count, 2);
}

static eval_presentation acted(const char *label, bool live, int64_t took_ms)
{
    eval_presentation item = presented(label, IMI_PAD_BONA_FIDE, 4);
    item.acted = true;
    item.verdict.live = live;
    item.took_ms = took_ms;
    return item;
}

static void scripts_that_people_acted_are_counted_with_the_longest_answer(void **state)
{
    (void)state;
    eval_presentation items[] = {acted("bona_fide", true, 9000), acted("bona_fide", true, 12000),
                                 acted("bona_fide", false, 20000), acted("screen", true, 30000),
                                 presented("bona_fide", IMI_PAD_BONA_FIDE, 4)};
    eval_presentations all = {.items = items, .count = 5};
    eval_presentation_rates rates;
    assert_int_equal(eval_presentations_rate(&all, &rates, NULL), IMI_OK);
    assert_int_equal(rates.acted, 3);
    assert_int_equal(rates.answered, 2);
    assert_int_equal(rates.longest_ms, 12000);
}

static void the_auc_is_the_share_of_pairs_in_order(void **state)
{
    (void)state;
    eval_presentation items[] = {
        presented("bona_fide", IMI_PAD_BONA_FIDE, 2), presented("bona_fide", IMI_PAD_BONA_FIDE, 0),
        presented("bona_fide", IMI_PAD_UNDECIDED, NAN), presented("print", IMI_PAD_ATTACK, -1),
        presented("print", IMI_PAD_ATTACK, 0)};
    eval_presentations all = {.items = items, .count = 5};
    eval_presentation_rates rates;
    assert_int_equal(eval_presentations_rate(&all, &rates, NULL), IMI_OK);
    assert_float_equal(rates.auc, 3.5 / 4, 1e-9);
}

static void without_attacks_there_is_no_auc(void **state)
{
    (void)state;
    eval_presentation item = presented("bona_fide", IMI_PAD_BONA_FIDE, 2);
    eval_presentations all = {.items = &item, .count = 1};
    eval_presentation_rates rates;
    assert_int_equal(eval_presentations_rate(&all, &rates, NULL), IMI_OK);
    assert_true(isnan(rates.auc));
}

static void too_many_species_are_an_error(void **state)
{
    (void)state;
    static char labels[EVAL_LABELS_MAX + 1][8];
    static eval_presentation items[EVAL_LABELS_MAX + 1];
    for (int i = 0; i <= EVAL_LABELS_MAX; i++) {
        snprintf(labels[i], sizeof labels[i], "s%d", i);
        items[i] = presented(labels[i], IMI_PAD_ATTACK, 0);
    }
    eval_presentations all = {.items = items, .count = EVAL_LABELS_MAX};
    eval_presentation_rates rates;
    assert_int_equal(eval_presentations_rate(&all, &rates, NULL), IMI_OK);
    all.count++;
    assert_int_equal(eval_presentations_rate(&all, &rates, NULL), IMI_E_OVERFLOW);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_is_read),
        cmocka_unit_test(a_challenge_is_the_rest_of_the_line),
        cmocka_unit_test(a_challenge_may_be_left_out),
        cmocka_unit_test(a_range_of_seconds_is_read_off_the_name),
        cmocka_unit_test(a_range_that_is_none_is_refused),
        cmocka_unit_test(a_bad_line_is_named),
        cmocka_unit_test(a_missing_file_is_named_before_anything_is_looked_at),
        cmocka_unit_test(a_file_is_looked_for_beside_the_list),
        cmocka_unit_test(rows_hold_decision_score_and_reasons),
        cmocka_unit_test(rows_say_why_nothing_was_seen),
        cmocka_unit_test(rows_say_why_a_challenge_was_not_answered),
        cmocka_unit_test(findings_of_layers_that_did_not_measure_are_empty),
        cmocka_unit_test(findings_name_the_script_in_one_cell),
        cmocka_unit_test(errors_are_counted_apart_from_non_responses),
        cmocka_unit_test(scripts_that_people_acted_are_counted_with_the_longest_answer),
        cmocka_unit_test(the_auc_is_the_share_of_pairs_in_order),
        cmocka_unit_test(without_attacks_there_is_no_auc),
        cmocka_unit_test(too_many_species_are_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
