/* What breaks the contract is refused, and leaves outputs safe. */
#include "check.h"

#include <math.h>

static const float g_vector[16];
static const int8_t g_bytes[16];

static bool refused(imi_status status)
{
    return status == IMI_E_INVALID_ARGUMENT;
}

static void test_a_missing_vector_gives_nan(void)
{
    CHECK(isnan(imi_dot_f32(NULL, g_vector, 16)), "left");
    CHECK(isnan(imi_dot_f32(g_vector, NULL, 16)), "right");
    CHECK(imi_dot_i8(NULL, g_bytes, 16) == 0 && imi_dot_i8(g_bytes, NULL, 16) == 0, "int8");
}

static void test_many_refuses_a_bad_gallery(void)
{
    float out = 7.0F;
    imi_gallery_f32 no_rows = {NULL, 1, 16, 16, 0};
    imi_gallery_f32 narrow = {g_vector, 1, 15, 16, 0};
    imi_gallery_f32 endless = {g_vector, SIZE_MAX / 8, 16, 16, 0};
    CHECK(refused(imi_dot_f32_many(g_vector, NULL, &out, NULL)), "no gallery");
    CHECK(refused(imi_dot_f32_many(g_vector, &no_rows, &out, NULL)), "no rows");
    CHECK(refused(imi_dot_f32_many(g_vector, &narrow, &out, NULL)), "stride < dim");
    CHECK(refused(imi_dot_f32_many(g_vector, &endless, &out, NULL)), "size overflows");
    CHECK(same_float(out, 7.0F), "output was touched");
}

static void test_many_refuses_missing_probe_or_output(void)
{
    float out = 0.0F;
    imi_gallery_f32 gallery = {g_vector, 1, 16, 16, 0};
    CHECK(refused(imi_dot_f32_many(NULL, &gallery, &out, NULL)), "no probe");
    CHECK(refused(imi_dot_f32_many(g_vector, &gallery, NULL, NULL)), "no output");
}

static void test_int8_refuses_lengths_that_can_overflow(void)
{
    int32_t out = 7;
    imi_error error = IMI_ERROR_INIT;
    size_t dim = IMI_DOT_I8_DIM_MAX + 1;
    imi_gallery_i8 gallery = {g_bytes, NULL, 1, dim, dim, 0};
    CHECK(refused(imi_dot_i8_many(g_bytes, &gallery, &out, &error)), "accepted");
    CHECK(error.status == IMI_E_INVALID_ARGUMENT && error.message[0] != '\0', "no message");
    CHECK(out == 7, "output was touched");
}

static void test_int8_four_refuses_a_bad_call(void)
{
    int32_t out = 7;
    imi_gallery_i8 gallery = {g_bytes, NULL, 1, 16, 16, 0};
    imi_gallery_i8 narrow = {g_bytes, NULL, 1, 15, 16, 0};
    const int8_t *const probes[] = {g_bytes, g_bytes, g_bytes, g_bytes};
    const int8_t *const lacking[] = {g_bytes, g_bytes, g_bytes, NULL};
    int32_t *const outs[] = {&out, &out, &out, &out};
    int32_t *const no_room[] = {&out, &out, NULL, &out};
    CHECK(refused(imi_dot_i8_four(probes, NULL, outs, NULL)), "no gallery");
    CHECK(refused(imi_dot_i8_four(probes, &narrow, outs, NULL)), "stride < dim");
    CHECK(refused(imi_dot_i8_four(NULL, &gallery, outs, NULL)), "no probes");
    CHECK(refused(imi_dot_i8_four(lacking, &gallery, outs, NULL)), "a probe is missing");
    CHECK(refused(imi_dot_i8_four(probes, &gallery, NULL, NULL)), "no outputs");
    CHECK(refused(imi_dot_i8_four(probes, &gallery, no_room, NULL)), "an output is missing");
    CHECK(out == 7, "output was touched");
}

static void test_int8_many_refuses_a_bad_call(void)
{
    int32_t out = 0;
    imi_gallery_i8 gallery = {g_bytes, NULL, 1, 16, 16, 0};
    imi_gallery_i8 narrow = {g_bytes, NULL, 1, 15, 16, 0};
    CHECK(refused(imi_dot_i8_many(g_bytes, NULL, &out, NULL)), "no gallery");
    CHECK(refused(imi_dot_i8_many(g_bytes, &narrow, &out, NULL)), "stride < dim");
    CHECK(refused(imi_dot_i8_many(NULL, &gallery, &out, NULL)), "no probe");
    CHECK(refused(imi_dot_i8_many(g_bytes, &gallery, NULL, NULL)), "no output");
}

static void test_search_refuses_missing_parts(void)
{
    imi_gallery_f32 gallery = {g_vector, 1, 16, 16, 0};
    const float *probes[] = {g_vector};
    const float *hole[] = {NULL};
    imi_top_k top;
    imi_top_k_init(&top, NULL, 0);
    CHECK(refused(imi_search_f32(NULL, 1, &gallery, &top, NULL)), "no probes");
    CHECK(refused(imi_search_f32(probes, 1, &gallery, NULL, NULL)), "no selections");
    CHECK(refused(imi_search_f32(hole, 1, &gallery, &top, NULL)), "a missing probe");
    CHECK(refused(imi_search_f32(probes, 1, NULL, &top, NULL)), "no gallery");
}

static void test_int8_search_refuses_missing_parts(void)
{
    float scale = 1.0F;
    imi_gallery_i8 gallery = {g_bytes, &scale, 1, 16, 16, 0};
    imi_gallery_i8 no_scales = {g_bytes, NULL, 1, 16, 16, 0};
    imi_probe_i8 probe = {g_bytes, 1.0F};
    imi_probe_i8 hole = {NULL, 1.0F};
    imi_top_k top;
    imi_top_k_init(&top, NULL, 0);
    CHECK(refused(imi_search_i8(NULL, 1, &gallery, &top, NULL)), "no probes");
    CHECK(refused(imi_search_i8(&probe, 1, &gallery, NULL, NULL)), "no selections");
    CHECK(refused(imi_search_i8(&hole, 1, &gallery, &top, NULL)), "a missing probe");
    CHECK(refused(imi_search_i8(&probe, 1, &no_scales, &top, NULL)), "no scales");
    CHECK(refused(imi_search_i8(&probe, 1, NULL, &top, NULL)), "no gallery");
}

static void test_quantise_refuses_missing_parts(void)
{
    int8_t bytes[16];
    float scale = 0.0F;
    CHECK(refused(imi_quantise_i8(NULL, 16, bytes, &scale, NULL)), "no vector");
    CHECK(refused(imi_quantise_i8(g_vector, 16, NULL, &scale, NULL)), "no output");
    CHECK(refused(imi_quantise_i8(g_vector, 16, bytes, NULL, NULL)), "no scale");
}

const api_test argument_tests[] = {
    {"a missing vector gives nan", test_a_missing_vector_gives_nan},
    {"many refuses a bad gallery", test_many_refuses_a_bad_gallery},
    {"many refuses missing probe or output", test_many_refuses_missing_probe_or_output},
    {"int8 refuses lengths that can overflow", test_int8_refuses_lengths_that_can_overflow},
    {"int8 four refuses a bad call", test_int8_four_refuses_a_bad_call},
    {"int8 many refuses a bad call", test_int8_many_refuses_a_bad_call},
    {"search refuses missing parts", test_search_refuses_missing_parts},
    {"int8 search refuses missing parts", test_int8_search_refuses_missing_parts},
    {"quantise refuses missing parts", test_quantise_refuses_missing_parts},
    {NULL, NULL},
};
