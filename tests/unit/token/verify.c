/* The form of a token: parts, encodings, JSON, header, signature. */
#include "verify.h"

#include "forge.h"

#include "imi/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static imi_error g_err;

#define OK(call) assert_ok((call), &g_err)

static void make_good(imi_buffer *out)
{
    forge(g_signer, good_header(), good_payload(), out);
}

static void a_good_token_gives_its_claims(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    make_good(&token);
    imi_token_expectation expectation = good_expectation();
    imi_token_claims got, wanted = good_claims();
    OK(imi_token_verify(imi_buffer_view(&token), imi_buffer_view(&g_jwks), &expectation, &got,
                        &g_err));
    assert_memory_equal(&got, &wanted, sizeof got);
}

/* Every change of one character must be refused, whatever it hits. */
static void no_character_can_be_changed(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    make_good(&token);
    for (size_t i = 0; i < token.size; i++) {
        uint8_t kept = token.data[i];
        token.data[i] = kept == 'A' ? 'B' : 'A';
        assert_int_not_equal(verify(imi_buffer_view(&token)), IMI_OK);
        token.data[i] = kept;
    }
    assert_int_equal(verify(imi_buffer_view(&token)), IMI_OK);
}

static void no_beginning_of_a_token_is_accepted(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    make_good(&token);
    for (size_t size = 0; size < token.size; size++) {
        assert_int_not_equal(verify((imi_view){token.data, size}), IMI_OK);
    }
}

static void no_bytes_at_all_are_refused(void **state)
{
    (void)state;
    assert_refused((imi_view){NULL, 0}, IMI_E_TOKEN_FORMAT);
}

static void wrong_numbers_of_parts_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"abc", "abc.def", "abc.def.ghi.jkl", ".",
                                        "..",  "...",     ".eyJ9.",          "eyJ9..eyJ9"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_refused(imi_view_of_text(texts[i]), IMI_E_TOKEN_FORMAT);
    }
}

static void a_fourth_part_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    make_good(&token);
    OK(imi_buffer_append_text(&token, ".", &g_err));
    assert_refused(imi_buffer_view(&token), IMI_E_TOKEN_FORMAT);
}

static void white_space_around_a_token_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    make_good(&token);
    OK(imi_buffer_append_text(&token, "\n", &g_err));
    assert_refused(imi_buffer_view(&token), IMI_E_TOKEN_FORMAT);
}

static void a_token_over_the_size_limit_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    make_good(&token);
    while (token.size <= IMI_TOKEN_BYTES_MAX) {
        OK(imi_buffer_append_text(&token, "A", &g_err));
    }
    assert_refused(imi_buffer_view(&token), IMI_E_TOKEN_FORMAT);
}

static void base64_padding_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    make_good(&token);
    OK(imi_buffer_append_text(&token, "==", &g_err));
    assert_refused(imi_buffer_view(&token), IMI_E_TOKEN_FORMAT);
}

/* 64 bytes end in a character of which 4 bits count: the 15 others with the same 4 bits would
 * decode to the same signature, and make one token many. */
static void a_signature_has_one_encoding_only(void **state)
{
    (void)state;
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    make_good(&token);
    size_t last = token.size - 1;
    size_t value = (size_t)(strchr(alphabet, token.data[last]) - alphabet);
    for (size_t stray = 1; stray < 16; stray++) {
        token.data[last] = (uint8_t)alphabet[(value & ~(size_t)15) | ((value + stray) & 15)];
        assert_refused(imi_buffer_view(&token), IMI_E_TOKEN_FORMAT);
    }
}

static void standard_base64_symbols_are_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    make_good(&token);
    token.data[token.size - 5] = '+';
    assert_refused(imi_buffer_view(&token), IMI_E_TOKEN_FORMAT);
}

/* Header */

static const char *header_of(const char *members)
{
    static char text[512];
    snprintf(text, sizeof text, "{%s}", members);
    return text;
}

static const char *header_with_alg(const char *alg)
{
    static char text[512];
    snprintf(text, sizeof text, "{\"alg\":%s,\"typ\":\"%s\",\"kid\":\"%s\"}", alg, IMI_TOKEN_TYPE,
             g_signer->key_id);
    return text;
}

static void algorithm_none_is_refused_with_and_without_signature(void **state)
{
    (void)state;
    static const char *const names[] = {"\"none\"", "\"None\"", "\"NONE\"", "\"nOnE\"",   "\"\"",
                                        "null",     "0",        "[]",       "[\"ES256\"]"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        IMI_AUTO_BUFFER bare = IMI_BUFFER_INIT;
        forge_signed_with(header_with_alg(names[i]), good_payload(), (imi_view){NULL, 0}, &bare);
        assert_refused(imi_buffer_view(&bare), IMI_E_TOKEN_ALGORITHM);
        assert_forged_refused(header_with_alg(names[i]), good_payload(), IMI_E_TOKEN_ALGORITHM);
    }
}

static void a_good_header_without_signature_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    forge_signed_with(good_header(), good_payload(), (imi_view){NULL, 0}, &token);
    assert_refused(imi_buffer_view(&token), IMI_E_TOKEN_FORMAT);
}

/* The classic: the public key, which everybody has, used as the secret of an HMAC. */
static void hmac_with_the_public_key_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER jwk = IMI_BUFFER_INIT;
    OK(g_signer->public_jwk(g_signer, &jwk, &g_err));
    imi_view keys[] = {imi_buffer_view(&jwk), imi_buffer_view(&g_jwks)};
    for (size_t i = 0; i < 2; i++) {
        IMI_AUTO_BUFFER unsigned_token = IMI_BUFFER_INIT;
        IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
        const char *header = header_with_alg("\"HS256\"");
        forge_signed_with(header, good_payload(), (imi_view){NULL, 0}, &unsigned_token);
        imi_view message = {unsigned_token.data, unsigned_token.size - 1};
        uint8_t mac[32];
        OK(imi_hmac_sha256(keys[i], message, mac, &g_err));
        forge_signed_with(header, good_payload(), (imi_view){mac, sizeof mac}, &token);
        assert_refused(imi_buffer_view(&token), IMI_E_TOKEN_ALGORITHM);
    }
}

static void other_algorithms_are_refused_although_the_signature_is_right(void **state)
{
    (void)state;
    static const char *const names[] = {"\"ES384\"", "\"ES256K\"", "\"es256\"",
                                        "\"RS256\"", "\"EdDSA\"",  "\"ES256 \""};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_forged_refused(header_with_alg(names[i]), good_payload(), IMI_E_TOKEN_ALGORITHM);
    }
}

static void a_missing_algorithm_is_refused(void **state)
{
    (void)state;
    assert_forged_refused(header_of("\"typ\":\"" IMI_TOKEN_TYPE "\",\"kid\":\"x\""), good_payload(),
                          IMI_E_TOKEN_ALGORITHM);
}

static void tokens_of_another_type_are_refused(void **state)
{
    (void)state;
    static const char *const types[] = {"\"JWT\"", "\"at+jwt\"", "\"\"",
                                        "null",    "1",          "\"IMI-VERIFICATION+JWT\""};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        char header[256];
        snprintf(header, sizeof header, "{\"alg\":\"ES256\",\"typ\":%s,\"kid\":\"%s\"}", types[i],
                 g_signer->key_id);
        assert_forged_refused(header, good_payload(), IMI_E_TOKEN_CLAIM);
    }
}

static void a_missing_type_is_refused(void **state)
{
    (void)state;
    char header[256];
    snprintf(header, sizeof header, "{\"alg\":\"ES256\",\"kid\":\"%s\"}", g_signer->key_id);
    assert_forged_refused(header, good_payload(), IMI_E_TOKEN_CLAIM);
}

static const char *good_header_and(const char *member)
{
    static char text[512];
    snprintf(text, sizeof text, "{\"alg\":\"ES256\",\"typ\":\"%s\",\"kid\":\"%s\",%s}",
             IMI_TOKEN_TYPE, g_signer->key_id, member);
    return text;
}

static void critical_extensions_are_refused(void **state)
{
    (void)state;
    static const char *const members[] = {"\"crit\":[\"exp\"],\"exp\":1", "\"crit\":[]",
                                          "\"crit\":null", "\"b64\":false", "\"b64\":true"};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        assert_forged_refused(good_header_and(members[i]), good_payload(), IMI_E_TOKEN_FORMAT);
    }
}

/* A key that the token brings along must not be used (RFC 8725 section 3.10). */
static void a_key_in_the_header_is_not_trusted(void **state)
{
    (void)state;
    IMI_AUTO(imi_signer) other = NULL;
    OK(imi_signer_file_new(in_folder("other.pem"), &other, &g_err));
    IMI_AUTO_BUFFER jwk = IMI_BUFFER_INIT;
    OK(other->public_jwk(other, &jwk, &g_err));
    OK(imi_buffer_terminate(&jwk, &g_err));
    char member[400];
    snprintf(member, sizeof member, "\"jwk\":%s", (const char *)jwk.data);
    char header[800];
    snprintf(header, sizeof header, "%s", good_header_and(member));
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    forge(other, header, good_payload(), &token);
    assert_refused(imi_buffer_view(&token), IMI_E_TOKEN_SIGNATURE);
}

static void headers_that_are_not_objects_are_refused(void **state)
{
    (void)state;
    static const char *const headers[] = {"[]",
                                          "\"ES256\"",
                                          "1",
                                          "null",
                                          "{",
                                          "",
                                          "{}x",
                                          "{\"alg\":\"ES256\"",
                                          "\xEF\xBB\xBF{}",
                                          "{'alg':1}"};
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        assert_forged_refused(headers[i], good_payload(), IMI_E_TOKEN_FORMAT);
    }
}

static void duplicate_header_members_are_refused(void **state)
{
    (void)state;
    assert_forged_refused(good_header_and("\"alg\":\"ES256\""), good_payload(), IMI_E_TOKEN_FORMAT);
    assert_forged_refused(good_header_and("\"alg\":\"none\""), good_payload(), IMI_E_TOKEN_FORMAT);
}

static void a_missing_kid_is_refused(void **state)
{
    (void)state;
    static const char *const kids[] = {"", ",\"kid\":\"\"", ",\"kid\":null", ",\"kid\":7"};
    for (size_t i = 0; i < sizeof kids / sizeof kids[0]; i++) {
        char header[256];
        snprintf(header, sizeof header, "{\"alg\":\"ES256\",\"typ\":\"%s\"%s}", IMI_TOKEN_TYPE,
                 kids[i]);
        assert_forged_refused(header, good_payload(), IMI_E_TOKEN_KEY_UNKNOWN);
    }
}

static void an_unknown_kid_is_refused(void **state)
{
    (void)state;
    char header[256];
    snprintf(header, sizeof header, "{\"alg\":\"ES256\",\"typ\":\"%s\",\"kid\":\"%s\"}",
             IMI_TOKEN_TYPE, "../../key.pem");
    assert_forged_refused(header, good_payload(), IMI_E_TOKEN_KEY_UNKNOWN);
}

/* Signature */

static void a_signature_by_another_key_is_refused(void **state)
{
    (void)state;
    IMI_AUTO(imi_signer) other = NULL;
    OK(imi_signer_file_new(in_folder("other.pem"), &other, &g_err));
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    forge(other, good_header(), good_payload(), &token);
    assert_refused(imi_buffer_view(&token), IMI_E_TOKEN_SIGNATURE);
}

static void signatures_of_wrong_length_are_refused(void **state)
{
    (void)state;
    static const uint8_t bytes[96] = {1};
    static const size_t sizes[] = {1, 32, 63, 65, 72, 96};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
        forge_signed_with(good_header(), good_payload(), (imi_view){bytes, sizes[i]}, &token);
        assert_refused(imi_buffer_view(&token), IMI_E_TOKEN_SIGNATURE);
    }
}

/* r = s = 0 passed in implementations that forgot the range check. */
static void signatures_with_numbers_out_of_range_are_refused(void **state)
{
    (void)state;
    static const uint8_t order[32] = {0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00,
                                      0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                      0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84,
                                      0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51};
    uint8_t zero[64] = {0}, orders[64], ones[64];
    imi_copy(orders, order, 32);
    imi_copy(orders + 32, order, 32);
    memset(ones, 0xFF, sizeof ones);
    const uint8_t *const signatures[] = {zero, orders, ones};
    for (size_t i = 0; i < 3; i++) {
        IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
        forge_signed_with(good_header(), good_payload(), (imi_view){signatures[i], 64}, &token);
        assert_refused(imi_buffer_view(&token), IMI_E_TOKEN_SIGNATURE);
    }
}

static void the_signature_of_another_token_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER first = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER second = IMI_BUFFER_INIT;
    make_good(&first);
    forge(g_signer, good_header(), payload_with("tok_1", "tok_2"), &second);
    imi_copy(first.data + first.size - 86, second.data + second.size - 86, 86);
    assert_refused(imi_buffer_view(&first), IMI_E_TOKEN_SIGNATURE);
}

int run_form_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_token_gives_its_claims),
        cmocka_unit_test(no_character_can_be_changed),
        cmocka_unit_test(no_beginning_of_a_token_is_accepted),
        cmocka_unit_test(no_bytes_at_all_are_refused),
        cmocka_unit_test(wrong_numbers_of_parts_are_refused),
        cmocka_unit_test(a_fourth_part_is_refused),
        cmocka_unit_test(white_space_around_a_token_is_refused),
        cmocka_unit_test(a_token_over_the_size_limit_is_refused),
        cmocka_unit_test(base64_padding_is_refused),
        cmocka_unit_test(a_signature_has_one_encoding_only),
        cmocka_unit_test(standard_base64_symbols_are_refused),
        cmocka_unit_test(algorithm_none_is_refused_with_and_without_signature),
        cmocka_unit_test(a_good_header_without_signature_is_refused),
        cmocka_unit_test(hmac_with_the_public_key_is_refused),
        cmocka_unit_test(other_algorithms_are_refused_although_the_signature_is_right),
        cmocka_unit_test(a_missing_algorithm_is_refused),
        cmocka_unit_test(tokens_of_another_type_are_refused),
        cmocka_unit_test(a_missing_type_is_refused),
        cmocka_unit_test(critical_extensions_are_refused),
        cmocka_unit_test(a_key_in_the_header_is_not_trusted),
        cmocka_unit_test(headers_that_are_not_objects_are_refused),
        cmocka_unit_test(duplicate_header_members_are_refused),
        cmocka_unit_test(a_missing_kid_is_refused),
        cmocka_unit_test(an_unknown_kid_is_refused),
        cmocka_unit_test(a_signature_by_another_key_is_refused),
        cmocka_unit_test(signatures_of_wrong_length_are_refused),
        cmocka_unit_test(signatures_with_numbers_out_of_range_are_refused),
        cmocka_unit_test(the_signature_of_another_token_is_refused),
    };
    return cmocka_run_group_tests_name("token: form", tests, forge_set_up, forge_tear_down);
}
