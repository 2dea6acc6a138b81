/* What the cues look at: where the face is, the small picture, its histogram. */
#include "histogram.h"
#include "picture.h"
#include "scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static passive_scene *look(const imi_image *image, const imi_face_box *box)
{
    passive_scene *scene = imi_alloc(sizeof *scene);
    assert_non_null(scene);
    assert_true(passive_scene_look(scene, image, box, NULL));
    return scene;
}

static void assert_within(const passive_rect *inner, uint32_t width, uint32_t height)
{
    assert_true(inner->width >= 1 && inner->left + inner->width <= width);
    assert_true(inner->height >= 1 && inner->top + inner->height <= height);
}

static void the_face_and_its_surroundings_stay_in_the_image(void **state)
{
    (void)state;
    picture_recipe plain = picture_plain();
    IMI_AUTO(imi_image) image = picture_draw(&plain);
    const imi_face_box boxes[] = {{-60, -80, 200, 250, 1},
                                  {500, 300, 300, 300, 1},
                                  {0, 0, 640, 480, 1},
                                  {-1000, -1000, 3000, 3000, 1},
                                  {300, 200, 41, 41, 1}};
    for (size_t i = 0; i < sizeof boxes / sizeof boxes[0]; i++) {
        passive_scene *scene = look(image, &boxes[i]);
        assert_within(&scene->face, image->width, image->height);
        assert_within(&scene->around, image->width, image->height);
        assert_in_range(scene->thumb.width, 1, PASSIVE_THUMB);
        assert_in_range(scene->thumb.height, 1, PASSIVE_THUMB);
        assert_within(&scene->thumb.face, scene->thumb.width, scene->thumb.height);
        imi_free(scene);
    }
}

static void the_small_picture_shows_what_is_there(void **state)
{
    (void)state;
    IMI_AUTO(imi_image) image = NULL;
    assert_int_equal(imi_image_new(1200, 1200, IMI_PIXEL_RGB8, &image, NULL), IMI_OK);
    for (uint32_t y = 0; y < image->height; y++) {
        uint8_t *row = image->pixels + (size_t)y * image->stride_bytes;
        for (uint32_t x = 600; x < image->width; x++) {
            row[3 * x] = 200;
        }
    }
    imi_face_box box = {350, 350, 500, 500, 1};
    passive_scene *scene = look(image, &box);
    const passive_thumb *t = &scene->thumb;
    uint32_t y = t->height / 2;
    assert_true(t->padding[y][10]);
    assert_false(t->padding[y][t->width - 10]);
    assert_float_equal(t->luma[y][10], 0, 0.01);
    assert_float_equal(t->luma[y][t->width - 10], 0.299 * 200, 0.01);
    assert_true(t->cr[y][t->width - 10] > 90 && t->cb[y][t->width - 10] < -30);
    assert_false(t->grey);
    imi_free(scene);
}

static void small_images_have_no_spectrum_but_a_small_picture(void **state)
{
    (void)state;
    picture_recipe tiny = picture_plain();
    tiny.width = tiny.height = 120;
    IMI_AUTO(imi_image) image = picture_draw(&tiny);
    imi_face_box box = {30, 30, 60, 60, 1};
    passive_scene *scene = look(image, &box);
    assert_int_equal(scene->spectrum.tiles, 0);
    assert_int_equal(scene->thumb.width, 120);
    imi_free(scene);
}

static void the_spectrum_always_has_as_many_tiles(void **state)
{
    (void)state;
    for (uint32_t side = 200; side <= 1600; side *= 2) {
        picture_recipe recipe = picture_plain();
        recipe.width = recipe.height = side;
        IMI_AUTO(imi_image) image = picture_draw(&recipe);
        imi_face_box box = picture_face(&recipe);
        passive_scene *scene = look(image, &box);
        assert_int_equal(scene->spectrum.tiles, 9);
        imi_free(scene);
    }
}

static void quantiles_are_those_of_the_face(void **state)
{
    (void)state;
    passive_thumb *thumb = imi_alloc(sizeof *thumb);
    assert_non_null(thumb);
    thumb->width = thumb->height = 60;
    thumb->face = (passive_rect){20, 20, 10, 10};
    for (uint32_t y = 0; y < 10; y++) {
        for (uint32_t x = 0; x < 10; x++) {
            thumb->luma[20 + y][20 + x] = (float)(10 * y + x);
        }
    }
    passive_histogram h;
    passive_histogram_fill(&h, thumb);
    assert_int_equal(h.total, 100);
    assert_float_equal(passive_histogram_quantile(&h, 0.5F), 50, 1);
    assert_float_equal(passive_histogram_quantile(&h, 0.01F), 1, 1);
    assert_float_equal(passive_histogram_quantile(&h, 1), 100, 1);
    imi_free(thumb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_face_and_its_surroundings_stay_in_the_image),
        cmocka_unit_test(the_small_picture_shows_what_is_there),
        cmocka_unit_test(small_images_have_no_spectrum_but_a_small_picture),
        cmocka_unit_test(the_spectrum_always_has_as_many_tiles),
        cmocka_unit_test(quantiles_are_those_of_the_face),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
