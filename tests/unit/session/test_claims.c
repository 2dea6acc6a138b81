/*
 * What a relying party may tell and ask of a subject.
 */
#include "telling.h"

#include <stdio.h>
#include <string.h>

static imi_status set(fixture *f, const char *claims, imi_error *err)
{
    return imi_service_set_claims(f->service, FIXTURE_PARTY, TELLING_SUBJECT, claims, err);
}

static void assert_kept(fixture *f, const char *claims)
{
    IMI_AUTO_BUFFER kept = IMI_BUFFER_INIT;
    imi_status status =
        f->sqlite->get_claims(f->sqlite, FIXTURE_PARTY, TELLING_SUBJECT, &kept, NULL);
    assert_int_equal(status, claims == NULL ? IMI_E_NOT_FOUND : IMI_OK);
    if (claims != NULL) {
        assert_int_equal(kept.size, strlen(claims));
        assert_memory_equal(kept.data, claims, kept.size);
    }
}

static void claims_take_the_place_of_those_before(void **state)
{
    fixture *f = *state;
    telling_enrol(f);
    assert_int_equal(set(f, "{ \"name\" : \"Li\" }", NULL), IMI_OK);
    assert_kept(f, "{\"name\":\"Li\"}");
}

static void empty_claims_keep_none(void **state)
{
    fixture *f = *state;
    telling_enrol(f);
    assert_int_equal(set(f, "", NULL), IMI_OK);
    assert_kept(f, NULL);
    assert_int_equal(set(f, "", NULL), IMI_OK);
}

static void claims_that_no_credential_could_hold_are_refused(void **state)
{
    fixture *f = *state;
    static const char *const wrong[] = {
        "[]",
        "{}",
        "{\"name\":",
        "{\"name\":\"a\",\"name\":\"b\"}",
        "{\"iss\":\"https://elsewhere.example\"}",
        "{\"cnf\":{}}",
        "{\"_sd\":[]}",
        "{\"...\":1}",
        "{\"a/b\":1}",
        "{\"with space\":1}",
        "{\"degree\":{\"_sd\":[]}}",
        "{\"list\":[{\"a/b\":1}]}",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        imi_error err = IMI_ERROR_INIT;
        assert_int_equal(set(f, wrong[i], &err), IMI_E_INVALID_ARGUMENT);
        assert_true(strlen(err.message) > 0);
    }
    assert_kept(f, NULL);
}

static void bounds_of_claims_hold(void **state)
{
    fixture *f = *state;
    for (int members = 32; members <= 33; members++) {
        IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
        for (int i = 0; i < members; i++) {
            assert_int_equal(
                imi_buffer_printf(&text, NULL, "%s\"c%d\":%d", i == 0 ? "{" : ",", i, i), IMI_OK);
        }
        assert_int_equal(imi_buffer_append_text(&text, "}", NULL), IMI_OK);
        assert_int_equal(imi_buffer_terminate(&text, NULL), IMI_OK);
        assert_int_equal(set(f, (const char *)text.data, NULL),
                         members == 32 ? IMI_OK : IMI_E_INVALID_ARGUMENT);
    }
    IMI_AUTO_BUFFER values = IMI_BUFFER_INIT;
    assert_int_equal(imi_buffer_append_text(&values, "{\"list\":[0", NULL), IMI_OK);
    for (int i = 0; i < 200; i++) {
        assert_int_equal(imi_buffer_append_text(&values, ",1", NULL), IMI_OK);
    }
    assert_int_equal(imi_buffer_append_text(&values, "]}", NULL), IMI_OK);
    assert_int_equal(imi_buffer_terminate(&values, NULL), IMI_OK);
    assert_int_equal(set(f, (const char *)values.data, NULL), IMI_E_INVALID_ARGUMENT);
}

static void only_the_enroller_tells_and_only_of_the_enrolled(void **state)
{
    fixture *f = *state;
    assert_int_equal(imi_service_set_claims(f->service, FIXTURE_OTHER_PARTY, TELLING_SUBJECT,
                                            TELLING_CLAIMS, NULL),
                     IMI_E_PERMISSION);
    assert_int_equal(
        imi_service_set_claims(f->service, FIXTURE_PARTY, "nobody", TELLING_CLAIMS, NULL),
        IMI_E_NOT_FOUND);
    assert_int_equal(imi_service_set_claims(f->service, FIXTURE_PARTY, "", TELLING_CLAIMS, NULL),
                     IMI_E_INVALID_ARGUMENT);
}

/* ---- Asking ---- */

static void assert_not_asked(fixture *f, const char *const *claims, size_t count, const char *part)
{
    imi_created_session created;
    imi_error err = IMI_ERROR_INIT;
    assert_int_equal(telling_create(f, claims, count, &created, &err), IMI_E_INVALID_ARGUMENT);
    assert_string_equal(created.session_id, "");
    if (strstr(err.message, part) == NULL) {
        fail_msg("'%s' is not in '%s'", part, err.message);
    }
}

static void only_claims_of_the_purpose_can_be_asked_for(void **state)
{
    fixture *f = *state;
    const char *const unknown[] = {"name", "degree"};
    const char *const twice[] = {"name", "name"};
    const char *const missing[] = {NULL};
    telling_enrol(f);
    assert_not_asked(f, unknown, 2, "has no claim 'degree'");
    assert_not_asked(f, twice, 2, "named twice");
    assert_not_asked(f, missing, 1, "has no claim ''");
    const char *many[IMI_POLICY_CLAIMS_MAX + 1];
    for (size_t i = 0; i <= IMI_POLICY_CLAIMS_MAX; i++) {
        many[i] = "name";
    }
    assert_not_asked(f, many, IMI_POLICY_CLAIMS_MAX + 1, "at most 16");
}

static void only_enrolled_claims_can_be_asked_for(void **state)
{
    fixture *f = *state;
    const char *const asked[] = {"name", "birthdate"};
    assert_not_asked(f, asked, 2, "claim name was not enrolled");
    assert_int_equal(set(f, "{\"name\":\"Li\"}", NULL), IMI_OK);
    assert_not_asked(f, asked, 2, "claim birthdate was not enrolled");
    assert_not_asked(f, asked, 2, "SetSubjectClaims");
}

static void what_a_token_cannot_tell_cannot_be_asked_for(void **state)
{
    fixture *f = *state;
    const char *const asked[] = {"name"};
    static const char *const values[] = {"1", "null", "{\"a\":1}", "[\"a\"]", "\"\""};
    char claims[512];
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        snprintf(claims, sizeof claims, "{\"name\":%s}", values[i]);
        assert_int_equal(set(f, claims, NULL), IMI_OK);
        assert_not_asked(f, asked, 1, "was not enrolled as a text");
    }
    snprintf(claims, sizeof claims, "{\"name\":\"%0256d\"}", 0);
    assert_int_equal(set(f, claims, NULL), IMI_OK);
    assert_not_asked(f, asked, 1, "255 bytes");
    snprintf(claims, sizeof claims, "{\"name\":\"%0255d\"}", 0);
    assert_int_equal(set(f, claims, NULL), IMI_OK);
    imi_created_session created;
    assert_int_equal(telling_create(f, asked, 1, &created, NULL), IMI_OK);
}

static void repeated_request_must_ask_for_the_same(void **state)
{
    fixture *f = *state;
    const char *const asked[] = {"name", "adult"};
    const char *const turned[] = {"adult", "name"};
    imi_create_session request = {.purpose = PURPOSE_TELLING,
                                  .reference_id = f->reference_id,
                                  .nonce = "nonce-of-the-bureau",
                                  .request_id = "same",
                                  .claims = asked,
                                  .claim_count = 2};
    imi_created_session first, second;
    telling_enrol(f);
    assert_int_equal(imi_service_create_session(f->service, FIXTURE_PARTY, &request, &first, NULL),
                     IMI_OK);
    request.claims = turned;
    assert_int_equal(imi_service_create_session(f->service, FIXTURE_PARTY, &request, &second, NULL),
                     IMI_OK);
    assert_string_equal(first.session_id, second.session_id);
    request.claim_count = 1;
    assert_int_equal(imi_service_create_session(f->service, FIXTURE_PARTY, &request, &second, NULL),
                     IMI_E_CONFLICT);
}

#define CLAIMS_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    fixture_prefer_memory();
    const struct CMUnitTest tests[] = {
        CLAIMS_TEST(claims_take_the_place_of_those_before),
        CLAIMS_TEST(empty_claims_keep_none),
        CLAIMS_TEST(claims_that_no_credential_could_hold_are_refused),
        CLAIMS_TEST(bounds_of_claims_hold),
        CLAIMS_TEST(only_the_enroller_tells_and_only_of_the_enrolled),
        CLAIMS_TEST(only_claims_of_the_purpose_can_be_asked_for),
        CLAIMS_TEST(only_enrolled_claims_can_be_asked_for),
        CLAIMS_TEST(what_a_token_cannot_tell_cannot_be_asked_for),
        CLAIMS_TEST(repeated_request_must_ask_for_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
