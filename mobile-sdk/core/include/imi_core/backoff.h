/**
 * How long to wait before the same is tried again.
 */
#ifndef IMI_CORE_BACKOFF_H
#define IMI_CORE_BACKOFF_H

#include "imi_core/api.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { IMI_CORE_BACKOFF_FIRST_MS = 250, IMI_CORE_BACKOFF_MAX_MS = 8000 };

/** 32 uniform bits; need not be unpredictable, only unlike other phones'. */
typedef uint32_t (*imi_core_random)(void *user);

/**
 * An imi_core_random for platforms that cannot give a function of their own, such as a browser.
 *
 * state: a uint32_t, other than 0 and drawn at random by the caller.
 * Source: xorshift32, Marsaglia, Xorshift RNGs, Journal of Statistical Software 8 (2003)
 */
IMI_CORE_API uint32_t imi_core_random_xorshift(void *state);

/**
 * Wait after the failures so far (1 = the first): doubles up to the maximum; the upper half of
 * it is drawn at random, so that phones that lost the server together do not return together.
 */
IMI_CORE_API uint32_t imi_core_backoff_ms(uint32_t failures, uint32_t random_bits);

#ifdef __cplusplus
}
#endif
#endif
