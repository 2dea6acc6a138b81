/* Advanced SIMD dot product (Armv8.2, FEAT_DotProd): SDOT adds four byte products a lane. */
#include "../dot.h"
#include "../unroll.h"

#include <arm_neon.h>

enum { STEP = 16, ROWS = 4 };

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

static inline void dot_four_rows(const int8_t *probe, const int8_t *rows, size_t stride, size_t dim,
                                 int32_t *out)
{
    int32x4_t zero = vdupq_n_s32(0);
    int32x4_t sum[ROWS] = {zero, zero, zero, zero};
    size_t i = 0;
    for (; dim - i >= STEP; i += STEP) {
        int8x16_t x = vld1q_s8(probe + i);
        UNROLL
        for (size_t r = 0; r < ROWS; r++) {
            sum[r] = vdotq_s32(sum[r], x, vld1q_s8(rows + r * stride + i));
        }
    }
    UNROLL
    for (size_t r = 0; r < ROWS; r++) {
        uint32_t tail = dot_tail(probe + i, rows + r * stride + i, dim - i);
        out[r] = (int32_t)((uint32_t)vaddvq_s32(sum[r]) + tail);
    }
}

void imi_dot_i8_many_sdot(const int8_t *probe, const imi_gallery_i8 *gallery, int32_t *out)
{
    size_t stride = gallery->stride;
    const int8_t *rows = gallery->rows;
    size_t row = 0;
    for (; gallery->count - row >= ROWS; row += ROWS, rows += ROWS * stride) {
        dot_four_rows(probe, rows, stride, gallery->dim, out + row);
    }
    for (; row < gallery->count; row++, rows += stride) {
        out[row] = imi_dot_i8_sdot(probe, rows, gallery->dim);
    }
}
