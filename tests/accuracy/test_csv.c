#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "csv.h"
#include "text_file.h"

#include <string.h>

static imi_status load(const char *text, eval_csv *out, imi_error *err)
{
    char path[TEXT_FILE_PATH_SIZE];
    text_file_make(text, path);
    imi_status status = eval_csv_load(path, out, err);
    text_file_remove(path);
    return status;
}

static void cells_are_found_by_column(void **state)
{
    (void)state;
    AUTO_EVAL_CSV csv = EVAL_CSV_INIT;
    assert_int_equal(load("a,b,c\n1,,3\n4,5,\n", &csv, NULL), IMI_OK);
    assert_int_equal(csv.rows, 2);
    size_t column = 0;
    assert_int_equal(eval_csv_column(&csv, "c", &column, NULL), IMI_OK);
    assert_string_equal(eval_csv_cell(&csv, 0, column), "3");
    assert_string_equal(eval_csv_cell(&csv, 1, column), "");
    assert_string_equal(eval_csv_cell(&csv, 0, 1), "");
    assert_int_equal(eval_csv_column(&csv, "d", &column, NULL), IMI_E_NOT_FOUND);
}

static void line_ends_of_both_kinds_and_a_missing_last_one_are_read(void **state)
{
    (void)state;
    AUTO_EVAL_CSV csv = EVAL_CSV_INIT;
    assert_int_equal(load("a,b\r\n1,2\r\n3,4", &csv, NULL), IMI_OK);
    assert_int_equal(csv.rows, 2);
    assert_string_equal(eval_csv_cell(&csv, 0, 1), "2");
    assert_string_equal(eval_csv_cell(&csv, 1, 1), "4");
}

static void a_header_alone_has_no_rows(void **state)
{
    (void)state;
    AUTO_EVAL_CSV csv = EVAL_CSV_INIT;
    assert_int_equal(load("a,b\n", &csv, NULL), IMI_OK);
    assert_int_equal(csv.rows, 0);
}

static void a_wrong_line_is_named(void **state)
{
    (void)state;
    const char *const wrong[] = {"a,b\n1,2\n3\n", "a,b\n1,2\n3,4,5\n", "a,b\n1,2\n3,\"4\"\n"};
    for (size_t i = 0; i < 3; i++) {
        AUTO_EVAL_CSV csv = EVAL_CSV_INIT;
        imi_error error = IMI_ERROR_INIT;
        assert_int_equal(load(wrong[i], &csv, &error), IMI_E_INVALID_ARGUMENT);
        assert_non_null(strstr(error.message, "line 3"));
        assert_null(csv.cells);
    }
}

static void an_empty_or_missing_file_is_an_error(void **state)
{
    (void)state;
    AUTO_EVAL_CSV csv = EVAL_CSV_INIT;
    assert_int_equal(load("", &csv, NULL), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(eval_csv_load("/nonexistent.csv", &csv, NULL), IMI_E_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_are_found_by_column),
        cmocka_unit_test(line_ends_of_both_kinds_and_a_missing_last_one_are_read),
        cmocka_unit_test(a_header_alone_has_no_rows),
        cmocka_unit_test(a_wrong_line_is_named),
        cmocka_unit_test(an_empty_or_missing_file_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
