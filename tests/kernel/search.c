/* Search over galleries: what it finds is what comparing one by one finds. */
#include "check.h"

enum { DIM = 48, STRIDE = 64, COUNT = 777, PROBES = 6, K = 9 };

static float g_probes[PROBES][DIM];
static float g_rows[COUNT * STRIDE];
static int8_t g_probe_bytes[PROBES][DIM];
static int8_t g_row_bytes[COUNT * STRIDE];
static float g_row_scales[COUNT];

static imi_gallery_f32 make_gallery(void)
{
    for (size_t row = 0; row < COUNT; row++) {
        fill_floats(g_rows + row * STRIDE, DIM, FLOATS_RANDOM);
    }
    for (size_t p = 0; p < PROBES; p++) {
        fill_floats(g_probes[p], DIM, p == 1 ? FLOATS_NAN : FLOATS_RANDOM);
    }
    return (imi_gallery_f32){g_rows, COUNT, STRIDE, DIM, 0};
}

static void check_same(const imi_top_k *got, const imi_top_k *want)
{
    CHECK(got->count == want->count, "%zu found, not %zu", got->count, want->count);
    for (size_t i = 0; i < got->count && i < want->count; i++) {
        CHECK(got->entries[i].index == want->entries[i].index, "rank %zu: %zu, not %zu", i,
              got->entries[i].index, want->entries[i].index);
        CHECK(same_float(got->entries[i].similarity, want->entries[i].similarity), "rank %zu", i);
    }
}

static void search_one_by_one(const float *probe, imi_top_k *top)
{
    for (size_t row = 0; row < COUNT; row++) {
        float similarity = imi_dot_f32(probe, g_rows + row * STRIDE, DIM);
        imi_top_k_offer(top, &similarity, 1, row);
    }
    imi_top_k_finish(top);
}

static void test_search_equals_one_by_one(void)
{
    imi_gallery_f32 gallery = make_gallery();
    const float *probes[PROBES];
    imi_candidate storage[PROBES][K];
    imi_top_k tops[PROBES];
    for (size_t p = 0; p < PROBES; p++) {
        probes[p] = g_probes[p];
        imi_top_k_init(&tops[p], storage[p], K);
    }
    CHECK(imi_search_f32(probes, PROBES, &gallery, tops, NULL) == IMI_OK, "refused");
    for (size_t p = 0; p < PROBES; p++) {
        imi_candidate want_storage[K];
        imi_top_k want;
        imi_top_k_init(&want, want_storage, K);
        search_one_by_one(g_probes[p], &want);
        imi_top_k_finish(&tops[p]);
        check_same(&tops[p], &want);
        CHECK(tops[p].count == (p == 1 ? 0 : K), "probe %zu found %zu", p, tops[p].count);
    }
}

static void test_split_gallery_equals_whole(void)
{
    imi_gallery_f32 whole = make_gallery();
    imi_gallery_f32 first = whole, second = whole;
    first.count = 300;
    second.rows += 300 * STRIDE;
    second.count = COUNT - 300;
    second.first_index = 300;
    const float *probes[] = {g_probes[0]};
    imi_candidate storage[3][K];
    imi_top_k tops[3];
    for (size_t i = 0; i < 3; i++) {
        imi_top_k_init(&tops[i], storage[i], K);
    }
    CHECK(imi_search_f32(probes, 1, &whole, &tops[0], NULL) == IMI_OK, "refused");
    CHECK(imi_search_f32(probes, 1, &second, &tops[1], NULL) == IMI_OK, "refused");
    CHECK(imi_search_f32(probes, 1, &first, &tops[2], NULL) == IMI_OK, "refused");
    imi_top_k_merge(&tops[1], &tops[2]);
    imi_top_k_finish(&tops[0]);
    imi_top_k_finish(&tops[1]);
    check_same(&tops[1], &tops[0]);
}

static void test_empty_gallery_finds_nothing(void)
{
    const float *probes[] = {g_probes[0]};
    imi_candidate storage[K];
    imi_top_k top;
    imi_top_k_init(&top, storage, K);
    imi_gallery_f32 empty = {NULL, 0, STRIDE, DIM, 0};
    CHECK(imi_search_f32(probes, 1, &empty, &top, NULL) == IMI_OK, "refused");
    CHECK(top.count == 0, "found %zu", top.count);
}

static imi_gallery_i8 make_gallery_i8(float *probe_scales)
{
    (void)make_gallery();
    fill_floats(g_probes[1], DIM, FLOATS_RANDOM);
    for (size_t row = 0; row < COUNT; row++) {
        CHECK(imi_quantise_i8(g_rows + row * STRIDE, DIM, g_row_bytes + row * STRIDE,
                              &g_row_scales[row], NULL) == IMI_OK,
              "row %zu", row);
    }
    for (size_t p = 0; p < PROBES; p++) {
        CHECK(imi_quantise_i8(g_probes[p], DIM, g_probe_bytes[p], &probe_scales[p], NULL) == IMI_OK,
              "probe %zu", p);
    }
    return (imi_gallery_i8){g_row_bytes, g_row_scales, COUNT, STRIDE, DIM, 0};
}

static void test_int8_search_equals_one_by_one(void)
{
    float scales[PROBES];
    imi_gallery_i8 gallery = make_gallery_i8(scales);
    imi_probe_i8 probes[PROBES];
    imi_candidate storage[PROBES][K];
    imi_top_k tops[PROBES];
    for (size_t p = 0; p < PROBES; p++) {
        probes[p] = (imi_probe_i8){g_probe_bytes[p], scales[p]};
        imi_top_k_init(&tops[p], storage[p], K);
    }
    CHECK(imi_search_i8(probes, PROBES, &gallery, tops, NULL) == IMI_OK, "refused");
    for (size_t p = 0; p < PROBES; p++) {
        imi_candidate want_storage[K];
        imi_top_k want;
        imi_top_k_init(&want, want_storage, K);
        for (size_t row = 0; row < COUNT; row++) {
            int32_t dot = imi_dot_i8(g_probe_bytes[p], g_row_bytes + row * STRIDE, DIM);
            float similarity = (float)dot * (scales[p] * g_row_scales[row]);
            imi_top_k_offer(&want, &similarity, 1, row);
        }
        imi_top_k_finish(&want);
        imi_top_k_finish(&tops[p]);
        check_same(&tops[p], &want);
    }
}

static void test_int8_finds_the_same_best_match(void)
{
    float scales[PROBES];
    imi_gallery_i8 gallery = make_gallery_i8(scales);
    /* A mated reference: the probe itself, a little disturbed. */
    for (size_t i = 0; i < DIM; i++) {
        g_rows[500 * STRIDE + i] = g_probes[0][i] * (i % 2 == 0 ? 1.1F : 0.9F);
    }
    CHECK(imi_quantise_i8(g_rows + 500 * STRIDE, DIM, g_row_bytes + 500 * STRIDE,
                          &g_row_scales[500], NULL) == IMI_OK,
          "row");
    imi_probe_i8 probe = {g_probe_bytes[0], scales[0]};
    imi_candidate storage[1];
    imi_top_k top;
    imi_top_k_init(&top, storage, 1);
    CHECK(imi_search_i8(&probe, 1, &gallery, &top, NULL) == IMI_OK, "refused");
    CHECK(top.count == 1 && top.entries[0].index == 500, "found %zu", top.entries[0].index);
}

const api_test search_tests[] = {
    {"search equals one by one", test_search_equals_one_by_one},
    {"split gallery equals whole", test_split_gallery_equals_whole},
    {"empty gallery finds nothing", test_empty_gallery_finds_nothing},
    {"int8 search equals one by one", test_int8_search_equals_one_by_one},
    {"int8 finds the same best match", test_int8_finds_the_same_best_match},
    {NULL, NULL},
};
