#include "cpu.h"

#include "imi/kernel.h"

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__)
#include <sys/auxv.h>
#endif

#if defined(__x86_64__)

/* State components of XCR0 (Intel SDM volume 1, 13.1): the operating system must save the
 * registers on a context switch, or using them corrupts other processes. */
enum { XCR0_YMM = 0x06, XCR0_ZMM = 0xE6 };

static uint64_t read_xcr0(void)
{
    uint32_t low = 0, high = 0;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return ((uint64_t)high << 32) | low;
}

static int has_all(uint32_t value, uint32_t bits)
{
    return (value & bits) == bits;
}

uint32_t cpu_probe(void)
{
    uint32_t a = 0, b = 0, c = 0, d = 0;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !has_all(c, bit_OSXSAVE | bit_AVX | bit_FMA)) {
        return 0;
    }
    uint64_t saved = read_xcr0();
    if ((saved & XCR0_YMM) != XCR0_YMM || !__get_cpuid_count(7, 0, &a, &b, &c, &d) ||
        !has_all(b, bit_AVX2)) {
        return 0;
    }
    if ((saved & XCR0_ZMM) != XCR0_ZMM ||
        !has_all(b, bit_AVX512F | bit_AVX512BW | bit_AVX512DQ | bit_AVX512VL)) {
        return IMI_CPU_AVX2;
    }
    uint32_t vnni = has_all(c, bit_AVX512VNNI) ? IMI_CPU_AVX512_VNNI : 0;
    return IMI_CPU_AVX2 | IMI_CPU_AVX512 | vnni;
}

#elif defined(__aarch64__)

/* Bits of AT_HWCAP (Linux, Documentation/arch/arm64/elf_hwcaps.rst). */
enum { CAP_ASIMD = 1 << 1, CAP_ASIMDDP = 1 << 20 };

uint32_t cpu_probe(void)
{
    unsigned long caps = getauxval(AT_HWCAP);
    if ((caps & CAP_ASIMD) == 0) {
        return 0;
    }
    return IMI_CPU_NEON | ((caps & CAP_ASIMDDP) != 0 ? IMI_CPU_NEON_DOT : 0);
}

#else

uint32_t cpu_probe(void)
{
    return 0;
}

#endif
