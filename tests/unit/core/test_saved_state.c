/*
 * A reload: what was saved goes on where it was, and damage is noticed.
 */
#include "imi_core/saved_state.h"
#include "upload_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROOM = 1 << 17 };

static uint8_t saved[ROOM];
static const int64_t expires = 1800000000000;

static imi_core_view save(const imi_core_queue *queue)
{
    size_t size =
        imi_core_state_save(IMI_CORE_STATE_CAPTURING, expires, queue, saved, sizeof saved);
    assert_int_equal(size, imi_core_state_saved_size(queue));
    return (imi_core_view){saved, size};
}

static void everything_that_was_not_answered_is_sent_again(void **state)
{
    upload_push(*state, 1, 4);
    imi_core_frame frame;
    imi_core_queue_next(*state, 0, &frame);
    imi_core_queue_answered(*state, 1, 1);
    imi_core_queue_next(*state, 1, &frame);
    imi_core_view blob = save(*state);

    imi_core_queue *other = upload_new(UPLOAD_ROOM, UPLOAD_WINDOW, upload_random);
    imi_core_loaded loaded;
    assert_true(imi_core_state_load(blob, other, &loaded));
    assert_int_equal(loaded.state, IMI_CORE_STATE_CAPTURING);
    assert_int_equal(loaded.expires_at_unix_ms, expires);
    assert_int_equal(imi_core_queue_capture_id(other).size, 5);
    for (uint64_t sequence = 2; sequence <= 4; sequence++) {
        assert_true(imi_core_queue_next(other, (int64_t)sequence, &frame));
        assert_int_equal(frame.sequence, sequence);
        upload_assert_jpeg(&frame);
        assert_true(imi_core_queue_answered(other, sequence, (int64_t)sequence));
    }
    free(other);
}

static void chain_goes_on_behind_the_last_frame_also_if_all_were_answered(void **state)
{
    upload_push(*state, 1, 1);
    imi_core_frame frame;
    imi_core_queue_next(*state, 0, &frame);
    imi_core_queue_answered(*state, 1, 1);
    uint8_t digest[IMI_CORE_DIGEST_SIZE] = {3};
    uint8_t before[IMI_CORE_FRAME_MESSAGE_SIZE], after[IMI_CORE_FRAME_MESSAGE_SIZE];
    assert_true(imi_core_queue_message(*state, 9, digest, before));
    imi_core_view blob = save(*state);
    imi_core_queue *other = upload_new(UPLOAD_ROOM, UPLOAD_WINDOW, upload_random);
    imi_core_loaded loaded;
    assert_true(imi_core_state_load(blob, other, &loaded));
    assert_true(imi_core_queue_message(other, 9, digest, after));
    assert_memory_equal(before, after, sizeof before);
    frame = upload_frame(1, 0); /* no later than the frame before */
    assert_int_equal(imi_core_queue_push(other, &frame), IMI_CORE_PUSH_OUT_OF_TIME);
    free(other);
}

static void state_without_a_capture_is_saved(void **state)
{
    imi_core_queue_drop(*state);
    imi_core_view blob = save(*state);
    imi_core_loaded loaded;
    assert_true(imi_core_state_load(blob, *state, &loaded));
    assert_int_equal(imi_core_queue_capture_id(*state).size, 0);
}

static void too_little_room_saves_nothing(void **state)
{
    upload_push(*state, 1, 1);
    size_t size = imi_core_state_saved_size(*state);
    memset(saved, 0xEE, sizeof saved);
    assert_int_equal(
        imi_core_state_save(IMI_CORE_STATE_CAPTURING, expires, *state, saved, size - 1), 0);
    assert_int_equal(saved[0], 0xEE);
    assert_int_equal(
        imi_core_state_save(IMI_CORE_STATE_COUNT, expires, *state, saved, sizeof saved), 0);
}

/* In memory of exactly the blob's size, so that reading behind it is noticed. */
static bool load_copy(void **state, const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size + (size == 0));
    memcpy(copy, bytes, size);
    imi_core_loaded loaded;
    bool ok = imi_core_state_load((imi_core_view){copy, size}, *state, &loaded);
    if (!ok) {
        assert_int_equal(loaded.state, 0);
        assert_int_equal(imi_core_queue_waiting(*state), 0);
        assert_int_equal(imi_core_queue_capture_id(*state).size, 0);
    }
    free(copy);
    return ok;
}

static void any_changed_bit_is_noticed(void **state)
{
    imi_core_frame frame = upload_frame(1, 20);
    imi_core_queue_push(*state, &frame);
    imi_core_view blob = save(*state);
    for (size_t bit = 0; bit < blob.size * 8; bit++) {
        saved[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(load_copy(state, saved, blob.size));
        saved[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_true(load_copy(state, saved, blob.size));
}

static void any_other_length_is_refused(void **state)
{
    imi_core_frame frame = upload_frame(1, 20);
    imi_core_queue_push(*state, &frame);
    imi_core_view blob = save(*state);
    for (size_t size = 0; size < blob.size; size++) {
        assert_false(load_copy(state, saved, size));
    }
    assert_false(load_copy(state, saved, blob.size + 1));
}

static void seal(size_t size)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < size; i++) {
        if (i >= 12 && i < 16) {
            continue;
        }
        crc ^= saved[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc & 1 ? crc >> 1 ^ 0xEDB88320U : crc >> 1;
        }
    }
    crc = ~crc;
    for (int i = 0; i < 4; i++) {
        saved[12 + i] = (uint8_t)(crc >> 8 * i);
    }
}

/* A right checksum does not make nonsense right. Offsets: id 24, nonce 29, bytes 61, sequence 65,
 * time 73, signature 81, count 145, frame 149. */
static void nonsense_under_a_right_checksum_is_refused(void **state)
{
    static const struct {
        size_t at;
        uint8_t value;
    } changes[] = {
        {4, 2}, /* version */
        {6, IMI_CORE_STATE_COUNT}, /* state */
        {7, 65}, /* size of the capture id */
        {8, 1}, /* size of all */
        {61, 1}, /* max_frame_bytes below the frame; its other bytes are cleared below */
        {65, 0}, /* sequence 0 */
        {71, 255}, /* sequence beyond 2^53 */
        {73, 9}, /* time of the newest */
        {81, 99}, /* signature of the newest */
        {145, 2}, /* one frame more than there is */
        {145, 0}, /* one less */
        {161, 0}, /* an empty JPEG */
        {163, 255}, /* a JPEG beyond the end */
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        upload_begin(*state);
        imi_core_frame frame = upload_frame(1, 20);
        imi_core_queue_push(*state, &frame);
        imi_core_view blob = save(*state);
        saved[changes[i].at] = changes[i].value;
        if (changes[i].at == 61) {
            memset(saved + 62, 0, 3);
        }
        seal(blob.size);
        assert_false(load_copy(state, saved, blob.size));
    }
}

static void more_than_the_storage_holds_is_refused(void **state)
{
    imi_core_queue *large = upload_new(2 * UPLOAD_ROOM, UPLOAD_WINDOW, upload_random);
    upload_begin(large);
    for (uint32_t i = 1; i <= 6; i++) {
        imi_core_frame frame = upload_frame(i, UPLOAD_JPEG_MAX);
        assert_int_equal(imi_core_queue_push(large, &frame), IMI_CORE_PUSH_OK);
    }
    imi_core_view blob = save(large);
    assert_false(load_copy(state, saved, blob.size));
    free(large);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, upload_set_up, upload_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(everything_that_was_not_answered_is_sent_again),
        TEST(chain_goes_on_behind_the_last_frame_also_if_all_were_answered),
        TEST(state_without_a_capture_is_saved),
        TEST(too_little_room_saves_nothing),
        TEST(any_changed_bit_is_noticed),
        TEST(any_other_length_is_refused),
        TEST(nonsense_under_a_right_checksum_is_refused),
        TEST(more_than_the_storage_holds_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
