/**
 * Comma-separated files with a header line, as the evaluation sets come: no quoting.
 */
#ifndef IMI_EVAL_CSV_H
#define IMI_EVAL_CSV_H

#include "imi/bytes.h"

/** A file in memory. Cells are NUL-terminated and belong to the table. */
typedef struct eval_csv {
    imi_buffer text;
    char **cells; /* (rows + 1) * columns; the first row is the header */
    size_t rows; /* without the header */
    size_t columns;
} eval_csv;

#define EVAL_CSV_INIT                                                                              \
    {                                                                                              \
        IMI_BUFFER_INIT, NULL, 0, 0                                                                \
    }
#define AUTO_EVAL_CSV __attribute__((cleanup(eval_csv_clean_up))) eval_csv

/** Errors: IMI_E_INVALID_ARGUMENT names the line that has another number of cells or a quote. */
IMI_MUST_USE imi_status eval_csv_load(const char *path, eval_csv *out, imi_error *err);
void eval_csv_clean_up(eval_csv *csv);

/** Number of a column by its name. Errors: IMI_E_NOT_FOUND. */
IMI_MUST_USE imi_status eval_csv_column(const eval_csv *csv, const char *name, size_t *out,
                                        imi_error *err);
/** A cell below the header. */
const char *eval_csv_cell(const eval_csv *csv, size_t row, size_t column);

#endif
