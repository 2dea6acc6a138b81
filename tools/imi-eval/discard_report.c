#include "discard_report.h"

#include "discard_run.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <time.h>

enum { CELLS = 6, CELL_SIZE = 48 };

static imi_status write_csv(const eval_discard_run *self, imi_error *err)
{
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    IMI_TRY(imi_buffer_append_text(&out, "group,measure,discarded,fnmr,low,high\n", err));
    for (size_t i = 0; i < self->groups.count * EVAL_MEASURES; i++) {
        const eval_discard_group *group = &self->results[i / EVAL_MEASURES];
        const eval_discard *made = &group->measures[i % EVAL_MEASURES];
        for (size_t k = 0; k < EVAL_DISCARD_POINTS; k++) {
            const imi_report_point *p = &made->points[k];
            IMI_TRY(imi_buffer_printf(&out, err, "%s,%s,%.2f,%.6f,%.6f,%.6f\n", group->name,
                                      eval_measure_names[i % EVAL_MEASURES], p->x, p->y, p->low,
                                      p->high));
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
static void fill_row(const eval_discard_group *group, char texts[CELLS][CELL_SIZE])
{
    const eval_discard *made = &group->measures[EVAL_NEW_MEASURE];
    const eval_discard *old = &group->measures[EVAL_OLD_MEASURE];
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

static void fill_bands(const eval_discard_run *self, imi_report_bar *bars, char names[][CELL_SIZE])
{
    for (size_t b = 0; b < EVAL_BANDS; b++) {
        snprintf(names[b], CELL_SIZE, "%.2f to %.2f", eval_band_ends[b],
                 fmin(eval_band_ends[b + 1], 1));
        bars[b] = (imi_report_bar){
            names[b], imi_report_rate_of(self->failed_in_band[b], self->mated_in_band[b])};
    }
}

/* All that the page borrows but the groups' texts. */
typedef struct page {
    char (*texts)[CELLS][CELL_SIZE]; /* one a group */
    const char **cells;
    imi_report_bar bars[EVAL_BANDS];
    char band_names[EVAL_BANDS][CELL_SIZE];
    imi_report_curve curves[EVAL_MEASURES];
    char made_at[32], note[256];
} page;

static void fill_page(const eval_discard_run *self, page *out)
{
    for (size_t i = 0; i < self->groups.count; i++) {
        fill_row(&self->results[i], out->texts[i]);
        for (size_t c = 0; c < CELLS; c++) {
            out->cells[i * CELLS + c] = out->texts[i][c];
        }
    }
    for (size_t k = 0; k < EVAL_MEASURES; k++) {
        out->curves[k] = (imi_report_curve){
            eval_measure_names[k], self->results[0].measures[k].points, EVAL_DISCARD_POINTS};
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

static imi_status write_filled(const eval_discard_run *self, const page *filled, imi_error *err)
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
                                  "FNMR (%)", filled->bars, EVAL_BANDS};
    imi_report report = IMI_REPORT_INIT;
    report.title = "Quality and the errors it foretells";
    report.made_at = filled->made_at;
    report.data_note = filled->note;
    report.discard = (imi_report_curves){filled->curves, EVAL_MEASURES};
    report.bars = &bars;
    report.bars_count = 1;
    report.tables = &table;
    report.table_count = 1;
    IMI_TRY(imi_report_write(&report, self->options->folder, err));
    return write_csv(self, err);
}

static void print_table(const eval_discard_run *self, const page *filled)
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
    for (size_t b = 0; b < EVAL_BANDS; b++) {
        printf("| %s | %llu | %.1f |\n", filled->band_names[b],
               (unsigned long long)self->mated_in_band[b], 100 * filled->bars[b].rate.value);
    }
}

/* JSON has no NaN. */
static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static imi_status print_json(const eval_discard_run *self, imi_error *err)
{
    json_t *groups = json_array();
    for (size_t i = 0; i < self->groups.count; i++) {
        const eval_discard_group *group = &self->results[i];
        json_array_append_new(
            groups, json_pack("{s:s, s:I, s:I, s:o, s:o}", "group", group->name, "mated",
                              (json_int_t)group->mated, "failed", (json_int_t)group->failed,
                              "area_matchability", number(group->measures[EVAL_NEW_MEASURE].area),
                              "area_unified", number(group->measures[EVAL_OLD_MEASURE].area)));
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

static imi_status give(const eval_discard_run *self, imi_error *err)
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
    eval_discard_run run;
    imi_status status = eval_discard_run_all(options, &run, err);
    if (status == IMI_OK) {
        status = give(&run, err);
    }
    eval_discard_run_clean_up(&run);
    return status;
}
