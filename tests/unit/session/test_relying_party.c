/*
 * What a relying party may do, and what it must not learn of others.
 */
#include "phone.h"

#include <stdio.h>
#include <string.h>

static imi_create_session good_request(const fixture *f)
{
    return (imi_create_session){.purpose = PURPOSE_PLAIN,
                                .reference_id = f->reference_id,
                                .nonce = "nonce-of-the-bureau",
                                .request_id = ""};
}

static imi_status create(fixture *f, const char *party, const imi_create_session *request,
                         imi_created_session *out)
{
    return imi_service_create_session(f->service, party, request, out, NULL);
}

static void assert_refused(fixture *f, const char *party, const imi_create_session *request,
                           imi_status status)
{
    imi_created_session created;
    memset(&created, 0xEE, sizeof created);
    assert_int_equal(create(f, party, request, &created), status);
    assert_string_equal(created.session_id, "");
    assert_string_equal(created.join_secret, "");
    assert_string_equal(created.join_url, "");
}

/* ---- Creating ---- */

static void created_session_has_a_join_link(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    char url[256];
    snprintf(url, sizeof url, "%s/j#%s.%s", FIXTURE_ISSUER, created.session_id,
             created.join_secret);
    assert_string_equal(created.join_url, url);
    assert_int_equal(created.expires_at_ms, f->clock.now_ms + 900 * 1000);
    assert_int_equal(fixture_session(f, created.session_id).state, IMI_SESSION_CREATED);
}

static void join_secret_is_not_stored(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    imi_session_record record = fixture_session(f, created.session_id);
    IMI_AUTO_BUFFER raw = IMI_BUFFER_INIT;
    assert_int_equal(imi_base64url_decode(imi_view_of_text(created.join_secret), &raw, NULL),
                     IMI_OK);
    const char *bytes = (const char *)&record;
    for (size_t i = 0; i + 32 <= sizeof record; i++) {
        assert_memory_not_equal(bytes + i, created.join_secret, 32);
        assert_memory_not_equal(bytes + i, raw.data, 32);
    }
}

static void unknown_purpose_is_refused(void **state)
{
    fixture *f = *state;
    imi_create_session request = good_request(f);
    request.purpose = "no.such.purpose";
    assert_refused(f, FIXTURE_PARTY, &request, IMI_E_POLICY_UNKNOWN_PURPOSE);
}

static void purpose_of_another_party_is_refused(void **state)
{
    fixture *f = *state;
    imi_create_session request = good_request(f);
    request.purpose = PURPOSE_ELSEWHERE;
    assert_refused(f, FIXTURE_PARTY, &request, IMI_E_PERMISSION);
}

static void unknown_party_is_refused(void **state)
{
    fixture *f = *state;
    imi_create_session request = good_request(f);
    assert_refused(f, "stranger", &request, IMI_E_PERMISSION);
    assert_refused(f, "", &request, IMI_E_PERMISSION);
    assert_refused(f, NULL, &request, IMI_E_PERMISSION);
}

static void unknown_reference_and_anothers_look_the_same(void **state)
{
    fixture *f = *state;
    imi_create_session request = good_request(f);
    imi_error unknown = IMI_ERROR_INIT, foreign = IMI_ERROR_INIT;
    imi_created_session created;
    assert_int_equal(
        imi_service_create_session(f->service, FIXTURE_OTHER_PARTY, &request, &created, &foreign),
        IMI_E_NOT_FOUND);
    request.reference_id = "ref_AAAAAAAAAAAAAAAAAAAAAA";
    assert_int_equal(
        imi_service_create_session(f->service, FIXTURE_PARTY, &request, &created, &unknown),
        IMI_E_NOT_FOUND);
    assert_string_equal(unknown.message, foreign.message);
}

static void reference_of_other_models_is_refused_before_anybody_comes(void **state)
{
    fixture *f = *state;
    imi_template old = {.count = 1};
    imi_copy_text(old.vectors[0].model_id, sizeof old.vectors[0].model_id, "older@000000000000");
    old.vectors[0].dim = 16;
    old.vectors[0].values[0] = 1;
    IMI_AUTO_BUFFER blob = IMI_BUFFER_INIT;
    assert_int_equal(imi_template_encode(&old, &blob, NULL), IMI_OK);
    imi_reference_record record = {.reference_id = "ref_AAAAAAAAAAAAAAAAAAAAAB",
                                   .relying_party = FIXTURE_PARTY,
                                   .subject_id = "citizen-2",
                                   .model_version = "older",
                                   .kind = IMI_REFERENCE_PRIMARY};
    assert_int_equal(f->sqlite->put_reference(f->sqlite, &record, imi_buffer_view(&blob), NULL),
                     IMI_OK);
    imi_create_session request = good_request(f);
    request.reference_id = record.reference_id;
    assert_refused(f, FIXTURE_PARTY, &request, IMI_E_CONFLICT);
}

static void nonce_out_of_bounds_is_refused(void **state)
{
    fixture *f = *state;
    char long_nonce[202];
    memset(long_nonce, 'n', 201);
    long_nonce[201] = '\0';
    const char *bad[] = {NULL, "", "7-chars", long_nonce, "not utf-8 \xff\xfe"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        imi_create_session request = good_request(f);
        request.nonce = bad[i];
        assert_refused(f, FIXTURE_PARTY, &request, IMI_E_INVALID_ARGUMENT);
    }
    long_nonce[200] = '\0';
    imi_create_session request = good_request(f);
    request.nonce = long_nonce;
    imi_created_session created;
    assert_int_equal(create(f, FIXTURE_PARTY, &request, &created), IMI_OK);
    assert_string_equal(fixture_session(f, created.session_id).nonce, long_nonce);
}

static void missing_or_overlong_fields_are_refused(void **state)
{
    fixture *f = *state;
    char longer[200];
    memset(longer, 'x', sizeof longer - 1);
    longer[199] = '\0';
    imi_create_session request = good_request(f);
    request.request_id = longer;
    assert_refused(f, FIXTURE_PARTY, &request, IMI_E_INVALID_ARGUMENT);
    request = good_request(f);
    request.request_id = NULL;
    assert_refused(f, FIXTURE_PARTY, &request, IMI_E_INVALID_ARGUMENT);
    request = good_request(f);
    request.purpose = longer;
    assert_refused(f, FIXTURE_PARTY, &request, IMI_E_INVALID_ARGUMENT);
    request = good_request(f);
    request.reference_id = longer;
    assert_refused(f, FIXTURE_PARTY, &request, IMI_E_INVALID_ARGUMENT);
}

/* ---- The same request again ---- */

static void repeated_request_gives_the_same_session_and_a_new_secret(void **state)
{
    fixture *f = *state;
    imi_create_session request = good_request(f);
    request.request_id = "request-1";
    imi_created_session first, second;
    assert_int_equal(create(f, FIXTURE_PARTY, &request, &first), IMI_OK);
    assert_int_equal(create(f, FIXTURE_PARTY, &request, &second), IMI_OK);
    assert_string_equal(first.session_id, second.session_id);
    assert_string_not_equal(first.join_secret, second.join_secret);
    assert_int_equal(first.expires_at_ms, second.expires_at_ms);
    phone *p = phone_new(f, FIXTURE_PERSON);
    assert_int_equal(phone_join(p, &first), IMI_E_UNAUTHENTICATED);
    assert_int_equal(phone_join(p, &second), IMI_OK);
    phone_destroy(&p);
}

static void repeated_request_with_other_arguments_is_a_conflict(void **state)
{
    fixture *f = *state;
    imi_create_session request = good_request(f);
    request.request_id = "request-1";
    imi_created_session created;
    assert_int_equal(create(f, FIXTURE_PARTY, &request, &created), IMI_OK);
    imi_create_session other = request;
    other.nonce = "another nonce";
    assert_refused(f, FIXTURE_PARTY, &other, IMI_E_CONFLICT);
    other = request;
    other.purpose = PURPOSE_STRICT;
    assert_refused(f, FIXTURE_PARTY, &other, IMI_E_CONFLICT);
}

static void repeated_request_after_a_phone_joined_is_a_conflict(void **state)
{
    fixture *f = *state;
    imi_create_session request = good_request(f);
    request.request_id = "request-1";
    imi_created_session created;
    assert_int_equal(create(f, FIXTURE_PARTY, &request, &created), IMI_OK);
    phone *p = phone_new(f, FIXTURE_PERSON);
    assert_int_equal(phone_join(p, &created), IMI_OK);
    assert_refused(f, FIXTURE_PARTY, &request, IMI_E_CONFLICT);
    imi_session_state now = IMI_SESSION_NONE;
    assert_int_equal(imi_service_consent(f->service, p->credential,
                                         &(imi_consent_answer){.accepted = true}, &now, NULL),
                     IMI_OK);
    phone_destroy(&p);
}

static void repeated_request_after_expiry_is_a_conflict(void **state)
{
    fixture *f = *state;
    imi_create_session request = good_request(f);
    request.request_id = "request-1";
    imi_created_session created;
    assert_int_equal(create(f, FIXTURE_PARTY, &request, &created), IMI_OK);
    imi_clock_manual_advance(&f->clock, 900 * 1000);
    assert_refused(f, FIXTURE_PARTY, &request, IMI_E_CONFLICT);
}

static void repeated_requests_do_not_grow_a_session_without_bound(void **state)
{
    fixture *f = *state;
    imi_create_session request = good_request(f);
    request.request_id = "request-1";
    imi_created_session created;
    imi_status status = IMI_OK;
    int repeats = 0;
    for (; repeats < 200 && status == IMI_OK; repeats++) {
        status = create(f, FIXTURE_PARTY, &request, &created);
    }
    assert_int_equal(status, IMI_E_CONFLICT);
    assert_true(repeats > 10 && repeats < 100);
}

static void without_request_id_every_call_is_a_new_session(void **state)
{
    fixture *f = *state;
    imi_created_session a = fixture_create(f, PURPOSE_PLAIN);
    imi_created_session b = fixture_create(f, PURPOSE_PLAIN);
    assert_string_not_equal(a.session_id, b.session_id);
}

/* ---- Reading ---- */

static void other_party_sees_neither_session_nor_events(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    imi_session_record record;
    imi_event_record events[4];
    size_t count = 7;
    imi_watch *watch = NULL;
    imi_error foreign = IMI_ERROR_INIT, unknown = IMI_ERROR_INIT;
    assert_int_equal(imi_service_get_session(f->service, FIXTURE_OTHER_PARTY, created.session_id,
                                             &record, NULL, &foreign),
                     IMI_E_NOT_FOUND);
    assert_string_equal(record.session_id, "");
    assert_int_equal(imi_service_get_session(f->service, FIXTURE_OTHER_PARTY,
                                             "ses_AAAAAAAAAAAAAAAAAAAAAA", &record, NULL, &unknown),
                     IMI_E_NOT_FOUND);
    assert_string_equal(foreign.message, unknown.message);
    assert_int_equal(imi_service_list_events(f->service, FIXTURE_OTHER_PARTY, created.session_id, 0,
                                             events, 4, &count, NULL),
                     IMI_E_NOT_FOUND);
    assert_int_equal(count, 0);
    assert_int_equal(imi_service_watch(f->service, FIXTURE_OTHER_PARTY, created.session_id,
                                       (imi_session_listener)1, NULL, &watch, NULL),
                     IMI_E_NOT_FOUND);
    assert_null(watch);
}

static void overdue_session_reads_as_expired_before_housekeeping(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    imi_clock_manual_advance(&f->clock, 900 * 1000);
    imi_session_record record;
    assert_int_equal(
        imi_service_get_session(f->service, FIXTURE_PARTY, created.session_id, &record, NULL, NULL),
        IMI_OK);
    assert_int_equal(record.state, IMI_SESSION_EXPIRED);
}

static void events_can_be_read_on_from_any_point(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    phone *p = phone_new(f, FIXTURE_PERSON);
    phone_enter(p, &created);
    imi_event_record events[4];
    size_t count = 0;
    assert_int_equal(imi_service_list_events(f->service, FIXTURE_PARTY, created.session_id, 1,
                                             events, 4, &count, NULL),
                     IMI_OK);
    assert_int_equal(count, 2);
    assert_string_equal(events[0].kind, "joined");
    assert_string_equal(events[1].kind, "consented");
    phone_destroy(&p);
}

/* ---- Watching ---- */

typedef struct heard {
    fixture *f;
    pthread_mutex_t mutex;
    int calls;
    int64_t events_seen; /* in the store, when told last */
} heard;

static void listen(void *user, const char *session_id)
{
    heard *h = user;
    imi_event_record events[64];
    size_t count = 0;
    imi_status status = imi_service_list_events(h->f->service, FIXTURE_PARTY, session_id, 0, events,
                                                64, &count, NULL);
    pthread_mutex_lock(&h->mutex);
    h->calls++;
    h->events_seen = status == IMI_OK ? (int64_t)count : -1;
    pthread_mutex_unlock(&h->mutex);
}

static void listener_hears_of_events_that_are_stored(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    heard h = {.f = f, .mutex = PTHREAD_MUTEX_INITIALIZER};
    imi_watch *watch = NULL;
    assert_int_equal(
        imi_service_watch(f->service, FIXTURE_PARTY, created.session_id, listen, &h, &watch, NULL),
        IMI_OK);
    phone *p = phone_new(f, FIXTURE_PERSON);
    assert_int_equal(phone_join(p, &created), IMI_OK);
    assert_int_equal(h.calls, 1);
    assert_int_equal(h.events_seen, 2);
    imi_session_state now = IMI_SESSION_NONE;
    assert_int_equal(imi_service_consent(f->service, p->credential,
                                         &(imi_consent_answer){.accepted = true}, &now, NULL),
                     IMI_OK);
    assert_int_equal(h.events_seen, 3);
    imi_watch_destroy(&watch);
    assert_null(watch);
    phone_destroy(&p);
}

static void listener_hears_the_decision(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    heard h = {.f = f, .mutex = PTHREAD_MUTEX_INITIALIZER};
    imi_watch *watch = NULL;
    assert_int_equal(
        imi_service_watch(f->service, FIXTURE_PARTY, created.session_id, listen, &h, &watch, NULL),
        IMI_OK);
    phone *p = phone_new(f, FIXTURE_PERSON);
    (void)phone_run(p, &created);
    imi_watch_destroy(&watch);
    assert_int_equal(h.events_seen, 5);
    phone_destroy(&p);
}

static void listener_hears_nothing_of_other_sessions_or_after_its_end(void **state)
{
    fixture *f = *state;
    imi_created_session mine = fixture_create(f, PURPOSE_PLAIN);
    imi_created_session other = fixture_create(f, PURPOSE_PLAIN);
    heard h = {.f = f, .mutex = PTHREAD_MUTEX_INITIALIZER};
    imi_watch *watch = NULL;
    assert_int_equal(
        imi_service_watch(f->service, FIXTURE_PARTY, mine.session_id, listen, &h, &watch, NULL),
        IMI_OK);
    phone *p = phone_new(f, FIXTURE_PERSON);
    assert_int_equal(phone_join(p, &other), IMI_OK);
    assert_int_equal(h.calls, 0);
    imi_watch_destroy(&watch);
    assert_int_equal(phone_join(p, &mine), IMI_OK);
    assert_int_equal(h.calls, 0);
    phone_destroy(&p);
}

static void several_listeners_hear_the_same(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    heard h[3];
    imi_watch *watches[3] = {NULL, NULL, NULL};
    for (int i = 0; i < 3; i++) {
        h[i] = (heard){.f = f, .mutex = PTHREAD_MUTEX_INITIALIZER};
        assert_int_equal(imi_service_watch(f->service, FIXTURE_PARTY, created.session_id, listen,
                                           &h[i], &watches[i], NULL),
                         IMI_OK);
    }
    imi_watch_destroy(&watches[1]);
    phone *p = phone_new(f, FIXTURE_PERSON);
    assert_int_equal(phone_join(p, &created), IMI_OK);
    assert_int_equal(h[0].calls, 1);
    assert_int_equal(h[1].calls, 0);
    assert_int_equal(h[2].calls, 1);
    imi_watch_destroy(&watches[0]);
    imi_watch_destroy(&watches[2]);
    phone_destroy(&p);
}

static void watch_without_listener_is_refused(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    imi_watch *watch = NULL;
    assert_int_equal(
        imi_service_watch(f->service, FIXTURE_PARTY, created.session_id, NULL, NULL, &watch, NULL),
        IMI_E_INVALID_ARGUMENT);
    imi_watch_destroy(&watch);
    imi_watch_destroy(NULL);
}

/* ---- Introspection ---- */

/* A verified session and its token. */
static imi_session_record verified(fixture *f, imi_buffer *token)
{
    phone *p = phone_new(f, FIXTURE_PERSON);
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    (void)phone_run(p, &created);
    phone_destroy(&p);
    imi_session_record record;
    assert_int_equal(imi_service_get_session(f->service, FIXTURE_PARTY, created.session_id, &record,
                                             token, NULL),
                     IMI_OK);
    assert_true(token->size > 0);
    return record;
}

static imi_introspection introspect(fixture *f, const char *party, imi_view token)
{
    imi_introspection answer;
    assert_int_equal(imi_service_introspect(f->service, party, token, &answer, NULL), IMI_OK);
    return answer;
}

static void assert_inactive(const imi_introspection *answer, imi_status reason)
{
    assert_false(answer->active);
    assert_int_equal(answer->reason, reason);
    assert_string_equal(answer->session_id, "");
    assert_int_equal(answer->expires_at_s, 0);
}

static void good_token_is_active(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    imi_session_record record = verified(f, &token);
    imi_introspection answer = introspect(f, FIXTURE_PARTY, imi_buffer_view(&token));
    assert_true(answer.active);
    assert_string_equal(answer.session_id, record.session_id);
    assert_int_equal(answer.expires_at_s, f->clock.now_ms / 1000 + 300);
    assert_int_equal(answer.reason, IMI_OK);
}

static void expired_token_is_not_active(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    (void)verified(f, &token);
    imi_clock_manual_advance(&f->clock, 301 * 1000);
    imi_introspection answer = introspect(f, FIXTURE_PARTY, imi_buffer_view(&token));
    assert_inactive(&answer, IMI_E_TOKEN_EXPIRED);
}

static void token_for_another_party_is_not_active(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    (void)verified(f, &token);
    imi_introspection answer = introspect(f, FIXTURE_OTHER_PARTY, imi_buffer_view(&token));
    assert_inactive(&answer, IMI_E_TOKEN_CLAIM);
}

static void tampered_token_is_not_active(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    (void)verified(f, &token);
    token.data[token.size - 10] = token.data[token.size - 10] == 'A' ? 'B' : 'A';
    imi_introspection answer = introspect(f, FIXTURE_PARTY, imi_buffer_view(&token));
    assert_inactive(&answer, IMI_E_TOKEN_SIGNATURE);
}

static void text_that_is_no_token_is_not_active(void **state)
{
    fixture *f = *state;
    const char *texts[] = {"", ".", "..", "a.b.c", "not a token"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        imi_introspection answer = introspect(f, FIXTURE_PARTY, imi_view_of_text(texts[i]));
        assert_inactive(&answer, IMI_E_TOKEN_FORMAT);
    }
}

/* Signed with the right key, but no session stands behind it. */
static void token_without_a_session_is_not_active(void **state)
{
    fixture *f = *state;
    imi_token_claims claims = {.issuer = FIXTURE_ISSUER,
                               .audience = FIXTURE_AUDIENCE,
                               .subject = "s",
                               .token_id = "tok_AAAAAAAAAAAAAAAAAAAAAA",
                               .nonce = "nonce-of-the-bureau",
                               .purpose = PURPOSE_PLAIN,
                               .session_id = "ses_AAAAAAAAAAAAAAAAAAAAAA",
                               .methods = "face liveness",
                               .assurance = "basic",
                               .model_version = "m",
                               .policy_version = "p",
                               .target_fmr = 1e-4,
                               .issued_at_s = f->clock.now_ms / 1000,
                               .expires_at_s = f->clock.now_ms / 1000 + 300};
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    imi_signer *signer = NULL;
    assert_int_equal(imi_keyring_signer(f->keyring, "ES256", claims.issued_at_s, &signer, NULL),
                     IMI_OK);
    assert_int_equal(imi_token_issue(signer, &claims, &token, NULL), IMI_OK);
    imi_introspection answer = introspect(f, FIXTURE_PARTY, imi_buffer_view(&token));
    assert_inactive(&answer, IMI_E_NOT_FOUND);
}

/* A session whose decision was changed afterwards takes its token along. */
static void token_of_a_session_that_is_not_verified_is_not_active(void **state)
{
    fixture *f = *state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    imi_session_record record = verified(f, &token);
    imi_event_record event = {.kind = "decided", .at_ms = f->clock.now_ms};
    record.decision = IMI_DECISION_REVIEW;
    assert_int_equal(f->sqlite->update_session(f->sqlite, &record, &event, NULL, NULL), IMI_OK);
    imi_introspection answer = introspect(f, FIXTURE_PARTY, imi_buffer_view(&token));
    assert_inactive(&answer, IMI_E_NOT_FOUND);
}

static void stranger_may_not_introspect(void **state)
{
    fixture *f = *state;
    imi_introspection answer;
    assert_int_equal(
        imi_service_introspect(f->service, "stranger", imi_view_of_text("a.b.c"), &answer, NULL),
        IMI_E_PERMISSION);
    assert_false(answer.active);
}

#define PARTY_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PARTY_TEST(created_session_has_a_join_link),
        PARTY_TEST(join_secret_is_not_stored),
        PARTY_TEST(unknown_purpose_is_refused),
        PARTY_TEST(purpose_of_another_party_is_refused),
        PARTY_TEST(unknown_party_is_refused),
        PARTY_TEST(unknown_reference_and_anothers_look_the_same),
        PARTY_TEST(reference_of_other_models_is_refused_before_anybody_comes),
        PARTY_TEST(nonce_out_of_bounds_is_refused),
        PARTY_TEST(missing_or_overlong_fields_are_refused),
        PARTY_TEST(repeated_request_gives_the_same_session_and_a_new_secret),
        PARTY_TEST(repeated_request_with_other_arguments_is_a_conflict),
        PARTY_TEST(repeated_request_after_a_phone_joined_is_a_conflict),
        PARTY_TEST(repeated_request_after_expiry_is_a_conflict),
        PARTY_TEST(repeated_requests_do_not_grow_a_session_without_bound),
        PARTY_TEST(without_request_id_every_call_is_a_new_session),
        PARTY_TEST(other_party_sees_neither_session_nor_events),
        PARTY_TEST(overdue_session_reads_as_expired_before_housekeeping),
        PARTY_TEST(events_can_be_read_on_from_any_point),
        PARTY_TEST(listener_hears_of_events_that_are_stored),
        PARTY_TEST(listener_hears_the_decision),
        PARTY_TEST(listener_hears_nothing_of_other_sessions_or_after_its_end),
        PARTY_TEST(several_listeners_hear_the_same),
        PARTY_TEST(watch_without_listener_is_refused),
        PARTY_TEST(good_token_is_active),
        PARTY_TEST(expired_token_is_not_active),
        PARTY_TEST(token_for_another_party_is_not_active),
        PARTY_TEST(tampered_token_is_not_active),
        PARTY_TEST(text_that_is_no_token_is_not_active),
        PARTY_TEST(token_without_a_session_is_not_active),
        PARTY_TEST(token_of_a_session_that_is_not_verified_is_not_active),
        PARTY_TEST(stranger_may_not_introspect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
