#include "csv.h"

#include <string.h>

enum { FILE_SIZE_MAX = 1 << 30 };

void eval_csv_clean_up(eval_csv *csv)
{
    imi_free(csv->cells);
    imi_buffer_clean_up(&csv->text);
    *csv = (eval_csv)EVAL_CSV_INIT;
}

static size_t count_cells(const char *line)
{
    size_t count = 1;
    for (; *line != '\0' && *line != '\n'; line++) {
        count += *line == ',' ? 1 : 0;
    }
    return count;
}

static size_t count_lines(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++) {
        bool last_without_end = text[1] == '\0' && *text != '\n';
        count += *text == '\n' || last_without_end ? 1 : 0;
    }
    return count;
}

/* Cut one line into cells in place; the start of the next line, or NULL if it does not fit. */
static char *cut_line(char *line, char **cells, size_t columns)
{
    size_t length = strcspn(line, "\n");
    char *next = line + length + (line[length] == '\n' ? 1 : 0);
    if (length > 0 && line[length - 1] == '\r') {
        line[length - 1] = '\0';
    }
    line[length] = '\0';
    if (count_cells(line) != columns || strchr(line, '"') != NULL) {
        return NULL;
    }
    for (size_t i = 0; i < columns; i++) {
        cells[i] = line;
        line += strcspn(line, ",");
        *line++ = '\0';
    }
    return next;
}

static imi_status cut(eval_csv *csv, const char *path, imi_error *err)
{
    char *at = (char *)csv->text.data;
    size_t lines = count_lines(at);
    if (lines == 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s is empty", path);
    }
    csv->columns = count_cells(at);
    csv->cells = imi_alloc_array(lines, csv->columns * sizeof *csv->cells);
    if (csv->cells == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %s", path);
    }
    for (size_t line = 0; line < lines; line++) {
        at = cut_line(at, csv->cells + line * csv->columns, csv->columns);
        if (at == NULL) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s line %zu: not %zu unquoted cells", path,
                     line + 1, csv->columns);
        }
    }
    csv->rows = lines - 1;
    return IMI_OK;
}

imi_status eval_csv_load(const char *path, eval_csv *out, imi_error *err)
{
    *out = (eval_csv)EVAL_CSV_INIT;
    imi_status status = imi_file_read(path, FILE_SIZE_MAX, &out->text, err);
    if (status == IMI_OK) {
        status = imi_buffer_terminate(&out->text, err);
    }
    if (status == IMI_OK) {
        status = cut(out, path, err);
    }
    if (status != IMI_OK) {
        eval_csv_clean_up(out);
    }
    return status;
}

imi_status eval_csv_column(const eval_csv *csv, const char *name, size_t *out, imi_error *err)
{
    for (size_t i = 0; i < csv->columns; i++) {
        if (strcmp(csv->cells[i], name) == 0) {
            *out = i;
            return IMI_OK;
        }
    }
    IMI_FAIL(err, IMI_E_NOT_FOUND, "the file has no column \"%s\"", name);
}

const char *eval_csv_cell(const eval_csv *csv, size_t row, size_t column)
{
    return csv->cells[(row + 1) * csv->columns + column];
}
