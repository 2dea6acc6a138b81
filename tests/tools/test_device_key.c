/* The phone's key against the server's check of it. */
#include "phone-sim/device_key.h"

#include "imi/signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t nonce[IMI_CORE_NONCE_SIZE] = {1};
static const uint8_t digest[IMI_CORE_DIGEST_SIZE] = {2};
static const uint8_t previous[IMI_CORE_SIGNATURE_SIZE] = {3};

static imi_core_frame_link make_link(void)
{
    return (imi_core_frame_link){.nonce = nonce,
                                 .sequence = 7,
                                 .captured_at_ms = 1234567890123,
                                 .image_digest = digest,
                                 .previous_signature = previous};
}

static imi_status check(const imi_device_key *key, const imi_core_frame_link *link,
                        const uint8_t signature[IMI_CORE_SIGNATURE_SIZE])
{
    uint8_t message[IMI_CORE_FRAME_MESSAGE_SIZE];
    imi_core_frame_message(link, message);
    return imi_es256_verify_spki(imi_device_key_spki(key), (imi_view){message, sizeof message},
                                 (imi_view){signature, IMI_CORE_SIGNATURE_SIZE}, NULL);
}

static void server_accepts_every_signature(void **state)
{
    (void)state;
    IMI_AUTO(imi_device_key) key = NULL;
    assert_int_equal(imi_device_key_new(&key, NULL), IMI_OK);
    assert_int_equal(imi_device_key_spki(key).size, 91);
    imi_core_frame_link link = make_link();
    /* Often enough that an r or s with a leading zero byte is among them. */
    for (link.sequence = 1; link.sequence <= 600; link.sequence++) {
        uint8_t signature[IMI_CORE_SIGNATURE_SIZE];
        assert_int_equal(imi_device_key_sign_frame(key, &link, signature, NULL), IMI_OK);
        assert_int_equal(check(key, &link, signature), IMI_OK);
    }
}

static void server_refuses_another_sequence(void **state)
{
    (void)state;
    IMI_AUTO(imi_device_key) key = NULL;
    assert_int_equal(imi_device_key_new(&key, NULL), IMI_OK);
    imi_core_frame_link link = make_link();
    uint8_t signature[IMI_CORE_SIGNATURE_SIZE];
    assert_int_equal(imi_device_key_sign_frame(key, &link, signature, NULL), IMI_OK);
    link.sequence++;
    assert_int_equal(check(key, &link, signature), IMI_E_TOKEN_SIGNATURE);
}

static void every_phone_has_a_key_of_its_own(void **state)
{
    (void)state;
    IMI_AUTO(imi_device_key) one = NULL;
    IMI_AUTO(imi_device_key) other = NULL;
    assert_int_equal(imi_device_key_new(&one, NULL), IMI_OK);
    assert_int_equal(imi_device_key_new(&other, NULL), IMI_OK);
    assert_false(imi_view_equal(imi_device_key_spki(one), imi_device_key_spki(other)));
    imi_core_frame_link link = make_link();
    uint8_t signature[IMI_CORE_SIGNATURE_SIZE];
    assert_int_equal(imi_device_key_sign_frame(one, &link, signature, NULL), IMI_OK);
    assert_int_equal(check(other, &link, signature), IMI_E_TOKEN_SIGNATURE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(server_accepts_every_signature),
        cmocka_unit_test(server_refuses_another_sequence),
        cmocka_unit_test(every_phone_has_a_key_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
