/* Every allocation of ours and of jansson's fails once. */
#include "forge.h"

#include "imi/keyring.h"
#include "imi/memory.h"
#include "imi/status_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static imi_error g_err;

#define OK(call) assert_ok((call), &g_err)

static bool fail_once(void *user, size_t size)
{
    (void)size;
    long *countdown = user;
    return --*countdown == 0;
}

/* Every claim that a token need not have. */
static imi_token_claims full_claims(void)
{
    imi_token_claims claims = good_claims();
    memset(claims.confirmation, 'x', 43);
    imi_copy_text(claims.status_uri, sizeof claims.status_uri, "u");
    claims.verification = (imi_verification){
        .trust_framework = "f",
        .assurance_level = "a",
        .process = "p",
        .verified_at_s = 1,
        .evidence_count = 1,
        .evidence = {{IMI_TOKEN_EVIDENCE_FACE, 1}},
        .claim_count = 1,
        .claims = {{"c", IMI_VERIFIED_TEXT, "t"}},
    };
    return claims;
}

typedef imi_status (*operation)(void);

/* How many allocations there were. */
static long sweep(operation function)
{
    for (long at = 1;; at++) {
        long countdown = at;
        int64_t before = imi_alloc_live_blocks();
        imi_alloc_set_fail_hook(fail_once, &countdown);
        imi_status status = function();
        imi_alloc_set_fail_hook(NULL, NULL);
        assert_int_equal(imi_alloc_live_blocks(), before);
        if (countdown > 0) {
            assert_int_equal(status, IMI_OK);
            return at - 1;
        }
        if (status != IMI_E_NO_MEMORY) {
            fail_msg("allocation %ld: %s", at, imi_status_name(status));
        }
    }
}

static imi_status issue_one(void)
{
    imi_token_claims claims = full_claims();
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    return imi_token_issue(g_signer, &claims, &token, NULL);
}

static imi_buffer g_token = IMI_BUFFER_INIT;

static imi_status verify_one(void)
{
    return verify(imi_buffer_view(&g_token));
}

static imi_status sign_list(void)
{
    static const uint8_t packed[8];
    imi_status_list_terms terms = {"u", TEST_NOW_S, TEST_NOW_S + 1, 1};
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    return imi_status_list_sign(g_signer, &terms, (imi_view){packed, sizeof packed}, &token, NULL);
}

static imi_status open_list(void)
{
    IMI_AUTO(imi_key_set) keys = NULL;
    IMI_TRY(imi_key_set_parse(imi_buffer_view(&g_jwks), &keys, NULL));
    imi_status_list_expectation expectation = {"ES256", "u", TEST_NOW_S, 0};
    IMI_AUTO(imi_status_list) list = NULL;
    imi_status status =
        imi_status_list_open(imi_buffer_view(&g_token), keys, &expectation, &list, NULL);
    assert_true((list != NULL) == (status == IMI_OK));
    return status;
}

static char g_ring_folder[300];

static imi_status use_ring(void)
{
    static const char *const algorithms[] = {"ES256"};
    imi_keyring_options options = {
        .folder = g_ring_folder, .algorithms = algorithms, .algorithm_count = 1};
    IMI_AUTO(imi_keyring) ring = NULL;
    IMI_AUTO_BUFFER jwks = IMI_BUFFER_INIT;
    imi_signer *signer = NULL;
    imi_status status = imi_keyring_open(&options, TEST_NOW_S, &ring, NULL);
    assert_true((ring != NULL) == (status == IMI_OK));
    IMI_TRY(status);
    IMI_TRY(imi_keyring_signer(ring, "ES256", TEST_NOW_S, &signer, NULL));
    return imi_keyring_jwks(ring, TEST_NOW_S, &jwks, NULL);
}

static imi_status render_keys(void)
{
    IMI_AUTO_BUFFER set = IMI_BUFFER_INIT;
    return imi_jwks_render(&g_signer, 1, &set, NULL);
}

static imi_status load_signer(void)
{
    IMI_AUTO(imi_signer) signer = NULL;
    imi_status status = imi_signer_file_new(in_folder("key.pem"), &signer, NULL);
    assert_true((signer != NULL) == (status == IMI_OK));
    return status;
}

static imi_status make_subject(void)
{
    static const uint8_t secret[IMI_SECRET_SIZE] = {1};
    char subject[IMI_PAIRWISE_SIZE];
    return imi_token_pairwise_subject(secret, "a", "s", subject, NULL);
}

static void issuing_survives_any_failed_allocation(void **state)
{
    (void)state;
    assert_true(sweep(issue_one) > 20);
}

static void verifying_survives_any_failed_allocation(void **state)
{
    (void)state;
    imi_token_claims claims = full_claims();
    OK(imi_token_issue(g_signer, &claims, &g_token, &g_err));
    assert_true(sweep(verify_one) > 20);
    imi_buffer_clean_up(&g_token);
}

static void signing_a_status_list_survives_any_failed_allocation(void **state)
{
    (void)state;
    assert_true(sweep(sign_list) > 20);
}

static void reading_a_status_list_survives_any_failed_allocation(void **state)
{
    (void)state;
    static const uint8_t packed[8];
    imi_status_list_terms terms = {"u", TEST_NOW_S, TEST_NOW_S + 1, 1};
    imi_view view = {packed, sizeof packed};
    OK(imi_status_list_sign(g_signer, &terms, view, &g_token, &g_err));
    assert_true(sweep(open_list) > 20);
    imi_buffer_clean_up(&g_token);
}

static void a_keyring_survives_any_failed_allocation(void **state)
{
    (void)state;
    char command[400];
    snprintf(g_ring_folder, sizeof g_ring_folder, "%s/ring", g_folder);
    OK(use_ring());
    assert_true(sweep(use_ring) > 20);
    snprintf(command, sizeof command, "rm -r '%s'", g_ring_folder);
    assert_int_equal(system(command), 0);
}

static void rendering_keys_survives_any_failed_allocation(void **state)
{
    (void)state;
    assert_true(sweep(render_keys) > 5);
}

static void loading_a_key_survives_any_failed_allocation(void **state)
{
    (void)state;
    assert_true(sweep(load_signer) > 3);
}

static void making_a_subject_survives_any_failed_allocation(void **state)
{
    (void)state;
    assert_true(sweep(make_subject) > 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(issuing_survives_any_failed_allocation),
        cmocka_unit_test(verifying_survives_any_failed_allocation),
        cmocka_unit_test(signing_a_status_list_survives_any_failed_allocation),
        cmocka_unit_test(reading_a_status_list_survives_any_failed_allocation),
        cmocka_unit_test(a_keyring_survives_any_failed_allocation),
        cmocka_unit_test(rendering_keys_survives_any_failed_allocation),
        cmocka_unit_test(loading_a_key_survives_any_failed_allocation),
        cmocka_unit_test(making_a_subject_survives_any_failed_allocation),
    };
    return cmocka_run_group_tests_name("token: no memory", tests, forge_set_up, forge_tear_down);
}
