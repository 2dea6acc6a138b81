/* AVX-512: one register holds the 16 lanes; the tail is a masked load, which cannot fault. */
#include "../dot.h"
#include "../unroll.h"
#include "reduce.h"

enum { ROWS = 4 };

/* Distance 8. */
static inline __m256 fold(__m512 lanes) {
    return _mm256_add_ps(_mm512_castps512_ps256(lanes), _mm512_extractf32x8_ps(lanes, 1));
}

static inline __mmask16 mask_for(size_t lanes) {
    return (__mmask16)((1U << lanes) - 1U);
}

float imi_dot_f32_avx512(const float *a, const float *b, size_t dim) {
    __m512 sum = _mm512_setzero_ps();
    size_t i = 0;
    for (; dim - i >= IMI_KERNEL_LANES; i += IMI_KERNEL_LANES) {
        sum = _mm512_fmadd_ps(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i), sum);
    }
    if (i < dim) {
        __mmask16 mask = mask_for(dim - i);
        sum = _mm512_fmadd_ps(_mm512_maskz_loadu_ps(mask, a + i),
                              _mm512_maskz_loadu_ps(mask, b + i), sum);
    }
    return reduce_one(fold(sum));
}

/* Four rows at once: independent sums hide the latency of the multiply-add. */
static inline __m128 dot_four_rows(const float *probe, const float *rows, size_t stride,
                                   size_t dim) {
    __m512 sum[ROWS];
    UNROLL
    for (size_t r = 0; r < ROWS; r++) {
        sum[r] = _mm512_setzero_ps();
    }
    size_t i = 0;
    for (; dim - i >= IMI_KERNEL_LANES; i += IMI_KERNEL_LANES) {
        __m512 x = _mm512_loadu_ps(probe + i);
        UNROLL
        for (size_t r = 0; r < ROWS; r++) {
            sum[r] = _mm512_fmadd_ps(x, _mm512_loadu_ps(rows + r * stride + i), sum[r]);
        }
    }
    if (i < dim) {
        __mmask16 mask = mask_for(dim - i);
        __m512 x = _mm512_maskz_loadu_ps(mask, probe + i);
        UNROLL
        for (size_t r = 0; r < ROWS; r++) {
            sum[r] = _mm512_fmadd_ps(x, _mm512_maskz_loadu_ps(mask, rows + r * stride + i), sum[r]);
        }
    }
    return reduce_four(fold(sum[0]), fold(sum[1]), fold(sum[2]), fold(sum[3]));
}

void imi_dot_f32_many_avx512(const float *probe, const imi_gallery_f32 *gallery, float *out) {
    size_t stride = gallery->stride;
    const float *rows = gallery->rows;
    size_t row = 0;
    for (; gallery->count - row >= ROWS; row += ROWS, rows += ROWS * stride) {
        _mm_storeu_ps(out + row, dot_four_rows(probe, rows, stride, gallery->dim));
    }
    for (; row < gallery->count; row++, rows += stride) {
        out[row] = imi_dot_f32_avx512(probe, rows, gallery->dim);
    }
}
