#include "imi/clock.h"

#include <time.h>

static int64_t read_clock(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t system_unix_ms(imi_clock *self)
{
    (void)self;
    return read_clock(CLOCK_REALTIME);
}

static int64_t system_monotonic_ms(imi_clock *self)
{
    (void)self;
    return read_clock(CLOCK_MONOTONIC);
}

imi_clock *imi_clock_system(void)
{
    static imi_clock clock = {system_unix_ms, system_monotonic_ms};
    return &clock;
}

static int64_t manual_now(imi_clock *self)
{
    return __atomic_load_n(&((imi_clock_manual *)self)->now_ms, __ATOMIC_SEQ_CST);
}

void imi_clock_manual_init(imi_clock_manual *clock, int64_t unix_ms)
{
    *clock = (imi_clock_manual){{manual_now, manual_now}, unix_ms};
}

void imi_clock_manual_advance(imi_clock_manual *clock, int64_t by_ms)
{
    __atomic_fetch_add(&clock->now_ms, by_ms, __ATOMIC_SEQ_CST);
}
