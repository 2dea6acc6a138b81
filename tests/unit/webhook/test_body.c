/* What a webhook call says. */
#include "delivery.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

static imi_feed_record item_of(const char *kind, const char *detail)
{
    imi_feed_record item = {.cursor = 41, .relying_party = "bureau"};
    item.event.sequence = 6;
    item.event.at_ms = 1795406400123;
    imi_copy_text(item.event.session_id, sizeof item.event.session_id, "ses_abc");
    imi_copy_text(item.event.kind, sizeof item.event.kind, kind);
    imi_copy_text(item.event.detail, sizeof item.event.detail, detail);
    return item;
}

static void assert_body(imi_feed_record item, imi_decision decision, const char *expected)
{
    IMI_AUTO_BUFFER made = IMI_BUFFER_INIT;
    assert_int_equal(imi_webhook_body(&item, decision, &made, NULL), IMI_OK);
    assert_int_equal(imi_buffer_terminate(&made, NULL), IMI_OK);
    assert_string_equal((const char *)made.data, expected);
}

static void a_decision_is_told_with_its_codes(void **state)
{
    (void)state;
    assert_body(item_of("decided", "match"), IMI_DECISION_VERIFIED,
                "{\"type\":\"session.decided\",\"timestamp\":\"2026-11-23T04:00:00.123Z\","
                "\"data\":{\"session_id\":\"ses_abc\",\"sequence\":6,\"cursor\":41,"
                "\"kind\":\"decided\",\"detail\":\"match\",\"decision\":\"VERIFIED\"}}");
}

static void every_decision_has_its_name(void **state)
{
    (void)state;
    static const char *const names[] = {"\"\"", "\"VERIFIED\"", "\"REJECTED\"", "\"RETRY\"",
                                        "\"REVIEW\""};
    for (int i = IMI_DECISION_NONE; i <= IMI_DECISION_REVIEW; i++) {
        IMI_AUTO_BUFFER made = IMI_BUFFER_INIT;
        imi_feed_record item = item_of("decided", "");
        assert_int_equal(imi_webhook_body(&item, (imi_decision)i, &made, NULL), IMI_OK);
        assert_int_equal(imi_buffer_terminate(&made, NULL), IMI_OK);
        const char *found = strstr((const char *)made.data, "\"decision\":");
        assert_non_null(found);
        assert_int_equal(strncmp(found + 11, names[i], strlen(names[i])), 0);
    }
}

static void other_events_have_no_decision(void **state)
{
    (void)state;
    assert_body(item_of("expired", ""), IMI_DECISION_VERIFIED,
                "{\"type\":\"session.expired\",\"timestamp\":\"2026-11-23T04:00:00.123Z\","
                "\"data\":{\"session_id\":\"ses_abc\",\"sequence\":6,\"cursor\":41,"
                "\"kind\":\"expired\",\"detail\":\"\",\"decision\":\"\"}}");
}

static void the_longest_kind_fits(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER made = IMI_BUFFER_INIT;
    char kind[IMI_STORE_KIND_SIZE];
    memset(kind, 'k', sizeof kind - 1);
    kind[sizeof kind - 1] = '\0';
    imi_feed_record item = item_of(kind, "");
    assert_int_equal(imi_webhook_body(&item, IMI_DECISION_NONE, &made, NULL), IMI_OK);
    json_t *body = json_loadb((const char *)made.data, made.size, 0, NULL);
    const char *type = json_string_value(json_object_get(body, "type"));
    assert_int_equal(strlen(type), strlen("session.") + strlen(kind));
    json_decref(body);
}

static void details_cannot_break_out_of_their_string(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER made = IMI_BUFFER_INIT;
    imi_feed_record item = item_of("decided", "\"},\"type\":\"x\n");
    assert_int_equal(imi_webhook_body(&item, IMI_DECISION_NONE, &made, NULL), IMI_OK);
    json_t *body = json_loadb((const char *)made.data, made.size, JSON_REJECT_DUPLICATES, NULL);
    json_t *data = json_object_get(body, "data");
    assert_string_equal(json_string_value(json_object_get(data, "detail")), item.event.detail);
    json_decref(body);
}

static void an_impossible_time_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER made = IMI_BUFFER_INIT;
    imi_feed_record item = item_of("decided", "");
    item.event.at_ms = -1;
    assert_int_equal(imi_webhook_body(&item, IMI_DECISION_NONE, &made, NULL),
                     IMI_E_INVALID_ARGUMENT);
    item.event.at_ms = INT64_MAX;
    assert_int_equal(imi_webhook_body(&item, IMI_DECISION_NONE, &made, NULL),
                     IMI_E_INVALID_ARGUMENT);
    assert_int_equal(made.size, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_decision_is_told_with_its_codes),
        cmocka_unit_test(every_decision_has_its_name),
        cmocka_unit_test(other_events_have_no_decision),
        cmocka_unit_test(the_longest_kind_fits),
        cmocka_unit_test(details_cannot_break_out_of_their_string),
        cmocka_unit_test(an_impossible_time_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
