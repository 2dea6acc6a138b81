/*
 * Figures of RFC 9901: the presentation of its appendix A.3, by the keys of appendix A.5, and
 * digests of section 4.2. The texts are written out as JSON here; signatures and digests hold for
 * these very bytes.
 */
#include "mint.h"

#include "imi/memory.h"
#include "judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static imi_error g_err;

#define OK(call) assert_ok((call), &g_err)

static const char issuer_jwk[] =
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"b28d4MwZMjw8-00CG4xfnn9SLMVMM19SlqZpVb_uNtQ\","
    "\"y\":\"Xv5zWwuoaTgdS6hV43yI6gBwTnjukmFQQnJ_kCxzqk8\"}";

static const char issued_header[] = "{\"alg\": \"ES256\", \"typ\": \"dc+sd-jwt\"}";
static const char issued_payload[] =
    "{\"_sd\": [\"0HZmnSIPz337kSWe7C34l--88gzJi-eBJ2Vz_HJwATg\","
    " \"1Crn03WmUeRWp4zwPvvCKXl9ZaQp-cdQV_gHdaGSWow\","
    " \"2r009dzvHuVrWrRXT5kJMmHnqEHHnWe0MLVZw8PATB8\","
    " \"6ZNISDst62ymlrOAkadjdD5ZulT5A299J78SLhM__Os\","
    " \"78jg77-GYBeX8IQfoELPyL0DYPdmfZo0JgViV0_lKCM\","
    " \"90CT8AaBPbn5X8nRXkesju1i0BqhWqZ3wqD4jF-qDGk\","
    " \"I00fcFUoDXCucp5yy2ujqPssDVGaWNiUliNz_awD0gc\","
    " \"KjAXgAA9N5WHEDtRIh4u5Mn1ZsWixhhWAiX-A4QiwgA\","
    " \"Lai6IU6d7GQagXR7AvGTrnXgSld3z8EIg_fv3fOZ1Wg\","
    " \"LezjabRqiZOXzEYmVZf8RMi9xAkd3_M1LZ8U7E4s3u4\","
    " \"RTz3qTmFNHbpWrrOMZS41F474kFqRv3vIPqth6PUhlM\","
    " \"W14XHbUffzuW4IFMjpSTb1melWxUWf4N_o2ldkkIqc8\","
    " \"WTpI7RcM3gxZruRpXzezSbkbOr93PVFvWx8woJ3j1cE\","
    " \"_ohJVIQIBsU4updNS4_w4Kb1MHqJ0L9qLGshWq6JXQs\","
    " \"y50czc0ISChy_bsba1dMoUuAOQ5AMmOSfGoEe81v1FU\"], \"iss\":"
    " \"https://pid-issuer.bund.de.example\", \"iat\": 1683000000, \"exp\": 1883000000,"
    " \"vct\": \"urn:eudi:pid:de:1\", \"_sd_alg\": \"sha-256\", \"cnf\": {\"jwk\": {\"kty\":"
    " \"EC\", \"crv\": \"P-256\", \"x\": \"TCAER19Zvu3OHF4j4W4vfSVoHIP1ILilDls7vCeGemc\","
    " \"y\": \"ZxjiWWbZMQGHVWKVQ4hbSIirsVfuecCE6t4jT9F2HZQ\"}}}";
static const char issued_signature[] =
    "ZOZQTqmq8X1mCyFXi0wbV8xjctX1AlEa5TkdnkKOyWvLfW40XDb5oj9tzkgwff5s44IDnrfAdgLtmTcojs97_Q";

static const char *const disclosures[] = {
    "[\"eK5o5pHfgupPpltj1qhAJw\", \"age_equal_or_over\", {\"_sd\":"
    " [\"1tEiyzPRYOKsf7SsYGMgPZKsOT1lQZRxHXA0r5_Bwkk\","
    " \"CVKnly5P90yJs3EwtxQiOtUczaXCYNA4IczRaohrMDg\","
    " \"a44-g2Gr8_3AmJw2XZ8kI1y0Qz_ze9iOcW2W3RLpXGg\","
    " \"gkvy0FuvBBvj0hs2ZNwxcqOlf8mu2-kCE7-Nb2QxuBU\","
    " \"hrY4HnmF5b5JwC9eTzaFCUceIQAaIdhrqUXQNCWbfZI\","
    " \"y6SFrVFRyq50IbRJviTZqqjQWz0tLiuCmMeO0KqazGI\"]}]",
    "[\"OBKlTVlvLg-AdwqYGbP8ZA\", \"18\", true]",
    "[\"lklxF5jMYlGTPUovMNIvCA\", \"nationalities\", [\"DE\"]]",
};

static const char binding_header[] = "{\"alg\": \"ES256\", \"typ\": \"kb+jwt\"}";
static const char binding_payload[] =
    "{\"nonce\": \"1234567890\", \"aud\": \"https://verifier.example.org\", \"iat\":"
    " 1748537244, \"sd_hash\": \"PjMYfM07VbJdMxLIluvRNb88JFljSX4n-G43Uc_BSRM\"}";
static const char binding_signature[] =
    "f3TeS_1BWEG78EbIJRh5wgv8nYumk7euzu6xgbgpNB4pbQQqgRPWK-vQjlhhgU1EFGZ9LFakFX_0mgul1G_3mw";

static void append_encoded(const char *text, const char *behind, imi_buffer *out)
{
    OK(imi_base64url_encode(imi_view_of_text(text), out, &g_err));
    OK(imi_buffer_append_text(out, behind, &g_err));
}

static void append_jwt(const char *header, const char *payload, const char *signature,
                       imi_buffer *out)
{
    append_encoded(header, ".", out);
    append_encoded(payload, ".", out);
    OK(imi_buffer_append_text(out, signature, &g_err));
}

/* The presentation, with as many of its disclosures. */
static void present(size_t count, imi_buffer *out)
{
    append_jwt(issued_header, issued_payload, issued_signature, out);
    OK(imi_buffer_append_text(out, "~", &g_err));
    for (size_t i = 0; i < count; i++) {
        append_encoded(disclosures[i], "~", out);
    }
    append_jwt(binding_header, binding_payload, binding_signature, out);
}

/* As imi_credential_verify, but by the one key: the JWT of the RFC has no kid. */
static imi_status check(imi_view presentation, const imi_credential_expectation *expectation,
                        imi_credential_facts *out, imi_buffer *claims_out)
{
    imi_jws_expectation form = {"ES256", IMI_CREDENTIAL_TYPE, IMI_JWS_BYTES_MAX};
    IMI_AUTO_SD_JWT sd = {0};
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_AUTO_JSON claims = NULL;
    OK(imi_sd_jwt_open(presentation, &sd, &g_err));
    OK(imi_jws_verify_by_jwk(sd.issued, imi_view_of_text(issuer_jwk), &form, &text, &g_err));
    IMI_TRY(imi_credential_judge(imi_buffer_view(&text), &sd, expectation, out, &claims, &g_err));
    return imi_json_render_exact(claims, claims_out, &g_err);
}

static imi_credential_expectation expectation_of_appendix_a3(void)
{
    return (imi_credential_expectation){
        .algorithm = "ES256",
        .issuer = "https://pid-issuer.bund.de.example",
        .type = "urn:eudi:pid:de:1",
        .now_s = 1748537250,
        .audience = "https://verifier.example.org",
        .nonce = "1234567890",
        .binding_age_max_s = 60,
    };
}

static void the_presentation_of_appendix_a3_discloses_what_the_rfc_says(void **state)
{
    (void)state;
    imi_credential_expectation expectation = expectation_of_appendix_a3();
    imi_credential_facts facts = {0};
    IMI_AUTO_BUFFER presentation = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER claims = IMI_BUFFER_INIT;
    present(3, &presentation);
    OK(check(imi_buffer_view(&presentation), &expectation, &facts, &claims));
    assert_json(&claims, "{\"age_equal_or_over\":{\"18\":true},\"nationalities\":[\"DE\"]}");
    assert_int_equal(facts.issued_at_s, 1683000000);
    assert_int_equal(facts.expires_at_s, 1883000000);
}

static void one_disclosure_less_is_not_what_was_bound(void **state)
{
    (void)state;
    imi_credential_expectation expectation = expectation_of_appendix_a3();
    imi_credential_facts facts = {0};
    IMI_AUTO_BUFFER presentation = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER claims = IMI_BUFFER_INIT;
    present(2, &presentation);
    assert_int_equal(check(imi_buffer_view(&presentation), &expectation, &facts, &claims),
                     IMI_E_CREDENTIAL_REPLAYED);
}

static void assert_digest(const char *json, const char *wanted)
{
    char digest[IMI_DIGEST_TEXT_SIZE];
    OK(imi_sd_digest(imi_view_of_text(mint_disclosure(json)), digest, &g_err));
    assert_string_equal(digest, wanted);
}

static void digests_of_section_4_2_are_those_of_the_rfc(void **state)
{
    (void)state;
    assert_digest("[\"_26bc4LT-ac6q2KI6cBW5es\", \"family_name\", \"M\xC3\xB6"
                  "bius\"]",
                  "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0");
    assert_digest("[\"lklxF5jMYlGTPUovMNIvCA\", \"FR\"]",
                  "w0I8EKcdCtUPkGCNUrfwVp2xEgNjtoIDlOxc9-PlOhs");
    assert_digest("[\"lklxF5jMYlGTPUovMNIvCA\", \"US\"]",
                  "pFndjkZ_VCzmyTa6UjlZo3dh-ko8aIKQc9DlGzhaVYo");
    assert_digest("[\"nPuoQnkRFq3BIeAm7AnXFA\", \"DE\"]",
                  "7Cf6JkPudry3lcbwHgeZ8khAv1U1OSlerP0VkBJrWZ0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_presentation_of_appendix_a3_discloses_what_the_rfc_says),
        cmocka_unit_test(one_disclosure_less_is_not_what_was_bound),
        cmocka_unit_test(digests_of_section_4_2_are_those_of_the_rfc),
    };
    return cmocka_run_group_tests_name("credential: RFC 9901", tests, NULL, NULL);
}
