#include "cmocka_all.h"
#include "drawn_film.h"
#include "player.h"

#include <math.h>

enum { PERIOD_MS = 100 };

static int set_up(void **state)
{
    *state = drawn_film_new();
    return 0;
}

static int tear_down(void **state)
{
    imi_gen_film *film = *state;
    imi_gen_film_destroy(&film);
    return 0;
}

static imi_gen_player *player_of(void **state, imi_gen_stream stream, uint64_t seed)
{
    imi_gen_player *player = NULL;
    assert_int_equal(IMI_OK, imi_gen_player_new(*state, stream, seed, &player, NULL));
    return player;
}

static imi_gen_played show(imi_gen_player *player, int64_t at_ms, const imi_sim_cue *cue)
{
    imi_gen_played out;
    assert_int_equal(IMI_OK, imi_gen_player_show(player, at_ms, cue, &out, NULL));
    return out;
}

static int64_t shown_ms(imi_gen_player *player, int64_t at_ms, imi_guidance guidance)
{
    const imi_sim_cue cue = {.guidance = guidance};
    return show(player, at_ms, &cue).film_ms;
}

static bool is_acted(const void *film, imi_action action, int64_t film_ms)
{
    const imi_segments *segments = ((const imi_gen_film *)film)->segments;
    for (size_t i = 0; i < segments->count; i++) {
        const imi_segment *segment = &segments->items[i];
        if (segment->action == action && film_ms >= segment->start_ms &&
            film_ms < segment->end_ms) {
            return true;
        }
    }
    return false;
}

static void an_operator_plays_the_stretch_of_what_is_asked(void **state)
{
    IMI_AUTO(imi_gen_player) player = player_of(state, IMI_GEN_STREAM_SPLICED, 1);
    for (int64_t at_ms = 0; at_ms < 1000; at_ms += PERIOD_MS) {
        int64_t film_ms = shown_ms(player, at_ms, IMI_GUIDANCE_HOLD_STILL);
        assert_true(is_acted(*state, IMI_ACTION_NONE, film_ms));
    }
    shown_ms(player, 1000, IMI_GUIDANCE_TURN_LEFT);
    int64_t film_ms = shown_ms(player, 1500, IMI_GUIDANCE_TURN_LEFT);
    assert_true(is_acted(*state, IMI_ACTION_TURN_LEFT, film_ms));
}

static void an_operator_without_a_stretch_of_it_stays_calm(void **state)
{
    IMI_AUTO(imi_gen_player) player = player_of(state, IMI_GEN_STREAM_SPLICED, 1);
    for (int64_t at_ms = 0; at_ms < 3000; at_ms += PERIOD_MS) {
        int64_t film_ms = shown_ms(player, at_ms, IMI_GUIDANCE_NOD);
        assert_true(is_acted(*state, IMI_ACTION_NONE, film_ms));
    }
}

static void an_operator_brings_the_face_to_the_oval_by_the_view_alone(void **state)
{
    IMI_AUTO(imi_gen_player) player = player_of(state, IMI_GEN_STREAM_SPLICED, 1);
    imi_sim_cue cue = {.guidance = IMI_GUIDANCE_FIT_OVAL, .has_target = true};
    assert_int_equal(IMI_OK, imi_challenge_parse("follow@2,blink", &cue.challenge, NULL));
    cue.target = (imi_oval){0.6F, 0.4F, 0.4F};
    imi_gen_played seen = {.picture = NULL};
    for (int64_t at_ms = 0; at_ms < 1500; at_ms += PERIOD_MS) {
        seen = show(player, at_ms, &cue);
    }
    assert_true(fabsf(seen.view.shift_x - 0.1F) < 0.001F);
    assert_true(fabsf(seen.view.shift_y + 0.1F) < 0.001F);
    assert_int_equal(DRAWN_FILM_WIDTH, seen.picture->width);
    /* What the film shows there, not moved: green on grey. */
    const uint8_t *middle =
        imi_image_row(seen.picture, DRAWN_FILM_HEIGHT / 2) + 3 * (size_t)(DRAWN_FILM_WIDTH / 2);
    assert_true(middle[1] > 180 && middle[0] < 100 && middle[2] < 100);
}

static void who_only_plays_it_hears_nothing(void **state)
{
    IMI_AUTO(imi_gen_player) a = player_of(state, IMI_GEN_STREAM_RECORDED, 5);
    IMI_AUTO(imi_gen_player) b = player_of(state, IMI_GEN_STREAM_RECORDED, 5);
    for (int64_t at_ms = 0; at_ms < 20000; at_ms += 7 * PERIOD_MS) {
        assert_int_equal(shown_ms(a, at_ms, IMI_GUIDANCE_TURN_LEFT),
                         shown_ms(b, at_ms, IMI_GUIDANCE_OPEN_MOUTH));
    }
}

static void it_is_played_from_a_calm_moment_on_and_again(void **state)
{
    const imi_gen_film *film = *state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        IMI_AUTO(imi_gen_player) player = player_of(state, IMI_GEN_STREAM_RECORDED, seed);
        int64_t before_ms = shown_ms(player, 0, IMI_GUIDANCE_HOLD_STILL);
        assert_true(is_acted(film, IMI_ACTION_NONE, before_ms));
        unsigned jumps = 0;
        for (int64_t at_ms = PERIOD_MS; at_ms < 2 * DRAWN_FILM_MS; at_ms += PERIOD_MS) {
            int64_t now_ms = shown_ms(player, at_ms, IMI_GUIDANCE_HOLD_STILL);
            bool goes_on = now_ms == before_ms + PERIOD_MS;
            assert_true(goes_on || now_ms == film->calm.start_ms);
            jumps += !goes_on;
            before_ms = now_ms;
        }
        assert_int_equal(2, jumps);
    }
}

static void where_it_begins_follows_from_the_seed(void **state)
{
    bool differs = false;
    for (uint64_t seed = 0; seed < 10; seed++) {
        IMI_AUTO(imi_gen_player) a = player_of(state, IMI_GEN_STREAM_RECORDED, seed);
        IMI_AUTO(imi_gen_player) b = player_of(state, IMI_GEN_STREAM_RECORDED, seed);
        IMI_AUTO(imi_gen_player) c = player_of(state, IMI_GEN_STREAM_RECORDED, seed + 1);
        int64_t from_a = shown_ms(a, 0, IMI_GUIDANCE_HOLD_STILL);
        assert_int_equal(from_a, shown_ms(b, 0, IMI_GUIDANCE_HOLD_STILL));
        differs = differs || from_a != shown_ms(c, 0, IMI_GUIDANCE_HOLD_STILL);
    }
    assert_true(differs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_operator_plays_the_stretch_of_what_is_asked),
        cmocka_unit_test(an_operator_without_a_stretch_of_it_stays_calm),
        cmocka_unit_test(an_operator_brings_the_face_to_the_oval_by_the_view_alone),
        cmocka_unit_test(who_only_plays_it_hears_nothing),
        cmocka_unit_test(it_is_played_from_a_calm_moment_on_and_again),
        cmocka_unit_test(where_it_begins_follows_from_the_seed),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
