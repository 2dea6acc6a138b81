/* Where a program finds what ships with it. */
#include "base_fixture.h"

#include "imi/place.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int forget_place(void **state)
{
    (void)state;
    return unsetenv("IMI_SHARE");
}

static void test_files_lie_beside_the_programs_folder(void **state)
{
    (void)state;
    char self[IMI_PLACE_SIZE] = "", path[IMI_PLACE_SIZE] = "";
    assert_true(readlink("/proc/self/exe", self, sizeof self - 1) > 0);
    assert_int_equal(imi_place_shared("policy.yaml", path, NULL), IMI_OK);
    /* .../tests/test_base_place gives .../share/imi/policy.yaml */
    char *tests = strstr(self, "/tests/test_base_place");
    assert_non_null(tests);
    size_t prefix = (size_t)(tests - self);
    assert_memory_equal(path, self, prefix);
    assert_string_equal(path + prefix, "/share/imi/policy.yaml");
}

static void test_variable_names_another_folder(void **state)
{
    (void)state;
    char path[IMI_PLACE_SIZE] = "";
    assert_int_equal(setenv("IMI_SHARE", "/srv/imi", 1), 0);
    assert_int_equal(imi_place_shared("models", path, NULL), IMI_OK);
    assert_string_equal(path, "/srv/imi/models");
}

static void test_empty_variable_counts_as_unset(void **state)
{
    (void)state;
    char path[IMI_PLACE_SIZE] = "";
    assert_int_equal(setenv("IMI_SHARE", "", 1), 0);
    assert_int_equal(imi_place_shared("models", path, NULL), IMI_OK);
    assert_non_null(strstr(path, "/share/imi/models"));
}

static void test_path_that_is_too_long_is_refused(void **state)
{
    (void)state;
    char name[2 * IMI_PLACE_SIZE];
    char path[IMI_PLACE_SIZE] = "before";
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_int_equal(imi_place_shared(name, path, NULL), IMI_E_OVERFLOW);
    assert_string_equal(path, "");
    assert_int_equal(setenv("IMI_SHARE", name, 1), 0);
    assert_int_equal(imi_place_shared("x", path, NULL), IMI_E_OVERFLOW);
    assert_string_equal(path, "");
}

#define PLACE_TEST(test) cmocka_unit_test_setup_teardown(test, forget_place, forget_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(test_files_lie_beside_the_programs_folder),
        PLACE_TEST(test_variable_names_another_folder),
        PLACE_TEST(test_empty_variable_counts_as_unset),
        PLACE_TEST(test_path_that_is_too_long_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
