/* Results fixed as constants: what one machine decides, every machine decides. */
#include "check.h"

enum { TRIALS = 20000, DIM_MAX = 512 };

/* FNV-1a, a word at a time. */
static uint64_t hash_word(uint64_t hash, uint32_t word)
{
    return (hash ^ word) * 1099511628211U;
}

static const uint64_t hash_start = 1469598103934665603U;

static const uint64_t f32_hash = 0x805FAACBFF7ADC34U;
static const uint64_t i8_hash = 0xDA301DA5335CAEA9U;
static const uint64_t i8_four_hash = 0x347F89A264D5FFD8U;
static const uint64_t quantised_hash = 0x801A0C2D934689C4U;

static void test_f32_results_are_the_recorded_ones(const imi_kernels *kernels,
                                                   const imi_kernels *reference)
{
    (void)reference;
    static float a[DIM_MAX], b[DIM_MAX];
    uint64_t hash = hash_start;
    for (int trial = 0; trial < TRIALS; trial++) {
        size_t dim = 1 + random_below(DIM_MAX);
        float_kind kind =
            trial % 4 == 0 ? (float_kind)random_below(FLOATS_KIND_COUNT) : FLOATS_RANDOM;
        fill_floats(a, dim, kind);
        fill_floats(b, dim, kind);
        hash = hash_word(hash, float_bits(kernels->dot_f32(a, b, dim)));
    }
    CHECK(hash == f32_hash, "hash of float32 results is %016llx", (unsigned long long)hash);
}

static void test_i8_results_are_the_recorded_ones(const imi_kernels *kernels,
                                                  const imi_kernels *reference)
{
    (void)reference;
    static int8_t a[DIM_MAX], b[DIM_MAX];
    uint64_t hash = hash_start;
    for (int trial = 0; trial < TRIALS; trial++) {
        size_t dim = 1 + random_below(DIM_MAX);
        fill_bytes(a, dim);
        fill_bytes(b, dim);
        hash = hash_word(hash, (uint32_t)kernels->dot_i8(a, b, dim));
    }
    CHECK(hash == i8_hash, "hash of int8 results is %016llx", (unsigned long long)hash);
}

static void test_i8_four_results_are_the_recorded_ones(const imi_kernels *kernels,
                                                       const imi_kernels *reference)
{
    (void)reference;
    enum { ROWS = 7 };
    static int8_t probes[IMI_KERNEL_PROBES][DIM_MAX], rows[ROWS * DIM_MAX];
    const int8_t *const pointers[] = {probes[0], probes[1], probes[2], probes[3]};
    int32_t dots[IMI_KERNEL_PROBES * ROWS];
    int32_t *const outs[] = {dots, dots + ROWS, dots + ROWS * 2, dots + ROWS * 3};
    uint64_t hash = hash_start;
    for (int trial = 0; trial < TRIALS / 20; trial++) {
        size_t dim = 1 + random_below(DIM_MAX);
        fill_bytes(probes[0], sizeof probes);
        fill_bytes(rows, sizeof rows);
        kernels->dot_i8_four(pointers, &(imi_gallery_i8){rows, NULL, ROWS, DIM_MAX, dim, 0}, outs);
        for (size_t i = 0; i < IMI_KERNEL_PROBES * ROWS; i++) {
            hash = hash_word(hash, (uint32_t)dots[i]);
        }
    }
    CHECK(hash == i8_four_hash, "hash of int8 results is %016llx", (unsigned long long)hash);
}

static void test_quantised_vectors_are_the_recorded_ones(const imi_kernels *kernels,
                                                         const imi_kernels *reference)
{
    (void)kernels;
    (void)reference;
    static float vector[DIM_MAX];
    static int8_t bytes[DIM_MAX];
    uint64_t hash = hash_start;
    for (int trial = 0; trial < TRIALS / 10; trial++) {
        size_t dim = 1 + random_below(DIM_MAX);
        float scale = 0.0F;
        fill_floats(vector, dim, trial % 2 == 0 ? FLOATS_RANDOM : FLOATS_SUBNORMAL);
        CHECK(imi_quantise_i8(vector, dim, bytes, &scale, NULL) == IMI_OK, "not quantised");
        hash = hash_word(hash, float_bits(scale));
        for (size_t i = 0; i < dim; i++) {
            hash = hash_word(hash, (uint8_t)bytes[i]);
        }
    }
    CHECK(hash == quantised_hash, "hash of quantised vectors is %016llx", (unsigned long long)hash);
}

const level_test golden_tests[] = {
    {"f32 results are the recorded ones", test_f32_results_are_the_recorded_ones},
    {"i8 results are the recorded ones", test_i8_results_are_the_recorded_ones},
    {"i8 four results are the recorded ones", test_i8_four_results_are_the_recorded_ones},
    {"quantised vectors are the recorded ones", test_quantised_vectors_are_the_recorded_ones},
    {NULL, NULL},
};
