/* Figures of the standards themselves, few enough to be written down here. */
#include "forge.h"

#include "algorithm.h"
#include "imi/jws.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static imi_error g_err;

#define OK(call) assert_ok((call), &g_err)

static void assert_payload(const char *compact, const char *jwk, const char *algorithm,
                           const char *wanted)
{
    imi_jws_expectation form = {algorithm, NULL, IMI_JWS_BYTES_MAX};
    IMI_AUTO_BUFFER payload = IMI_BUFFER_INIT;
    OK(imi_jws_verify_by_jwk(imi_view_of_text(compact), imi_view_of_text(jwk), &form, &payload,
                             &g_err));
    assert_true(imi_view_equal(imi_buffer_view(&payload), imi_view_of_text(wanted)));
}

#define RFC8037_KEY                                                                                \
    "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\""

static void the_thumbprint_of_rfc_8037_is_ours(void **state)
{
    (void)state;
    char thumbprint[IMI_KEY_ID_SIZE];
    OK(imi_jwk_thumbprint(imi_view_of_text(RFC8037_KEY "}"), thumbprint, &g_err));
    assert_string_equal(thumbprint, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

static void the_signature_of_rfc_8037_verifies(void **state)
{
    (void)state;
    assert_payload("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0Jzl"
                   "nLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
                   RFC8037_KEY "}", "EdDSA", "Example of Ed25519 signing");
}

static void the_private_key_of_rfc_8037_is_no_key_to_verify_by(void **state)
{
    (void)state;
    char thumbprint[IMI_KEY_ID_SIZE];
    assert_int_equal(
        imi_jwk_thumbprint(
            imi_view_of_text(RFC8037_KEY ",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\"}"),
            thumbprint, &g_err),
        IMI_E_KEY);
}

static void the_signature_of_rfc_7515_verifies(void **state)
{
    (void)state;
    assert_payload("eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6"
                   "Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4Gawx"
                   "aepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
                   "{\"kty\":\"EC\",\"crv\":\"P-256\","
                   "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
                   "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}",
                   "ES256",
                   "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n "
                   "\"http://example.com/is_root\":true}");
}

/* --- GB/T 32918.5-2017, annex A: the message "message digest", the default user id ----------- */

static void unhex(const char *hex, uint8_t *out)
{
    for (size_t i = 0; hex[2 * i] != '\0'; i++) {
        char pair[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        out[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
}

#define SM2_X "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
#define SM2_Y "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
#define SM2_R "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
#define SM2_S "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"

static imi_status verify_sm2(const char *message, const char *signature_hex)
{
    const imi_algorithm *sm2 = imi_algorithm_named("SM2");
    imi_public_bytes point = {.size = IMI_POINT_SIZE};
    uint8_t signature[IMI_SIGNATURE_SIZE];
    unhex("04" SM2_X SM2_Y, point.data);
    unhex(signature_hex, signature);
    IMI_AUTO_PKEY key = NULL;
    OK(imi_algorithm_key_of_bytes(sm2, &point, &key, &g_err));
    IMI_AUTO_MD_CTX verifier = NULL;
    OK(imi_algorithm_prepare_to_verify(sm2, key, &verifier, &g_err));
    return imi_algorithm_verify(sm2, verifier, imi_view_of_text(message),
                                (imi_view){signature, sizeof signature}, &g_err);
}

static void the_signature_of_gbt_32918_verifies(void **state)
{
    (void)state;
    OK(verify_sm2("message digest", SM2_R SM2_S));
}

static void it_does_not_verify_for_anything_else(void **state)
{
    (void)state;
    assert_int_equal(verify_sm2("message digesu", SM2_R SM2_S), IMI_E_TOKEN_SIGNATURE);
    assert_int_equal(verify_sm2("message digest", SM2_S SM2_R), IMI_E_TOKEN_SIGNATURE);
}

/* r and s lie in 1 to n-1. */
static void an_sm2_signature_out_of_range_is_refused(void **state)
{
    (void)state;
    static const char zero[] = "0000000000000000000000000000000000000000000000000000000000000000";
    static const char order[] = "FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123";
    const char *const bad[] = {zero, order};
    for (size_t i = 0; i < 2; i++) {
        char text[129];
        snprintf(text, sizeof text, "%s%s", bad[i], SM2_S);
        assert_int_equal(verify_sm2("message digest", text), IMI_E_TOKEN_SIGNATURE);
        snprintf(text, sizeof text, "%s%s", SM2_R, bad[i]);
        assert_int_equal(verify_sm2("message digest", text), IMI_E_TOKEN_SIGNATURE);
    }
}

static void an_sm2_point_that_lies_on_p256_is_refused(void **state)
{
    (void)state;
    char thumbprint[IMI_KEY_ID_SIZE];
    assert_int_equal(imi_jwk_thumbprint(
                         imi_view_of_text("{\"kty\":\"EC\",\"crv\":\"SM2\","
                                          "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
                                          "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}"),
                         thumbprint, &g_err),
                     IMI_E_KEY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_thumbprint_of_rfc_8037_is_ours),
        cmocka_unit_test(the_signature_of_rfc_8037_verifies),
        cmocka_unit_test(the_private_key_of_rfc_8037_is_no_key_to_verify_by),
        cmocka_unit_test(the_signature_of_rfc_7515_verifies),
        cmocka_unit_test(the_signature_of_gbt_32918_verifies),
        cmocka_unit_test(it_does_not_verify_for_anything_else),
        cmocka_unit_test(an_sm2_signature_out_of_range_is_refused),
        cmocka_unit_test(an_sm2_point_that_lies_on_p256_is_refused),
    };
    return cmocka_run_group_tests_name("token: figures of the standards", tests, NULL, NULL);
}
