/* AVX2 and FMA: a register holds 8 of the 16 lanes, so a row has two accumulators. */
#include "../dot.h"
#include "../unroll.h"
#include "reduce.h"

enum { HALF = IMI_KERNEL_LANES / 2, I8_STEP = 16, ROWS = 4 };

/* All ones for the first n of 8 lanes: mask_for(n) points 8 - n from the end of the ones. */
static __m256i mask_for(size_t lanes) {
    static const int32_t ones_then_zeros[2 * HALF] = {-1, -1, -1, -1, -1, -1, -1, -1};
    return _mm256_loadu_si256((const void *)(ones_then_zeros + HALF - lanes));
}

typedef struct tail_masks {
    __m256i low, high;
} tail_masks;

/* Lanes beyond the tail are not read and count as zero. */
static inline tail_masks masks_for_tail(size_t tail) {
    return (tail_masks){mask_for(tail < HALF ? tail : HALF),
                        mask_for(tail < HALF ? 0 : tail - HALF)};
}

float imi_dot_f32_avx2(const float *a, const float *b, size_t dim) {
    __m256 low = _mm256_setzero_ps();
    __m256 high = _mm256_setzero_ps();
    size_t i = 0;
    for (; dim - i >= IMI_KERNEL_LANES; i += IMI_KERNEL_LANES) {
        low = _mm256_fmadd_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i), low);
        high = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + HALF), _mm256_loadu_ps(b + i + HALF), high);
    }
    if (i < dim) {
        tail_masks masks = masks_for_tail(dim - i);
        low = _mm256_fmadd_ps(_mm256_maskload_ps(a + i, masks.low),
                              _mm256_maskload_ps(b + i, masks.low), low);
        high = _mm256_fmadd_ps(_mm256_maskload_ps(a + i + HALF, masks.high),
                               _mm256_maskload_ps(b + i + HALF, masks.high), high);
    }
    return reduce_one(_mm256_add_ps(low, high));
}

/* Four rows at once: eight independent sums hide the latency of the multiply-add. */
static inline __m128 dot_four_rows(const float *probe, const float *rows, size_t stride,
                                   size_t dim) {
    __m256 low[ROWS], high[ROWS];
    UNROLL
    for (size_t r = 0; r < ROWS; r++) {
        low[r] = _mm256_setzero_ps();
        high[r] = _mm256_setzero_ps();
    }
    size_t i = 0;
    for (; dim - i >= IMI_KERNEL_LANES; i += IMI_KERNEL_LANES) {
        __m256 probe_low = _mm256_loadu_ps(probe + i);
        __m256 probe_high = _mm256_loadu_ps(probe + i + HALF);
        UNROLL
        for (size_t r = 0; r < ROWS; r++) {
            const float *row = rows + r * stride + i;
            low[r] = _mm256_fmadd_ps(probe_low, _mm256_loadu_ps(row), low[r]);
            high[r] = _mm256_fmadd_ps(probe_high, _mm256_loadu_ps(row + HALF), high[r]);
        }
    }
    if (i < dim) {
        tail_masks masks = masks_for_tail(dim - i);
        __m256 probe_low = _mm256_maskload_ps(probe + i, masks.low);
        __m256 probe_high = _mm256_maskload_ps(probe + i + HALF, masks.high);
        UNROLL
        for (size_t r = 0; r < ROWS; r++) {
            const float *row = rows + r * stride + i;
            low[r] = _mm256_fmadd_ps(probe_low, _mm256_maskload_ps(row, masks.low), low[r]);
            high[r] =
                _mm256_fmadd_ps(probe_high, _mm256_maskload_ps(row + HALF, masks.high), high[r]);
        }
    }
    return reduce_four(_mm256_add_ps(low[0], high[0]), _mm256_add_ps(low[1], high[1]),
                       _mm256_add_ps(low[2], high[2]), _mm256_add_ps(low[3], high[3]));
}

void imi_dot_f32_many_avx2(const float *probe, const imi_gallery_f32 *gallery, float *out) {
    size_t stride = gallery->stride;
    const float *rows = gallery->rows;
    size_t row = 0;
    for (; gallery->count - row >= ROWS; row += ROWS, rows += ROWS * stride) {
        _mm_storeu_ps(out + row, dot_four_rows(probe, rows, stride, gallery->dim));
    }
    for (; row < gallery->count; row++, rows += stride) {
        out[row] = imi_dot_f32_avx2(probe, rows, gallery->dim);
    }
}

/* 16 products of sign-extended bytes, added in pairs: at most 2 * 128 * 128, which fits. */
static inline __m256i multiply_bytes(__m256i a_words, const int8_t *b) {
    __m256i b_words = _mm256_cvtepi8_epi16(_mm_loadu_si128((const void *)b));
    return _mm256_madd_epi16(a_words, b_words);
}

static inline __m256i widen(const int8_t *a) {
    return _mm256_cvtepi8_epi16(_mm_loadu_si128((const void *)a));
}

static inline int32_t dot_i8_tail(const int8_t *a, const int8_t *b, size_t count) {
    uint32_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += (uint32_t)((int32_t)a[i] * (int32_t)b[i]);
    }
    return (int32_t)sum;
}

static inline int32_t add_wrapping(int32_t a, int32_t b) {
    return (int32_t)((uint32_t)a + (uint32_t)b);
}

int32_t imi_dot_i8_avx2(const int8_t *a, const int8_t *b, size_t dim) {
    __m256i sum = _mm256_setzero_si256();
    size_t i = 0;
    for (; dim - i >= I8_STEP; i += I8_STEP) {
        sum = _mm256_add_epi32(sum, multiply_bytes(widen(a + i), b + i));
    }
    return add_wrapping(reduce_one_i32(sum), dot_i8_tail(a + i, b + i, dim - i));
}

static inline void dot_i8_four_rows(const int8_t *probe, const int8_t *rows, size_t stride,
                                    size_t dim, int32_t *out) {
    __m256i sum[ROWS];
    UNROLL
    for (size_t r = 0; r < ROWS; r++) {
        sum[r] = _mm256_setzero_si256();
    }
    size_t i = 0;
    for (; dim - i >= I8_STEP; i += I8_STEP) {
        __m256i probe_words = widen(probe + i);
        UNROLL
        for (size_t r = 0; r < ROWS; r++) {
            sum[r] = _mm256_add_epi32(sum[r], multiply_bytes(probe_words, rows + r * stride + i));
        }
    }
    _mm_storeu_si128((void *)out, reduce_four_i32(sum[0], sum[1], sum[2], sum[3]));
    UNROLL
    for (size_t r = 0; i < dim && r < ROWS; r++) {
        out[r] = add_wrapping(out[r], dot_i8_tail(probe + i, rows + r * stride + i, dim - i));
    }
}

void imi_dot_i8_many_avx2(const int8_t *probe, const imi_gallery_i8 *gallery, int32_t *out) {
    size_t stride = gallery->stride;
    const int8_t *rows = gallery->rows;
    size_t row = 0;
    for (; gallery->count - row >= ROWS; row += ROWS, rows += ROWS * stride) {
        dot_i8_four_rows(probe, rows, stride, gallery->dim, out + row);
    }
    for (; row < gallery->count; row++, rows += stride) {
        out[row] = imi_dot_i8_avx2(probe, rows, gallery->dim);
    }
}
