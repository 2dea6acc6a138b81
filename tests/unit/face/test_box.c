/* How far two boxes are the same face's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "imi/face_measure.h"

#include <math.h>

static const imi_face_box BOX = {10, 20, 8, 4, 1};

static void assert_near(float a, float b)
{
    assert_true(fabsf(a - b) <= 1e-6F);
}

static void a_box_covers_itself(void **state)
{
    (void)state;
    assert_near(imi_face_box_common_area(&BOX, &BOX), 32);
    assert_near(imi_face_box_overlap(&BOX, &BOX), 1);
}

static void boxes_that_share_a_corner_piece_are_measured(void **state)
{
    (void)state;
    const imi_face_box other = {16, 22, 8, 4, 1};
    assert_near(imi_face_box_common_area(&BOX, &other), 4);
    assert_near(imi_face_box_overlap(&BOX, &other), 4.0F / 60);
}

static void a_box_within_another_shares_all_of_itself(void **state)
{
    (void)state;
    const imi_face_box inner = {12, 21, 2, 2, 1};
    assert_near(imi_face_box_common_area(&BOX, &inner), 4);
    assert_near(imi_face_box_overlap(&BOX, &inner), 4.0F / 32);
}

static void the_order_does_not_matter(void **state)
{
    (void)state;
    const imi_face_box other = {4, 18, 9, 5, 1};
    assert_true(imi_face_box_common_area(&BOX, &other) > 0);
    assert_true(imi_face_box_common_area(&BOX, &other) == imi_face_box_common_area(&other, &BOX));
    assert_true(imi_face_box_overlap(&BOX, &other) == imi_face_box_overlap(&other, &BOX));
}

static void boxes_that_touch_or_lie_apart_share_nothing(void **state)
{
    (void)state;
    const imi_face_box touching = {18, 20, 8, 4, 1};
    const imi_face_box apart = {10, 40, 8, 4, 1};
    const imi_face_box diagonal = {40, 40, 8, 4, 1};
    assert_true(imi_face_box_overlap(&BOX, &touching) == 0);
    assert_true(imi_face_box_overlap(&BOX, &apart) == 0);
    /* Both gaps are negative: their product must not pass for an area. */
    assert_true(imi_face_box_common_area(&BOX, &diagonal) == 0);
}

static void boxes_without_extent_share_nothing(void **state)
{
    (void)state;
    const imi_face_box none = {12, 21, 0, 0, 1};
    const imi_face_box turned = {12, 21, -3, -3, 1};
    assert_true(imi_face_box_overlap(&none, &none) == 0);
    assert_true(imi_face_box_overlap(&BOX, &none) == 0);
    assert_true(imi_face_box_overlap(&BOX, &turned) == 0);
}

static void boxes_that_are_not_numbers_share_nothing(void **state)
{
    (void)state;
    const imi_face_box bad = {NAN, NAN, NAN, NAN, 1};
    assert_true(!(imi_face_box_overlap(&bad, &bad) > 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_box_covers_itself),
        cmocka_unit_test(boxes_that_share_a_corner_piece_are_measured),
        cmocka_unit_test(a_box_within_another_shares_all_of_itself),
        cmocka_unit_test(the_order_does_not_matter),
        cmocka_unit_test(boxes_that_touch_or_lie_apart_share_nothing),
        cmocka_unit_test(boxes_without_extent_share_nothing),
        cmocka_unit_test(boxes_that_are_not_numbers_share_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
