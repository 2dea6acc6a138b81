/**
 * Pictures of curves: DET, FMR by threshold, error against discard.
 */
#ifndef IMI_REPORT_DRAW_CURVES_H
#define IMI_REPORT_DRAW_CURVES_H

#include "figure.h"

/** The report's curves of a section: DET, FMR or DISCARD. */
IMI_MUST_USE imi_status imi_report_draw_curves(const imi_report *report, imi_report_section section,
                                               imi_report_figures *list, imi_error *err);

#endif
