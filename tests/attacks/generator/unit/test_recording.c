#include "cmocka_all.h"
#include "recording.h"

static const imi_sim_cue CALM = {.guidance = IMI_GUIDANCE_HOLD_STILL};
static const imi_sim_cue TURN = {.guidance = IMI_GUIDANCE_TURN_LEFT};
enum { PERIOD_MS = 100, LONG_MS = 60000 };

static void without_a_recording_moments_are_what_they_are(void **state)
{
    (void)state;
    imi_gen_recording recording;
    imi_gen_recording_init(&recording, IMI_GEN_STREAM_LIVE, 1);
    imi_gen_moment moment = imi_gen_recording_at(&recording, 4321, &TURN);
    assert_int_equal(4321, moment.at_ms);
    assert_int_equal(IMI_GUIDANCE_TURN_LEFT, moment.cue.guidance);
    assert_false(moment.starts);
}

static unsigned actions_heard(imi_gen_stream stream, uint64_t seed)
{
    imi_gen_recording recording;
    unsigned heard = 0;
    imi_gen_recording_init(&recording, stream, seed);
    for (int64_t at_ms = 0; at_ms < LONG_MS; at_ms += PERIOD_MS) {
        heard |= 1U << imi_gen_recording_at(&recording, at_ms, &TURN).cue.guidance;
    }
    return heard & ~(1U << IMI_GUIDANCE_HOLD_STILL);
}

static void a_loop_holds_every_action(void **state)
{
    (void)state;
    assert_int_equal(6, __builtin_popcount(actions_heard(IMI_GEN_STREAM_LOOPED, 3)));
}

static void a_session_holds_three_actions_of_its_own(void **state)
{
    (void)state;
    unsigned first = actions_heard(IMI_GEN_STREAM_RECORDED, 3);
    assert_int_equal(3, __builtin_popcount(first));
    unsigned others = 0;
    for (uint64_t seed = 0; seed < 20; seed++) {
        others += actions_heard(IMI_GEN_STREAM_RECORDED, seed) != first;
    }
    assert_true(others > 5);
}

static void every_session_was_asked_to_come_nearer(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        unsigned heard = actions_heard(IMI_GEN_STREAM_RECORDED, seed);
        assert_true((heard & 1U << IMI_GUIDANCE_MOVE_CLOSER) != 0);
    }
}

static void what_is_replayed_is_a_session_or_a_loop(void **state)
{
    (void)state;
    unsigned loops = 0;
    for (uint64_t seed = 0; seed < 40; seed++) {
        int actions = __builtin_popcount(actions_heard(IMI_GEN_STREAM_REPLAYED, seed));
        assert_true(actions == 3 || actions == 6);
        loops += actions == 6;
    }
    assert_in_range(loops, 8, 32);
}

static void a_frozen_face_was_told_nothing(void **state)
{
    (void)state;
    assert_int_equal(0, actions_heard(IMI_GEN_STREAM_FROZEN, 3));
}

static void a_loop_begins_again(void **state)
{
    (void)state;
    imi_gen_recording recording;
    int64_t before_ms = -1;
    unsigned starts = 0;
    imi_gen_recording_init(&recording, IMI_GEN_STREAM_LOOPED, 3);
    for (int64_t at_ms = 0; at_ms < LONG_MS; at_ms += PERIOD_MS) {
        imi_gen_moment moment = imi_gen_recording_at(&recording, at_ms, &CALM);
        assert_true(moment.starts == (moment.at_ms < before_ms));
        starts += moment.starts;
        before_ms = moment.at_ms;
    }
    assert_in_range(starts, 1, 4);
}

static void a_splice_cuts_to_what_is_asked_and_back(void **state)
{
    (void)state;
    imi_gen_recording recording;
    unsigned cuts = 0;
    imi_gen_recording_init(&recording, IMI_GEN_STREAM_SPLICED, 3);
    for (int64_t at_ms = 0; at_ms < 6000; at_ms += PERIOD_MS) {
        bool asked = at_ms >= 2000 && at_ms < 4000;
        imi_gen_moment moment = imi_gen_recording_at(&recording, at_ms, asked ? &TURN : &CALM);
        cuts += moment.starts;
        if (moment.starts) {
            assert_int_equal(0, moment.at_ms);
        }
        if (at_ms == 3500) {
            assert_int_equal(IMI_GUIDANCE_TURN_LEFT, moment.cue.guidance);
        }
    }
    assert_int_equal(2, cuts);
}

static void a_rewound_recording_is_the_same(void **state)
{
    (void)state;
    imi_gen_recording recording;
    imi_gen_recording_init(&recording, IMI_GEN_STREAM_SPLICED, 3);
    imi_gen_recording_rewind(&recording);
    (void)imi_gen_recording_at(&recording, 1000, &TURN);
    imi_gen_recording_rewind(&recording);
    imi_gen_moment moment = imi_gen_recording_at(&recording, 100, &TURN);
    assert_int_equal(0, moment.take);
    assert_int_equal(100, moment.at_ms);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_recording_moments_are_what_they_are),
        cmocka_unit_test(a_loop_holds_every_action),
        cmocka_unit_test(a_session_holds_three_actions_of_its_own),
        cmocka_unit_test(every_session_was_asked_to_come_nearer),
        cmocka_unit_test(what_is_replayed_is_a_session_or_a_loop),
        cmocka_unit_test(a_frozen_face_was_told_nothing),
        cmocka_unit_test(a_loop_begins_again),
        cmocka_unit_test(a_splice_cuts_to_what_is_asked_and_back),
        cmocka_unit_test(a_rewound_recording_is_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
