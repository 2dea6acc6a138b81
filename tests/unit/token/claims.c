/* verified_claims, cnf, status and nbf: what is issued is read back, and nothing malformed. */
#include "forge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static imi_error g_err;

#define OK(call) assert_ok((call), &g_err)

#define THUMBPRINT "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"

static const imi_verification g_verification = {
    .trust_framework = "imi_example",
    .assurance_level = "substantial",
    .process = "ses_1",
    .verified_at_s = 1700000000,
    .evidence_count = 3,
    .evidence = {{IMI_TOKEN_EVIDENCE_FACE, 1699999998},
                 {IMI_TOKEN_EVIDENCE_LIVENESS, 1699999999},
                 {IMI_TOKEN_EVIDENCE_DOCUMENT, 951782400}},
    .claim_count = 3,
    .claims = {{"given_name", IMI_VERIFIED_TEXT, "J\xC3\xBCrgen"},
               {"age_over_60", IMI_VERIFIED_TRUE, ""},
               {"is_resident", IMI_VERIFIED_FALSE, ""}},
};

static imi_token_claims full_claims(void)
{
    imi_token_claims claims = good_claims();
    claims.not_before_s = TEST_NOW_S - 5;
    claims.status_index = 4000000000;
    imi_copy_text(claims.confirmation, sizeof claims.confirmation, THUMBPRINT);
    imi_copy_text(claims.status_uri, sizeof claims.status_uri, "https://imi.example/status/1");
    claims.verification = g_verification;
    return claims;
}

static const char *payload_text(const imi_token_claims *claims)
{
    static char text[4096];
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER payload = IMI_BUFFER_INIT;
    OK(imi_token_issue(g_signer, claims, &token, &g_err));
    imi_jws_parts parts;
    OK(imi_jws_split(imi_buffer_view(&token), IMI_TOKEN_BYTES_MAX, &parts, &g_err));
    OK(imi_base64url_decode(parts.payload, &payload, &g_err));
    snprintf(text, sizeof text, "%.*s", (int)payload.size, (const char *)payload.data);
    return text;
}

static void assert_holds(const char *text, const char *part)
{
    if (strstr(text, part) == NULL) {
        fail_msg("no %s in %s", part, text);
    }
}

static void every_claim_comes_back_as_it_was_issued(void **state)
{
    (void)state;
    imi_token_claims claims = full_claims(), read;
    imi_token_expectation expectation = good_expectation();
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    OK(imi_token_issue(g_signer, &claims, &token, &g_err));
    OK(imi_token_verify(imi_buffer_view(&token), imi_buffer_view(&g_jwks), &expectation, &read,
                        &g_err));
    assert_int_equal(read.not_before_s, claims.not_before_s);
    assert_int_equal(read.status_index, claims.status_index);
    assert_string_equal(read.status_uri, claims.status_uri);
    assert_string_equal(read.confirmation, THUMBPRINT);
    assert_string_equal(read.verification.trust_framework, "imi_example");
    assert_string_equal(read.verification.assurance_level, "substantial");
    assert_string_equal(read.verification.process, "ses_1");
    assert_int_equal(read.verification.verified_at_s, 1700000000);
    assert_int_equal(read.verification.evidence_count, 3);
    assert_memory_equal(read.verification.evidence, g_verification.evidence,
                        3 * sizeof g_verification.evidence[0]);
    assert_int_equal(read.verification.claim_count, 3);
    assert_memory_equal(read.verification.claims, g_verification.claims,
                        sizeof g_verification.claims);
}

static void the_claims_are_written_as_their_standards_say(void **state)
{
    (void)state;
    imi_token_claims claims = full_claims();
    const char *text = payload_text(&claims);
    assert_holds(text, "\"nbf\":1699999995");
    assert_holds(text, "\"cnf\":{\"jkt\":\"" THUMBPRINT "\"}");
    assert_holds(text, "\"status\":{\"status_list\":{\"idx\":4000000000,"
                       "\"uri\":\"https://imi.example/status/1\"}}");
    assert_holds(text, "\"verified_claims\":{\"verification\":{\"trust_framework\":"
                       "\"imi_example\",\"assurance_level\":\"substantial\","
                       "\"time\":\"2023-11-14T22:13:20Z\",\"verification_process\":\"ses_1\","
                       "\"evidence\":[{\"type\":\"electronic_record\",\"check_details\":["
                       "{\"check_method\":\"bvr\",\"time\":\"2023-11-14T22:13:18Z\"}],"
                       "\"record\":{\"type\":\"imi_enrolled_reference\"}}");
    assert_holds(text, "{\"type\":\"document\",\"check_details\":[{\"check_method\":\"vri\","
                       "\"time\":\"2000-02-29T00:00:00Z\"}],"
                       "\"document_details\":{\"type\":\"imi_checked_document\"}}");
    assert_holds(text, "\"claims\":{\"given_name\":\"J\xC3\xBCrgen\",\"age_over_60\":true,"
                       "\"is_resident\":false}");
}

static void a_token_without_the_options_has_none_of_them(void **state)
{
    (void)state;
    imi_token_claims claims = good_claims();
    const char *text = payload_text(&claims);
    static const char *const names[] = {"nbf", "cnf", "status", "verified_claims"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char member[32];
        snprintf(member, sizeof member, "\"%s\":", names[i]);
        assert_null(strstr(text, member));
    }
}

static void the_fullest_verification_fits_a_token(void **state)
{
    (void)state;
    imi_token_claims claims = full_claims();
    claims.verification.claim_count = IMI_TOKEN_VERIFIED_MAX;
    for (size_t i = 0; i < IMI_TOKEN_VERIFIED_MAX; i++) {
        imi_verified_claim *claim = &claims.verification.claims[i];
        *claim = (imi_verified_claim){.kind = IMI_VERIFIED_TEXT};
        snprintf(claim->name, sizeof claim->name, "claim_%zu", i);
        memset(claim->text, 'x', 200);
    }
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    OK(imi_token_issue(g_signer, &claims, &token, &g_err));
    OK(verify(imi_buffer_view(&token)));
}

/* --- Issuing --------------------------------------------------------------------------------- */

static void assert_not_issued(const imi_token_claims *claims)
{
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    assert_int_equal(imi_token_issue(g_signer, claims, &token, &g_err), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(token.size, 0);
}

static void a_malformed_option_is_not_issued(void **state)
{
    (void)state;
    imi_token_claims claims = full_claims();
    claims.not_before_s = claims.expires_at_s;
    assert_not_issued(&claims);
    claims = full_claims();
    claims.not_before_s = -1;
    assert_not_issued(&claims);
    claims = full_claims();
    claims.confirmation[42] = '\0';
    assert_not_issued(&claims);
    claims = full_claims();
    memset(claims.confirmation, 'x', sizeof claims.confirmation);
    assert_not_issued(&claims);
    claims = full_claims();
    memset(claims.status_uri, 'x', sizeof claims.status_uri);
    assert_not_issued(&claims);
}

static void a_verification_without_what_it_needs_is_not_issued(void **state)
{
    (void)state;
    imi_token_claims claims = full_claims();
    claims.verification.assurance_level[0] = '\0';
    assert_not_issued(&claims);
    claims = full_claims();
    claims.verification.verified_at_s = 0;
    assert_not_issued(&claims);
    claims = full_claims();
    claims.verification.evidence_count = 0;
    assert_not_issued(&claims);
    claims = full_claims();
    claims.verification.evidence_count = IMI_TOKEN_EVIDENCE_MAX + 1;
    assert_not_issued(&claims);
    claims = full_claims();
    claims.verification.evidence[1].kind = IMI_TOKEN_EVIDENCE_NONE;
    assert_not_issued(&claims);
    claims = full_claims();
    claims.verification.evidence[1].checked_at_s = -1;
    assert_not_issued(&claims);
}

static void a_malformed_verified_claim_is_not_issued(void **state)
{
    (void)state;
    imi_token_claims claims = full_claims();
    claims.verification.claim_count = IMI_TOKEN_VERIFIED_MAX + 1;
    assert_not_issued(&claims);
    claims = full_claims();
    claims.verification.claims[0].text[0] = '\0';
    assert_not_issued(&claims);
    claims = full_claims();
    claims.verification.claims[0].text[0] = '\xFF';
    assert_not_issued(&claims);
    claims = full_claims();
    claims.verification.claims[0].name[0] = '\0';
    assert_not_issued(&claims);
    claims = full_claims();
    claims.verification.claims[1] = claims.verification.claims[0];
    assert_not_issued(&claims);
    claims = full_claims();
    claims.verification.claims[1].kind = (imi_verified_kind)7;
    assert_not_issued(&claims);
}

/* --- Reading --------------------------------------------------------------------------------- */

/* A good payload with one more member. */
static const char *payload_and(const char *member)
{
    static char text[4096];
    snprintf(text, sizeof text, "\"aud\":\"" TEST_AUDIENCE "\",%s", member);
    return payload_with("\"aud\":\"" TEST_AUDIENCE "\"", text);
}

static void a_confirmation_that_cannot_be_checked_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"\"cnf\":{}",
                                      "\"cnf\":null",
                                      "\"cnf\":\"" THUMBPRINT "\"",
                                      "\"cnf\":{\"jkt\":7}",
                                      "\"cnf\":{\"jkt\":\"short\"}",
                                      "\"cnf\":{\"jkt\":\"" THUMBPRINT "x\"}",
                                      "\"cnf\":{\"kid\":\"" THUMBPRINT "\"}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_forged_refused(good_header(), payload_and(bad[i]), IMI_E_TOKEN_CLAIM);
    }
}

static void a_status_that_cannot_be_checked_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "\"status\":{}",
        "\"status\":7",
        "\"status\":{\"status_list\":{}}",
        "\"status\":{\"status_list\":{\"idx\":1}}",
        "\"status\":{\"status_list\":{\"uri\":\"u\"}}",
        "\"status\":{\"status_list\":{\"idx\":1,\"uri\":\"\"}}",
        "\"status\":{\"status_list\":{\"idx\":-1,\"uri\":\"u\"}}",
        "\"status\":{\"status_list\":{\"idx\":4294967296,\"uri\":\"u\"}}",
        "\"status\":{\"status_list\":{\"idx\":1.0,\"uri\":\"u\"}}",
        "\"status\":{\"status_list\":{\"idx\":\"1\",\"uri\":\"u\"}}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_forged_refused(good_header(), payload_and(bad[i]), IMI_E_TOKEN_CLAIM);
    }
}

static const char *verified_with(const char *how, const char *claims)
{
    static char text[2048];
    snprintf(text, sizeof text, "\"verified_claims\":{\"verification\":{%s},\"claims\":%s}", how,
             claims);
    return payload_and(text);
}

#define EVIDENCE                                                                                   \
    "\"evidence\":[{\"type\":\"electronic_record\",\"check_details\":[{\"check_method\":"          \
    "\"bvr\",\"time\":\"2023-11-14T22:13:18Z\"}],"                                                 \
    "\"record\":{\"type\":\"imi_enrolled_reference\"}}]"
#define FRAME "\"trust_framework\":\"f\",\"assurance_level\":\"a\","
#define TIME "\"time\":\"2023-11-14T22:13:20Z\","

static void the_smallest_verification_is_read(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    forge(g_signer, good_header(), verified_with(FRAME TIME EVIDENCE, "{}"), &token);
    OK(verify(imi_buffer_view(&token)));
}

static void a_malformed_verification_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        TIME EVIDENCE,
        "\"trust_framework\":\"f\"," TIME EVIDENCE,
        FRAME EVIDENCE,
        FRAME "\"time\":\"2023-02-30T22:13:20Z\"," EVIDENCE,
        FRAME "\"time\":\"2023-11-14 22:13:20\"," EVIDENCE,
        FRAME "\"time\":\" 2023-11-14T22:13:20Z\"," EVIDENCE,
        FRAME "\"time\":\"2023-11-14T22:13:20Z \"," EVIDENCE,
        FRAME "\"time\":1700000000," EVIDENCE,
        FRAME TIME "\"evidence\":[]",
        FRAME TIME "\"evidence\":{}",
        FRAME TIME "\"evidence\":[7]",
        FRAME TIME "\"evidence\":[{\"type\":\"vouch\"}]",
        FRAME TIME "\"verification_process\":7," EVIDENCE,
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_forged_refused(good_header(), verified_with(bad[i], "{}"), IMI_E_TOKEN_CLAIM);
    }
}

static void malformed_verified_claims_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"[]",           "null",          "{\"\":\"x\"}",
                                      "{\"a\":\"\"}", "{\"a\":7}",     "{\"a\":null}",
                                      "{\"a\":{}}",   "{\"a\":[\"\"]}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_forged_refused(good_header(), verified_with(FRAME TIME EVIDENCE, bad[i]),
                              IMI_E_TOKEN_CLAIM);
    }
}

static void more_verified_claims_than_fit_are_refused(void **state)
{
    (void)state;
    char claims[512] = "{\"c\":true";
    for (int i = 0; i < IMI_TOKEN_VERIFIED_MAX; i++) {
        snprintf(claims + strlen(claims), sizeof claims - strlen(claims), ",\"c%d\":true", i);
    }
    strcat(claims, "}");
    assert_forged_refused(good_header(), verified_with(FRAME TIME EVIDENCE, claims),
                          IMI_E_TOKEN_CLAIM);
}

/* A newer issuer may know of more; what it says beside must stay readable. */
static void evidence_that_we_do_not_know_counts_for_nothing(void **state)
{
    (void)state;
    static const char how[] =
        FRAME TIME "\"evidence\":[{\"type\":\"vouch\",\"check_details\":[{\"check_method\":"
                   "\"bvr\",\"time\":\"never\"}]},"
                   "{\"type\":\"document\",\"check_details\":[{\"check_method\":\"bvr\"}],"
                   "\"document_details\":{\"type\":\"imi_checked_document\"}}]";
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    forge(g_signer, good_header(), verified_with(how, "{}"), &token);
    imi_token_expectation expectation = good_expectation();
    imi_token_claims claims;
    OK(imi_token_verify(imi_buffer_view(&token), imi_buffer_view(&g_jwks), &expectation, &claims,
                        &g_err));
    assert_int_equal(claims.verification.evidence_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_claim_comes_back_as_it_was_issued),
        cmocka_unit_test(the_claims_are_written_as_their_standards_say),
        cmocka_unit_test(a_token_without_the_options_has_none_of_them),
        cmocka_unit_test(the_fullest_verification_fits_a_token),
        cmocka_unit_test(a_malformed_option_is_not_issued),
        cmocka_unit_test(a_verification_without_what_it_needs_is_not_issued),
        cmocka_unit_test(a_malformed_verified_claim_is_not_issued),
        cmocka_unit_test(a_confirmation_that_cannot_be_checked_is_refused),
        cmocka_unit_test(a_status_that_cannot_be_checked_is_refused),
        cmocka_unit_test(the_smallest_verification_is_read),
        cmocka_unit_test(a_malformed_verification_is_refused),
        cmocka_unit_test(malformed_verified_claims_are_refused),
        cmocka_unit_test(more_verified_claims_than_fit_are_refused),
        cmocka_unit_test(evidence_that_we_do_not_know_counts_for_nothing),
    };
    return cmocka_run_group_tests_name("token: claims", tests, forge_set_up, forge_tear_down);
}
