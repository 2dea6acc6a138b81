/* Advanced SIMD: a register holds 4 of the 16 lanes, so a row has four accumulators. */
#include "../dot.h"
#include "../unroll.h"

#include <arm_neon.h>

enum { QUARTERS = 4, ROWS = 4, I8_STEP = 16 };

typedef struct lanes {
    float32x4_t quarter[QUARTERS];
} lanes;

static inline lanes zero_lanes(void) {
    float32x4_t zero = vdupq_n_f32(0.0F);
    return (lanes){{zero, zero, zero, zero}};
}

static inline lanes load_lanes(const float *from) {
    return (lanes){
        {vld1q_f32(from), vld1q_f32(from + 4), vld1q_f32(from + 8), vld1q_f32(from + 12)}};
}

/* The last, partial step: what lies beyond the tail is not read and counts as zero. */
static inline lanes load_tail(const float *from, size_t tail) {
    float padded[IMI_KERNEL_LANES] = {0};
    for (size_t i = 0; i < tail; i++) {
        padded[i] = from[i];
    }
    return load_lanes(padded);
}

static inline lanes multiply_add(lanes sum, lanes a, lanes b) {
    UNROLL
    for (size_t q = 0; q < QUARTERS; q++) {
        sum.quarter[q] = vfmaq_f32(sum.quarter[q], a.quarter[q], b.quarter[q]);
    }
    return sum;
}

/* Distances 8, 4, 2, 1. */
static inline float reduce(lanes sum) {
    float32x4_t four = vaddq_f32(vaddq_f32(sum.quarter[0], sum.quarter[2]),
                                 vaddq_f32(sum.quarter[1], sum.quarter[3]));
    float32x2_t two = vadd_f32(vget_low_f32(four), vget_high_f32(four));
    return vget_lane_f32(two, 0) + vget_lane_f32(two, 1);
}

float imi_dot_f32_neon(const float *a, const float *b, size_t dim) {
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

/* Four rows at once: sixteen accumulators of the 32 registers. */
static inline void dot_four_rows(const float *probe, const float *rows, size_t stride, size_t dim,
                                 float *out) {
    lanes sum[ROWS] = {zero_lanes(), zero_lanes(), zero_lanes(), zero_lanes()};
    size_t i = 0;
    for (; dim - i >= IMI_KERNEL_LANES; i += IMI_KERNEL_LANES) {
        lanes x = load_lanes(probe + i);
        UNROLL
        for (size_t r = 0; r < ROWS; r++) {
            sum[r] = multiply_add(sum[r], x, load_lanes(rows + r * stride + i));
        }
    }
    if (i < dim) {
        lanes x = load_tail(probe + i, dim - i);
        UNROLL
        for (size_t r = 0; r < ROWS; r++) {
            sum[r] = multiply_add(sum[r], x, load_tail(rows + r * stride + i, dim - i));
        }
    }
    UNROLL
    for (size_t r = 0; r < ROWS; r++) {
        out[r] = reduce(sum[r]);
    }
}

void imi_dot_f32_many_neon(const float *probe, const imi_gallery_f32 *gallery, float *out) {
    size_t stride = gallery->stride;
    const float *rows = gallery->rows;
    size_t row = 0;
    for (; gallery->count - row >= ROWS; row += ROWS, rows += ROWS * stride) {
        dot_four_rows(probe, rows, stride, gallery->dim, out + row);
    }
    for (; row < gallery->count; row++, rows += stride) {
        out[row] = imi_dot_f32_neon(probe, rows, gallery->dim);
    }
}

int32_t imi_dot_i8_neon(const int8_t *a, const int8_t *b, size_t dim) {
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

void imi_dot_i8_many_neon(const int8_t *probe, const imi_gallery_i8 *gallery, int32_t *out) {
    const int8_t *rows = gallery->rows;
    for (size_t row = 0; row < gallery->count; row++, rows += gallery->stride) {
        out[row] = imi_dot_i8_neon(probe, rows, gallery->dim);
    }
}
