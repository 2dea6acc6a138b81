#include "cmocka_all.h"
#include "injection.h"

#include <math.h>

enum { SIDE = 128, FACE_FROM = 40, FACE_TO = 88, QUALITY = 92 };

static const imi_gen_camera_traits TRAITS = {
    .gain = {1, 1, 1}, .read_noise = 4, .jpeg_quality = 90};

static imi_image *grey(uint8_t level)
{
    imi_image *image = NULL;
    assert_int_equal(IMI_OK, imi_image_new(SIDE, SIDE, IMI_PIXEL_RGB8, &image, NULL));
    for (size_t i = 0; i < image->stride_bytes * SIDE; i++) {
        image->pixels[i] = level;
    }
    return image;
}

static void draw_face(imi_image *image, uint8_t level)
{
    for (uint32_t y = FACE_FROM; y < FACE_TO; y++) {
        uint8_t *row = image->pixels + (size_t)y * image->stride_bytes;
        for (uint32_t i = 3 * FACE_FROM; i < 3 * FACE_TO; i++) {
            row[i] = level;
        }
    }
}

/* A grey frame, in which a program paints a face of the level; 0: it does not. */
static imi_image *inject(uint8_t face, imi_buffer *jpeg_out)
{
    const imi_jpeg_limits limits = IMI_JPEG_LIMITS_FRAME;
    imi_gen_camera *camera = NULL;
    IMI_AUTO(imi_image) scene = grey(100);
    IMI_AUTO(imi_image) swapped = grey(100);
    imi_gen_picture picture = {scene, face > 0 ? swapped : NULL};
    imi_image *out = NULL;
    draw_face(swapped, face);
    assert_int_equal(IMI_OK, imi_gen_camera_new(&TRAITS, &camera, NULL));
    assert_int_equal(IMI_OK, imi_gen_inject(camera, &picture, 7, QUALITY, jpeg_out, NULL));
    assert_int_equal(IMI_OK, imi_jpeg_decode(imi_buffer_view(jpeg_out), &limits, &out, NULL));
    imi_gen_camera_destroy(&camera);
    return out;
}

static double spread(const imi_image *image, uint32_t from, uint32_t to, double *mean_out)
{
    double sum = 0;
    double squares = 0;
    double count = (double)(to - from) * (to - from);
    for (uint32_t y = from; y < to; y++) {
        for (uint32_t x = from; x < to; x++) {
            double value = imi_image_row(image, y)[3 * x + 1];
            sum += value;
            squares += value * value;
        }
    }
    *mean_out = sum / count;
    return sqrt(fmax(squares / count - *mean_out * *mean_out, 0));
}

static void a_swapped_face_has_no_noise_and_what_is_around_has(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    IMI_AUTO(imi_image) frame = inject(160, &jpeg);
    double mean = 0;
    assert_true(spread(frame, 2, 30, &mean) > 1);
    assert_float_equal(100, mean, 2);
    assert_true(spread(frame, FACE_FROM + 8, FACE_TO - 8, &mean) < 0.3);
    assert_float_equal(160, mean, 2);
}

static void the_edge_of_a_swapped_face_is_soft(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    IMI_AUTO(imi_image) frame = inject(160, &jpeg);
    uint8_t at_edge = imi_image_row(frame, SIDE / 2)[3 * FACE_FROM + 1];
    assert_in_range(at_edge, 115, 152);
}

static void without_a_swap_noise_is_everywhere(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    IMI_AUTO(imi_image) frame = inject(0, &jpeg);
    double mean = 0;
    assert_true(spread(frame, FACE_FROM + 8, FACE_TO - 8, &mean) > 1);
}

static void what_is_injected_is_another_file_than_the_cameras(void **state)
{
    (void)state;
    imi_gen_camera *camera = NULL;
    IMI_AUTO(imi_image) scene = grey(100);
    IMI_AUTO_BUFFER injected = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER taken = IMI_BUFFER_INIT;
    IMI_AUTO(imi_image) frame = inject(0, &injected);
    imi_gen_camera_traits traits = TRAITS;
    traits.jpeg_quality = QUALITY;
    assert_int_equal(IMI_OK, imi_gen_camera_new(&traits, &camera, NULL));
    assert_int_equal(IMI_OK, imi_gen_camera_take(camera, scene, 7, &taken, NULL));
    assert_false(imi_view_equal(imi_buffer_view(&injected), imi_buffer_view(&taken)));
    imi_gen_camera_destroy(&camera);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_swapped_face_has_no_noise_and_what_is_around_has),
        cmocka_unit_test(the_edge_of_a_swapped_face_is_soft),
        cmocka_unit_test(without_a_swap_noise_is_everywhere),
        cmocka_unit_test(what_is_injected_is_another_file_than_the_cameras),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
