/**
 * The few things about memory and numbers that libc and compiler libraries would give.
 */
#ifndef IMI_CORE_BYTES_H
#define IMI_CORE_BYTES_H

#include "imi_core/api.h"

static inline void copy_bytes(uint8_t *to, const uint8_t *from, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        to[i] = from[i];
    }
}

/* Through a volatile pointer, so that wiping is not taken for useless and left out. */
static inline void wipe_bytes(void *at, size_t size)
{
    volatile uint8_t *bytes = at;
    for (size_t i = 0; i < size; i++) {
        bytes[i] = 0;
    }
}

/* Storage of the caller for an object, or NULL if it is too small or not aligned. */
static inline void *storage_for(void *storage, size_t size, size_t needed)
{
    if (storage == NULL || size < needed || ((uintptr_t)storage & 7) != 0) {
        return NULL;
    }
    return storage;
}

static inline uint32_t min_u32(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static inline uint32_t clamp_u32(uint32_t value, uint32_t low, uint32_t high)
{
    return value < low ? low : min_u32(value, high);
}

/* Quotient, at most UINT32_MAX; that also for a divisor of 0. By shifts, as 32-bit Arm has no
 * such instruction, and this core no library. */
static inline uint32_t divide_u64(uint64_t dividend, uint32_t divisor)
{
    if (divisor == 0 || (dividend >> 32) >= divisor) {
        return UINT32_MAX;
    }
    uint64_t rest = dividend >> 32;
    uint32_t low = (uint32_t)dividend, quotient = 0;
    for (int i = 0; i < 32; i++) {
        rest = rest << 1 | low >> 31;
        low <<= 1;
        quotient <<= 1;
        if (rest >= divisor) {
            rest -= divisor;
            quotient |= 1;
        }
    }
    return quotient;
}

#endif
