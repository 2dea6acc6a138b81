#include "draw.h"

#include "draw_bars.h"
#include "draw_curves.h"
#include "draw_scores.h"

imi_status imi_report_draw(const imi_report *report, imi_report_figures *out, imi_error *err)
{
    *out = (imi_report_figures){NULL, 0, 0};
    for (size_t i = 0; i < report->distribution_count; i++) {
        IMI_TRY(imi_report_draw_distribution(report, i, out, err));
    }
    IMI_TRY(imi_report_draw_curves(report, IMI_REPORT_DET, out, err));
    IMI_TRY(imi_report_draw_curves(report, IMI_REPORT_FMR, out, err));
    if (report->group_count > 0) {
        IMI_TRY(imi_report_draw_groups(report, true, out, err));
        IMI_TRY(imi_report_draw_groups(report, false, out, err));
    }
    IMI_TRY(imi_report_draw_curves(report, IMI_REPORT_DISCARD, out, err));
    for (size_t i = 0; i < report->bars_count; i++) {
        if (report->bars[i].count > 0) {
            IMI_TRY(imi_report_draw_bars(&report->bars[i], out, err));
        }
    }
    return IMI_OK;
}
