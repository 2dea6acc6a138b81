/* Token buckets: rates, bursts, and what is forgotten when memory is full. */
#include "gateway_fixture.h"
#include "rpc/gateway/bucket.h"

#include <math.h>

static imi_buckets *make(double per_second, double burst)
{
    imi_buckets *buckets = NULL;
    const imi_bucket_rule rule = {per_second, burst};
    assert_int_equal(imi_buckets_new(&rule, &buckets, NULL), IMI_OK);
    return buckets;
}

static void test_a_burst_passes_and_then_the_client_waits(void **state)
{
    (void)state;
    IMI_AUTO(imi_buckets) buckets = make(1, 3);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(imi_buckets_take(buckets, 7, 1000), 0);
    }
    assert_int_equal(imi_buckets_take(buckets, 7, 1000), 1);
}

static void test_tokens_come_back_at_the_rate(void **state)
{
    (void)state;
    IMI_AUTO(imi_buckets) buckets = make(2, 1);
    assert_int_equal(imi_buckets_take(buckets, 7, 0), 0);
    assert_int_not_equal(imi_buckets_take(buckets, 7, 499), 0);
    assert_int_equal(imi_buckets_take(buckets, 7, 500), 0);
    assert_int_not_equal(imi_buckets_take(buckets, 7, 999), 0);
}

static void test_a_long_rest_gives_no_more_than_the_burst(void **state)
{
    (void)state;
    IMI_AUTO(imi_buckets) buckets = make(1, 2);
    assert_int_equal(imi_buckets_take(buckets, 7, 0), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(imi_buckets_take(buckets, 7, INT64_C(1) << 40), 0);
    }
    assert_int_not_equal(imi_buckets_take(buckets, 7, INT64_C(1) << 40), 0);
}

static void test_the_wait_is_told_in_whole_seconds(void **state)
{
    (void)state;
    IMI_AUTO(imi_buckets) buckets = make(0.1, 1);
    assert_int_equal(imi_buckets_take(buckets, 7, 0), 0);
    assert_int_equal(imi_buckets_take(buckets, 7, 0), 10);
    assert_int_equal(imi_buckets_take(buckets, 7, 8500), 2);
}

static void test_a_clock_that_goes_back_gives_nothing(void **state)
{
    (void)state;
    IMI_AUTO(imi_buckets) buckets = make(1, 1);
    assert_int_equal(imi_buckets_take(buckets, 7, 100000), 0);
    assert_int_not_equal(imi_buckets_take(buckets, 7, 0), 0);
    assert_int_not_equal(imi_buckets_take(buckets, 7, 100500), 0);
}

static void test_clients_do_not_share_a_bucket(void **state)
{
    (void)state;
    IMI_AUTO(imi_buckets) buckets = make(1, 1);
    assert_int_equal(imi_buckets_take(buckets, 7, 0), 0);
    assert_int_equal(imi_buckets_take(buckets, 8, 0), 0);
    assert_int_equal(imi_buckets_take(buckets, 7 + IMI_BUCKET_SETS, 0), 0);
    assert_int_not_equal(imi_buckets_take(buckets, 7, 0), 0);
}

static void test_key_0_is_a_client_like_any_other(void **state)
{
    (void)state;
    IMI_AUTO(imi_buckets) buckets = make(1, 1);
    assert_int_equal(imi_buckets_take(buckets, 0, 0), 0);
    assert_int_not_equal(imi_buckets_take(buckets, 0, 0), 0);
}

/* One set is filled over and over: the client that is held back must stay held back. */
static void test_a_flood_of_clients_frees_nobody_who_waits(void **state)
{
    (void)state;
    IMI_AUTO(imi_buckets) buckets = make(0.001, 2);
    assert_int_equal(imi_buckets_take(buckets, 0, 0), 0);
    assert_int_equal(imi_buckets_take(buckets, 0, 0), 0);
    for (uint64_t other = 1; other <= 1000; other++) {
        assert_int_equal(imi_buckets_take(buckets, other * IMI_BUCKET_SETS, 0), 0);
    }
    assert_int_not_equal(imi_buckets_take(buckets, 0, 0), 0);
}

static void test_rules_that_let_nobody_through_are_refused(void **state)
{
    (void)state;
    const imi_bucket_rule wrong[] = {{0, 1},   {-1, 1},        {NAN, 1}, {INFINITY, 1},
                                     {1, 0.5}, {1, -INFINITY}, {1, NAN}, {1, INFINITY}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        imi_buckets *buckets = NULL;
        assert_int_equal(imi_buckets_new(&wrong[i], &buckets, NULL), IMI_E_INVALID_ARGUMENT);
        assert_null(buckets);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_burst_passes_and_then_the_client_waits),
        cmocka_unit_test(test_tokens_come_back_at_the_rate),
        cmocka_unit_test(test_a_long_rest_gives_no_more_than_the_burst),
        cmocka_unit_test(test_the_wait_is_told_in_whole_seconds),
        cmocka_unit_test(test_a_clock_that_goes_back_gives_nothing),
        cmocka_unit_test(test_clients_do_not_share_a_bucket),
        cmocka_unit_test(test_key_0_is_a_client_like_any_other),
        cmocka_unit_test(test_a_flood_of_clients_frees_nobody_who_waits),
        cmocka_unit_test(test_rules_that_let_nobody_through_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
