/* AVX-512: one register holds the 16 lanes; the tail is a masked load, which cannot fault. */
#include "../dot.h"
#include "../unroll.h"
#include "reduce.h"

enum { ROWS = 4 };

/* Distance 8. */
static inline __m256 fold(__m512 lanes)
{
    return _mm256_add_ps(_mm512_castps512_ps256(lanes), _mm512_extractf32x8_ps(lanes, 1));
}

static inline __mmask16 mask_for(size_t lanes)
{
    return (__mmask16)((1U << lanes) - 1U);
}

static inline __m512 dot_lanes(const float *a, const float *b, size_t dim)
{
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
    return sum;
}

float imi_dot_f32_avx512(const float *a, const float *b, size_t dim)
{
    return reduce_one(fold(dot_lanes(a, b, dim)));
}

/* One row after the other, as memory is fastest in order; a core that executes out of order
 * overlaps the rows by itself. The ends of four sums share instructions. */
void imi_dot_f32_many_avx512(const float *probe, const imi_gallery_f32 *gallery, float *out)
{
    size_t stride = gallery->stride;
    const float *rows = gallery->rows;
    size_t row = 0;
    for (; gallery->count - row >= ROWS; row += ROWS, rows += ROWS * stride) {
        __m256 sum[ROWS];
        UNROLL
        for (size_t r = 0; r < ROWS; r++) {
            sum[r] = fold(dot_lanes(probe, rows + r * stride, gallery->dim));
        }
        _mm_storeu_ps(out + row, reduce_four(sum[0], sum[1], sum[2], sum[3]));
    }
    for (; row < gallery->count; row++, rows += stride) {
        out[row] = imi_dot_f32_avx512(probe, rows, gallery->dim);
    }
}

/* A row is read once for four probes, which stay in the cache. */
static inline __m128 dot_four_probes(const float *const *probes, const float *row, size_t dim)
{
    __m512 zero = _mm512_setzero_ps();
    __m512 sum[IMI_KERNEL_PROBES] = {zero, zero, zero, zero};
    size_t i = 0;
    for (; dim - i >= IMI_KERNEL_LANES; i += IMI_KERNEL_LANES) {
        __m512 y = _mm512_loadu_ps(row + i);
        UNROLL
        for (size_t p = 0; p < IMI_KERNEL_PROBES; p++) {
            sum[p] = _mm512_fmadd_ps(_mm512_loadu_ps(probes[p] + i), y, sum[p]);
        }
    }
    if (i < dim) {
        __mmask16 mask = mask_for(dim - i);
        __m512 y = _mm512_maskz_loadu_ps(mask, row + i);
        UNROLL
        for (size_t p = 0; p < IMI_KERNEL_PROBES; p++) {
            sum[p] = _mm512_fmadd_ps(_mm512_maskz_loadu_ps(mask, probes[p] + i), y, sum[p]);
        }
    }
    return reduce_four(fold(sum[0]), fold(sum[1]), fold(sum[2]), fold(sum[3]));
}

void imi_dot_f32_four_avx512(const float *const *probes, const imi_gallery_f32 *gallery,
                             float *const *outs)
{
    const float *const in_registers[IMI_KERNEL_PROBES] = {probes[0], probes[1], probes[2],
                                                          probes[3]};
    const float *rows = gallery->rows;
    for (size_t row = 0; row < gallery->count; row++, rows += gallery->stride) {
        store_four(dot_four_probes(in_registers, rows, gallery->dim), outs, row);
    }
}
