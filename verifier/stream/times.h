/**
 * Times of capture against each other and against arrival.
 */
#ifndef IMI_STREAM_TIMES_H
#define IMI_STREAM_TIMES_H

#include "limits.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct imi_time_watch {
    uint32_t count;
    int64_t last_ms; /* captured */
    uint32_t delay_count; /* up to LIMIT_FIRST_DELAYS */
    int64_t first_delay_ms; /* smallest at first: arrival less capture, and the clocks' offset */
    int64_t ahead_ms; /* by how much frames came sooner than a camera can take them */
    int64_t interval_min_ms, interval_max_ms;
    bool backwards;
} imi_time_watch;

/** arrived_ms outside 0..2^53: not known. False if captured_ms is outside them, and so no time of
 * capture at all: that counts as running backwards. */
bool imi_time_watch_feed(imi_time_watch *watch, int64_t captured_ms, int64_t arrived_ms);
/** Whether intervals are as even as no camera's: a hint, as clocks may be coarse. */
bool imi_time_watch_even(const imi_time_watch *watch);

#endif
