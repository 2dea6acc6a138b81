/**
 * What several kinds of pictures draw alike: axes of rates, bands, markers.
 *
 * All functions append commands to the figure's drawing.
 */
#ifndef IMI_REPORT_DRAWING_H
#define IMI_REPORT_DRAWING_H

#include "figure.h"

/** How shares are laid out along an axis. */
typedef enum imi_report_scale {
    IMI_REPORT_LINEAR = 0,
    IMI_REPORT_LOG = 1,
    IMI_REPORT_PROBIT = 2 /* normal deviates: the scale of DET plots */
} imi_report_scale;

/** An axis of shares. Its ends are shares too; on log and probit both lie inside (0, 1]. */
typedef struct imi_report_axis {
    char name; /* 'x' or 'y' */
    imi_report_scale scale;
    double low, high;
} imi_report_axis;

/** Append a number, NaN as gnuplot writes it. */
IMI_MUST_USE imi_status imi_report_put_number(double value, imi_buffer *out, imi_error *err);

/** Widen [low, high] so that it holds a share; NaN and, unless linear, 0 change nothing. */
void imi_report_axis_include(imi_report_axis *axis, double share);
/** Round the ends outwards to shares that get a label. An axis that held nothing gets a range. */
void imi_report_axis_round(imi_report_axis *axis);
/** Range and labels in percent. */
IMI_MUST_USE imi_status imi_report_axis_draw(const imi_report_axis *axis, imi_buffer *out,
                                             imi_error *err);
/** Where a share lies on the axis, in gnuplot's coordinates; what is off an end lies at the end. */
double imi_report_axis_place(const imi_report_axis *axis, double share);

/** Style of the index-th line: colour, dashes, marker. */
IMI_MUST_USE imi_status imi_report_line_style(size_t index, size_t points, imi_buffer *out,
                                              imi_error *err);

/** A rate in percent and what it was counted from: "0.087 % (3 of 3433)". */
void imi_report_rate_text(const imi_report_rate *rate, char *out, size_t capacity);
/** A share in percent with as many digits as it needs: "0.02 %"; "-" for NaN. */
void imi_report_percent_text(double share, char *out, size_t capacity);

/** A line down at the threshold, labelled above the plot's top; nothing for NaN. */
IMI_MUST_USE imi_status imi_report_draw_threshold(double threshold, imi_buffer *out,
                                                  imi_error *err);
/** Title and axis labels; the key stands below, where it covers nothing, and makes it higher. */
IMI_MUST_USE imi_status imi_report_draw_frame(imi_report_figure *figure, const char *x_label,
                                              const char *y_label, size_t key_rows, imi_error *err);

#endif
