/* What imi-eval tells a script when it is called wrongly or cannot do its work. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli.h"
#include "text_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static int run(const char *arguments)
{
    char command[2048];
    snprintf(command, sizeof command, "'%s' %s >/dev/null 2>&1", IMI_EVAL_PROGRAM, arguments);
    int status = system(command);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void help_succeeds(void **state)
{
    (void)state;
    assert_int_equal(run("--help"), IMI_EXIT_SUCCESS);
    assert_int_equal(run("faces --help"), IMI_EXIT_SUCCESS);
    assert_int_equal(run("gate --help"), IMI_EXIT_SUCCESS);
    assert_int_equal(run("quality --help"), IMI_EXIT_SUCCESS);
    assert_int_equal(run("calibrate --help"), IMI_EXIT_SUCCESS);
}

static void misuse_is_exit_code_two(void **state)
{
    (void)state;
    assert_int_equal(run(""), IMI_EXIT_USAGE);
    assert_int_equal(run("nonsense"), IMI_EXIT_USAGE);
    assert_int_equal(run("faces"), IMI_EXIT_USAGE);
    assert_int_equal(run("faces --root . --pairs p --scores s --jobs 0"), IMI_EXIT_USAGE);
    assert_int_equal(run("faces --root . --pairs p --scores s extra"), IMI_EXIT_USAGE);
    assert_int_equal(run("gate --root . --pairs p"), IMI_EXIT_USAGE);
    assert_int_equal(run("gate --root . --pairs p --baseline b --fmr 0"), IMI_EXIT_USAGE);
    assert_int_equal(run("gate --root . --pairs p --baseline b --fmr nan"), IMI_EXIT_USAGE);
    assert_int_equal(run("gate --root . --pairs p --baseline b --tolerance 2"), IMI_EXIT_USAGE);
    assert_int_equal(run("gate --root . --pairs p --baseline b --jobs 0"), IMI_EXIT_USAGE);
    assert_int_equal(run("quality --root ."), IMI_EXIT_USAGE);
    assert_int_equal(run("calibrate --root . --manifest m"), IMI_EXIT_USAGE);
}

static void a_missing_file_is_exit_code_three(void **state)
{
    (void)state;
    assert_int_equal(run("faces --root . --pairs /nonexistent --scores /tmp/s --calibration "
                         "/nonexistent"),
                     IMI_EXIT_UNDECIDED);
    assert_int_equal(run("gate --root . --pairs /nonexistent --baseline /nonexistent"),
                     IMI_EXIT_UNDECIDED);
    assert_int_equal(run("quality --root . --manifest /nonexistent --out /tmp/q"),
                     IMI_EXIT_UNDECIDED);
    assert_int_equal(run("calibrate --root . --manifest /nonexistent --out /tmp/t"),
                     IMI_EXIT_UNDECIDED);
}

static void missing_models_are_exit_code_three(void **state)
{
    (void)state;
    char manifest[TEXT_FILE_PATH_SIZE];
    text_file_make("set,subject,file,ea,liveness\ns,x,s/x/1.jpg,0,\n", manifest);
    char arguments[512];
    snprintf(arguments, sizeof arguments,
             "calibrate --root . --manifest %s --out /tmp/t --models /nonexistent", manifest);
    assert_int_equal(run(arguments), IMI_EXIT_UNDECIDED);
    text_file_remove(manifest);
}

/* What the program says on standard error. */
static void run_told(const char *arguments, char *out, size_t capacity)
{
    char command[2048];
    snprintf(command, sizeof command, "'%s' %s 2>&1 >/dev/null", IMI_EVAL_PROGRAM, arguments);
    FILE *from = popen(command, "r");
    assert_non_null(from);
    size_t size = fread(out, 1, capacity - 1, from);
    out[size] = '\0';
    assert_int_equal(WEXITSTATUS(pclose(from)), IMI_EXIT_UNDECIDED);
}

/* Two live photos and a print of one person, and 40 others; 41 people in all. */
static void make_small_cohort(char *path_out)
{
    char text[4096] = "set,subject,file,liveness\ns,a,s/a/1.jpg,\ns,a,s/a/2.jpg,live\n"
                      "s,only_printed,s/b/1.jpg,spoof_print\n";
    for (int i = 0; i < 40; i++) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "s,p%d,s/p%d/1.jpg,\n", i, i);
    }
    text_file_make(text, path_out);
}

static void a_cohort_of_too_few_people_is_refused_before_any_photo_is_read(void **state)
{
    (void)state;
    char cohort[TEXT_FILE_PATH_SIZE];
    char pairs[TEXT_FILE_PATH_SIZE];
    char manifest[TEXT_FILE_PATH_SIZE];
    make_small_cohort(cohort);
    text_file_make("set,a,b,same,tag\ns,s/x/1.jpg,s/y/1.jpg,0,\n", pairs);
    text_file_make("set,subject,file,ea,liveness\ns,x,s/x/1.jpg,0,\n", manifest);
    char arguments[1024];
    char told[1024];
    snprintf(arguments, sizeof arguments,
             "faces --root /nonexistent --pairs %s --scores /tmp/s --cohort %s --calibration '%s'",
             pairs, cohort, IMI_SHIPPED_TABLE);
    run_told(arguments, told, sizeof told);
    assert_non_null(strstr(told, "259 are missing"));
    snprintf(arguments, sizeof arguments,
             "calibrate --root /nonexistent --manifest %s --out /tmp/t --cohort %s", manifest,
             cohort);
    run_told(arguments, told, sizeof told);
    assert_non_null(strstr(told, "259 are missing"));
    text_file_remove(cohort);
    text_file_remove(pairs);
    text_file_remove(manifest);
}

static void a_cohort_that_is_not_there_is_named(void **state)
{
    (void)state;
    char pairs[TEXT_FILE_PATH_SIZE];
    text_file_make("set,a,b,same,tag\ns,s/x/1.jpg,s/y/1.jpg,0,\n", pairs);
    char arguments[1024];
    char told[1024];
    snprintf(arguments, sizeof arguments,
             "faces --root . --pairs %s --scores /tmp/s --cohort /nonexistent/people.csv "
             "--calibration '%s'",
             pairs, IMI_SHIPPED_TABLE);
    run_told(arguments, told, sizeof told);
    assert_non_null(strstr(told, "/nonexistent/people.csv"));
    text_file_remove(pairs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(help_succeeds),
        cmocka_unit_test(misuse_is_exit_code_two),
        cmocka_unit_test(a_missing_file_is_exit_code_three),
        cmocka_unit_test(missing_models_are_exit_code_three),
        cmocka_unit_test(a_cohort_of_too_few_people_is_refused_before_any_photo_is_read),
        cmocka_unit_test(a_cohort_that_is_not_there_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
