/**
 * The HTML page of a report.
 */
#ifndef IMI_REPORT_PAGE_H
#define IMI_REPORT_PAGE_H

#include "figure.h"

/** Append the page. Pictures are read from the folder that they were written to. */
IMI_MUST_USE imi_status imi_report_page(const imi_report *report, const imi_report_figures *figures,
                                        const char *folder, imi_buffer *out, imi_error *err);

/** Append text for HTML, with & < > " escaped; bytes that are not text become '?'. NULL: none. */
IMI_MUST_USE imi_status imi_report_put_text(const char *text, imi_buffer *out, imi_error *err);

#endif
