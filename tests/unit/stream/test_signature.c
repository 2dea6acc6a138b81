#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene.h"
#include "signature.h"

#include <math.h>

static imi_signature signature_of(const scene *what)
{
    IMI_AUTO(imi_image) image = scene_draw(what);
    imi_signature signature;
    assert_true(imi_signature_measure(image, &signature));
    return signature;
}

static float distance(const scene *a, const scene *b)
{
    imi_signature first = signature_of(a);
    imi_signature second = signature_of(b);
    return imi_thumb_distance(&first.thumb, &second.thumb);
}

static void equal_pictures_are_no_distance_apart(void **state)
{
    (void)state;
    assert_float_equal(distance(&(scene){.room = 1}, &(scene){.room = 1}), 0, 0);
}

static void motion_is_a_longer_way_than_noise(void **state)
{
    (void)state;
    float noise =
        distance(&(scene){.noise = 2, .noise_seed = 1}, &(scene){.noise = 2, .noise_seed = 2});
    float motion = distance(&(scene){0}, &(scene){.at_ms = 80});
    assert_true(noise > 0 && motion > 4 * noise);
}

static void exposure_is_hardly_a_way(void **state)
{
    (void)state;
    float motion = distance(&(scene){0}, &(scene){.at_ms = 80});
    assert_true(distance(&(scene){0}, &(scene){.exposure = -0.1F}) < motion / 4);
}

static void bands_of_a_flickering_lamp_are_hardly_a_way(void **state)
{
    (void)state;
    float motion = distance(&(scene){0}, &(scene){.at_ms = 80});
    assert_true(distance(&(scene){0}, &(scene){.bands = 0.1F}) < motion / 4);
}

static void a_limit_tells_far_from_near(void **state)
{
    (void)state;
    imi_signature a = signature_of(&(scene){.room = 1});
    imi_signature b = signature_of(&(scene){.room = 2});
    float whole = imi_thumb_distance(&a.thumb, &b.thumb);
    assert_true(imi_thumb_distance_within(&a.thumb, &b.thumb, whole / 2) > whole / 2);
    assert_float_equal(imi_thumb_distance_within(&a.thumb, &b.thumb, whole * 2), whole, 0);
}

static void black_and_white_pictures_do_not_overflow(void **state)
{
    (void)state;
    imi_image *images[2];
    imi_signature signatures[2];
    for (int i = 0; i < 2; i++) {
        assert_int_equal(imi_image_new(480, 360, IMI_PIXEL_RGB8, &images[i], NULL), IMI_OK);
        for (size_t at = 0; at < images[i]->stride_bytes * 360; at++) {
            bool white = (at / 60 + at / images[i]->stride_bytes / 20) % 2 == (size_t)i;
            images[i]->pixels[at] = white ? 255 : 0;
        }
        assert_true(imi_signature_measure(images[i], &signatures[i]));
        imi_image_destroy(&images[i]);
    }
    float apart = imi_thumb_distance(&signatures[0].thumb, &signatures[1].thumb);
    assert_true(isfinite(apart) && apart > 1e6F);
}

static void a_picture_that_is_too_small_or_grey_has_no_signature(void **state)
{
    (void)state;
    imi_signature signature;
    IMI_AUTO(imi_image) small = NULL;
    IMI_AUTO(imi_image) grey = NULL;
    assert_int_equal(imi_image_new(640, IMI_SIGNATURE_MIN_SIDE - 1, IMI_PIXEL_RGB8, &small, NULL),
                     IMI_OK);
    assert_int_equal(imi_image_new(640, 480, IMI_PIXEL_GREY8, &grey, NULL), IMI_OK);
    assert_false(imi_signature_measure(small, &signature));
    assert_false(imi_signature_measure(grey, &signature));
}

static void any_shape_of_picture_is_measured_within_its_bounds(void **state)
{
    (void)state;
    static const uint32_t sizes[][2] = {{64, 64}, {65, 71}, {64, 4096}, {4096, 64}, {1999, 1001}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        IMI_AUTO(imi_image) image = NULL;
        assert_int_equal(imi_image_new(sizes[i][0], sizes[i][1], IMI_PIXEL_RGB8, &image, NULL),
                         IMI_OK);
        imi_signature signature;
        assert_true(imi_signature_measure(image, &signature));
    }
}

static void clipped_pixels_say_nothing_of_noise(void **state)
{
    (void)state;
    IMI_AUTO(imi_image) black = NULL;
    assert_int_equal(imi_image_new(320, 240, IMI_PIXEL_RGB8, &black, NULL), IMI_OK);
    imi_signature signature;
    assert_true(imi_signature_measure(black, &signature));
    for (size_t i = 0; i < IMI_GRAIN_SAMPLES; i++) {
        assert_int_equal(signature.grain.sample[i], IMI_GRAIN_NONE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_pictures_are_no_distance_apart),
        cmocka_unit_test(motion_is_a_longer_way_than_noise),
        cmocka_unit_test(exposure_is_hardly_a_way),
        cmocka_unit_test(bands_of_a_flickering_lamp_are_hardly_a_way),
        cmocka_unit_test(a_limit_tells_far_from_near),
        cmocka_unit_test(black_and_white_pictures_do_not_overflow),
        cmocka_unit_test(a_picture_that_is_too_small_or_grey_has_no_signature),
        cmocka_unit_test(any_shape_of_picture_is_measured_within_its_bounds),
        cmocka_unit_test(clipped_pixels_say_nothing_of_noise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
