/**
 * Numbers as bytes, least significant first, and the CRC that finds damage; not public.
 */
#ifndef IMI_LITTLE_ENDIAN_H
#define IMI_LITTLE_ENDIAN_H

#include "imi/bytes.h"

/** CRC-32 of IEEE 802.3. Finds damage, not tampering. */
uint32_t imi_crc_32(imi_view bytes);

/** Append the lowest width bytes (1 to 4) of a number. */
IMI_MUST_USE imi_status imi_append_number(imi_buffer *out, uint32_t value, size_t width,
                                          imi_error *err);
/** Append an IEEE 754 binary32. */
IMI_MUST_USE imi_status imi_append_float(imi_buffer *out, float value, imi_error *err);

/** What is still to be read. The takers return false, and take nothing, at the end. */
typedef struct imi_byte_reader {
    imi_view left;
} imi_byte_reader;

bool imi_take_bytes(imi_byte_reader *in, size_t size, const uint8_t **out);
bool imi_take_number(imi_byte_reader *in, size_t width, uint32_t *out);
bool imi_take_float(imi_byte_reader *in, float *out);
/** Text behind its length (u8), 1 to capacity - 1 bytes of clean UTF-8. */
bool imi_take_text(imi_byte_reader *in, char *out, size_t capacity);
/** Whether bytes end with the CRC of what precedes it; *body_out is that. */
bool imi_check_crc(imi_view bytes, imi_view *body_out);

#endif
