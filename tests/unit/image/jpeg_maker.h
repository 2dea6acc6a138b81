/**
 * JPEG files of every kind, accepted or not, made for tests with libjpeg itself.
 */
#ifndef IMI_TEST_JPEG_MAKER_H
#define IMI_TEST_JPEG_MAKER_H

#include "imi/image.h"

typedef struct jpeg_plan {
    uint32_t width, height;
    int components; /* 1 grey, 3 RGB, 4 CMYK */
    bool progressive, arithmetic;
    int restart_rows; /* > 0: restart markers */
} jpeg_plan;

/** A gradient with a bright top-left corner, so that every orientation differs. */
void jpeg_maker_make(const jpeg_plan *plan, imi_buffer *out);
/** A plain colour file of this size. */
void jpeg_maker_plain(uint32_t width, uint32_t height, imi_buffer *out);
/** Offset of the first marker with this code; fails the test if there is none. */
size_t jpeg_maker_find(const imi_buffer *file, uint8_t code);
/** Put bytes in at an offset. */
void jpeg_maker_insert(imi_buffer *file, size_t at, imi_view bytes);
/** Put an EXIF segment with this orientation right behind the start of the file. */
void jpeg_maker_add_orientation(imi_buffer *file, uint16_t orientation, bool big_endian);
/** Level of the pixel that jpeg_maker_make draws at (x, y). */
uint8_t jpeg_maker_level(const jpeg_plan *plan, uint32_t x, uint32_t y);

#endif
