/**
 * Pictures of scores: mated and non-mated ones over one axis.
 */
#ifndef IMI_REPORT_DRAW_SCORES_H
#define IMI_REPORT_DRAW_SCORES_H

#include "figure.h"

/** One picture of mated and non-mated scores; none when there are no scores. */
IMI_MUST_USE imi_status imi_report_draw_distribution(const imi_report *report, size_t index,
                                                     imi_report_figures *list, imi_error *err);

#endif
