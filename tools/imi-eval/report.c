#include "report.h"

#include <jansson.h>
#include <math.h>

static void print_rate(FILE *to, double rate, eval_interval interval, int digits)
{
    if (isnan(rate)) {
        fprintf(to, " - |");
    } else {
        fprintf(to, " %.*f (%.*f-%.*f) |", digits, 100 * rate, digits, 100 * interval.low, digits,
                100 * interval.high);
    }
}

/* Share of photos without a template. */
static double fta_of(const eval_row *row)
{
    return row->images == 0 ? NAN : (double)row->failed_images / (double)row->images;
}

static void print_row(const eval_row *row, bool calibrated, FILE *to)
{
    fprintf(to, "| %s | %zu | %zu |", row->group, row->subjects, row->images);
    print_rate(to, fta_of(row), eval_share_interval(row->failed_images, row->images), 2);
    fprintf(to, " %zu | %zu |", row->mated, row->non_mated);
    print_rate(to, row->rates.eer, row->intervals.eer, 2);
    print_rate(to, row->rates.fnmr, row->intervals.fnmr, 2);
    if (calibrated) {
        print_rate(to, row->at.fmr, row->intervals.fmr_at, 3);
        print_rate(to, row->at.fnmr, row->intervals.fnmr_at, 2);
    }
    fputc('\n', to);
}

void eval_report_print(const eval_report *report, FILE *to)
{
    bool calibrated = !isnan(report->threshold);
    fprintf(to, "\n%s\n\n", report->scored_by);
    fprintf(to,
            "| group | subjects | images | FTA %% | mated | non-mated | EER %% | FNMR %% at FMR "
            "%g |%s\n|---|---:|---:|---:|---:|---:|---:|---:|%s\n",
            report->fmr, calibrated ? " FMR % at calibrated threshold | FNMR % there |" : "",
            calibrated ? "---:|---:|" : "");
    for (size_t i = 0; i < report->row_count; i++) {
        print_row(&report->rows[i], calibrated, to);
    }
}

static void print_anchors(const eval_shared_report *report, FILE *to)
{
    const char *separator = "";
    for (size_t g = 0; g < report->group_count; g++) {
        if (report->is_anchor[g]) {
            fprintf(to, "%s%s", separator, report->groups[g]);
            separator = ", ";
        }
    }
}

static bool is_empty(const eval_shared_rates *rates)
{
    return isnan(rates->fmr) && isnan(rates->fnmr);
}

static void print_ratios(const eval_shared_report *report, FILE *to)
{
    fprintf(to, "| highest FMR of a group / pooled FMR |");
    for (size_t v = 0; v < report->view_count; v++) {
        const eval_shared_point *point = &report->views[v].point;
        fprintf(to, " | %.1f (%.1f-%.1f) |", point->worst_to_pooled,
                point->worst_to_pooled_interval.low, point->worst_to_pooled_interval.high);
    }
    fputc('\n', to);
}

void eval_shared_report_print(const eval_shared_report *report, FILE *to)
{
    fprintf(to, "\nOne threshold for all that holds the mean FMR over ");
    print_anchors(report, to);
    fprintf(to, " at %g\n\n| group |", report->views[0].point.target);
    for (size_t v = 0; v < report->view_count; v++) {
        fprintf(to, " FNMR %%, %s | FMR %% |", report->views[v].scored_by);
    }
    fprintf(to, "\n|---|");
    for (size_t v = 0; v < report->view_count; v++) {
        fprintf(to, "---:|---:|");
    }
    fputc('\n', to);
    for (size_t g = 0; g < report->group_count; g++) {
        if (is_empty(&report->views[0].point.groups[g])) {
            continue;
        }
        fprintf(to, "| %s |", report->groups[g]);
        for (size_t v = 0; v < report->view_count; v++) {
            const eval_shared_rates *rates = &report->views[v].point.groups[g];
            print_rate(to, rates->fnmr, rates->fnmr_interval, 2);
            print_rate(to, rates->fmr, rates->fmr_interval, 3);
        }
        fputc('\n', to);
    }
    print_ratios(report, to);
}

/* JSON has no NaN. */
static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *rate(double value, eval_interval interval)
{
    return json_pack("{s:o, s:o, s:o}", "rate", number(value), "low", number(interval.low), "high",
                     number(interval.high));
}

static json_t *row_json(const eval_row *row)
{
    return json_pack("{s:s, s:I, s:I, s:I, s:o, s:I, s:I, s:o, s:o, s:o, s:o, s:o}", "group",
                     row->group, "subjects", (json_int_t)row->subjects, "images",
                     (json_int_t)row->images, "failed_images", (json_int_t)row->failed_images,
                     "fta", rate(fta_of(row), eval_share_interval(row->failed_images, row->images)),
                     "mated", (json_int_t)row->mated, "non_mated", (json_int_t)row->non_mated,
                     "eer", rate(row->rates.eer, row->intervals.eer), "fnmr",
                     rate(row->rates.fnmr, row->intervals.fnmr), "threshold",
                     number(row->rates.threshold), "fmr_at_calibrated",
                     rate(row->at.fmr, row->intervals.fmr_at), "fnmr_at_calibrated",
                     rate(row->at.fnmr, row->intervals.fnmr_at));
}

static json_t *report_json(const eval_report *report)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < report->row_count; i++) {
        json_array_append_new(rows, row_json(&report->rows[i]));
    }
    return json_pack("{s:s, s:f, s:o, s:o}", "scored_by", report->scored_by, "fmr", report->fmr,
                     "calibrated_threshold", number(report->threshold), "groups", rows);
}

static json_t *shared_groups_json(const eval_shared_report *report, const eval_shared_point *point)
{
    json_t *groups = json_array();
    for (size_t g = 0; g < report->group_count; g++) {
        const eval_shared_rates *rates = &point->groups[g];
        if (!is_empty(rates)) {
            json_array_append_new(groups,
                                  json_pack("{s:s, s:b, s:o, s:o}", "group", report->groups[g],
                                            "held", (int)report->is_anchor[g], "fnmr",
                                            rate(rates->fnmr, rates->fnmr_interval), "fmr",
                                            rate(rates->fmr, rates->fmr_interval)));
        }
    }
    return groups;
}

static json_t *shared_json(const eval_shared_report *report)
{
    json_t *views = json_array();
    for (size_t v = 0; v < report->view_count; v++) {
        const eval_shared_point *point = &report->views[v].point;
        json_array_append_new(
            views, json_pack("{s:s, s:o, s:o, s:o, s:o}", "scored_by", report->views[v].scored_by,
                             "threshold", number(point->threshold), "pooled_fmr",
                             number(point->pooled_fmr), "worst_to_pooled",
                             rate(point->worst_to_pooled, point->worst_to_pooled_interval),
                             "groups", shared_groups_json(report, point)));
    }
    return json_pack("{s:f, s:o}", "mean_fmr_held", report->views[0].point.target, "views", views);
}

imi_status eval_report_print_json(const eval_report *reports, size_t count,
                                  const eval_shared_report *shared, size_t shared_count, FILE *to,
                                  imi_error *err)
{
    json_t *all = json_array();
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(all, report_json(&reports[i]));
    }
    json_t *points = json_array();
    for (size_t i = 0; i < shared_count; i++) {
        json_array_append_new(points, shared_json(&shared[i]));
    }
    json_t *summary = json_pack("{s:o, s:o}", "reports", all, "shared_thresholds", points);
    int failed = json_dumpf(summary, to, JSON_INDENT(2));
    json_decref(summary);
    fputc('\n', to);
    if (failed != 0) {
        IMI_FAIL(err, IMI_E_IO, "cannot print the summary");
    }
    return IMI_OK;
}
