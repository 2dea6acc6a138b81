/* Quantisation and top-k selection. */
#include "check.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

enum { DIM = 192, COUNT = 3000, K_MAX = 50 };

static void test_quantised_elements_are_off_by_half_a_step_at_most(void)
{
    static float vector[DIM];
    int8_t bytes[DIM];
    for (int trial = 0; trial < 100; trial++) {
        float scale = 0.0F;
        fill_floats(vector, DIM, FLOATS_RANDOM);
        CHECK(imi_quantise_i8(vector, DIM, bytes, &scale, NULL) == IMI_OK, "refused");
        for (size_t i = 0; i < DIM; i++) {
            double error = fabs((double)vector[i] - (double)scale * bytes[i]);
            CHECK(error <= 0.5001 * (double)scale, "element %zu is off by %g", i, error);
            CHECK(bytes[i] >= -127, "-128 is never used");
        }
    }
}

static void test_quantised_largest_element_is_127(void)
{
    float vector[3] = {0.25F, -2.0F, 2.0F};
    int8_t bytes[3];
    float scale = 0.0F;
    CHECK(imi_quantise_i8(vector, 3, bytes, &scale, NULL) == IMI_OK, "refused");
    CHECK(bytes[0] == 16 && bytes[1] == -127 && bytes[2] == 127, "%d %d %d", bytes[0], bytes[1],
          bytes[2]);
    CHECK(same_float(scale, 2.0F / 127.0F), "scale %g", (double)scale);
}

static void test_quantised_zero_vector_has_scale_0(void)
{
    float vector[2] = {0.0F, -0.0F};
    int8_t bytes[2] = {1, 1};
    float scale = 1.0F;
    CHECK(imi_quantise_i8(vector, 2, bytes, &scale, NULL) == IMI_OK, "refused");
    CHECK(bytes[0] == 0 && bytes[1] == 0 && same_float(scale, 0.0F), "not zero");
}

static void test_quantise_takes_the_whole_range_of_floats(void)
{
    float vector[3] = {FLT_MAX, -FLT_MAX, FLT_MIN};
    int8_t bytes[3];
    float scale = 0.0F;
    CHECK(imi_quantise_i8(vector, 3, bytes, &scale, NULL) == IMI_OK, "refused");
    CHECK(bytes[0] == 127 && bytes[1] == -127 && bytes[2] == 0, "%d %d %d", bytes[0], bytes[1],
          bytes[2]);
}

static void test_quantise_refuses_what_is_not_finite(void)
{
    static const float bad[] = {NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < 3; i++) {
        float vector[3] = {1.0F, bad[i], 1.0F};
        int8_t bytes[3] = {1, 1, 1};
        float scale = 1.0F;
        CHECK(imi_quantise_i8(vector, 3, bytes, &scale, NULL) == IMI_E_INVALID_ARGUMENT,
              "%g accepted", (double)bad[i]);
        CHECK(isnan(scale) && bytes[0] == 0 && bytes[2] == 0, "outputs are not safe");
    }
}

static int by_rank(const void *left, const void *right)
{
    const imi_candidate *a = left, *b = right;
    if (a->similarity != b->similarity) {
        return a->similarity > b->similarity ? -1 : 1;
    }
    return a->index < b->index ? -1 : 1;
}

/* Few distinct values, so that ties are everywhere, and some NaN. */
static void fill_tied(float *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        out[i] = random_below(20) == 0 ? NAN : (float)random_below(40) / 8.0F;
    }
}

static size_t sort_all(const float *similarities, size_t count, imi_candidate *out)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (!isnan(similarities[i])) {
            out[kept++] = (imi_candidate){i, similarities[i]};
        }
    }
    qsort(out, kept, sizeof *out, by_rank);
    return kept;
}

static void check_top(const imi_top_k *top, const imi_candidate *want, size_t kept)
{
    size_t expected = top->capacity < kept ? top->capacity : kept;
    CHECK(top->count == expected, "%zu selected, not %zu", top->count, expected);
    for (size_t i = 0; i < top->count && i < expected; i++) {
        CHECK(top->entries[i].index == want[i].index &&
                  same_float(top->entries[i].similarity, want[i].similarity),
              "rank %zu of %zu is index %zu, not %zu", i, top->capacity, top->entries[i].index,
              want[i].index);
    }
}

static void test_top_k_equals_a_full_sort(void)
{
    static float similarities[COUNT];
    static imi_candidate sorted[COUNT];
    for (size_t k = 0; k <= K_MAX; k++) {
        size_t count = random_below(COUNT + 1);
        imi_candidate storage[K_MAX];
        imi_top_k top;
        fill_tied(similarities, count);
        imi_top_k_init(&top, storage, k);
        imi_top_k_offer(&top, similarities, count, 0);
        imi_top_k_finish(&top);
        check_top(&top, sorted, sort_all(similarities, count, sorted));
    }
}

static void test_top_k_does_not_depend_on_the_order_of_offers(void)
{
    static float similarities[COUNT];
    static imi_candidate sorted[COUNT];
    fill_tied(similarities, COUNT);
    imi_candidate storage[K_MAX];
    imi_top_k top;
    imi_top_k_init(&top, storage, K_MAX);
    for (size_t end = COUNT; end > 0;) {
        size_t size = 1 + random_below(100);
        size_t start = size < end ? end - size : 0;
        imi_top_k_offer(&top, similarities + start, end - start, start);
        end = start;
    }
    imi_top_k_finish(&top);
    check_top(&top, sorted, sort_all(similarities, COUNT, sorted));
}

static void test_merged_parts_equal_the_whole(void)
{
    static float similarities[COUNT];
    static imi_candidate sorted[COUNT];
    fill_tied(similarities, COUNT);
    imi_candidate left_storage[20], right_storage[20];
    imi_top_k left, right;
    imi_top_k_init(&left, left_storage, 20);
    imi_top_k_init(&right, right_storage, 20);
    imi_top_k_offer(&left, similarities, 1234, 0);
    imi_top_k_offer(&right, similarities + 1234, COUNT - 1234, 1234);
    imi_top_k_merge(&right, &left);
    imi_top_k_finish(&right);
    check_top(&right, sorted, sort_all(similarities, COUNT, sorted));
}

static void test_nan_is_never_selected(void)
{
    float similarities[40];
    for (size_t i = 0; i < 40; i++) {
        similarities[i] = NAN;
    }
    similarities[39] = -1.0F;
    imi_candidate storage[3];
    imi_top_k top;
    imi_top_k_init(&top, storage, 3);
    imi_top_k_offer(&top, similarities, 40, 0);
    imi_top_k_finish(&top);
    CHECK(top.count == 1 && top.entries[0].index == 39, "%zu selected", top.count);
}

static void test_zeros_of_either_sign_tie(void)
{
    float similarities[3] = {-0.0F, 0.0F, -0.0F};
    imi_candidate storage[2];
    imi_top_k top;
    imi_top_k_init(&top, storage, 2);
    imi_top_k_offer(&top, similarities, 3, 0);
    imi_top_k_finish(&top);
    CHECK(top.entries[0].index == 0 && top.entries[1].index == 1, "the lower index must win");
}

static void test_missing_storage_selects_nothing(void)
{
    float similarities[32] = {0};
    imi_top_k top;
    imi_top_k_init(&top, NULL, 5);
    imi_top_k_offer(&top, similarities, 32, 0);
    imi_top_k_finish(&top);
    CHECK(top.count == 0, "selected without room");
}

const api_test select_tests[] = {
    {"quantised elements are off by half a step",
     test_quantised_elements_are_off_by_half_a_step_at_most},
    {"quantised largest element is 127", test_quantised_largest_element_is_127},
    {"quantised zero vector has scale 0", test_quantised_zero_vector_has_scale_0},
    {"quantise takes the whole range of floats", test_quantise_takes_the_whole_range_of_floats},
    {"quantise refuses what is not finite", test_quantise_refuses_what_is_not_finite},
    {"top k equals a full sort", test_top_k_equals_a_full_sort},
    {"top k does not depend on the order of offers",
     test_top_k_does_not_depend_on_the_order_of_offers},
    {"merged parts equal the whole", test_merged_parts_equal_the_whole},
    {"nan is never selected", test_nan_is_never_selected},
    {"zeros of either sign tie", test_zeros_of_either_sign_tie},
    {"missing storage selects nothing", test_missing_storage_selects_nothing},
    {NULL, NULL},
};
