/* Status names and error detail. */
#include "base_fixture.h"

#include <string.h>

static const struct {
    imi_status status;
    const char *constant;
} declared[] = {
#include "declared_statuses.inc"
};

enum { DECLARED = sizeof declared / sizeof declared[0] };

static void test_every_declared_status_has_a_name(void **state)
{
    (void)state;
    assert_true(DECLARED > 40);
    for (size_t i = 0; i < DECLARED; i++) {
        if (strcmp(imi_status_name(declared[i].status), "unknown") == 0) {
            fail_msg("%s has no name", declared[i].constant);
        }
    }
}

/* IMI_E_IMAGE_EMPTY is named "image_empty". */
static void test_names_follow_the_constants(void **state)
{
    (void)state;
    for (size_t i = 0; i < DECLARED; i++) {
        const char *constant = declared[i].constant + strlen(i == 0 ? "IMI_" : "IMI_E_");
        const char *name = imi_status_name(declared[i].status);
        assert_int_equal(strlen(name), strlen(constant));
        for (size_t c = 0; name[c] != '\0'; c++) {
            char lower = constant[c] == '_' ? '_' : (char)(constant[c] + ('a' - 'A'));
            assert_int_equal(name[c], lower);
        }
    }
}

static void test_statuses_are_unique(void **state)
{
    (void)state;
    for (size_t i = 0; i < DECLARED; i++) {
        for (size_t j = i + 1; j < DECLARED; j++) {
            assert_int_not_equal(declared[i].status, declared[j].status);
        }
    }
}

static void test_unknown_status_is_named_unknown(void **state)
{
    (void)state;
    assert_string_equal(imi_status_name((imi_status)-99999), "unknown");
    assert_string_equal(imi_status_name((imi_status)1), "unknown");
}

static void test_success_is_zero_and_failures_are_negative(void **state)
{
    (void)state;
    assert_int_equal(IMI_OK, 0);
    for (size_t i = 1; i < DECLARED; i++) {
        assert_true((int)declared[i].status < 0);
    }
}

static imi_status fail_with_detail(imi_error *err)
{
    IMI_FAIL_FOREIGN(err, IMI_E_IO, 13, "cannot open %s", "x");
}

static void test_error_holds_all_detail(void **state)
{
    (void)state;
    imi_error error = IMI_ERROR_INIT;
    assert_int_equal(fail_with_detail(&error), IMI_E_IO);
    assert_int_equal(error.status, IMI_E_IO);
    assert_int_equal(error.foreign_code, 13);
    assert_string_equal(error.message, "cannot open x");
    assert_non_null(strstr(error.file, "test_status.c"));
    assert_true(error.line > 0);
}

static void test_error_may_be_null(void **state)
{
    (void)state;
    assert_int_equal(fail_with_detail(NULL), IMI_E_IO);
}

static void test_long_message_is_cut_and_terminated(void **state)
{
    (void)state;
    char long_text[1000];
    memset(long_text, 'a', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    imi_error error = IMI_ERROR_INIT;
    imi_error_set(&error, IMI_E_INTERNAL, 0, __FILE__, __LINE__, "%s", long_text);
    assert_int_equal(strlen(error.message), sizeof error.message - 1);
}

static imi_status hand_on(imi_error *err, int *reached)
{
    IMI_TRY(fail_with_detail(err));
    *reached = 1;
    return IMI_OK;
}

static void test_try_hands_a_failure_on(void **state)
{
    (void)state;
    int reached = 0;
    assert_int_equal(hand_on(NULL, &reached), IMI_E_IO);
    assert_int_equal(reached, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_declared_status_has_a_name),
        cmocka_unit_test(test_names_follow_the_constants),
        cmocka_unit_test(test_statuses_are_unique),
        cmocka_unit_test(test_unknown_status_is_named_unknown),
        cmocka_unit_test(test_success_is_zero_and_failures_are_negative),
        cmocka_unit_test(test_error_holds_all_detail),
        cmocka_unit_test(test_error_may_be_null),
        cmocka_unit_test(test_long_message_is_cut_and_terminated),
        cmocka_unit_test(test_try_hands_a_failure_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
