/**
 * Which pictures a report has.
 */
#ifndef IMI_REPORT_DRAW_H
#define IMI_REPORT_DRAW_H

#include "figure.h"

/** Draw all that the report holds; the report has been checked. */
IMI_MUST_USE imi_status imi_report_draw(const imi_report *report, imi_report_figures *out,
                                        imi_error *err);

#endif
