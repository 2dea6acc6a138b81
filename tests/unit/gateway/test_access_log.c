/* The access log's line, and what of an address it may hold. */
#include "gateway_fixture.h"
#include "rpc/gateway/access_log.h"
#include "rpc/gateway/limits.h"

static imi_client_address address_of(const char *text)
{
    imi_client_address address;
    assert_true(imi_client_address_of_forwarded(text, &address));
    return address;
}

static void expect_prefix(const char *address, const char *wanted)
{
    imi_client_address client = address_of(address);
    char prefix[IMI_ADDRESS_PREFIX_SIZE];
    imi_client_address_prefix(&client, prefix);
    assert_string_equal(prefix, wanted);
}

static void test_only_the_network_of_an_address_is_written(void **state)
{
    (void)state;
    expect_prefix("192.0.2.77", "192.0.2.0/24");
    expect_prefix("::ffff:192.0.2.77", "192.0.2.0/24");
    expect_prefix("2001:db8:1234:5678:9abc::1", "2001:db8:1234::/48");
    expect_prefix("::1", "0:0:0::/48");
}

static void test_the_last_of_the_forwarded_addresses_counts(void **state)
{
    (void)state;
    expect_prefix("203.0.113.9, 192.0.2.77", "192.0.2.0/24");
    expect_prefix("rubbish,\t 192.0.2.77 ", "192.0.2.0/24");
}

static void test_what_is_no_address_is_not_taken_for_one(void **state)
{
    (void)state;
    const char *const wrong[] = {
        "",
        "unknown",
        "192.0.2.77,",
        "192.0.2.77:80",
        "[::1]",
        "192.0.2",
        "192.0.2.77, x",
        "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc:dddd"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        imi_client_address address;
        assert_false(imi_client_address_of_forwarded(wrong[i], &address));
    }
}

static imi_access sample(void)
{
    return (imi_access){.at_ms = INT64_C(1763870400123),
                        .request_id = "req_x",
                        .method = "POST",
                        .route = "/a/B",
                        .status = 200,
                        .grpc_code = 16,
                        .bytes_in = 5,
                        .bytes_out = 90,
                        .took_ms = 3,
                        .client = address_of("192.0.2.77")};
}

static void expect_line(const imi_access *access, const char *wanted)
{
    IMI_AUTO_BUFFER line = IMI_BUFFER_INIT;
    assert_int_equal(imi_access_format(access, &line, NULL), IMI_OK);
    assert_int_equal(imi_buffer_terminate(&line, NULL), IMI_OK);
    assert_string_equal((const char *)line.data, wanted);
}

static void test_a_call_is_one_line_of_json(void **state)
{
    (void)state;
    imi_access access = sample();
    expect_line(&access,
                "{\"time\":\"2025-11-23T04:00:00.123Z\",\"topic\":\"access\",\"request\":\"req_x\","
                "\"method\":\"POST\",\"route\":\"/a/B\",\"status\":200,\"bytes_in\":5,"
                "\"bytes_out\":90,\"ms\":3,\"network\":\"192.0.2.0/24\",\"grpc\":16}\n");
}

static void test_a_document_has_no_code_of_grpc_and_an_odd_method_no_name(void **state)
{
    (void)state;
    imi_access access = sample();
    access.grpc_code = -1;
    access.method = "X\"\n";
    expect_line(&access,
                "{\"time\":\"2025-11-23T04:00:00.123Z\",\"topic\":\"access\",\"request\":\"req_x\","
                "\"method\":\"OTHER\",\"route\":\"/a/B\",\"status\":200,\"bytes_in\":5,"
                "\"bytes_out\":90,\"ms\":3,\"network\":\"192.0.2.0/24\"}\n");
}

static imi_limits *make_limits(void)
{
    imi_limits *limits = NULL;
    assert_int_equal(imi_limits_new(1, 1, &limits, NULL), IMI_OK); /* four at once */
    return limits;
}

static unsigned take_times(imi_limits *limits, const char *address, const char *who, int times)
{
    imi_client_address client = address_of(address);
    unsigned wait_s = 0;
    for (int i = 0; i < times; i++) {
        wait_s = imi_limits_take(limits, &client, who, 0);
    }
    return wait_s;
}

static void test_an_address_is_limited_without_and_with_credentials(void **state)
{
    (void)state;
    IMI_AUTO(imi_limits) limits = make_limits();
    assert_int_equal(take_times(limits, "192.0.2.1", NULL, 4), 0);
    assert_int_not_equal(take_times(limits, "192.0.2.1", "Bearer a", 1), 0);
    assert_int_equal(take_times(limits, "192.0.2.2", NULL, 1), 0);
}

static void test_a_session_is_limited_over_all_its_addresses(void **state)
{
    (void)state;
    IMI_AUTO(imi_limits) limits = make_limits();
    assert_int_equal(take_times(limits, "192.0.2.1", "Bearer a", 2), 0);
    assert_int_equal(take_times(limits, "192.0.2.2", "Bearer a", 2), 0);
    assert_int_not_equal(take_times(limits, "192.0.2.3", "Bearer a", 1), 0);
    assert_int_equal(take_times(limits, "192.0.2.3", "Bearer b", 1), 0);
}

static void test_one_customers_ipv6_addresses_are_one_client(void **state)
{
    (void)state;
    IMI_AUTO(imi_limits) limits = make_limits();
    assert_int_equal(take_times(limits, "2001:db8::1", NULL, 4), 0);
    assert_int_not_equal(take_times(limits, "2001:db8::ffff:2", NULL, 1), 0);
    assert_int_equal(take_times(limits, "2001:db8:0:1::1", NULL, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_the_network_of_an_address_is_written),
        cmocka_unit_test(test_the_last_of_the_forwarded_addresses_counts),
        cmocka_unit_test(test_what_is_no_address_is_not_taken_for_one),
        cmocka_unit_test(test_a_call_is_one_line_of_json),
        cmocka_unit_test(test_a_document_has_no_code_of_grpc_and_an_odd_method_no_name),
        cmocka_unit_test(test_an_address_is_limited_without_and_with_credentials),
        cmocka_unit_test(test_a_session_is_limited_over_all_its_addresses),
        cmocka_unit_test(test_one_customers_ipv6_addresses_are_one_client),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
