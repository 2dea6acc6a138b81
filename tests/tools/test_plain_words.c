/* Numbers for people, and any message as JSON. */
#include "imictl/message_json.h"
#include "imictl/plain_words.h"

#include "imi/v1/administration.pb-c.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void counts_have_commas(void **state)
{
    (void)state;
    assert_string_equal(plain_count(0).text, "0");
    assert_string_equal(plain_count(999).text, "999");
    assert_string_equal(plain_count(1000).text, "1,000");
    assert_string_equal(plain_count(48000000).text, "48,000,000");
    assert_string_equal(plain_count(UINT64_MAX).text, "18,446,744,073,709,551,615");
}

static void rates_are_one_in_so_many(void **state)
{
    (void)state;
    assert_string_equal(plain_one_in(1e-4).text, "1 in 10,000");
    assert_string_equal(plain_one_in(1e-3).text, "1 in 1,000");
    assert_string_equal(plain_one_in(1.644e-4).text, "1 in 6,100");
    assert_string_equal(plain_one_in(0.5).text, "1 in 2");
    assert_string_equal(plain_one_in(0.012).text, "1 in 83");
    assert_string_equal(plain_one_in(0.9).text, "nearly all");
    assert_string_equal(plain_one_in(1).text, "all");
    assert_string_equal(plain_one_in(0).text, "none");
    assert_string_equal(plain_one_in(NAN).text, "unknown");
    assert_string_equal(plain_one_in(-0.1).text, "unknown");
    assert_string_equal(plain_one_in(1e-10).text, "less than 1 in 1,000,000,000");
}

static void upper_limits_are_never_rounded_to_something_rarer(void **state)
{
    (void)state;
    assert_string_equal(plain_one_in_at_most(1.0 / 6190).text, "1 in 6,100");
    assert_string_equal(plain_one_in(1.0 / 6190).text, "1 in 6,200");
    assert_string_equal(plain_one_in_at_most(1e-4).text, "1 in 10,000");
    for (double rate = 1e-6; rate < 0.6; rate *= 1.07) {
        const char *text = plain_one_in_at_most(rate).text;
        unsigned long number = 0;
        assert_memory_equal(text, "1 in ", 5);
        for (const char *c = text + 5; *c != '\0'; c++) {
            number = *c == ',' ? number : 10 * number + (unsigned long)(*c - '0');
        }
        assert_true(1.0 / (double)number >= rate * (1 - 1e-9));
    }
}

static void shares_are_percent(void **state)
{
    (void)state;
    assert_string_equal(plain_percent(0.021).text, "2.1 %");
    assert_string_equal(plain_percent(0).text, "0.0 %");
    assert_string_equal(plain_percent(0.0005).text, "0.05 %");
    assert_string_equal(plain_percent(1).text, "100.0 %");
    assert_string_equal(plain_percent(NAN).text, "unknown");
}

static void times_are_utc(void **state)
{
    (void)state;
    assert_string_equal(plain_time(1700000000000).text, "2023-11-14 22:13 UTC");
    assert_string_equal(plain_time(0).text, "-");
}

static void messages_become_json(void **state)
{
    (void)state;
    Imi__V1__Rate rate = IMI__V1__RATE__INIT;
    rate.rate = 0.5;
    rate.low = NAN;
    rate.high = INFINITY;
    rate.events = 7;
    rate.extrapolated = true;
    Imi__V1__OperatingPoint point = IMI__V1__OPERATING_POINT__INIT;
    point.point_id = "op_1";
    point.state = IMI__V1__POINT_STATE__POINT_STATE_ACTIVE;
    point.score_kind = IMI__V1__SCORE_KIND__SCORE_KIND_NORMALISED;
    point.fmr = &rate;
    point.comparisons = -3;
    Imi__V1__OperatingPoint *list[] = {&point, &point};
    Imi__V1__ListThresholdsResponse response = IMI__V1__LIST_THRESHOLDS_RESPONSE__INIT;
    response.points = list;
    response.n_points = 2;
    json_t *json = imictl_message_json(&response.base);
    assert_int_equal(json_array_size(json_object_get(json, "points")), 2);
    const json_t *first = json_array_get(json_object_get(json, "points"), 1);
    assert_string_equal(json_string_value(json_object_get(first, "point_id")), "op_1");
    assert_string_equal(json_string_value(json_object_get(first, "state")), "active");
    assert_string_equal(json_string_value(json_object_get(first, "score_kind")), "normalised");
    assert_int_equal(json_integer_value(json_object_get(first, "comparisons")), -3);
    assert_true(json_is_false(json_object_get(first, "shadow")));
    assert_true(json_is_null(json_object_get(first, "fnmr")));
    const json_t *fmr = json_object_get(first, "fmr");
    assert_true(json_real_value(json_object_get(fmr, "rate")) == 0.5);
    assert_true(json_is_null(json_object_get(fmr, "low")));
    assert_true(json_is_null(json_object_get(fmr, "high")));
    assert_int_equal(json_integer_value(json_object_get(fmr, "events")), 7);
    assert_true(json_is_true(json_object_get(fmr, "extrapolated")));
    json_decref(json);
}

static void bytes_counts_and_unknown_enumerators_become_json(void **state)
{
    (void)state;
    uint8_t digest[] = {0x00, 0xAB, 0xFF};
    Imi__V1__AuditLine line = IMI__V1__AUDIT_LINE__INIT;
    line.digest = (ProtobufCBinaryData){sizeof digest, digest};
    line.sequence = INT64_MAX;
    json_t *json = imictl_message_json(&line.base);
    assert_string_equal(json_string_value(json_object_get(json, "digest")), "00abff");
    assert_true(json_integer_value(json_object_get(json, "sequence")) == INT64_MAX);
    assert_string_equal(json_string_value(json_object_get(json, "actor")), "");
    json_decref(json);

    uint64_t counts[] = {1, 2, 3};
    Imi__V1__ScoreHistogram histogram = IMI__V1__SCORE_HISTOGRAM__INIT;
    histogram.counts = counts;
    histogram.n_counts = 3;
    json = imictl_message_json(&histogram.base);
    assert_int_equal(json_integer_value(json_array_get(json_object_get(json, "counts"), 2)), 3);
    json_decref(json);

    Imi__V1__OperatingPoint point = IMI__V1__OPERATING_POINT__INIT;
    point.state = (Imi__V1__PointState)42;
    json = imictl_message_json(&point.base);
    assert_int_equal(json_integer_value(json_object_get(json, "state")), 42);
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_have_commas),
        cmocka_unit_test(rates_are_one_in_so_many),
        cmocka_unit_test(upper_limits_are_never_rounded_to_something_rarer),
        cmocka_unit_test(shares_are_percent),
        cmocka_unit_test(times_are_utc),
        cmocka_unit_test(messages_become_json),
        cmocka_unit_test(bytes_counts_and_unknown_enumerators_become_json),
    };
    return cmocka_run_group_tests_name("imictl: plain words", tests, NULL, NULL);
}
