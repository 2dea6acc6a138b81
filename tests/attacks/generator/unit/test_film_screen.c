/* A film on a screen before the camera: what of it is seen, and where. */
#include "attack.h"
#include "cmocka_all.h"
#include "drawn_film.h"
#include "drawn_portrait.h"

#include <math.h>

enum { WIDTH = 320, HEIGHT = 240, PERIOD_MS = 100 };

typedef struct scene {
    imi_gen_portrait *victim, *other;
    imi_gen_film *film;
} scene;

static int set_up(void **state)
{
    static scene all;
    all = (scene){drawn_portrait_new(0), drawn_portrait_new(33), drawn_film_new()};
    *state = &all;
    return 0;
}

static int tear_down(void **state)
{
    scene *all = *state;
    imi_gen_portrait_destroy(&all->victim);
    imi_gen_portrait_destroy(&all->other);
    imi_gen_film_destroy(&all->film);
    return 0;
}

static imi_gen_stage_options options_of(void **state, imi_gen_species species, uint64_t seed)
{
    const scene *all = *state;
    return (imi_gen_stage_options){.species = species,
                                   .seed = seed,
                                   .victim = all->victim,
                                   .other = all->other,
                                   .film = all->film,
                                   .width = WIDTH,
                                   .height = HEIGHT};
}

/* The drawn face in a picture: by how much one channel exceeds the others. */
typedef struct spot {
    double x, y, area;
} spot;

static spot find_spot(const imi_image *image, unsigned channel)
{
    spot out = {0, 0, 0};
    for (uint32_t y = 0; y < image->height; y++) {
        const uint8_t *row = imi_image_row(image, y);
        for (uint32_t x = 0; x < image->width; x++, row += 3) {
            if (row[channel] > row[(channel + 1) % 3] + 60 &&
                row[channel] > row[(channel + 2) % 3] + 60) {
                out.x += x;
                out.y += y;
                out.area++;
            }
        }
    }
    out.x /= fmax(out.area, 1);
    out.y /= fmax(out.area, 1);
    return out;
}

/* The calm face of the film, seen through a view. */
static spot seen_through(void **state, uint64_t seed, imi_sim_view view)
{
    const imi_jpeg_limits limits = IMI_JPEG_LIMITS_FRAME;
    imi_gen_stage_options options = options_of(state, IMI_GEN_CLIP_PUPPET, seed);
    IMI_AUTO(imi_gen_stage) stage = NULL;
    IMI_AUTO(imi_image) frame = NULL;
    const imi_sim_frame *calm = imi_sim_frames_at(options.film->frames, 600);
    assert_int_equal(IMI_OK, imi_jpeg_decode(imi_buffer_view(&calm->jpeg), &limits, &frame, NULL));
    assert_int_equal(IMI_OK, imi_gen_stage_new(&options, &stage, NULL));
    imi_gen_stage_show(stage, frame);
    imi_gen_pose held = imi_gen_stage_hold(stage, &view);
    imi_gen_picture picture;
    assert_int_equal(IMI_OK, imi_gen_stage_draw(stage, &held, 0, &picture, NULL));
    return find_spot(picture.scene, 1);
}

static void a_film_fills_the_view_as_it_filled_the_one_it_was_taken_in(void **state)
{
    for (uint64_t seed = 1; seed < 6; seed++) {
        spot seen = seen_through(state, seed, (imi_sim_view){0, 0, 1, 0.5F, 0.5F});
        double side = DRAWN_FILM_FACE * (double)WIDTH / DRAWN_FILM_WIDTH;
        assert_true(fabs(seen.x - WIDTH / 2.0) < 8 && fabs(seen.y - HEIGHT / 2.0) < 8);
        assert_true(fabs(sqrt(seen.area) - side) < 4);
    }
}

static void moving_the_screen_moves_and_enlarges_the_face_as_the_view_says(void **state)
{
    for (uint64_t seed = 1; seed < 6; seed++) {
        spot seen = seen_through(state, seed, (imi_sim_view){0.1F, -0.1F, 1.5F, 0.5F, 0.5F});
        double side = 1.5 * DRAWN_FILM_FACE * (double)WIDTH / DRAWN_FILM_WIDTH;
        assert_true(fabs(seen.x - 0.6 * WIDTH) < 10 && fabs(seen.y - 0.4 * HEIGHT) < 10);
        assert_true(fabs(sqrt(seen.area) - side) < 6);
    }
}

/* Area of the face in a colour, in the frame that a phone is sent after so long. */
static double area_sent(void **state, imi_gen_species species, imi_guidance guidance,
                        unsigned channel)
{
    const imi_jpeg_limits limits = IMI_JPEG_LIMITS_FRAME;
    imi_gen_stage_options options = options_of(state, species, 3);
    IMI_AUTO(imi_source) source = NULL;
    IMI_AUTO(imi_image) image = NULL;
    assert_int_equal(IMI_OK, imi_gen_attack_new(&options, &source, NULL));
    const imi_sim_cue cue = {.guidance = guidance};
    const imi_sim_frame *frame = NULL;
    for (int64_t at_ms = 0; at_ms <= 800; at_ms += PERIOD_MS) {
        frame = source->frame_at(source, at_ms, &cue);
    }
    assert_int_equal(IMI_OK, imi_jpeg_decode(imi_buffer_view(&frame->jpeg), &limits, &image, NULL));
    return find_spot(image, channel).area;
}

static void the_phone_sees_the_stretch_that_an_operator_plays(void **state)
{
    enum { RED, GREEN, BLUE };
    assert_true(area_sent(state, IMI_GEN_CLIP_PUPPET, IMI_GUIDANCE_HOLD_STILL, GREEN) > 400);
    assert_true(area_sent(state, IMI_GEN_CLIP_PUPPET, IMI_GUIDANCE_TURN_LEFT, RED) > 400);
    assert_true(area_sent(state, IMI_GEN_CLIP_PUPPET, IMI_GUIDANCE_MOVE_CLOSER, BLUE) > 400);
    assert_true(area_sent(state, IMI_GEN_CLIP_PUPPET, IMI_GUIDANCE_TURN_LEFT, GREEN) < 40);
}

static void without_a_film_there_is_no_such_attack(void **state)
{
    static const imi_gen_species SHOW[] = {IMI_GEN_CLIP_REPLAY, IMI_GEN_CLIP_PUPPET};
    for (size_t i = 0; i < sizeof SHOW / sizeof SHOW[0]; i++) {
        imi_gen_stage_options options = options_of(state, SHOW[i], 1);
        options.film = NULL;
        imi_source *source = NULL;
        assert_int_equal(IMI_E_INVALID_ARGUMENT, imi_gen_attack_new(&options, &source, NULL));
        assert_null(source);
    }
}

static void a_film_changes_nothing_for_what_is_rendered(void **state)
{
    const imi_sim_cue cue = {.guidance = IMI_GUIDANCE_HOLD_STILL};
    imi_gen_stage_options with = options_of(state, IMI_GEN_VIDEO_PUPPET, 2);
    imi_gen_stage_options without = with;
    without.film = NULL;
    IMI_AUTO(imi_source) a = NULL;
    IMI_AUTO(imi_source) b = NULL;
    assert_int_equal(IMI_OK, imi_gen_attack_new(&with, &a, NULL));
    assert_int_equal(IMI_OK, imi_gen_attack_new(&without, &b, NULL));
    assert_memory_equal(a->frame_at(a, 0, &cue)->digest, b->frame_at(b, 0, &cue)->digest,
                        IMI_SIM_DIGEST_SIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_film_fills_the_view_as_it_filled_the_one_it_was_taken_in),
        cmocka_unit_test(moving_the_screen_moves_and_enlarges_the_face_as_the_view_says),
        cmocka_unit_test(the_phone_sees_the_stretch_that_an_operator_plays),
        cmocka_unit_test(without_a_film_there_is_no_such_attack),
        cmocka_unit_test(a_film_changes_nothing_for_what_is_rendered),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
