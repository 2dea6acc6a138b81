/* Whatever comes in: no crash, no number made up. */
#include "picture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void assert_nothing(const imi_cues *cues)
{
    for (int i = 0; i < IMI_CUE_COUNT; i++) {
        assert_true(isnan(cues->value[i]));
    }
    assert_true(isnan(imi_passive_combine(cues)));
}

static void nothing_is_measured_without_a_face_in_the_image(void **state)
{
    (void)state;
    picture_recipe plain = picture_plain();
    IMI_AUTO(imi_image) image = picture_draw(&plain);
    const imi_face_box boxes[] = {
        {NAN, 10, 100, 100, 1},  {10, 10, INFINITY, 100, 1},  {10, 10, 0, 0, 1},
        {10, 10, -100, -100, 1}, {5000, 10, 100, 100, 1},     {-500, -500, 100, 100, 1},
        {10, 10, 20, 20, 1},     {1e30F, 1e30F, 100, 100, 1}, {3e38F, 0, 3e38F, 100, 1},
    };
    for (size_t i = 0; i < sizeof boxes / sizeof boxes[0]; i++) {
        imi_cues cues;
        assert_int_equal(imi_passive_measure(image, &boxes[i], NULL, &cues, NULL), IMI_OK);
        assert_nothing(&cues);
    }
}

static void a_mesh_that_is_not_finite_measures_nothing(void **state)
{
    (void)state;
    picture_recipe plain = picture_plain();
    IMI_AUTO(imi_image) image = picture_draw(&plain);
    imi_face_box box = picture_face(&plain);
    static imi_landmarks mesh;
    mesh.presence = 1;
    for (int i = 0; i < IMI_MESH_POINTS; i++) {
        mesh.points[i] = (imi_point3){INFINITY, (float)i, 0};
    }
    imi_cues cues;
    assert_int_equal(imi_passive_measure(image, &box, &mesh, &cues, NULL), IMI_OK);
    assert_nothing(&cues);
}

static void a_mesh_without_presence_is_left_aside(void **state)
{
    (void)state;
    picture_recipe plain = picture_plain();
    IMI_AUTO(imi_image) image = picture_draw(&plain);
    imi_face_box box = picture_face(&plain);
    static imi_landmarks mesh;
    mesh.presence = 0.1F;
    imi_cues with;
    imi_cues without;
    assert_int_equal(imi_passive_measure(image, &box, &mesh, &with, NULL), IMI_OK);
    assert_int_equal(imi_passive_measure(image, &box, NULL, &without, NULL), IMI_OK);
    for (int i = 0; i < IMI_CUE_NETWORKS; i++) {
        assert_float_equal(with.value[i], without.value[i], 0);
    }
}

static void images_of_any_size_are_safe(void **state)
{
    (void)state;
    const uint32_t sizes[][2] = {{1, 1},     {40, 40},   {64, 64},   {63, 200},  {127, 129},
                                 {200, 200}, {257, 250}, {258, 258}, {259, 700}, {3000, 4000}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        picture_recipe recipe = picture_plain();
        recipe.width = sizes[i][0];
        recipe.height = sizes[i][1];
        imi_cues cues = picture_measure(&recipe);
        assert_true(isnan(cues.value[IMI_CUE_NETWORKS]));
    }
}

static void faces_at_and_over_the_edge_are_safe(void **state)
{
    (void)state;
    picture_recipe recipe = picture_plain();
    recipe.width = 300;
    recipe.height = 260;
    IMI_AUTO(imi_image) image = picture_draw(&recipe);
    for (int top = -120; top <= 260; top += 38) {
        for (int left = -120; left <= 300; left += 42) {
            imi_face_box box = {(float)left, (float)top, 140, 170, 1};
            imi_cues cues;
            assert_int_equal(imi_passive_measure(image, &box, NULL, &cues, NULL), IMI_OK);
            for (int i = 0; i < IMI_CUE_COUNT; i++) {
                assert_false(isinf(cues.value[i]));
            }
        }
    }
}

static void flat_and_black_pictures_are_safe(void **state)
{
    (void)state;
    for (int level = 0; level <= 255; level += 85) {
        IMI_AUTO(imi_image) image = NULL;
        assert_int_equal(imi_image_new(400, 400, IMI_PIXEL_RGB8, &image, NULL), IMI_OK);
        for (size_t i = 0; i < image->stride_bytes * image->height; i++) {
            image->pixels[i] = (uint8_t)level;
        }
        imi_face_box box = {120, 100, 160, 200, 1};
        imi_cues cues;
        assert_int_equal(imi_passive_measure(image, &box, NULL, &cues, NULL), IMI_OK);
        assert_true(isfinite(cues.value[IMI_CUE_MOIRE]));
        assert_true(isnan(cues.value[IMI_CUE_GAMUT]));
    }
}

static void missing_arguments_are_refused(void **state)
{
    (void)state;
    picture_recipe plain = picture_plain();
    IMI_AUTO(imi_image) image = picture_draw(&plain);
    imi_face_box box = picture_face(&plain);
    imi_cues cues;
    assert_int_equal(imi_passive_measure(NULL, &box, NULL, &cues, NULL), IMI_E_INVALID_ARGUMENT);
    assert_nothing(&cues);
    assert_int_equal(imi_passive_measure(image, NULL, NULL, &cues, NULL), IMI_E_INVALID_ARGUMENT);
    image->format = (imi_pixel_format)2;
    assert_int_equal(imi_passive_measure(image, &box, NULL, &cues, NULL), IMI_E_INVALID_ARGUMENT);
    assert_nothing(&cues);
}

static bool always(void *user, size_t size)
{
    (void)user;
    (void)size;
    return true;
}

static void without_memory_nothing_is_measured_and_nothing_leaks(void **state)
{
    (void)state;
    picture_recipe plain = picture_plain();
    IMI_AUTO(imi_image) image = picture_draw(&plain);
    imi_face_box box = picture_face(&plain);
    int64_t before = imi_alloc_live_blocks();
    imi_cues cues;
    imi_alloc_set_fail_hook(always, NULL);
    imi_status status = imi_passive_measure(image, &box, NULL, &cues, NULL);
    imi_alloc_set_fail_hook(NULL, NULL);
    assert_int_equal(status, IMI_E_NO_MEMORY);
    assert_nothing(&cues);
    assert_int_equal(imi_passive_measure(image, &box, NULL, &cues, NULL), IMI_OK);
    assert_int_equal(imi_alloc_live_blocks(), before);
}

static void the_same_picture_measures_the_same(void **state)
{
    (void)state;
    picture_recipe plain = picture_plain();
    imi_cues first = picture_measure(&plain);
    imi_cues second = picture_measure(&plain);
    for (int i = 0; i < IMI_CUE_NETWORKS; i++) {
        assert_float_equal(first.value[i], second.value[i], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_measured_without_a_face_in_the_image),
        cmocka_unit_test(a_mesh_that_is_not_finite_measures_nothing),
        cmocka_unit_test(a_mesh_without_presence_is_left_aside),
        cmocka_unit_test(images_of_any_size_are_safe),
        cmocka_unit_test(faces_at_and_over_the_edge_are_safe),
        cmocka_unit_test(flat_and_black_pictures_are_safe),
        cmocka_unit_test(missing_arguments_are_refused),
        cmocka_unit_test(without_memory_nothing_is_measured_and_nothing_leaks),
        cmocka_unit_test(the_same_picture_measures_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
