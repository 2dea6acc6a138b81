#include "times.h"

static void watch_interval(imi_time_watch *watch, int64_t interval_ms)
{
    if (interval_ms <= 0) {
        watch->backwards = true;
        return;
    }
    bool first = watch->count == 1;
    if (first || interval_ms < watch->interval_min_ms) {
        watch->interval_min_ms = interval_ms;
    }
    if (first || interval_ms > watch->interval_max_ms) {
        watch->interval_max_ms = interval_ms;
    }
}

/* A network makes frames later than they were, never earlier: the delay may grow and shrink
 * again, but not fall far below what it was when the capture began. */
static void watch_delay(imi_time_watch *watch, int64_t delay_ms)
{
    if (watch->delay_count < LIMIT_FIRST_DELAYS) {
        bool first = watch->delay_count++ == 0;
        if (first || delay_ms < watch->first_delay_ms) {
            watch->first_delay_ms = delay_ms;
        }
    } else if (watch->first_delay_ms - delay_ms > watch->ahead_ms) {
        watch->ahead_ms = watch->first_delay_ms - delay_ms;
    }
}

/* Up to what a browser's number counts exactly; differences cannot overflow. */
static bool is_time(int64_t time_ms)
{
    return time_ms >= 0 && time_ms <= INT64_C(1) << 53;
}

bool imi_time_watch_feed(imi_time_watch *watch, int64_t captured_ms, int64_t arrived_ms)
{
    if (!is_time(captured_ms)) {
        watch->backwards = true;
        return false;
    }
    if (watch->count > 0) {
        watch_interval(watch, captured_ms - watch->last_ms);
    }
    if (is_time(arrived_ms)) {
        watch_delay(watch, arrived_ms - captured_ms);
    }
    watch->last_ms = captured_ms;
    watch->count++;
    return true;
}

bool imi_time_watch_even(const imi_time_watch *watch)
{
    return watch->count > LIMIT_EVEN_FRAMES &&
           watch->interval_max_ms - watch->interval_min_ms <= LIMIT_EVEN_MS;
}
