/*
 * Frames on their way: none lost, none out of order, sent again after failures, at the uplink's
 * rate.
 */
#include "upload_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static uint64_t next(void **state, int64_t now_ms)
{
    imi_core_frame frame;
    return imi_core_queue_next(*state, now_ms, &frame) ? frame.sequence : 0;
}

static void frames_are_numbered_from_1_and_sent_as_they_were_pushed(void **state)
{
    imi_core_frame pushed = upload_frame(1, 1000), got;
    assert_int_equal(imi_core_queue_push(*state, &pushed), IMI_CORE_PUSH_OK);
    assert_true(imi_core_queue_next(*state, 0, &got));
    assert_int_equal(got.sequence, 1);
    assert_int_equal(got.captured_at_unix_ms, pushed.captured_at_unix_ms);
    assert_int_equal(got.light_shown_ms, pushed.light_shown_ms);
    assert_int_equal(got.jpeg.size, pushed.jpeg.size);
    assert_memory_equal(got.jpeg.data, pushed.jpeg.data, pushed.jpeg.size);
    assert_memory_equal(got.signature, pushed.signature, sizeof got.signature);
}

static void message_binds_number_nonce_and_previous_signature(void **state)
{
    uint8_t digest[IMI_CORE_DIGEST_SIZE] = {7}, message[IMI_CORE_FRAME_MESSAGE_SIZE];
    uint8_t zeros[IMI_CORE_SIGNATURE_SIZE] = {0};
    assert_true(imi_core_queue_message(*state, 5, digest, message));
    assert_int_equal(message[55], 1);
    assert_memory_equal(message + 16, upload_nonce, sizeof upload_nonce);
    assert_memory_equal(message + 96, zeros, sizeof zeros);
    imi_core_frame frame = upload_frame(1, 1000);
    imi_core_queue_push(*state, &frame);
    assert_true(imi_core_queue_message(*state, 6, digest, message));
    assert_int_equal(message[55], 2);
    assert_memory_equal(message + 96, frame.signature, sizeof frame.signature);
}

static void no_more_than_the_window_is_under_way(void **state)
{
    upload_push(*state, 1, 5);
    assert_int_equal(next(state, 0), 1);
    assert_int_equal(next(state, 0), 2);
    assert_int_equal(next(state, 0), 0);
    assert_true(imi_core_queue_answered(*state, 1, 1));
    assert_int_equal(next(state, 1), 3);
    assert_int_equal(next(state, 1), 0);
}

static void answer_also_answers_all_before_it(void **state)
{
    upload_push(*state, 1, 3);
    next(state, 0);
    next(state, 0);
    assert_true(imi_core_queue_answered(*state, 2, 1));
    assert_int_equal(imi_core_queue_waiting(*state), 1);
    assert_false(imi_core_queue_answered(*state, 1, 1));
}

static void second_answer_changes_nothing(void **state)
{
    upload_push(*state, 1, 2);
    next(state, 0);
    assert_true(imi_core_queue_answered(*state, 1, 1));
    assert_false(imi_core_queue_answered(*state, 1, 2));
    assert_int_equal(imi_core_queue_waiting(*state), 1);
}

static void answer_to_what_was_never_sent_is_refused(void **state)
{
    upload_push(*state, 1, 3);
    next(state, 0);
    assert_false(imi_core_queue_answered(*state, 2, 1));
    assert_false(imi_core_queue_answered(*state, UINT64_MAX, 1));
    assert_false(imi_core_queue_answered(*state, 0, 1));
    assert_int_equal(imi_core_queue_waiting(*state), 3);
}

static void failed_frame_alone_is_sent_again_after_the_wait(void **state)
{
    upload_push(*state, 1, 3);
    next(state, 0);
    next(state, 0);
    uint32_t wait_ms = imi_core_queue_failed(*state, 1, 100);
    assert_in_range(wait_ms, IMI_CORE_BACKOFF_FIRST_MS / 2, IMI_CORE_BACKOFF_FIRST_MS);
    assert_int_equal(imi_core_queue_failed(*state, 1, 100), 0);
    assert_int_equal(next(state, 100 + wait_ms - 1), 0);
    assert_int_equal(next(state, 100 + wait_ms), 1);
    assert_int_equal(next(state, 100 + wait_ms), 0);
    assert_true(imi_core_queue_answered(*state, 2, 500));
    assert_int_equal(imi_core_queue_waiting(*state), 1);
}

static void calls_that_fail_together_are_one_failure(void **state)
{
    upload_push(*state, 1, 3);
    next(state, 0);
    next(state, 0);
    uint32_t wait_ms = imi_core_queue_failed(*state, 1, 100);
    assert_int_equal(imi_core_queue_failed(*state, 2, 101), wait_ms - 1);
    assert_int_equal(next(state, 100 + wait_ms), 1);
    assert_int_equal(next(state, 100 + wait_ms), 2);
}

static void late_answer_to_a_failed_call_still_counts(void **state)
{
    upload_push(*state, 1, 2);
    next(state, 0);
    imi_core_queue_failed(*state, 1, 100);
    assert_true(imi_core_queue_answered(*state, 1, 110));
    assert_int_equal(next(state, 110), 2);
}

/* It is not known when the copy that was answered had been sent. */
static void late_answer_to_a_failed_call_is_not_measured(void **state)
{
    imi_core_plan plan;
    upload_push(*state, 1, 1);
    next(state, 0);
    imi_core_queue_failed(*state, 1, 100);
    assert_true(imi_core_queue_answered(*state, 1, 110));
    imi_core_queue_plan(*state, &plan);
    assert_int_equal(plan.rate_bytes_per_s, 0);
}

static void waits_grow_with_failures_and_end_with_an_answer(void **state)
{
    upload_push(*state, 1, 2);
    uint32_t first = 0, last = 0;
    for (int64_t i = 0; i < 10; i++) {
        next(state, i * 100000);
        last = imi_core_queue_failed(*state, 1, i * 100000);
        first = i == 0 ? last : first;
    }
    assert_in_range(last, IMI_CORE_BACKOFF_MAX_MS / 2, IMI_CORE_BACKOFF_MAX_MS);
    next(state, 2000000);
    assert_true(imi_core_queue_answered(*state, 1, 2000001));
    next(state, 2000002);
    assert_in_range(imi_core_queue_failed(*state, 2, 2000003), 1, IMI_CORE_BACKOFF_FIRST_MS);
}

static void reconnecting_sends_at_once(void **state)
{
    upload_push(*state, 1, 2);
    next(state, 0);
    next(state, 0);
    imi_core_queue_failed(*state, 1, 1);
    imi_core_queue_reconnected(*state);
    assert_int_equal(next(state, 2), 1);
    assert_int_equal(next(state, 2), 2);
}

static void failure_without_a_frame_under_way_changes_nothing(void **state)
{
    assert_int_equal(imi_core_queue_failed(*state, 1, 0), 0);
    upload_push(*state, 1, 1);
    assert_int_equal(imi_core_queue_failed(*state, 1, 0), 0);
    assert_int_equal(next(state, 0), 1);
}

static void storage_bounds_what_is_kept_and_answers_make_room(void **state)
{
    uint32_t kept = 0;
    imi_core_push verdict = IMI_CORE_PUSH_OK;
    while (verdict == IMI_CORE_PUSH_OK) {
        imi_core_frame frame = upload_frame(kept + 1, UPLOAD_JPEG_MAX);
        verdict = imi_core_queue_push(*state, &frame);
        kept += verdict == IMI_CORE_PUSH_OK;
    }
    assert_int_equal(verdict, IMI_CORE_PUSH_FULL);
    assert_int_equal(kept, UPLOAD_ROOM / UPLOAD_JPEG_MAX);
    next(state, 0);
    imi_core_queue_answered(*state, 1, 1);
    upload_push(*state, kept + 1, 1);
    assert_int_equal(imi_core_queue_waiting(*state), kept);
}

static void room_is_used_to_its_last_byte_and_no_further(void **state)
{
    upload_push(*state, 1, 20); /* of 5000 bytes: all the room */
    next(state, 0);
    imi_core_queue_answered(*state, 1, 1);
    imi_core_frame frame = upload_frame(21, 5001);
    assert_int_equal(imi_core_queue_push(*state, &frame), IMI_CORE_PUSH_FULL);
    frame = upload_frame(21, 4999);
    assert_int_equal(imi_core_queue_push(*state, &frame), IMI_CORE_PUSH_OK);
    frame = upload_frame(22, 2);
    assert_int_equal(imi_core_queue_push(*state, &frame), IMI_CORE_PUSH_FULL);
    frame = upload_frame(22, 1);
    assert_int_equal(imi_core_queue_push(*state, &frame), IMI_CORE_PUSH_OK);
}

static void no_more_than_so_many_frames_are_kept_however_small(void **state)
{
    for (uint32_t i = 1; i <= IMI_CORE_QUEUE_FRAMES_MAX; i++) {
        imi_core_frame frame = upload_frame(i, 1);
        assert_int_equal(imi_core_queue_push(*state, &frame), IMI_CORE_PUSH_OK);
    }
    imi_core_frame frame = upload_frame(IMI_CORE_QUEUE_FRAMES_MAX + 1, 1);
    assert_int_equal(imi_core_queue_push(*state, &frame), IMI_CORE_PUSH_FULL);
}

/* Sizes of all kinds, so that the ring wraps at every place. */
static void thousands_of_frames_come_out_as_they_went_in(void **state)
{
    uint32_t pushed = 0, sent = 0, random = 1;
    while (sent < 5000) {
        random = random * 1664525U + 1013904223U;
        imi_core_frame frame = upload_frame(pushed + 1, 1 + (random >> 8) % UPLOAD_JPEG_MAX), got;
        bool full = imi_core_queue_push(*state, &frame) == IMI_CORE_PUSH_FULL;
        pushed += !full;
        if (!full && (random >> 30) != 0) {
            continue;
        }
        if (imi_core_queue_next(*state, sent, &got)) {
            sent++;
            assert_int_equal(got.sequence, sent);
            upload_assert_jpeg(&got);
            assert_true(imi_core_queue_answered(*state, sent, sent));
        }
    }
}

static void frames_out_of_time_or_size_are_refused(void **state)
{
    imi_core_frame frame = upload_frame(1, 1000);
    assert_int_equal(imi_core_queue_push(*state, &frame), IMI_CORE_PUSH_OK);
    assert_int_equal(imi_core_queue_push(*state, &frame), IMI_CORE_PUSH_OUT_OF_TIME);
    frame = upload_frame(2, 1000);
    frame.jpeg.size = 0;
    assert_int_equal(imi_core_queue_push(*state, &frame), IMI_CORE_PUSH_TOO_LARGE);
    frame.jpeg.size = UPLOAD_JPEG_MAX + 1;
    assert_int_equal(imi_core_queue_push(*state, &frame), IMI_CORE_PUSH_TOO_LARGE);
    assert_int_equal(imi_core_queue_waiting(*state), 1);
}

static void nothing_is_taken_without_a_capture(void **state)
{
    uint8_t digest[IMI_CORE_DIGEST_SIZE] = {0}, message[IMI_CORE_FRAME_MESSAGE_SIZE];
    imi_core_frame frame = upload_frame(1, 1000);
    imi_core_queue_drop(*state);
    assert_int_equal(imi_core_queue_push(*state, &frame), IMI_CORE_PUSH_NO_CAPTURE);
    assert_false(imi_core_queue_message(*state, 1, digest, message));
    imi_core_view none = {NULL, 0};
    assert_false(imi_core_queue_begin(*state, none, upload_nonce, 1000));
    assert_int_equal(imi_core_queue_push(*state, &frame), IMI_CORE_PUSH_NO_CAPTURE);
}

static void beginning_again_starts_a_new_chain(void **state)
{
    upload_push(*state, 1, 3);
    next(state, 0);
    upload_begin(*state);
    assert_int_equal(imi_core_queue_waiting(*state), 0);
    assert_false(imi_core_queue_answered(*state, 1, 1));
    upload_push(*state, 1, 1);
    assert_int_equal(next(state, 1), 1);
}

static void images_are_wiped_when_answered_or_dropped(void **state)
{
    upload_push(*state, 1, 1);
    next(state, 0);
    imi_core_queue_answered(*state, 1, 1);
    assert_false(upload_holds_image(*state));
    upload_push(*state, 2, 2);
    assert_true(upload_holds_image(*state));
    imi_core_queue_drop(*state);
    assert_false(upload_holds_image(*state));
}

static void rate_is_what_was_answered_over_time_also_with_a_window(void **state)
{
    imi_core_plan plan;
    upload_push(*state, 1, 10);
    imi_core_frame frame;
    int64_t now_ms = 0;
    uint32_t size = (uint32_t)upload_frame(1, 0).jpeg.size;
    imi_core_queue_next(*state, now_ms, &frame);
    for (uint64_t sequence = 1; sequence <= 9; sequence++) {
        imi_core_queue_next(*state, now_ms, &frame);
        now_ms += 1000; /* one frame a second gets through, two are under way */
        assert_true(imi_core_queue_answered(*state, sequence, now_ms));
        size = (uint32_t)frame.jpeg.size;
    }
    imi_core_queue_plan(*state, &plan);
    assert_in_range(plan.rate_bytes_per_s, size * 9 / 10, size * 11 / 10);
}

static void plan_before_measuring_is_moderate(void **state)
{
    imi_core_plan plan;
    imi_core_queue_plan(*state, &plan);
    assert_int_equal(plan.rate_bytes_per_s, 0);
    assert_int_equal(plan.period_ms, 250);
    assert_in_range(plan.jpeg_bytes, 1, UPLOAD_JPEG_MAX);
}

static void bad_options_or_storage_are_refused(void **state)
{
    (void)state;
    assert_null(upload_new(UPLOAD_ROOM, 0, upload_random));
    assert_null(upload_new(UPLOAD_ROOM, IMI_CORE_QUEUE_WINDOW_MAX + 1, upload_random));
    assert_null(upload_new(UPLOAD_ROOM, 1, NULL));
    assert_null(upload_new(IMI_CORE_JPEG_MAX_BYTES - 1, 1, upload_random));
}

static void random_bits_depend_on_the_seed_and_move_on(void **state)
{
    (void)state;
    uint32_t one = 1, other = 2;
    uint32_t first = imi_core_random_xorshift(&one);
    assert_int_equal(first, 270369); /* the first number of the published generator from 1 */
    assert_int_not_equal(imi_core_random_xorshift(&one), first);
    assert_int_not_equal(imi_core_random_xorshift(&other), first);
}

static void backoff_doubles_up_to_its_maximum_and_half_of_it_is_drawn(void **state)
{
    (void)state;
    assert_int_equal(imi_core_backoff_ms(1, 0), 125);
    assert_in_range(imi_core_backoff_ms(1, UINT32_MAX), 249, 250);
    assert_int_equal(imi_core_backoff_ms(2, 0), 250);
    assert_int_equal(imi_core_backoff_ms(6, 0), 4000);
    assert_int_equal(imi_core_backoff_ms(UINT32_MAX, 0), 4000);
    assert_in_range(imi_core_backoff_ms(UINT32_MAX, UINT32_MAX), 7999, 8000);
}

static void jpeg_quality_follows_the_size_within_its_bounds(void **state)
{
    (void)state;
    assert_true(imi_core_jpeg_quality(70, 40000, 30000) < 70);
    assert_true(imi_core_jpeg_quality(70, 10000, 30000) > 70);
    assert_int_equal(imi_core_jpeg_quality(70, 27000, 30000), 70);
    assert_int_equal(imi_core_jpeg_quality(30, UINT32_MAX, 1), 30);
    assert_int_equal(imi_core_jpeg_quality(90, 0, 30000), 90);
    assert_int_equal(imi_core_jpeg_quality(1000, 27000, 30000), 90);
    assert_int_equal(imi_core_jpeg_quality(0, 1, 0), 30);
}

/* As a camera's JPEGs grow with their quality: 4 % a step, from so many bytes at quality 60. */
static uint32_t size_at(uint32_t quality, uint32_t bytes_at_60)
{
    double size = bytes_at_60;
    for (uint32_t q = 60; q < quality; q++) {
        size *= 1.04;
    }
    for (uint32_t q = 60; q > quality; q--) {
        size /= 1.04;
    }
    return (uint32_t)size;
}

static uint32_t settled_size(uint32_t bytes_at_60, uint32_t aim)
{
    uint32_t quality = 60;
    for (int trial = 0; trial < 5; trial++) {
        quality = imi_core_jpeg_quality(quality, size_at(quality, bytes_at_60), aim);
    }
    return size_at(quality, bytes_at_60);
}

static void five_trials_find_a_size_from_15_to_60_kb_on_every_uplink(void **state)
{
    (void)state;
    static const uint32_t aims[] = {15 * 1024, 17 * 1024, 30 * 1024, 60 * 1024};
    for (size_t i = 0; i < sizeof aims / sizeof aims[0]; i++) {
        for (uint32_t at_60 = 10 * 1024; at_60 <= 40 * 1024; at_60 += 512) {
            uint32_t size = settled_size(at_60, aims[i]);
            assert_in_range(size, 15 * 1024, 60 * 1024);
            assert_true(size <= aims[i] * 6 / 5);
        }
    }
}

static void a_size_below_15_kb_is_raised_even_if_it_is_near_what_is_aimed_at(void **state)
{
    (void)state;
    assert_true(imi_core_jpeg_quality(60, 15 * 1024 - 400, 15 * 1024) > 60);
    assert_int_equal(imi_core_jpeg_quality(60, 15 * 1024 + 400, 15 * 1024), 60);
    assert_true(imi_core_jpeg_quality(60, 61 * 1024, 60 * 1024) < 60);
}

static void a_server_that_takes_only_small_frames_gets_them(void **state)
{
    (void)state;
    assert_true(imi_core_jpeg_quality(60, 9000, 8000) < 60);
    assert_int_equal(imi_core_jpeg_quality(60, 7000, 8000), 60);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, upload_set_up, upload_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(frames_are_numbered_from_1_and_sent_as_they_were_pushed),
        TEST(message_binds_number_nonce_and_previous_signature),
        TEST(no_more_than_the_window_is_under_way),
        TEST(answer_also_answers_all_before_it),
        TEST(second_answer_changes_nothing),
        TEST(answer_to_what_was_never_sent_is_refused),
        TEST(failed_frame_alone_is_sent_again_after_the_wait),
        TEST(calls_that_fail_together_are_one_failure),
        TEST(late_answer_to_a_failed_call_still_counts),
        TEST(late_answer_to_a_failed_call_is_not_measured),
        TEST(waits_grow_with_failures_and_end_with_an_answer),
        TEST(reconnecting_sends_at_once),
        TEST(failure_without_a_frame_under_way_changes_nothing),
        TEST(storage_bounds_what_is_kept_and_answers_make_room),
        TEST(room_is_used_to_its_last_byte_and_no_further),
        TEST(no_more_than_so_many_frames_are_kept_however_small),
        TEST(thousands_of_frames_come_out_as_they_went_in),
        TEST(frames_out_of_time_or_size_are_refused),
        TEST(nothing_is_taken_without_a_capture),
        TEST(beginning_again_starts_a_new_chain),
        TEST(images_are_wiped_when_answered_or_dropped),
        TEST(rate_is_what_was_answered_over_time_also_with_a_window),
        TEST(plan_before_measuring_is_moderate),
        cmocka_unit_test(bad_options_or_storage_are_refused),
        cmocka_unit_test(random_bits_depend_on_the_seed_and_move_on),
        cmocka_unit_test(backoff_doubles_up_to_its_maximum_and_half_of_it_is_drawn),
        cmocka_unit_test(jpeg_quality_follows_the_size_within_its_bounds),
        cmocka_unit_test(five_trials_find_a_size_from_15_to_60_kb_on_every_uplink),
        cmocka_unit_test(a_size_below_15_kb_is_raised_even_if_it_is_near_what_is_aimed_at),
        cmocka_unit_test(a_server_that_takes_only_small_frames_gets_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
