/* Advanced SIMD dot product (Armv8.2, FEAT_DotProd): SDOT adds four byte products a lane. */
#include "../dot.h"
#include "../unroll.h"

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

/* Whole steps; returns where the rest begins. */
static inline size_t dot_i8_four_probes(const int8_t *const *probes, const int8_t *row, size_t dim,
                                        int32x4_t sum[IMI_KERNEL_PROBES])
{
    size_t i = 0;
    for (; dim - i >= STEP; i += STEP) {
        int8x16_t y = vld1q_s8(row + i);
        UNROLL
        for (size_t p = 0; p < IMI_KERNEL_PROBES; p++) {
            sum[p] = vdotq_s32(sum[p], vld1q_s8(probes[p] + i), y);
        }
    }
    return i;
}

/* A row is read once for four probes. */
void imi_dot_i8_four_sdot(const int8_t *const *probes, const imi_gallery_i8 *gallery,
                          int32_t *const *outs)
{
    size_t dim = gallery->dim;
    const int8_t *row = gallery->rows;
    for (size_t number = 0; number < gallery->count; number++, row += gallery->stride) {
        int32x4_t zero = vdupq_n_s32(0);
        int32x4_t sum[IMI_KERNEL_PROBES] = {zero, zero, zero, zero};
        size_t i = dot_i8_four_probes(probes, row, dim, sum);
        UNROLL
        for (size_t p = 0; p < IMI_KERNEL_PROBES; p++) {
            uint32_t total = (uint32_t)vaddvq_s32(sum[p]);
            total += dot_tail(probes[p] + i, row + i, dim - i);
            outs[p][number] = (int32_t)total;
        }
    }
}
