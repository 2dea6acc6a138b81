/**
 * Time. The verifier never asks the operating system directly, so that tests move time.
 */
#ifndef IMI_CLOCK_H
#define IMI_CLOCK_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A clock: implement both functions and embed as the first member. */
typedef struct imi_clock imi_clock;
struct imi_clock {
    /** Milliseconds since 1970-01-01T00:00:00Z. */
    int64_t (*unix_ms)(imi_clock *self);
    /** Milliseconds since an arbitrary start; never steps back. */
    int64_t (*monotonic_ms)(imi_clock *self);
};

/** The machine's clock. Static storage, never destroyed. */
imi_clock *imi_clock_system(void);

/** A clock that stands still until it is told to move; for tests. Threads: safe. */
typedef struct imi_clock_manual {
    imi_clock base;
    int64_t now_ms;
} imi_clock_manual;

/** Both clocks begin at unix_ms. */
void imi_clock_manual_init(imi_clock_manual *clock, int64_t unix_ms);
/** Move both clocks; by_ms may be negative, to test a clock that was set back. */
void imi_clock_manual_advance(imi_clock_manual *clock, int64_t by_ms);

#ifdef __cplusplus
}
#endif
#endif
