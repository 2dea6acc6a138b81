/*
 * Camera, choice, queue and a server that takes frames in order, over a simulated link that is
 * slow, loses calls and answers, answers twice, lets calls overtake each other, and is gone for a
 * while. A frame that comes early waits at the server for those before it. Time is simulated.
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
    EARLY_MS = 3000, /* that a frame waits at the server for those before it */
    WINDOW_MAX = IMI_CORE_QUEUE_WINDOW_MAX,
    FRAMES_MAX = 2000,
    JPEG_MAX = 1 << 16,
    UNIX_MS = 1000
};

typedef struct link_options {
    uint32_t window; /* calls at once; 0: 1 */
    uint32_t room; /* frames that may wait: beyond, the camera's are passed over; 0: all that fit */
    uint32_t bytes_per_s; /* for all of them */
    uint32_t delay_ms; /* there and back */
    uint32_t jitter_ms; /* by which a call may come later, so that others overtake it */
    uint32_t loss_permille; /* of calls, and again of answers */
    uint32_t twice_permille; /* answers that come twice */
    int64_t gone_from_ms, gone_until_ms;
    int64_t reload_ms; /* 0: never */
    uint32_t frames; /* that the server wants */
} link_options;

/* A call that is under way; sequence 0: none. */
typedef struct call {
    uint64_t sequence;
    int64_t arrives_ms, given_up_ms;
    int64_t answered_ms; /* 0: it has not come, or waits at the server */
    bool is_early; /* it waits at the server */
    bool refused; /* the answer says to send it again */
    bool call_lost, answer_lost;
    uint8_t signature[IMI_CORE_SIGNATURE_SIZE];
} call;

typedef struct world {
    link_options link;
    imi_core_queue *queue;
    imi_core_chooser *chooser;
    uint32_t random;
    call calls[WINDOW_MAX];
    int64_t free_ms; /* when the link has carried what was sent */
    /* The server. */
    uint64_t taken;
    uint8_t signatures[FRAMES_MAX][IMI_CORE_SIGNATURE_SIZE];
    /* What came of it. */
    uint32_t answers, second_answers, early, pushed, jpeg_bytes;
    int64_t shot_ms[FRAMES_MAX];
    double age_ms; /* from camera to server, of all frames */
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
    uint32_t window = w->link.window == 0 ? 1 : w->link.window;
    imi_core_queue_options options = {.window = window, .random = draw, .user = w};
    return imi_core_queue_init(malloc(size), size, &options);
}

static void shoot(world *w, int64_t now_ms)
{
    static const uint8_t digest[IMI_CORE_DIGEST_SIZE] = {1}, jpeg[JPEG_MAX] = {0xFF, 0xD8};
    imi_core_plan plan;
    imi_core_queue_plan(w->queue, &plan);
    imi_core_quality quality = {.sharpness_milli = 4000 + (draw(w) >> 20)};
    bool has_room = w->link.room == 0 || imi_core_queue_waiting(w->queue) < w->link.room;
    if (!has_room || !imi_core_chooser_take(w->chooser, &quality, plan.period_ms, now_ms)) {
        return;
    }
    uint8_t message[IMI_CORE_FRAME_MESSAGE_SIZE];
    imi_core_frame frame = {.captured_at_unix_ms = UNIX_MS + now_ms,
                            .jpeg = {jpeg, plan.jpeg_bytes}};
    assert_true(imi_core_queue_message(w->queue, frame.captured_at_unix_ms, digest, message));
    sign(message, frame.signature);
    imi_core_push verdict = imi_core_queue_push(w->queue, &frame);
    assert_true(verdict == IMI_CORE_PUSH_OK || verdict == IMI_CORE_PUSH_FULL);
    if (verdict == IMI_CORE_PUSH_OK) {
        w->shot_ms[++w->pushed] = now_ms;
    }
    w->jpeg_bytes = plan.jpeg_bytes;
}

/* The server's law: the next frame under the chain so far, or one that it has, unchanged. What
 * comes before its turn waits. */
static void judge(world *w, call *c, int64_t now_ms)
{
    c->is_early = c->sequence > w->taken + 1;
    if (c->is_early) {
        w->early += now_ms == c->arrives_ms;
        return;
    }
    if (c->sequence <= w->taken) {
        assert_memory_equal(w->signatures[c->sequence], c->signature, IMI_CORE_SIGNATURE_SIZE);
    } else {
        w->taken++;
        assert_true(w->taken < FRAMES_MAX);
        w->age_ms += (double)(now_ms - w->shot_ms[w->taken]);
        memcpy(w->signatures[w->taken], c->signature, IMI_CORE_SIGNATURE_SIZE);
    }
    c->answered_ms = now_ms + w->link.delay_ms / 2;
}

/* Calls that waited for frames that have come, or for too long. */
static void judge_early(world *w, int64_t now_ms)
{
    for (uint64_t before = 0; before != w->taken;) {
        before = w->taken;
        for (int i = 0; i < WINDOW_MAX; i++) {
            if (w->calls[i].is_early) {
                judge(w, &w->calls[i], now_ms);
            }
        }
    }
    for (int i = 0; i < WINDOW_MAX; i++) {
        call *c = &w->calls[i];
        if (c->is_early && now_ms >= c->arrives_ms + EARLY_MS) {
            c->is_early = false;
            c->refused = true;
            c->answered_ms = now_ms + w->link.delay_ms / 2;
        }
    }
}

static void send(world *w, int64_t now_ms)
{
    call *c = w->calls;
    while (c < w->calls + WINDOW_MAX && c->sequence != 0) {
        c++;
    }
    imi_core_frame frame;
    if (c == w->calls + WINDOW_MAX || !imi_core_queue_next(w->queue, now_ms, &frame)) {
        return;
    }
    /* All calls share the link: each sets out when it has carried those before. */
    int64_t begins_ms = now_ms > w->free_ms ? now_ms : w->free_ms;
    w->free_ms = begins_ms + (int64_t)frame.jpeg.size * 1000 / w->link.bytes_per_s;
    uint32_t late_ms = w->link.jitter_ms == 0 ? 0 : (draw(w) >> 8) % w->link.jitter_ms;
    *c = (call){.sequence = frame.sequence,
                .arrives_ms = w->free_ms + w->link.delay_ms / 2 + late_ms,
                .given_up_ms = now_ms + TIMEOUT_MS,
                .call_lost = happens(w, w->link.loss_permille),
                .answer_lost = happens(w, w->link.loss_permille)};
    memcpy(c->signature, frame.signature, sizeof frame.signature);
}

static bool is_gone(const world *w, int64_t at_ms)
{
    return at_ms >= w->link.gone_from_ms && at_ms < w->link.gone_until_ms;
}

static void take_answer(world *w, call *c, int64_t now_ms)
{
    uint64_t sequence = c->sequence;
    c->sequence = 0;
    if (c->refused) {
        imi_core_queue_failed(w->queue, sequence, now_ms);
        return;
    }
    /* Where a later frame's answer came first, that was the answer to this one, too. */
    w->answers += imi_core_queue_answered(w->queue, sequence, now_ms);
    if (happens(w, w->link.twice_permille)) {
        w->second_answers++;
        assert_false(imi_core_queue_answered(w->queue, sequence, now_ms));
    }
}

static void carry_one(world *w, call *c, int64_t now_ms)
{
    if (now_ms == c->arrives_ms && !c->call_lost && !is_gone(w, now_ms)) {
        judge(w, c, now_ms);
    }
    bool answered = c->answered_ms != 0 && now_ms == c->answered_ms;
    if (answered && !c->answer_lost && !is_gone(w, now_ms)) {
        take_answer(w, c, now_ms);
    } else if (now_ms >= c->given_up_ms) {
        imi_core_queue_failed(w->queue, c->sequence, now_ms);
        c->sequence = 0;
        c->is_early = false;
    }
}

static void carry(world *w, int64_t now_ms)
{
    for (int i = 0; i < WINDOW_MAX; i++) {
        if (w->calls[i].sequence != 0) {
            carry_one(w, &w->calls[i], now_ms);
        }
    }
    judge_early(w, now_ms);
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
    memset(w->calls, 0, sizeof w->calls);
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

static void calls_that_overtake_each_other_lose_nothing(void **state)
{
    (void)state;
    for (uint32_t window = 2; window <= WINDOW_MAX; window++) {
        link_options link = {.window = window,
                             .bytes_per_s = 200000,
                             .delay_ms = 100,
                             .jitter_ms = 400,
                             .loss_permille = 50,
                             .twice_permille = 200,
                             .frames = 200};
        run(&w, &link);
        assert_true(w.early > 20 && w.second_answers > 20);
    }
}

static void reload_with_several_calls_under_way_loses_nothing(void **state)
{
    (void)state;
    for (int64_t at_ms = 3000; at_ms < 4000; at_ms += 37) {
        link_options link = {.window = 3,
                             .bytes_per_s = 50000,
                             .delay_ms = 200,
                             .jitter_ms = 300,
                             .reload_ms = at_ms,
                             .frames = 30};
        run(&w, &link);
    }
}

/* Frames a second of a capture, and how old they are when the server has them. */
static double measure_window(uint32_t window, uint32_t kbit, uint32_t jitter_ms)
{
    link_options link = {.window = window,
                         .room = window + 1,
                         .bytes_per_s = kbit * 125,
                         .delay_ms = 400,
                         .jitter_ms = jitter_ms,
                         .loss_permille = 20,
                         .frames = 400};
    double per_s = link.frames / ((double)run(&w, &link) / 1000);
    print_message("| %u kbit/s, %u ms | %u | %.2f | %.1f |\n", (unsigned)kbit, (unsigned)jitter_ms,
                  (unsigned)window, per_s, w.age_ms / 1000.0 / link.frames);
    return per_s;
}

static void second_call_fills_the_delay_of_a_slow_link(void **state)
{
    (void)state;
    static const struct {
        uint32_t kbit, jitter_ms;
    } links[] = {{200, 0}, {200, 200}, {500, 0}};
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        double alone = 0;
        for (uint32_t window = 1; window <= 4; window++) {
            double per_s = measure_window(window, links[i].kbit, links[i].jitter_ms);
            alone = window == 1 ? per_s : alone;
            assert_true(window == 1 || per_s > 1.5 * alone);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slow_lossy_link_carries_a_capture_in_time),
        cmocka_unit_test(lost_and_doubled_answers_count_once),
        cmocka_unit_test(gap_in_the_network_loses_nothing),
        cmocka_unit_test(reload_in_the_middle_goes_on_in_the_same_chain),
        cmocka_unit_test(calls_that_overtake_each_other_lose_nothing),
        cmocka_unit_test(reload_with_several_calls_under_way_loses_nothing),
        cmocka_unit_test(second_call_fills_the_delay_of_a_slow_link),
        cmocka_unit_test(better_links_carry_more_and_better_frames),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
