/**
 * The edge to zlib (RFC 1950), with bounded output.
 */
#ifndef IMI_TOKEN_DEFLATE_H
#define IMI_TOKEN_DEFLATE_H

#include "imi/bytes.h"

/** Append the zlib form of bytes at the highest compression. */
IMI_MUST_USE imi_status imi_zlib_deflate(imi_view bytes, imi_buffer *out, imi_error *err);

/**
 * Append what a whole zlib stream holds.
 *
 * Errors: IMI_E_TOKEN_FORMAT unless it is one stream without anything behind it that holds 1 to
 *         limit bytes. No more than limit bytes are ever written, whatever the stream claims.
 */
IMI_MUST_USE imi_status imi_zlib_inflate(imi_view bytes, size_t limit, imi_buffer *out,
                                         imi_error *err);

#endif
