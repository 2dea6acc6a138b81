/*
 * What templates amount to as evidence: of one person throughout, of what quality.
 */
#include "fixture.h"
#include "probe.h"

#include <math.h>

typedef struct probe_test {
    fixture *f;
    imi_engine *engine;
    imi_probes *probes;
    imi_template fused;
} probe_test;

static int set_up(void **state)
{
    probe_test *test = imi_alloc_aligned(1, sizeof *test);
    test->f = fixture_new(NULL);
    test->probes = imi_alloc_aligned(1, sizeof *test->probes);
    assert_int_equal(scene_engine_new(&test->f->models, true, &test->engine, NULL), IMI_OK);
    *state = test;
    return 0;
}

static int tear_down(void **state)
{
    probe_test *test = *state;
    imi_engine_destroy(&test->engine);
    fixture_destroy(&test->f);
    imi_free(test->probes);
    imi_free(test);
    return 0;
}

static imi_template template_of(probe_test *test, uint32_t person, float yaw_deg)
{
    scene what = scene_neutral(person);
    what.yaw_deg = yaw_deg;
    imi_face face;
    imi_template made = {0};
    IMI_AUTO(imi_image) image = scene_draw(&what);
    assert_int_equal(imi_engine_analyse(test->engine, image, IMI_CAPTURE_MOTION, &face, NULL),
                     IMI_OK);
    assert_int_equal(imi_engine_extract(test->engine, image, &face, &made, NULL), IMI_OK);
    return made;
}

static void add_probe(probe_test *test, uint32_t person, float quality)
{
    imi_probes *probes = test->probes;
    probes->templates[probes->count] = template_of(test, person, 0);
    probes->quality[probes->count++] = quality;
}

static void add_action(probe_test *test, uint32_t person)
{
    test->probes->actions[test->probes->action_count++] = template_of(test, person, 24);
}

static imi_evidence judge(probe_test *test)
{
    imi_evidence evidence;
    imi_evidence_init(&evidence);
    assert_int_equal(imi_probes_judge(test->probes, test->f->scorer, &evidence, &test->fused, NULL),
                     IMI_OK);
    return evidence;
}

static void one_person_throughout_is_recognised(void **state)
{
    probe_test *test = *state;
    add_probe(test, 3, 0.5F);
    add_probe(test, 3, 0.7F);
    add_action(test, 3);
    add_action(test, 3);
    imi_evidence evidence = judge(test);
    assert_true(evidence.one_person);
    assert_int_equal(evidence.probe_count, 2);
    assert_float_equal(evidence.probe_quality, 0.6, 1e-6);
    assert_int_equal(test->fused.count, 1);
}

static void no_template_shows_nothing(void **state)
{
    probe_test *test = *state;
    add_action(test, 3);
    test->probes->refused = IMI_CAPTURE_NOT_FRONTAL;
    imi_evidence evidence = judge(test);
    assert_false(evidence.one_person);
    assert_int_equal(evidence.probe_count, 0);
    assert_int_equal(evidence.probe_reason, IMI_CAPTURE_NOT_FRONTAL);
    assert_true(isnan(evidence.probe_quality));
    assert_int_equal(test->fused.count, 0);
}

static void action_of_another_person_is_noticed(void **state)
{
    probe_test *test = *state;
    add_probe(test, 3, 0.5F);
    add_action(test, 3);
    add_action(test, 4);
    assert_false(judge(test).one_person);
}

/* Against their mean, three frames of one person and two of another would all pass. */
static void two_persons_among_the_probes_are_noticed(void **state)
{
    probe_test *test = *state;
    for (int i = 0; i < 5; i++) {
        add_probe(test, i < 3 ? 3 : 4, 0.5F);
    }
    assert_false(judge(test).one_person);
}

static void frames_of_no_quality_still_count(void **state)
{
    probe_test *test = *state;
    add_probe(test, 3, 0);
    add_probe(test, 3, 0);
    imi_evidence evidence = judge(test);
    assert_true(evidence.one_person);
    assert_int_equal(evidence.probe_count, 2);
}

static void templates_that_cannot_be_compared_are_an_error_and_no_evidence(void **state)
{
    probe_test *test = *state;
    add_probe(test, 3, 0.5F);
    add_action(test, 3);
    imi_copy_text(test->probes->actions[0].vectors[0].model_id, IMI_MODEL_ID_SIZE, "unknown@1");
    imi_evidence evidence;
    imi_evidence_init(&evidence);
    assert_int_equal(imi_probes_judge(test->probes, test->f->scorer, &evidence, &test->fused, NULL),
                     IMI_E_MODEL_MISMATCH);
    assert_false(evidence.one_person);
    assert_int_equal(evidence.probe_count, 0);
    assert_int_equal(test->fused.count, 0);
}

#define PROBE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PROBE_TEST(one_person_throughout_is_recognised),
        PROBE_TEST(no_template_shows_nothing),
        PROBE_TEST(action_of_another_person_is_noticed),
        PROBE_TEST(two_persons_among_the_probes_are_noticed),
        PROBE_TEST(frames_of_no_quality_still_count),
        PROBE_TEST(templates_that_cannot_be_compared_are_an_error_and_no_evidence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
