#include "imi_core/backoff.h"

uint32_t imi_core_random_xorshift(void *state)
{
    uint32_t *x = state;
    *x ^= *x << 13;
    *x ^= *x >> 17;
    *x ^= *x << 5;
    return *x;
}

uint32_t imi_core_backoff_ms(uint32_t failures, uint32_t random_bits)
{
    uint32_t wait = IMI_CORE_BACKOFF_FIRST_MS;
    for (uint32_t i = 1; i < failures && wait < IMI_CORE_BACKOFF_MAX_MS; i++) {
        wait *= 2;
    }
    wait = wait < IMI_CORE_BACKOFF_MAX_MS ? wait : IMI_CORE_BACKOFF_MAX_MS;
    uint32_t half = wait / 2;
    /* The high bits of half * random: uniform, without a division. */
    return wait - half + (uint32_t)(((uint64_t)half * random_bits) >> 32);
}
