/*
 * The chain of signed frames: each link must be the phone's own, in order, of this capture.
 */
#include "device_key.h"
#include "frame_chain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

typedef struct chain_test {
    device_key *key;
    phone_chain phone;
    imi_frame_chain server;
    imi_frame_binding binding;
    uint8_t nonce[32];
} chain_test;

static const uint8_t picture[] = "not a JPEG, but the chain does not care";
static const imi_view jpeg = {picture, sizeof picture};

static int set_up(void **state)
{
    chain_test *test = test_calloc(1, sizeof *test);
    test->key = device_key_new();
    assert_int_equal(imi_random(test->nonce, sizeof test->nonce, NULL), IMI_OK);
    test->phone = (phone_chain){.key = test->key, .time_ms = 1700000000000};
    imi_copy(test->phone.nonce, test->nonce, sizeof test->nonce);
    imi_frame_chain_init(&test->server);
    test->binding = (imi_frame_binding){device_key_spki(test->key), test->nonce};
    *state = test;
    return 0;
}

static int tear_down(void **state)
{
    chain_test *test = *state;
    device_key_destroy(&test->key);
    test_free(test);
    return 0;
}

static imi_status check(const chain_test *test, const imi_frame *frame)
{
    return imi_frame_chain_check(&test->server, &test->binding, frame, NULL);
}

/* Let the server take frames up to and including the count-th. */
static void take(chain_test *test, int count)
{
    for (int i = 0; i < count; i++) {
        imi_frame frame;
        phone_chain_sign(&test->phone, jpeg, 66, &frame);
        assert_int_equal(check(test, &frame), IMI_OK);
        imi_frame_chain_advance(&test->server, &frame);
    }
}

static void frames_in_order_are_taken(void **state)
{
    chain_test *test = *state;
    take(test, 5);
    assert_int_equal(test->server.next_sequence, 6);
    assert_int_equal(test->server.last_captured_at_ms, test->phone.time_ms);
}

static void checking_does_not_move_the_chain(void **state)
{
    chain_test *test = *state;
    imi_frame frame;
    phone_chain_sign(&test->phone, jpeg, 66, &frame);
    assert_int_equal(check(test, &frame), IMI_OK);
    assert_int_equal(check(test, &frame), IMI_OK);
    assert_int_equal(test->server.next_sequence, 1);
}

static void gap_is_refused(void **state)
{
    chain_test *test = *state;
    imi_frame frame;
    phone_chain_sign(&test->phone, jpeg, 66, &frame);
    phone_chain_sign(&test->phone, jpeg, 66, &frame);
    assert_int_equal(check(test, &frame), IMI_E_FRAME_CHAIN);
}

static void sequence_zero_and_the_last_number_are_refused(void **state)
{
    chain_test *test = *state;
    imi_frame frame;
    phone_chain_sign(&test->phone, jpeg, 66, &frame);
    frame.sequence = 0;
    assert_int_equal(check(test, &frame), IMI_E_FRAME_CHAIN);
    frame.sequence = UINT64_MAX;
    assert_int_equal(check(test, &frame), IMI_E_FRAME_CHAIN);
}

static void frame_taken_before_is_refused(void **state)
{
    chain_test *test = *state;
    imi_frame frame;
    phone_chain_sign(&test->phone, jpeg, 66, &frame);
    imi_frame_chain_advance(&test->server, &frame);
    assert_int_equal(check(test, &frame), IMI_E_FRAME_CHAIN);
}

static void swapped_image_is_refused(void **state)
{
    chain_test *test = *state;
    imi_frame frame;
    phone_chain_sign(&test->phone, jpeg, 66, &frame);
    frame.jpeg = imi_view_of_text("another picture");
    assert_int_equal(check(test, &frame), IMI_E_FRAME_CHAIN);
}

static void time_that_stands_still_or_runs_back_is_refused(void **state)
{
    chain_test *test = *state;
    take(test, 1);
    for (int64_t step = -1000; step <= 0; step += 500) {
        phone_chain copy = test->phone;
        imi_frame frame;
        phone_chain_sign(&copy, jpeg, step, &frame);
        assert_int_equal(check(test, &frame), IMI_E_FRAME_CHAIN);
    }
}

static void time_before_1970_is_refused(void **state)
{
    chain_test *test = *state;
    test->phone.time_ms = -5000;
    imi_frame frame;
    phone_chain_sign(&test->phone, jpeg, 66, &frame);
    assert_int_equal(check(test, &frame), IMI_E_FRAME_CHAIN);
}

static void time_other_than_the_signed_one_is_refused(void **state)
{
    chain_test *test = *state;
    imi_frame frame;
    phone_chain_sign(&test->phone, jpeg, 66, &frame);
    frame.captured_at_ms++;
    assert_int_equal(check(test, &frame), IMI_E_FRAME_CHAIN);
}

static void frame_of_another_capture_is_refused(void **state)
{
    chain_test *test = *state;
    test->phone.nonce[0] ^= 1;
    imi_frame frame;
    phone_chain_sign(&test->phone, jpeg, 66, &frame);
    assert_int_equal(check(test, &frame), IMI_E_FRAME_CHAIN);
}

static void frame_behind_another_predecessor_is_refused(void **state)
{
    chain_test *test = *state;
    take(test, 2);
    test->phone.signature[5] ^= 1;
    imi_frame frame;
    phone_chain_sign(&test->phone, jpeg, 66, &frame);
    assert_int_equal(check(test, &frame), IMI_E_FRAME_CHAIN);
}

static void frame_signed_by_another_key_is_refused(void **state)
{
    chain_test *test = *state;
    device_key *other = device_key_new();
    test->phone.key = other;
    imi_frame frame;
    phone_chain_sign(&test->phone, jpeg, 66, &frame);
    assert_int_equal(check(test, &frame), IMI_E_FRAME_CHAIN);
    device_key_destroy(&other);
}

static void every_bit_of_the_signature_counts(void **state)
{
    chain_test *test = *state;
    imi_frame frame;
    phone_chain_sign(&test->phone, jpeg, 66, &frame);
    for (size_t i = 0; i < 64; i++) {
        test->phone.signature[i] ^= 0x10;
        assert_int_equal(check(test, &frame), IMI_E_FRAME_CHAIN);
        test->phone.signature[i] ^= 0x10;
    }
    assert_int_equal(check(test, &frame), IMI_OK);
}

static void signature_of_another_size_is_refused(void **state)
{
    chain_test *test = *state;
    imi_frame frame;
    phone_chain_sign(&test->phone, jpeg, 66, &frame);
    const size_t sizes[] = {0, 1, 63};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        frame.signature.size = sizes[i];
        assert_int_equal(check(test, &frame), IMI_E_FRAME_CHAIN);
    }
}

static void signature_of_zeros_is_refused(void **state)
{
    chain_test *test = *state;
    imi_frame frame;
    phone_chain_sign(&test->phone, jpeg, 66, &frame);
    static const uint8_t zeros[64];
    frame.signature = (imi_view){zeros, sizeof zeros};
    assert_int_equal(check(test, &frame), IMI_E_FRAME_CHAIN);
}

#define CHAIN_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CHAIN_TEST(frames_in_order_are_taken),
        CHAIN_TEST(checking_does_not_move_the_chain),
        CHAIN_TEST(gap_is_refused),
        CHAIN_TEST(sequence_zero_and_the_last_number_are_refused),
        CHAIN_TEST(frame_taken_before_is_refused),
        CHAIN_TEST(swapped_image_is_refused),
        CHAIN_TEST(time_that_stands_still_or_runs_back_is_refused),
        CHAIN_TEST(time_before_1970_is_refused),
        CHAIN_TEST(time_other_than_the_signed_one_is_refused),
        CHAIN_TEST(frame_of_another_capture_is_refused),
        CHAIN_TEST(frame_behind_another_predecessor_is_refused),
        CHAIN_TEST(frame_signed_by_another_key_is_refused),
        CHAIN_TEST(every_bit_of_the_signature_counts),
        CHAIN_TEST(signature_of_another_size_is_refused),
        CHAIN_TEST(signature_of_zeros_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
