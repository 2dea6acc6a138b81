/* Values of the right type that make no sense. Messages name line and field. */
#include "sample.h"

#include "imi/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void versions_are_plain_names(void **state)
{
    (void)state;
    assert_refused("v1", "\"v 1\"",
                   "policy.yaml line 1: version may hold only a to z, 0 to 9, '.', '_' and '-'");
    assert_refused("v1", "v1@2",
                   "policy.yaml line 1: version may hold only a to z, 0 to 9, '.', '_' and '-'");
    char name[67];
    memset(name, 'v', sizeof name - 1);
    name[65] = '\0';
    assert_refused("v1", name, "policy.yaml line 1: version must have at most 64 characters");
    name[64] = '\0';
    assert_accepted("v1", name);
}

static void the_issuer_is_an_https_url(void **state)
{
    (void)state;
    static const char *const values[] = {
        "http://imi.example", "imi.example",           "https://",
        "https://a b",        "https://imi.example?x", "https://imi.example#x"};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char quoted[64];
        snprintf(quoted, sizeof quoted, "\"%s\"", values[i]);
        assert_refused("https://imi.example", quoted,
                       "policy.yaml line 2: issuer must be an https:// URL without query or "
                       "fragment");
    }
    assert_accepted("https://imi.example", "https://imi.example:8443/path");
}

static void purposes_have_plain_and_different_names(void **state)
{
    (void)state;
    assert_refused("name: two", "name: one",
                   "policy.yaml line 22: purposes[1].name is the name of purposes[0] already");
    assert_refused("name: two", "name: Two",
                   "policy.yaml line 22: purposes[1].name may hold only a to z, 0 to 9, '.', '_' "
                   "and '-'");
}

static void titles_are_one_line(void **state)
{
    (void)state;
    assert_refused("The first", "\"The\\nfirst\"",
                   "policy.yaml line 5: purposes[0].title must not hold control characters or line "
                   "breaks");
}

static void consent_says_something(void **state)
{
    (void)state;
    assert_refused(
        "Forty bytes at least say what is taken and why.", "Agree.",
        "policy.yaml line 6: purposes[0].consent_text must have 40 to 4000 bytes, not 6");
    assert_refused("Forty bytes", "\"\\e[2JForty bytes and more than that, so that it is read.\" #",
                   "policy.yaml line 6: purposes[0].consent_text must not hold control characters");
    assert_accepted("Forty bytes at least say what is taken and why.",
                    "|\n      Two lines of text are good too,\n      and so is \xE6\x9D\x8E.");
}

static void target_rates_lie_between_1e_7_and_a_tenth(void **state)
{
    (void)state;
    static const char *const values[] = {"0", "1e-8", "0.11", "1", "0.10001", "1e-300", "1e999"};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        assert_refused("1e-4", values[i],
                       "policy.yaml line 7: purposes[0].target_fmr must be between 1e-07 and 0.1");
    }
    assert_accepted("1e-4", "0.1");
    assert_accepted("1e-4", "1e-7");
    assert_accepted("1e-4", "0.00012");
}

static void rates_that_are_not_decimal_numbers_are_refused(void **state)
{
    (void)state;
    static const char *const values[] = {"nan",  ".nan", "inf",  "1x",      "0x1p-10", "-1e-4",
                                         "+0.1", ".01",  "1e",   "1 in 10", "1e-4,",   "1,5",
                                         "1..5", "true", "null", "~"};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        assert_refused("1e-4", values[i],
                       "policy.yaml line 7: purposes[0].target_fmr must be a decimal number such "
                       "as 0.001 or 1e-3");
    }
}

static void a_field_of_the_past_names_its_successor(void **state)
{
    (void)state;
    assert_refused("    light: on\n", "    light: on\n    pad_minimum_score: 0.5\n",
                   "policy.yaml line 16: purposes[0].pad_minimum_score is no longer a field: say "
                   "under presentation_attack.passive what its scores are worth (docs/policy.md)");
}

static void unknown_actions_are_refused(void **state)
{
    (void)state;
    assert_refused("turn_left", "stand_on_head",
                   "policy.yaml line 9: purposes[0].challenge.actions[1] is not an action: "
                   "near_far, turn_left, turn_right, open_mouth, blink, follow or nod");
    assert_refused("turn_left", "none",
                   "policy.yaml line 9: purposes[0].challenge.actions[1] is not an action: "
                   "near_far, turn_left, turn_right, open_mouth, blink, follow or nod");
}

static void an_action_listed_twice_is_refused(void **state)
{
    (void)state;
    assert_refused("turn_left", "blink",
                   "policy.yaml line 9: purposes[0].challenge.actions[2] is listed twice");
}

static void one_action_is_no_challenge(void **state)
{
    (void)state;
    assert_refused("[near_far, turn_left, blink]", "[near_far]",
                   "policy.yaml line 9: purposes[0].challenge.actions must list at least two "
                   "actions");
}

static void challenges_have_2_to_6_actions(void **state)
{
    (void)state;
    assert_refused("count: 3", "count: 1",
                   "policy.yaml line 10: purposes[0].challenge.count must be between 2 and 6");
    assert_refused("count: 3", "count: 7",
                   "policy.yaml line 10: purposes[0].challenge.count must be between 2 and 6");
    assert_refused("count: 3", "count: 5",
                   "policy.yaml line 11: purposes[0].challenge.count_max must be between 5 and 6");
    assert_refused("count_max: 4", "count_max: 7",
                   "policy.yaml line 11: purposes[0].challenge.count_max must be between 3 and 6");
    assert_accepted("count_max: 4", "count_max: 6");
    assert_accepted("count_max: 4", "count_max: 3");
}

static void following_and_nodding_may_be_asked(void **state)
{
    (void)state;
    imi_error err = IMI_ERROR_INIT;
    IMI_AUTO(imi_policy) policy = NULL;
    assert_ok(load_text(policy_with("turn_left, blink", "follow, nod"), &policy, &err), &err);
    assert_int_equal(imi_policy_purpose(policy, "one")->challenge.allowed_mask,
                     1U << IMI_ACTION_NEAR_FAR | 1U << IMI_ACTION_FOLLOW | 1U << IMI_ACTION_NOD);
}

static void attempt_limits_make_sense(void **state)
{
    (void)state;
    static const char limits[] = "{free: 4, first_delay_s: 30, max_delay_s: 3600, per_day: 20}";
#define AT "policy.yaml line 18: purposes[0].attempt_limits."
    assert_refused(limits, "{free: 0, first_delay_s: 30, max_delay_s: 3600, per_day: 20}",
                   AT "free must be between 1 and 1000000");
    assert_refused(limits, "{free: 4, first_delay_s: 0, max_delay_s: 3600, per_day: 20}",
                   AT "first_delay_s must be between 1 and 86400");
    assert_refused(limits, "{free: 4, first_delay_s: 30, max_delay_s: 29, per_day: 20}",
                   AT "max_delay_s must be between 30 and 86400");
    assert_refused(limits, "{free: 4, first_delay_s: 30, max_delay_s: 3600, per_day: 3}",
                   AT "per_day must be between 4 and 1000000");
    assert_refused(limits, "{free: 4, first_delay_s: 30, max_delay_s: 3600}",
                   AT "per_day is missing");
#undef AT
}

static void near_far_cannot_be_required_where_it_is_not_allowed(void **state)
{
    (void)state;
    assert_refused("near_far_required: false", "near_far_required: true",
                   "policy.yaml line 27: purposes[1].challenge.near_far_required is true, but "
                   "near_far is not among the actions");
}

static void attempts_and_lifetimes_have_limits(void **state)
{
    (void)state;
    assert_refused("attempts: 3", "attempts: 0",
                   "policy.yaml line 17: purposes[0].attempts must be between 1 and 10");
    assert_refused("attempts: 3", "attempts: 11",
                   "policy.yaml line 17: purposes[0].attempts must be between 1 and 10");
    assert_refused("session_lifetime_s: 600", "session_lifetime_s: 59",
                   "policy.yaml line 19: purposes[0].session_lifetime_s must be between 60 and "
                   "86400");
    assert_refused(
        "token_lifetime_s: 300", "token_lifetime_s: 86401",
        "policy.yaml line 20: purposes[0].token_lifetime_s must be between 30 and 86400");
}

static void face_and_liveness_are_always_evidence(void **state)
{
    (void)state;
    assert_refused("[face, liveness]", "[face]",
                   "policy.yaml line 21: purposes[0].evidence must list face and liveness");
    assert_refused("[face, liveness]", "[liveness, document]",
                   "policy.yaml line 21: purposes[0].evidence must list face and liveness");
    assert_refused("[face, liveness]", "[face, liveness, face]",
                   "policy.yaml line 21: purposes[0].evidence[2] is listed twice");
    assert_refused("[face, liveness]", "[face, liveness, voice]",
                   "policy.yaml line 21: purposes[0].evidence[2] is not a kind of evidence: face, "
                   "liveness or document");
}

static void relying_parties_have_different_names(void **state)
{
    (void)state;
    assert_refused("    may_enrol: false\n",
                   "    may_enrol: false\n"
                   "  - {name: backend, audience: a, purposes: [one], may_enrol: false}\n",
                   "policy.yaml line 41: relying_parties[1].name is the name of relying_parties[0] "
                   "already");
}

static void names_of_relying_parties_fit_a_certificate(void **state)
{
    (void)state;
    char name[80];
    memset(name, 'b', 65);
    name[65] = '\0';
    assert_refused("name: backend", "name: \"\\u0007\"",
                   "policy.yaml line 37: relying_parties[0].name must not hold control characters "
                   "or line breaks");
    char line[100];
    snprintf(line, sizeof line, "name: %s", name);
    assert_refused("name: backend", line,
                   "policy.yaml line 37: relying_parties[0].name must have 1 to 64 bytes, not 65");
}

static void an_audience_fits_a_token(void **state)
{
    (void)state;
    static char audience[257];
    memset(audience, 'a', 256);
    assert_refused("https://backend.example", audience,
                   "policy.yaml line 38: relying_parties[0].audience must have 1 to 255 bytes, not "
                   "256");
    audience[255] = '\0';
    assert_accepted("https://backend.example", audience);
}

static void relying_parties_may_ask_for_purposes_of_the_file_only(void **state)
{
    (void)state;
    assert_refused("[two]", "[two, three]",
                   "policy.yaml line 39: relying_parties[0].purposes[1] is not the name of a "
                   "purpose of this file");
    assert_refused("[two]", "[two, one, two]",
                   "policy.yaml line 39: relying_parties[0].purposes[2] is listed twice");
}

static void the_line_is_that_of_the_item_in_a_list_over_many_lines(void **state)
{
    (void)state;
    assert_refused("[two]", "\n      - two\n      - one\n      - six",
                   "policy.yaml line 42: relying_parties[0].purposes[2] is not the name of a "
                   "purpose of this file");
}

static void administrators_are_known_by_their_names(void **state)
{
    (void)state;
    imi_error err = IMI_ERROR_INIT;
    IMI_AUTO(imi_policy) policy = NULL;
    assert_ok(load_text(policy_with("    may_enrol: false\n",
                                    "    may_enrol: false\nadministrators: [ada, b.2]\n"),
                        &policy, &err),
              &err);
    assert_true(imi_policy_is_administrator(policy, "ada"));
    assert_true(imi_policy_is_administrator(policy, "b.2"));
    assert_false(imi_policy_is_administrator(policy, "backend"));
    assert_false(imi_policy_is_administrator(policy, "ad"));
    assert_false(imi_policy_is_administrator(policy, ""));
    assert_false(imi_policy_is_administrator(policy, NULL));
    assert_string_equal(imi_policy_administrator_at(policy, 1), "b.2");
    assert_null(imi_policy_administrator_at(policy, 2));
}

static void without_the_list_nobody_is_an_administrator(void **state)
{
    (void)state;
    imi_error err = IMI_ERROR_INIT;
    IMI_AUTO(imi_policy) policy = NULL;
    assert_ok(load_text(good_policy(), &policy, &err), &err);
    assert_false(imi_policy_is_administrator(policy, "administrator"));
    assert_null(imi_policy_administrator_at(policy, 0));
}

static void refuse_administrators(const char *list, const char *message)
{
    char text[256];
    snprintf(text, sizeof text, "    may_enrol: false\nadministrators: %s\n", list);
    assert_refused("    may_enrol: false\n", text, message);
}

static void a_relying_party_is_no_administrator(void **state)
{
    (void)state;
    refuse_administrators("[ada, backend]", "policy.yaml line 41: administrators[1] is the name of "
                                            "relying_parties[0] already");
}

static void names_of_administrators_are_plain_file_names(void **state)
{
    (void)state;
    refuse_administrators("[a/b]", "policy.yaml line 41: administrators[0] may hold only a to z, 0 "
                                   "to 9, '.', '_' and '-'");
    refuse_administrators("[.ada]", "policy.yaml line 41: administrators[0] must begin with a "
                                    "letter or a digit");
    refuse_administrators("[ada, ada]", "policy.yaml line 41: administrators[1] is listed twice");
    static const char *const kept[] = {"ca", "server", "service", "relying-party"};
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        char list[64];
        snprintf(list, sizeof list, "[%s]", kept[i]);
        refuse_administrators(list, "policy.yaml line 41: administrators[0] is a name that the "
                                    "server keeps for itself");
    }
}

/* The rules of purpose two, written behind its evidence; "" gives none. */
static const char *with_rules(const char *rules)
{
    static char text[1024];
    snprintf(text, sizeof text, "evidence: [face, liveness, document]\n%s%s\n",
             rules[0] == '\0' ? "" : "    additional_reference:\n      ", rules);
    return text;
}

#define RULES(offer, fmr_max, max, after_days)                                                     \
    "{offer: " offer ", consent_text: Forty bytes at least say what is kept and why it is., "      \
    "fmr_max: " fmr_max ", max: " max ", after_days: " after_days "}"

static void rules_for_additional_references_are_read(void **state)
{
    (void)state;
    imi_error err = IMI_ERROR_INIT;
    IMI_AUTO(imi_policy) policy = NULL;
    assert_ok(load_text(policy_with("evidence: [face, liveness, document]\n",
                                    with_rules(RULES("true", "1e-3", "3", "300"))),
                        &policy, &err),
              &err);
    const imi_additional_rules *rules = &imi_policy_purpose(policy, "two")->additional;
    assert_true(rules->offer);
    assert_string_equal(rules->consent_text,
                        "Forty bytes at least say what is kept and why it is.");
    assert_true(rules->fmr_max == 1e-3);
    assert_int_equal(rules->max, 3);
    assert_int_equal(rules->after_days, 300);
    assert_false(imi_policy_purpose(policy, "one")->additional.offer);
    assert_null(imi_policy_purpose(policy, "one")->additional.consent_text);
}

static void refuse_rules(const char *rules, const char *message)
{
    assert_refused("evidence: [face, liveness, document]\n", with_rules(rules), message);
}

static void rules_for_additional_references_have_limits(void **state)
{
    (void)state;
#define AT "policy.yaml line 37: purposes[1].additional_reference."
    refuse_rules(RULES("yes", "1e-3", "3", "300"), AT "offer is refused: Invalid ENUM value: yes");
    refuse_rules(RULES("true", "0.03", "3", "300"),
                 AT "fmr_max is laxer than target_fmr: keeping asks for more than verifying");
    refuse_rules(RULES("true", "nan", "3", "300"),
                 AT "fmr_max must be a decimal number such as 0.001 or 1e-3");
    refuse_rules(RULES("true", "1e-3", "0", "300"), AT "max must be between 1 and 8");
    refuse_rules(RULES("true", "1e-3", "9", "300"), AT "max must be between 1 and 8");
    refuse_rules(RULES("true", "1e-3", "3", "-1"),
                 AT "after_days must be a whole number such as 3");
    refuse_rules("{offer: true, consent_text: Too short, fmr_max: 1e-3, max: 3, after_days: 300}",
                 AT "consent_text must have 40 to 4000 bytes, not 9");
    refuse_rules("{offer: true, fmr_max: 1e-3, max: 3, after_days: 300}",
                 "policy.yaml line 36: purposes[1].additional_reference.consent_text is missing");
#undef AT
}

static void without_attack_detection_no_reference_is_kept(void **state)
{
    (void)state;
    imi_error err = IMI_ERROR_INIT;
    char text[16384];
    snprintf(text, sizeof text, "%s",
             policy_with("evidence: [face, liveness, document]\n",
                         with_rules(RULES("true", "1e-3", "3", "300"))));
    char *pad = strstr(text, "pad: required");
    assert_non_null(pad);
    imi_copy(pad, "pad: off     ", 13);
    IMI_AUTO(imi_policy) policy = NULL;
    assert_int_equal(load_text(text, &policy, &err), IMI_E_POLICY);
    assert_non_null(strstr(err.message, "additional_reference.offer is true, but pad is off"));
}

int run_value_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_are_plain_names),
        cmocka_unit_test(the_issuer_is_an_https_url),
        cmocka_unit_test(purposes_have_plain_and_different_names),
        cmocka_unit_test(titles_are_one_line),
        cmocka_unit_test(consent_says_something),
        cmocka_unit_test(target_rates_lie_between_1e_7_and_a_tenth),
        cmocka_unit_test(rates_that_are_not_decimal_numbers_are_refused),
        cmocka_unit_test(a_field_of_the_past_names_its_successor),
        cmocka_unit_test(unknown_actions_are_refused),
        cmocka_unit_test(an_action_listed_twice_is_refused),
        cmocka_unit_test(one_action_is_no_challenge),
        cmocka_unit_test(challenges_have_2_to_6_actions),
        cmocka_unit_test(following_and_nodding_may_be_asked),
        cmocka_unit_test(attempt_limits_make_sense),
        cmocka_unit_test(near_far_cannot_be_required_where_it_is_not_allowed),
        cmocka_unit_test(attempts_and_lifetimes_have_limits),
        cmocka_unit_test(face_and_liveness_are_always_evidence),
        cmocka_unit_test(relying_parties_have_different_names),
        cmocka_unit_test(names_of_relying_parties_fit_a_certificate),
        cmocka_unit_test(an_audience_fits_a_token),
        cmocka_unit_test(relying_parties_may_ask_for_purposes_of_the_file_only),
        cmocka_unit_test(administrators_are_known_by_their_names),
        cmocka_unit_test(without_the_list_nobody_is_an_administrator),
        cmocka_unit_test(a_relying_party_is_no_administrator),
        cmocka_unit_test(names_of_administrators_are_plain_file_names),
        cmocka_unit_test(rules_for_additional_references_are_read),
        cmocka_unit_test(rules_for_additional_references_have_limits),
        cmocka_unit_test(without_attack_detection_no_reference_is_kept),
        cmocka_unit_test(the_line_is_that_of_the_item_in_a_list_over_many_lines),
    };
    return cmocka_run_group_tests_name("policy: values", tests, sample_set_up, sample_tear_down);
}
