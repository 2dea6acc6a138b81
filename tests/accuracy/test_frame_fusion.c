/* Frames joined: on templates whose frames are one direction and noise, where the arithmetic
 * says what must come out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../unit/compare/samples.h"
#include "frame_fusion.h"
#include "imi/memory.h"

#include <math.h>
#include <string.h>

enum { CLIPS = 3, FRAMES = 12, PROBES = 6, DRAWS = 60 };

typedef struct studio {
    imi_scorer *scorer;
    imi_template *templates; /* CLIPS * FRAMES */
    eval_frame frames[CLIPS * FRAMES];
    eval_frame_pool pools[CLIPS];
    eval_fusion_scoring by;
    eval_fusion_figures figures[EVAL_FUSIONS];
} studio;

static studio g_studio;

/* A frame: half the person, half what only this frame has. */
static void make_frame(uint32_t person, uint32_t frame, imi_template *out)
{
    imi_template *parts = imi_alloc_aligned(2, sizeof *parts);
    sample_template(1000 + person, &parts[0]);
    sample_template(1 + person * FRAMES + frame, &parts[1]);
    assert_int_equal(imi_template_average(parts, NULL, 2, out, NULL), IMI_OK);
    imi_free(parts);
}

static int set_up(void **state)
{
    studio *s = &g_studio;
    *s = (studio){.by = {.thresholds = {0.3F, 0.6F}}};
    assert_int_equal(sample_load(sample_table, &s->scorer, NULL), IMI_OK);
    s->by.scorer = s->scorer;
    s->templates = imi_alloc_aligned(CLIPS * FRAMES, sizeof *s->templates);
    for (uint32_t c = 0; c < CLIPS; c++) {
        for (uint32_t f = 0; f < FRAMES; f++) {
            make_frame(c, f, &s->templates[c * FRAMES + f]);
            s->frames[c * FRAMES + f] = (eval_frame){.face_template = &s->templates[c * FRAMES + f],
                                                     .quality = (float)(f % 5)};
        }
        s->pools[c] = (eval_frame_pool){c, &s->frames[c * FRAMES], PROBES,
                                        &s->frames[c * FRAMES + PROBES], FRAMES - PROBES};
    }
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    studio *s = *state;
    imi_scorer_destroy(&s->scorer);
    imi_free(s->templates);
    return 0;
}

static void measure(studio *s)
{
    assert_int_equal(eval_fusion_measure(&s->by, s->pools, CLIPS, 0, DRAWS, s->figures, NULL),
                     IMI_OK);
}

static const eval_fusion_figures *figures_of(const studio *s, const char *id)
{
    for (size_t f = 0; f < EVAL_FUSIONS; f++) {
        if (strcmp(eval_fusions[f].id, id) == 0) {
            return &s->figures[f];
        }
    }
    fail_msg("no way to join frames is called %s", id);
    return NULL;
}

static void every_draw_meets_its_person_once_and_each_other_once(void **state)
{
    studio *s = *state;
    measure(s);
    for (size_t f = 0; f < EVAL_FUSIONS; f++) {
        assert_int_equal(s->figures[f].mated, DRAWS);
        assert_int_equal(s->figures[f].non_mated, DRAWS * (CLIPS - 1));
    }
}

/* Half of a frame is common, so two frames have a cosine of about one half. */
static void the_person_scores_above_strangers(void **state)
{
    studio *s = *state;
    measure(s);
    const eval_fusion_figures *one = figures_of(s, "random1");
    assert_true(one->mated_mean > 0.35 && one->mated_mean < 0.65);
    assert_true(fabs(one->non_mated_mean) < 0.1);
    assert_true(one->mated_lowest <= one->mated_mean);
    assert_true(one->non_mated_highest >= one->non_mated_mean);
    assert_true(one->fnmr[0] <= one->fnmr[1] && one->fmr[0] >= one->fmr[1]);
}

static void joining_frames_parts_people_better(void **state)
{
    studio *s = *state;
    measure(s);
    double one = figures_of(s, "random1")->d_prime;
    assert_true(figures_of(s, "random3_mean")->d_prime > one);
    assert_true(figures_of(s, "random5_mean")->d_prime > figures_of(s, "random3_mean")->d_prime);
    assert_true(figures_of(s, "random5_average")->d_prime > one);
}

/* An average sheds what only its frames have; a mean of scores is a mean. */
static void averaging_lifts_scores_and_a_mean_of_scores_does_not(void **state)
{
    studio *s = *state;
    measure(s);
    double one = figures_of(s, "random1")->mated_mean;
    assert_true(fabs(figures_of(s, "random5_mean")->mated_mean - one) < 0.05);
    assert_true(figures_of(s, "random5_average")->mated_mean > one + 0.1);
}

static void the_best_frames_are_those_of_the_highest_quality(void **state)
{
    studio *s = *state;
    for (size_t f = 0; f < PROBES; f++) {
        s->frames[f].quality = 0.1F;
    }
    s->frames[4].quality = 0.9F;
    for (size_t f = PROBES; f < FRAMES; f++) {
        s->frames[f].face_template = s->frames[4].face_template;
    }
    measure(s);
    assert_true(fabs(figures_of(s, "best1")->mated_mean - 1) < 1e-4);
    assert_true(figures_of(s, "random1")->mated_mean < 0.9);
}

static void the_same_person_in_another_clip_is_no_stranger(void **state)
{
    studio *s = *state;
    s->pools[1].subject = s->pools[0].subject;
    measure(s);
    assert_int_equal(s->figures[0].non_mated, DRAWS);
}

static void too_few_frames_leave_a_way_without_figures(void **state)
{
    studio *s = *state;
    s->pools[0].probe_count = 4;
    measure(s);
    assert_int_equal(figures_of(s, "random3_mean")->mated, DRAWS);
    assert_int_equal(figures_of(s, "random5_mean")->mated, 0);
    assert_true(isnan(figures_of(s, "random5_mean")->mated_mean));
    assert_true(isnan(figures_of(s, "random5_average")->d_prime));
}

static void a_clip_without_probes_or_references_is_refused(void **state)
{
    studio *s = *state;
    s->pools[0].probe_count = 0;
    assert_int_equal(eval_fusion_measure(&s->by, s->pools, CLIPS, 0, DRAWS, s->figures, NULL),
                     IMI_E_INVALID_ARGUMENT);
    s->pools[1].reference_count = 0;
    assert_int_equal(eval_fusion_measure(&s->by, s->pools, CLIPS, 1, DRAWS, s->figures, NULL),
                     IMI_E_INVALID_ARGUMENT);
}

static void the_draws_are_the_same_in_every_run(void **state)
{
    studio *s = *state;
    measure(s);
    double first = s->figures[0].mated_mean;
    measure(s);
    assert_true(s->figures[0].mated_mean == first);
}

static void nothing_is_left_in_memory(void **state)
{
    studio *s = *state;
    int64_t before = imi_alloc_live_blocks();
    measure(s);
    assert_int_equal(imi_alloc_live_blocks(), before);
}

int main(void)
{
#define STUDIO_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        STUDIO_TEST(every_draw_meets_its_person_once_and_each_other_once),
        STUDIO_TEST(the_person_scores_above_strangers),
        STUDIO_TEST(joining_frames_parts_people_better),
        STUDIO_TEST(averaging_lifts_scores_and_a_mean_of_scores_does_not),
        STUDIO_TEST(the_best_frames_are_those_of_the_highest_quality),
        STUDIO_TEST(the_same_person_in_another_clip_is_no_stranger),
        STUDIO_TEST(too_few_frames_leave_a_way_without_figures),
        STUDIO_TEST(a_clip_without_probes_or_references_is_refused),
        STUDIO_TEST(the_draws_are_the_same_in_every_run),
        STUDIO_TEST(nothing_is_left_in_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
