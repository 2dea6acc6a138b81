/*
 * gRPC-Web framing: answers as gateways give them, and as none should.
 */
#include "imi_core/grpc_web.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BODY(text)                                                                                 \
    (imi_core_view)                                                                                \
    {                                                                                              \
        (const uint8_t *)(text), sizeof(text) - 1                                                  \
    }

static void header_tells_the_size_most_significant_byte_first(void **state)
{
    (void)state;
    uint8_t header[IMI_CORE_GRPC_WEB_HEADER_SIZE];
    imi_core_grpc_web_header(0x01020304, header);
    assert_memory_equal(header, "\0\1\2\3\4", sizeof header);
}

static void message_and_trailers_are_taken_apart(void **state)
{
    (void)state;
    imi_core_answer got;
    assert_true(
        imi_core_grpc_web_parse(BODY("\0\0\0\0\3abc\x80\0\0\0\x0Fgrpc-status:0\r\n"), &got));
    assert_int_equal(got.status, 0);
    assert_int_equal(got.message.size, 3);
    assert_memory_equal(got.message.data, "abc", 3);
}

static void empty_message_is_a_message(void **state)
{
    (void)state;
    imi_core_answer got;
    assert_true(imi_core_grpc_web_parse(BODY("\0\0\0\0\0\x80\0\0\0\x0Fgrpc-status:0\r\n"), &got));
    assert_int_equal(got.message.size, 0);
}

static void failure_needs_no_message_and_gives_none(void **state)
{
    (void)state;
    imi_core_answer got;
    assert_true(
        imi_core_grpc_web_parse(BODY("\x80\0\0\0\x21grpc-message:x\r\nGrpc-Status: 14\r\n"), &got));
    assert_int_equal(got.status, 14);
    assert_true(imi_core_grpc_web_parse(BODY("\0\0\0\0\1a\x80\0\0\0\x0Fgrpc-status:9\r\n"), &got));
    assert_int_equal(got.status, 9);
    assert_int_equal(got.message.size, 0);
}

static void malformed_answers_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
    } bad[] = {
#define BAD(text) {text, sizeof(text) - 1}
        BAD(""),
        BAD("\0\0\0\0"),
        BAD("\0\0\0\0\3abc"), /* no trailers */
        BAD("\0\0\0\0\4abc"), /* cut */
        BAD("\0\xFF\xFF\xFF\xFFzzz"),
        BAD("\1\0\0\0\3abc\x80\0\0\0\x0Fgrpc-status:0\r\n"), /* compressed */
        BAD("\0\0\0\0\1a\0\0\0\0\1b\x80\0\0\0\x0Fgrpc-status:0\r\n"), /* two messages */
        BAD("\x80\0\0\0\x0Fgrpc-status:0\r\n"), /* success without a message */
        BAD("\0\0\0\0\1a\x80\0\0\0\x0Fgrpc-status:0\r\nz"), /* more behind */
        BAD("\0\0\0\0\1a\x80\0\0\0\0"), /* no status */
        BAD("\0\0\0\0\1a\x80\0\0\0\x0Egrpc-status:\r\n"),
        BAD("\0\0\0\0\1a\x80\0\0\0\x0Fgrpc-status:x\r\n"),
        BAD("\0\0\0\0\1a\x80\0\0\0\x10grpc-status:17\r\n"),
        BAD("\0\0\0\0\1a\x80\0\0\0\x11grpc-status:000\r\n"),
        BAD("\0\0\0\0\1a\x80\0\0\0\x0Fgrpc-statut:0\r\n"),
#undef BAD
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        imi_core_answer got = {.status = 0};
        imi_core_view body = {(const uint8_t *)bad[i].bytes, bad[i].size};
        if (imi_core_grpc_web_parse(body, &got)) {
            fail_msg("answer %zu was taken", i);
        }
        assert_true(got.status == IMI_CORE_GRPC_NO_STATUS);
        assert_int_equal(got.message.size, 0);
    }
}

static void answer_that_is_too_large_is_refused(void **state)
{
    (void)state;
    static const char trailers[] = "\x80\0\0\0\x0Fgrpc-status:0\r\n";
    size_t most = IMI_CORE_GRPC_WEB_ANSWER_MAX;
    for (size_t size = most; size <= most + 1; size++) {
        uint8_t *body = calloc(1, size);
        size_t message = size - 5 - (sizeof trailers - 1);
        imi_core_grpc_web_header((uint32_t)message, body);
        memcpy(body + 5 + message, trailers, sizeof trailers - 1);
        imi_core_answer got;
        assert_int_equal(imi_core_grpc_web_parse((imi_core_view){body, size}, &got), size == most);
        free(body);
    }
}

static void statuses_mean_what_docs_errors_says(void **state)
{
    (void)state;
    assert_int_equal(imi_core_grpc_reason(0), IMI_CORE_REASON_NONE);
    assert_int_equal(imi_core_grpc_reason(3), IMI_CORE_REASON_FRAME_REFUSED);
    assert_int_equal(imi_core_grpc_reason(8), IMI_CORE_REASON_SERVER_BUSY);
    assert_int_equal(imi_core_grpc_reason(9), IMI_CORE_REASON_SESSION_OVER);
    assert_int_equal(imi_core_grpc_reason(14), IMI_CORE_REASON_SERVER_BUSY);
    assert_int_equal(imi_core_grpc_reason(16), IMI_CORE_REASON_LINK_REFUSED);
    assert_int_equal(imi_core_grpc_reason(IMI_CORE_GRPC_NO_STATUS),
                     IMI_CORE_REASON_ANSWER_MALFORMED);
    for (uint32_t status = 1; status <= 17; status++) {
        assert_int_not_equal(imi_core_grpc_reason(status), IMI_CORE_REASON_NONE);
    }
}

static void every_reason_has_a_name_and_says_what_to_do(void **state)
{
    (void)state;
    for (uint32_t reason = 1; reason <= IMI_CORE_REASON_NOT_SUPPORTED; reason++) {
        assert_string_not_equal(imi_core_reason_name(reason), "unknown");
        assert_int_not_equal(imi_core_reason_phrase(reason), IMI_CORE_PHRASE_NONE);
        assert_string_not_equal(imi_core_phrase_name(imi_core_reason_phrase(reason)), "unknown");
    }
    assert_true(imi_core_reason_may_pass(IMI_CORE_REASON_NO_NETWORK));
    assert_false(imi_core_reason_may_pass(IMI_CORE_REASON_LINK_REFUSED));
    uint32_t beyond = IMI_CORE_REASON_NOT_SUPPORTED + 1;
    assert_string_equal(imi_core_reason_name(beyond), "unknown");
    assert_int_equal(imi_core_reason_phrase(beyond), IMI_CORE_PHRASE_ANOTHER_WAY);
    assert_false(imi_core_reason_may_pass(beyond));
    assert_string_equal(imi_core_phrase_name(31), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(header_tells_the_size_most_significant_byte_first),
        cmocka_unit_test(message_and_trailers_are_taken_apart),
        cmocka_unit_test(empty_message_is_a_message),
        cmocka_unit_test(failure_needs_no_message_and_gives_none),
        cmocka_unit_test(malformed_answers_are_refused),
        cmocka_unit_test(answer_that_is_too_large_is_refused),
        cmocka_unit_test(statuses_mean_what_docs_errors_says),
        cmocka_unit_test(every_reason_has_a_name_and_says_what_to_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
