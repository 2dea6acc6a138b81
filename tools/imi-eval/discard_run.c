#include "discard_run.h"

#include <math.h>
#include <stdlib.h>

const char *const eval_measure_names[EVAL_MEASURES] = {"matchability", "unified"};

const double eval_band_ends[EVAL_BANDS + 1] = {0, 0.6, 0.7, 0.75, 0.8, 0.85, 1.0001};

static float read_value(const char *text)
{
    char *end = NULL;
    float value = strtof(text, &end);
    return end != text && *end == '\0' ? value : NAN;
}

static imi_status read_measure(eval_discard_run *self, const eval_csv *csv, size_t k,
                               imi_error *err)
{
    const eval_names *images = &self->scored.pairs.images;
    size_t file = 0;
    size_t column = 0;
    IMI_TRY(eval_csv_column(csv, "file", &file, err));
    IMI_TRY(eval_csv_column(csv, eval_measure_names[k], &column, err));
    self->values[k] = imi_alloc_array(images->count, sizeof *self->values[k]);
    if (self->values[k] == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu measures", images->count);
    }
    for (size_t i = 0; i < images->count; i++) {
        self->values[k][i] = NAN;
    }
    for (size_t row = 0; row < csv->rows; row++) {
        size_t image = eval_names_index(images, eval_csv_cell(csv, row, file));
        if (image < images->count) {
            self->values[k][image] = read_value(eval_csv_cell(csv, row, column));
        }
    }
    return IMI_OK;
}

static imi_status read_quality(eval_discard_run *self, imi_error *err)
{
    AUTO_EVAL_CSV csv = EVAL_CSV_INIT;
    IMI_TRY(eval_csv_load(self->options->quality, &csv, err));
    for (size_t k = 0; k < EVAL_MEASURES; k++) {
        IMI_TRY(read_measure(self, &csv, k, err));
    }
    return IMI_OK;
}

/* A pair is as good as its poorer photo; one that is NaN makes it NaN. */
static float quality_of_pair(const eval_discard_run *self, size_t k, const eval_pair *pair)
{
    float a = self->values[k][pair->image_a];
    float b = self->values[k][pair->image_b];
    return isnan(a) || isnan(b) ? NAN : fminf(a, b);
}

static bool has_failed(const eval_discard_run *self, uint32_t pair)
{
    return !((double)self->scored.similarities[pair] >= self->threshold);
}

/* Mated pairs of a group; returns how many. */
static size_t collect(const eval_discard_run *self, const eval_selection *group, size_t k,
                      eval_discard_pair *out)
{
    size_t count = 0;
    for (size_t i = 0; i < group->count; i++) {
        uint32_t number = group->pairs[i];
        const eval_pair *pair = &self->scored.pairs.pairs[number];
        if (pair->mated) {
            out[count++] = (eval_discard_pair){quality_of_pair(self, k, pair),
                                               has_failed(self, number), pair->subject_a};
        }
    }
    return count;
}

static imi_status measure_group(const eval_discard_run *self, const eval_selection *group,
                                eval_discard_group *out, imi_error *err)
{
    eval_discard_pair *pairs = imi_alloc_array(group->count, sizeof *pairs);
    if (pairs == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu pairs", group->count);
    }
    out->name = group->name;
    imi_status status = IMI_OK;
    for (size_t k = 0; k < EVAL_MEASURES && status == IMI_OK; k++) {
        out->mated = collect(self, group, k, pairs);
        out->failed = 0;
        for (size_t i = 0; i < out->mated; i++) {
            out->failed += pairs[i].failed ? 1 : 0;
        }
        status = eval_discard_measure(pairs, out->mated, self->scored.pairs.subjects.count,
                                      &out->measures[k], err);
    }
    imi_free(pairs);
    return status;
}

/* How often pairs fail whose poorer photo has a matchability in each band. */
static void count_bands(eval_discard_run *self)
{
    const eval_selection *all = &self->groups.items[0];
    for (size_t i = 0; i < all->count; i++) {
        const eval_pair *pair = &self->scored.pairs.pairs[all->pairs[i]];
        double quality = (double)quality_of_pair(self, EVAL_NEW_MEASURE, pair);
        for (size_t b = 0; b < EVAL_BANDS && pair->mated; b++) {
            if (quality >= eval_band_ends[b] && quality < eval_band_ends[b + 1]) {
                self->mated_in_band[b]++;
                self->failed_in_band[b] += has_failed(self, all->pairs[i]) ? 1 : 0;
            }
        }
    }
}

static imi_status measure(eval_discard_run *self, imi_error *err)
{
    IMI_TRY(eval_scored_load(self->options->scores, &self->scored, err));
    IMI_TRY(read_quality(self, err));
    IMI_TRY(eval_select_sets(&self->scored, &self->groups, err));
    if (self->groups.count == 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s holds no comparisons", self->options->scores);
    }
    IMI_TRY(eval_threshold_for(&self->scored, self->groups.items, 1, self->options->target_fmr,
                               &self->threshold, err));
    self->results = imi_alloc_array(self->groups.count, sizeof *self->results);
    if (self->results == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu groups", self->groups.count);
    }
    for (size_t i = 0; i < self->groups.count; i++) {
        IMI_TRY(measure_group(self, &self->groups.items[i], &self->results[i], err));
    }
    count_bands(self);
    return IMI_OK;
}

imi_status eval_discard_run_all(const eval_discard_options *options, eval_discard_run *out,
                                imi_error *err)
{
    *out = (eval_discard_run){.options = options, .scored = {{.csv = EVAL_CSV_INIT}, NULL}};
    return measure(out, err);
}

void eval_discard_run_clean_up(eval_discard_run *self)
{
    for (size_t k = 0; k < EVAL_MEASURES; k++) {
        imi_free(self->values[k]);
    }
    imi_free(self->results);
    eval_selections_clean_up(&self->groups);
    eval_scored_clean_up(&self->scored);
}
