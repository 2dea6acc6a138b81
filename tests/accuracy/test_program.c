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
    assert_int_equal(run("quality --root ."), IMI_EXIT_USAGE);
    assert_int_equal(run("calibrate --root . --manifest m"), IMI_EXIT_USAGE);
}

static void a_missing_file_is_exit_code_three(void **state)
{
    (void)state;
    assert_int_equal(run("faces --root . --pairs /nonexistent --scores /tmp/s --calibration "
                         "/nonexistent"),
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(help_succeeds),
        cmocka_unit_test(misuse_is_exit_code_two),
        cmocka_unit_test(a_missing_file_is_exit_code_three),
        cmocka_unit_test(missing_models_are_exit_code_three),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
