#include "attack.h"
#include "cmocka_all.h"
#include "drawn_film.h"
#include "drawn_portrait.h"

#include <math.h>
#include <string.h>

enum { PERIOD_MS = 200 };

typedef struct people {
    imi_gen_portrait *victim, *other;
    imi_gen_film *film;
} people;

static int set_up(void **state)
{
    static people both;
    both = (people){drawn_portrait_new(0), drawn_portrait_new(33), drawn_film_new()};
    *state = &both;
    return 0;
}

static int tear_down(void **state)
{
    people *both = *state;
    imi_gen_portrait_destroy(&both->victim);
    imi_gen_portrait_destroy(&both->other);
    imi_gen_film_destroy(&both->film);
    return 0;
}

static imi_source *attack_of(void **state, imi_gen_species species, uint64_t seed)
{
    const people *both = *state;
    imi_gen_stage_options options = {
        .species = species,
        .seed = seed,
        .victim = both->victim,
        .other = both->other,
        .film = both->film,
        .width = 320,
        .height = 240,
    };
    imi_source *source = NULL;
    assert_int_equal(IMI_OK, imi_gen_attack_new(&options, &source, NULL));
    return source;
}

/* Digest of the frame at a moment, after every frame up to there. */
typedef struct digest {
    uint8_t bytes[IMI_SIM_DIGEST_SIZE];
} digest;

static digest play_under(imi_source *source, int64_t until_ms, imi_sim_cue cue)
{
    digest out = {{0}};
    for (int64_t at_ms = 0; at_ms <= until_ms; at_ms += PERIOD_MS) {
        cue.light_shown_ms = at_ms;
        const imi_sim_frame *frame = source->frame_at(source, at_ms, &cue);
        imi_copy(out.bytes, frame->digest, sizeof out.bytes);
    }
    return out;
}

static digest play(imi_source *source, int64_t until_ms, imi_guidance guidance)
{
    return play_under(source, until_ms, (imi_sim_cue){.guidance = guidance});
}

static bool equal(const digest *a, const digest *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

static void every_species_sends_pictures_of_the_wanted_size(void **state)
{
    const imi_jpeg_limits limits = IMI_JPEG_LIMITS_FRAME;
    for (unsigned i = 0; i < IMI_GEN_SPECIES_COUNT; i++) {
        IMI_AUTO(imi_source) source = attack_of(state, (imi_gen_species)i, 3);
        const imi_sim_cue cue = {.guidance = IMI_GUIDANCE_HOLD_STILL};
        const imi_sim_frame *frame = source->frame_at(source, 0, &cue);
        IMI_AUTO(imi_image) image = NULL;
        assert_int_equal(IMI_OK,
                         imi_jpeg_decode(imi_buffer_view(&frame->jpeg), &limits, &image, NULL));
        assert_int_equal(320, image->width);
        assert_int_equal(240, image->height);
    }
}

static void every_species_is_made_again_from_its_seed(void **state)
{
    for (unsigned i = 0; i < IMI_GEN_SPECIES_COUNT; i++) {
        IMI_AUTO(imi_source) a = attack_of(state, (imi_gen_species)i, 11);
        IMI_AUTO(imi_source) b = attack_of(state, (imi_gen_species)i, 11);
        IMI_AUTO(imi_source) c = attack_of(state, (imi_gen_species)i, 12);
        digest from_a = play(a, 800, IMI_GUIDANCE_TURN_LEFT);
        digest from_b = play(b, 800, IMI_GUIDANCE_TURN_LEFT);
        digest from_c = play(c, 800, IMI_GUIDANCE_TURN_LEFT);
        assert_true(equal(&from_a, &from_b));
        assert_false(equal(&from_a, &from_c));
    }
}

static void who_is_there_does_what_is_asked(void **state)
{
    static const imi_gen_species REACT[] = {
        IMI_GEN_BONA_FIDE, IMI_GEN_PRINT_FLAT,    IMI_GEN_MASK_CUT_OUT,   IMI_GEN_VIDEO_PUPPET,
        IMI_GEN_FACE_SWAP, IMI_GEN_SPLICED_VIDEO, IMI_GEN_INJECTED_STILL,
    };
    for (size_t i = 0; i < sizeof REACT / sizeof REACT[0]; i++) {
        IMI_AUTO(imi_source) a = attack_of(state, REACT[i], 4);
        IMI_AUTO(imi_source) b = attack_of(state, REACT[i], 4);
        digest turned = play(a, 2400, IMI_GUIDANCE_TURN_LEFT);
        digest nearer = play(b, 2400, IMI_GUIDANCE_MOVE_CLOSER);
        assert_false(equal(&turned, &nearer));
    }
}

static void a_recording_hears_nothing(void **state)
{
    static const imi_gen_species DEAF[] = {IMI_GEN_VIDEO_REPLAY, IMI_GEN_FROZEN_VIDEO,
                                           IMI_GEN_LOOPED_VIDEO, IMI_GEN_INJECTED_SESSION,
                                           IMI_GEN_CLIP_REPLAY};
    for (size_t i = 0; i < sizeof DEAF / sizeof DEAF[0]; i++) {
        IMI_AUTO(imi_source) a = attack_of(state, DEAF[i], 4);
        IMI_AUTO(imi_source) b = attack_of(state, DEAF[i], 4);
        digest turned = play(a, 3000, IMI_GUIDANCE_TURN_LEFT);
        digest nearer = play(b, 3000, IMI_GUIDANCE_MOVE_CLOSER);
        assert_true(equal(&turned, &nearer));
    }
}

static void a_frozen_video_repeats_its_last_frame(void **state)
{
    IMI_AUTO(imi_source) source = attack_of(state, IMI_GEN_FROZEN_VIDEO, 9);
    digest first = play(source, 6200, IMI_GUIDANCE_HOLD_STILL);
    const imi_sim_cue cue = {.guidance = IMI_GUIDANCE_TURN_LEFT};
    const imi_sim_frame *later = source->frame_at(source, 8000, &cue);
    assert_memory_equal(first.bytes, later->digest, sizeof first.bytes);
}

static void a_camera_never_sends_a_frame_twice(void **state)
{
    enum { FRAMES = 40 };
    IMI_AUTO(imi_source) source = attack_of(state, IMI_GEN_BONA_FIDE, 9);
    uint8_t seen[FRAMES][IMI_SIM_DIGEST_SIZE];
    const imi_sim_cue cue = {.guidance = IMI_GUIDANCE_HOLD_STILL};
    for (int i = 0; i < FRAMES; i++) {
        const imi_sim_frame *frame = source->frame_at(source, (int64_t)i * PERIOD_MS, &cue);
        imi_copy(seen[i], frame->digest, IMI_SIM_DIGEST_SIZE);
        for (int k = 0; k < i; k++) {
            assert_memory_not_equal(seen[i], seen[k], IMI_SIM_DIGEST_SIZE);
        }
    }
}

static void a_person_never_acts_twice_alike_but_a_recording_does(void **state)
{
    IMI_AUTO(imi_source) person = attack_of(state, IMI_GEN_BONA_FIDE, 2);
    IMI_AUTO(imi_source) recording = attack_of(state, IMI_GEN_INJECTED_SESSION, 2);
    digest person_first = play(person, 1000, IMI_GUIDANCE_HOLD_STILL);
    digest person_again = play(person, 1000, IMI_GUIDANCE_HOLD_STILL);
    digest recording_first = play(recording, 1000, IMI_GUIDANCE_HOLD_STILL);
    digest recording_again = play(recording, 1000, IMI_GUIDANCE_HOLD_STILL);
    assert_false(equal(&person_first, &person_again));
    assert_true(equal(&recording_first, &recording_again));
}

static void a_replayed_recording_is_filmed_anew_each_time(void **state)
{
    IMI_AUTO(imi_source) source = attack_of(state, IMI_GEN_VIDEO_REPLAY, 2);
    digest first = play(source, 1000, IMI_GUIDANCE_HOLD_STILL);
    digest again = play(source, 1000, IMI_GUIDANCE_HOLD_STILL);
    assert_false(equal(&first, &again));
}

static const imi_light_sequence ROSE = {
    .count = 2, .step_ms = 1000, .colours = {{255, 137, 137}, {231, 155, 48}}};
static const imi_light_sequence TEAL = {
    .count = 2, .step_ms = 1000, .colours = {{48, 188, 203}, {124, 170, 255}}};

/* Red over green of where the forehead is. */
static double redness_of(void **state, imi_gen_species species, imi_light_sequence light)
{
    const imi_jpeg_limits limits = IMI_JPEG_LIMITS_FRAME;
    IMI_AUTO(imi_source) source = attack_of(state, species, 4);
    const imi_sim_cue cue = {.guidance = IMI_GUIDANCE_HOLD_STILL, .light = light};
    const imi_sim_frame *frame = source->frame_at(source, 0, &cue);
    IMI_AUTO(imi_image) image = NULL;
    assert_int_equal(IMI_OK, imi_jpeg_decode(imi_buffer_view(&frame->jpeg), &limits, &image, NULL));
    double red = 0;
    double green = 0;
    for (uint32_t y = 90; y < 110; y++) {
        for (uint32_t x = 150; x < 170; x++) {
            red += imi_image_row(image, y)[3 * x];
            green += imi_image_row(image, y)[3 * x + 1];
        }
    }
    return red / green;
}

/* By how much redder it is under rose than under teal. */
static double answer_of(void **state, imi_gen_species species)
{
    return redness_of(state, species, ROSE) / redness_of(state, species, TEAL) - 1;
}

/* The forehead of a swapped face is painted. */
static void what_is_before_the_camera_answers_the_colour(void **state)
{
    static const imi_gen_species THERE[] = {IMI_GEN_BONA_FIDE, IMI_GEN_PRINT_FLAT,
                                            IMI_GEN_MASK_CUT_OUT, IMI_GEN_FACE_SWAP};
    for (size_t i = 0; i < sizeof THERE / sizeof THERE[0]; i++) {
        assert_true(answer_of(state, THERE[i]) > 0.01);
    }
}

/* The camera's balance follows the room that is lit around it. */
static void a_video_is_lit_but_hardly_answers_the_colour(void **state)
{
    static const imi_gen_species VIDEOS[] = {IMI_GEN_VIDEO_REPLAY, IMI_GEN_VIDEO_PUPPET};
    double head = answer_of(state, IMI_GEN_BONA_FIDE);
    for (size_t i = 0; i < sizeof VIDEOS / sizeof VIDEOS[0]; i++) {
        double video = fabs(answer_of(state, VIDEOS[i]));
        assert_true(video > 0);
        assert_true(video < head / 3);
    }
}

static void what_was_made_earlier_is_injected_without_the_light(void **state)
{
    static const imi_gen_species EARLIER[] = {IMI_GEN_FROZEN_VIDEO, IMI_GEN_LOOPED_VIDEO,
                                              IMI_GEN_SPLICED_VIDEO, IMI_GEN_INJECTED_STILL,
                                              IMI_GEN_INJECTED_SESSION};
    for (size_t i = 0; i < sizeof EARLIER / sizeof EARLIER[0]; i++) {
        IMI_AUTO(imi_source) a = attack_of(state, EARLIER[i], 4);
        IMI_AUTO(imi_source) b = attack_of(state, EARLIER[i], 4);
        const imi_sim_cue cue = {.guidance = IMI_GUIDANCE_HOLD_STILL, .light = ROSE};
        digest dark = play(a, PERIOD_MS, IMI_GUIDANCE_HOLD_STILL);
        digest lit = play_under(b, PERIOD_MS, cue);
        assert_true(equal(&dark, &lit));
    }
}

static void an_unknown_species_is_refused(void **state)
{
    const people *both = *state;
    imi_gen_stage_options options = {.species = IMI_GEN_SPECIES_COUNT,
                                     .victim = both->victim,
                                     .other = both->other,
                                     .width = 320,
                                     .height = 240};
    imi_source *source = NULL;
    assert_int_equal(IMI_E_INVALID_ARGUMENT, imi_gen_attack_new(&options, &source, NULL));
    assert_null(source);
}

static void names_lead_back_to_their_species(void **state)
{
    (void)state;
    for (unsigned i = 0; i < IMI_GEN_SPECIES_COUNT; i++) {
        const imi_gen_species_traits *traits = imi_gen_species_traits_of((imi_gen_species)i);
        assert_int_equal(i, imi_gen_species_of_name(traits->name));
    }
    assert_int_equal(IMI_GEN_SPECIES_COUNT, imi_gen_species_of_name("hologram"));
    assert_null(imi_gen_species_traits_of(IMI_GEN_SPECIES_COUNT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_species_sends_pictures_of_the_wanted_size),
        cmocka_unit_test(every_species_is_made_again_from_its_seed),
        cmocka_unit_test(who_is_there_does_what_is_asked),
        cmocka_unit_test(a_recording_hears_nothing),
        cmocka_unit_test(a_frozen_video_repeats_its_last_frame),
        cmocka_unit_test(a_camera_never_sends_a_frame_twice),
        cmocka_unit_test(a_person_never_acts_twice_alike_but_a_recording_does),
        cmocka_unit_test(a_replayed_recording_is_filmed_anew_each_time),
        cmocka_unit_test(what_is_before_the_camera_answers_the_colour),
        cmocka_unit_test(a_video_is_lit_but_hardly_answers_the_colour),
        cmocka_unit_test(what_was_made_earlier_is_injected_without_the_light),
        cmocka_unit_test(an_unknown_species_is_refused),
        cmocka_unit_test(names_lead_back_to_their_species),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
