/**
 * The end of the fixed reduction tree: 8 lanes to 1, for one row or four at once.
 *
 * Static inline on purpose: each file that includes this gets its own copy, compiled with its
 * own instruction set.
 */
#ifndef IMI_KERNEL_X86_REDUCE_H
#define IMI_KERNEL_X86_REDUCE_H

#include <immintrin.h>

/* Distances 4, 2, 1. */
static inline float reduce_one(__m256 lanes)
{
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(lanes), _mm256_extractf128_ps(lanes, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    __m128 one = _mm_add_ss(two, _mm_shuffle_ps(two, two, 1));
    return _mm_cvtss_f32(one);
}

/* The same for four rows: the additions are those of reduce_one, sharing instructions. */
static inline __m128 reduce_four(__m256 r0, __m256 r1, __m256 r2, __m256 r3)
{
    /* Distance 4: rows 0 and 1 share a register, as do 2 and 3. */
    __m256 r01 =
        _mm256_add_ps(_mm256_permute2f128_ps(r0, r1, 0x20), _mm256_permute2f128_ps(r0, r1, 0x31));
    __m256 r23 =
        _mm256_add_ps(_mm256_permute2f128_ps(r2, r3, 0x20), _mm256_permute2f128_ps(r2, r3, 0x31));
    /* Distance 2: halves hold [row 0: 2, row 2: 2 | row 1: 2, row 3: 2]. */
    __m256 two = _mm256_add_ps(_mm256_shuffle_ps(r01, r23, _MM_SHUFFLE(1, 0, 1, 0)),
                               _mm256_shuffle_ps(r01, r23, _MM_SHUFFLE(3, 2, 3, 2)));
    /* Distance 1: halves hold [row 0, row 2, ... | row 1, row 3, ...]. */
    __m256 one = _mm256_add_ps(_mm256_shuffle_ps(two, two, _MM_SHUFFLE(2, 0, 2, 0)),
                               _mm256_shuffle_ps(two, two, _MM_SHUFFLE(3, 1, 3, 1)));
    return _mm_unpacklo_ps(_mm256_castps256_ps128(one), _mm256_extractf128_ps(one, 1));
}

/* Element p of one row's results goes to the output of probe p. */
static inline void store_four(__m128 dots, float *const *outs, size_t row)
{
    _mm_store_ss(outs[0] + row, dots);
    _mm_store_ss(outs[1] + row, _mm_shuffle_ps(dots, dots, 1));
    _mm_store_ss(outs[2] + row, _mm_movehl_ps(dots, dots));
    _mm_store_ss(outs[3] + row, _mm_shuffle_ps(dots, dots, 3));
}

static inline int32_t reduce_one_i32(__m256i lanes)
{
    __m128i four = _mm_add_epi32(_mm256_castsi256_si128(lanes), _mm256_extracti128_si256(lanes, 1));
    __m128i two = _mm_add_epi32(four, _mm_unpackhi_epi64(four, four));
    __m128i one = _mm_add_epi32(two, _mm_shuffle_epi32(two, 1));
    return _mm_cvtsi128_si32(one);
}

/* Integers add in any order. */
static inline __m128i reduce_four_i32(__m256i r0, __m256i r1, __m256i r2, __m256i r3)
{
    __m256i all = _mm256_hadd_epi32(_mm256_hadd_epi32(r0, r1), _mm256_hadd_epi32(r2, r3));
    return _mm_add_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
}

#endif
