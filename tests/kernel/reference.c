/* The reference against values worked out by hand: the specification itself is right. */
#include "check.h"

#include <math.h>

static float reference_dot(const float *a, const float *b, size_t dim)
{
    imi_kernels kernels;
    imi_kernels_fill(0, &kernels);
    return kernels.dot_f32(a, b, dim);
}

static const float ones[32] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                               1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};

static void test_sum_of_small_integers_is_exact(void)
{
    float a[100], b[100];
    for (size_t i = 0; i < 100; i++) {
        a[i] = (float)i;
        b[i] = (float)(i % 7) - 3.0F;
    }
    float want = 0.0F;
    for (size_t i = 0; i < 100; i++) {
        want += a[i] * b[i];
    }
    CHECK(same_float(reference_dot(a, b, 100), want), "small integers");
}

/* Lane 0 meets lane 8 before lane 4: 1e8 + 1 rounds to 1e8, then 1e8 - 1e8 = 0. */
static void test_lanes_are_added_at_distance_8_first(void)
{
    float a[16] = {[0] = 1e8F, [4] = -1e8F, [8] = 1.0F};
    CHECK(same_float(reference_dot(a, ones, 16), 0.0F), "not the fixed order");
    float b[16] = {[0] = 1e8F, [8] = -1e8F, [4] = 1.0F};
    CHECK(same_float(reference_dot(b, ones, 16), 1.0F), "not the fixed order");
}

static void test_element_16_goes_to_lane_0(void)
{
    /* In one lane 1e8 + 1 - 1e8 is 0; in lanes of their own the 1 would survive. */
    float a[48] = {[0] = 1e8F, [16] = 1.0F, [32] = -1e8F};
    float b[48];
    for (size_t i = 0; i < 48; i++) {
        b[i] = 1.0F;
    }
    CHECK(same_float(reference_dot(a, b, 48), 0.0F), "not lane by lane");
}

/* (1 + 2^-12)^2 - (1 + 2^-11) = 2^-24, which only a fused multiply-add keeps. */
static void test_multiply_and_add_are_fused(void)
{
    float a[32] = {[0] = -(1.0F + 0x1p-11F), [16] = 1.0F + 0x1p-12F};
    float b[32] = {[0] = 1.0F, [16] = 1.0F + 0x1p-12F};
    CHECK(same_float(reference_dot(a, b, 32), 0x1p-24F), "not fused");
}

static void test_subnormal_products_are_kept(void)
{
    float a[16] = {[3] = 0x1p-100F};
    float b[16] = {[3] = 0x1p-45F};
    CHECK(same_float(reference_dot(a, b, 16), 0x1p-145F), "flushed to zero");
}

static void test_nan_reaches_the_result(void)
{
    float a[32] = {[17] = NAN};
    CHECK(isnan(reference_dot(a, ones, 32)), "a NaN was lost");
}

static void test_empty_vectors_give_zero(void)
{
    CHECK(same_float(reference_dot(ones, ones, 0), 0.0F), "empty vectors");
}

const api_test reference_tests[] = {
    {"sum of small integers is exact", test_sum_of_small_integers_is_exact},
    {"lanes are added at distance 8 first", test_lanes_are_added_at_distance_8_first},
    {"element 16 goes to lane 0", test_element_16_goes_to_lane_0},
    {"multiply and add are fused", test_multiply_and_add_are_fused},
    {"subnormal products are kept", test_subnormal_products_are_kept},
    {"nan reaches the result", test_nan_reaches_the_result},
    {"empty vectors give zero", test_empty_vectors_give_zero},
    {NULL, NULL},
};
