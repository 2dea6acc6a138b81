/*
 * Camera, choice, queue and a server that takes frames in order, over a simulated link that is
 * slow, loses calls and answers, answers twice, and is gone for a while. Time is simulated.
 */
#include "imi_core/frame_choice.h"
#include "imi_core/saved_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    STORAGE = 1 << 20,
    STEP_MS = 1,
    CAMERA_MS = 33,
    TIMEOUT_MS = 4000, /* after which the platform gives a call up */
    FRAMES_MAX = 2000,
    JPEG_MAX = 1 << 16,
    UNIX_MS = 1000
};

typedef struct link_options {
    uint32_t bytes_per_s;
    uint32_t delay_ms; /* there and back */
    uint32_t loss_permille; /* of calls, and again of answers */
    uint32_t twice_permille; /* answers that come twice */
    int64_t gone_from_ms, gone_until_ms;
    int64_t reload_ms; /* 0: never */
    uint32_t frames; /* that the server wants */
} link_options;

typedef struct world {
    link_options link;
    imi_core_queue *queue;
    imi_core_chooser *chooser;
    uint32_t random;
    /* The one call that is under way; 0: none. */
    uint64_t call;
    int64_t arrives_ms, answered_ms, given_up_ms;
    bool call_lost, answer_lost;
    uint8_t call_signature[IMI_CORE_SIGNATURE_SIZE];
    /* The server. */
    uint64_t taken;
    uint8_t signatures[FRAMES_MAX][IMI_CORE_SIGNATURE_SIZE];
    /* What came of it. */
    uint32_t answers, second_answers, pushed, jpeg_bytes;
} world;

static const uint8_t nonce[IMI_CORE_NONCE_SIZE] = {5};

static uint32_t draw(void *user)
{
    world *w = user;
    w->random = w->random * 1664525U + 1013904223U;
    return w->random;
}

static bool happens(world *w, uint32_t permille)
{
    return (draw(w) >> 8) % 1000 < permille;
}

/* In place of ES256: any function of all bytes does to see that the chain holds. */
static void sign(const uint8_t *message, uint8_t out[IMI_CORE_SIGNATURE_SIZE])
{
    uint32_t hash = 2166136261U;
    for (int i = 0; i < IMI_CORE_FRAME_MESSAGE_SIZE; i++) {
        hash = (hash ^ message[i]) * 16777619U;
    }
    for (int i = 0; i < IMI_CORE_SIGNATURE_SIZE; i++) {
        hash = (hash ^ (uint32_t)i) * 16777619U;
        out[i] = (uint8_t)(hash >> 24);
    }
}

static imi_core_queue *new_queue(world *w)
{
    size_t size = imi_core_queue_size() + STORAGE;
    imi_core_queue_options options = {.window = 1, .random = draw, .user = w};
    return imi_core_queue_init(malloc(size), size, &options);
}

static void shoot(world *w, int64_t now_ms)
{
    static const uint8_t digest[IMI_CORE_DIGEST_SIZE] = {1}, jpeg[JPEG_MAX] = {0xFF, 0xD8};
    imi_core_plan plan;
    imi_core_queue_plan(w->queue, &plan);
    imi_core_quality quality = {.sharpness_milli = 4000 + (draw(w) >> 20)};
    if (!imi_core_chooser_take(w->chooser, &quality, plan.period_ms, now_ms)) {
        return;
    }
    uint8_t message[IMI_CORE_FRAME_MESSAGE_SIZE];
    imi_core_frame frame = {.captured_at_unix_ms = UNIX_MS + now_ms,
                            .jpeg = {jpeg, plan.jpeg_bytes}};
    assert_true(imi_core_queue_message(w->queue, frame.captured_at_unix_ms, digest, message));
    sign(message, frame.signature);
    imi_core_push verdict = imi_core_queue_push(w->queue, &frame);
    assert_true(verdict == IMI_CORE_PUSH_OK || verdict == IMI_CORE_PUSH_FULL);
    w->pushed += verdict == IMI_CORE_PUSH_OK;
    w->jpeg_bytes = plan.jpeg_bytes;
}

/* The server's law: the next frame under the chain so far, or one that it has, unchanged. */
static void arrive(world *w)
{
    if (w->call <= w->taken) {
        assert_memory_equal(w->signatures[w->call], w->call_signature, IMI_CORE_SIGNATURE_SIZE);
        return;
    }
    assert_int_equal(w->call, w->taken + 1);
    w->taken++;
    assert_true(w->taken < FRAMES_MAX);
    memcpy(w->signatures[w->taken], w->call_signature, IMI_CORE_SIGNATURE_SIZE);
}

static void send(world *w, int64_t now_ms)
{
    imi_core_frame frame;
    if (w->call != 0 || !imi_core_queue_next(w->queue, now_ms, &frame)) {
        return;
    }
    w->call = frame.sequence;
    memcpy(w->call_signature, frame.signature, sizeof frame.signature);
    int64_t carried_ms = (int64_t)frame.jpeg.size * 1000 / w->link.bytes_per_s;
    w->arrives_ms = now_ms + carried_ms + w->link.delay_ms / 2;
    w->answered_ms = w->arrives_ms + w->link.delay_ms / 2;
    w->given_up_ms = now_ms + TIMEOUT_MS;
    w->call_lost = happens(w, w->link.loss_permille);
    w->answer_lost = happens(w, w->link.loss_permille);
}

static bool is_gone(const world *w, int64_t at_ms)
{
    return at_ms >= w->link.gone_from_ms && at_ms < w->link.gone_until_ms;
}

static void carry(world *w, int64_t now_ms)
{
    if (w->call == 0) {
        return;
    }
    if (now_ms == w->arrives_ms && !w->call_lost && !is_gone(w, now_ms)) {
        arrive(w);
    }
    bool answered = w->call <= w->taken && now_ms == w->answered_ms;
    if (answered && !w->answer_lost && !is_gone(w, now_ms)) {
        assert_true(imi_core_queue_answered(w->queue, w->call, now_ms));
        w->answers++;
        if (happens(w, w->link.twice_permille)) {
            w->second_answers++;
            assert_false(imi_core_queue_answered(w->queue, w->call, now_ms));
        }
        w->call = 0;
    } else if (now_ms >= w->given_up_ms) {
        imi_core_queue_failed(w->queue, w->call, now_ms);
        w->call = 0;
    }
}

/* The page is loaded again: all that is left is what was saved. */
static void reload(world *w)
{
    size_t size = imi_core_state_saved_size(w->queue);
    uint8_t *blob = malloc(size);
    assert_int_equal(imi_core_state_save(IMI_CORE_STATE_CAPTURING, INT64_MAX, w->queue, blob, size),
                     size);
    free(w->queue);
    w->queue = new_queue(w);
    imi_core_loaded loaded;
    assert_true(imi_core_state_load((imi_core_view){blob, size}, w->queue, &loaded));
    free(blob);
    w->call = 0;
}

/* Milliseconds until the server has heard enough and every frame was answered. */
static int64_t run(world *w, const link_options *link)
{
    memset(w, 0, sizeof *w);
    w->link = *link;
    w->random = 7;
    w->queue = new_queue(w);
    w->chooser = imi_core_chooser_init(malloc(imi_core_chooser_size()), imi_core_chooser_size());
    imi_core_view id = {(const uint8_t *)"cap_x", 5};
    assert_true(imi_core_queue_begin(w->queue, id, nonce, JPEG_MAX));
    int64_t now_ms = 0;
    for (; now_ms < 600000; now_ms += STEP_MS) {
        bool wants = w->pushed < link->frames;
        if (wants && now_ms % CAMERA_MS == 0) {
            shoot(w, now_ms);
        }
        if (link->reload_ms != 0 && now_ms == link->reload_ms) {
            reload(w);
        }
        send(w, now_ms);
        carry(w, now_ms);
        if (!wants && imi_core_queue_waiting(w->queue) == 0) {
            break;
        }
    }
    free(w->chooser);
    free(w->queue);
    assert_int_equal(w->taken, link->frames);
    return now_ms;
}

static world w;

static void slow_lossy_link_carries_a_capture_in_time(void **state)
{
    (void)state;
    link_options link = {.bytes_per_s = 25000, .delay_ms = 400, .loss_permille = 20, .frames = 40};
    int64_t took_ms = run(&w, &link);
    assert_in_range(took_ms, 1, 89999);
    assert_int_equal(w.jpeg_bytes, IMI_CORE_JPEG_MIN_BYTES);
}

static void lost_and_doubled_answers_count_once(void **state)
{
    (void)state;
    link_options link = {.bytes_per_s = 100000,
                         .delay_ms = 100,
                         .loss_permille = 200,
                         .twice_permille = 300,
                         .frames = 200};
    run(&w, &link);
    assert_int_equal(w.answers, 200);
    assert_true(w.second_answers > 20);
}

static void gap_in_the_network_loses_nothing(void **state)
{
    (void)state;
    link_options link = {.bytes_per_s = 200000,
                         .delay_ms = 60,
                         .gone_from_ms = 3000,
                         .gone_until_ms = 18000,
                         .frames = 100};
    assert_in_range(run(&w, &link), 18000, 60000);
}

static void reload_in_the_middle_goes_on_in_the_same_chain(void **state)
{
    (void)state;
    for (int64_t at_ms = 3000; at_ms < 4000; at_ms += 37) {
        link_options link = {
            .bytes_per_s = 50000, .delay_ms = 200, .reload_ms = at_ms, .frames = 30};
        run(&w, &link);
    }
}

static void better_links_carry_more_and_better_frames(void **state)
{
    (void)state;
    static const uint32_t kbits[] = {200, 500, 1000, 5000, 20000};
    double before = 0;
    uint32_t size_before = 0;
    for (size_t i = 0; i < sizeof kbits / sizeof kbits[0]; i++) {
        link_options link = {.bytes_per_s = kbits[i] * 125,
                             .delay_ms = kbits[i] < 1000 ? 400 : 80,
                             .loss_permille = kbits[i] < 1000 ? 20 : 2,
                             .frames = 100};
        double per_s = 100 / ((double)run(&w, &link) / 1000);
        print_message("| %u kbit/s, %u ms, %u per mille | %.1f | %u |\n", (unsigned)kbits[i],
                      (unsigned)link.delay_ms, (unsigned)link.loss_permille, per_s,
                      (unsigned)w.jpeg_bytes / 1024);
        assert_true(per_s * w.jpeg_bytes > before * size_before);
        before = per_s;
        size_before = w.jpeg_bytes;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slow_lossy_link_carries_a_capture_in_time),
        cmocka_unit_test(lost_and_doubled_answers_count_once),
        cmocka_unit_test(gap_in_the_network_loses_nothing),
        cmocka_unit_test(reload_in_the_middle_goes_on_in_the_same_chain),
        cmocka_unit_test(better_links_carry_more_and_better_frames),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
