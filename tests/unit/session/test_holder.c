/*
 * The credential that a subject may hold after its session.
 */
#include "telling.h"

#include "imi/credential.h"

#include <stdlib.h>
#include <string.h>

static imi_status issue(phone *p, imi_buffer *out, int64_t *expires_ms)
{
    return imi_service_issue_credential(p->f->service, p->credential, out, expires_ms, NULL);
}

/* As its holder checks it; claims are appended. */
static imi_credential_facts checked(fixture *f, const imi_buffer *credential, imi_buffer *claims)
{
    IMI_AUTO_BUFFER jwks = IMI_BUFFER_INIT;
    IMI_AUTO(imi_key_set) keys = NULL;
    imi_credential_facts facts;
    imi_error err = IMI_ERROR_INIT;
    const imi_credential_expectation expectation = {
        .algorithm = "ES256",
        .issuer = FIXTURE_ISSUER,
        .type = FIXTURE_ISSUER "/credentials/" PURPOSE_TELLING,
        .now_s = f->clock.now_ms / 1000,
        .without_key_binding = true,
    };
    assert_int_equal(imi_service_jwks(f->service, &jwks, NULL), IMI_OK);
    assert_int_equal(imi_key_set_parse(imi_buffer_view(&jwks), &keys, NULL), IMI_OK);
    if (imi_credential_verify(imi_buffer_view(credential), keys, &expectation, &facts, claims,
                              &err) != IMI_OK) {
        fail_msg("the credential does not verify: %s", err.message);
    }
    return facts;
}

static void credential_holds_all_that_was_enrolled(void **state)
{
    fixture *f = *state;
    phone *p = telling_verified(f);
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT, claims = IMI_BUFFER_INIT;
    int64_t expires_ms = 0;
    assert_int_equal(issue(p, &credential, &expires_ms), IMI_OK);
    imi_credential_facts facts = checked(f, &credential, &claims);
    assert_int_equal(facts.expires_at_s * 1000, expires_ms);
    assert_int_equal(facts.expires_at_s - facts.issued_at_s, 30 * 24 * 3600);
    assert_int_equal(facts.issued_at_s % (24 * 3600), 0);
    assert_int_equal(imi_buffer_terminate(&claims, NULL), IMI_OK);
    assert_non_null(strstr((const char *)claims.data, "\"birthdate\":\"1961-02-03\""));
    assert_non_null(strstr((const char *)claims.data, "\"subject\":\"geology\""));
    phone_destroy(&p);
}

static void token_and_credential_are_bound_to_the_phone(void **state)
{
    fixture *f = *state;
    phone *p = telling_verified(f);
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT, claims = IMI_BUFFER_INIT, jwk = IMI_BUFFER_INIT;
    int64_t expires_ms = 0;
    char thumbprint[IMI_KEY_ID_SIZE];
    assert_int_equal(issue(p, &credential, &expires_ms), IMI_OK);
    assert_int_equal(imi_es256_jwk_of_spki(device_key_spki(p->key), &jwk, NULL), IMI_OK);
    assert_int_equal(imi_jwk_thumbprint(imi_buffer_view(&jwk), thumbprint, NULL), IMI_OK);
    assert_string_equal(checked(f, &credential, &claims).holder_thumbprint, thumbprint);
    assert_string_equal(fixture_checked_token(f, p->session_id).confirmation, thumbprint);
    phone_destroy(&p);
}

static void credential_asked_for_again_has_the_same_status(void **state)
{
    fixture *f = *state;
    phone *p = telling_verified(f);
    IMI_AUTO_BUFFER first = IMI_BUFFER_INIT, second = IMI_BUFFER_INIT, claims = IMI_BUFFER_INIT;
    int64_t expires_ms = 0;
    assert_int_equal(issue(p, &first, &expires_ms), IMI_OK);
    assert_int_equal(issue(p, &second, &expires_ms), IMI_OK);
    imi_credential_facts one = checked(f, &first, &claims), other = checked(f, &second, &claims);
    assert_string_equal(one.status_uri, other.status_uri);
    assert_int_equal(one.status_index, other.status_index);
    imi_token_claims token = fixture_checked_token(f, p->session_id);
    assert_true(token.status_index != one.status_index);
    phone_destroy(&p);
}

static void credential_is_not_issued_without_end(void **state)
{
    fixture *f = *state;
    phone *p = telling_verified(f);
    imi_status status = IMI_OK;
    int issued = 0;
    for (; status == IMI_OK && issued < 100; issued++) {
        IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT;
        int64_t expires_ms = 0;
        status = issue(p, &credential, &expires_ms);
    }
    assert_int_equal(status, IMI_E_SESSION_STATE);
    assert_true(issued > 10);
    phone_destroy(&p);
}

/* As whoever checks the credential finds it. */
static imi_token_status listed_status(fixture *f, const char *uri, uint32_t index)
{
    uint8_t bits[IMI_STATUS_LIST_BYTES];
    imi_status_list_record list;
    int64_t number = strtoll(strrchr(uri, '/') + 1, NULL, 10);
    assert_int_equal(f->sqlite->read_status_list(f->sqlite, number, bits, &list, NULL), IMI_OK);
    size_t bit = (size_t)index * IMI_STATUS_LIST_BITS;
    return bits[bit / 8] >> bit % 8 & ((1 << IMI_STATUS_LIST_BITS) - 1);
}

static imi_status set_status(phone *p, imi_token_status status)
{
    return imi_service_set_token_status(p->f->service, FIXTURE_PARTY, p->session_id, status,
                                        "a_reason", NULL);
}

static void credential_follows_the_token(void **state)
{
    fixture *f = *state;
    phone *p = telling_verified(f);
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT, claims = IMI_BUFFER_INIT;
    int64_t expires_ms = 0;
    assert_int_equal(issue(p, &credential, &expires_ms), IMI_OK);
    imi_credential_facts facts = checked(f, &credential, &claims);
    static const imi_token_status course[] = {IMI_TOKEN_SUSPENDED, IMI_TOKEN_VALID,
                                              IMI_TOKEN_INVALID};
    for (size_t i = 0; i < sizeof course / sizeof course[0]; i++) {
        assert_int_equal(set_status(p, course[i]), IMI_OK);
        assert_int_equal(listed_status(f, facts.status_uri, facts.status_index), course[i]);
    }
    assert_int_equal(set_status(p, IMI_TOKEN_VALID), IMI_E_CONFLICT);
    assert_int_equal(listed_status(f, facts.status_uri, facts.status_index), IMI_TOKEN_INVALID);
    phone_destroy(&p);
}

static void session_whose_token_does_not_stand_gives_no_credential(void **state)
{
    fixture *f = *state;
    phone *p = telling_verified(f);
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT;
    int64_t expires_ms = 0;
    assert_int_equal(set_status(p, IMI_TOKEN_SUSPENDED), IMI_OK);
    assert_int_equal(issue(p, &credential, &expires_ms), IMI_E_SESSION_STATE);
    assert_int_equal(credential.size, 0);
    assert_int_equal(set_status(p, IMI_TOKEN_VALID), IMI_OK);
    assert_int_equal(issue(p, &credential, &expires_ms), IMI_OK);
    credential.size = 0;
    assert_int_equal(set_status(p, IMI_TOKEN_INVALID), IMI_OK);
    assert_int_equal(issue(p, &credential, &expires_ms), IMI_E_SESSION_STATE);
    assert_int_equal(credential.size, 0);
    phone_destroy(&p);
}

static void erasure_revokes_token_and_credential(void **state)
{
    fixture *f = *state;
    phone *p = telling_verified(f);
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT, claims = IMI_BUFFER_INIT;
    int64_t expires_ms = 0;
    imi_erased erased;
    assert_int_equal(issue(p, &credential, &expires_ms), IMI_OK);
    imi_credential_facts facts = checked(f, &credential, &claims);
    imi_token_claims token = fixture_checked_token(f, p->session_id);
    assert_int_equal(
        imi_service_erase_subject(f->service, FIXTURE_PARTY, TELLING_SUBJECT, &erased, NULL),
        IMI_OK);
    assert_int_equal(listed_status(f, token.status_uri, token.status_index), IMI_TOKEN_INVALID);
    assert_int_equal(listed_status(f, facts.status_uri, facts.status_index), IMI_TOKEN_INVALID);
    phone_destroy(&p);
}

static void withdrawal_revokes_the_credential(void **state)
{
    fixture *f = *state;
    phone *p = telling_verified(f);
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT, again = IMI_BUFFER_INIT, claims = IMI_BUFFER_INIT;
    int64_t expires_ms = 0;
    assert_int_equal(issue(p, &credential, &expires_ms), IMI_OK);
    imi_credential_facts facts = checked(f, &credential, &claims);
    assert_int_equal(imi_service_withdraw_consent(f->service, p->credential, NULL), IMI_OK);
    assert_int_equal(listed_status(f, facts.status_uri, facts.status_index), IMI_TOKEN_INVALID);
    assert_int_equal(issue(p, &again, &expires_ms), IMI_E_SESSION_STATE);
    assert_int_equal(again.size, 0);
    phone_destroy(&p);
}

static void undecided_session_gives_no_credential(void **state)
{
    fixture *f = *state;
    const char *const agreed[] = {"name"};
    phone *p = telling_join(f);
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT;
    int64_t expires_ms = 1;
    assert_int_equal(issue(p, &credential, &expires_ms), IMI_E_SESSION_STATE);
    assert_int_equal(telling_agree(p, agreed, 1, NULL), IMI_OK);
    assert_int_equal(issue(p, &credential, &expires_ms), IMI_E_SESSION_STATE);
    assert_int_equal(credential.size, 0);
    assert_int_equal(expires_ms, 0);
    phone_destroy(&p);
}

static void purpose_without_credentials_gives_none(void **state)
{
    fixture *f = *state;
    telling_enrol(f);
    imi_created_session created = fixture_create(f, PURPOSE_PLAIN);
    phone *p = phone_new(f, FIXTURE_PERSON);
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT;
    int64_t expires_ms = 0;
    (void)phone_run(p, &created);
    assert_int_equal(issue(p, &credential, &expires_ms), IMI_E_SESSION_STATE);
    phone_destroy(&p);
}

static void person_without_claims_gets_no_credential(void **state)
{
    fixture *f = *state;
    imi_created_session created = fixture_create(f, PURPOSE_TELLING);
    phone *p = phone_new(f, FIXTURE_PERSON);
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT;
    int64_t expires_ms = 0;
    (void)phone_run(p, &created);
    assert_int_equal(issue(p, &credential, &expires_ms), IMI_E_NOT_FOUND);
    phone_destroy(&p);
}

#define HOLDER_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    fixture_prefer_memory();
    const struct CMUnitTest tests[] = {
        HOLDER_TEST(credential_holds_all_that_was_enrolled),
        HOLDER_TEST(token_and_credential_are_bound_to_the_phone),
        HOLDER_TEST(credential_asked_for_again_has_the_same_status),
        HOLDER_TEST(credential_is_not_issued_without_end),
        HOLDER_TEST(credential_follows_the_token),
        HOLDER_TEST(session_whose_token_does_not_stand_gives_no_credential),
        HOLDER_TEST(erasure_revokes_token_and_credential),
        HOLDER_TEST(withdrawal_revokes_the_credential),
        HOLDER_TEST(undecided_session_gives_no_credential),
        HOLDER_TEST(purpose_without_credentials_gives_none),
        HOLDER_TEST(person_without_claims_gets_no_credential),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
