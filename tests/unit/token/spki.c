/* Signatures of phones, checked by the key that they joined with. */
#include "forge.h"

#include "imi/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static imi_error g_err;
static uint8_t g_spki[91];

#define OK(call) assert_ok((call), &g_err)

static const uint8_t head[26] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48,
                                 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48,
                                 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};

static void put_coordinate(const char *jwk, const char *member, uint8_t *out)
{
    const char *text = strstr(jwk, member) + strlen(member);
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    OK(imi_base64url_decode((imi_view){(const uint8_t *)text, 43}, &bytes, &g_err));
    imi_copy(out, bytes.data, 32);
}

/* The signer's public key as a phone would send it. */
static int set_up(void **state)
{
    forge_set_up(state);
    IMI_AUTO_BUFFER jwk = IMI_BUFFER_INIT;
    OK(g_signer->public_jwk(g_signer, &jwk, &g_err));
    OK(imi_buffer_terminate(&jwk, &g_err));
    imi_copy(g_spki, head, sizeof head);
    g_spki[26] = 0x04;
    put_coordinate((const char *)jwk.data, "\"x\":\"", g_spki + 27);
    put_coordinate((const char *)jwk.data, "\"y\":\"", g_spki + 59);
    return 0;
}

static imi_status check(imi_view spki, const char *message, imi_view signature)
{
    return imi_es256_verify_spki(spki, imi_view_of_text(message), signature, &g_err);
}

static void sign(const char *message, imi_buffer *out)
{
    OK(g_signer->sign(g_signer, imi_view_of_text(message), out, &g_err));
}

static void a_right_signature_is_accepted(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER signature = IMI_BUFFER_INIT;
    sign("frame", &signature);
    OK(check((imi_view){g_spki, 91}, "frame", imi_buffer_view(&signature)));
}

/* The layout that openssl itself writes. */
static void the_key_has_the_form_that_openssl_writes(void **state)
{
    (void)state;
    char command[700];
    snprintf(command, sizeof command,
             "openssl pkey -in %s/key.pem -pubout -outform DER -out %s/pub", g_folder, g_folder);
    assert_int_equal(system(command), 0);
    IMI_AUTO_BUFFER der = IMI_BUFFER_INIT;
    OK(imi_file_read(in_folder("pub"), 200, &der, &g_err));
    assert_int_equal(der.size, 91);
    assert_memory_equal(der.data, g_spki, 91);
}

static void the_jwk_of_a_key_is_the_one_that_its_signer_gives(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER wanted = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER jwk = IMI_BUFFER_INIT;
    OK(g_signer->public_jwk(g_signer, &wanted, &g_err));
    OK(imi_es256_jwk_of_spki((imi_view){g_spki, 91}, &jwk, &g_err));
    assert_true(imi_view_equal(imi_buffer_view(&jwk), imi_buffer_view(&wanted)));
}

static void there_is_no_jwk_of_a_point_off_the_curve(void **state)
{
    (void)state;
    uint8_t key[91];
    imi_copy(key, g_spki, 91);
    key[90] ^= 0x01;
    IMI_AUTO_BUFFER jwk = IMI_BUFFER_INIT;
    assert_int_equal(imi_es256_jwk_of_spki((imi_view){key, 91}, &jwk, &g_err), IMI_E_KEY);
    assert_int_equal(jwk.size, 0);
}

static void another_message_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER signature = IMI_BUFFER_INIT;
    sign("frame", &signature);
    assert_int_equal(check((imi_view){g_spki, 91}, "frames", imi_buffer_view(&signature)),
                     IMI_E_TOKEN_SIGNATURE);
}

static void every_flipped_bit_of_a_signature_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER signature = IMI_BUFFER_INIT;
    sign("frame", &signature);
    for (size_t bit = 0; bit < signature.size * 8; bit += 5) {
        signature.data[bit / 8] ^= (uint8_t)(1U << (bit % 8));
        assert_int_equal(check((imi_view){g_spki, 91}, "frame", imi_buffer_view(&signature)),
                         IMI_E_TOKEN_SIGNATURE);
        signature.data[bit / 8] ^= (uint8_t)(1U << (bit % 8));
    }
}

static void signatures_of_wrong_length_are_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER signature = IMI_BUFFER_INIT;
    sign("frame", &signature);
    for (size_t size = 0; size < 64; size++) {
        assert_int_equal(check((imi_view){g_spki, 91}, "frame", (imi_view){signature.data, size}),
                         IMI_E_TOKEN_SIGNATURE);
    }
}

static void every_changed_byte_of_the_key_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER signature = IMI_BUFFER_INIT;
    sign("frame", &signature);
    for (size_t i = 0; i < 91; i++) {
        uint8_t key[91];
        imi_copy(key, g_spki, 91);
        key[i] ^= 0x01;
        assert_int_equal(check((imi_view){key, 91}, "frame", imi_buffer_view(&signature)),
                         IMI_E_KEY);
    }
}

static void keys_of_other_lengths_are_refused(void **state)
{
    (void)state;
    uint8_t key[92] = {0};
    imi_copy(key, g_spki, 91);
    IMI_AUTO_BUFFER signature = IMI_BUFFER_INIT;
    sign("frame", &signature);
    for (size_t size = 0; size <= 92; size++) {
        imi_status wanted = size == 91 ? IMI_OK : IMI_E_KEY;
        assert_int_equal(check((imi_view){key, size}, "frame", imi_buffer_view(&signature)),
                         wanted);
    }
}

static void points_off_the_curve_are_refused(void **state)
{
    (void)state;
    uint8_t key[91], signature[64] = {1};
    imi_copy(key, g_spki, 91);
    memset(key + 27, 0, 64); /* the point (0, 0) */
    assert_int_equal(check((imi_view){key, 91}, "m", (imi_view){signature, 64}), IMI_E_KEY);
    memset(key + 27, 0xFF, 64); /* coordinates above the prime */
    assert_int_equal(check((imi_view){key, 91}, "m", (imi_view){signature, 64}), IMI_E_KEY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_right_signature_is_accepted),
        cmocka_unit_test(the_key_has_the_form_that_openssl_writes),
        cmocka_unit_test(the_jwk_of_a_key_is_the_one_that_its_signer_gives),
        cmocka_unit_test(there_is_no_jwk_of_a_point_off_the_curve),
        cmocka_unit_test(another_message_is_refused),
        cmocka_unit_test(every_flipped_bit_of_a_signature_is_refused),
        cmocka_unit_test(signatures_of_wrong_length_are_refused),
        cmocka_unit_test(every_changed_byte_of_the_key_is_refused),
        cmocka_unit_test(keys_of_other_lengths_are_refused),
        cmocka_unit_test(points_off_the_curve_are_refused),
    };
    return cmocka_run_group_tests_name("token: device keys", tests, set_up, forge_tear_down);
}
