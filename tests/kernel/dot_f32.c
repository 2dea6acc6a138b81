/* Float32 kernels of a level against the reference: equal bit for bit. */
#include "check.h"

#include <math.h>

enum { DIM_MAX = 528, ROWS_MAX = 11, CANARIES = 8 };

/* Every tail length at several sizes, then the sizes of templates and their neighbours. */
static size_t next_dim(size_t dim)
{
    static const size_t beyond[] = {96, 112, 127, 128, 129, 192, 255, 256, 511, 512, DIM_MAX};
    if (dim < 68) {
        return dim + 1;
    }
    for (size_t i = 0; i < sizeof beyond / sizeof beyond[0]; i++) {
        if (beyond[i] > dim) {
            return beyond[i];
        }
    }
    return SIZE_MAX;
}

static void compare_one(const imi_kernels *kernels, const imi_kernels *reference, const float *a,
                        const float *b, size_t dim, const char *what)
{
    float got = kernels->dot_f32(a, b, dim);
    float want = reference->dot_f32(a, b, dim);
    CHECK(same_float(got, want), "%s, dim %zu: %a, not %a", what, dim, (double)got, (double)want);
}

static void test_one_equals_reference(const imi_kernels *kernels, const imi_kernels *reference)
{
    static float a[DIM_MAX], b[DIM_MAX];
    for (int kind = 0; kind < FLOATS_KIND_COUNT; kind++) {
        for (size_t dim = 0; dim <= DIM_MAX; dim = next_dim(dim)) {
            for (int repeat = 0; repeat < 4; repeat++) {
                fill_floats(a, dim, (float_kind)kind);
                fill_floats(b, dim, repeat % 2 == 0 ? (float_kind)kind : FLOATS_RANDOM);
                compare_one(kernels, reference, a, b, dim, "random");
            }
        }
    }
}

static void test_one_reads_misaligned_vectors(const imi_kernels *kernels,
                                              const imi_kernels *reference)
{
    static float a[DIM_MAX + 16], b[DIM_MAX + 16];
    fill_floats(a, DIM_MAX + 16, FLOATS_RANDOM);
    fill_floats(b, DIM_MAX + 16, FLOATS_RANDOM);
    for (size_t shift = 0; shift < 16; shift++) {
        compare_one(kernels, reference, a + shift, b + 15 - shift, 192, "misaligned");
    }
}

static void test_one_stays_inside_its_vectors(const imi_kernels *kernels,
                                              const imi_kernels *reference)
{
    guarded left = guarded_new(DIM_MAX * sizeof(float));
    guarded right = guarded_new(DIM_MAX * sizeof(float));
    for (size_t dim = 0; dim <= DIM_MAX; dim = next_dim(dim)) {
        float *a = guarded_tail(&left, dim * sizeof *a);
        float *b = guarded_tail(&right, dim * sizeof *b);
        fill_floats(a, dim, FLOATS_RANDOM);
        fill_floats(b, dim, FLOATS_RANDOM);
        compare_one(kernels, reference, a, b, dim, "at the end of a page");
        compare_one(kernels, reference, (float *)(void *)left.start, b, dim,
                    "at the start of a page");
    }
    guarded_free(&left);
    guarded_free(&right);
}

/* Zero padding in memory must give what the kernel's own padding gives. */
static void test_padding_changes_nothing(const imi_kernels *kernels, const imi_kernels *reference)
{
    (void)reference;
    static float a[DIM_MAX + 16], b[DIM_MAX + 16];
    for (int kind = 0; kind < FLOATS_KIND_COUNT; kind++) {
        for (size_t dim = 0; dim <= DIM_MAX; dim = next_dim(dim)) {
            size_t padded = (dim + 15) / 16 * 16;
            fill_floats(a, dim, (float_kind)kind);
            fill_floats(b, dim, (float_kind)kind);
            for (size_t i = dim; i < padded; i++) {
                a[i] = 0.0F;
                b[i] = 0.0F;
            }
            CHECK(same_float(kernels->dot_f32(a, b, dim), kernels->dot_f32(a, b, padded)),
                  "padding %zu to %zu changes the result", dim, padded);
        }
    }
}

/* Fill a gallery whose gaps hold NaN, so that reading one shows. */
static void fill_gallery(float *rows, size_t count, size_t stride, size_t dim, float_kind kind)
{
    for (size_t row = 0; row < count; row++) {
        fill_floats(rows + row * stride, dim, kind);
        for (size_t i = dim; i < stride && row + 1 < count; i++) {
            rows[row * stride + i] = NAN;
        }
    }
}

static void compare_many(const imi_kernels *kernels, const imi_kernels *reference,
                         const float *probe, const imi_gallery_f32 *gallery)
{
    const float canary = -12345.0F;
    float out[CANARIES + ROWS_MAX + CANARIES];
    for (size_t i = 0; i < CANARIES + ROWS_MAX + CANARIES; i++) {
        out[i] = canary;
    }
    kernels->dot_f32_many(probe, gallery, out + CANARIES);
    for (size_t row = 0; row < gallery->count; row++) {
        const float *reference_row = gallery->rows + row * gallery->stride;
        float want = reference->dot_f32(probe, reference_row, gallery->dim);
        float one = kernels->dot_f32(probe, reference_row, gallery->dim);
        float got = out[CANARIES + row];
        CHECK(same_float(got, want), "row %zu of %zu, dim %zu: %a, not %a", row, gallery->count,
              gallery->dim, (double)got, (double)want);
        CHECK(same_float(got, one), "row %zu differs from one-to-one", row);
    }
    for (size_t i = 0; i < CANARIES; i++) {
        CHECK(same_float(out[i], canary), "wrote %zu before the output", CANARIES - i);
        CHECK(same_float(out[CANARIES + gallery->count + i], canary), "wrote %zu behind the output",
              i);
    }
}

static void test_many_equals_one(const imi_kernels *kernels, const imi_kernels *reference)
{
    static float probe[DIM_MAX], rows[ROWS_MAX * (DIM_MAX + 3)];
    for (int kind = 0; kind < FLOATS_KIND_COUNT; kind++) {
        for (size_t dim = 0; dim <= DIM_MAX; dim = next_dim(dim)) {
            size_t count = random_below(ROWS_MAX + 1);
            size_t stride = dim + random_below(4);
            fill_floats(probe, dim, (float_kind)kind);
            fill_gallery(rows, count, stride, dim, FLOATS_RANDOM);
            compare_many(kernels, reference, probe,
                         &(imi_gallery_f32){rows, count, stride, dim, 0});
        }
    }
}

static void test_many_takes_every_row_count(const imi_kernels *kernels,
                                            const imi_kernels *reference)
{
    static float probe[192], rows[ROWS_MAX * 192];
    for (size_t count = 0; count <= ROWS_MAX; count++) {
        fill_floats(probe, 192, FLOATS_RANDOM);
        fill_gallery(rows, count, 192, 192, FLOATS_RANDOM);
        compare_many(kernels, reference, probe, &(imi_gallery_f32){rows, count, 192, 192, 0});
    }
}

static void test_many_stays_inside_its_gallery(const imi_kernels *kernels,
                                               const imi_kernels *reference)
{
    guarded probe_memory = guarded_new(DIM_MAX * sizeof(float));
    guarded row_memory = guarded_new(ROWS_MAX * (DIM_MAX + 5) * sizeof(float));
    for (size_t dim = 1; dim <= DIM_MAX; dim = next_dim(dim)) {
        size_t count = 1 + random_below(ROWS_MAX);
        size_t stride = dim + 5;
        /* The last row has no gap behind it: its dim elements end at the guard page. */
        size_t size = ((count - 1) * stride + dim) * sizeof(float);
        float *probe = guarded_tail(&probe_memory, dim * sizeof *probe);
        float *rows = guarded_tail(&row_memory, size);
        fill_floats(probe, dim, FLOATS_RANDOM);
        fill_gallery(rows, count, stride, dim, FLOATS_RANDOM);
        compare_many(kernels, reference, probe, &(imi_gallery_f32){rows, count, stride, dim, 0});
    }
    guarded_free(&probe_memory);
    guarded_free(&row_memory);
}

static void compare_four(const imi_kernels *kernels, const imi_kernels *reference,
                         const float *const *probes, const imi_gallery_f32 *gallery)
{
    const float canary = -12345.0F;
    float room[IMI_KERNEL_PROBES][ROWS_MAX + CANARIES];
    float *outs[IMI_KERNEL_PROBES];
    for (size_t p = 0; p < IMI_KERNEL_PROBES; p++) {
        outs[p] = room[p];
        for (size_t i = 0; i < ROWS_MAX + CANARIES; i++) {
            room[p][i] = canary;
        }
    }
    kernels->dot_f32_four(probes, gallery, outs);
    for (size_t p = 0; p < IMI_KERNEL_PROBES; p++) {
        for (size_t row = 0; row < gallery->count; row++) {
            float want =
                reference->dot_f32(probes[p], gallery->rows + row * gallery->stride, gallery->dim);
            CHECK(same_float(room[p][row], want), "probe %zu, row %zu, dim %zu: %a, not %a", p, row,
                  gallery->dim, (double)room[p][row], (double)want);
        }
        CHECK(same_float(room[p][gallery->count], canary), "wrote behind the output");
    }
}

static void test_four_equals_one(const imi_kernels *kernels, const imi_kernels *reference)
{
    static float probes[IMI_KERNEL_PROBES][DIM_MAX], rows[ROWS_MAX * (DIM_MAX + 3)];
    const float *const pointers[] = {probes[0], probes[1], probes[2], probes[3]};
    for (int kind = 0; kind < FLOATS_KIND_COUNT; kind++) {
        for (size_t dim = 0; dim <= DIM_MAX; dim = next_dim(dim)) {
            size_t count = random_below(ROWS_MAX + 1);
            size_t stride = dim + random_below(4);
            for (size_t p = 0; p < IMI_KERNEL_PROBES; p++) {
                fill_floats(probes[p], dim, p == 2 ? FLOATS_RANDOM : (float_kind)kind);
            }
            fill_gallery(rows, count, stride, dim, FLOATS_RANDOM);
            compare_four(kernels, reference, pointers,
                         &(imi_gallery_f32){rows, count, stride, dim, 0});
        }
    }
}

static void test_four_stays_inside_its_probes(const imi_kernels *kernels,
                                              const imi_kernels *reference)
{
    guarded probe_memory = guarded_new(DIM_MAX * sizeof(float));
    guarded row_memory = guarded_new(DIM_MAX * sizeof(float));
    for (size_t dim = 1; dim <= DIM_MAX; dim = next_dim(dim)) {
        float *probe = guarded_tail(&probe_memory, dim * sizeof *probe);
        float *row = guarded_tail(&row_memory, dim * sizeof *row);
        const float *const probes[] = {probe, probe, probe, probe};
        fill_floats(probe, dim, FLOATS_RANDOM);
        fill_floats(row, dim, FLOATS_RANDOM);
        compare_four(kernels, reference, probes, &(imi_gallery_f32){row, 1, dim, dim, 0});
    }
    guarded_free(&probe_memory);
    guarded_free(&row_memory);
}

const level_test dot_f32_tests[] = {
    {"f32 one equals reference", test_one_equals_reference},
    {"f32 one reads misaligned vectors", test_one_reads_misaligned_vectors},
    {"f32 one stays inside its vectors", test_one_stays_inside_its_vectors},
    {"f32 padding changes nothing", test_padding_changes_nothing},
    {"f32 many equals one", test_many_equals_one},
    {"f32 many takes every row count", test_many_takes_every_row_count},
    {"f32 many stays inside its gallery", test_many_stays_inside_its_gallery},
    {"f32 four probes equal one", test_four_equals_one},
    {"f32 four stays inside its probes", test_four_stays_inside_its_probes},
    {NULL, NULL},
};
