/* imi-eval report and imi-eval quality --scores, from files alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli.h"
#include "imi/bytes.h"
#include "text_file.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { PEOPLE = 30, PATH_SIZE = 128, COMMAND_SIZE = 2048 };

/* A folder with scores.csv and quality.csv. Photo 2 of every third person is poor and fails. */
static char folder[PATH_SIZE];

static void put_file(const char *name, const imi_buffer *text)
{
    char path[PATH_SIZE * 2];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(imi_file_write(path, imi_buffer_view(text), 0644, NULL), IMI_OK);
}

static void put_scores(void)
{
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    assert_int_equal(
        imi_buffer_append_text(&text, "set,a,b,same,tag,status,similarity,fmr\n", NULL), IMI_OK);
    for (int i = 0; i < PEOPLE; i++) {
        const char *set = i < PEOPLE / 2 ? "one" : "two";
        assert_int_equal(imi_buffer_printf(&text, NULL, "%s,%s/p%d/1,%s/p%d/2,1,gap%d,ok,%g,0\n",
                                           set, set, i, set, i, i, i % 3 == 0 ? 0.2 : 0.9),
                         IMI_OK);
        for (int k = i + 1; k < PEOPLE; k++) {
            const char *other = k < PEOPLE / 2 ? "one" : "two";
            if (set == other) {
                assert_int_equal(imi_buffer_printf(&text, NULL, "%s,%s/p%d/1,%s/p%d/1,0,,ok,%g,0\n",
                                                   set, set, i, set, k, (i * k % 100) / 300.0),
                                 IMI_OK);
            }
        }
    }
    assert_int_equal(imi_buffer_append_text(&text, "one,one/p0/1,one/p0/3,1,,no_face,,\n", NULL),
                     IMI_OK);
    put_file("scores.csv", &text);
}

static void put_quality(void)
{
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    assert_int_equal(imi_buffer_append_text(&text, "file,unified,matchability\n", NULL), IMI_OK);
    for (int i = 0; i < PEOPLE; i++) {
        const char *set = i < PEOPLE / 2 ? "one" : "two";
        assert_int_equal(imi_buffer_printf(&text, NULL, "%s/p%d/1,%g,0.9\n%s/p%d/2,%g,%g\n", set, i,
                                           (i * 7 % 30) / 30.0, set, i, (i * 11 % 30) / 30.0,
                                           i % 3 == 0 ? 0.5 : 0.8 + i / 1000.0),
                         IMI_OK);
    }
    put_file("quality.csv", &text);
}

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/imi-evaluation-XXXXXX");
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    put_scores();
    put_quality();
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[PATH_SIZE * 2];
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    return system(command);
}

/* Every @ in the arguments stands for the folder. Returns the exit code. */
static int run(const char *arguments)
{
    char command[COMMAND_SIZE];
    size_t used = (size_t)snprintf(command, sizeof command, "'%s' ", IMI_EVAL_PROGRAM);
    for (; *arguments != '\0' && used < sizeof command; arguments++) {
        used += (size_t)(*arguments == '@'
                             ? snprintf(command + used, sizeof command - used, "%s", folder)
                             : snprintf(command + used, sizeof command - used, "%c", *arguments));
    }
    assert_true(used < sizeof command - 64);
    snprintf(command + used, sizeof command - used, " >'%s/output' 2>/dev/null", folder);
    int status = system(command);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void read_text(const char *name, imi_buffer *out)
{
    char path[PATH_SIZE * 2];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(imi_file_read(path, 16 << 20, out, NULL), IMI_OK);
    assert_int_equal(imi_buffer_terminate(out, NULL), IMI_OK);
}

static json_t *output_json(void)
{
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    read_text("output", &text);
    json_t *made = json_loads((const char *)text.data, 0, NULL);
    assert_non_null(made);
    return made;
}

static double number_in(const json_t *object, const char *first, const char *second)
{
    const json_t *inner = json_object_get(object, first);
    return json_number_value(second == NULL ? inner : json_object_get(inner, second));
}

static void a_report_has_its_page_and_pictures(void **state)
{
    (void)state;
    assert_int_equal(run("report --scores @/scores.csv --target-fmr 0.05 --out @/r"),
                     IMI_EXIT_SUCCESS);
    IMI_AUTO_BUFFER page = IMI_BUFFER_INIT;
    read_text("r/report.html", &page);
    assert_non_null(strstr((const char *)page.data, "Mated pairs of lowest similarity"));
    assert_non_null(strstr((const char *)page.data, "one/p0/2"));
    /* What has no score is counted, not listed. */
    assert_null(strstr((const char *)page.data, "one/p0/3"));
    assert_non_null(strstr((const char *)page.data, "1 mated pairs have no score"));
    static const char *const pictures[] = {"scores",  "det",        "fmr",
                                           "age-gap", "groups-fmr", "groups-fnmr"};
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++) {
        char name[PATH_SIZE];
        IMI_AUTO_BUFFER picture = IMI_BUFFER_INIT;
        snprintf(name, sizeof name, "r/%s.png", pictures[i]);
        read_text(name, &picture);
        assert_true(picture.size > 1000);
    }
}

static void the_summary_counts_what_the_scores_say(void **state)
{
    (void)state;
    assert_int_equal(run("report --scores @/scores.csv --threshold 0.5 --out @/r --json"),
                     IMI_EXIT_SUCCESS);
    json_t *made = output_json();
    const json_t *all = json_array_get(json_object_get(made, "groups"), 0);
    assert_string_equal(json_string_value(json_object_get(all, "group")), "all");
    assert_true(number_in(all, "fnmr", "events") == 11);
    assert_true(number_in(all, "fnmr", "trials") == PEOPLE + 1);
    assert_true(number_in(all, "fmr", "events") == 0);
    assert_true(number_in(made, "threshold", NULL) == 0.5);
    assert_true(json_is_null(json_object_get(made, "worst_group_fmr_ratio")));
    assert_int_equal(json_array_size(json_object_get(made, "age_gaps")), 5);
    const json_t *worst = json_array_get(json_object_get(made, "worst_mated"), 0);
    assert_true(fabs(json_number_value(json_object_get(worst, "similarity")) - 0.2) < 1e-6);
    json_decref(made);
}

static void the_target_is_held_for_the_anchor(void **state)
{
    (void)state;
    assert_int_equal(
        run("report --scores @/scores.csv --target-fmr 0.02 --anchor two --out @/r --json"),
        IMI_EXIT_SUCCESS);
    json_t *made = output_json();
    const json_t *two = json_array_get(json_object_get(made, "groups"), 2);
    assert_string_equal(json_string_value(json_object_get(two, "group")), "two");
    assert_true(number_in(two, "fmr", "rate") <= 0.02);
    json_decref(made);
}

static void misuse_of_report_is_exit_code_two(void **state)
{
    (void)state;
    assert_int_equal(run("report"), IMI_EXIT_USAGE);
    assert_int_equal(run("report --scores @/scores.csv"), IMI_EXIT_USAGE);
    assert_int_equal(run("report --scores s --out o --target-fmr 0"), IMI_EXIT_USAGE);
    assert_int_equal(run("report --scores s --out o --target-fmr 1e-3x"), IMI_EXIT_USAGE);
    assert_int_equal(run("report --scores s --out o --threshold nan"), IMI_EXIT_USAGE);
    assert_int_equal(run("report --help"), IMI_EXIT_SUCCESS);
}

static void what_cannot_be_read_is_exit_code_three(void **state)
{
    (void)state;
    assert_int_equal(run("report --scores /nonexistent --out @/r"), IMI_EXIT_UNDECIDED);
    assert_int_equal(run("report --scores @/quality.csv --out @/r"), IMI_EXIT_UNDECIDED);
    assert_int_equal(run("report --scores @/scores.csv --out /nonexistent/deep"),
                     IMI_EXIT_UNDECIDED);
    assert_int_equal(run("report --scores @/scores.csv --anchor nobody --out @/r"),
                     IMI_EXIT_UNDECIDED);
}

static void quality_is_held_against_the_scores(void **state)
{
    (void)state;
    assert_int_equal(run("quality --scores @/scores.csv --quality @/quality.csv --out @/q --json"),
                     IMI_EXIT_SUCCESS);
    json_t *made = output_json();
    const json_t *all = json_array_get(json_object_get(made, "groups"), 0);
    assert_true(number_in(all, "failed", NULL) == 11);
    assert_true(number_in(all, "area_matchability", NULL) < number_in(all, "area_unified", NULL));
    json_decref(made);
    IMI_AUTO_BUFFER csv = IMI_BUFFER_INIT;
    read_text("q/discard.csv", &csv);
    assert_non_null(strstr((const char *)csv.data, "\nall,matchability,0.30,"));
    IMI_AUTO_BUFFER page = IMI_BUFFER_INIT;
    read_text("q/report.html", &page);
    assert_non_null(strstr((const char *)page.data, "Areas under the curves"));
}

static void misuse_of_quality_is_exit_code_two(void **state)
{
    (void)state;
    assert_int_equal(run("quality --quality @/quality.csv --root . --manifest m --out @/q"),
                     IMI_EXIT_USAGE);
    assert_int_equal(run("quality --scores @/scores.csv --out @/q"), IMI_EXIT_USAGE);
    assert_int_equal(run("quality --root . --out @/q"), IMI_EXIT_USAGE);
}

static void a_quality_file_without_its_columns_is_exit_code_three(void **state)
{
    (void)state;
    assert_int_equal(run("quality --scores @/scores.csv --quality @/scores.csv --out @/q"),
                     IMI_EXIT_UNDECIDED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_has_its_page_and_pictures),
        cmocka_unit_test(the_summary_counts_what_the_scores_say),
        cmocka_unit_test(the_target_is_held_for_the_anchor),
        cmocka_unit_test(misuse_of_report_is_exit_code_two),
        cmocka_unit_test(what_cannot_be_read_is_exit_code_three),
        cmocka_unit_test(quality_is_held_against_the_scores),
        cmocka_unit_test(misuse_of_quality_is_exit_code_two),
        cmocka_unit_test(a_quality_file_without_its_columns_is_exit_code_three),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
