/* The machine's clock and the one that tests move. */
#include "base_fixture.h"

#include "imi/clock.h"

#include <time.h>

static void test_system_clock_tells_the_time(void **state)
{
    (void)state;
    imi_clock *clock = imi_clock_system();
    int64_t before = (int64_t)time(NULL) * 1000;
    int64_t now = clock->unix_ms(clock);
    assert_true(now >= before && now < before + 60000);
}

static void test_system_clock_counts_milliseconds(void **state)
{
    (void)state;
    imi_clock *clock = imi_clock_system();
    int64_t start = clock->monotonic_ms(clock);
    nanosleep(&(struct timespec){0, 30000000}, NULL);
    int64_t passed = clock->monotonic_ms(clock) - start;
    assert_true(passed >= 29 && passed < 10000);
}

static void test_manual_clock_stands_still(void **state)
{
    (void)state;
    imi_clock_manual clock;
    imi_clock_manual_init(&clock, 1234567890123);
    assert_true(clock.base.unix_ms(&clock.base) == 1234567890123);
    assert_true(clock.base.unix_ms(&clock.base) == 1234567890123);
}

static void test_manual_clock_moves_when_told(void **state)
{
    (void)state;
    imi_clock_manual clock;
    imi_clock_manual_init(&clock, 1000);
    int64_t start = clock.base.monotonic_ms(&clock.base);
    imi_clock_manual_advance(&clock, 250);
    assert_true(clock.base.monotonic_ms(&clock.base) - start == 250);
    assert_true(clock.base.unix_ms(&clock.base) == 1250);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_system_clock_tells_the_time),
        cmocka_unit_test(test_system_clock_counts_milliseconds),
        cmocka_unit_test(test_manual_clock_stands_still),
        cmocka_unit_test(test_manual_clock_moves_when_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
