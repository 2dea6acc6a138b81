/* AVX2 and FMA: a register holds 8 of the 16 lanes, so a row has two accumulators. */
#include "../dot.h"
#include "../unroll.h"
#include "reduce.h"

enum { HALF = IMI_KERNEL_LANES / 2, I8_STEP = 16, ROWS = 4 };

typedef struct lanes {
    __m256 low, high;
} lanes;

static inline lanes load_lanes(const float *from)
{
    return (lanes){_mm256_loadu_ps(from), _mm256_loadu_ps(from + HALF)};
}

/* The last, partial step: what lies beyond the tail is not read and counts as zero. A copy, as
 * VMASKMOV is slow where it reaches into a page that is not mapped, and faults under qemu. */
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
    return (lanes){_mm256_fmadd_ps(a.low, b.low, sum.low),
                   _mm256_fmadd_ps(a.high, b.high, sum.high)};
}

/* Distance 8. */
static inline __m256 fold(lanes sum)
{
    return _mm256_add_ps(sum.low, sum.high);
}

static inline __m256 dot_lanes(const float *a, const float *b, size_t dim)
{
    lanes sum = {_mm256_setzero_ps(), _mm256_setzero_ps()};
    size_t i = 0;
    for (; dim - i >= IMI_KERNEL_LANES; i += IMI_KERNEL_LANES) {
        sum = multiply_add(sum, load_lanes(a + i), load_lanes(b + i));
    }
    if (i < dim) {
        sum = multiply_add(sum, load_tail(a + i, dim - i), load_tail(b + i, dim - i));
    }
    return fold(sum);
}

float imi_dot_f32_avx2(const float *a, const float *b, size_t dim)
{
    return reduce_one(dot_lanes(a, b, dim));
}

/* One row after the other, as memory is fastest in order; a core that executes out of order
 * overlaps the rows by itself. The ends of four sums share instructions. */
void imi_dot_f32_many_avx2(const float *probe, const imi_gallery_f32 *gallery, float *out)
{
    size_t stride = gallery->stride;
    const float *rows = gallery->rows;
    size_t row = 0;
    for (; gallery->count - row >= ROWS; row += ROWS, rows += ROWS * stride) {
        __m256 sum[ROWS];
        UNROLL
        for (size_t r = 0; r < ROWS; r++) {
            sum[r] = dot_lanes(probe, rows + r * stride, gallery->dim);
        }
        _mm_storeu_ps(out + row, reduce_four(sum[0], sum[1], sum[2], sum[3]));
    }
    for (; row < gallery->count; row++, rows += stride) {
        out[row] = imi_dot_f32_avx2(probe, rows, gallery->dim);
    }
}

/* A row is read once for four probes, which stay in the cache. */
static inline __m128 dot_four_probes(const float *const *probes, const float *row, size_t dim)
{
    lanes zero = {_mm256_setzero_ps(), _mm256_setzero_ps()};
    lanes sum[IMI_KERNEL_PROBES] = {zero, zero, zero, zero};
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
    return reduce_four(fold(sum[0]), fold(sum[1]), fold(sum[2]), fold(sum[3]));
}

void imi_dot_f32_four_avx2(const float *const *probes, const imi_gallery_f32 *gallery,
                           float *const *outs)
{
    const float *const in_registers[IMI_KERNEL_PROBES] = {probes[0], probes[1], probes[2],
                                                          probes[3]};
    const float *rows = gallery->rows;
    for (size_t row = 0; row < gallery->count; row++, rows += gallery->stride) {
        store_four(dot_four_probes(in_registers, rows, gallery->dim), outs, row);
    }
}

static inline __m256i widen(const int8_t *bytes)
{
    return _mm256_cvtepi8_epi16(_mm_loadu_si128((const void *)bytes));
}

/* Whole steps: bytes are widened to 16 bits, multiplied and added in pairs, at most
 * 2 * 128 * 128, so that nothing saturates. */
static inline __m256i dot_i8_lanes(const int8_t *a, const int8_t *b, size_t steps)
{
    __m256i sum = _mm256_setzero_si256();
    for (size_t i = 0; i < steps * I8_STEP; i += I8_STEP) {
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(widen(a + i), widen(b + i)));
    }
    return sum;
}

static inline uint32_t dot_i8_tail(const int8_t *a, const int8_t *b, size_t count)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += (uint32_t)((int32_t)a[i] * (int32_t)b[i]);
    }
    return sum;
}

int32_t imi_dot_i8_avx2(const int8_t *a, const int8_t *b, size_t dim)
{
    size_t steps = dim / I8_STEP, whole = steps * I8_STEP;
    uint32_t sum = (uint32_t)reduce_one_i32(dot_i8_lanes(a, b, steps));
    return (int32_t)(sum + dot_i8_tail(a + whole, b + whole, dim - whole));
}

void imi_dot_i8_many_avx2(const int8_t *probe, const imi_gallery_i8 *gallery, int32_t *out)
{
    size_t stride = gallery->stride;
    size_t steps = gallery->dim / I8_STEP, whole = steps * I8_STEP;
    const int8_t *rows = gallery->rows;
    size_t row = 0;
    for (; gallery->count - row >= ROWS; row += ROWS, rows += ROWS * stride) {
        __m256i sum[ROWS];
        UNROLL
        for (size_t r = 0; r < ROWS; r++) {
            sum[r] = dot_i8_lanes(probe, rows + r * stride, steps);
        }
        _mm_storeu_si128((void *)(out + row), reduce_four_i32(sum[0], sum[1], sum[2], sum[3]));
        for (size_t r = 0; whole < gallery->dim && r < ROWS; r++) {
            const int8_t *tail = rows + r * stride + whole;
            out[row + r] = (int32_t)((uint32_t)out[row + r] +
                                     dot_i8_tail(probe + whole, tail, gallery->dim - whole));
        }
    }
    for (; row < gallery->count; row++, rows += stride) {
        out[row] = imi_dot_i8_avx2(probe, rows, gallery->dim);
    }
}

enum { PAIR = 2 };

/* Two rows with four probes: eight sums of the 16 registers. Whole steps only. */
static inline void dot_row_pair(const int8_t *const *probes, const int8_t *rows, size_t stride,
                                size_t steps, __m256i sum[IMI_KERNEL_PROBES][PAIR])
{
    UNROLL
    for (size_t p = 0; p < IMI_KERNEL_PROBES; p++) {
        sum[p][0] = _mm256_setzero_si256();
        sum[p][1] = _mm256_setzero_si256();
    }
    for (size_t i = 0; i < steps * I8_STEP; i += I8_STEP) {
        __m256i y0 = widen(rows + i);
        __m256i y1 = widen(rows + stride + i);
        UNROLL
        for (size_t p = 0; p < IMI_KERNEL_PROBES; p++) {
            __m256i x = widen(probes[p] + i);
            sum[p][0] = _mm256_add_epi32(sum[p][0], _mm256_madd_epi16(x, y0));
            sum[p][1] = _mm256_add_epi32(sum[p][1], _mm256_madd_epi16(x, y1));
        }
    }
}

void imi_dot_i8_four_avx2(const int8_t *const *probes, const imi_gallery_i8 *gallery,
                          int32_t *const *outs)
{
    size_t stride = gallery->stride;
    size_t steps = gallery->dim / I8_STEP, whole = steps * I8_STEP;
    const int8_t *const in_registers[IMI_KERNEL_PROBES] = {probes[0], probes[1], probes[2],
                                                           probes[3]};
    const int8_t *rows = gallery->rows;
    size_t row = 0;
    for (; gallery->count - row >= PAIR; row += PAIR, rows += PAIR * stride) {
        __m256i sum[IMI_KERNEL_PROBES][PAIR];
        dot_row_pair(in_registers, rows, stride, steps, sum);
        UNROLL
        for (size_t p = 0; p < IMI_KERNEL_PROBES; p += 2) {
            __m128i dots = reduce_four_i32(sum[p][0], sum[p][1], sum[p + 1][0], sum[p + 1][1]);
            _mm_storel_epi64((void *)(outs[p] + row), dots);
            _mm_storel_epi64((void *)(outs[p + 1] + row), _mm_unpackhi_epi64(dots, dots));
        }
        for (size_t j = 0; whole < gallery->dim && j < IMI_KERNEL_PROBES * PAIR; j++) {
            size_t p = j / PAIR, r = j % PAIR;
            uint32_t tail =
                dot_i8_tail(probes[p] + whole, rows + r * stride + whole, gallery->dim - whole);
            outs[p][row + r] = (int32_t)((uint32_t)outs[p][row + r] + tail);
        }
    }
    for (size_t p = 0; row < gallery->count && p < IMI_KERNEL_PROBES; p++) {
        outs[p][row] = imi_dot_i8_avx2(probes[p], rows, gallery->dim);
    }
}
