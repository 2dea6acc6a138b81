#include "discard_report.h"

#include "discard.h"
#include "groups.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MEASURES = 2, NEW = 0, OLD = 1, CELLS = 6, CELL_SIZE = 48, BANDS = 6 };

/* Columns of quality.csv; more of each is better. The first is the one under test. */
static const char *const measures[MEASURES] = {"matchability", "unified"};

/* Ends of the bands of matchability whose failures are counted. */
static const double band_ends[BANDS + 1] = {0, 0.6, 0.7, 0.75, 0.8, 0.85, 1.0001};

/* What is known of one group of pairs. */
typedef struct group_result {
    const char *name;
    size_t mated, failed;
    eval_discard measures[MEASURES];
} group_result;

typedef struct discard_run {
    const eval_discard_options *options;
    eval_scored scored;
    eval_selections groups;
    double threshold;
    float *values[MEASURES]; /* by number of image; NaN: no measure */
    group_result *results; /* one a group */
    uint64_t failed_in_band[BANDS], mated_in_band[BANDS];
} discard_run;

static void clean_up(discard_run *self)
{
    for (size_t k = 0; k < MEASURES; k++) {
        imi_free(self->values[k]);
    }
    imi_free(self->results);
    eval_selections_clean_up(&self->groups);
    eval_scored_clean_up(&self->scored);
}

/* ---- Reading ---- */

static float read_value(const char *text)
{
    char *end = NULL;
    float value = strtof(text, &end);
    return end != text && *end == '\0' ? value : NAN;
}

static imi_status read_measure(discard_run *self, const eval_csv *csv, size_t k, imi_error *err)
{
    const eval_names *images = &self->scored.pairs.images;
    size_t file = 0;
    size_t column = 0;
    IMI_TRY(eval_csv_column(csv, "file", &file, err));
    IMI_TRY(eval_csv_column(csv, measures[k], &column, err));
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

static imi_status read_quality(discard_run *self, imi_error *err)
{
    AUTO_EVAL_CSV csv = EVAL_CSV_INIT;
    IMI_TRY(eval_csv_load(self->options->quality, &csv, err));
    for (size_t k = 0; k < MEASURES; k++) {
        IMI_TRY(read_measure(self, &csv, k, err));
    }
    return IMI_OK;
}

/* ---- Measuring ---- */

/* A pair is as good as its poorer photo; one that is NaN makes it NaN. */
static float quality_of_pair(const discard_run *self, size_t k, const eval_pair *pair)
{
    float a = self->values[k][pair->image_a];
    float b = self->values[k][pair->image_b];
    return isnan(a) || isnan(b) ? NAN : fminf(a, b);
}

static bool has_failed(const discard_run *self, uint32_t pair)
{
    return !((double)self->scored.similarities[pair] >= self->threshold);
}

/* Mated pairs of a group; returns how many. */
static size_t collect(const discard_run *self, const eval_selection *group, size_t k,
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

static imi_status measure_group(const discard_run *self, const eval_selection *group,
                                group_result *out, imi_error *err)
{
    eval_discard_pair *pairs = imi_alloc_array(group->count, sizeof *pairs);
    if (pairs == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu pairs", group->count);
    }
    out->name = group->name;
    imi_status status = IMI_OK;
    for (size_t k = 0; k < MEASURES && status == IMI_OK; k++) {
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
static void count_bands(discard_run *self)
{
    const eval_selection *all = &self->groups.items[0];
    for (size_t i = 0; i < all->count; i++) {
        const eval_pair *pair = &self->scored.pairs.pairs[all->pairs[i]];
        double quality = (double)quality_of_pair(self, NEW, pair);
        for (size_t b = 0; b < BANDS && pair->mated; b++) {
            if (quality >= band_ends[b] && quality < band_ends[b + 1]) {
                self->mated_in_band[b]++;
                self->failed_in_band[b] += has_failed(self, all->pairs[i]) ? 1 : 0;
            }
        }
    }
}

static imi_status measure(discard_run *self, imi_error *err)
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

/* ---- Files ---- */

static imi_status write_csv(const discard_run *self, imi_error *err)
{
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    IMI_TRY(imi_buffer_append_text(&out, "group,measure,discarded,fnmr,low,high\n", err));
    for (size_t i = 0; i < self->groups.count * MEASURES; i++) {
        const group_result *group = &self->results[i / MEASURES];
        const eval_discard *made = &group->measures[i % MEASURES];
        for (size_t k = 0; k < EVAL_DISCARD_POINTS; k++) {
            const imi_report_point *p = &made->points[k];
            IMI_TRY(imi_buffer_printf(&out, err, "%s,%s,%.2f,%.6f,%.6f,%.6f\n", group->name,
                                      measures[i % MEASURES], p->x, p->y, p->low, p->high));
        }
    }
    char path[4096];
    int size = snprintf(path, sizeof path, "%s/discard.csv", self->options->folder);
    if (size < 0 || (size_t)size >= sizeof path) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the folder's path is too long");
    }
    return imi_file_write(path, imi_buffer_view(&out), 0644, err);
}

static void print_area(const eval_discard *made, char out[CELL_SIZE])
{
    eval_interval interval = eval_discard_area_interval(made);
    snprintf(out, CELL_SIZE, isnan(made->area) ? "-" : "%.2f (%.2f to %.2f)", made->area,
             interval.low, interval.high);
}

/* Cells of a group: name, mated, FNMR, both areas, the gain. */
static void fill_row(const group_result *group, char texts[CELLS][CELL_SIZE])
{
    const eval_discard *made = &group->measures[NEW];
    const eval_discard *old = &group->measures[OLD];
    eval_interval gain = eval_discard_gain_interval(made, old);
    double fnmr = group->mated == 0 ? NAN : (double)group->failed / (double)group->mated;
    snprintf(texts[0], CELL_SIZE, "%s", group->name);
    snprintf(texts[1], CELL_SIZE, "%zu", group->mated);
    snprintf(texts[2], CELL_SIZE, isnan(fnmr) ? "-" : "%.2f", 100 * fnmr);
    print_area(made, texts[3]);
    print_area(old, texts[4]);
    snprintf(texts[5], CELL_SIZE, isnan(made->area) ? "-" : "%+.2f (%+.2f to %+.2f)",
             old->area - made->area, gain.low, gain.high);
}

static void fill_bands(const discard_run *self, imi_report_bar *bars, char names[][CELL_SIZE])
{
    for (size_t b = 0; b < BANDS; b++) {
        snprintf(names[b], CELL_SIZE, "%.2f to %.2f", band_ends[b], fmin(band_ends[b + 1], 1));
        bars[b] = (imi_report_bar){
            names[b], imi_report_rate_of(self->failed_in_band[b], self->mated_in_band[b])};
    }
}

/* All that the page borrows but the groups' texts. */
typedef struct page {
    char (*texts)[CELLS][CELL_SIZE]; /* one a group */
    const char **cells;
    imi_report_bar bars[BANDS];
    char band_names[BANDS][CELL_SIZE];
    imi_report_curve curves[MEASURES];
    char made_at[32], note[256];
} page;

static void fill_page(const discard_run *self, page *out)
{
    for (size_t i = 0; i < self->groups.count; i++) {
        fill_row(&self->results[i], out->texts[i]);
        for (size_t c = 0; c < CELLS; c++) {
            out->cells[i * CELLS + c] = out->texts[i][c];
        }
    }
    for (size_t k = 0; k < MEASURES; k++) {
        out->curves[k] = (imi_report_curve){measures[k], self->results[0].measures[k].points,
                                            EVAL_DISCARD_POINTS};
    }
    fill_bands(self, out->bars, out->band_names);
    time_t now = time(NULL);
    struct tm utc;
    strftime(out->made_at, sizeof out->made_at, "%Y-%m-%d", gmtime_r(&now, &utc));
    snprintf(out->note, sizeof out->note,
             "Similarity threshold %.4f (FMR %g over all comparisons). A pair is as good as its "
             "poorer photo; pairs without a template are discarded first.",
             self->threshold, self->options->target_fmr);
}

static imi_status write_filled(const discard_run *self, const page *filled, imi_error *err)
{
    static const char *const header[CELLS] = {
        "group", "mated", "FNMR %", "area, matchability", "area, unified", "gain"};
    const imi_report_table table = {
        "Areas under the curves",
        "Mean FNMR while 0 to 30 % are discarded, by that without discarding: 1 says nothing, "
        "less is better.",
        header,
        CELLS,
        filled->cells,
        self->groups.count};
    const imi_report_bars bars = {"matchability", "FNMR by matchability of the poorer photo",
                                  "FNMR (%)", filled->bars, BANDS};
    imi_report report = IMI_REPORT_INIT;
    report.title = "Quality and the errors it foretells";
    report.made_at = filled->made_at;
    report.data_note = filled->note;
    report.discard = (imi_report_curves){filled->curves, MEASURES};
    report.bars = &bars;
    report.bars_count = 1;
    report.tables = &table;
    report.table_count = 1;
    IMI_TRY(imi_report_write(&report, self->options->folder, err));
    return write_csv(self, err);
}

/* ---- Summaries ---- */

static void print_table(const discard_run *self, const page *filled)
{
    printf("Threshold %.4f\n\n| group | mated | FNMR %% | area, matchability | area, unified | "
           "gain |\n|---|---:|---:|---:|---:|---:|\n",
           self->threshold);
    for (size_t i = 0; i < self->groups.count; i++) {
        for (size_t c = 0; c < CELLS; c++) {
            printf("| %s ", filled->cells[i * CELLS + c]);
        }
        printf("|\n");
    }
    printf("\n| matchability of the poorer photo | mated | FNMR %% |\n|---|---:|---:|\n");
    for (size_t b = 0; b < BANDS; b++) {
        printf("| %s | %llu | %.1f |\n", filled->band_names[b],
               (unsigned long long)self->mated_in_band[b], 100 * filled->bars[b].rate.value);
    }
}

/* JSON has no NaN. */
static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static imi_status print_json(const discard_run *self, imi_error *err)
{
    json_t *groups = json_array();
    for (size_t i = 0; i < self->groups.count; i++) {
        const group_result *group = &self->results[i];
        json_array_append_new(groups, json_pack("{s:s, s:I, s:I, s:o, s:o}", "group", group->name,
                                                "mated", (json_int_t)group->mated, "failed",
                                                (json_int_t)group->failed, "area_matchability",
                                                number(group->measures[NEW].area), "area_unified",
                                                number(group->measures[OLD].area)));
    }
    json_t *all = json_pack("{s:o, s:o}", "threshold", number(self->threshold), "groups", groups);
    int failed = all == NULL ? -1 : json_dumpf(all, stdout, JSON_INDENT(2));
    json_decref(all);
    putchar('\n');
    if (failed != 0) {
        IMI_FAIL(err, IMI_E_IO, "cannot print the summary");
    }
    return IMI_OK;
}

static imi_status give(const discard_run *self, imi_error *err)
{
    page filled = {.texts = imi_alloc_array(self->groups.count, sizeof *filled.texts),
                   .cells = imi_alloc_array(self->groups.count, CELLS * sizeof *filled.cells)};
    imi_status status = IMI_OK;
    if (filled.texts == NULL || filled.cells == NULL) {
        status = imi_error_set(err, IMI_E_NO_MEMORY, 0, __FILE__, __LINE__, "no memory for a page");
    } else {
        fill_page(self, &filled);
        status = write_filled(self, &filled, err);
    }
    if (status == IMI_OK && self->options->json) {
        status = print_json(self, err);
    } else if (status == IMI_OK) {
        print_table(self, &filled);
    }
    imi_free(filled.texts);
    imi_free(filled.cells);
    return status;
}

imi_status eval_discard_report(const eval_discard_options *options, imi_error *err)
{
    discard_run self = {.options = options, .scored = {{.csv = EVAL_CSV_INIT}, NULL}};
    imi_status status = measure(&self, err);
    if (status == IMI_OK) {
        status = give(&self, err);
    }
    clean_up(&self);
    return status;
}
