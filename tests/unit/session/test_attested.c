/*
 * Attestation in sessions: what a platform vouches for counts, what proves false is a suspicion,
 * and nothing is verified for who may not begin yet.
 */
#include "phone.h"

#include "forge.h"

#include <string.h>

static phone *ready_phone(fixture *f, const char *purpose)
{
    phone *p = phone_new(f, FIXTURE_PERSON);
    imi_created_session created = fixture_create(f, purpose);
    phone_enter(p, &created);
    return p;
}

/* An Apple object that vouches for this device key in this session. */
static void attest(const char *session_id, imi_view spki, imi_buffer *out)
{
    uint8_t challenge[IMI_ATTEST_CHALLENGE_SIZE];
    assert_int_equal(imi_attest_challenge(session_id, spki, challenge, NULL), IMI_OK);
    app_statement statement = forge_good_app();
    statement.challenge = (imi_view){challenge, sizeof challenge};
    forge_apple(&statement, out);
}

/* A chain of Android's for this device key, made with the challenge of this session. */
static void attest_android(const char *session_id, imi_view spki, imi_buffer *out)
{
    uint8_t challenge[IMI_ATTEST_CHALLENGE_SIZE];
    assert_int_equal(imi_attest_challenge(session_id, (imi_view){0}, challenge, NULL), IMI_OK);
    key_statement statement = forge_good_statement();
    statement.challenge = (imi_view){challenge, sizeof challenge};
    IMI_AUTO_BUFFER description = IMI_BUFFER_INIT;
    forge_key_description(&statement, &description);
    certificate_plan plan = forge_android_leaf(imi_buffer_view(&description));
    const uint8_t *at = spki.data;
    plan.key = d2i_PUBKEY(NULL, &at, (long)spki.size);
    X509 *leaf = forge_certificate(&plan);
    forge_append(leaf, out);
    forge_append(g_forge.intermediate, out);
    forge_append(g_forge.root, out);
    X509_free(leaf);
    EVP_PKEY_free(plan.key);
}

static void send_along(phone *p, const imi_buffer *object)
{
    p->says.attestation_kind = IMI_ATTESTATION_APPLE_APP;
    p->says.attestation = imi_buffer_view(object);
}

static imi_subject_outcome try_once(phone *p)
{
    imi_frame_feedback last;
    assert_int_equal(phone_begin(p), IMI_OK);
    assert_int_equal(phone_play(p, 400, &last), IMI_OK);
    assert_int_equal(last.guidance, IMI_GUIDANCE_DONE);
    return last.outcome;
}

/* ---- Where a platform is trusted ---- */

static void device_that_its_platform_vouches_for_is_verified(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_ATTESTED);
    IMI_AUTO_BUFFER object = IMI_BUFFER_INIT;
    attest(p->session_id, device_key_spki(p->key), &object);
    send_along(p, &object);
    assert_int_equal(try_once(p), IMI_OUTCOME_DONE);
    imi_session_record record = fixture_session(f, p->session_id);
    assert_int_equal(record.decision, IMI_DECISION_VERIFIED);
    assert_non_null(strstr(record.evidence, "attestation:+0.0")); /* measured, without a weight */
    phone_destroy(&p);
}

static void device_key_of_android_s_key_store_is_verified(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_ATTESTED);
    IMI_AUTO_BUFFER object = IMI_BUFFER_INIT;
    attest_android(p->session_id, device_key_spki(p->key), &object);
    send_along(p, &object);
    p->says.attestation_kind = IMI_ATTESTATION_ANDROID_KEY;
    assert_int_equal(try_once(p), IMI_OUTCOME_DONE);
    imi_session_record record = fixture_session(f, p->session_id);
    assert_int_equal(record.decision, IMI_DECISION_VERIFIED);
    assert_non_null(strstr(record.evidence, "attestation:+0.0"));
    phone_destroy(&p);
}

/* The first time a mishap, the second an attack, as with every proof. */
static void assert_suspected(phone *p)
{
    assert_int_equal(try_once(p), IMI_OUTCOME_TRY_AGAIN);
    imi_session_record record = fixture_session(p->f, p->session_id);
    assert_int_equal(record.decision, IMI_DECISION_RETRY);
    assert_string_equal(record.reason, "liveness");
    assert_non_null(strstr(record.evidence, "attestation:veto(attestation_challenge)"));
    assert_int_equal(try_once(p), IMI_OUTCOME_DONE);
    record = fixture_session(p->f, p->session_id);
    assert_int_equal(record.decision, IMI_DECISION_REJECTED);
    assert_string_equal(record.reason, "liveness");
}

static void attestation_of_another_device_key_is_a_suspicion(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_ATTESTED);
    phone *other = phone_new(f, OTHER_PERSON);
    IMI_AUTO_BUFFER object = IMI_BUFFER_INIT;
    attest(p->session_id, device_key_spki(other->key), &object);
    send_along(p, &object);
    assert_suspected(p);
    phone_destroy(&other);
    phone_destroy(&p);
}

static void attestation_of_another_session_is_a_suspicion(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_ATTESTED);
    IMI_AUTO_BUFFER object = IMI_BUFFER_INIT;
    attest(TEST_SESSION, device_key_spki(p->key), &object);
    send_along(p, &object);
    assert_suspected(p);
    phone_destroy(&p);
}

static void android_s_attestation_of_another_session_is_a_suspicion(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_ATTESTED);
    IMI_AUTO_BUFFER object = IMI_BUFFER_INIT;
    attest_android(TEST_SESSION, device_key_spki(p->key), &object);
    send_along(p, &object);
    p->says.attestation_kind = IMI_ATTESTATION_ANDROID_KEY;
    assert_suspected(p);
    phone_destroy(&p);
}

static bool count_allocation(void *user, size_t size)
{
    (void)size;
    ++*(int *)user;
    return false;
}

/* What it costs to be told to wait. */
static int allocations_of_waiting(phone *p)
{
    int count = 0;
    imi_alloc_set_fail_hook(count_allocation, &count);
    imi_status status = phone_begin(p);
    imi_alloc_set_fail_hook(NULL, NULL);
    assert_int_equal(status, IMI_OK);
    assert_true(p->capture.retry_after_ms > 0);
    return count;
}

static void nothing_is_verified_for_who_has_to_wait(void **state)
{
    fixture *f = *state;
    for (int i = 0; i < 2; i++) {
        phone *before = ready_phone(f, PURPOSE_ATTESTED);
        assert_int_equal(phone_begin(before), IMI_OK);
        phone_destroy(&before);
    }
    phone *p = ready_phone(f, PURPOSE_ATTESTED);
    IMI_AUTO_BUFFER object = IMI_BUFFER_INIT;
    attest(p->session_id, device_key_spki(p->key), &object);
    allocations_of_waiting(p); /* what is made once only */
    int without = allocations_of_waiting(p);
    send_along(p, &object);
    assert_int_equal(allocations_of_waiting(p), without);
    phone_destroy(&p);
}

/* ---- Where none is sent, trusted or asked for ---- */

static void required_attestation_that_is_not_sent_means_review(void **state)
{
    fixture *f = *state;
    phone *p = phone_new(f, FIXTURE_PERSON);
    imi_created_session created = fixture_create(f, PURPOSE_ATTESTED);
    assert_int_equal(phone_run(p, &created).outcome, IMI_OUTCOME_STAFF_REVIEW);
    assert_string_equal(fixture_session(f, created.session_id).reason, "attestation_missing");
    phone_destroy(&p);
}

static void attestation_that_nobody_can_check_vouches_for_nothing(void **state)
{
    fixture *f = *state;
    phone *p = phone_new(f, FIXTURE_PERSON);
    p->says.attestation_kind = IMI_ATTESTATION_APPLE_APP;
    p->says.attestation = imi_view_of_text("anything");
    imi_created_session created = fixture_create(f, PURPOSE_ATTESTED);
    assert_int_equal(phone_run(p, &created).outcome, IMI_OUTCOME_STAFF_REVIEW);
    imi_session_record record = fixture_session(f, created.session_id);
    assert_string_equal(record.reason, "attestation_missing");
    assert_non_null(strstr(record.evidence, "attestation:unmeasured(attestation_not_configured)"));
    phone_destroy(&p);
}

static void attestation_is_not_looked_at_where_it_is_off(void **state)
{
    fixture *f = *state;
    phone *p = phone_new(f, FIXTURE_PERSON);
    p->says.attestation_kind = IMI_ATTESTATION_APPLE_APP;
    p->says.attestation = imi_view_of_text("anything");
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    assert_int_equal(phone_run(p, &created).outcome, IMI_OUTCOME_DONE);
    imi_session_record record = fixture_session(f, created.session_id);
    assert_int_equal(record.decision, IMI_DECISION_VERIFIED);
    assert_null(strstr(record.evidence, "attestation"));
    phone_destroy(&p);
}

static void oversized_attestation_is_refused(void **state)
{
    fixture *f = *state;
    phone *p = ready_phone(f, PURPOSE_ATTESTED);
    uint8_t *large = test_calloc(1, IMI_ATTESTATION_BYTES_MAX + 1);
    p->says.attestation_kind = IMI_ATTESTATION_ANDROID_KEY;
    p->says.attestation = (imi_view){large, IMI_ATTESTATION_BYTES_MAX + 1};
    assert_int_equal(phone_begin(p), IMI_E_INVALID_ARGUMENT);
    test_free(large);
    phone_destroy(&p);
}

static int trusting_set_up(void **state)
{
    assert_int_equal(forge_set_up(state), 0);
    *state = fixture_new(
        &(fixture_options){.attest_roots = g_forge.roots, .start_ms = INT64_C(1000) * TEST_NOW_S});
    return 0;
}

static int trusting_tear_down(void **state)
{
    fixture_tear_down(state);
    return forge_tear_down(state);
}

#define TRUSTING_TEST(function)                                                                    \
    cmocka_unit_test_setup_teardown(function, trusting_set_up, trusting_tear_down)
#define ATTESTED_TEST(function)                                                                    \
    cmocka_unit_test_setup_teardown(function, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRUSTING_TEST(device_that_its_platform_vouches_for_is_verified),
        TRUSTING_TEST(attestation_of_another_device_key_is_a_suspicion),
        TRUSTING_TEST(attestation_of_another_session_is_a_suspicion),
        TRUSTING_TEST(device_key_of_android_s_key_store_is_verified),
        TRUSTING_TEST(android_s_attestation_of_another_session_is_a_suspicion),
        TRUSTING_TEST(nothing_is_verified_for_who_has_to_wait),
        ATTESTED_TEST(required_attestation_that_is_not_sent_means_review),
        ATTESTED_TEST(attestation_that_nobody_can_check_vouches_for_nothing),
        ATTESTED_TEST(attestation_is_not_looked_at_where_it_is_off),
        ATTESTED_TEST(oversized_attestation_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
