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
/** The same of a name that must fit beside a picture: what is longer ends in an ellipsis. */
IMI_MUST_USE imi_status imi_report_quote_name(const char *text, imi_buffer *out, imi_error *err);

#endif
