/* The configuration, what is not configured, the challenge, and certificates called back. */
#include "forge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const char *const packages[] = {TEST_PACKAGE};
static const char *const signers[] = {TEST_SIGNER};
static const char *const app_ids[] = {TEST_APP_ID};

static imi_attest_options good_options(void)
{
    static char roots[128];
    imi_copy_text(roots, sizeof roots, forge_path("roots.pem"));
    return (imi_attest_options){
        .android_roots_pem = roots,
        .apple_roots_pem = roots,
        .android_packages = packages,
        .android_package_count = 1,
        .android_signers = signers,
        .android_signer_count = 1,
        .apple_app_ids = app_ids,
        .apple_app_id_count = 1,
    };
}

static void write_text(const char *name, const char *text)
{
    assert_int_equal(imi_file_write(forge_path(name), imi_view_of_text(text), 0600, NULL), IMI_OK);
}

static void assert_options(imi_attest_options options, imi_status wanted)
{
    imi_attest_roots *roots = (imi_attest_roots *)1;
    imi_error err = IMI_ERROR_INIT;
    assert_int_equal(imi_attest_roots_new(&options, &roots, &err), wanted);
    assert_null(roots);
    assert_true(err.message[0] != '\0');
}

/* ---- Options ---- */

static void a_missing_file_of_roots_is_named(void **state)
{
    (void)state;
    imi_attest_options options = good_options();
    options.android_roots_pem = "/nonexistent/roots.pem";
    imi_attest_roots *roots = NULL;
    imi_error err = IMI_ERROR_INIT;
    assert_int_equal(imi_attest_roots_new(&options, &roots, &err), IMI_E_NOT_FOUND);
    assert_non_null(strstr(err.message, "/nonexistent/roots.pem"));
}

static void a_file_without_certificates_is_refused(void **state)
{
    (void)state;
    write_text("other.pem", "no certificate\n");
    imi_attest_options options = good_options();
    options.apple_roots_pem = forge_path("other.pem");
    assert_options(options, IMI_E_INVALID_ARGUMENT);
}

static void a_damaged_certificate_behind_a_good_one_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER pem = IMI_BUFFER_INIT;
    assert_int_equal(imi_file_read(forge_path("roots.pem"), 1 << 16, &pem, NULL), IMI_OK);
    assert_int_equal(
        imi_buffer_append_text(
            &pem, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", NULL),
        IMI_OK);
    assert_int_equal(imi_file_write(forge_path("other.pem"), imi_buffer_view(&pem), 0600, NULL),
                     IMI_OK);
    imi_attest_options options = good_options();
    options.apple_roots_pem = forge_path("other.pem");
    assert_options(options, IMI_E_INVALID_ARGUMENT);
}

static void roots_without_apps_are_refused(void **state)
{
    (void)state;
    imi_attest_options options = good_options();
    options.android_package_count = 0;
    assert_options(options, IMI_E_INVALID_ARGUMENT);
    options = good_options();
    options.android_signer_count = 0;
    assert_options(options, IMI_E_INVALID_ARGUMENT);
    options = good_options();
    options.apple_app_id_count = 0;
    assert_options(options, IMI_E_INVALID_ARGUMENT);
}

static void apps_without_roots_are_refused(void **state)
{
    (void)state;
    imi_attest_options options = good_options();
    options.android_roots_pem = NULL;
    assert_options(options, IMI_E_INVALID_ARGUMENT);
    options = good_options();
    options.apple_roots_pem = NULL;
    assert_options(options, IMI_E_INVALID_ARGUMENT);
}

static void a_signer_that_is_no_digest_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "a5", TEST_SIGNER "00",
                                        "zza5a5a5a5a5a5a5a5a5a5a5a5a5a5a5"
                                        "a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        imi_attest_options options = good_options();
        options.android_signers = &wrong[i];
        assert_options(options, IMI_E_INVALID_ARGUMENT);
    }
}

static void an_app_id_without_a_team_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"app", ""};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        imi_attest_options options = good_options();
        options.apple_app_ids = &wrong[i];
        assert_options(options, IMI_E_INVALID_ARGUMENT);
    }
}

/* Each allocation of ours fails in turn: an error, and nothing is left behind. */
static bool fail_nth(void *user, size_t size)
{
    (void)size;
    int *left = user;
    return (*left)-- == 0;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    imi_attest_options options = good_options();
    write_text("revoked.json", "{\"entries\": {\"1\": {}, \"2\": {}}}");
    char path[128];
    imi_copy_text(path, sizeof path, forge_path("revoked.json"));
    options.android_revoked_json = path;
    int64_t before = imi_alloc_live_blocks();
    imi_status status = IMI_E_NO_MEMORY;
    int failures = 0;
    for (int nth = 0; status != IMI_OK && nth < 100; nth++) {
        int left = nth;
        imi_attest_roots *roots = NULL;
        imi_alloc_set_fail_hook(fail_nth, &left);
        status = imi_attest_roots_new(&options, &roots, NULL);
        imi_alloc_set_fail_hook(NULL, NULL);
        failures += status == IMI_E_NO_MEMORY;
        imi_attest_roots_destroy(&roots);
        assert_int_equal(imi_alloc_live_blocks(), before);
    }
    assert_int_equal(status, IMI_OK);
    assert_true(failures >= 5);
}

/* ---- Not configured ---- */

static imi_status verify_with(const imi_attest_roots *roots, imi_attestation_kind kind,
                              imi_view object, imi_finding *out)
{
    imi_attestation attestation = {
        .kind = kind,
        .object = object,
        .device_key_spki = {g_forge.spki, sizeof g_forge.spki},
        .challenge = {g_forge.challenge, sizeof g_forge.challenge},
        .now_s = TEST_NOW_S,
    };
    imi_findings findings = {0};
    imi_status status = imi_attest_verify(roots, &attestation, &findings, NULL);
    *out = findings.layer[IMI_LAYER_ATTESTATION];
    return status;
}

static void without_roots_nothing_is_measured(void **state)
{
    (void)state;
    imi_finding finding;
    imi_view object = imi_view_of_text("whatever");
    assert_int_equal(verify_with(NULL, IMI_ATTESTATION_ANDROID_KEY, object, &finding), IMI_OK);
    assert_false(finding.measured);
    assert_false(finding.veto);
    assert_string_equal(finding.code, "attestation_not_configured");
}

static void the_roots_of_one_platform_do_not_vouch_for_the_other(void **state)
{
    (void)state;
    imi_attest_options options = {.apple_roots_pem = good_options().apple_roots_pem,
                                  .apple_app_ids = app_ids,
                                  .apple_app_id_count = 1};
    IMI_AUTO(imi_attest_roots) roots = NULL;
    assert_int_equal(imi_attest_roots_new(&options, &roots, NULL), IMI_OK);
    key_statement statement = forge_good_statement();
    IMI_AUTO_BUFFER object = IMI_BUFFER_INIT;
    forge_android(&statement, &object);
    imi_finding finding;
    imi_view view = imi_buffer_view(&object);
    assert_int_equal(verify_with(roots, IMI_ATTESTATION_ANDROID_KEY, view, &finding), IMI_OK);
    assert_false(finding.measured);
}

static void no_attestation_is_not_measured(void **state)
{
    (void)state;
    imi_finding finding;
    imi_view nothing = {NULL, 0};
    assert_int_equal(verify_with(g_forge.roots, IMI_ATTESTATION_NONE, nothing, &finding), IMI_OK);
    assert_false(finding.measured);
    assert_false(finding.veto);
    assert_null(finding.code);
}

static void a_kind_that_does_not_exist_is_refused(void **state)
{
    (void)state;
    imi_finding finding;
    imi_view object = imi_view_of_text("whatever");
    assert_int_equal(verify_with(g_forge.roots, (imi_attestation_kind)7, object, &finding), IMI_OK);
    assert_true(finding.veto);
    assert_string_equal(finding.code, "attestation_format");
}

static void an_attestation_without_a_challenge_is_an_error_and_a_veto(void **state)
{
    (void)state;
    imi_attestation attestation = {.kind = IMI_ATTESTATION_ANDROID_KEY,
                                   .device_key_spki = {g_forge.spki, sizeof g_forge.spki}};
    imi_findings findings = {0};
    assert_int_equal(imi_attest_verify(g_forge.roots, &attestation, &findings, NULL),
                     IMI_E_INVALID_ARGUMENT);
    assert_true(findings.layer[IMI_LAYER_ATTESTATION].veto);
}

static void only_the_layer_of_attestation_is_touched(void **state)
{
    (void)state;
    imi_findings findings, before;
    memset(&findings, 0x5A, sizeof findings);
    before = findings;
    imi_attestation attestation = {.kind = IMI_ATTESTATION_NONE,
                                   .device_key_spki = {g_forge.spki, sizeof g_forge.spki},
                                   .challenge = {g_forge.challenge, sizeof g_forge.challenge}};
    assert_int_equal(imi_attest_verify(g_forge.roots, &attestation, &findings, NULL), IMI_OK);
    for (int layer = 0; layer < IMI_LAYER_COUNT; layer++) {
        if (layer != IMI_LAYER_ATTESTATION) {
            assert_memory_equal(&findings.layer[layer], &before.layer[layer],
                                sizeof findings.layer[layer]);
        }
    }
}

/* ---- The challenge ---- */

static void the_challenge_depends_on_the_session_and_on_the_key(void **state)
{
    (void)state;
    uint8_t spki[91], one[IMI_ATTEST_CHALLENGE_SIZE], other[IMI_ATTEST_CHALLENGE_SIZE];
    imi_copy(spki, g_forge.spki, sizeof spki);
    imi_view key = {spki, sizeof spki};
    assert_int_equal(imi_attest_challenge("ses_A", key, one, NULL), IMI_OK);
    assert_int_equal(imi_attest_challenge("ses_B", key, other, NULL), IMI_OK);
    assert_memory_not_equal(one, other, sizeof one);
    spki[90] ^= 1;
    assert_int_equal(imi_attest_challenge("ses_A", key, other, NULL), IMI_OK);
    assert_memory_not_equal(one, other, sizeof one);
}

/* What an app computes: printf 'imi-attest-v1ses_Akey' | sha256sum. */
static void the_challenge_is_the_digest_that_is_documented(void **state)
{
    (void)state;
    uint8_t challenge[IMI_ATTEST_CHALLENGE_SIZE];
    char hex[2 * IMI_ATTEST_CHALLENGE_SIZE + 1];
    assert_int_equal(imi_attest_challenge("ses_A", imi_view_of_text("key"), challenge, NULL),
                     IMI_OK);
    imi_hex_encode((imi_view){challenge, sizeof challenge}, hex);
    assert_string_equal(hex, "56e4a9b13dc531f15deef44d7baa43905ba701e411bc6de597f7ca5c254cde2c");
}

/* printf 'imi-attest-v1ses_A' | sha256sum */
static void the_challenge_of_android_is_without_a_key(void **state)
{
    (void)state;
    uint8_t challenge[IMI_ATTEST_CHALLENGE_SIZE];
    char hex[2 * IMI_ATTEST_CHALLENGE_SIZE + 1];
    assert_int_equal(imi_attest_challenge("ses_A", (imi_view){0}, challenge, NULL), IMI_OK);
    imi_hex_encode((imi_view){challenge, sizeof challenge}, hex);
    assert_string_equal(hex, "0e7506f58c00be06b633e719f3b1e98de5bad5eb98c36768379f1675d6274308");
}

static void a_challenge_of_nothing_is_refused(void **state)
{
    (void)state;
    uint8_t challenge[IMI_ATTEST_CHALLENGE_SIZE], zeros[IMI_ATTEST_CHALLENGE_SIZE] = {0};
    imi_view spki = {g_forge.spki, sizeof g_forge.spki};
    assert_int_equal(imi_attest_challenge(NULL, spki, challenge, NULL), IMI_E_INVALID_ARGUMENT);
    assert_memory_equal(challenge, zeros, sizeof zeros);
    assert_int_equal(imi_attest_challenge("", spki, challenge, NULL), IMI_E_INVALID_ARGUMENT);
}

/* ---- Called back ---- */

static imi_finding verify_revoked(const char *status_list)
{
    write_text("revoked.json", status_list);
    imi_attest_options options = good_options();
    options.android_revoked_json = forge_path("revoked.json");
    IMI_AUTO(imi_attest_roots) roots = NULL;
    assert_int_equal(imi_attest_roots_new(&options, &roots, NULL), IMI_OK);
    key_statement statement = forge_good_statement();
    IMI_AUTO_BUFFER object = IMI_BUFFER_INIT;
    forge_android(&statement, &object);
    imi_finding finding;
    imi_view view = imi_buffer_view(&object);
    assert_int_equal(verify_with(roots, IMI_ATTESTATION_ANDROID_KEY, view, &finding), IMI_OK);
    return finding;
}

/* The forge's intermediate has the serial number 0xBEEF. */
static void a_chain_through_a_revoked_certificate_is_refused(void **state)
{
    (void)state;
    static const char *const lists[] = {
        "{\"entries\": {\"1234\": {}, \"beef\": {\"status\": \"REVOKED\"}, \"ffff\": {}}}",
        "{\"entries\": {\"00BEEF\": {\"status\": \"SUSPENDED\"}}}",
    };
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        imi_finding finding = verify_revoked(lists[i]);
        assert_true(finding.veto);
        assert_string_equal(finding.code, "attestation_revoked");
    }
}

static void a_chain_that_is_not_on_the_list_is_accepted(void **state)
{
    (void)state;
    assert_false(verify_revoked("{\"entries\": {\"beef0\": {}, \"bee\": {}}}").veto);
    assert_false(verify_revoked("{\"entries\": {}}").veto);
}

static void a_status_list_that_is_none_is_refused(void **state)
{
    (void)state;
    static const char *const lists[] = {"", "[]", "{\"entries\": []}",
                                        "{\"entries\": {\"xyz\": {}}}", "{\"entries\": {"};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        write_text("revoked.json", lists[i]);
        imi_attest_options options = good_options();
        options.android_revoked_json = forge_path("revoked.json");
        assert_options(options, IMI_E_INVALID_ARGUMENT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_missing_file_of_roots_is_named),
        cmocka_unit_test(a_file_without_certificates_is_refused),
        cmocka_unit_test(a_damaged_certificate_behind_a_good_one_is_refused),
        cmocka_unit_test(roots_without_apps_are_refused),
        cmocka_unit_test(apps_without_roots_are_refused),
        cmocka_unit_test(a_signer_that_is_no_digest_is_refused),
        cmocka_unit_test(an_app_id_without_a_team_is_refused),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(without_roots_nothing_is_measured),
        cmocka_unit_test(the_roots_of_one_platform_do_not_vouch_for_the_other),
        cmocka_unit_test(no_attestation_is_not_measured),
        cmocka_unit_test(a_kind_that_does_not_exist_is_refused),
        cmocka_unit_test(an_attestation_without_a_challenge_is_an_error_and_a_veto),
        cmocka_unit_test(only_the_layer_of_attestation_is_touched),
        cmocka_unit_test(the_challenge_depends_on_the_session_and_on_the_key),
        cmocka_unit_test(the_challenge_is_the_digest_that_is_documented),
        cmocka_unit_test(the_challenge_of_android_is_without_a_key),
        cmocka_unit_test(a_challenge_of_nothing_is_refused),
        cmocka_unit_test(a_chain_through_a_revoked_certificate_is_refused),
        cmocka_unit_test(a_chain_that_is_not_on_the_list_is_accepted),
        cmocka_unit_test(a_status_list_that_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, forge_set_up, forge_tear_down);
}
