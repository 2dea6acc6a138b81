/*
 * imi-eval faces, whole, on the Face Research Lab London Set when it is there: 51 people who
 * consented, one neutral and one smiling photo each. Without the data the test is skipped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "csv.h"
#include "text_file.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_SIZE = 1024 };

static void faces_folder(char *out)
{
    const char *shared = getenv("IMI_SHARED");
    snprintf(out, PATH_SIZE, "%s/data/faces", shared == NULL ? IMI_SHARED_DEFAULT : shared);
}

/* The set's pairs alone, in a temporary file; false when the data is not there. */
static bool select_pairs(const char *folder, char *path_out)
{
    char all[PATH_SIZE + 16];
    snprintf(all, sizeof all, "%s/pairs.csv", folder);
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    if (imi_file_read(all, 1U << 30, &file, NULL) != IMI_OK) {
        return false;
    }
    assert_int_equal(imi_buffer_terminate(&file, NULL), IMI_OK);
    IMI_AUTO_BUFFER chosen = IMI_BUFFER_INIT;
    size_t lines = 0;
    for (char *line = strtok((char *)file.data, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        if (lines == 0 || strncmp(line, "london,", 7) == 0) {
            assert_int_equal(imi_buffer_printf(&chosen, NULL, "%s\n", line), IMI_OK);
            lines++;
        }
    }
    assert_int_equal(imi_buffer_terminate(&chosen, NULL), IMI_OK);
    text_file_make((const char *)chosen.data, path_out);
    return lines > 1;
}

/* The summary's row of all groups, by the fused score. */
static json_t *run_summary(const char *folder, const char *pairs, const char *scores)
{
    char command[4 * PATH_SIZE];
    snprintf(command, sizeof command,
             "'%s' faces --root '%s' --pairs '%s' --scores '%s' --models '%s' --calibration '%s' "
             "--json 2>/dev/null",
             IMI_EVAL_PROGRAM, folder, pairs, scores, IMI_MODELS_FOLDER, IMI_SHIPPED_TABLE);
    FILE *from = popen(command, "r");
    assert_non_null(from);
    json_t *summary = json_loadf(from, 0, NULL);
    assert_int_equal(pclose(from), 0);
    assert_non_null(summary);
    return summary;
}

static const json_t *fused_row(const json_t *summary)
{
    const json_t *reports = json_object_get(summary, "reports");
    const json_t *fused = json_array_get(reports, json_array_size(reports) - 1);
    const json_t *rows = json_object_get(fused, "groups");
    return json_array_get(rows, json_array_size(rows) - 1);
}

static void check_scores(const char *path)
{
    AUTO_EVAL_CSV csv = EVAL_CSV_INIT;
    assert_int_equal(eval_csv_load(path, &csv, NULL), IMI_OK);
    const char *const header[] = {"set", "a", "b", "same", "tag", "status", "similarity", "fmr"};
    assert_int_equal(csv.columns, 8);
    for (size_t i = 0; i < 8; i++) {
        assert_string_equal(csv.cells[i], header[i]);
    }
    for (size_t row = 0; row < csv.rows; row++) {
        assert_string_equal(eval_csv_cell(&csv, row, 5), "ok");
        double similarity = strtod(eval_csv_cell(&csv, row, 6), NULL);
        double fmr = strtod(eval_csv_cell(&csv, row, 7), NULL);
        assert_true(similarity >= -1 && similarity <= 1);
        assert_true(fmr > 0 && fmr <= 1);
    }
}

static void neutral_and_smiling_photos_of_51_people_match(void **state)
{
    (void)state;
    char folder[PATH_SIZE];
    char pairs[TEXT_FILE_PATH_SIZE];
    char scores[TEXT_FILE_PATH_SIZE];
    faces_folder(folder);
    if (!select_pairs(folder, pairs)) {
        print_message("no photos at %s\n", folder);
        skip();
    }
    text_file_make("", scores);
    json_t *summary = run_summary(folder, pairs, scores);
    const json_t *row = fused_row(summary);
    assert_int_equal(json_integer_value(json_object_get(row, "failed_images")), 0);
    assert_int_equal(json_integer_value(json_object_get(row, "mated")), 51);
    const json_t *eer = json_object_get(row, "eer");
    assert_true(json_real_value(json_object_get(eer, "rate")) <= 0.01);
    const json_t *fnmr = json_object_get(row, "fnmr_at_calibrated");
    assert_true(json_real_value(json_object_get(fnmr, "rate")) <= 0.02);
    json_decref(summary);
    check_scores(scores);
    text_file_remove(pairs);
    text_file_remove(scores);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neutral_and_smiling_photos_of_51_people_match),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
