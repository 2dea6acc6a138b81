/* How imi-load tells a leak from a warm-up. */
#include "memory_watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

static load_memory memory;

static int set_up(void **state)
{
    (void)state;
    memory = (load_memory){.count = 0};
    return 0;
}

static void add(double kib)
{
    memory.at_s[memory.count] = (double)memory.count;
    memory.resident_kib[memory.count++] = kib;
}

static void warm_up_is_no_growth(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        add(1000 * i);
    }
    for (int i = 0; i < 80; i++) {
        add(20000);
    }
    load_growth growth;
    load_memory_growth(&memory, &growth);
    assert_true(growth.grown_kib < 1 && growth.grown_kib > -1);
    assert_true(growth.max_kib == 20000);
    assert_true(growth.first_kib == 0);
}

static void a_steady_leak_is_growth(void **state)
{
    (void)state;
    for (int i = 0; i < 101; i++) {
        add(1000 + 10 * i);
    }
    load_growth growth;
    load_memory_growth(&memory, &growth);
    assert_true(growth.slope_kib_per_s > 9.99 && growth.slope_kib_per_s < 10.01);
    assert_true(growth.grown_kib > 799 && growth.grown_kib < 801);
}

static void few_samples_say_nothing(void **state)
{
    (void)state;
    add(1);
    add(100000);
    load_growth growth;
    load_memory_growth(&memory, &growth);
    assert_true(growth.slope_kib_per_s == 0);
    assert_true(growth.last_kib == 100000);
}

static void own_process_has_memory(void **state)
{
    (void)state;
    memory.pid = getpid();
    assert_int_equal(load_memory_sample(&memory, 0, NULL), IMI_OK);
    assert_int_equal(memory.count, 1);
    assert_true(memory.resident_kib[0] > 100);
}

static void a_process_that_is_gone_is_an_error(void **state)
{
    (void)state;
    memory.pid = INT32_MAX;
    assert_int_equal(load_memory_sample(&memory, 0, NULL), IMI_E_NOT_FOUND);
    assert_int_equal(memory.count, 0);
}

static void nothing_is_watched_without_a_process(void **state)
{
    (void)state;
    assert_int_equal(load_memory_sample(&memory, 0, NULL), IMI_OK);
    assert_int_equal(memory.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(warm_up_is_no_growth, set_up),
        cmocka_unit_test_setup(a_steady_leak_is_growth, set_up),
        cmocka_unit_test_setup(few_samples_say_nothing, set_up),
        cmocka_unit_test_setup(own_process_has_memory, set_up),
        cmocka_unit_test_setup(a_process_that_is_gone_is_an_error, set_up),
        cmocka_unit_test_setup(nothing_is_watched_without_a_process, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
