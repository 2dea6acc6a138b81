/* Chooses the kernels: once, for what the machine offers. */
#include "cpu.h"
#include "dot.h"

#include <pthread.h>

static const imi_kernel_level levels[] = {
    {"reference", 0},
#if defined(__x86_64__)
    {"avx2", IMI_CPU_AVX2},
    {"avx512", IMI_CPU_AVX2 | IMI_CPU_AVX512},
    {"avx512_vnni", IMI_CPU_AVX2 | IMI_CPU_AVX512 | IMI_CPU_AVX512_VNNI},
#elif defined(__aarch64__)
    {"neon", IMI_CPU_NEON},
    {"neon_dot", IMI_CPU_NEON | IMI_CPU_NEON_DOT},
#endif
};

static pthread_once_t g_once = PTHREAD_ONCE_INIT;
static uint32_t g_features; /* constant after g_once, as is g_kernels */
static imi_kernels g_kernels;

static void fill(uint32_t features, imi_kernels *out)
{
    *out = (imi_kernels){imi_dot_f32_ref, imi_dot_f32_many_ref, imi_dot_f32_four_ref,
                         imi_dot_i8_ref,  imi_dot_i8_many_ref,  imi_dot_i8_four_ref};
#if defined(__x86_64__)
    if ((features & IMI_CPU_AVX2) != 0) {
        *out = (imi_kernels){imi_dot_f32_avx2, imi_dot_f32_many_avx2, imi_dot_f32_four_avx2,
                             imi_dot_i8_avx2,  imi_dot_i8_many_avx2,  imi_dot_i8_four_avx2};
    }
    if ((features & IMI_CPU_AVX512) != 0) {
        out->dot_f32 = imi_dot_f32_avx512;
        out->dot_f32_many = imi_dot_f32_many_avx512;
        out->dot_f32_four = imi_dot_f32_four_avx512;
    }
    if ((features & IMI_CPU_AVX512_VNNI) != 0) {
        out->dot_i8 = imi_dot_i8_vnni;
        out->dot_i8_many = imi_dot_i8_many_vnni;
        out->dot_i8_four = imi_dot_i8_four_vnni;
    }
#elif defined(__aarch64__)
    if ((features & IMI_CPU_NEON) != 0) {
        *out = (imi_kernels){imi_dot_f32_neon, imi_dot_f32_many_neon, imi_dot_f32_four_neon,
                             imi_dot_i8_neon,  imi_dot_i8_many_neon,  imi_dot_i8_four_neon};
    }
    if ((features & IMI_CPU_NEON_DOT) != 0) {
        out->dot_i8 = imi_dot_i8_sdot;
        out->dot_i8_many = imi_dot_i8_many_sdot;
        out->dot_i8_four = imi_dot_i8_four_sdot;
    }
#else
    (void)features;
#endif
}

static void initialise(void)
{
    g_features = cpu_probe();
    fill(g_features, &g_kernels);
}

uint32_t imi_cpu_features(void)
{
    pthread_once(&g_once, initialise);
    return g_features;
}

const imi_kernels *imi_kernels_host(void)
{
    pthread_once(&g_once, initialise);
    return &g_kernels;
}

void imi_kernels_fill(uint32_t allowed_features, imi_kernels *out)
{
    fill(imi_cpu_features() & allowed_features, out);
}

const imi_kernel_level *imi_kernel_level_at(size_t number)
{
    return number < sizeof levels / sizeof levels[0] ? &levels[number] : NULL;
}
