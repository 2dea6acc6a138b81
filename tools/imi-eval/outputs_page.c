#include "outputs.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

enum { PAIR_COLUMNS = 5, CELL_SIZE = 32 };

static const char *pair_cell(const eval_evaluation *self, uint32_t pair, int column)
{
    return eval_pairs_text(&self->scored.pairs, pair, column);
}

/* Cells of a list of pairs; numbers hold the texts of the similarities. */
static void fill_cells(const eval_evaluation *self, const eval_pair_list *list, const char **cells,
                       char numbers[][CELL_SIZE])
{
    for (size_t i = 0; i < list->count; i++) {
        uint32_t pair = list->pairs[i];
        snprintf(numbers[i], CELL_SIZE, "%.4f", (double)self->scored.similarities[pair]);
        const char **row = cells + i * PAIR_COLUMNS;
        row[0] = pair_cell(self, pair, EVAL_A);
        row[1] = pair_cell(self, pair, EVAL_B);
        row[2] = pair_cell(self, pair, EVAL_SET);
        row[3] = pair_cell(self, pair, EVAL_TAG);
        row[4] = numbers[i];
    }
}

/* What the command line says about the page. */
typedef struct page_texts {
    const char *title, *note, *folder;
} page_texts;

/* All that the page borrows. */
typedef struct page {
    imi_report report;
    imi_report_distribution *distributions;
    imi_report_curve *det, *fmr;
    imi_report_group *groups;
    imi_report_bar *gap_bars;
    imi_report_bars gap_picture;
    imi_report_table tables[2];
    const char *cells[2][EVAL_LISTED_PAIRS * PAIR_COLUMNS];
    char numbers[2][EVAL_LISTED_PAIRS][CELL_SIZE];
    char made_at[32], failures[256];
} page;

static imi_report_group group_of(const eval_group_result *result)
{
    return (imi_report_group){result->name, result->subjects, result->fmr, result->fnmr};
}

static void fill_groups(const eval_evaluation *self, page *out)
{
    for (size_t i = 0; i < self->sets.count; i++) {
        const eval_group_result *r = &self->sets_at[i];
        out->distributions[i] = (imi_report_distribution){r->name, r->mated, r->non_mated};
        out->det[i] = (imi_report_curve){r->name, r->curves.det, r->curves.det_count};
        out->fmr[i] = (imi_report_curve){r->name, r->curves.fmr, r->curves.fmr_count};
    }
    /* All together is the operating point itself; sets and attributes are groups of it. */
    for (size_t i = 1; i < self->sets.count; i++) {
        out->groups[i - 1] = group_of(&self->sets_at[i]);
    }
    for (size_t i = 0; i < self->attributes.count; i++) {
        out->groups[self->sets.count - 1 + i] = group_of(&self->attributes_at[i]);
    }
    for (size_t i = 0; i < self->gaps.count; i++) {
        out->gap_bars[i] = (imi_report_bar){self->gaps_at[i].name, self->gaps_at[i].fnmr};
    }
}

static void fill_tables(const eval_evaluation *self, page *out)
{
    static const char *const header[PAIR_COLUMNS] = {"photo", "photo", "set", "tag", "similarity"};
    static const char *const titles[] = {"Mated pairs of lowest similarity",
                                         "Non-mated pairs of highest similarity"};
    const char *const notes[] = {out->failures, "A person under two names would stand here."};
    snprintf(out->failures, sizeof out->failures,
             "Look at these: some are wrong labels, and then they count as errors all the same. "
             "None is left out of the figures. %zu mated pairs have no score, as a photo gave no "
             "template.",
             self->failed_mated);
    const eval_pair_list *lists[] = {&self->worst_mated, &self->highest_non_mated};
    for (size_t i = 0; i < 2; i++) {
        fill_cells(self, lists[i], out->cells[i], out->numbers[i]);
        out->tables[i] = (imi_report_table){titles[i],    notes[i],      header,
                                            PAIR_COLUMNS, out->cells[i], lists[i]->count};
    }
}

static void fill_report(const eval_evaluation *self, const page_texts *texts, page *out)
{
    static const char *const notes[] = {
        "Intervals are 95 %, from 500 bootstrap draws of whole subjects, widened to the exact "
        "binomial interval: pairs that share a person are not independent. Groups of few people "
        "have wide intervals, and that is the finding.",
        "A photo that gave no template counts as a non-match."};
    const eval_evaluation_options *options = &self->options;
    imi_report *report = &out->report;
    report->title = texts->title == NULL ? "Accuracy of face comparison" : texts->title;
    report->data_note = texts->note == NULL ? options->scores : texts->note;
    report->made_at = out->made_at;
    report->operating_point = (imi_report_operating_point){
        self->threshold, isnan(options->threshold) ? options->target_fmr : NAN,
        self->sets_at[0].fmr, self->sets_at[0].fnmr};
    report->distributions = out->distributions;
    report->distribution_count = self->sets.count;
    report->det = (imi_report_curves){out->det, self->sets.count};
    report->fmr = (imi_report_curves){out->fmr, self->sets.count};
    report->groups = out->groups;
    report->group_count = self->sets.count - 1 + self->attributes.count;
    out->gap_picture = (imi_report_bars){"age-gap", "FNMR by years between the photos", "FNMR (%)",
                                         out->gap_bars, self->gaps.count};
    report->bars = &out->gap_picture;
    report->bars_count = self->gaps.count > 0 ? 1 : 0;
    report->tables = out->tables;
    report->table_count = 2;
    report->notes = notes;
    report->note_count = sizeof notes / sizeof *notes;
}

static imi_status write_filled(const eval_evaluation *self, const page_texts *texts, page *out,
                               imi_error *err)
{
    time_t now = time(NULL);
    struct tm utc;
    strftime(out->made_at, sizeof out->made_at, "%Y-%m-%d", gmtime_r(&now, &utc));
    fill_groups(self, out);
    fill_tables(self, out);
    fill_report(self, texts, out);
    return imi_report_write(&out->report, texts->folder, err);
}

imi_status eval_write_page(const eval_evaluation *self, const char *title, const char *note,
                           const char *folder, imi_error *err)
{
    const page_texts texts = {title, note, folder};
    size_t groups = self->sets.count + self->attributes.count;
    page *out = imi_alloc(sizeof *out);
    if (out == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for the page");
    }
    out->report = (imi_report)IMI_REPORT_INIT;
    out->distributions = imi_alloc_array(groups, sizeof *out->distributions);
    out->det = imi_alloc_array(groups, sizeof *out->det);
    out->fmr = imi_alloc_array(groups, sizeof *out->fmr);
    out->groups = imi_alloc_array(groups, sizeof *out->groups);
    out->gap_bars = imi_alloc_array(self->gaps.count, sizeof *out->gap_bars);
    bool complete = out->distributions != NULL && out->det != NULL && out->fmr != NULL &&
                    out->groups != NULL && out->gap_bars != NULL;
    imi_status status = complete ? write_filled(self, &texts, out, err)
                                 : imi_error_set(err, IMI_E_NO_MEMORY, 0, __FILE__, __LINE__,
                                                 "no memory for %zu groups", groups);
    imi_free(out->distributions);
    imi_free(out->det);
    imi_free(out->fmr);
    imi_free(out->groups);
    imi_free(out->gap_bars);
    imi_free(out);
    return status;
}
