/* What becomes of a delivery after a try. */
#include "delivery.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static const int64_t NOW_MS = 1700000000000;

static imi_delivery_record settled(uint32_t attempts, imi_webhook_outcome outcome, double jitter)
{
    imi_delivery_record record = {.state = IMI_DELIVERY_PENDING, .attempts = attempts};
    imi_copy_text(record.last_error, sizeof record.last_error, "before");
    imi_webhook_settle(&record, &outcome, NOW_MS, jitter);
    return record;
}

static int64_t delay_s(uint32_t attempts)
{
    imi_webhook_outcome refused = {.http_code = 503};
    return (settled(attempts, refused, 0).next_ms - NOW_MS) / 1000;
}

static void any_2xx_is_delivered(void **state)
{
    (void)state;
    static const long codes[] = {200, 201, 202, 204, 299};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        imi_delivery_record record = settled(1, (imi_webhook_outcome){.http_code = codes[i]}, 0);
        assert_int_equal(record.state, IMI_DELIVERY_DONE);
        assert_string_equal(record.last_error, "");
        assert_int_equal(record.next_ms, 0);
    }
}

static void any_other_answer_is_tried_again_and_named(void **state)
{
    (void)state;
    static const long codes[] = {100, 199, 301, 302, 307, 400, 401, 404, 429, 500, 503, 599};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        char expected[16];
        snprintf(expected, sizeof expected, "http_%ld", codes[i]);
        imi_delivery_record record = settled(1, (imi_webhook_outcome){.http_code = codes[i]}, 0);
        assert_int_equal(record.state, IMI_DELIVERY_PENDING);
        assert_string_equal(record.last_error, expected);
    }
}

static void no_answer_is_tried_again_and_named(void **state)
{
    (void)state;
    imi_delivery_record record = settled(1, (imi_webhook_outcome){.failure = "timeout"}, 0);
    assert_int_equal(record.state, IMI_DELIVERY_PENDING);
    assert_string_equal(record.last_error, "timeout");
    assert_int_equal(record.next_ms, NOW_MS + 5000);
}

static void delays_grow_and_last_about_three_days(void **state)
{
    (void)state;
    int64_t total_s = 0;
    for (uint32_t failed = 1; failed < IMI_WEBHOOK_TRIES; failed++) {
        assert_true(failed == 1 || delay_s(failed) >= delay_s(failed - 1));
        total_s += delay_s(failed);
    }
    assert_int_equal(delay_s(1), 5);
    assert_in_range(total_s, 60 * 3600, 80 * 3600);
}

static void jitter_adds_at_most_a_fifth(void **state)
{
    (void)state;
    imi_webhook_outcome refused = {.http_code = 500};
    assert_int_equal(settled(2, refused, 0).next_ms, NOW_MS + 60000);
    assert_int_equal(settled(2, refused, 0.5).next_ms, NOW_MS + 66000);
    assert_in_range(settled(2, refused, 0.999).next_ms, NOW_MS + 71000, NOW_MS + 72000);
}

static void after_the_last_try_it_is_a_dead_letter(void **state)
{
    (void)state;
    imi_webhook_outcome refused = {.http_code = 500};
    assert_int_equal(settled(IMI_WEBHOOK_TRIES - 1, refused, 0).state, IMI_DELIVERY_PENDING);
    imi_delivery_record record = settled(IMI_WEBHOOK_TRIES, refused, 0);
    assert_int_equal(record.state, IMI_DELIVERY_DEAD);
    assert_string_equal(record.last_error, "http_500");
    assert_int_equal(record.next_ms, 0);
}

static void the_last_try_may_still_arrive(void **state)
{
    (void)state;
    imi_webhook_outcome fine = {.http_code = 200};
    assert_int_equal(settled(IMI_WEBHOOK_TRIES, fine, 0).state, IMI_DELIVERY_DONE);
}

/* A sender that died counts its claims as well: there can be more than were planned. */
static void more_tries_than_planned_are_the_last_ones(void **state)
{
    (void)state;
    imi_webhook_outcome refused = {.http_code = 500};
    assert_int_equal(settled(UINT32_MAX, refused, 0).state, IMI_DELIVERY_DEAD);
}

static void who_is_gone_is_asked_no_more(void **state)
{
    (void)state;
    imi_delivery_record record = settled(1, (imi_webhook_outcome){.http_code = 410}, 0);
    assert_int_equal(record.state, IMI_DELIVERY_DEAD);
    assert_string_equal(record.last_error, "http_410");
}

static void a_receiver_may_ask_for_more_time_but_not_for_less(void **state)
{
    (void)state;
    imi_webhook_outcome busy = {.http_code = 503, .retry_after_s = 90};
    assert_int_equal(settled(1, busy, 0).next_ms, NOW_MS + 90000);
    assert_int_equal(settled(3, busy, 0).next_ms, NOW_MS + 300000);
}

static void nobody_is_waited_for_longer_than_a_day(void **state)
{
    (void)state;
    imi_webhook_outcome asleep = {.http_code = 503, .retry_after_s = INT64_MAX};
    assert_int_equal(settled(1, asleep, 0).next_ms, NOW_MS + 24 * 3600 * (int64_t)1000);
    asleep.retry_after_s = INT64_MIN;
    assert_int_equal(settled(1, asleep, 0).next_ms, NOW_MS + 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_2xx_is_delivered),
        cmocka_unit_test(any_other_answer_is_tried_again_and_named),
        cmocka_unit_test(no_answer_is_tried_again_and_named),
        cmocka_unit_test(delays_grow_and_last_about_three_days),
        cmocka_unit_test(jitter_adds_at_most_a_fifth),
        cmocka_unit_test(after_the_last_try_it_is_a_dead_letter),
        cmocka_unit_test(the_last_try_may_still_arrive),
        cmocka_unit_test(more_tries_than_planned_are_the_last_ones),
        cmocka_unit_test(who_is_gone_is_asked_no_more),
        cmocka_unit_test(a_receiver_may_ask_for_more_time_but_not_for_less),
        cmocka_unit_test(nobody_is_waited_for_longer_than_a_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
