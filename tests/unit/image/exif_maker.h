/**
 * EXIF segments for tests, in either byte order.
 */
#ifndef IMI_TEST_EXIF_MAKER_H
#define IMI_TEST_EXIF_MAKER_H

#include "imi/exif.h"

/** What is NULL or 0 is not written. */
typedef struct exif_plan {
    bool big_endian;
    const char *make, *model;
    const char *taken_at;
    uint16_t orientation;
} exif_plan;

/** Where the first directory is, in the TIFF structure. */
enum { EXIF_MAKER_FIRST = 8, EXIF_MAKER_TIFF = 6 /* offset of the structure in the body */ };

/** Append a segment's body. */
void exif_maker_body(const exif_plan *plan, imi_buffer *out);
/** Put a segment right behind the start of a JPEG file. */
void exif_maker_add(const exif_plan *plan, imi_buffer *file);

#endif
