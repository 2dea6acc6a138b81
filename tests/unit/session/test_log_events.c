/*
 * The texts that the public log commits to, byte by byte: receipts of years ago must still verify.
 */
#include "fixture.h"
#include "log_events.h"

#include <string.h>

static const int64_t AT_MS = 1790000000123;

static imi_session_record session_of_citizen(void)
{
    imi_session_record session = {.decision = IMI_DECISION_VERIFIED};
    imi_copy_text(session.session_id, sizeof session.session_id, "ses_1");
    imi_copy_text(session.relying_party, sizeof session.relying_party, "bureau");
    imi_copy_text(session.subject_id, sizeof session.subject_id, "citizen-1");
    imi_copy_text(session.purpose, sizeof session.purpose, "pension");
    imi_copy_text(session.reason, sizeof session.reason, "match");
    imi_copy_text(session.model_version, sizeof session.model_version, "m@1");
    imi_copy_text(session.policy_version, sizeof session.policy_version, "p@2");
    imi_copy_text(session.operating_point, sizeof session.operating_point, "opp_1");
    imi_copy_text(session.token_id, sizeof session.token_id, "tok_1");
    return session;
}

static void assert_event(const imi_log_event *event, const char *kind, const char *text)
{
    assert_string_equal(event->draft.kind, kind);
    assert_int_equal(event->draft.at_ms, AT_MS);
    assert_int_equal(event->draft.event.size, strlen(text));
    assert_memory_equal(event->draft.event.data, text, strlen(text));
}

/* So that its salt goes with the subject's data key. */
static void assert_of_citizen(const imi_log_event *event)
{
    assert_string_equal(event->draft.session_id, "ses_1");
    assert_string_equal(event->draft.relying_party, "bureau");
    assert_string_equal(event->draft.subject_id, "citizen-1");
}

static void decision_has_its_text_and_belongs_to_the_subject(void **state)
{
    (void)state;
    IMI_AUTO_LOG_EVENT event = IMI_LOG_EVENT_INIT;
    imi_session_record session = session_of_citizen();
    assert_int_equal(imi_log_event_decision(&session, AT_MS, &event, NULL), IMI_OK);
    assert_event(&event, IMI_LEAF_DECISION,
                 "{\"at_ms\":1790000000123,\"decision\":\"VERIFIED\",\"kind\":\"decision\","
                 "\"model\":\"m@1\",\"point\":\"opp_1\",\"policy\":\"p@2\",\"purpose\":\"pension\","
                 "\"reason\":\"match\",\"sid\":\"ses_1\",\"tok\":\"tok_1\"}");
    assert_of_citizen(&event);
}

static void every_decision_has_a_name(void **state)
{
    (void)state;
    static const char *const names[] = {"NONE", "VERIFIED", "REJECTED", "RETRY", "REVIEW"};
    for (int i = 0; i < 5; i++) {
        IMI_AUTO_LOG_EVENT event = IMI_LOG_EVENT_INIT;
        imi_session_record session = session_of_citizen();
        session.decision = (imi_decision)i;
        assert_int_equal(imi_log_event_decision(&session, AT_MS, &event, NULL), IMI_OK);
        assert_int_equal(imi_buffer_terminate(&event.text, NULL), IMI_OK);
        assert_non_null(strstr((const char *)event.text.data, names[i]));
    }
}

static void no_event_names_the_subject(void **state)
{
    (void)state;
    imi_session_record session = session_of_citizen();
    IMI_AUTO_LOG_EVENT decision = IMI_LOG_EVENT_INIT, status = IMI_LOG_EVENT_INIT;
    assert_int_equal(imi_log_event_decision(&session, AT_MS, &decision, NULL), IMI_OK);
    assert_int_equal(
        imi_log_event_status(&session, IMI_TOKEN_INVALID, "lost", AT_MS, &status, NULL), IMI_OK);
    assert_int_equal(imi_buffer_terminate(&decision.text, NULL), IMI_OK);
    assert_int_equal(imi_buffer_terminate(&status.text, NULL), IMI_OK);
    assert_null(strstr((const char *)decision.text.data, "citizen"));
    assert_null(strstr((const char *)status.text.data, "citizen"));
}

static void consent_names_claims_in_their_order(void **state)
{
    (void)state;
    IMI_AUTO_LOG_EVENT event = IMI_LOG_EVENT_INIT;
    imi_session_record session = session_of_citizen();
    const char *const claims[] = {"name", "birthdate"};
    uint8_t digest[IMI_STORE_HASH_SIZE];
    memset(digest, 0xAB, sizeof digest);
    imi_logged_consent consent = {&session, IMI_CONSENT_GIVEN, digest, claims, 2, AT_MS};
    assert_int_equal(imi_log_event_consent(&consent, &event, NULL), IMI_OK);
    assert_event(&event, IMI_LEAF_CONSENT,
                 "{\"at_ms\":1790000000123,\"claims\":[\"name\",\"birthdate\"],"
                 "\"kind\":\"consent\",\"party\":\"bureau\",\"purpose\":\"pension\","
                 "\"sid\":\"ses_1\",\"state\":\"given\",\"text_sha256\":"
                 "\"abababababababababababababababababababababababababababababababab\"}");
    assert_of_citizen(&event);
}

static void threshold_repeats_its_audit_line(void **state)
{
    (void)state;
    IMI_AUTO_LOG_EVENT event = IMI_LOG_EVENT_INIT;
    imi_audit_record line = {.at_ms = AT_MS,
                             .actor = "office \"A\"",
                             .action = "threshold.activate",
                             .object = "opp_1",
                             .detail = "pension"};
    assert_int_equal(imi_log_event_threshold(&line, &event, NULL), IMI_OK);
    assert_event(&event, IMI_LEAF_THRESHOLD,
                 "{\"action\":\"threshold.activate\",\"at_ms\":1790000000123,"
                 "\"actor\":\"office \\\"A\\\"\",\"detail\":\"pension\",\"kind\":\"policy\","
                 "\"object\":\"opp_1\"}");
    assert_string_equal(event.draft.subject_id, "");
}

static void keys_statuses_redemptions_and_deletions_have_their_texts(void **state)
{
    (void)state;
    imi_session_record session = session_of_citizen();
    imi_keyring_entry key = {.key_id = "DMB0D2-2iSNf3vg5OTyFBCIgLxT-zBSyTPlUvA9YSgk",
                             .algorithm = "ES256"};
    IMI_AUTO_LOG_EVENT added = IMI_LOG_EVENT_INIT, status = IMI_LOG_EVENT_INIT;
    IMI_AUTO_LOG_EVENT redemption = IMI_LOG_EVENT_INIT, deletion = IMI_LOG_EVENT_INIT;
    assert_int_equal(imi_log_event_key(&key, true, AT_MS, &added, NULL), IMI_OK);
    assert_event(&added, IMI_LEAF_KEY_ADDED,
                 "{\"action\":\"added\",\"alg\":\"ES256\",\"at_ms\":1790000000123,"
                 "\"kid\":\"DMB0D2-2iSNf3vg5OTyFBCIgLxT-zBSyTPlUvA9YSgk\",\"kind\":\"key\"}");
    assert_int_equal(
        imi_log_event_status(&session, IMI_TOKEN_SUSPENDED, "lost", AT_MS, &status, NULL), IMI_OK);
    assert_event(&status, IMI_LEAF_STATUS,
                 "{\"at_ms\":1790000000123,\"kind\":\"status\",\"reason\":\"lost\","
                 "\"sid\":\"ses_1\",\"status\":\"suspended\",\"tok\":\"tok_1\"}");
    assert_int_equal(imi_log_event_redemption(&session, AT_MS, &redemption, NULL), IMI_OK);
    assert_event(&redemption, IMI_LEAF_REDEMPTION,
                 "{\"at_ms\":1790000000123,\"kind\":\"redemption\",\"sid\":\"ses_1\","
                 "\"tok\":\"tok_1\"}");
    const imi_logged_deletion gone = {"del_1", "bureau", 3, 7, AT_MS};
    assert_int_equal(imi_log_event_deletion(&gone, &deletion, NULL), IMI_OK);
    assert_event(&deletion, IMI_LEAF_DELETION,
                 "{\"at_ms\":1790000000123,\"del\":\"del_1\",\"kind\":\"deletion\","
                 "\"party\":\"bureau\",\"references\":3,\"sessions\":7}");
    assert_string_equal(deletion.draft.subject_id, "");
}

static void policy_file_is_logged_when_its_version_is_new(void **state)
{
    fixture *f = *state;
    uint8_t entries[8][IMI_STORE_HASH_SIZE];
    size_t before = 0, after = 0;
    assert_int_equal(imi_log_policy_file(f->sqlite, "v1@a", AT_MS, NULL), IMI_OK);
    assert_int_equal(f->sqlite->list_leaves(f->sqlite, 0, entries, 8, &before, NULL), IMI_OK);
    assert_int_equal(imi_log_policy_file(f->sqlite, "v1@a", AT_MS + 1, NULL), IMI_OK);
    assert_int_equal(f->sqlite->list_leaves(f->sqlite, 0, entries, 8, &after, NULL), IMI_OK);
    assert_int_equal(after, before);
    /* Another one, and back to the first: each time it is another one that decides. */
    assert_int_equal(imi_log_policy_file(f->sqlite, "v2@b", AT_MS + 2, NULL), IMI_OK);
    assert_int_equal(imi_log_policy_file(f->sqlite, "v1@a", AT_MS + 3, NULL), IMI_OK);
    assert_int_equal(f->sqlite->list_leaves(f->sqlite, 0, entries, 8, &after, NULL), IMI_OK);
    assert_int_equal(after, before + 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decision_has_its_text_and_belongs_to_the_subject),
        cmocka_unit_test(every_decision_has_a_name),
        cmocka_unit_test(no_event_names_the_subject),
        cmocka_unit_test(consent_names_claims_in_their_order),
        cmocka_unit_test(threshold_repeats_its_audit_line),
        cmocka_unit_test(keys_statuses_redemptions_and_deletions_have_their_texts),
        cmocka_unit_test_setup_teardown(policy_file_is_logged_when_its_version_is_new,
                                        fixture_set_up, fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
