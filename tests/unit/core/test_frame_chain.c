/*
 * The bytes that a phone signs: laid out as documented, and different for any other frame.
 */
#include "imi_core/frame_chain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

typedef struct sample {
    uint8_t nonce[IMI_CORE_NONCE_SIZE];
    uint8_t digest[IMI_CORE_DIGEST_SIZE];
    uint8_t previous[IMI_CORE_SIGNATURE_SIZE];
    uint64_t sequence;
    int64_t captured_at_ms;
} sample;

static sample plain(void)
{
    sample one = {.sequence = 0x0102030405060708, .captured_at_ms = 0x1112131415161718};
    memset(one.nonce, 0xA1, sizeof one.nonce);
    memset(one.digest, 0xB2, sizeof one.digest);
    memset(one.previous, 0xC3, sizeof one.previous);
    return one;
}

static void lay_out(const sample *one, uint8_t out[IMI_CORE_FRAME_MESSAGE_SIZE])
{
    imi_core_frame_link link = {
        .nonce = one->nonce,
        .sequence = one->sequence,
        .captured_at_ms = one->captured_at_ms,
        .image_digest = one->digest,
        .previous_signature = one->previous,
    };
    imi_core_frame_message(&link, out);
}

static void message_is_laid_out_as_documented(void **state)
{
    (void)state;
    sample one = plain();
    uint8_t message[IMI_CORE_FRAME_MESSAGE_SIZE];
    lay_out(&one, message);
    assert_memory_equal(message, "imi-frame-v1\0\0\0\0", 16);
    assert_memory_equal(message + 16, one.nonce, 32);
    assert_memory_equal(message + 48, "\x01\x02\x03\x04\x05\x06\x07\x08", 8);
    assert_memory_equal(message + 56, "\x11\x12\x13\x14\x15\x16\x17\x18", 8);
    assert_memory_equal(message + 64, one.digest, 32);
    assert_memory_equal(message + 96, one.previous, 64);
}

static void message_fills_its_buffer_exactly(void **state)
{
    (void)state;
    sample one = plain();
    uint8_t guarded[IMI_CORE_FRAME_MESSAGE_SIZE + 32];
    memset(guarded, 0xEE, sizeof guarded);
    lay_out(&one, guarded + 16);
    for (size_t i = 0; i < 16; i++) {
        assert_int_equal(guarded[i], 0xEE);
        assert_int_equal(guarded[16 + IMI_CORE_FRAME_MESSAGE_SIZE + i], 0xEE);
    }
}

static void time_before_1970_is_twos_complement(void **state)
{
    (void)state;
    sample one = plain();
    one.captured_at_ms = -2;
    uint8_t message[IMI_CORE_FRAME_MESSAGE_SIZE];
    lay_out(&one, message);
    assert_memory_equal(message + 56, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFE", 8);
}

static void assert_differs_from_plain(const sample *other)
{
    sample one = plain();
    uint8_t a[IMI_CORE_FRAME_MESSAGE_SIZE], b[IMI_CORE_FRAME_MESSAGE_SIZE];
    lay_out(&one, a);
    lay_out(other, b);
    assert_memory_not_equal(a, b, sizeof a);
}

static void every_field_changes_the_message(void **state)
{
    (void)state;
    for (size_t bit = 0; bit < 64; bit++) {
        sample other = plain();
        other.sequence ^= (uint64_t)1 << bit;
        assert_differs_from_plain(&other);
        other = plain();
        other.captured_at_ms ^= (int64_t)((uint64_t)1 << bit);
        assert_differs_from_plain(&other);
        other = plain();
        other.previous[bit] ^= 1;
        assert_differs_from_plain(&other);
        other = plain();
        other.nonce[bit % 32] ^= 1;
        assert_differs_from_plain(&other);
        other = plain();
        other.digest[bit % 32] ^= 1;
        assert_differs_from_plain(&other);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(message_is_laid_out_as_documented),
        cmocka_unit_test(message_fills_its_buffer_exactly),
        cmocka_unit_test(time_before_1970_is_twos_complement),
        cmocka_unit_test(every_field_changes_the_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
