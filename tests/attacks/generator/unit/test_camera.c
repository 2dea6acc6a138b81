#include "camera.h"
#include "cmocka_all.h"

#include <math.h>

enum { SIDE = 128 };

static const imi_gen_camera_traits PLAIN = {
    .gain = {1, 1, 1}, .read_noise = 2, .shot_noise = 0.03, .jpeg_quality = 95};

static imi_image *grey_scene(uint8_t level)
{
    imi_image *scene = NULL;
    assert_int_equal(IMI_OK, imi_image_new(SIDE, SIDE, IMI_PIXEL_RGB8, &scene, NULL));
    for (size_t i = 0; i < scene->stride_bytes * scene->height; i++) {
        scene->pixels[i] = level;
    }
    return scene;
}

static imi_buffer take(const imi_gen_camera_traits *traits, uint8_t level, uint64_t moment)
{
    imi_gen_camera *camera = NULL;
    IMI_AUTO(imi_image) scene = grey_scene(level);
    imi_buffer jpeg = IMI_BUFFER_INIT;
    assert_int_equal(IMI_OK, imi_gen_camera_new(traits, &camera, NULL));
    assert_int_equal(IMI_OK, imi_gen_camera_take(camera, scene, moment, &jpeg, NULL));
    imi_gen_camera_destroy(&camera);
    return jpeg;
}

/* Mean and deviation of the green channel of a picture of a grey wall. */
static double measure(const imi_gen_camera_traits *traits, uint8_t level, double *mean_out)
{
    const imi_jpeg_limits limits = IMI_JPEG_LIMITS_FRAME;
    IMI_AUTO(imi_image) image = NULL;
    IMI_AUTO_BUFFER jpeg = take(traits, level, 1);
    assert_int_equal(IMI_OK, imi_jpeg_decode(imi_buffer_view(&jpeg), &limits, &image, NULL));
    double sum = 0;
    double squares = 0;
    for (uint32_t y = 0; y < SIDE; y++) {
        for (uint32_t x = 0; x < SIDE; x++) {
            double value = imi_image_row(image, y)[3 * x + 1];
            sum += value;
            squares += value * value;
        }
    }
    *mean_out = sum / (SIDE * SIDE);
    return sqrt(fmax(squares / (SIDE * SIDE) - *mean_out * *mean_out, 0));
}

static void equal_moments_give_equal_files(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER a = take(&PLAIN, 120, 5);
    IMI_AUTO_BUFFER b = take(&PLAIN, 120, 5);
    IMI_AUTO_BUFFER c = take(&PLAIN, 120, 6);
    assert_true(imi_view_equal(imi_buffer_view(&a), imi_buffer_view(&b)));
    assert_false(imi_view_equal(imi_buffer_view(&a), imi_buffer_view(&c)));
}

static void bright_walls_are_noisier_than_dark_ones(void **state)
{
    (void)state;
    double mean = 0;
    double dark = measure(&PLAIN, 20, &mean);
    double bright = measure(&PLAIN, 200, &mean);
    assert_true(dark > 1);
    assert_true(bright > 1.1 * dark);
}

static void a_file_without_a_camera_has_no_noise(void **state)
{
    (void)state;
    imi_gen_camera_traits traits = PLAIN;
    double mean = 0;
    traits.read_noise = 0;
    traits.shot_noise = 0;
    assert_true(measure(&traits, 120, &mean) < 0.01);
    assert_float_equal(120, mean, 1);
}

static void exposure_brightens_and_highlights_roll_off(void **state)
{
    (void)state;
    imi_gen_camera_traits traits = PLAIN;
    double mean = 0;
    traits.gain[0] = traits.gain[1] = traits.gain[2] = 1.2;
    (void)measure(&traits, 100, &mean);
    assert_float_equal(120, mean, 1.5);
    (void)measure(&traits, 250, &mean);
    assert_true(mean < 255);
}

static void drawn_cameras_lie_within_what_phones_show(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 200; seed++) {
        imi_gen_camera_traits traits = imi_gen_camera_traits_of(seed);
        assert_true(traits.blur > 0 && traits.blur <= 0.25);
        assert_in_range(traits.jpeg_quality, 80, 95);
        assert_true(traits.read_noise > 0 && traits.shot_noise > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_moments_give_equal_files),
        cmocka_unit_test(bright_walls_are_noisier_than_dark_ones),
        cmocka_unit_test(a_file_without_a_camera_has_no_noise),
        cmocka_unit_test(exposure_brightens_and_highlights_roll_off),
        cmocka_unit_test(drawn_cameras_lie_within_what_phones_show),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
