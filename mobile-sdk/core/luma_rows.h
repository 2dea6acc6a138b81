/**
 * Sums over one row of luma: scalar, which is the specification, and vectors, which are equal.
 */
#ifndef IMI_CORE_LUMA_ROWS_H
#define IMI_CORE_LUMA_ROWS_H

#include "imi_core/frame_quality.h"

/* At most IMI_CORE_LUMA_SIDE_MAX pixels a row, 1020 each: far below 2^32. */
typedef struct row_sums {
    uint32_t laplacian; /* of |4 c - left - right - above - below| */
    uint32_t luma;
    uint32_t dark; /* pixels */
    uint32_t bright;
    uint32_t difference; /* of |c - before| */
} row_sums;

/* Four rows, at the first pixel to be looked at; the one to its left and one behind the last must
 * be readable. */
typedef struct luma_row {
    const uint8_t *above;
    const uint8_t *here;
    const uint8_t *below;
    const uint8_t *before; /* the same row of the frame before, or here itself */
} luma_row;

/* Add the pixels from first to end to the sums. */
void imi_core_row_scalar(const luma_row *row, uint32_t first, uint32_t end, row_sums *sums);
/* As many as fill vectors; returns how many that were. */
uint32_t imi_core_row_vectors(const luma_row *row, uint32_t count, row_sums *sums);

#endif
