/* gRPC-Web: frames, trailers, types of content, timeouts. */
#include "gateway_fixture.h"
#include "rpc/gateway/grpc_web.h"

#define BYTES(literal) ((imi_view){(const uint8_t *)(literal), sizeof(literal) - 1})

static void test_messages_are_taken_in_order(void **state)
{
    (void)state;
    imi_view rest = BYTES("\0\0\0\0\3abc\0\0\0\0\0\0\0\0\0\1z");
    const char *const wanted[] = {"abc", "", "z"};
    for (size_t i = 0; i < 3; i++) {
        imi_view message;
        assert_int_equal(imi_grpc_web_take_message(&rest, &message, NULL), IMI_OK);
        assert_true(imi_view_equal(message, imi_view_of_text(wanted[i])));
    }
    assert_int_equal(rest.size, 0);
}

static void test_what_is_no_whole_message_is_refused(void **state)
{
    (void)state;
    const imi_view wrong[] = {
        {NULL, 0},
        BYTES("\0"),
        BYTES("\0\0\0\0"),
        BYTES("\0\0\0\0\1"),
        BYTES("\0\0\0\0\4abc"),
        BYTES("\0\xff\xff\xff\xff"),
        BYTES("\1\0\0\0\0"), /* compressed */
        BYTES("\x80\0\0\0\0"), /* trailers */
        BYTES("\x81\0\0\0\0"),
        BYTES("\2\0\0\0\0"),
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        imi_view rest = wrong[i];
        imi_view message;
        assert_int_equal(imi_grpc_web_take_message(&rest, &message, NULL), IMI_E_RPC_MESSAGE);
        assert_int_equal(message.size, 0);
        assert_int_equal(rest.size, wrong[i].size);
    }
}

static void test_a_message_becomes_the_frame_that_is_taken_again(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER frame = IMI_BUFFER_INIT;
    static uint8_t long_one[70000] = {1, 2, 3};
    imi_view message = {long_one, sizeof long_one};
    assert_int_equal(imi_grpc_web_append_message(message, &frame, NULL), IMI_OK);
    assert_memory_equal(frame.data, "\0\0\1\x11\x70", 5);
    imi_view rest = imi_buffer_view(&frame);
    imi_view again;
    assert_int_equal(imi_grpc_web_take_message(&rest, &again, NULL), IMI_OK);
    assert_true(imi_view_equal(again, message));
}

static void expect_end(const imi_grpc_web_end *end, const char *wanted)
{
    IMI_AUTO_BUFFER frame = IMI_BUFFER_INIT;
    assert_int_equal(imi_grpc_web_append_end(end, &frame, NULL), IMI_OK);
    assert_int_equal(frame.data[0], 0x80);
    assert_int_equal(frame.data[4], strlen(wanted));
    imi_view text = {frame.data + 5, frame.size - 5};
    assert_true(imi_view_equal(text, imi_view_of_text(wanted)));
}

static void test_a_call_that_went_well_has_its_status_alone(void **state)
{
    (void)state;
    expect_end(&(imi_grpc_web_end){0, NULL, NULL}, "grpc-status: 0\r\n");
    expect_end(&(imi_grpc_web_end){0, NULL, ""}, "grpc-status: 0\r\n");
}

static void test_a_failure_has_code_message_and_name(void **state)
{
    (void)state;
    expect_end(&(imi_grpc_web_end){16, "unauthenticated", "who are you?"},
               "grpc-status: 16\r\ngrpc-message: who are you?\r\nimi-status: unauthenticated\r\n");
}

static void test_a_message_is_percent_encoded(void **state)
{
    (void)state;
    expect_end(&(imi_grpc_web_end){3, NULL, "5 %\r\nx: \xC3\xA9\x7F"},
               "grpc-status: 3\r\ngrpc-message: 5 %25%0D%0Ax: %C3%A9%7F\r\n");
}

static void test_types_of_content_are_known_by_their_whole_name(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        imi_grpc_web_format format;
    } cases[] = {
        {"application/grpc-web", IMI_GRPC_WEB_BINARY},
        {"application/grpc-web+proto", IMI_GRPC_WEB_BINARY},
        {"Application/gRPC-Web+proto; charset=utf-8", IMI_GRPC_WEB_BINARY},
        {"application/grpc-web-text", IMI_GRPC_WEB_TEXT},
        {"application/grpc-web-text+proto", IMI_GRPC_WEB_TEXT},
        {NULL, IMI_GRPC_WEB_NONE},
        {"", IMI_GRPC_WEB_NONE},
        {"*/*", IMI_GRPC_WEB_NONE},
        {"application/grpc", IMI_GRPC_WEB_NONE},
        {"application/grpc-web+json", IMI_GRPC_WEB_NONE},
        {"application/grpc-web-textual", IMI_GRPC_WEB_NONE},
        {"application/grpc-we", IMI_GRPC_WEB_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(imi_grpc_web_format_of(cases[i].type), cases[i].format);
    }
}

static void test_an_answer_has_the_type_of_its_format(void **state)
{
    (void)state;
    for (imi_grpc_web_format format = IMI_GRPC_WEB_BINARY; format <= IMI_GRPC_WEB_TEXT; format++) {
        assert_int_equal(imi_grpc_web_format_of(imi_grpc_web_content_type(format)), format);
    }
}

static void test_timeouts_are_read_in_every_unit(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {
        {"250m", 250},        {"5S", 5000},     {"1M", 50000}, {"1H", 50000},   {"1500u", 2},
        {"1000u", 1},         {"1u", 1},        {"999n", 1},   {"2000000n", 2}, {"0m", 1},
        {"99999999H", 50000}, {"00000007m", 7},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t ms = 0;
        assert_true(imi_grpc_web_parse_timeout(cases[i].text, 50000, &ms));
        assert_int_equal(ms, cases[i].ms);
    }
}

static void test_what_is_no_timeout_is_refused(void **state)
{
    (void)state;
    const char *const wrong[] = {"",    "5",   "S",   "-5S",        "5s",   "5 S",
                                 "5SS", " 5S", "+5S", "123456789S", "5.0S", "0x5S"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        int64_t ms = 0;
        assert_false(imi_grpc_web_parse_timeout(wrong[i], 1000, &ms));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages_are_taken_in_order),
        cmocka_unit_test(test_what_is_no_whole_message_is_refused),
        cmocka_unit_test(test_a_message_becomes_the_frame_that_is_taken_again),
        cmocka_unit_test(test_a_call_that_went_well_has_its_status_alone),
        cmocka_unit_test(test_a_failure_has_code_message_and_name),
        cmocka_unit_test(test_a_message_is_percent_encoded),
        cmocka_unit_test(test_types_of_content_are_known_by_their_whole_name),
        cmocka_unit_test(test_an_answer_has_the_type_of_its_format),
        cmocka_unit_test(test_timeouts_are_read_in_every_unit),
        cmocka_unit_test(test_what_is_no_timeout_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
