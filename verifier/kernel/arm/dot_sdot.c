/* Advanced SIMD dot product (Armv8.2, FEAT_DotProd): SDOT adds four byte products a lane. */
#include "../dot.h"

#include <arm_neon.h>

enum { STEP = 16 };

static inline uint32_t dot_tail(const int8_t *a, const int8_t *b, size_t count)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += (uint32_t)((int32_t)a[i] * (int32_t)b[i]);
    }
    return sum;
}

int32_t imi_dot_i8_sdot(const int8_t *a, const int8_t *b, size_t dim)
{
    int32x4_t sum = vdupq_n_s32(0);
    size_t i = 0;
    for (; dim - i >= STEP; i += STEP) {
        sum = vdotq_s32(sum, vld1q_s8(a + i), vld1q_s8(b + i));
    }
    return (int32_t)((uint32_t)vaddvq_s32(sum) + dot_tail(a + i, b + i, dim - i));
}

/* One row after the other, as memory is fastest in order. */
void imi_dot_i8_many_sdot(const int8_t *probe, const imi_gallery_i8 *gallery, int32_t *out)
{
    const int8_t *rows = gallery->rows;
    for (size_t row = 0; row < gallery->count; row++, rows += gallery->stride) {
        out[row] = imi_dot_i8_sdot(probe, rows, gallery->dim);
    }
}
