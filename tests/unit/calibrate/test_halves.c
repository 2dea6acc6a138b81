/* Thresholds of one half of the people, tried on the other. */
#include "people.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "halves.h"

#include <math.h>
#include <stdlib.h>

enum { PEOPLE = 500, PHOTOS = 2 * PEOPLE };

typedef struct album {
    imi_scorer *scorer;
    imi_template templates[PHOTOS];
    eval_photo photos[PHOTOS];
} album;

/* Two photos a person. */
static int take_photos(void **state)
{
    album *self = calloc(1, sizeof *self);
    assert_non_null(self);
    people_scorer(&self->scorer);
    uint64_t random = 8;
    for (size_t i = 0; i < PEOPLE; i++) {
        people_template(&random, 0.5, &self->templates[2 * i]);
        people_photo(&random, &self->templates[2 * i], 0.6, &self->templates[2 * i + 1]);
        for (size_t j = 0; j < 2; j++) {
            self->photos[2 * i + j] =
                (eval_photo){"photo.jpg", i, &self->templates[2 * i + j], {0, IMI_SEX_UNKNOWN}};
        }
    }
    *state = self;
    return 0;
}

static int drop_photos(void **state)
{
    album *self = *state;
    imi_scorer_destroy(&self->scorer);
    free(self);
    return 0;
}

static void halves_share_nobody_and_leave_nobody_out(void **state)
{
    album *self = *state;
    eval_people people = {self->scorer, NULL, self->photos, PHOTOS};
    for (uint64_t seed = 0; seed < 3; seed++) {
        IMI_AUTO(imi_nonmated) one = NULL;
        IMI_AUTO(imi_nonmated) other = NULL;
        assert_int_equal(eval_people_measure(&people, 0, seed, &one, NULL), IMI_OK);
        assert_int_equal(eval_people_measure(&people, 1, seed, &other, NULL), IMI_OK);
        uint64_t a = imi_nonmated_group_at(one, 0)->references;
        uint64_t b = imi_nonmated_group_at(other, 0)->references;
        assert_int_equal(a + b, PHOTOS);
        assert_true(a % 2 == 0 && a > PHOTOS / 3 && b > PHOTOS / 3);
    }
}

static void photos_of_one_person_are_never_compared(void **state)
{
    album *self = *state;
    eval_people people = {self->scorer, NULL, self->photos, PHOTOS};
    IMI_AUTO(imi_nonmated) all = NULL;
    assert_int_equal(eval_people_measure(&people, -1, 0, &all, NULL), IMI_OK);
    assert_int_equal(imi_nonmated_group_at(all, 0)->comparisons,
                     (uint64_t)PHOTOS * (PHOTOS - 1) / 2 - PEOPLE);
}

static void a_target_holds_in_the_other_half(void **state)
{
    album *self = *state;
    eval_people people = {self->scorer, NULL, self->photos, PHOTOS};
    enum { SPLITS = 20 };
    eval_halves_row rows[EVAL_HALVES_ROWS];
    assert_int_equal(eval_halves(&people, SPLITS, rows, NULL), IMI_OK);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(rows[i].kind, IMI_SCORE_RAW);
        assert_int_equal(rows[i].splits, SPLITS);
        assert_in_range(rows[i].below, SPLITS * 3 / 4, SPLITS);
        assert_in_range(rows[i].inside, SPLITS * 3 / 5, SPLITS);
        assert_true(fabs(log(rows[i].observed / rows[i].expected)) < 0.3);
    }
}

static void a_kind_without_scores_has_no_splits(void **state)
{
    album *self = *state;
    eval_people people = {self->scorer, NULL, self->photos, PHOTOS};
    eval_halves_row rows[EVAL_HALVES_ROWS];
    assert_int_equal(eval_halves(&people, 1, rows, NULL), IMI_OK);
    for (size_t i = EVAL_HALVES_TARGETS; i < EVAL_HALVES_ROWS; i++) {
        assert_int_equal(rows[i].kind, IMI_SCORE_NORMALISED);
        assert_int_equal(rows[i].splits, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(halves_share_nobody_and_leave_nobody_out),
        cmocka_unit_test(photos_of_one_person_are_never_compared),
        cmocka_unit_test(a_target_holds_in_the_other_half),
        cmocka_unit_test(a_kind_without_scores_has_no_splits),
    };
    return cmocka_run_group_tests(tests, take_photos, drop_photos);
}
