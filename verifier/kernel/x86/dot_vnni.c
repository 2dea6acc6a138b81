/*
 * AVX-512 VNNI. VPDPBUSD multiplies unsigned by signed bytes, so one side is moved to unsigned
 * by adding 128 (flipping the top bit), and 128 times the sum of the other side is taken off
 * again. Everything wraps modulo 2^32, so the difference is exact whenever it fits.
 */
#include "../dot.h"
#include "../unroll.h"
#include "reduce.h"

enum { STEP = 64, ROWS = 4, AHEAD_BYTES = 1024 };

static inline __m512i to_unsigned(__m512i bytes)
{
    return _mm512_xor_si512(bytes, _mm512_set1_epi8((char)-128));
}

static inline __m256i fold(__m512i lanes)
{
    return _mm256_add_epi32(_mm512_castsi512_si256(lanes), _mm512_extracti32x8_epi32(lanes, 1));
}

static inline __mmask64 mask_for(size_t bytes)
{
    return ((__mmask64)1 << bytes) - 1;
}

int32_t imi_dot_i8_vnni(const int8_t *a, const int8_t *b, size_t dim)
{
    __m512i offset = _mm512_set1_epi8((char)-128);
    __m512i sum = _mm512_setzero_si512();
    __m512i excess = _mm512_setzero_si512();
    size_t i = 0;
    for (; dim - i >= STEP; i += STEP) {
        __m512i y = _mm512_loadu_si512(b + i);
        sum = _mm512_dpbusd_epi32(sum, to_unsigned(_mm512_loadu_si512(a + i)), y);
        excess = _mm512_dpbusd_epi32(excess, offset, y);
    }
    if (i < dim) {
        __mmask64 mask = mask_for(dim - i);
        __m512i y = _mm512_maskz_loadu_epi8(mask, b + i);
        sum = _mm512_dpbusd_epi32(sum, to_unsigned(_mm512_maskz_loadu_epi8(mask, a + i)), y);
        excess = _mm512_dpbusd_epi32(excess, offset, y);
    }
    return reduce_one_i32(fold(_mm512_sub_epi32(sum, excess)));
}

/* 128 times the sum of the probe, which every row is too large by. */
static inline int32_t probe_excess(const int8_t *probe, size_t dim)
{
    __m512i offset = _mm512_set1_epi8((char)-128);
    __m512i sum = _mm512_setzero_si512();
    for (size_t i = 0; i < dim; i += STEP) {
        __mmask64 mask = dim - i < STEP ? mask_for(dim - i) : ~(__mmask64)0;
        sum = _mm512_dpbusd_epi32(sum, offset, _mm512_maskz_loadu_epi8(mask, probe + i));
    }
    return reduce_one_i32(fold(sum));
}

/* Rows of 448 bytes and more came in at 13 GB/s without this, at 30 with it (EPYC, family 25 model
 * 17). Never a fault, also behind the gallery's end. */
static inline void prefetch_ahead(const int8_t *row)
{
    _mm_prefetch((const void *)((uintptr_t)row + AHEAD_BYTES), _MM_HINT_T1);
}

/* The row is the side that is moved to unsigned, as the probe's excess is the same for all. */
static inline __m256i dot_lanes(const int8_t *probe, const int8_t *row, size_t dim)
{
    __m512i sum = _mm512_setzero_si512();
    size_t i = 0;
    for (; dim - i >= STEP; i += STEP) {
        __m512i x = _mm512_loadu_si512(probe + i);
        prefetch_ahead(row + i);
        sum = _mm512_dpbusd_epi32(sum, to_unsigned(_mm512_loadu_si512(row + i)), x);
    }
    if (i < dim) {
        __mmask64 mask = mask_for(dim - i);
        __m512i x = _mm512_maskz_loadu_epi8(mask, probe + i);
        sum = _mm512_dpbusd_epi32(sum, to_unsigned(_mm512_maskz_loadu_epi8(mask, row + i)), x);
    }
    return fold(sum);
}

void imi_dot_i8_many_vnni(const int8_t *probe, const imi_gallery_i8 *gallery, int32_t *out)
{
    size_t stride = gallery->stride;
    const int8_t *rows = gallery->rows;
    __m128i excess = _mm_set1_epi32(probe_excess(probe, gallery->dim));
    size_t row = 0;
    for (; gallery->count - row >= ROWS; row += ROWS, rows += ROWS * stride) {
        __m256i sum[ROWS];
        UNROLL
        for (size_t r = 0; r < ROWS; r++) {
            sum[r] = dot_lanes(probe, rows + r * stride, gallery->dim);
        }
        __m128i dots = reduce_four_i32(sum[0], sum[1], sum[2], sum[3]);
        _mm_storeu_si128((void *)(out + row), _mm_sub_epi32(dots, excess));
    }
    for (; row < gallery->count; row++, rows += stride) {
        out[row] = imi_dot_i8_vnni(rows, probe, gallery->dim);
    }
}

/* Four rows with four probes: 16 sums of the 32 registers, so that a step loads 8 times for 16
 * multiplications. Four sums of one probe end side by side in its output. */
static inline void dot_four_rows(const int8_t *const *probes, const int8_t *rows, size_t stride,
                                 size_t dim, __m256i sum[IMI_KERNEL_PROBES][ROWS])
{
    __m512i lanes[IMI_KERNEL_PROBES][ROWS];
    UNROLL
    for (size_t p = 0; p < IMI_KERNEL_PROBES; p++) {
        UNROLL
        for (size_t r = 0; r < ROWS; r++) {
            lanes[p][r] = _mm512_setzero_si512();
        }
    }
    for (size_t i = 0; i < dim; i += STEP) {
        __mmask64 mask = dim - i < STEP ? mask_for(dim - i) : ~(__mmask64)0;
        __m512i y[ROWS];
        UNROLL
        for (size_t r = 0; r < ROWS; r++) {
            y[r] = to_unsigned(_mm512_maskz_loadu_epi8(mask, rows + r * stride + i));
        }
        UNROLL
        for (size_t p = 0; p < IMI_KERNEL_PROBES; p++) {
            __m512i x = _mm512_maskz_loadu_epi8(mask, probes[p] + i);
            UNROLL
            for (size_t r = 0; r < ROWS; r++) {
                lanes[p][r] = _mm512_dpbusd_epi32(lanes[p][r], y[r], x);
            }
        }
    }
    UNROLL
    for (size_t p = 0; p < IMI_KERNEL_PROBES; p++) {
        UNROLL
        for (size_t r = 0; r < ROWS; r++) {
            sum[p][r] = fold(lanes[p][r]);
        }
    }
}

void imi_dot_i8_four_vnni(const int8_t *const *probes, const imi_gallery_i8 *gallery,
                          int32_t *const *outs)
{
    size_t stride = gallery->stride, dim = gallery->dim;
    const int8_t *const in_registers[IMI_KERNEL_PROBES] = {probes[0], probes[1], probes[2],
                                                           probes[3]};
    const int8_t *rows = gallery->rows;
    __m128i excess[IMI_KERNEL_PROBES];
    for (size_t p = 0; p < IMI_KERNEL_PROBES; p++) {
        excess[p] = _mm_set1_epi32(probe_excess(probes[p], dim));
    }
    size_t row = 0;
    for (; gallery->count - row >= ROWS; row += ROWS, rows += ROWS * stride) {
        __m256i sum[IMI_KERNEL_PROBES][ROWS];
        dot_four_rows(in_registers, rows, stride, dim, sum);
        UNROLL
        for (size_t p = 0; p < IMI_KERNEL_PROBES; p++) {
            __m128i dots = reduce_four_i32(sum[p][0], sum[p][1], sum[p][2], sum[p][3]);
            _mm_storeu_si128((void *)(outs[p] + row), _mm_sub_epi32(dots, excess[p]));
        }
    }
    for (; row < gallery->count; row++, rows += stride) {
        for (size_t p = 0; p < IMI_KERNEL_PROBES; p++) {
            outs[p][row] = imi_dot_i8_vnni(rows, probes[p], dim);
        }
    }
}
