/* What a purpose may have told, whom events are sent to, and who witnesses the log. */
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Behind the last field of purpose "two", line 35. */
#define EVIDENCE "    evidence: [face, liveness, document]\n"
#define CLAIM(name, days)                                                                          \
    "      - {name: " name ", title: Day of birth, purpose: To know the year, "                    \
    "retention_days: " days ", required: true}\n"
#define WITH_CLAIMS(list) EVIDENCE "    claims:\n" list
/* Behind the last field of the relying party, line 40. */
#define ENROL "    may_enrol: false\n"
/* In front of everything, so that lines below move by as many as it has. */
#define ISSUER "issuer: https://imi.example\n"
#define WITNESS "w.example+0123abcd+AQID"

static imi_policy *load(const char *old_text, const char *new_text)
{
    imi_error err = IMI_ERROR_INIT;
    imi_policy *policy = NULL;
    assert_ok(load_text(policy_with(old_text, new_text), &policy, &err), &err);
    return policy;
}

static void claims_are_kept_as_they_stand(void **state)
{
    (void)state;
    IMI_AUTO(imi_policy)
    policy = load(EVIDENCE, WITH_CLAIMS(CLAIM("birthdate", "30")
                                            CLAIM("name", "0")) "    credential_days: 365\n");
    const imi_purpose *purpose = imi_policy_purpose(policy, "two");
    assert_int_equal(purpose->claim_count, 2);
    assert_string_equal(purpose->claims[0].name, "birthdate");
    assert_string_equal(purpose->claims[0].title, "Day of birth");
    assert_string_equal(purpose->claims[0].purpose, "To know the year");
    assert_int_equal(purpose->claims[0].retention_days, 30);
    assert_true(purpose->claims[0].required);
    assert_string_equal(purpose->claims[1].name, "name");
    assert_int_equal(purpose->credential_days, 365);
    assert_int_equal(imi_policy_purpose(policy, "one")->claim_count, 0);
    assert_int_equal(imi_policy_purpose(policy, "one")->credential_days, 0);
}

static void the_longest_life_is_that_of_a_credential_where_there_is_one(void **state)
{
    (void)state;
    IMI_AUTO(imi_policy)
    policy = load(EVIDENCE, EVIDENCE "    credential_days: 3650\n");
    assert_int_equal(imi_policy_longest_life_s(policy), 3650LL * 24 * 3600);
}

static void the_longest_life_is_that_of_a_token_without_credentials(void **state)
{
    (void)state;
    IMI_AUTO(imi_policy)
    policy = load("token_lifetime_s: 300", "token_lifetime_s: 400");
    assert_int_equal(imi_policy_longest_life_s(policy), 400);
}

static void a_claim_of_the_services_own_cannot_be_asked_for(void **state)
{
    (void)state;
    assert_refused(EVIDENCE, WITH_CLAIMS(CLAIM("cnf", "1")),
                   "policy.yaml line 37: purposes[1].claims[0].name is a claim that the service "
                   "itself makes");
}

static void a_claim_named_twice_is_refused(void **state)
{
    (void)state;
    assert_refused(EVIDENCE, WITH_CLAIMS(CLAIM("name", "1") CLAIM("name", "2")),
                   "policy.yaml line 38: purposes[1].claims[1].name is the name of claims[0] "
                   "already");
}

static void a_retention_that_is_no_number_is_refused(void **state)
{
    (void)state;
    assert_refused(EVIDENCE, WITH_CLAIMS(CLAIM("name", "soon")),
                   "policy.yaml line 37: purposes[1].claims[0].retention_days must be a whole "
                   "number such as 3");
}

static void a_party_has_es256_and_its_name_unless_it_says_otherwise(void **state)
{
    (void)state;
    IMI_AUTO(imi_policy) plain = load(ENROL, ENROL);
    const imi_relying_party *party = imi_policy_relying_party(plain, "backend");
    assert_string_equal(party->token_algorithm, "ES256");
    assert_string_equal(party->title, "backend");
    assert_null(party->webhook_url);
    IMI_AUTO(imi_policy)
    told = load(ENROL, ENROL "    title: The office\n    token_algorithm: SM2\n"
                             "    webhook: {url: https://b.example/h, secret_file: s}\n");
    party = imi_policy_relying_party(told, "backend");
    assert_string_equal(party->token_algorithm, "SM2");
    assert_string_equal(party->title, "The office");
    assert_string_equal(party->webhook_url, "https://b.example/h");
    assert_string_equal(party->webhook_secret_file, "s");
}

static void an_unknown_algorithm_is_refused(void **state)
{
    (void)state;
    assert_refused(ENROL, ENROL "    token_algorithm: none\n",
                   "policy.yaml line 41: relying_parties[0].token_algorithm is not an algorithm: "
                   "ES256, EdDSA or SM2");
}

static void a_webhook_goes_over_tls_or_stays_on_this_machine(void **state)
{
    (void)state;
    assert_accepted(ENROL, ENROL "    webhook: {url: 'http://127.0.0.1:8080/h', secret_file: s}\n");
    static const char message[] = "policy.yaml line 41: relying_parties[0].webhook.url must be an "
                                  "https URL, or http to this machine";
    assert_refused(ENROL, ENROL "    webhook: {url: 'http://b.example/h', secret_file: s}\n",
                   message);
    assert_refused(ENROL,
                   ENROL "    webhook: {url: 'http://127.0.0.1.b.example/', secret_file: s}\n",
                   message);
    assert_refused(ENROL, ENROL "    webhook: {url: 'https://b.example/a b', secret_file: s}\n",
                   message);
    assert_refused(ENROL, ENROL "    webhook: {url: 'file:///etc/passwd', secret_file: s}\n",
                   message);
}

static void a_log_names_its_witnesses(void **state)
{
    (void)state;
    IMI_AUTO(imi_policy)
    policy = load(ISSUER, ISSUER "log:\n  witnesses:\n    - {key: " WITNESS
                                 ", url: 'http://127.0.0.1:9/'}\n  quorum: 1\n");
    const imi_log_rules *rules = imi_policy_log(policy);
    assert_int_equal(rules->witness_count, 1);
    assert_string_equal(rules->witnesses[0].key, WITNESS);
    assert_string_equal(rules->witnesses[0].url, "http://127.0.0.1:9/");
    assert_int_equal(rules->quorum, 1);
    IMI_AUTO(imi_policy) silent = load(ISSUER, ISSUER);
    assert_int_equal(imi_policy_log(silent)->witness_count, 0);
}

static void a_quorum_above_the_number_of_witnesses_is_refused(void **state)
{
    (void)state;
    assert_refused(ISSUER,
                   ISSUER "log:\n  witnesses:\n    - {key: " WITNESS
                          ", url: 'http://127.0.0.1:9/'}\n  quorum: 2\n",
                   "policy.yaml line 6: log.quorum must be between 0 and 1");
}

static void a_witness_key_that_is_none_is_refused(void **state)
{
    (void)state;
    assert_refused(ISSUER,
                   ISSUER "log:\n  witnesses:\n    - {key: w.example, url: 'http://127.0.0.1:9/'}\n"
                          "  quorum: 0\n",
                   "policy.yaml line 5: log.witnesses[0].key is not a verifier key: "
                   "name+hash+base64, as imi-witness prints it");
}

int run_disclosure_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(claims_are_kept_as_they_stand),
        cmocka_unit_test(the_longest_life_is_that_of_a_credential_where_there_is_one),
        cmocka_unit_test(the_longest_life_is_that_of_a_token_without_credentials),
        cmocka_unit_test(a_claim_of_the_services_own_cannot_be_asked_for),
        cmocka_unit_test(a_claim_named_twice_is_refused),
        cmocka_unit_test(a_retention_that_is_no_number_is_refused),
        cmocka_unit_test(a_party_has_es256_and_its_name_unless_it_says_otherwise),
        cmocka_unit_test(an_unknown_algorithm_is_refused),
        cmocka_unit_test(a_webhook_goes_over_tls_or_stays_on_this_machine),
        cmocka_unit_test(a_log_names_its_witnesses),
        cmocka_unit_test(a_quorum_above_the_number_of_witnesses_is_refused),
        cmocka_unit_test(a_witness_key_that_is_none_is_refused),
    };
    return cmocka_run_group_tests_name("disclosure", tests, sample_set_up, sample_tear_down);
}
