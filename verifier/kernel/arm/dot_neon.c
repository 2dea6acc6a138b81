/* Advanced SIMD: a register holds 4 of the 16 lanes, so a row has four accumulators. */
#include "../dot.h"
#include "../unroll.h"

#include <arm_neon.h>

enum { QUARTERS = 4, I8_STEP = 16 };

typedef struct lanes {
    float32x4_t quarter[QUARTERS];
} lanes;

static inline lanes zero_lanes(void)
{
    float32x4_t zero = vdupq_n_f32(0.0F);
    return (lanes){{zero, zero, zero, zero}};
}

static inline lanes load_lanes(const float *from)
{
    return (lanes){
        {vld1q_f32(from), vld1q_f32(from + 4), vld1q_f32(from + 8), vld1q_f32(from + 12)}};
}

/* The last, partial step: what lies beyond the tail is not read and counts as zero. */
static inline lanes load_tail(const float *from, size_t tail)
{
    float padded[IMI_KERNEL_LANES] = {0};
    for (size_t i = 0; i < tail; i++) {
        padded[i] = from[i];
    }
    return load_lanes(padded);
}

static inline lanes multiply_add(lanes sum, lanes a, lanes b)
{
    UNROLL
    for (size_t q = 0; q < QUARTERS; q++) {
        sum.quarter[q] = vfmaq_f32(sum.quarter[q], a.quarter[q], b.quarter[q]);
    }
    return sum;
}

/* Distances 8, 4, 2, 1. */
static inline float reduce(lanes sum)
{
    float32x4_t four = vaddq_f32(vaddq_f32(sum.quarter[0], sum.quarter[2]),
                                 vaddq_f32(sum.quarter[1], sum.quarter[3]));
    float32x2_t two = vadd_f32(vget_low_f32(four), vget_high_f32(four));
    return vget_lane_f32(two, 0) + vget_lane_f32(two, 1);
}

float imi_dot_f32_neon(const float *a, const float *b, size_t dim)
{
    lanes sum = zero_lanes();
    size_t i = 0;
    for (; dim - i >= IMI_KERNEL_LANES; i += IMI_KERNEL_LANES) {
        sum = multiply_add(sum, load_lanes(a + i), load_lanes(b + i));
    }
    if (i < dim) {
        sum = multiply_add(sum, load_tail(a + i, dim - i), load_tail(b + i, dim - i));
    }
    return reduce(sum);
}

/* One row after the other: a row has four independent sums, and memory is fastest in order. */
void imi_dot_f32_many_neon(const float *probe, const imi_gallery_f32 *gallery, float *out)
{
    const float *rows = gallery->rows;
    for (size_t row = 0; row < gallery->count; row++, rows += gallery->stride) {
        out[row] = imi_dot_f32_neon(probe, rows, gallery->dim);
    }
}

/* A row is read once for four probes: sixteen accumulators of the 32 registers. */
static inline void dot_four_probes(const float *const *probes, const float *row, size_t dim,
                                   lanes sum[IMI_KERNEL_PROBES])
{
    size_t i = 0;
    for (; dim - i >= IMI_KERNEL_LANES; i += IMI_KERNEL_LANES) {
        lanes y = load_lanes(row + i);
        UNROLL
        for (size_t p = 0; p < IMI_KERNEL_PROBES; p++) {
            sum[p] = multiply_add(sum[p], load_lanes(probes[p] + i), y);
        }
    }
    if (i < dim) {
        lanes y = load_tail(row + i, dim - i);
        UNROLL
        for (size_t p = 0; p < IMI_KERNEL_PROBES; p++) {
            sum[p] = multiply_add(sum[p], load_tail(probes[p] + i, dim - i), y);
        }
    }
}

void imi_dot_f32_four_neon(const float *const *probes, const imi_gallery_f32 *gallery,
                           float *const *outs)
{
    const float *rows = gallery->rows;
    for (size_t row = 0; row < gallery->count; row++, rows += gallery->stride) {
        lanes sum[IMI_KERNEL_PROBES] = {zero_lanes(), zero_lanes(), zero_lanes(), zero_lanes()};
        dot_four_probes(probes, rows, gallery->dim, sum);
        UNROLL
        for (size_t p = 0; p < IMI_KERNEL_PROBES; p++) {
            outs[p][row] = reduce(sum[p]);
        }
    }
}

int32_t imi_dot_i8_neon(const int8_t *a, const int8_t *b, size_t dim)
{
    int32x4_t sum = vdupq_n_s32(0);
    size_t i = 0;
    for (; dim - i >= I8_STEP; i += I8_STEP) {
        int8x16_t x = vld1q_s8(a + i);
        int8x16_t y = vld1q_s8(b + i);
        /* A product is at most 2^14; pairs are added at 32 bits, so nothing saturates. */
        sum = vpadalq_s16(sum, vmull_s8(vget_low_s8(x), vget_low_s8(y)));
        sum = vpadalq_s16(sum, vmull_high_s8(x, y));
    }
    uint32_t total = (uint32_t)vaddvq_s32(sum);
    for (; i < dim; i++) {
        total += (uint32_t)((int32_t)a[i] * (int32_t)b[i]);
    }
    return (int32_t)total;
}

void imi_dot_i8_many_neon(const int8_t *probe, const imi_gallery_i8 *gallery, int32_t *out)
{
    const int8_t *rows = gallery->rows;
    for (size_t row = 0; row < gallery->count; row++, rows += gallery->stride) {
        out[row] = imi_dot_i8_neon(probe, rows, gallery->dim);
    }
}

/* Whole steps; returns where the rest begins. */
static inline size_t dot_i8_four_probes(const int8_t *const *probes, const int8_t *row, size_t dim,
                                        int32x4_t sum[IMI_KERNEL_PROBES])
{
    size_t i = 0;
    for (; dim - i >= I8_STEP; i += I8_STEP) {
        int8x16_t y = vld1q_s8(row + i);
        UNROLL
        for (size_t p = 0; p < IMI_KERNEL_PROBES; p++) {
            int8x16_t x = vld1q_s8(probes[p] + i);
            sum[p] = vpadalq_s16(sum[p], vmull_s8(vget_low_s8(x), vget_low_s8(y)));
            sum[p] = vpadalq_s16(sum[p], vmull_high_s8(x, y));
        }
    }
    return i;
}

/* A row is read once for four probes. */
void imi_dot_i8_four_neon(const int8_t *const *probes, const imi_gallery_i8 *gallery,
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
            for (size_t j = i; j < dim; j++) {
                total += (uint32_t)((int32_t)probes[p][j] * (int32_t)row[j]);
            }
            outs[p][number] = (int32_t)total;
        }
    }
}
