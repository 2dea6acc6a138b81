/**
 * What is kept of one frame's picture: a thumbnail of its light, and samples of its finest
 * detail. Both are small enough to be compared with those of every earlier frame.
 */
#ifndef IMI_STREAM_SIGNATURE_H
#define IMI_STREAM_SIGNATURE_H

#include "imi/image.h"

enum {
    IMI_THUMB_COLUMNS = 24,
    IMI_THUMB_ROWS = 18,
    IMI_THUMB_CELLS = IMI_THUMB_COLUMNS * IMI_THUMB_ROWS,
    IMI_GRAIN_PER_CELL = 4,
    IMI_GRAIN_SAMPLES = IMI_THUMB_CELLS * IMI_GRAIN_PER_CELL,
    IMI_GRAIN_NONE = -128, /* an edge or a clipped pixel: says nothing of noise */
    IMI_SIGNATURE_MIN_SIDE = 64 /* pixels; smaller pictures have no signature */
};

/**
 * Light of the picture, cell by cell: log of the mean luma in units of 1/2048, less its row's
 * and its column's mean. So neither exposure nor the bands of flickering lamps, which run along
 * rows or columns of the sensor, look like change.
 */
typedef struct imi_thumb {
    int16_t cell[IMI_THUMB_CELLS];
} imi_thumb;

/** Second difference of the luma at fixed places, away from the edges of 8 x 8 blocks. */
typedef struct imi_grain {
    int8_t sample[IMI_GRAIN_SAMPLES];
} imi_grain;

typedef struct imi_signature {
    imi_thumb thumb;
    imi_grain grain;
    float mean; /* of luma, 0 to 255 */
    float contrast; /* standard deviation of the cells' luma */
} imi_signature;

/** Measure an RGB8 image. False for one that is too small. */
bool imi_signature_measure(const imi_image *image, imi_signature *out);

/** Mean square difference of two thumbnails, in squares of their units. */
float imi_thumb_distance(const imi_thumb *a, const imi_thumb *b);
/** The same, but any number above the limit where it is above the limit: sooner done. */
float imi_thumb_distance_within(const imi_thumb *a, const imi_thumb *b, float limit);

#endif
