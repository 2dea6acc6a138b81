#include "scored.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void eval_scored_clean_up(eval_scored *scored)
{
    imi_free(scored->similarities);
    eval_pairs_clean_up(&scored->pairs);
    *scored = (eval_scored){{.csv = EVAL_CSV_INIT}, NULL};
}

/* An empty cell is a comparison that could not be made. */
static bool read_similarity(const char *text, bool is_ok, float *out)
{
    char *end = NULL;
    *out = -INFINITY;
    if (*text == '\0') {
        return !is_ok;
    }
    *out = strtof(text, &end);
    return is_ok && *end == '\0' && isfinite(*out);
}

static imi_status read_similarities(eval_scored *out, imi_error *err)
{
    const eval_csv *csv = &out->pairs.csv;
    size_t status = 0;
    size_t similarity = 0;
    IMI_TRY(eval_csv_column(csv, "status", &status, err));
    IMI_TRY(eval_csv_column(csv, "similarity", &similarity, err));
    out->similarities = imi_alloc_array(csv->rows, sizeof *out->similarities);
    if (out->similarities == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu scores", csv->rows);
    }
    for (size_t i = 0; i < csv->rows; i++) {
        bool is_ok = strcmp(eval_csv_cell(csv, i, status), "ok") == 0;
        if (!read_similarity(eval_csv_cell(csv, i, similarity), is_ok, &out->similarities[i])) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "score %zu does not fit its status", i + 1);
        }
    }
    return IMI_OK;
}

imi_status eval_scored_load(const char *path, eval_scored *out, imi_error *err)
{
    *out = (eval_scored){{.csv = EVAL_CSV_INIT}, NULL};
    IMI_TRY(eval_pairs_load(path, &out->pairs, err));
    imi_status status = read_similarities(out, err);
    if (status != IMI_OK) {
        eval_scored_clean_up(out);
    }
    return status;
}

imi_status eval_select(const eval_scored *scored, const char *name, eval_pair_filter filter,
                       const void *context, eval_selection *out, imi_error *err)
{
    size_t rows = scored->pairs.csv.rows;
    *out = (eval_selection){name, imi_alloc_array(rows, sizeof *out->pairs), 0};
    if (out->pairs == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu pairs", rows);
    }
    for (size_t i = 0; i < rows; i++) {
        if (scored->pairs.pairs[i].group != EVAL_NO_GROUP && filter(scored, i, context)) {
            out->pairs[out->count++] = (uint32_t)i;
        }
    }
    return IMI_OK;
}

void eval_selection_clean_up(eval_selection *selection)
{
    imi_free(selection->pairs);
    *selection = (eval_selection){NULL, NULL, 0};
}

/* The number of a subject within a selection, given out in the order in which they turn up. */
static uint32_t number_of(uint32_t *numbers, uint32_t subject, size_t *count)
{
    if (numbers[subject] == 0) {
        numbers[subject] = (uint32_t)++ * count;
    }
    return numbers[subject] - 1;
}

imi_status eval_selection_scores(const eval_scored *scored, const eval_selection *selection,
                                 eval_score *out, size_t *subjects_out, imi_error *err)
{
    size_t subjects = 0;
    uint32_t *numbers = imi_alloc_array(scored->pairs.subjects.count, sizeof *numbers);
    if (numbers == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu subjects", scored->pairs.subjects.count);
    }
    for (size_t i = 0; i < selection->count; i++) {
        const eval_pair *pair = &scored->pairs.pairs[selection->pairs[i]];
        uint32_t a = number_of(numbers, pair->subject_a, &subjects);
        uint32_t b = number_of(numbers, pair->subject_b, &subjects);
        out[i] = (eval_score){scored->similarities[selection->pairs[i]], pair->mated, a, b};
    }
    imi_free(numbers);
    eval_scores_sort(out, selection->count);
    if (subjects_out != NULL) {
        *subjects_out = subjects;
    }
    return IMI_OK;
}

/* A non-mated score and how much of the mean FMR it is. */
typedef struct share {
    float similarity;
    double weight;
} share;

static int by_falling_similarity(const void *a, const void *b)
{
    float left = ((const share *)a)->similarity;
    float right = ((const share *)b)->similarity;
    return (left < right) - (left > right);
}

static size_t count_non_mated(const eval_scored *scored, const eval_selection *selection)
{
    size_t count = 0;
    for (size_t i = 0; i < selection->count; i++) {
        count += scored->pairs.pairs[selection->pairs[i]].mated ? 0 : 1;
    }
    return count;
}

/* Just above the first score that would make the rate too high. */
static double threshold_of(const share *shares, size_t count, double target_fmr)
{
    double fmr = 0;
    double lowest = NAN;
    for (size_t i = 0; i < count && isfinite(shares[i].similarity); i++) {
        fmr += shares[i].weight;
        bool ends = i + 1 == count || shares[i + 1].similarity != shares[i].similarity;
        /* Adding up rounds: a rate that is the target but for that is the target. */
        if (ends && fmr > target_fmr * (1 + 1e-9)) {
            return (double)nextafterf(shares[i].similarity, INFINITY);
        }
        lowest = (double)shares[i].similarity;
    }
    return lowest;
}

imi_status eval_threshold_for(const eval_scored *scored, const eval_selection *selections,
                              size_t count, double target_fmr, double *out, imi_error *err)
{
    *out = NAN;
    size_t total = 0;
    for (size_t s = 0; s < count; s++) {
        size_t non_mated = count_non_mated(scored, &selections[s]);
        if (non_mated == 0) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s has no non-mated comparisons",
                     selections[s].name);
        }
        total += non_mated;
    }
    share *shares = imi_alloc_array(total, sizeof *shares);
    if (shares == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu scores", total);
    }
    size_t filled = 0;
    for (size_t s = 0; s < count; s++) {
        double weight = 1 / ((double)count_non_mated(scored, &selections[s]) * (double)count);
        for (size_t i = 0; i < selections[s].count; i++) {
            uint32_t pair = selections[s].pairs[i];
            if (!scored->pairs.pairs[pair].mated) {
                shares[filled++] = (share){scored->similarities[pair], weight};
            }
        }
    }
    qsort(shares, filled, sizeof *shares, by_falling_similarity);
    *out = threshold_of(shares, filled, target_fmr);
    imi_free(shares);
    return IMI_OK;
}
