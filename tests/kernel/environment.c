/* Results do not depend on the floating-point state of the calling thread. */
#include "check.h"

#include <fenv.h>
#include <math.h>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

enum { DIM = 192, TRIALS = 200 };

/* What a model worker sets: subnormals read and written as zero. */
static uint64_t flush_to_zero_set(void)
{
#if defined(__x86_64__)
    uint32_t before = _mm_getcsr();
    _mm_setcsr(before | 0x8040U);
    return before;
#elif defined(__aarch64__)
    uint64_t before = 0;
    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    __asm__ volatile("msr fpcr, %0" : : "r"(before | (UINT64_C(1) << 24)) : "memory");
    return before;
#else
    return 0;
#endif
}

static uint64_t flush_to_zero_restore(uint64_t before)
{
    uint64_t during = 0;
#if defined(__x86_64__)
    during = _mm_getcsr();
    _mm_setcsr((uint32_t)before);
#elif defined(__aarch64__)
    __asm__ volatile("mrs %0, fpcr" : "=r"(during));
    __asm__ volatile("msr fpcr, %0" : : "r"(before) : "memory");
#else
    (void)before;
#endif
    return during;
}

static void test_flush_to_zero_changes_no_dot_product(void)
{
    static float a[DIM], b[DIM];
    for (int trial = 0; trial < TRIALS; trial++) {
        fill_floats(a, DIM, FLOATS_SUBNORMAL);
        fill_floats(b, DIM, FLOATS_SUBNORMAL);
        float want = imi_dot_f32(a, b, DIM);
        float many = 0.0F;
        uint64_t before = flush_to_zero_set();
        float got = imi_dot_f32(a, b, DIM);
        imi_status status = imi_dot_f32_many(a, &(imi_gallery_f32){b, 1, DIM, DIM, 0}, &many, NULL);
        flush_to_zero_restore(before);
        CHECK(same_float(got, want), "one-to-one: %a, not %a", (double)got, (double)want);
        CHECK(status == IMI_OK && same_float(many, want), "one-to-many");
    }
}

static void test_flush_to_zero_changes_no_quantised_vector(void)
{
    float vector[4] = {0x1p-140F, -0x1p-139F, 0.0F, 0x1p-141F};
    int8_t bytes[4] = {0};
    float scale = 0.0F;
    uint64_t before = flush_to_zero_set();
    imi_status status = imi_quantise_i8(vector, 4, bytes, &scale, NULL);
    flush_to_zero_restore(before);
    CHECK(status == IMI_OK, "refused");
    CHECK(bytes[0] == 64 && bytes[1] == -127 && bytes[3] == 32, "%d %d %d", bytes[0], bytes[1],
          bytes[3]);
}

static void test_the_callers_state_is_put_back(void)
{
    static float a[DIM];
    uint64_t before = flush_to_zero_set();
    uint64_t set = flush_to_zero_restore(before);
    flush_to_zero_set();
    (void)imi_dot_f32(a, a, DIM);
    CHECK(flush_to_zero_restore(before) == set, "flush-to-zero of the caller was changed");
}

static void test_rounding_mode_changes_no_dot_product(void)
{
    static const int modes[] = {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
    static float a[DIM], b[DIM];
    for (int trial = 0; trial < TRIALS; trial++) {
        fill_floats(a, DIM, FLOATS_RANDOM);
        fill_floats(b, DIM, FLOATS_RANDOM);
        float want = imi_dot_f32(a, b, DIM);
        fesetround(modes[trial % 3]);
        float got = imi_dot_f32(a, b, DIM);
        int mode = fegetround();
        fesetround(FE_TONEAREST);
        CHECK(same_float(got, want), "mode %d: %a, not %a", mode, (double)got, (double)want);
        CHECK(mode == modes[trial % 3], "rounding mode of the caller was changed");
    }
}

const api_test environment_tests[] = {
    {"flush to zero changes no dot product", test_flush_to_zero_changes_no_dot_product},
    {"flush to zero changes no quantised vector", test_flush_to_zero_changes_no_quantised_vector},
    {"the caller's state is put back", test_the_callers_state_is_put_back},
    {"rounding mode changes no dot product", test_rounding_mode_changes_no_dot_product},
    {NULL, NULL},
};
