#define FUSE_FUNCTION fuse_baseline
#include "fuse_body.h"

#include "imi/kernel.h"

fuse_function fuse_host(void)
{
#if defined(__x86_64__)
    uint32_t features = imi_cpu_features();
    if ((features & IMI_CPU_AVX512) != 0) {
        return fuse_avx512;
    }
    if ((features & IMI_CPU_AVX2) != 0) {
        return fuse_avx2;
    }
#endif
    return fuse_baseline;
}
