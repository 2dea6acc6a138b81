/* Signatures of webhook calls, with the published vector of Standard Webhooks. */
#include "imi/webhook_signature.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* Of the specification's own libraries: one secret, one call, one signature. */
#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define SIGNATURE "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
#define OTHER_SECRET "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
static const int64_t SENT_S = 1614265330;

static imi_webhook_call published(const char *signature)
{
    return (imi_webhook_call){.id = "msg_p5jXN8AQM9LWM0D4loKWxJek",
                              .timestamp = "1614265330",
                              .signature = signature,
                              .body = imi_view_of_text("{\"test\": 2432232314}")};
}

static imi_webhook_secrets secrets_of(const char *text)
{
    imi_webhook_secrets secrets;
    assert_int_equal(imi_webhook_secrets_parse(imi_view_of_text(text), &secrets, NULL), IMI_OK);
    return secrets;
}

static void sign(const char *secret_text, imi_buffer *out)
{
    imi_webhook_secrets secrets = secrets_of(secret_text);
    imi_webhook_call call = published(NULL);
    assert_int_equal(imi_webhook_sign(&secrets, &call, out, NULL), IMI_OK);
    assert_int_equal(imi_buffer_terminate(out, NULL), IMI_OK);
}

static imi_status verify(const char *secret_text, imi_webhook_call call, int64_t now_s)
{
    imi_webhook_secrets secrets = secrets_of(secret_text);
    return imi_webhook_verify(&secrets, &call, now_s, NULL);
}

static void the_published_call_is_signed_as_published(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER made = IMI_BUFFER_INIT;
    sign(SECRET, &made);
    assert_string_equal((const char *)made.data, SIGNATURE);
}

static void while_a_secret_is_replaced_both_sign(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER made = IMI_BUFFER_INIT;
    sign(OTHER_SECRET "\n" SECRET "\n", &made);
    const char *text = (const char *)made.data;
    assert_non_null(strstr(text, " " SIGNATURE));
    assert_int_equal(verify(SECRET, published(text), SENT_S), IMI_OK);
    assert_int_equal(verify(OTHER_SECRET, published(text), SENT_S), IMI_OK);
}

static void the_published_signature_is_right(void **state)
{
    (void)state;
    assert_int_equal(verify(SECRET, published(SIGNATURE), SENT_S), IMI_OK);
}

static void signatures_of_other_versions_and_keys_are_passed_over(void **state)
{
    (void)state;
    const char *several = "v1,bm9wZQ== v1a,c29tZXRoaW5n  " SIGNATURE " v2,eA==";
    assert_int_equal(verify(SECRET, published(several), SENT_S), IMI_OK);
}

static void a_signature_by_another_secret_is_refused(void **state)
{
    (void)state;
    assert_int_equal(verify(OTHER_SECRET, published(SIGNATURE), SENT_S), IMI_E_UNAUTHENTICATED);
}

static void nothing_of_a_call_can_be_changed(void **state)
{
    (void)state;
    imi_webhook_call body = published(SIGNATURE), id = body, time = body;
    body.body = imi_view_of_text("{\"test\": 2432232315}");
    id.id = "msg_p5jXN8AQM9LWM0D4loKWxJel";
    time.timestamp = "1614265331";
    assert_int_equal(verify(SECRET, body, SENT_S), IMI_E_UNAUTHENTICATED);
    assert_int_equal(verify(SECRET, id, SENT_S), IMI_E_UNAUTHENTICATED);
    assert_int_equal(verify(SECRET, time, SENT_S), IMI_E_UNAUTHENTICATED);
}

static void a_part_of_a_signature_is_none(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE", "v1,",         "v1",
        "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",   SIGNATURE "x", " "};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        assert_int_equal(verify(SECRET, published(parts[i]), SENT_S), IMI_E_UNAUTHENTICATED);
    }
}

static void a_call_of_another_time_is_refused(void **state)
{
    (void)state;
    static const int64_t tolerance = IMI_WEBHOOK_TOLERANCE_S;
    imi_webhook_call call = published(SIGNATURE);
    assert_int_equal(verify(SECRET, call, SENT_S + tolerance), IMI_OK);
    assert_int_equal(verify(SECRET, call, SENT_S - tolerance), IMI_OK);
    assert_int_equal(verify(SECRET, call, SENT_S + tolerance + 1), IMI_E_DEADLINE);
    assert_int_equal(verify(SECRET, call, SENT_S - tolerance - 1), IMI_E_DEADLINE);
}

static void missing_and_malformed_headers_are_named(void **state)
{
    (void)state;
    imi_webhook_call call = published(SIGNATURE), broken = call;
    broken.id = NULL;
    assert_int_equal(verify(SECRET, broken, SENT_S), IMI_E_INVALID_ARGUMENT);
    broken = call;
    broken.signature = "";
    assert_int_equal(verify(SECRET, broken, SENT_S), IMI_E_INVALID_ARGUMENT);
    static const char *const times[] = {
        "", "soon", "-1", " 1614265330", "1614265330.5", "0x9", "99999999999999999999"};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        broken = call;
        broken.timestamp = times[i];
        assert_int_equal(verify(SECRET, broken, SENT_S), IMI_E_INVALID_ARGUMENT);
    }
}

static void without_secrets_nothing_is_right(void **state)
{
    (void)state;
    imi_webhook_secrets none = {.count = 0};
    imi_webhook_call call = published(SIGNATURE);
    assert_int_equal(imi_webhook_verify(&none, &call, SENT_S, NULL), IMI_E_UNAUTHENTICATED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_call_is_signed_as_published),
        cmocka_unit_test(while_a_secret_is_replaced_both_sign),
        cmocka_unit_test(the_published_signature_is_right),
        cmocka_unit_test(signatures_of_other_versions_and_keys_are_passed_over),
        cmocka_unit_test(a_signature_by_another_secret_is_refused),
        cmocka_unit_test(nothing_of_a_call_can_be_changed),
        cmocka_unit_test(a_part_of_a_signature_is_none),
        cmocka_unit_test(a_call_of_another_time_is_refused),
        cmocka_unit_test(missing_and_malformed_headers_are_named),
        cmocka_unit_test(without_secrets_nothing_is_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
