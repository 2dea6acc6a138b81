/**
 * QR codes (ISO/IEC 18004) of a text, with medium error correction and four light modules around.
 *
 * Errors: IMI_E_INVALID_ARGUMENT for a text that no code holds, IMI_E_NO_MEMORY.
 */
#ifndef IMI_IMICTL_QR_CODE_H
#define IMI_IMICTL_QR_CODE_H

#include "imi/bytes.h"

#include <stdbool.h>

/**
 * Append it as lines of half blocks, two modules one above the other in a character. In colour it
 * is black on white whatever the terminal's own colours are; else what is dark is the foreground.
 */
IMI_MUST_USE imi_status imictl_qr_draw(const char *text, bool in_colour, imi_buffer *out,
                                       imi_error *err);

/** Append it as an SVG picture, one unit a module. */
IMI_MUST_USE imi_status imictl_qr_draw_svg(const char *text, imi_buffer *out, imi_error *err);

#endif
