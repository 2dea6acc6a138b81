#include "drawing.h"

#include "gnuplot.h"
#include "statistics.h"

#include <math.h>
#include <stdio.h>

/* In pixels of the SVG picture: a line of the key, and room around the plot for all text. */
enum {
    KEY_LINE = 28,
    KEY_TOP = 12,
    KEY_LEFT = 70,
    LEFT = 98,
    RIGHT = 24,
    TOP = 74,
    BOTTOM = 98,
    TITLE = 24,
    X_LABEL = 32,
    Y_LABEL = 14
};

/* Shares that get a label on log and probit axes. */
static const double log_labels[] = {1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1};
static const double probit_labels[] = {1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 5e-3, 0.02,
                                       0.05, 0.1,  0.2,  0.4,  0.6,  0.8,  0.95};

imi_status imi_report_put_number(double value, imi_buffer *out, imi_error *err)
{
    return isfinite(value) ? imi_buffer_printf(out, err, " %.9g", value)
                           : imi_buffer_append_text(out, " NaN", err);
}

void imi_report_axis_include(imi_report_axis *axis, double share)
{
    bool shown = isfinite(share) && (axis->scale == IMI_REPORT_LINEAR || share > 0);
    if (shown) {
        axis->low = isnan(axis->low) ? share : fmin(axis->low, share);
        axis->high = isnan(axis->high) ? share : fmax(axis->high, share);
    }
}

static void labels_of(const imi_report_axis *axis, const double **labels, size_t *count)
{
    bool log = axis->scale == IMI_REPORT_LOG;
    *labels = log ? log_labels : probit_labels;
    *count =
        log ? sizeof log_labels / sizeof *log_labels : sizeof probit_labels / sizeof *probit_labels;
}

void imi_report_axis_round(imi_report_axis *axis)
{
    if (axis->scale == IMI_REPORT_LINEAR) {
        bool empty = isnan(axis->low) || !(axis->high > 0);
        axis->low = 0;
        axis->high = empty ? 0.01 : axis->high * 1.05;
        return;
    }
    const double *labels = NULL;
    size_t count = 0;
    labels_of(axis, &labels, &count);
    double low = isnan(axis->low) ? 1e-3 : axis->low;
    double high = isnan(axis->high) ? 0.1 : axis->high;
    axis->low = labels[0];
    axis->high = labels[count - 1];
    for (size_t i = 0; i < count; i++) {
        axis->low = labels[i] <= low ? labels[i] : axis->low;
    }
    for (size_t i = count; i-- > 0;) {
        axis->high = labels[i] >= high && labels[i] > axis->low ? labels[i] : axis->high;
    }
}

double imi_report_axis_place(const imi_report_axis *axis, double share)
{
    if (isnan(share)) {
        return NAN;
    }
    double inside = fmin(fmax(share, axis->low), axis->high);
    switch (axis->scale) {
    case IMI_REPORT_PROBIT:
        return imi_report_probit(inside);
    case IMI_REPORT_LOG:
        return log10(inside);
    default:
        return 100 * inside;
    }
}

imi_status imi_report_axis_draw(const imi_report_axis *axis, imi_buffer *out, imi_error *err)
{
    IMI_TRY(imi_buffer_printf(out, err, "set %crange [%.9g:%.9g]\n", axis->name,
                              imi_report_axis_place(axis, axis->low),
                              imi_report_axis_place(axis, axis->high)));
    if (axis->scale == IMI_REPORT_LINEAR) {
        return imi_buffer_printf(out, err, "set format %c '%%g'\n", axis->name);
    }
    const double *labels = NULL;
    size_t count = 0;
    labels_of(axis, &labels, &count);
    IMI_TRY(imi_buffer_printf(out, err, "set %ctics (", axis->name));
    const char *comma = "";
    for (size_t i = 0; i < count; i++) {
        if (labels[i] >= axis->low && labels[i] <= axis->high) {
            IMI_TRY(imi_buffer_printf(out, err, "%s'%g' %.9g", comma, 100 * labels[i],
                                      imi_report_axis_place(axis, labels[i])));
            comma = ", ";
        }
    }
    return imi_buffer_append_text(out, ")\n", err);
}

imi_status imi_report_line_style(size_t index, size_t points, imi_buffer *out, imi_error *err)
{
    /* Okabe and Ito, "Color universal design", 2008. */
    static const char *const colours[] = {"#000000", "#0072B2", "#D55E00", "#009E73",
                                          "#CC79A7", "#E69F00", "#56B4E9"};
    static const char *const dashes[] = {"solid", "'-'", "'. '", "'_.'", "'_ '"};
    static const int markers[] = {7, 5, 9, 13, 4, 6, 8, 12};
    enum { COLOURS = 7, DASHES = 5, MARKERS = 8, MARKED = 6 };
    /* About six markers a curve: enough to tell it by, too few to cover it. */
    size_t every = points > MARKED ? points / MARKED : 1;
    return imi_buffer_printf(out, err, "lc rgb '%s' lw %s dt %s pt %d ps 0.9*P pi %zu",
                             colours[index % COLOURS], index == 0 ? "3" : "2",
                             dashes[index % DASHES], markers[index % MARKERS], every);
}

void imi_report_percent_text(double share, char *out, size_t capacity)
{
    double percent = 100 * share;
    if (!isfinite(share)) {
        snprintf(out, capacity, "-");
    } else if (percent == 0 || percent >= 0.995) {
        snprintf(out, capacity, "%.*f %%", percent == 0 ? 0 : 1, percent);
    } else {
        snprintf(out, capacity, "%.*f %%", (int)fmin(1 - floor(log10(percent)), 9), percent);
    }
}

void imi_report_rate_text(const imi_report_rate *rate, char *out, size_t capacity)
{
    char percent[32];
    imi_report_percent_text(rate->value, percent, sizeof percent);
    if (rate->trials > 0) {
        /* Registries give billions of comparisons: three digits say enough. */
        snprintf(out, capacity, "%s (%.*g of %.*g)", percent, rate->events < 1000000 ? 7 : 3,
                 (double)rate->events, rate->trials < 1000000 ? 7 : 3, (double)rate->trials);
    } else {
        snprintf(out, capacity, "%s", percent);
    }
}

/* A label by its own means, where `set title` and the like would guess. */
static imi_status put_label(int number, const char *text, const char *where, imi_buffer *out,
                            imi_error *err)
{
    IMI_TRY(imi_buffer_printf(out, err, "set label %d ", number));
    IMI_TRY(imi_report_quote(text, out, err));
    return imi_buffer_printf(out, err, " %s noenhanced front\n", where);
}

/* Title above, labels of the axes beside and below. */
static imi_status put_labels(imi_report_figure *figure, const char *x_label, const char *y_label,
                             double key, imi_error *err)
{
    char where[96];
    imi_buffer *out = &figure->drawing;
    snprintf(where, sizeof where, "at graph 0.5, screen %.4f center",
             1 - TITLE / (double)figure->height);
    IMI_TRY(put_label(3, figure->title, where, out, err));
    snprintf(where, sizeof where, "at graph 0.5, screen %.4f center",
             (key + X_LABEL) / (double)figure->height);
    IMI_TRY(put_label(4, x_label, where, out, err));
    snprintf(where, sizeof where, "at screen %.4f, graph 0.5 center rotate by 90",
             Y_LABEL / (double)figure->width);
    return y_label[0] == 0 ? IMI_OK : put_label(5, y_label, where, out, err);
}

/*
 * Margins, labels and key are placed by hand: gnuplot lays them out by the width of text as each
 * of its terminals guesses it, and the guess for SVG is far off.
 */
imi_status imi_report_draw_frame(imi_report_figure *figure, const char *x_label,
                                 const char *y_label, size_t key_rows, imi_error *err)
{
    double key = KEY_LINE * (double)key_rows;
    figure->height += (unsigned)key;
    double width = figure->width;
    double height = figure->height;
    IMI_TRY(put_labels(figure, x_label, y_label, key, err));
    return imi_buffer_printf(&figure->drawing, err,
                             "set border 3 lw 1.2\nset tics nomirror out\n"
                             "set grid lt 1 lc rgb '#BBBBBB' lw 0.8\n"
                             "set lmargin at screen %.4f\nset rmargin at screen %.4f\n"
                             "set tmargin at screen %.4f\nset bmargin at screen %.4f\n"
                             "set key noenhanced at screen %.4f, screen %.4f left top vertical "
                             "maxrows %zu Left reverse samplen 3\n",
                             LEFT / width, 1 - RIGHT / width, 1 - TOP / height,
                             (BOTTOM + key) / height, KEY_LEFT / width, (KEY_TOP + key) / height,
                             key_rows > 0 ? key_rows : 1);
}

imi_status imi_report_draw_threshold(double threshold, imi_buffer *out, imi_error *err)
{
    if (!isfinite(threshold)) {
        return IMI_OK;
    }
    return imi_buffer_printf(
        out, err,
        "set arrow 1 from first %.9g, graph 0 to first %.9g, graph 1 nohead lw 2 dt '-' "
        "lc rgb '#000000' front\n"
        "set label 1 'threshold %.3f' at first %.9g, graph 1.0 center offset 0,0.6 noenhanced "
        "front\n",
        threshold, threshold, threshold, threshold);
}
