/**
 * Runs gnuplot on a script.
 */
#ifndef IMI_REPORT_GNUPLOT_H
#define IMI_REPORT_GNUPLOT_H

#include "imi/bytes.h"

/**
 * Run a script, in a folder, without a shell and without the user's own gnuplot settings. The
 * script and what gnuplot says go through memory, so nothing is left in the folder but what the
 * script itself writes.
 *
 * Errors: IMI_E_UNSUPPORTED when gnuplot is not installed, IMI_E_IO when it cannot be started or
 *         fails; the message then quotes the end of what it said.
 */
IMI_MUST_USE imi_status imi_report_run_gnuplot(imi_view script, const char *folder, imi_error *err);

/**
 * Append text as a gnuplot string in single quotes, in which nothing is expanded; control
 * characters, quotes of commands and invalid UTF-8 become '?'. NULL is an empty string.
 */
IMI_MUST_USE imi_status imi_report_quote(const char *text, imi_buffer *out, imi_error *err);
/** Characters of UTF-8 text; 0 for NULL. */
size_t imi_report_count_characters(const char *text);
/**
 * The same of a name that must fit somewhere: of more than limit characters, at most
 * IMI_REPORT_NAME_MAX, the end becomes an ellipsis.
 */
enum { IMI_REPORT_NAME_MAX = 64 };
IMI_MUST_USE imi_status imi_report_quote_name(const char *text, size_t limit, imi_buffer *out,
                                              imi_error *err);

#endif
