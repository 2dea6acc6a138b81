/* Android Key Attestation: what the leaf says, and who certifies it. */
#include "forge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void assert_statement_accepted(key_statement statement, float score)
{
    IMI_AUTO_BUFFER object = IMI_BUFFER_INIT;
    forge_android(&statement, &object);
    assert_accepted(IMI_ATTESTATION_ANDROID_KEY, imi_buffer_view(&object), score);
}

static void assert_statement_refused(key_statement statement, const char *code)
{
    IMI_AUTO_BUFFER object = IMI_BUFFER_INIT;
    forge_android(&statement, &object);
    assert_refused(IMI_ATTESTATION_ANDROID_KEY, imi_buffer_view(&object), code);
}

/* ---- What the leaf says ---- */

static void a_key_in_the_trusted_environment_is_accepted(void **state)
{
    (void)state;
    assert_statement_accepted(forge_good_statement(), 1);
}

static void a_key_in_strong_box_scores_higher(void **state)
{
    (void)state;
    key_statement statement = forge_good_statement();
    statement.attestation_level = statement.key_level = 2;
    assert_statement_accepted(statement, 2);
}

static void the_first_version_without_a_boot_hash_is_accepted(void **state)
{
    (void)state;
    key_statement statement = forge_good_statement();
    statement.version = 1;
    assert_statement_accepted(statement, 1);
}

static void an_attestation_made_by_software_is_refused(void **state)
{
    (void)state;
    key_statement statement = forge_good_statement();
    statement.attestation_level = 0;
    assert_statement_refused(statement, "attestation_software");
}

static void a_key_kept_by_software_is_refused(void **state)
{
    (void)state;
    key_statement statement = forge_good_statement();
    statement.key_level = 0;
    assert_statement_refused(statement, "attestation_software");
}

static void a_security_level_that_does_not_exist_is_refused(void **state)
{
    (void)state;
    key_statement statement = forge_good_statement();
    statement.attestation_level = statement.key_level = 3;
    assert_statement_refused(statement, "attestation_software");
}

static void the_challenge_of_another_session_is_refused(void **state)
{
    (void)state;
    uint8_t other[IMI_ATTEST_CHALLENGE_SIZE];
    imi_view spki = {g_forge.spki, sizeof g_forge.spki};
    assert_int_equal(imi_attest_challenge("ses_B", spki, other, NULL), IMI_OK);
    key_statement statement = forge_good_statement();
    statement.challenge = (imi_view){other, sizeof other};
    assert_statement_refused(statement, "attestation_challenge");
}

static void a_challenge_cut_short_is_refused(void **state)
{
    (void)state;
    key_statement statement = forge_good_statement();
    statement.challenge.size--;
    assert_statement_refused(statement, "attestation_challenge");
    statement.challenge.size = 0;
    assert_statement_refused(statement, "attestation_challenge");
}

static void an_imported_key_is_refused(void **state)
{
    (void)state;
    key_statement statement = forge_good_statement();
    statement.origin = 2;
    assert_statement_refused(statement, "attestation_key");
}

static void a_key_of_unknown_origin_is_refused(void **state)
{
    (void)state;
    key_statement statement = forge_good_statement();
    statement.has_origin = false;
    assert_statement_refused(statement, "attestation_key");
}

static void an_unlocked_boot_loader_is_refused(void **state)
{
    (void)state;
    key_statement statement = forge_good_statement();
    statement.locked = false;
    assert_statement_refused(statement, "attestation_boot");
}

static void a_system_that_was_not_verified_is_refused(void **state)
{
    (void)state;
    for (uint32_t boot_state = 1; boot_state <= 4; boot_state++) {
        key_statement statement = forge_good_statement();
        statement.boot_state = boot_state;
        assert_statement_refused(statement, "attestation_boot");
    }
}

static void a_boot_state_that_is_missing_or_from_software_is_refused(void **state)
{
    (void)state;
    key_statement statement = forge_good_statement();
    statement.boot_in_software = true;
    assert_statement_refused(statement, "attestation_boot");
    statement.has_boot = false;
    assert_statement_refused(statement, "attestation_boot");
}

static void another_app_is_refused(void **state)
{
    (void)state;
    key_statement statement = forge_good_statement();
    statement.packages[0] = "org.example.evil";
    assert_statement_refused(statement, "attestation_app");
    statement.packages[0] = TEST_PACKAGE "2";
    assert_statement_refused(statement, "attestation_app");
    statement.packages[0] = "";
    assert_statement_refused(statement, "attestation_app");
}

static void an_unknown_package_beside_the_app_is_refused(void **state)
{
    (void)state;
    key_statement statement = forge_good_statement();
    statement.packages[1] = "org.example.evil";
    assert_statement_refused(statement, "attestation_app");
    statement.packages[1] = "org.example.other";
    assert_statement_accepted(statement, 1);
}

static void an_app_signed_by_somebody_else_is_refused(void **state)
{
    (void)state;
    key_statement statement = forge_good_statement();
    statement.signers[0] = 0xA6;
    assert_statement_refused(statement, "attestation_app");
    statement.signers[0] = 0xA5;
    statement.signers[1] = 0xA6;
    assert_statement_refused(statement, "attestation_app");
    statement.signers[0] = statement.signers[1] = 0;
    assert_statement_refused(statement, "attestation_app");
}

static void a_key_without_an_app_is_refused(void **state)
{
    (void)state;
    key_statement statement = forge_good_statement();
    statement.packages[0] = NULL;
    assert_statement_refused(statement, "attestation_app");
    statement.has_application = false;
    assert_statement_refused(statement, "attestation_app");
}

static void a_key_that_every_app_may_use_is_refused(void **state)
{
    (void)state;
    key_statement statement = forge_good_statement();
    statement.all_applications = true;
    assert_statement_refused(statement, "attestation_app");
}

static void an_app_named_in_the_wrong_list_is_refused(void **state)
{
    (void)state;
    key_statement statement = forge_good_statement();
    statement.application_in_hardware = true;
    assert_statement_refused(statement, "attestation_app");
}

static void a_field_given_twice_is_refused(void **state)
{
    (void)state;
    key_statement statement = forge_good_statement();
    statement.repeats_origin = true;
    assert_statement_refused(statement, "attestation_format");
}

static void bytes_behind_the_statement_are_refused(void **state)
{
    (void)state;
    key_statement statement = forge_good_statement();
    statement.trailing_byte = true;
    assert_statement_refused(statement, "attestation_format");
}

static void version_0_is_refused(void **state)
{
    (void)state;
    key_statement statement = forge_good_statement();
    statement.version = 0;
    assert_statement_refused(statement, "attestation_format");
}

/* ---- Who certifies it ---- */

/* A leaf with the good statement, by a plan that the caller may change. */
static imi_buffer g_description;

static int set_up(void **state)
{
    forge_set_up(state);
    key_statement statement = forge_good_statement();
    forge_key_description(&statement, &g_description);
    return 0;
}

static int tear_down(void **state)
{
    imi_buffer_clean_up(&g_description);
    return forge_tear_down(state);
}

static certificate_plan good_leaf(void)
{
    return forge_android_leaf(imi_buffer_view(&g_description));
}

static certificate_plan good_intermediate(void)
{
    return (certificate_plan){.subject = "intermediate",
                              .issuer = g_forge.root,
                              .issuer_key = g_forge.root_key,
                              .key = g_forge.intermediate_key,
                              .is_authority = true,
                              .serial = 4};
}

static void append_plan(const certificate_plan *plan, imi_buffer *out)
{
    X509 *made = forge_certificate(plan);
    forge_append(made, out);
    X509_free(made);
}

static imi_finding verify_two(const certificate_plan *leaf, const certificate_plan *intermediate)
{
    IMI_AUTO_BUFFER object = IMI_BUFFER_INIT;
    append_plan(leaf, &object);
    append_plan(intermediate, &object);
    return forge_verify(IMI_ATTESTATION_ANDROID_KEY, imi_buffer_view(&object));
}

static void assert_two_refused(certificate_plan leaf, certificate_plan intermediate,
                               const char *code)
{
    imi_finding finding = verify_two(&leaf, &intermediate);
    assert_true(finding.veto);
    assert_string_equal(finding.code, code);
}

static void a_chain_without_its_root_is_accepted(void **state)
{
    (void)state;
    certificate_plan leaf = good_leaf(), intermediate = good_intermediate();
    imi_finding finding = verify_two(&leaf, &intermediate);
    assert_false(finding.veto);
    assert_true(finding.score == 1.0f);
}

static void the_attested_key_must_be_the_device_key(void **state)
{
    (void)state;
    certificate_plan leaf = good_leaf();
    leaf.key = g_forge.other_key;
    assert_two_refused(leaf, good_intermediate(), "attestation_key");
}

static void an_expired_leaf_is_refused(void **state)
{
    (void)state;
    certificate_plan leaf = good_leaf();
    leaf.not_after_s = TEST_NOW_S - 1;
    assert_two_refused(leaf, good_intermediate(), "attestation_chain");
}

static void a_leaf_of_the_future_is_refused(void **state)
{
    (void)state;
    certificate_plan leaf = good_leaf();
    leaf.not_before_s = TEST_NOW_S + 1;
    assert_two_refused(leaf, good_intermediate(), "attestation_chain");
}

static void an_expired_intermediate_is_refused(void **state)
{
    (void)state;
    certificate_plan intermediate = good_intermediate();
    intermediate.not_after_s = TEST_NOW_S - 1;
    assert_two_refused(good_leaf(), intermediate, "attestation_chain");
}

static void an_intermediate_that_is_no_authority_is_refused(void **state)
{
    (void)state;
    certificate_plan intermediate = good_intermediate();
    intermediate.is_authority = false;
    assert_two_refused(good_leaf(), intermediate, "attestation_chain");
}

static void a_chain_to_another_root_of_the_same_name_is_refused(void **state)
{
    (void)state;
    certificate_plan intermediate = good_intermediate();
    intermediate.issuer_key = g_forge.other_key;
    assert_two_refused(good_leaf(), intermediate, "attestation_chain");
}

static void a_leaf_signed_by_another_key_is_refused(void **state)
{
    (void)state;
    certificate_plan leaf = good_leaf();
    leaf.issuer_key = g_forge.other_key;
    assert_two_refused(leaf, good_intermediate(), "attestation_chain");
}

static void a_leaf_without_a_statement_is_refused(void **state)
{
    (void)state;
    certificate_plan leaf = good_leaf();
    leaf.extension_oid = NULL;
    assert_two_refused(leaf, good_intermediate(), "attestation_format");
}

static void a_leaf_with_two_statements_is_refused(void **state)
{
    (void)state;
    certificate_plan leaf = good_leaf();
    leaf.extension_twice = true;
    certificate_plan intermediate = good_intermediate();
    assert_true(verify_two(&leaf, &intermediate).veto);
}

/* A key that hardware attests may sign what it likes; its signature certifies nothing. */
static void a_statement_in_an_intermediate_is_refused(void **state)
{
    (void)state;
    certificate_plan intermediate = good_intermediate();
    intermediate.extension_oid = good_leaf().extension_oid;
    intermediate.extension = imi_buffer_view(&g_description);
    assert_two_refused(good_leaf(), intermediate, "attestation_chain");
}

static void an_attested_key_cannot_attest_another(void **state)
{
    (void)state;
    certificate_plan attested = good_leaf();
    attested.key = g_forge.other_key;
    X509 *as_issuer = forge_certificate(&attested);
    certificate_plan leaf = good_leaf();
    leaf.issuer = as_issuer;
    leaf.issuer_key = g_forge.other_key;
    IMI_AUTO_BUFFER object = IMI_BUFFER_INIT;
    append_plan(&leaf, &object);
    forge_append(as_issuer, &object);
    forge_append(g_forge.intermediate, &object);
    assert_refused(IMI_ATTESTATION_ANDROID_KEY, imi_buffer_view(&object), "attestation_chain");
    X509_free(as_issuer);
}

static void a_path_longer_than_allowed_is_refused(void **state)
{
    (void)state;
    /* Both intermediates say that no authority may follow. */
    certificate_plan second = good_intermediate();
    second.subject = "second";
    second.issuer = g_forge.intermediate;
    second.issuer_key = g_forge.intermediate_key;
    second.key = g_forge.other_key;
    X509 *second_made = forge_certificate(&second);
    certificate_plan leaf = good_leaf();
    leaf.issuer = second_made;
    leaf.issuer_key = g_forge.other_key;
    IMI_AUTO_BUFFER object = IMI_BUFFER_INIT;
    append_plan(&leaf, &object);
    forge_append(second_made, &object);
    forge_append(g_forge.intermediate, &object);
    assert_refused(IMI_ATTESTATION_ANDROID_KEY, imi_buffer_view(&object), "attestation_chain");
    X509_free(second_made);
}

static void certificates_out_of_order_are_refused(void **state)
{
    (void)state;
    certificate_plan leaf = good_leaf();
    IMI_AUTO_BUFFER object = IMI_BUFFER_INIT;
    append_plan(&leaf, &object);
    forge_append(g_forge.root, &object);
    forge_append(g_forge.intermediate, &object);
    assert_refused(IMI_ATTESTATION_ANDROID_KEY, imi_buffer_view(&object), "attestation_chain");
}

static void a_certificate_left_over_is_refused(void **state)
{
    (void)state;
    certificate_plan leaf = good_leaf();
    IMI_AUTO_BUFFER object = IMI_BUFFER_INIT;
    append_plan(&leaf, &object);
    forge_append(g_forge.intermediate, &object);
    forge_append(g_forge.root, &object);
    forge_append(g_forge.root, &object);
    assert_refused(IMI_ATTESTATION_ANDROID_KEY, imi_buffer_view(&object), "attestation_chain");
}

static void more_certificates_than_a_chain_has_are_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER object = IMI_BUFFER_INIT;
    for (int i = 0; i < 9; i++) {
        forge_append(g_forge.intermediate, &object);
    }
    assert_refused(IMI_ATTESTATION_ANDROID_KEY, imi_buffer_view(&object), "attestation_format");
}

/* The root by itself is trusted, but it attests nothing. */
static void a_root_alone_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER object = IMI_BUFFER_INIT;
    forge_append(g_forge.root, &object);
    assert_refused(IMI_ATTESTATION_ANDROID_KEY, imi_buffer_view(&object), "attestation_format");
}

static void finish_with_root(const certificate_plan *root, imi_buffer *object)
{
    certificate_plan leaf = good_leaf(), intermediate = good_intermediate();
    append_plan(&leaf, object);
    append_plan(&intermediate, object);
    append_plan(root, object);
}

static certificate_plan reissued_root(void)
{
    return (certificate_plan){.subject = "root",
                              .issuer_key = g_forge.root_key,
                              .key = g_forge.root_key,
                              .is_authority = true,
                              .path_length = -1,
                              .serial = 77};
}

static void a_root_reissued_with_the_same_key_may_be_sent(void **state)
{
    (void)state;
    certificate_plan root = reissued_root();
    IMI_AUTO_BUFFER object = IMI_BUFFER_INIT;
    finish_with_root(&root, &object);
    assert_accepted(IMI_ATTESTATION_ANDROID_KEY, imi_buffer_view(&object), 1);
}

static void a_root_of_the_same_name_with_another_key_is_refused(void **state)
{
    (void)state;
    certificate_plan root = reissued_root();
    root.key = root.issuer_key = g_forge.other_key;
    IMI_AUTO_BUFFER object = IMI_BUFFER_INIT;
    finish_with_root(&root, &object);
    assert_refused(IMI_ATTESTATION_ANDROID_KEY, imi_buffer_view(&object), "attestation_chain");
}

static void a_reissued_root_that_it_did_not_sign_is_refused(void **state)
{
    (void)state;
    certificate_plan root = reissued_root();
    root.issuer_key = g_forge.other_key;
    IMI_AUTO_BUFFER object = IMI_BUFFER_INIT;
    finish_with_root(&root, &object);
    assert_refused(IMI_ATTESTATION_ANDROID_KEY, imi_buffer_view(&object), "attestation_chain");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_in_the_trusted_environment_is_accepted),
        cmocka_unit_test(a_key_in_strong_box_scores_higher),
        cmocka_unit_test(the_first_version_without_a_boot_hash_is_accepted),
        cmocka_unit_test(an_attestation_made_by_software_is_refused),
        cmocka_unit_test(a_key_kept_by_software_is_refused),
        cmocka_unit_test(a_security_level_that_does_not_exist_is_refused),
        cmocka_unit_test(the_challenge_of_another_session_is_refused),
        cmocka_unit_test(a_challenge_cut_short_is_refused),
        cmocka_unit_test(an_imported_key_is_refused),
        cmocka_unit_test(a_key_of_unknown_origin_is_refused),
        cmocka_unit_test(an_unlocked_boot_loader_is_refused),
        cmocka_unit_test(a_system_that_was_not_verified_is_refused),
        cmocka_unit_test(a_boot_state_that_is_missing_or_from_software_is_refused),
        cmocka_unit_test(another_app_is_refused),
        cmocka_unit_test(an_unknown_package_beside_the_app_is_refused),
        cmocka_unit_test(an_app_signed_by_somebody_else_is_refused),
        cmocka_unit_test(a_key_without_an_app_is_refused),
        cmocka_unit_test(a_key_that_every_app_may_use_is_refused),
        cmocka_unit_test(an_app_named_in_the_wrong_list_is_refused),
        cmocka_unit_test(a_field_given_twice_is_refused),
        cmocka_unit_test(bytes_behind_the_statement_are_refused),
        cmocka_unit_test(version_0_is_refused),
        cmocka_unit_test(a_chain_without_its_root_is_accepted),
        cmocka_unit_test(the_attested_key_must_be_the_device_key),
        cmocka_unit_test(an_expired_leaf_is_refused),
        cmocka_unit_test(a_leaf_of_the_future_is_refused),
        cmocka_unit_test(an_expired_intermediate_is_refused),
        cmocka_unit_test(an_intermediate_that_is_no_authority_is_refused),
        cmocka_unit_test(a_chain_to_another_root_of_the_same_name_is_refused),
        cmocka_unit_test(a_leaf_signed_by_another_key_is_refused),
        cmocka_unit_test(a_leaf_without_a_statement_is_refused),
        cmocka_unit_test(a_leaf_with_two_statements_is_refused),
        cmocka_unit_test(a_statement_in_an_intermediate_is_refused),
        cmocka_unit_test(an_attested_key_cannot_attest_another),
        cmocka_unit_test(a_path_longer_than_allowed_is_refused),
        cmocka_unit_test(certificates_out_of_order_are_refused),
        cmocka_unit_test(a_certificate_left_over_is_refused),
        cmocka_unit_test(more_certificates_than_a_chain_has_are_refused),
        cmocka_unit_test(a_root_alone_is_refused),
        cmocka_unit_test(a_root_reissued_with_the_same_key_may_be_sent),
        cmocka_unit_test(a_root_of_the_same_name_with_another_key_is_refused),
        cmocka_unit_test(a_reissued_root_that_it_did_not_sign_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
