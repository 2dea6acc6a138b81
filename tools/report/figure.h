/**
 * The pictures of a report as gnuplot commands.
 *
 * Colours: the palette of Okabe and Ito without its yellow, which is lost on white; lines differ
 *          by dashes and markers as well and areas by hatching, so that grey print serves.
 */
#ifndef IMI_REPORT_FIGURE_H
#define IMI_REPORT_FIGURE_H

#include "report/report.h"

#include "imi/bytes.h"

/** What kind of picture it is: pictures of a kind stand together on the page. */
typedef enum imi_report_section {
    IMI_REPORT_SCORES = 0,
    IMI_REPORT_DET = 1,
    IMI_REPORT_FMR = 2,
    IMI_REPORT_GROUPS = 3,
    IMI_REPORT_DISCARD = 4,
    IMI_REPORT_BARS = 5,
    IMI_REPORT_SECTION_COUNT = 6
} imi_report_section;

typedef struct imi_report_figure {
    imi_report_section section;
    char file[48]; /* stem of the picture's name */
    char title[160];
    unsigned width, height; /* in pixels of the SVG picture */
    imi_buffer drawing; /* the commands between `set output` and the next picture */
} imi_report_figure;

/** A list of figures. */
typedef struct imi_report_figures {
    imi_report_figure *figures;
    size_t count, capacity;
} imi_report_figures;

/** A new figure, without commands, at the end of the list. */
IMI_MUST_USE imi_status imi_report_begin_figure(imi_report_figures *list,
                                                imi_report_section section, imi_report_figure **out,
                                                imi_error *err);

void imi_report_figures_clean_up(imi_report_figures *figures);

/** Append the whole script, which writes FILE.svg and FILE.png of each figure. */
IMI_MUST_USE imi_status imi_report_script(const imi_report_figures *figures, imi_buffer *out,
                                          imi_error *err);

#endif
