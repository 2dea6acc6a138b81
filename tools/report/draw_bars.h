/**
 * Pictures of bars: rates with their intervals, of groups or anything else.
 */
#ifndef IMI_REPORT_DRAW_BARS_H
#define IMI_REPORT_DRAW_BARS_H

#include "figure.h"

/** FMR or FNMR of the groups. */
IMI_MUST_USE imi_status imi_report_draw_groups(const imi_report *report, bool fmr,
                                               imi_report_figures *list, imi_error *err);
/** Further bars. */
IMI_MUST_USE imi_status imi_report_draw_bars(const imi_report_bars *bars, imi_report_figures *list,
                                             imi_error *err);

#endif
