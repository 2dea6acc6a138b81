/* The form of the file: YAML, fields there and not there, types. Messages name line and field. */
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void broken_yaml_is_refused_with_its_line(void **state)
{
    (void)state;
    assert_text_refused("version: v1\n  issuer: x\n", "policy.yaml line 2: ");
    assert_text_refused("version: [\n", "policy.yaml line 2: ");
    assert_text_refused("version: v1\n\tissuer: x\n", "policy.yaml line 2: ");
    assert_text_refused("version: \"v1\n", "policy.yaml line ");
    assert_text_refused("version: \xFF\n", "policy.yaml line ");
    assert_text_refused("%YAML 9.9\n---\nversion: v1\n", "policy.yaml line ");
}

static void an_empty_file_is_refused(void **state)
{
    (void)state;
    assert_text_refused("", "the file is empty");
    assert_text_refused("# nothing\n", "the file is empty");
}

static void files_that_are_not_mappings_are_refused(void **state)
{
    (void)state;
    assert_text_refused("- version\n", "policy.yaml line 1: ");
    assert_text_refused("version\n", "policy.yaml line 1: ");
    assert_text_refused("---\n...\n", "policy.yaml line 1: ");
}

static void a_second_document_is_refused(void **state)
{
    (void)state;
    assert_refused("may_enrol: false\n", "may_enrol: false\n---\nversion: v2\n",
                   "policy.yaml line 41: there must be one document only");
}

static void a_field_given_twice_is_refused_with_both_lines(void **state)
{
    (void)state;
    assert_refused("    attempts: 3\n", "    attempts: 3\n    attempts: 10\n",
                   "policy.yaml line 18: purposes[0].attempts is given twice, first on line 17");
    assert_refused("issuer:", "version: v2\nissuer:",
                   "policy.yaml line 2: version is given twice, first on line 1");
}

static void anchors_aliases_and_tags_are_refused(void **state)
{
    (void)state;
    static const char message[] = "policy.yaml line 5: anchors, aliases and tags are not allowed";
    assert_refused("The first", "&title The first", message);
    assert_refused("The first", "*title", message);
    assert_refused("The first", "!!str The first", message);
}

static void a_merge_key_is_refused(void **state)
{
    (void)state;
    assert_refused("    title: The first\n", "    title: The first\n    <<: {attempts: 9}\n",
                   "policy.yaml line 6: purposes[0].<< is not a known field");
}

static void deep_nesting_is_refused(void **state)
{
    (void)state;
    char text[600] = "version: ";
    memset(text + 9, '[', 500);
    text[509] = '\0';
    assert_text_refused(text, "the file is nested too deeply");
}

static void names_that_are_not_text_are_refused(void **state)
{
    (void)state;
    assert_text_refused("? [a]\n: b\n", "policy.yaml line 1: ");
}

typedef struct missing_case {
    const char *line; /* as it stands in the good policy */
    const char *message;
} missing_case;

static void every_missing_field_is_named(void **state)
{
    (void)state;
    static const missing_case cases[] = {
        {"version: v1\n", "policy.yaml line 1: version is missing"},
        {"issuer: https://imi.example\n", "policy.yaml line 1: issuer is missing"},
        {"    title: The first\n", "policy.yaml line 4: purposes[0].title is missing"},
        {"    target_fmr: 1e-4\n", "policy.yaml line 4: purposes[0].target_fmr is missing"},
        {"      count: 3\n", "policy.yaml line 8: purposes[0].challenge.count is missing"},
        {"      near_far_required: true\n",
         "policy.yaml line 8: purposes[0].challenge.near_far_required is missing"},
        {"    pad: optional\n", "policy.yaml line 4: purposes[0].pad is missing"},
        {"      count_max: 4\n", "policy.yaml line 8: purposes[0].challenge.count_max is missing"},
        {"      near_targets: true\n",
         "policy.yaml line 8: purposes[0].challenge.near_targets is missing"},
        {"    light: on\n", "policy.yaml line 4: purposes[0].light is missing"},
        {"    attestation: off\n", "policy.yaml line 4: purposes[0].attestation is missing"},
        {"    attempt_limits: {free: 4, first_delay_s: 30, max_delay_s: 3600, per_day: 20}\n",
         "policy.yaml line 4: purposes[0].attempt_limits is missing"},
        {"  accept: 1.5\n", "policy.yaml line 41: presentation_attack.accept is missing"},
        {"  reject: -2.5\n", "policy.yaml line 41: presentation_attack.reject is missing"},
        {"  camera: {required: false}\n",
         "policy.yaml line 41: presentation_attack.camera is missing"},
        {"    attempts: 3\n", "policy.yaml line 4: purposes[0].attempts is missing"},
        {"    session_lifetime_s: 600\n",
         "policy.yaml line 4: purposes[0].session_lifetime_s is missing"},
        {"    token_lifetime_s: 300\n",
         "policy.yaml line 4: purposes[0].token_lifetime_s is missing"},
        {"    evidence: [face, liveness]\n", "policy.yaml line 4: purposes[0].evidence is missing"},
        {"    pad: required\n", "policy.yaml line 21: purposes[1].pad is missing"},
        {"    audience: https://backend.example\n",
         "policy.yaml line 37: relying_parties[0].audience is missing"},
        {"    purposes: [two]\n", "policy.yaml line 37: relying_parties[0].purposes is missing"},
        {"    may_enrol: false\n", "policy.yaml line 37: relying_parties[0].may_enrol is missing"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        imi_error err = IMI_ERROR_INIT;
        imi_policy *policy = NULL;
        assert_int_equal(load_text(policy_with(cases[i].line, ""), &policy, &err), IMI_E_POLICY);
        /* Lines below the removed one move up: compare the field, and the line where it holds. */
        const char *field = strstr(cases[i].message, ": ");
        if (strstr(err.message, field) == NULL) {
            fail_msg("\"%s\" instead of \"%s\"", err.message, cases[i].message);
        }
    }
    assert_refused("    pad: optional\n", "", "policy.yaml line 4: purposes[0].pad is missing");
}

static void unknown_fields_are_refused_with_line_and_name(void **state)
{
    (void)state;
    assert_refused(
        "issuer:", "isuer: x\nissuer:", "policy.yaml line 2: isuer is not a known field");
    assert_refused("    pad: optional\n", "    pad: optional\n    threshold: 0.6\n",
                   "policy.yaml line 15: purposes[0].threshold is not a known field");
    assert_refused("      count: 3\n", "      count: 3\n      seconds: 5\n",
                   "policy.yaml line 11: purposes[0].challenge.seconds is not a known field");
    assert_refused("    may_enrol: false\n", "    may_enrol: false\n    admin: true\n",
                   "policy.yaml line 41: relying_parties[0].admin is not a known field");
}

static void names_of_fields_are_case_sensitive(void **state)
{
    (void)state;
    assert_refused("    pad: optional", "    Pad: optional",
                   "policy.yaml line 14: purposes[0].Pad is not a known field");
}

static void values_of_another_shape_are_refused_at_their_line(void **state)
{
    (void)state;
    assert_refused("title: The first", "title: [The first]",
                   "policy.yaml line 5: purposes[0].title is refused: Expecting STRING, got event: "
                   "SEQUENCE_START");
    assert_refused("purposes: [two]", "purposes: two",
                   "policy.yaml line 39: relying_parties[0].purposes is refused: Expecting "
                   "SEQUENCE, got event: SCALAR");
    assert_refused("pad: required", "pad: {a: b}",
                   "policy.yaml line 28: purposes[1].pad is refused: Expecting ENUM, got event: "
                   "MAPPING_START");
}

static void empty_values_are_refused(void **state)
{
    (void)state;
    assert_text_refused(policy_with("The first", ""), "line 5: purposes[0].title");
    assert_text_refused(policy_with("[two]", "[]"), "line 39: relying_parties[0].purposes");
    assert_text_refused(policy_with("1e-4", ""), "line 7: purposes[0].target_fmr");
}

static void counts_that_are_not_counts_are_refused(void **state)
{
    (void)state;
    static const char *const values[] = {"-1", "3.5", "three", "\"\"", "1e1",
                                         "03", "0x3", "+3",    "3 3",  "\" 3\""};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char line[64];
        snprintf(line, sizeof line, "attempts: %s", values[i]);
        assert_text_refused(policy_with("attempts: 3", line), "line 17: purposes[0].attempts");
    }
}

static void counts_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    static const char *const values[] = {"4294967299", "18446744073709551619",
                                         "99999999999999999999999999"};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char line[64];
        snprintf(line, sizeof line, "attempts: %s", values[i]);
        assert_refused("attempts: 3", line,
                       "policy.yaml line 17: purposes[0].attempts must be between 1 and 10");
    }
}

static void an_empty_mapping_misses_its_fields(void **state)
{
    (void)state;
    assert_text_refused(policy_with("{actions: [open_mouth, turn_right], count: 2, "
                                    "count_max: 2,\n                near_far_required: false, "
                                    "near_targets: false}",
                                    "{}"),
                        "line 26: purposes[1].challenge.actions is missing");
    assert_text_refused("{}\n", "version is missing");
}

static void words_outside_the_list_are_refused(void **state)
{
    (void)state;
    assert_refused("pad: optional", "pad: maybe",
                   "policy.yaml line 14: purposes[0].pad is refused: Invalid ENUM value: maybe");
    /* Numbers of the enumeration are no words of it. */
    assert_text_refused(policy_with("pad: optional", "pad: 2"), "line 14: purposes[0].pad");
}

/* libcyaml's own booleans take every word that they do not know for true. */
static void booleans_are_true_or_false_and_nothing_else(void **state)
{
    (void)state;
    static const char *const values[] = {"yes", "no", "1", "0", "True", "flase", "on", "\"\""};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char line[64];
        snprintf(line, sizeof line, "may_enrol: %s", values[i]);
        assert_text_refused(policy_with("may_enrol: false", line),
                            "line 40: relying_parties[0].may_enrol");
    }
}

static void lists_that_are_too_long_are_refused(void **state)
{
    (void)state;
    assert_text_refused(policy_with("[near_far, turn_left, blink]",
                                    "[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, "
                                    "p, q]"),
                        "line 9: purposes[0].challenge.actions");
}

static void texts_that_are_too_long_are_refused(void **state)
{
    (void)state;
    static char long_text[5001];
    memset(long_text, 'x', sizeof long_text - 1);
    assert_text_refused(policy_with("The first", long_text), "line 5: purposes[0].title");
}

int run_form_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broken_yaml_is_refused_with_its_line),
        cmocka_unit_test(an_empty_file_is_refused),
        cmocka_unit_test(files_that_are_not_mappings_are_refused),
        cmocka_unit_test(a_second_document_is_refused),
        cmocka_unit_test(a_field_given_twice_is_refused_with_both_lines),
        cmocka_unit_test(anchors_aliases_and_tags_are_refused),
        cmocka_unit_test(a_merge_key_is_refused),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(names_that_are_not_text_are_refused),
        cmocka_unit_test(every_missing_field_is_named),
        cmocka_unit_test(unknown_fields_are_refused_with_line_and_name),
        cmocka_unit_test(names_of_fields_are_case_sensitive),
        cmocka_unit_test(values_of_another_shape_are_refused_at_their_line),
        cmocka_unit_test(empty_values_are_refused),
        cmocka_unit_test(counts_that_are_not_counts_are_refused),
        cmocka_unit_test(counts_that_do_not_fit_are_refused),
        cmocka_unit_test(an_empty_mapping_misses_its_fields),
        cmocka_unit_test(words_outside_the_list_are_refused),
        cmocka_unit_test(booleans_are_true_or_false_and_nothing_else),
        cmocka_unit_test(lists_that_are_too_long_are_refused),
        cmocka_unit_test(texts_that_are_too_long_are_refused),
    };
    return cmocka_run_group_tests_name("policy: form", tests, sample_set_up, sample_tear_down);
}
