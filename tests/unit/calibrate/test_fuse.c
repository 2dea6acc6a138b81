/* Every instruction set must give the same bits. */
#include "people.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fuse.h"
#include "imi/kernel.h"

typedef struct terms {
    int32_t dots[2][FUSE_ROWS];
    float unit[2][FUSE_ROWS], steepness[2][FUSE_ROWS], offset[2][FUSE_ROWS];
} terms;

static void make(uint64_t seed, size_t kinds, terms *rows, fuse_input *in)
{
    *in = (fuse_input){.models = 2, .kinds = kinds, .last_bin = 8191};
    in->low[0] = -1;
    in->low[1] = -32;
    in->bins_per_unit[0] = 4096;
    in->bins_per_unit[1] = 128;
    for (size_t m = 0; m < 2; m++) {
        for (size_t i = 0; i < FUSE_ROWS; i++) {
            rows->dots[m][i] = (int32_t)(people_normal(&seed) * 200000);
            rows->unit[m][i] = (float)(0.001 * (1 + 0.1 * people_normal(&seed)));
            rows->steepness[m][i] = (float)(20 + people_normal(&seed));
            rows->offset[m][i] = (float)(2 + people_normal(&seed));
        }
        in->dots[m] = rows->dots[m];
        in->unit[m] = rows->unit[m];
        in->steepness[m] = rows->steepness[m];
        in->offset[m] = rows->offset[m];
        in->unit_a[m] = 0.001F;
        in->steepness_a[m] = 19.5F;
        in->offset_a[m] = 2.25F;
    }
}

static void baseline_is_what_the_terms_say(void **state)
{
    (void)state;
    static terms rows;
    fuse_input in;
    fuse_output out;
    make(1, 2, &rows, &in);
    fuse_baseline(&in, &out);
    int32_t highest = 0;
    for (size_t i = 0; i < FUSE_ROWS; i++) {
        float raw = 0, normalised = 0;
        for (size_t m = 0; m < 2; m++) {
            float x = (float)rows.dots[m][i] * (rows.unit[m][i] * in.unit_a[m]);
            float a = x * in.steepness_a[m] - in.offset_a[m];
            float b = x * rows.steepness[m][i] - rows.offset[m][i];
            raw += x;
            normalised += a < b ? a : b;
        }
        assert_true(raw == out.scores[0][i] && normalised == out.scores[1][i]);
        assert_in_range(out.bins[0][i], 0, 8191);
        float position = (raw + 1) * 4096;
        int32_t bin = position < 0 ? 0 : position > 8191 ? 8191 : (int32_t)position;
        assert_int_equal(out.bins[0][i], bin);
        highest = bin > highest ? bin : highest;
    }
    assert_int_equal(out.highest[0], highest);
}

static void every_instruction_set_gives_the_same_bits(void **state)
{
    (void)state;
    static terms rows;
    fuse_input in;
    static fuse_output want, got;
    for (uint64_t seed = 0; seed < 200; seed++) {
        make(seed, 1 + seed % 2, &rows, &in);
        fuse_baseline(&in, &want);
        got = want;
        fuse_host()(&in, &got);
        assert_memory_equal(&got, &want, sizeof got);
#if defined(__x86_64__)
        if ((imi_cpu_features() & IMI_CPU_AVX2) != 0) {
            fuse_avx2(&in, &got);
            assert_memory_equal(&got, &want, sizeof got);
        }
        if ((imi_cpu_features() & IMI_CPU_AVX512) != 0) {
            fuse_avx512(&in, &got);
            assert_memory_equal(&got, &want, sizeof got);
        }
#endif
    }
}

static void scores_beyond_the_scale_fall_into_its_ends(void **state)
{
    (void)state;
    static terms rows;
    fuse_input in;
    fuse_output out;
    make(3, 1, &rows, &in);
    rows.dots[0][0] = 2000000000;
    rows.dots[0][1] = -2000000000;
    fuse_host()(&in, &out);
    assert_int_equal(out.bins[0][0], 8191);
    assert_int_equal(out.bins[0][1], 0);
    assert_int_equal(out.highest[0], 8191);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(baseline_is_what_the_terms_say),
        cmocka_unit_test(every_instruction_set_gives_the_same_bits),
        cmocka_unit_test(scores_beyond_the_scale_fall_into_its_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
