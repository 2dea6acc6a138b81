#include "stage.h"

#include "one_person.h"

enum { PERSON = 3, OTHER = 7 };

static imi_one_person *person_of(const imi_scorer *scorer)
{
    imi_one_person *person = imi_alloc_aligned(1, sizeof *person);
    assert_non_null(person);
    imi_one_person_init(person, scorer);
    return person;
}

static void show(stage *s, imi_one_person *person, uint32_t who, int64_t at_ms)
{
    scene what = scene_neutral(who);
    imi_face face;
    IMI_AUTO(imi_image) image = scene_draw(&what);
    assert_int_equal(imi_engine_analyse(s->engine, image, IMI_CAPTURE_MOTION, &face, NULL), IMI_OK);
    if (imi_one_person_is_due(person, at_ms, true)) {
        assert_int_equal(imi_one_person_look(person, s->engine, image, &face, at_ms, NULL), IMI_OK);
    }
}

static void a_template_is_made_once_without_doubt(void **state)
{
    stage *s = *state;
    imi_one_person *person = person_of(s->scorer);
    for (int64_t i = 0; i < 10; i++) {
        show(s, person, PERSON, i * 1000);
    }
    assert_int_equal(person->made, 1);
    assert_false(person->another);
    imi_free(person);
}

static void the_same_person_after_a_doubt_is_no_other(void **state)
{
    stage *s = *state;
    imi_one_person *person = person_of(s->scorer);
    show(s, person, PERSON, 0);
    imi_one_person_doubt(person);
    show(s, person, PERSON, 1000);
    assert_int_equal(person->made, 2);
    assert_false(person->in_doubt);
    assert_false(person->another);
    imi_free(person);
}

static void the_first_template_waits_for_a_neutral_frame_but_not_for_long(void **state)
{
    stage *s = *state;
    imi_one_person *person = person_of(s->scorer);
    assert_false(imi_one_person_is_due(person, 5000, false));
    assert_true(imi_one_person_is_due(person, 5100, true));
    assert_false(imi_one_person_is_due(person, 6400, false));
    assert_true(imi_one_person_is_due(person, 6500, false));
    imi_free(person);
}

static void another_person_is_found_by_two_frames(void **state)
{
    stage *s = *state;
    imi_one_person *person = person_of(s->scorer);
    show(s, person, PERSON, 0);
    imi_one_person_doubt(person);
    show(s, person, OTHER, 1000);
    assert_false(person->another);
    assert_true(person->in_doubt);
    show(s, person, OTHER, 2000);
    assert_true(person->another);
    imi_free(person);
}

static imi_template template_of(stage *s, uint32_t who)
{
    scene what = scene_neutral(who);
    imi_face face;
    imi_template made = {0};
    IMI_AUTO(imi_image) image = scene_draw(&what);
    assert_int_equal(imi_engine_analyse(s->engine, image, IMI_CAPTURE_MOTION, &face, NULL), IMI_OK);
    assert_int_equal(imi_engine_extract(s->engine, image, &face, &made, NULL), IMI_OK);
    return made;
}

static void templates_made_for_others_are_compared_without_doubt(void **state)
{
    stage *s = *state;
    imi_one_person *person = person_of(s->scorer);
    imi_template other = template_of(s, OTHER);
    show(s, person, PERSON, 0);
    assert_int_equal(imi_one_person_compare(person, &other, 1000, NULL), IMI_OK);
    assert_true(person->in_doubt);
    assert_int_equal(imi_one_person_compare(person, &other, 2000, NULL), IMI_OK);
    assert_true(person->another);
    assert_int_equal(person->made, 1);
    imi_free(person);
}

static void another_person_is_not_forgotten(void **state)
{
    stage *s = *state;
    imi_one_person *person = person_of(s->scorer);
    imi_template other = template_of(s, OTHER);
    imi_template same = template_of(s, PERSON);
    show(s, person, PERSON, 0);
    assert_int_equal(imi_one_person_compare(person, &other, 1000, NULL), IMI_OK);
    assert_int_equal(imi_one_person_compare(person, &other, 2000, NULL), IMI_OK);
    assert_int_equal(imi_one_person_compare(person, &same, 3000, NULL), IMI_OK);
    assert_int_equal(imi_one_person_compare(person, &same, 4000, NULL), IMI_OK);
    assert_true(person->another);
    assert_false(person->in_doubt);
    imi_free(person);
}

static void one_bad_template_is_no_other_person(void **state)
{
    stage *s = *state;
    imi_one_person *person = person_of(s->scorer);
    show(s, person, PERSON, 0);
    imi_one_person_doubt(person);
    show(s, person, OTHER, 1000);
    show(s, person, PERSON, 2000);
    assert_false(person->another);
    assert_false(person->in_doubt);
    imi_free(person);
}

static void frames_too_near_to_each_other_are_not_compared(void **state)
{
    stage *s = *state;
    imi_one_person *person = person_of(s->scorer);
    show(s, person, PERSON, 0);
    imi_one_person_doubt(person);
    show(s, person, OTHER, 100);
    assert_int_equal(person->made, 1);
    assert_true(person->in_doubt);
    imi_free(person);
}

static void doubts_without_end_cost_templates_with_an_end(void **state)
{
    stage *s = *state;
    imi_one_person *person = person_of(s->scorer);
    for (int64_t i = 0; i < 100; i++) {
        imi_one_person_doubt(person);
        show(s, person, PERSON, i * 1000);
    }
    assert_true(person->made <= 24);
    imi_free(person);
}

static void without_a_scorer_nobody_is_compared(void **state)
{
    stage *s = *state;
    imi_one_person *person = person_of(NULL);
    show(s, person, PERSON, 0);
    imi_one_person_doubt(person);
    show(s, person, OTHER, 1000);
    assert_int_equal(person->made, 0);
    assert_int_equal(s->embeddings, 0);
    imi_free(person);
}

#define PERSON_TEST(name) cmocka_unit_test_setup_teardown(name, stage_set_up, stage_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PERSON_TEST(a_template_is_made_once_without_doubt),
        PERSON_TEST(the_same_person_after_a_doubt_is_no_other),
        PERSON_TEST(the_first_template_waits_for_a_neutral_frame_but_not_for_long),
        PERSON_TEST(another_person_is_found_by_two_frames),
        PERSON_TEST(templates_made_for_others_are_compared_without_doubt),
        PERSON_TEST(another_person_is_not_forgotten),
        PERSON_TEST(one_bad_template_is_no_other_person),
        PERSON_TEST(frames_too_near_to_each_other_are_not_compared),
        PERSON_TEST(doubts_without_end_cost_templates_with_an_end),
        PERSON_TEST(without_a_scorer_nobody_is_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
