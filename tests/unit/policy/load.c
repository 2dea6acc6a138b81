/* What a good policy gives. */
#include "sample.h"

#include "imi/bytes.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static imi_error g_err;

#define OK(call) assert_ok((call), &g_err)
#define BIT(action) (1U << (action))

static void every_field_of_a_purpose_is_read(void **state)
{
    (void)state;
    IMI_AUTO(imi_policy) policy = NULL;
    OK(load_text(good_policy(), &policy, &g_err));
    const imi_purpose *one = imi_policy_purpose(policy, "one");
    assert_non_null(one);
    assert_string_equal(one->name, "one");
    assert_string_equal(one->title, "The first");
    assert_string_equal(one->consent_text, "Forty bytes at least say what is taken and why.");
    assert_true(one->target_fmr == 1e-4);
    assert_int_equal(one->challenge.allowed_mask,
                     BIT(IMI_ACTION_NEAR_FAR) | BIT(IMI_ACTION_TURN_LEFT) | BIT(IMI_ACTION_BLINK));
    assert_int_equal(one->challenge.count, 3);
    assert_true(one->challenge.near_far_required);
    assert_int_equal(one->pad, IMI_POLICY_PAD_OPTIONAL);
    assert_int_equal(one->challenge.count_max, 4);
    assert_true(one->challenge.near_targets);
    assert_true(one->light);
    assert_int_equal(one->attestation, IMI_POLICY_ATTESTATION_OFF);
    assert_int_equal(one->attempt_limits.free, 4);
    assert_int_equal(one->attempt_limits.first_delay_s, 30);
    assert_int_equal(one->attempt_limits.max_delay_s, 3600);
    assert_int_equal(one->attempt_limits.per_day, 20);
    assert_int_equal(one->attempts, 3);
    assert_int_equal(one->session_lifetime_s, 600);
    assert_int_equal(one->token_lifetime_s, 300);
    assert_int_equal(one->evidence_mask, IMI_EVIDENCE_FACE | IMI_EVIDENCE_LIVENESS);
}

static void purposes_do_not_mix(void **state)
{
    (void)state;
    IMI_AUTO(imi_policy) policy = NULL;
    OK(load_text(good_policy(), &policy, &g_err));
    const imi_purpose *two = imi_policy_purpose(policy, "two");
    assert_non_null(two);
    assert_int_equal(two->challenge.allowed_mask,
                     BIT(IMI_ACTION_OPEN_MOUTH) | BIT(IMI_ACTION_TURN_RIGHT));
    assert_false(two->challenge.near_far_required);
    assert_false(two->challenge.near_targets);
    assert_false(two->light);
    assert_int_equal(two->pad, IMI_POLICY_PAD_REQUIRED);
    assert_int_equal(two->evidence_mask,
                     IMI_EVIDENCE_FACE | IMI_EVIDENCE_LIVENESS | IMI_EVIDENCE_DOCUMENT);
}

static void purposes_can_be_listed(void **state)
{
    (void)state;
    IMI_AUTO(imi_policy) policy = NULL;
    OK(load_text(good_policy(), &policy, &g_err));
    assert_int_equal(imi_policy_purpose_count(policy), 2);
    assert_string_equal(imi_policy_purpose_at(policy, 0)->name, "one");
    assert_string_equal(imi_policy_purpose_at(policy, 1)->name, "two");
    assert_null(imi_policy_purpose_at(policy, 2));
}

static void a_relying_party_is_read(void **state)
{
    (void)state;
    IMI_AUTO(imi_policy) policy = NULL;
    OK(load_text(good_policy(), &policy, &g_err));
    const imi_relying_party *party = imi_policy_relying_party(policy, "backend");
    assert_non_null(party);
    assert_string_equal(party->audience, "https://backend.example");
    assert_int_equal(party->purpose_count, 1);
    assert_string_equal(party->purposes[0], "two");
    assert_false(party->may_enrol);
}

static void the_right_to_enrol_is_given_by_true_alone(void **state)
{
    (void)state;
    IMI_AUTO(imi_policy) policy = NULL;
    OK(load_text(policy_with("may_enrol: false", "may_enrol: true"), &policy, &g_err));
    assert_true(imi_policy_relying_party(policy, "backend")->may_enrol);
}

static void what_is_not_there_is_not_found(void **state)
{
    (void)state;
    IMI_AUTO(imi_policy) policy = NULL;
    OK(load_text(good_policy(), &policy, &g_err));
    assert_null(imi_policy_purpose(policy, "three"));
    assert_null(imi_policy_purpose(policy, ""));
    assert_null(imi_policy_purpose(policy, NULL));
    assert_null(imi_policy_relying_party(policy, "one"));
    assert_null(imi_policy_relying_party(policy, "Backend"));
    assert_null(imi_policy_relying_party(policy, NULL));
}

static void the_version_names_the_files_digest(void **state)
{
    (void)state;
    IMI_AUTO(imi_policy) first = NULL;
    IMI_AUTO(imi_policy) second = NULL;
    OK(load_text(good_policy(), &first, &g_err));
    assert_int_equal(strncmp(imi_policy_version(first), "v1@", 3), 0);
    assert_int_equal(strlen(imi_policy_version(first)), 3 + 12);
    OK(load_text(policy_with("v1\n", "v1 # the same, but not to the byte\n"), &second, &g_err));
    assert_string_not_equal(imi_policy_version(first), imi_policy_version(second));
    assert_string_equal(imi_policy_issuer(first), "https://imi.example");
}

/* As sha256sum prints it. */
static void the_digest_is_that_of_the_file(void **state)
{
    (void)state;
    IMI_AUTO(imi_policy) policy = NULL;
    OK(load_text(good_policy(), &policy, &g_err));
    char command[400], digest[13] = "";
    snprintf(command, sizeof command, "sha256sum %s", policy_path());
    FILE *output = popen(command, "r");
    assert_non_null(output);
    assert_int_equal(fread(digest, 1, 12, output), 12);
    pclose(output);
    assert_string_equal(imi_policy_version(policy) + 3, digest);
}

static void the_shipped_policy_is_good(void **state)
{
    (void)state;
    IMI_AUTO(imi_policy) policy = NULL;
    OK(imi_policy_load(TEST_DEFAULT_POLICY, &policy, &g_err));
    /* Scripts that may be drawn, of which docs/liveness.md tells how many a recording answers. */
    static const struct {
        const char *name;
        uint64_t scripts;
    } purposes[] = {
        {"pension.qualification", 18486}, {"graduate.registration", 18486}, {"demo", 44}};
    const imi_relying_party *party = imi_policy_relying_party(policy, "relying-party");
    assert_non_null(party);
    assert_true(party->may_enrol);
    assert_int_equal(party->purpose_count, 3);
    for (size_t i = 0; i < 3; i++) {
        const imi_purpose *purpose = imi_policy_purpose(policy, purposes[i].name);
        assert_non_null(purpose);
        assert_string_equal(party->purposes[i], purposes[i].name);
        assert_true(purpose->challenge.near_far_required);
        assert_int_equal(imi_challenge_space(&purpose->challenge), purposes[i].scripts);
    }
    assert_true(imi_policy_purpose(policy, "pension.qualification")->target_fmr <= 1e-4);
}

static void a_missing_file_is_not_found(void **state)
{
    (void)state;
    imi_policy *policy = NULL;
    assert_int_equal(imi_policy_load("/nowhere/policy.yaml", &policy, &g_err), IMI_E_NOT_FOUND);
    assert_null(policy);
}

static void no_path_is_refused(void **state)
{
    (void)state;
    imi_policy *policy = NULL;
    assert_int_equal(imi_policy_load("", &policy, &g_err), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_policy_load(NULL, &policy, &g_err), IMI_E_INVALID_ARGUMENT);
}

static void a_folder_is_an_io_error(void **state)
{
    (void)state;
    imi_policy *policy = NULL;
    assert_int_equal(imi_policy_load("/", &policy, &g_err), IMI_E_IO);
    assert_int_equal(g_err.foreign_code, EISDIR);
}

static bool fail_once(void *user, size_t size)
{
    (void)size;
    long *countdown = user;
    return --*countdown == 0;
}

static void loading_survives_any_failed_allocation(void **state)
{
    (void)state;
    IMI_AUTO(imi_policy) first = NULL;
    OK(load_text(good_policy(), &first, &g_err));
    for (long at = 1;; at++) {
        long countdown = at;
        int64_t before = imi_alloc_live_blocks();
        imi_policy *policy = NULL;
        imi_alloc_set_fail_hook(fail_once, &countdown);
        imi_status status = imi_policy_load(policy_path(), &policy, &g_err);
        imi_alloc_set_fail_hook(NULL, NULL);
        imi_policy_destroy(&policy);
        assert_int_equal(imi_alloc_live_blocks(), before);
        if (countdown > 0) {
            assert_int_equal(status, IMI_OK);
            assert_true(at > 50);
            return;
        }
        assert_int_equal(status, IMI_E_NO_MEMORY);
    }
}

int run_load_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_of_a_purpose_is_read),
        cmocka_unit_test(purposes_do_not_mix),
        cmocka_unit_test(purposes_can_be_listed),
        cmocka_unit_test(a_relying_party_is_read),
        cmocka_unit_test(the_right_to_enrol_is_given_by_true_alone),
        cmocka_unit_test(what_is_not_there_is_not_found),
        cmocka_unit_test(the_version_names_the_files_digest),
        cmocka_unit_test(the_digest_is_that_of_the_file),
        cmocka_unit_test(the_shipped_policy_is_good),
        cmocka_unit_test(a_missing_file_is_not_found),
        cmocka_unit_test(no_path_is_refused),
        cmocka_unit_test(a_folder_is_an_io_error),
        cmocka_unit_test(loading_survives_any_failed_allocation),
    };
    return cmocka_run_group_tests_name("policy: load", tests, sample_set_up, sample_tear_down);
}
