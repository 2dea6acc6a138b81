/*
 * The converted networks in OpenCV against models/convert/reference.py, which evaluates the
 * source files in numpy without the converter. Tolerance: 2e-5 of the output's largest value;
 * what was seen is below 1e-6 to 2e-6, so any conversion error shows.
 */
#include "support.h"

#include "shim/imi_opencv.h"

#include <math.h>
#include <stdio.h>

static const float TOLERANCE = 2e-5F;

static void read_file(const char *path, imi_buffer *out)
{
    imi_error err = IMI_ERROR_INIT;
    assert_ok(imi_file_read(path, 64U << 20, out, &err), &err);
}

static void read_values(const char *model, const char *name, imi_buffer *out)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s/%s.f32", REFERENCE_FOLDER, model, name);
    read_file(path, out);
    assert_true(out->size > 0 && out->size % sizeof(float) == 0);
}

static imi_net *load_net(const char *model)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s.onnx", MODELS_FOLDER, model);
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    read_file(path, &file);
    imi_error err = IMI_ERROR_INIT;
    imi_net *net = NULL;
    assert_ok(imi_net_new(imi_buffer_view(&file), &net, &err), &err);
    return net;
}

static float largest(const float *values, size_t count)
{
    float most = 0;
    for (size_t i = 0; i < count; i++) {
        most = fmaxf(most, fabsf(values[i]));
    }
    return most;
}

static void assert_agrees(const char *model, uint32_t side, const char *output)
{
    IMI_AUTO_BUFFER input = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER wanted = IMI_BUFFER_INIT;
    read_values(model, "input", &input);
    read_values(model, output, &wanted);
    assert_int_equal(input.size, sizeof(float) * 3 * side * side);
    size_t count = wanted.size / sizeof(float);
    float *values = imi_alloc(wanted.size);
    assert_non_null(values);
    imi_net *net = load_net(model);
    imi_net_input in = {(const float *)(const void *)input.data, 3, side, side};
    imi_net_output out = {output, values, count};
    imi_error err = IMI_ERROR_INIT;
    assert_ok(imi_net_run(net, &in, &out, 1, &err), &err);
    const float *reference = (const float *)(const void *)wanted.data;
    float limit = TOLERANCE * largest(reference, count);
    assert_true(limit > 0);
    for (size_t i = 0; i < count; i++) {
        assert_true(fabsf(values[i] - reference[i]) <= limit);
    }
    imi_net_destroy(&net);
    imi_free(values);
}

static void blazeface_agrees_with_the_reference(void **state)
{
    (void)state;
    assert_agrees("blazeface", 256, "scores_stride16");
    assert_agrees("blazeface", 256, "scores_stride32");
    assert_agrees("blazeface", 256, "boxes_stride16");
    assert_agrees("blazeface", 256, "boxes_stride32");
}

static void facemesh_agrees_with_the_reference(void **state)
{
    (void)state;
    assert_agrees("facemesh", 192, "mesh");
    assert_agrees("facemesh", 192, "presence");
}

static void mobilefacenet_agrees_with_the_reference(void **state)
{
    (void)state;
    assert_agrees("mobilefacenet", 112, "embedding");
}

static void dlib_resnet_agrees_with_the_reference(void **state)
{
    (void)state;
    assert_agrees("dlib_resnet", 150, "descriptor");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blazeface_agrees_with_the_reference),
        cmocka_unit_test(facemesh_agrees_with_the_reference),
        cmocka_unit_test(mobilefacenet_agrees_with_the_reference),
        cmocka_unit_test(dlib_resnet_agrees_with_the_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
