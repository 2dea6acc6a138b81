#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli.h"

#include <stdio.h>

static const char *g_name;
static const char *g_size;
static bool g_json;
static const char *g_operands[2];
static bool g_help;

static int parse(int count, const char *const *arguments)
{
    const imi_cli_option options[] = {
        {"--name", &g_name, NULL, true, "TEXT", "a name"},
        {"--size", &g_size, NULL, false, "N", "a size"},
        {"--json", NULL, &g_json, false, NULL, "machine-readable"},
    };
    const imi_cli_spec spec = {"test", "A B", 2, options, 3};
    g_name = NULL;
    g_size = "7";
    g_json = false;
    return imi_cli_parse(&spec, count, (char **)(uintptr_t)arguments, g_operands, &g_help);
}

static void options_and_operands_mix(void **state)
{
    (void)state;
    const char *const arguments[] = {"one", "--name", "n", "--json", "two"};
    assert_int_equal(parse(5, arguments), IMI_EXIT_SUCCESS);
    assert_string_equal(g_name, "n");
    assert_string_equal(g_size, "7");
    assert_true(g_json);
    assert_string_equal(g_operands[0], "one");
    assert_string_equal(g_operands[1], "two");
}

static void two_dashes_end_the_options(void **state)
{
    (void)state;
    const char *const arguments[] = {"--name", "n", "--", "--json", "-x"};
    assert_int_equal(parse(5, arguments), IMI_EXIT_SUCCESS);
    assert_false(g_json);
    assert_string_equal(g_operands[0], "--json");
}

static void help_is_no_error(void **state)
{
    (void)state;
    const char *const arguments[] = {"--help"};
    assert_int_equal(parse(1, arguments), IMI_EXIT_SUCCESS);
    assert_true(g_help);
}

static void misuse_is_exit_code_two(void **state)
{
    (void)state;
    const char *const missing_option[] = {"a", "b"};
    const char *const missing_operand[] = {"--name", "n", "a"};
    const char *const extra_operand[] = {"--name", "n", "a", "b", "c"};
    const char *const unknown_option[] = {"--name", "n", "a", "b", "--nam"};
    const char *const missing_value[] = {"a", "b", "--name"};
    assert_int_equal(parse(2, missing_option), IMI_EXIT_USAGE);
    assert_int_equal(parse(3, missing_operand), IMI_EXIT_USAGE);
    assert_int_equal(parse(5, extra_operand), IMI_EXIT_USAGE);
    assert_int_equal(parse(5, unknown_option), IMI_EXIT_USAGE);
    assert_int_equal(parse(3, missing_value), IMI_EXIT_USAGE);
}

static void numbers_are_read_strictly(void **state)
{
    (void)state;
    long value = 0;
    assert_true(imi_cli_number("12", 1, 256, &value));
    assert_int_equal(value, 12);
    const char *const wrong[] = {"", "0", "257", "12x", "1.5", "-1", "99999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(imi_cli_number(wrong[i], 1, 256, &value));
    }
    assert_int_equal(value, 12);
}

static void a_number_that_is_not_given_stays_as_it_was(void **state)
{
    (void)state;
    long value = 7;
    assert_true(imi_cli_number(NULL, 1, 256, &value));
    assert_int_equal(value, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_and_operands_mix),
        cmocka_unit_test(two_dashes_end_the_options),
        cmocka_unit_test(help_is_no_error),
        cmocka_unit_test(misuse_is_exit_code_two),
        cmocka_unit_test(numbers_are_read_strictly),
        cmocka_unit_test(a_number_that_is_not_given_stays_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
