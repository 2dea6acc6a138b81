#include "draw_bars.h"

#include "drawing.h"
#include "gnuplot.h"

#include <math.h>
#include <stdio.h>

/* In pixels, but for the characters that there is room for on the left. */
enum { BAR_HEIGHT = 54, BARS_MARGIN = 172, NAME_CHARACTERS = 22 };

/* What a picture of bars needs; the target, if any, is a line across. */
typedef struct bar_plot {
    const char *label; /* of the rates */
    imi_report_scale scale;
    double target;
    const imi_report_bar *bars;
    size_t count;
} bar_plot;

/* Names on the left, each with its rate and counts in a second line. */
static imi_status put_bar_names(const bar_plot *plot, imi_buffer *out, imi_error *err)
{
    IMI_TRY(imi_buffer_append_text(out, "unset ytics\n", err));
    for (size_t i = 0; i < plot->count; i++) {
        char rate[96];
        imi_report_rate_text(&plot->bars[i].rate, rate, sizeof rate);
        IMI_TRY(imi_buffer_printf(out, err, "set label %zu ", 2 * i + 10));
        IMI_TRY(imi_report_quote_name(plot->bars[i].name, NAME_CHARACTERS, out, err));
        IMI_TRY(imi_buffer_printf(out, err, " at graph 0, first -%zu right offset -0.8,0.5 front\n",
                                  i));
        IMI_TRY(imi_buffer_printf(out, err, "set label %zu ", 2 * i + 11));
        IMI_TRY(imi_report_quote(rate, out, err));
        IMI_TRY(imi_buffer_printf(out, err,
                                  " at graph 0, first -%zu right offset -0.8,-0.5 tc rgb "
                                  "'#444444' front font ',15'\n",
                                  i));
    }
    return IMI_OK;
}

static imi_status put_bars(const bar_plot *plot, const imi_report_axis *axis, imi_buffer *out,
                           imi_error *err)
{
    IMI_TRY(imi_buffer_append_text(out, "$bars << EOD\n", err));
    for (size_t i = 0; i < plot->count; i++) {
        const imi_report_rate *rate = &plot->bars[i].rate;
        const double columns[] = {imi_report_axis_place(axis, rate->value),
                                  imi_report_axis_place(axis, rate->low),
                                  imi_report_axis_place(axis, rate->high)};
        /* Filled where something was counted; an open ring says that nothing was. */
        IMI_TRY(imi_buffer_printf(out, err, "-%zu %d", i, rate->value > 0 ? 7 : 6));
        for (size_t k = 0; k < sizeof columns / sizeof *columns; k++) {
            IMI_TRY(imi_report_put_number(columns[k], out, err));
        }
        IMI_TRY(imi_buffer_append_text(out, "\n", err));
    }
    return imi_buffer_append_text(out, "EOD\n", err);
}

static imi_report_axis axis_of_bars(const bar_plot *plot)
{
    imi_report_axis axis = {'x', plot->scale, NAN, NAN};
    for (size_t i = 0; i < plot->count; i++) {
        imi_report_axis_include(&axis, plot->bars[i].rate.value);
        imi_report_axis_include(&axis, plot->bars[i].rate.high);
    }
    if (plot->target > 0) {
        imi_report_axis_include(&axis, plot->target);
        imi_report_axis_include(&axis, plot->scale == IMI_REPORT_LOG ? plot->target / 10 : NAN);
    }
    imi_report_axis_round(&axis);
    return axis;
}

static imi_status draw_bars(const bar_plot *plot, imi_report_figure *figure, imi_error *err)
{
    imi_buffer *out = &figure->drawing;
    imi_report_axis axis = axis_of_bars(plot);
    figure->height = (unsigned)(BARS_MARGIN + BAR_HEIGHT * plot->count);
    IMI_TRY(imi_report_draw_frame(figure, plot->label, "", 0, err));
    IMI_TRY(imi_report_axis_draw(&axis, out, err));
    IMI_TRY(imi_buffer_printf(out, err,
                              "set yrange [-%zu.6:0.6]\nset lmargin at screen 0.38\n"
                              "unset key\nset style fill pattern 4 border\n",
                              plot->count - 1));
    IMI_TRY(put_bar_names(plot, out, err));
    if (plot->target > 0) {
        double x = imi_report_axis_place(&axis, plot->target);
        IMI_TRY(imi_buffer_printf(out, err,
                                  "set arrow 1 from first %.9g, graph 0 to first %.9g, graph 1 "
                                  "nohead lw 2 dt '-' lc rgb '#000000' front\n"
                                  "set label 1 'target %g %%' at first %.9g, graph 1 center "
                                  "offset 0,0.6 noenhanced front\n",
                                  x, x, 100 * plot->target, x));
    }
    IMI_TRY(put_bars(plot, &axis, out, err));
    double base = imi_report_axis_place(&axis, axis.low);
    return imi_buffer_printf(out, err,
                             "plot $bars using 3:1:(%.9g):3:($1-0.3):($1+0.3) with boxxyerror lc "
                             "rgb '#0072B2' lw 1.5, $bars using 3:1:4:5 with xerrorbars lc rgb "
                             "'#000000' lw 2.5 pt 0 ps 0, $bars using 3:1:2 with points "
                             "pt variable lc rgb '#000000' lw 1.5 ps 1.7*P\n",
                             base);
}

/* A deployment may know FMR by group and no FNMR. */
static bool has_group_rates(const imi_report *report, bool fmr)
{
    for (size_t i = 0; i < report->group_count; i++) {
        const imi_report_group *group = &report->groups[i];
        if (isfinite(fmr ? group->fmr.value : group->fnmr.value)) {
            return true;
        }
    }
    return false;
}

imi_status imi_report_draw_groups(const imi_report *report, bool fmr, imi_report_figures *list,
                                  imi_error *err)
{
    if (!has_group_rates(report, fmr)) {
        return IMI_OK;
    }
    imi_report_bar *bars = imi_alloc_array(report->group_count, sizeof *bars);
    if (bars == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu groups", report->group_count);
    }
    for (size_t i = 0; i < report->group_count; i++) {
        const imi_report_group *group = &report->groups[i];
        bars[i] = (imi_report_bar){group->name, fmr ? group->fmr : group->fnmr};
    }
    bar_plot plot = {fmr ? "FMR (%, logarithmic)" : "FNMR (%)",
                     fmr ? IMI_REPORT_LOG : IMI_REPORT_LINEAR,
                     fmr ? report->operating_point.target_fmr : NAN, bars, report->group_count};
    imi_report_figure *figure = NULL;
    imi_status status = imi_report_begin_figure(list, IMI_REPORT_GROUPS, &figure, err);
    if (status == IMI_OK) {
        snprintf(figure->file, sizeof figure->file, fmr ? "groups-fmr" : "groups-fnmr");
        snprintf(figure->title, sizeof figure->title,
                 fmr ? "False match rate by group" : "False non-match rate by group");
        status = draw_bars(&plot, figure, err);
    }
    imi_free(bars);
    return status;
}

imi_status imi_report_draw_bars(const imi_report_bars *bars, imi_report_figures *list,
                                imi_error *err)
{
    imi_report_figure *figure = NULL;
    IMI_TRY(imi_report_begin_figure(list, IMI_REPORT_BARS, &figure, err));
    snprintf(figure->file, sizeof figure->file, "%s", bars->file);
    snprintf(figure->title, sizeof figure->title, "%s", bars->title);
    bar_plot plot = {bars->rate_label, IMI_REPORT_LINEAR, NAN, bars->bars, bars->count};
    return draw_bars(&plot, figure, err);
}
