#include "draw_curves.h"

#include "drawing.h"
#include "gnuplot.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* One kind of curve: what its axes are and what it is called. */
typedef struct curve_kind {
    imi_report_section section;
    const char *file, *title, *x_label, *y_label;
    imi_report_scale x_scale, y_scale;
    bool x_is_share; /* else a similarity, drawn as it is */
} curve_kind;

static const curve_kind det_kind = {IMI_REPORT_DET,
                                    "det",
                                    "DET",
                                    "false match rate, FMR (%)",
                                    "false non-match rate, FNMR (%)",
                                    IMI_REPORT_PROBIT,
                                    IMI_REPORT_PROBIT,
                                    true};
static const curve_kind fmr_kind = {IMI_REPORT_FMR,
                                    "fmr",
                                    "FMR by threshold",
                                    "threshold (similarity)",
                                    "false match rate, FMR (%)",
                                    IMI_REPORT_LINEAR,
                                    IMI_REPORT_LOG,
                                    false};
static const curve_kind discard_kind = {IMI_REPORT_DISCARD,
                                        "discard",
                                        "Error against discard",
                                        "comparisons discarded, poorest quality first (%)",
                                        "false non-match rate, FNMR (%)",
                                        IMI_REPORT_LINEAR,
                                        IMI_REPORT_LINEAR,
                                        true};

/* Characters of a name in the key: in two columns, and at all. */
enum { SHORT_NAME = 20, NAME_CHARACTERS = 48 };

typedef struct rate_pair {
    double fmr, fnmr;
} rate_pair;

/* Curves of a picture with the axes they share. */
typedef struct curve_plot {
    const curve_kind *kind;
    bool is_of_all; /* the first curve is of all groups together */
    const imi_report_curve *const *curves;
    size_t count;
    imi_report_axis x, y;
} curve_plot;

static double place_x(const curve_plot *plot, double x)
{
    return plot->kind->x_is_share ? imi_report_axis_place(&plot->x, x) : x;
}

static bool has_band(const imi_report_curve *curve)
{
    for (size_t i = 0; i < curve->count; i++) {
        if (isfinite(curve->points[i].low) && isfinite(curve->points[i].high)) {
            return true;
        }
    }
    return false;
}

/* Axes hold all curves and the bands that are drawn: those of the first curve. */
static void choose_axes(curve_plot *plot, double target_fmr)
{
    plot->x = (imi_report_axis){'x', plot->kind->x_scale, NAN, NAN};
    plot->y = (imi_report_axis){'y', plot->kind->y_scale, NAN, NAN};
    for (size_t c = 0; c < plot->count; c++) {
        for (size_t i = 0; i < plot->curves[c]->count; i++) {
            const imi_report_point *p = &plot->curves[c]->points[i];
            imi_report_axis_include(&plot->x, p->x);
            imi_report_axis_include(&plot->y, p->y);
            imi_report_axis_include(&plot->y, c == 0 ? p->high : NAN);
        }
    }
    if (plot->kind->section == IMI_REPORT_FMR) {
        /* Room below, so that the target is not the axis itself. */
        imi_report_axis_include(&plot->y, target_fmr / 2);
    }
    imi_report_axis_round(&plot->x);
    imi_report_axis_round(&plot->y);
}

static imi_status put_points(const curve_plot *plot, size_t index, imi_buffer *out, imi_error *err)
{
    const imi_report_curve *curve = plot->curves[index];
    IMI_TRY(imi_buffer_printf(out, err, "$c%zu << EOD\n", index));
    for (size_t i = 0; i < curve->count; i++) {
        const imi_report_point *p = &curve->points[i];
        const double columns[] = {place_x(plot, p->x), imi_report_axis_place(&plot->y, p->y),
                                  imi_report_axis_place(&plot->y, p->low),
                                  imi_report_axis_place(&plot->y, p->high)};
        for (size_t k = 0; k < sizeof columns / sizeof *columns; k++) {
            IMI_TRY(imi_report_put_number(columns[k], out, err));
        }
        IMI_TRY(imi_buffer_append_text(out, "\n", err));
    }
    return imi_buffer_append_text(out, "EOD\n", err);
}

/* The threshold, and the target as a line across: what a picture of FMR by threshold shows. */
static imi_status mark_threshold(const imi_report *report, const curve_plot *plot, imi_buffer *out,
                                 imi_error *err)
{
    double target = report->operating_point.target_fmr;
    IMI_TRY(imi_report_draw_threshold(report->operating_point.threshold, out, err));
    if (!(target > 0)) {
        return IMI_OK;
    }
    double y = imi_report_axis_place(&plot->y, target);
    return imi_buffer_printf(out, err,
                             "set arrow 2 from graph 0, first %.9g to graph 1, first %.9g nohead "
                             "lw 1.5 dt '.' lc rgb '#000000' front\n"
                             "set label 2 'target %g %%' at graph 0.99, first %.9g right "
                             "offset 0,0.5 noenhanced front\n",
                             y, y, 100 * target, y);
}

/* Rates at the threshold of what the first curve shows: all groups, or the group of its name. */
static rate_pair rates_of(const imi_report *report, const curve_plot *plot)
{
    const imi_report_operating_point *at = &report->operating_point;
    if (plot->is_of_all) {
        return (rate_pair){at->fmr.value, at->fnmr.value};
    }
    for (size_t i = 0; i < report->group_count; i++) {
        const imi_report_group *group = &report->groups[i];
        if (strcmp(group->name, plot->curves[0]->name) == 0) {
            return (rate_pair){group->fmr.value, group->fnmr.value};
        }
    }
    return (rate_pair){NAN, NAN};
}

/* A ring on a DET plot. */
static imi_status plot_operating_point(const imi_report *report, const curve_plot *plot,
                                       imi_buffer *out, imi_error *err)
{
    rate_pair at = rates_of(report, plot);
    if (plot->kind->section != IMI_REPORT_DET || !isfinite(at.fmr) || !isfinite(at.fnmr)) {
        return IMI_OK;
    }
    return imi_buffer_printf(out, err,
                             ", '+' using (%.9g):(%.9g) every ::::0 with points pt 6 ps 2.4*P lw 3 "
                             "lc rgb '#000000' title 'at threshold %.3f'",
                             place_x(plot, at.fmr), imi_report_axis_place(&plot->y, at.fnmr),
                             report->operating_point.threshold);
}

static imi_status plot_curves(const imi_report *report, const curve_plot *plot, imi_buffer *out,
                              imi_error *err)
{
    IMI_TRY(imi_buffer_append_text(out, "plot ", err));
    if (has_band(plot->curves[0])) {
        IMI_TRY(imi_buffer_append_text(
            out,
            "$c0 using 1:3:4 with filledcurves fc rgb '#B4B4B4' fs transparent solid 0.5 "
            "noborder title '95 % interval', ",
            err));
    }
    for (size_t i = 0; i < plot->count; i++) {
        IMI_TRY(imi_buffer_printf(out, err, "%s$c%zu using 1:2 with linespoints ",
                                  i == 0 ? "" : ", ", i));
        IMI_TRY(imi_report_line_style(i, plot->curves[i]->count, out, err));
        IMI_TRY(imi_buffer_append_text(out, " title ", err));
        IMI_TRY(imi_report_quote_name(plot->curves[i]->name, NAME_CHARACTERS, out, err));
    }
    IMI_TRY(plot_operating_point(report, plot, out, err));
    return imi_buffer_append_text(out, "\n", err);
}

static size_t longest_name(const curve_plot *plot)
{
    size_t longest = 0;
    for (size_t i = 0; i < plot->count; i++) {
        size_t length = imi_report_count_characters(plot->curves[i]->name);
        longest = length > longest ? length : longest;
    }
    return longest;
}

static imi_status draw_plot(const imi_report *report, curve_plot *plot, imi_report_figure *figure,
                            imi_error *err)
{
    imi_buffer *out = &figure->drawing;
    /* Band and operating point have theirs too. Long names do not fit beside each other. */
    size_t keys = plot->count + 2;
    size_t rows = longest_name(plot) > SHORT_NAME ? keys : (keys + 1) / 2;
    IMI_TRY(imi_report_draw_frame(figure, plot->kind->x_label, plot->kind->y_label, rows, err));
    choose_axes(plot, report->operating_point.target_fmr);
    if (plot->kind->x_is_share) {
        IMI_TRY(imi_report_axis_draw(&plot->x, out, err));
    }
    IMI_TRY(imi_report_axis_draw(&plot->y, out, err));
    if (plot->kind->section == IMI_REPORT_FMR) {
        IMI_TRY(mark_threshold(report, plot, out, err));
    }
    for (size_t i = 0; i < plot->count; i++) {
        IMI_TRY(put_points(plot, i, out, err));
    }
    return plot_curves(report, plot, out, err);
}

/* One picture of all curves; the first stands for all groups and keeps its style. */
static imi_status draw_all_curves(const imi_report *report, const curve_kind *kind,
                                  const imi_report_curve *const *curves, size_t count,
                                  imi_report_figures *list, imi_error *err)
{
    imi_report_figure *figure = NULL;
    IMI_TRY(imi_report_begin_figure(list, kind->section, &figure, err));
    snprintf(figure->file, sizeof figure->file, "%s", kind->file);
    snprintf(figure->title, sizeof figure->title, "%s", kind->title);
    curve_plot plot = {kind, true, curves, count, {0}, {0}};
    return draw_plot(report, &plot, figure, err);
}

/* One curve with its band, and the main one beside it for comparison. */
static imi_status draw_one_curve(const imi_report *report, const curve_kind *kind,
                                 const imi_report_curve *const *pair, size_t number,
                                 imi_report_figures *list, imi_error *err)
{
    imi_report_figure *figure = NULL;
    IMI_TRY(imi_report_begin_figure(list, kind->section, &figure, err));
    snprintf(figure->file, sizeof figure->file, "%s-%zu", kind->file, number);
    snprintf(figure->title, sizeof figure->title, "%s: %s", kind->title, pair[0]->name);
    curve_plot plot = {kind, false, pair, 2, {0}, {0}};
    return draw_plot(report, &plot, figure, err);
}

imi_status imi_report_draw_curves(const imi_report *report, imi_report_section section,
                                  imi_report_figures *list, imi_error *err)
{
    const curve_kind *kind = section == IMI_REPORT_DET   ? &det_kind
                             : section == IMI_REPORT_FMR ? &fmr_kind
                                                         : &discard_kind;
    const imi_report_curves *set = section == IMI_REPORT_DET   ? &report->det
                                   : section == IMI_REPORT_FMR ? &report->fmr
                                                               : &report->discard;
    const imi_report_curve **curves = imi_alloc_array(set->count + 1, sizeof *curves);
    if (curves == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for the curves");
    }
    size_t count = 0;
    for (size_t i = 0; i < set->count; i++) {
        if (set->curves[i].count > 0) {
            curves[count++] = &set->curves[i];
        }
    }
    imi_status status =
        count == 0 ? IMI_OK : draw_all_curves(report, kind, curves, count, list, err);
    for (size_t i = 1; i < count && status == IMI_OK; i++) {
        const imi_report_curve *pair[] = {curves[i], curves[0]};
        if (has_band(curves[i])) {
            status = draw_one_curve(report, kind, pair, i, list, err);
        }
    }
    imi_free(curves);
    return status;
}
