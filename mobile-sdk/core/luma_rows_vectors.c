/*
 * The same sums, 16 pixels at a time, by the vectors that the target always has.
 */
#include "luma_rows.h"

#if defined(__SSE2__)
#include <emmintrin.h>

typedef __m128i bytes16;
typedef __m128i sums4;

static bytes16 load(const uint8_t *at)
{
    return _mm_loadu_si128((const __m128i *)(const void *)at);
}

static bytes16 fill(uint8_t value)
{
    return _mm_set1_epi8((char)value);
}

static sums4 zero(void)
{
    return _mm_setzero_si128();
}

static sums4 add_bytes(sums4 sums, bytes16 x)
{
    return _mm_add_epi32(sums, _mm_sad_epu8(x, _mm_setzero_si128()));
}

static bytes16 distance(bytes16 a, bytes16 b)
{
    return _mm_or_si128(_mm_subs_epu8(a, b), _mm_subs_epu8(b, a));
}

/* 1 where a >= b. */
static bytes16 at_least(bytes16 a, bytes16 b)
{
    return _mm_and_si128(_mm_cmpeq_epi8(_mm_max_epu8(a, b), a), _mm_set1_epi8(1));
}

static __m128i half_laplacian(__m128i c, __m128i l, __m128i r, __m128i u, __m128i d)
{
    __m128i around = _mm_add_epi16(_mm_add_epi16(l, r), _mm_add_epi16(u, d));
    __m128i v = _mm_sub_epi16(_mm_slli_epi16(c, 2), around);
    __m128i size = _mm_max_epi16(v, _mm_sub_epi16(_mm_setzero_si128(), v));
    return _mm_madd_epi16(size, _mm_set1_epi16(1));
}

static sums4 add_laplacian(sums4 sums, bytes16 c, bytes16 l, bytes16 r, bytes16 u, bytes16 d)
{
    __m128i z = _mm_setzero_si128();
#define HALF(part)                                                                                 \
    half_laplacian(_mm_unpack##part##_epi8(c, z), _mm_unpack##part##_epi8(l, z),                   \
                   _mm_unpack##part##_epi8(r, z), _mm_unpack##part##_epi8(u, z),                   \
                   _mm_unpack##part##_epi8(d, z))
    return _mm_add_epi32(sums, _mm_add_epi32(HALF(lo), HALF(hi)));
#undef HALF
}

static uint32_t total(sums4 sums)
{
    uint32_t lanes[4];
    _mm_storeu_si128((__m128i *)(void *)lanes, sums);
    return lanes[0] + lanes[1] + lanes[2] + lanes[3];
}

#elif defined(__ARM_NEON)
#include <arm_neon.h>

typedef uint8x16_t bytes16;
typedef uint32x4_t sums4;

static bytes16 load(const uint8_t *at)
{
    return vld1q_u8(at);
}

static bytes16 fill(uint8_t value)
{
    return vdupq_n_u8(value);
}

static sums4 zero(void)
{
    return vdupq_n_u32(0);
}

static sums4 add_bytes(sums4 sums, bytes16 x)
{
    return vpadalq_u16(sums, vpaddlq_u8(x));
}

static bytes16 distance(bytes16 a, bytes16 b)
{
    return vabdq_u8(a, b);
}

/* 1 where a >= b. */
static bytes16 at_least(bytes16 a, bytes16 b)
{
    return vandq_u8(vcgeq_u8(a, b), vdupq_n_u8(1));
}

static uint16x8_t half_laplacian(uint8x8_t c, uint8x8_t l, uint8x8_t r, uint8x8_t u, uint8x8_t d)
{
    return vabdq_u16(vshll_n_u8(c, 2), vaddq_u16(vaddl_u8(l, r), vaddl_u8(u, d)));
}

static sums4 add_laplacian(sums4 sums, bytes16 c, bytes16 l, bytes16 r, bytes16 u, bytes16 d)
{
#define HALF(part)                                                                                 \
    half_laplacian(vget_##part##_u8(c), vget_##part##_u8(l), vget_##part##_u8(r),                  \
                   vget_##part##_u8(u), vget_##part##_u8(d))
    return vpadalq_u16(vpadalq_u16(sums, HALF(low)), HALF(high));
#undef HALF
}

static uint32_t total(sums4 sums)
{
    return vgetq_lane_u32(sums, 0) + vgetq_lane_u32(sums, 1) + vgetq_lane_u32(sums, 2) +
           vgetq_lane_u32(sums, 3);
}

#elif defined(__wasm_simd128__)
#include <wasm_simd128.h>

typedef v128_t bytes16;
typedef v128_t sums4;

static bytes16 load(const uint8_t *at)
{
    return wasm_v128_load(at);
}

static bytes16 fill(uint8_t value)
{
    return wasm_u8x16_splat(value);
}

static sums4 zero(void)
{
    return wasm_u32x4_splat(0);
}

static sums4 add_bytes(sums4 sums, bytes16 x)
{
    return wasm_i32x4_add(sums,
                          wasm_u32x4_extadd_pairwise_u16x8(wasm_u16x8_extadd_pairwise_u8x16(x)));
}

static bytes16 distance(bytes16 a, bytes16 b)
{
    return wasm_v128_or(wasm_u8x16_sub_sat(a, b), wasm_u8x16_sub_sat(b, a));
}

/* 1 where a >= b. */
static bytes16 at_least(bytes16 a, bytes16 b)
{
    return wasm_v128_and(wasm_u8x16_ge(a, b), wasm_u8x16_splat(1));
}

static v128_t half_laplacian(v128_t c, v128_t l, v128_t r, v128_t u, v128_t d)
{
    v128_t around = wasm_i16x8_add(wasm_i16x8_add(l, r), wasm_i16x8_add(u, d));
    v128_t size = wasm_i16x8_abs(wasm_i16x8_sub(wasm_i16x8_shl(c, 2), around));
    return wasm_u32x4_extadd_pairwise_u16x8(size);
}

static sums4 add_laplacian(sums4 sums, bytes16 c, bytes16 l, bytes16 r, bytes16 u, bytes16 d)
{
#define HALF(part)                                                                                 \
    half_laplacian(wasm_u16x8_extend_##part##_u8x16(c), wasm_u16x8_extend_##part##_u8x16(l),       \
                   wasm_u16x8_extend_##part##_u8x16(r), wasm_u16x8_extend_##part##_u8x16(u),       \
                   wasm_u16x8_extend_##part##_u8x16(d))
    return wasm_i32x4_add(sums, wasm_i32x4_add(HALF(low), HALF(high)));
#undef HALF
}

static uint32_t total(sums4 sums)
{
    return wasm_u32x4_extract_lane(sums, 0) + wasm_u32x4_extract_lane(sums, 1) +
           wasm_u32x4_extract_lane(sums, 2) + wasm_u32x4_extract_lane(sums, 3);
}

#else
#define NO_VECTORS
#endif

#ifdef NO_VECTORS
/* A server may run on something else: all pixels are left to the scalar code. */
uint32_t imi_core_row_vectors(const luma_row *row, uint32_t count, row_sums *sums)
{
    (void)row;
    (void)count;
    (void)sums;
    return 0;
}
#else
uint32_t imi_core_row_vectors(const luma_row *row, uint32_t count, row_sums *sums)
{
    sums4 laplacian = zero(), luma = zero(), dark = zero(), bright = zero(), difference = zero();
    uint32_t done = 0;
    for (; count - done >= 16; done += 16) {
        const uint8_t *at = row->here + done;
        bytes16 here = load(at);
        laplacian = add_laplacian(laplacian, here, load(at - 1), load(at + 1),
                                  load(row->above + done), load(row->below + done));
        luma = add_bytes(luma, here);
        dark = add_bytes(dark, at_least(fill(IMI_CORE_LUMA_DARK), here));
        bright = add_bytes(bright, at_least(here, fill(IMI_CORE_LUMA_BRIGHT)));
        difference = add_bytes(difference, distance(here, load(row->before + done)));
    }
    sums->laplacian += total(laplacian);
    sums->luma += total(luma);
    sums->dark += total(dark);
    sums->bright += total(bright);
    sums->difference += total(difference);
    return done;
}
#endif
