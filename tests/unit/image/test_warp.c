#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "imi/image.h"

#include <math.h>

/* A plane of levels: any averaging or interpolation must reproduce it exactly. */
static double plane(double x, double y)
{
    return 20 + 0.3 * x + 0.2 * y;
}

static imi_image *make_plane(uint32_t width, uint32_t height)
{
    imi_image *image = NULL;
    assert_int_equal(imi_image_new(width, height, IMI_PIXEL_RGB8, &image, NULL), IMI_OK);
    for (uint32_t y = 0; y < height; y++) {
        for (uint32_t x = 0; x < width * 3; x++) {
            image->pixels[y * image->stride_bytes + x] = (uint8_t)lround(plane(x / 3, y));
        }
    }
    return image;
}

static imi_affine similarity(double scale, double degrees, double shift_x, double shift_y)
{
    double a = scale * cos(degrees * M_PI / 180);
    double d = scale * sin(degrees * M_PI / 180);
    return (imi_affine){(float)a, (float)-d, (float)shift_x, (float)d, (float)a, (float)shift_y};
}

/* Warp a plane to 64 x 64 about the source's middle and compare with the plane itself. */
static void assert_plane_survives(double scale, double degrees)
{
    IMI_AUTO(imi_image) source = make_plane(400, 400);
    IMI_AUTO(imi_image) chip = NULL;
    assert_int_equal(imi_image_new(64, 64, IMI_PIXEL_RGB8, &chip, NULL), IMI_OK);
    imi_affine turn = similarity(scale, degrees, 0, 0);
    imi_affine map = similarity(scale, degrees, 32 - (turn.a * 200 + turn.b * 200),
                                32 - (turn.d * 200 + turn.e * 200));
    assert_int_equal(imi_image_warp(source, &map, chip, NULL), IMI_OK);
    double square = scale * scale;
    for (int y = 0; y < 64; y += 3) {
        for (int x = 0; x < 64; x += 3) {
            double dx = (map.a * (x - 32) + map.d * (y - 32)) / square;
            double dy = (map.b * (x - 32) + map.e * (y - 32)) / square;
            double wanted = plane(200 + dx, 200 + dy);
            int got = imi_image_row(chip, (uint32_t)y)[x * 3 + 1];
            assert_true(fabs(got - wanted) <= 1.6);
        }
    }
}

static void a_plane_survives_every_similarity(void **state)
{
    (void)state;
    const double scales[] = {0.27, 0.4, 0.5, 0.6, 0.85, 1, 1.7, 5};
    const double angles[] = {0, 7, -30, 90, 135, 180};
    for (size_t s = 0; s < sizeof scales / sizeof scales[0]; s++) {
        for (size_t a = 0; a < sizeof angles / sizeof angles[0]; a++) {
            assert_plane_survives(scales[s], angles[a]);
        }
    }
}

static void the_identity_copies(void **state)
{
    (void)state;
    IMI_AUTO(imi_image) source = make_plane(50, 40);
    IMI_AUTO(imi_image) copy = NULL;
    assert_int_equal(imi_image_new(50, 40, IMI_PIXEL_RGB8, &copy, NULL), IMI_OK);
    assert_int_equal(imi_image_warp(source, &(imi_affine){1, 0, 0, 0, 1, 0}, copy, NULL), IMI_OK);
    assert_memory_equal(copy->pixels, source->pixels, source->stride_bytes * 40);
}

static void what_lies_outside_is_black(void **state)
{
    (void)state;
    IMI_AUTO(imi_image) source = make_plane(20, 20);
    IMI_AUTO(imi_image) chip = NULL;
    assert_int_equal(imi_image_new(60, 60, IMI_PIXEL_RGB8, &chip, NULL), IMI_OK);
    assert_int_equal(imi_image_warp(source, &(imi_affine){1, 0, 20, 0, 1, 20}, chip, NULL), IMI_OK);
    assert_int_equal(imi_image_row(chip, 10)[30 * 3], 0);
    assert_int_equal(imi_image_row(chip, 45)[30 * 3], 0);
    assert_int_equal(imi_image_row(chip, 20)[20 * 3], imi_image_row(source, 0)[0]);
    assert_int_equal(imi_image_row(chip, 39)[39 * 3], imi_image_row(source, 19)[19 * 3]);
}

static void a_source_out_of_sight_leaves_black(void **state)
{
    (void)state;
    IMI_AUTO(imi_image) source = make_plane(20, 20);
    const imi_affine maps[] = {
        {1, 0, 1e6F, 0, 1, 0}, {0.1F, 0, -1e6F, 0, 0.1F, 0}, {1e-6F, 0, 0, 0, 1e-6F, 0}};
    for (size_t i = 0; i < 3; i++) {
        IMI_AUTO(imi_image) chip = NULL;
        assert_int_equal(imi_image_new(8, 8, IMI_PIXEL_RGB8, &chip, NULL), IMI_OK);
        chip->pixels[5] = 77;
        assert_int_equal(imi_image_warp(source, &maps[i], chip, NULL), IMI_OK);
        for (size_t p = 0; p < chip->stride_bytes * 8; p++) {
            assert_int_equal(chip->pixels[p], 0);
        }
    }
}

/* Stripes one pixel wide must become even grey: the share of aliasing is what is left. */
static void shrinking_does_not_alias(void **state)
{
    (void)state;
    IMI_AUTO(imi_image) source = NULL;
    assert_int_equal(imi_image_new(300, 300, IMI_PIXEL_RGB8, &source, NULL), IMI_OK);
    for (size_t i = 0; i < source->stride_bytes * 300; i++) {
        source->pixels[i] = (i % source->stride_bytes) / 3 % 2 == 0 ? 0 : 200;
    }
    const float scales[] = {0.5F, 0.33F, 0.27F, 0.15F};
    for (size_t s = 0; s < 4; s++) {
        IMI_AUTO(imi_image) chip = NULL;
        assert_int_equal(imi_image_new(40, 40, IMI_PIXEL_RGB8, &chip, NULL), IMI_OK);
        imi_affine map = {scales[s], 0, 0, 0, scales[s], 0};
        assert_int_equal(imi_image_warp(source, &map, chip, NULL), IMI_OK);
        for (uint32_t x = 5; x < 35; x++) {
            assert_in_range(imi_image_row(chip, 20)[x * 3], 60, 140);
        }
    }
}

static void maps_that_cannot_be_inverted_are_refused(void **state)
{
    (void)state;
    IMI_AUTO(imi_image) source = make_plane(20, 20);
    IMI_AUTO(imi_image) chip = make_plane(8, 8);
    const imi_affine maps[] = {
        {0, 0, 0, 0, 0, 0}, {NAN, 0, 0, 0, 1, 0}, {1, 0, INFINITY, 0, 1, 0}, {1, 1, 0, 1, 1, 0}};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(imi_image_warp(source, &maps[i], chip, NULL), IMI_E_INVALID_ARGUMENT);
        assert_int_equal(chip->pixels[0], 0);
    }
}

static void formats_must_agree(void **state)
{
    (void)state;
    IMI_AUTO(imi_image) source = make_plane(20, 20);
    IMI_AUTO(imi_image) chip = NULL;
    assert_int_equal(imi_image_new(8, 8, IMI_PIXEL_GREY8, &chip, NULL), IMI_OK);
    assert_int_equal(imi_image_warp(source, &(imi_affine){1, 0, 0, 0, 1, 0}, chip, NULL),
                     IMI_E_INVALID_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plane_survives_every_similarity),
        cmocka_unit_test(the_identity_copies),
        cmocka_unit_test(what_lies_outside_is_black),
        cmocka_unit_test(a_source_out_of_sight_leaves_black),
        cmocka_unit_test(shrinking_does_not_alias),
        cmocka_unit_test(maps_that_cannot_be_inverted_are_refused),
        cmocka_unit_test(formats_must_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
