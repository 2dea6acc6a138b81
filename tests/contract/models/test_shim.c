/* The C++ shims: no file, image or call makes them throw, crash or leave half a result. */
#include "support.h"

#include "shim/imi_dlib.h"
#include "shim/imi_opencv.h"

#include <fenv.h>
#include <float.h>
#include <math.h>
#include <string.h>

enum { MESH_SIDE = 192, MESH_VALUES = 3 * IMI_MESH_POINTS };

static imi_buffer g_file = IMI_BUFFER_INIT;

static int read_network(void **state)
{
    (void)state;
    imi_error err = IMI_ERROR_INIT;
    assert_ok(imi_file_read(MODELS_FOLDER "/facemesh.onnx", 64U << 20, &g_file, &err), &err);
    return 0;
}

static int drop_network(void **state)
{
    (void)state;
    imi_buffer_clean_up(&g_file);
    return 0;
}

static imi_net *load_net(void)
{
    imi_error err = IMI_ERROR_INIT;
    imi_net *net = NULL;
    assert_ok(imi_net_new(imi_buffer_view(&g_file), &net, &err), &err);
    return net;
}

static float g_pixels[3 * MESH_SIDE * MESH_SIDE];

static imi_status run(imi_net *net, uint32_t channels, uint32_t side, const char *output,
                      float *values, size_t count, imi_error *err)
{
    imi_net_input input = {g_pixels, channels, side, side};
    imi_net_output out = {output, values, count};
    return imi_net_run(net, &input, &out, 1, err);
}

static void an_empty_file_is_refused(void **state)
{
    (void)state;
    imi_error err = IMI_ERROR_INIT;
    imi_net *net = NULL;
    assert_int_equal(imi_net_new((imi_view){NULL, 0}, &net, &err), IMI_E_MODEL_LOAD);
    assert_int_equal(imi_net_new((imi_view){g_file.data, 0}, &net, &err), IMI_E_MODEL_LOAD);
    assert_null(net);
}

static void bytes_that_are_no_network_are_refused(void **state)
{
    (void)state;
    uint8_t noise[4096];
    uint32_t seed = 1;
    for (size_t i = 0; i < sizeof noise; i++) {
        seed = seed * 1664525U + 1013904223U;
        noise[i] = (uint8_t)(seed >> 24);
    }
    imi_error err = IMI_ERROR_INIT;
    imi_net *net = NULL;
    assert_int_equal(imi_net_new((imi_view){noise, sizeof noise}, &net, &err), IMI_E_MODEL_LOAD);
    assert_null(net);
    assert_true(err.message[0] != '\0');
}

static void a_truncated_network_is_refused(void **state)
{
    (void)state;
    for (size_t size = 100; size < g_file.size; size += g_file.size / 7) {
        imi_error err = IMI_ERROR_INIT;
        imi_net *net = NULL;
        assert_int_equal(imi_net_new((imi_view){g_file.data, size}, &net, &err), IMI_E_MODEL_LOAD);
        assert_null(net);
    }
}

static void an_output_that_does_not_exist_is_an_error_and_nan(void **state)
{
    (void)state;
    imi_net *net = load_net();
    float values[4] = {1, 2, 3, 4};
    imi_error err = IMI_ERROR_INIT;
    assert_int_equal(run(net, 3, MESH_SIDE, "nonesuch", values, 4, &err), IMI_E_MODEL_RUN);
    assert_true(isnan(values[0]) && isnan(values[3]));
    imi_net_destroy(&net);
}

static void an_output_of_another_length_is_an_error_and_nan(void **state)
{
    (void)state;
    imi_net *net = load_net();
    float values[7] = {0};
    imi_error err = IMI_ERROR_INIT;
    assert_int_equal(run(net, 3, MESH_SIDE, "mesh", values, 7, &err), IMI_E_MODEL_RUN);
    assert_true(isnan(values[6]));
    imi_net_destroy(&net);
}

static void an_input_of_another_shape_is_an_error_not_a_crash(void **state)
{
    (void)state;
    imi_net *net = load_net();
    static float mesh[MESH_VALUES];
    imi_error err = IMI_ERROR_INIT;
    assert_int_equal(run(net, 1, MESH_SIDE, "mesh", mesh, MESH_VALUES, &err), IMI_E_MODEL_RUN);
    assert_int_equal(run(net, 3, 16, "mesh", mesh, MESH_VALUES, &err), IMI_E_MODEL_RUN);
    assert_true(isnan(mesh[0]));
    imi_net_destroy(&net);
}

static void an_empty_input_is_refused(void **state)
{
    (void)state;
    imi_net *net = load_net();
    float value = 0;
    imi_net_input input = {NULL, 3, MESH_SIDE, MESH_SIDE};
    imi_net_output out = {"presence", &value, 1};
    imi_error err = IMI_ERROR_INIT;
    assert_int_equal(imi_net_run(net, &input, &out, 1, &err), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(run(net, 3, 0, "presence", &value, 1, &err), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(run(NULL, 3, MESH_SIDE, "presence", &value, 1, &err), IMI_E_INVALID_ARGUMENT);
    assert_true(isnan(value));
    imi_net_destroy(&net);
}

static void a_network_still_works_after_a_failed_run(void **state)
{
    (void)state;
    imi_net *net = load_net();
    float before = 0;
    float after = 0;
    float other[4];
    imi_error err = IMI_ERROR_INIT;
    assert_ok(run(net, 3, MESH_SIDE, "presence", &before, 1, &err), &err);
    assert_int_equal(run(net, 3, MESH_SIDE, "nonesuch", other, 4, &err), IMI_E_MODEL_RUN);
    assert_ok(run(net, 3, MESH_SIDE, "presence", &after, 1, &err), &err);
    assert_true(before == after);
    imi_net_destroy(&net);
}

static void denormals_count_again_after_a_run(void **state)
{
    (void)state;
    imi_net *net = load_net();
    float presence = 0;
    imi_error err = IMI_ERROR_INIT;
    assert_ok(run(net, 3, MESH_SIDE, "presence", &presence, 1, &err), &err);
    volatile float smallest = FLT_MIN;
    volatile float half = smallest / 2;
    assert_true(half > 0);
    imi_net_destroy(&net);
}

static void destroying_nothing_is_allowed(void **state)
{
    (void)state;
    imi_net *net = NULL;
    imi_hog *hog = NULL;
    imi_net_destroy(&net);
    imi_net_destroy(NULL);
    imi_hog_destroy(&hog);
    imi_hog_destroy(NULL);
}

static void hog_refuses_what_is_no_grey_image(void **state)
{
    (void)state;
    imi_error err = IMI_ERROR_INIT;
    imi_hog *hog = NULL;
    assert_ok(imi_hog_new(&hog, &err), &err);
    IMI_AUTO(imi_image) colour = plain_image(100, 100, 50);
    imi_image empty = {.format = IMI_PIXEL_GREY8};
    imi_face_box box;
    size_t count = 9;
    assert_int_equal(imi_hog_detect(hog, colour, 0, &box, 1, &count, &err), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(count, 0);
    assert_int_equal(imi_hog_detect(hog, &empty, 0, &box, 1, &count, &err), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_hog_detect(hog, NULL, 0, &box, 1, &count, &err), IMI_E_INVALID_ARGUMENT);
    imi_hog_destroy(&hog);
}

static void hog_takes_the_smallest_image(void **state)
{
    (void)state;
    imi_error err = IMI_ERROR_INIT;
    imi_hog *hog = NULL;
    assert_ok(imi_hog_new(&hog, &err), &err);
    imi_image *pixel = NULL;
    assert_ok(imi_image_new(1, 1, IMI_PIXEL_GREY8, &pixel, &err), &err);
    imi_face_box box;
    size_t count = 9;
    assert_ok(imi_hog_detect(hog, pixel, 0, &box, 1, &count, &err), &err);
    assert_int_equal(count, 0);
    imi_image_destroy(&pixel);
    imi_hog_destroy(&hog);
}

static void a_chip_of_points_that_are_not_numbers_is_refused(void **state)
{
    (void)state;
    imi_point points[IMI_DLIB_POINTS] = {{0, 0}};
    imi_affine map = {1, 1, 1, 1, 1, 1};
    imi_error err = IMI_ERROR_INIT;
    points[30].x = NAN;
    assert_int_equal(imi_dlib_chip_map(points, 150, 0.25, &map, &err), IMI_E_INVALID_ARGUMENT);
    points[30].x = 1e9F;
    assert_int_equal(imi_dlib_chip_map(points, 150, 0.25, &map, &err), IMI_E_INVALID_ARGUMENT);
    assert_true(map.a == 0);
}

static void a_chip_without_size_or_with_bad_padding_is_refused(void **state)
{
    (void)state;
    imi_point points[IMI_DLIB_POINTS] = {{0, 0}};
    imi_affine map;
    imi_error err = IMI_ERROR_INIT;
    assert_int_equal(imi_dlib_chip_map(points, 0, 0.25, &map, &err), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_dlib_chip_map(points, 150, -1, &map, &err), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_dlib_chip_map(points, 150, NAN, &map, &err), IMI_E_INVALID_ARGUMENT);
}

/* Any 68 points: what matters is that the chip moves with them. */
static void make_points(imi_point *points, float scale, float shift)
{
    for (size_t i = 0; i < IMI_DLIB_POINTS; i++) {
        points[i] = (imi_point){scale * (float)(i % 9) * 10 + shift, scale * (float)(i / 9) * 12};
    }
}

static void the_chip_follows_points_by_less_than_a_pixel(void **state)
{
    (void)state;
    imi_point points[IMI_DLIB_POINTS];
    imi_affine first;
    imi_affine moved;
    imi_error err = IMI_ERROR_INIT;
    make_points(points, 1, 0);
    assert_ok(imi_dlib_chip_map(points, 150, 0.25, &first, &err), &err);
    make_points(points, 1, 0.25F);
    assert_ok(imi_dlib_chip_map(points, 150, 0.25, &moved, &err), &err);
    assert_true(fabsf(moved.c + 0.25F * moved.a - first.c) < 0.02F * first.a);
    make_points(points, 2, 0);
    assert_ok(imi_dlib_chip_map(points, 150, 0.25, &moved, &err), &err);
    assert_true(fabsf(2 * moved.a - first.a) < 1e-3F);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_file_is_refused),
        cmocka_unit_test(bytes_that_are_no_network_are_refused),
        cmocka_unit_test(a_truncated_network_is_refused),
        cmocka_unit_test(an_output_that_does_not_exist_is_an_error_and_nan),
        cmocka_unit_test(an_output_of_another_length_is_an_error_and_nan),
        cmocka_unit_test(an_input_of_another_shape_is_an_error_not_a_crash),
        cmocka_unit_test(an_empty_input_is_refused),
        cmocka_unit_test(a_network_still_works_after_a_failed_run),
        cmocka_unit_test(denormals_count_again_after_a_run),
        cmocka_unit_test(destroying_nothing_is_allowed),
        cmocka_unit_test(hog_refuses_what_is_no_grey_image),
        cmocka_unit_test(hog_takes_the_smallest_image),
        cmocka_unit_test(a_chip_of_points_that_are_not_numbers_is_refused),
        cmocka_unit_test(a_chip_without_size_or_with_bad_padding_is_refused),
        cmocka_unit_test(the_chip_follows_points_by_less_than_a_pixel),
    };
    return cmocka_run_group_tests(tests, read_network, drop_network);
}
