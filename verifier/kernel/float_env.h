/**
 * The floating-point environment that results are defined in.
 *
 * Model workers run with flush-to-zero set, as subnormals slow networks down; a comparison
 * must not change with the thread that makes it. Kernels are called between enter and leave,
 * through pointers, so that the compiler cannot move their arithmetic out.
 */
#ifndef IMI_KERNEL_FLOAT_ENV_H
#define IMI_KERNEL_FLOAT_ENV_H

#include <stdint.h>

#if defined(__x86_64__)
#include <xmmintrin.h>

/* MXCSR: denormals are zero (bit 6), rounding control (13, 14), flush to zero (15). */
enum { FLOAT_ENV_BITS = 0xE040 };

static inline uint64_t float_env_read(void)
{
    return _mm_getcsr();
}

static inline void float_env_write(uint64_t value)
{
    _mm_setcsr((uint32_t)value);
}

#elif defined(__aarch64__)

/* FPCR: rounding mode (bits 22, 23), flush to zero (24), and FIZ (0) of FEAT_AFP. */
enum { FLOAT_ENV_BITS = 0x01C00001 };

static inline uint64_t float_env_read(void)
{
    uint64_t value = 0;
    __asm__ volatile("mrs %0, fpcr" : "=r"(value));
    return value;
}

static inline void float_env_write(uint64_t value)
{
    __asm__ volatile("msr fpcr, %0" : : "r"(value) : "memory");
}

#else

enum { FLOAT_ENV_BITS = 0 };

static inline uint64_t float_env_read(void)
{
    return 0;
}

static inline void float_env_write(uint64_t value)
{
    (void)value;
}

#endif

/** Round to nearest even, subnormals kept. Returns what leave restores. */
static inline uint64_t float_env_enter(void)
{
    uint64_t value = float_env_read();
    /* Writing costs more than reading, and most threads have nothing to change. */
    if ((value & FLOAT_ENV_BITS) != 0) {
        float_env_write(value & ~(uint64_t)FLOAT_ENV_BITS);
    }
    return value;
}

static inline void float_env_leave(uint64_t value)
{
    if ((value & FLOAT_ENV_BITS) != 0) {
        float_env_write(value);
    }
}

#endif
