#include "stage.h"

#include "probe_keeper.h"

#include <math.h>

enum { PERSON = 3, APART_MS = 1000 };

static imi_probe_keeper *keeper_new(void)
{
    imi_probe_keeper *keeper = imi_alloc_aligned(1, sizeof *keeper);
    assert_non_null(keeper);
    return keeper;
}

/* Offer a scene as following saw it; whether a template was made. */
static bool offer(stage *s, imi_probe_keeper *keeper, const scene *what, float quality)
{
    s->now_ms += APART_MS;
    if (!imi_probe_keeper_wants(keeper, quality, s->now_ms, false)) {
        return false;
    }
    imi_face face;
    const imi_template *made = NULL;
    IMI_AUTO(imi_image) image = scene_draw(what);
    assert_int_equal(
        imi_probe_keeper_try(keeper, s->engine, image, quality, s->now_ms, &face, &made, NULL),
        IMI_OK);
    assert_true((made != NULL) == (face.reason == IMI_CAPTURE_OK));
    return made != NULL;
}

static scene person(void)
{
    return scene_neutral(PERSON);
}

/* A keeper that is full, of frames of this quality. */
static imi_probe_keeper *full_keeper(stage *s, float quality)
{
    imi_probe_keeper *keeper = keeper_new();
    scene what = person();
    while (keeper->kept.count < IMI_PROBES_MAX) {
        assert_true(offer(s, keeper, &what, 0.5F));
    }
    for (size_t i = 0; i < IMI_PROBES_MAX; i++) {
        keeper->kept.quality[i] = quality;
    }
    return keeper;
}

static void a_fit_frame_becomes_a_template(void **state)
{
    stage *s = *state;
    imi_probe_keeper *keeper = keeper_new();
    scene what = person();
    assert_true(offer(s, keeper, &what, 0.5F));
    assert_int_equal(keeper->kept.count, 1);
    assert_int_equal(keeper->kept.templates[0].count, 1);
    assert_true(keeper->kept.quality[0] >= 0);
    assert_int_equal(s->embeddings, 2); /* the chip and its mirror image */
    imi_free(keeper);
}

static void frames_of_one_moment_are_not_wanted_twice(void **state)
{
    stage *s = *state;
    imi_probe_keeper *keeper = keeper_new();
    scene what = person();
    assert_true(offer(s, keeper, &what, 0.5F));
    assert_false(imi_probe_keeper_wants(keeper, 0.9F, s->now_ms + 300, false));
    assert_true(imi_probe_keeper_wants(keeper, 0.9F, s->now_ms + APART_MS, false));
    imi_free(keeper);
}

static void frames_of_no_known_quality_are_not_wanted(void **state)
{
    (void)state;
    imi_probe_keeper *keeper = keeper_new();
    assert_false(imi_probe_keeper_wants(keeper, NAN, 0, false));
    assert_false(imi_probe_keeper_wants(keeper, -1, 0, false));
    imi_free(keeper);
}

static void in_haste_one_probe_is_enough(void **state)
{
    stage *s = *state;
    imi_probe_keeper *keeper = keeper_new();
    scene what = person();
    assert_true(imi_probe_keeper_wants(keeper, 0.5F, s->now_ms, true));
    assert_true(offer(s, keeper, &what, 0.5F));
    assert_false(imi_probe_keeper_wants(keeper, 0.9F, s->now_ms + APART_MS, true));
    imi_free(keeper);
}

static void a_full_keeper_wants_clearly_better_frames_only(void **state)
{
    stage *s = *state;
    imi_probe_keeper *keeper = full_keeper(s, 0.3F);
    int64_t at_ms = s->now_ms + APART_MS;
    assert_false(imi_probe_keeper_wants(keeper, 0.2F, at_ms, false));
    assert_false(imi_probe_keeper_wants(keeper, 0.32F, at_ms, false));
    assert_true(imi_probe_keeper_wants(keeper, 0.4F, at_ms, false));
    imi_free(keeper);
}

static void a_better_frame_takes_the_place_of_the_worst(void **state)
{
    stage *s = *state;
    imi_probe_keeper *keeper = full_keeper(s, 0.9F);
    scene what = person();
    keeper->kept.quality[2] = 0.001F;
    assert_true(offer(s, keeper, &what, 0.5F));
    assert_int_equal(keeper->kept.count, IMI_PROBES_MAX);
    assert_true(keeper->kept.quality[2] > 0.001F);
    assert_float_equal(keeper->kept.quality[1], 0.9, 1e-6);
    imi_free(keeper);
}

/* Following may be mistaken: the frame by itself decides. */
static void a_frame_that_is_unfit_by_itself_is_refused(void **state)
{
    stage *s = *state;
    imi_probe_keeper *keeper = keeper_new();
    scene two = person();
    two.faces = 2;
    assert_false(offer(s, keeper, &two, 0.9F));
    assert_int_equal(keeper->kept.count, 0);
    assert_int_equal(keeper->kept.refused, IMI_CAPTURE_SEVERAL_FACES);
    assert_int_equal(s->embeddings, 0);
    imi_free(keeper);
}

static void the_best_refused_frame_gives_the_reason(void **state)
{
    stage *s = *state;
    imi_probe_keeper *keeper = keeper_new();
    scene dark = person(), turned = person();
    dark.dark = true;
    turned.yaw_deg = 40;
    assert_false(offer(s, keeper, &dark, 0.3F));
    assert_int_equal(keeper->kept.refused, IMI_CAPTURE_TOO_DARK);
    assert_false(offer(s, keeper, &turned, 0.6F));
    assert_false(offer(s, keeper, &dark, 0.5F));
    assert_int_equal(keeper->kept.refused, IMI_CAPTURE_NOT_FRONTAL);
    imi_free(keeper);
}

static void unfit_frames_do_not_spoil_fit_ones(void **state)
{
    stage *s = *state;
    imi_probe_keeper *keeper = keeper_new();
    scene dark = person(), good = person();
    dark.dark = true;
    assert_false(offer(s, keeper, &dark, 0.9F));
    assert_true(offer(s, keeper, &good, 0.4F));
    assert_int_equal(keeper->kept.count, 1);
    imi_free(keeper);
}

static void tries_have_an_end(void **state)
{
    stage *s = *state;
    imi_probe_keeper *keeper = keeper_new();
    scene dark = person();
    dark.dark = true;
    for (int i = 0; i < 100; i++) {
        (void)offer(s, keeper, &dark, 0.5F);
    }
    assert_int_equal(keeper->tries, 24);
    imi_free(keeper);
}

static void each_answered_action_becomes_a_template(void **state)
{
    stage *s = *state;
    imi_probe_keeper *keeper = keeper_new();
    scene turned = person();
    turned.yaw_deg = 30;
    imi_face face;
    IMI_AUTO(imi_image) image = scene_draw(&turned);
    assert_int_equal(imi_engine_analyse(s->engine, image, IMI_CAPTURE_MOTION, &face, NULL), IMI_OK);
    for (int i = 0; i < IMI_CHALLENGE_ACTIONS_MAX; i++) {
        assert_int_equal(imi_probe_keeper_add_action(keeper, s->engine, image, &face, NULL),
                         IMI_OK);
        assert_int_equal(keeper->kept.actions[i].count, 1);
    }
    assert_int_equal(imi_probe_keeper_add_action(keeper, s->engine, image, &face, NULL),
                     IMI_E_INTERNAL);
    assert_int_equal(keeper->kept.action_count, IMI_CHALLENGE_ACTIONS_MAX);
    assert_int_equal(keeper->kept.count, 0);
    imi_free(keeper);
}

#define KEEPER_TEST(name) cmocka_unit_test_setup_teardown(name, stage_set_up, stage_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        KEEPER_TEST(a_fit_frame_becomes_a_template),
        KEEPER_TEST(frames_of_one_moment_are_not_wanted_twice),
        KEEPER_TEST(frames_of_no_known_quality_are_not_wanted),
        KEEPER_TEST(in_haste_one_probe_is_enough),
        KEEPER_TEST(a_full_keeper_wants_clearly_better_frames_only),
        KEEPER_TEST(a_better_frame_takes_the_place_of_the_worst),
        KEEPER_TEST(a_frame_that_is_unfit_by_itself_is_refused),
        KEEPER_TEST(the_best_refused_frame_gives_the_reason),
        KEEPER_TEST(unfit_frames_do_not_spoil_fit_ones),
        KEEPER_TEST(tries_have_an_end),
        KEEPER_TEST(each_answered_action_becomes_a_template),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
