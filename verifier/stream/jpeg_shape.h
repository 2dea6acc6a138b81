/**
 * How a JPEG file is built, whatever it shows: size, sampling, quantisation, order of segments, and
 * the camera that its EXIF names. One encoder with one setting gives one shape.
 */
#ifndef IMI_STREAM_JPEG_SHAPE_H
#define IMI_STREAM_JPEG_SHAPE_H

#include "imi/bytes.h"

enum { IMI_JPEG_LUMA_STEPS = 10 }; /* that are told, in zigzag order */

typedef struct imi_jpeg_shape {
    uint16_t width, height; /* as stored */
    uint64_t coding; /* digest of everything else; Huffman tables, which good encoders fit to
                        each picture, by their count only */
    uint8_t luma_steps[IMI_JPEG_LUMA_STEPS]; /* of the first quantisation table; 0: not known */
    int64_t taken_at_s; /* as imi_exif; no part of the shape */
} imi_jpeg_shape;

/** Read up to the first scan. False for what is not a whole header. Time: linear in the header. */
bool imi_jpeg_shape_read(imi_view jpeg, imi_jpeg_shape *out);

/** Digest of all bytes of a file, to tell equal files; not cryptographic. */
uint64_t imi_stream_digest(imi_view bytes);

#endif
