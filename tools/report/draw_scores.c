#include "draw_scores.h"

#include "drawing.h"
#include "gnuplot.h"

#include <math.h>
#include <stdio.h>

static uint64_t total_of(const imi_report_histogram *histogram)
{
    uint64_t total = 0;
    for (size_t i = 0; i < histogram->bins; i++) {
        total += histogram->counts[i];
    }
    return total;
}

/* Density is told for a stretch of similarity: cosines and normalised scores differ in scale. */
static double stretch_of(const imi_report_distribution *d)
{
    double mated = d->mated.bins > 0 ? d->mated.high - d->mated.low : 0;
    double non_mated = d->non_mated.bins > 0 ? d->non_mated.high - d->non_mated.low : 0;
    return fmax(mated, non_mated) > 2 ? 0.1 : 0.01;
}

/* The outline of a histogram as density: percent of all scores by stretch of similarity. */
static imi_status put_outline(const imi_report_histogram *histogram, double stretch,
                              const char *name, imi_buffer *out, imi_error *err)
{
    IMI_TRY(imi_buffer_printf(out, err, "$%s << EOD\n", name));
    double width = (histogram->high - histogram->low) / (double)histogram->bins;
    double scale = 100 * stretch / ((double)total_of(histogram) * width);
    IMI_TRY(imi_buffer_printf(out, err, "%.9g 0\n", histogram->low));
    for (size_t i = 0; i < histogram->bins; i++) {
        double left = histogram->low + width * (double)i;
        double height = (double)histogram->counts[i] * scale;
        IMI_TRY(imi_buffer_printf(out, err, "%.9g %.9g\n%.9g %.9g\n", left, height, left + width,
                                  height));
    }
    return imi_buffer_printf(out, err, "%.9g 0\nEOD\n", histogram->high);
}

static imi_status plot_outline(const char *data, const char *name, uint64_t total,
                               const char *style, imi_buffer *out, imi_error *err)
{
    char key[128];
    snprintf(key, sizeof key, "%s (%llu)", name, (unsigned long long)total);
    IMI_TRY(
        imi_buffer_printf(out, err, "$%s using 1:2 with filledcurves y1=0 %s title ", data, style));
    return imi_report_quote(key, out, err);
}

imi_status imi_report_draw_distribution(const imi_report *report, size_t index,
                                        imi_report_figures *list, imi_error *err)
{
    const imi_report_distribution *d = &report->distributions[index];
    uint64_t mated = total_of(&d->mated);
    uint64_t non_mated = total_of(&d->non_mated);
    if (mated == 0 && non_mated == 0) {
        return IMI_OK;
    }
    imi_report_figure *figure = NULL;
    IMI_TRY(imi_report_begin_figure(list, IMI_REPORT_SCORES, &figure, err));
    imi_buffer *out = &figure->drawing;
    double stretch = stretch_of(d);
    char y_label[48];
    snprintf(y_label, sizeof y_label, "share of scores per %g (%%)", stretch);
    snprintf(figure->file, sizeof figure->file, index == 0 ? "scores" : "scores-%zu", index);
    snprintf(figure->title, sizeof figure->title, "Scores: %s", d->name);
    IMI_TRY(imi_report_draw_frame(figure, "similarity", y_label, 2, err));
    IMI_TRY(imi_report_draw_threshold(report->operating_point.threshold, out, err));
    IMI_TRY(imi_buffer_append_text(out, "set yrange [0:*]\n", err));
    const char *mated_name = report->mated_name == NULL ? "mated" : report->mated_name;
    if (non_mated > 0) {
        IMI_TRY(put_outline(&d->non_mated, stretch, "non_mated", out, err));
    }
    if (mated > 0) {
        IMI_TRY(put_outline(&d->mated, stretch, "mated", out, err));
    }
    IMI_TRY(imi_buffer_append_text(out, "plot ", err));
    if (non_mated > 0) {
        IMI_TRY(plot_outline(
            "non_mated", "non-mated", non_mated,
            "fc rgb '#E69F00' fs transparent solid 0.45 border lc rgb '#D55E00' lw 2.5", out, err));
        IMI_TRY(imi_buffer_append_text(out, mated > 0 ? ", " : "", err));
    }
    if (mated > 0) {
        IMI_TRY(plot_outline(
            "mated", mated_name, mated,
            "fc rgb '#0072B2' fs transparent pattern 4 border lc rgb '#0072B2' lw 2.5", out, err));
    }
    return imi_buffer_append_text(out, "\n", err);
}
