/* Int8 kernels of a level against the reference. */
#include "check.h"

#include <stdlib.h>

enum { DIM_MAX = 576, ROWS_MAX = 11, CANARIES = 8 };

/* Every tail of two steps of the widest kernel, then the sizes of templates. */
static size_t next_dim(size_t dim)
{
    static const size_t beyond[] = {191, 192, 193, 255, 256, 511, 512, DIM_MAX};
    if (dim < 130) {
        return dim + 1;
    }
    for (size_t i = 0; i < sizeof beyond / sizeof beyond[0]; i++) {
        if (beyond[i] > dim) {
            return beyond[i];
        }
    }
    return SIZE_MAX;
}

static void compare_one(const imi_kernels *kernels, const imi_kernels *reference, const int8_t *a,
                        const int8_t *b, size_t dim, const char *what)
{
    int32_t got = kernels->dot_i8(a, b, dim);
    int32_t want = reference->dot_i8(a, b, dim);
    CHECK(got == want, "%s, dim %zu: %d, not %d", what, dim, got, want);
}

static void test_one_equals_reference(const imi_kernels *kernels, const imi_kernels *reference)
{
    static int8_t a[DIM_MAX], b[DIM_MAX];
    for (size_t dim = 0; dim <= DIM_MAX; dim = next_dim(dim)) {
        for (int repeat = 0; repeat < 8; repeat++) {
            fill_bytes(a, dim);
            fill_bytes(b, dim);
            compare_one(kernels, reference, a, b, dim, "random");
        }
    }
}

static void fill_constant(int8_t *out, size_t count, int value)
{
    for (size_t i = 0; i < count; i++) {
        out[i] = (int8_t)value;
    }
}

static void test_one_takes_extremes(const imi_kernels *kernels, const imi_kernels *reference)
{
    static const int extremes[] = {-128, -127, -1, 0, 1, 127};
    static int8_t a[DIM_MAX], b[DIM_MAX];
    for (size_t i = 0; i < 6; i++) {
        for (size_t j = 0; j < 6; j++) {
            fill_constant(a, DIM_MAX, extremes[i]);
            fill_constant(b, DIM_MAX, extremes[j]);
            compare_one(kernels, reference, a, b, DIM_MAX, "extremes");
            compare_one(kernels, reference, a, b, DIM_MAX - 7, "extremes");
            int32_t want = extremes[i] * extremes[j] * DIM_MAX;
            CHECK(kernels->dot_i8(a, b, DIM_MAX) == want, "%d * %d", extremes[i], extremes[j]);
        }
    }
}

static void test_sums_are_exact_up_to_the_stated_length(const imi_kernels *kernels,
                                                        const imi_kernels *reference)
{
    (void)reference;
    size_t longer = IMI_DOT_I8_DIM_MAX + 100;
    int8_t *low = calloc(longer, 1);
    int8_t *high = calloc(longer, 1);
    fill_constant(low, longer, -128);
    fill_constant(high, longer, 127);
    int64_t most = (int64_t)IMI_DOT_I8_DIM_MAX * 128 * 128;
    CHECK(kernels->dot_i8(low, low, IMI_DOT_I8_DIM_MAX) == most, "largest sum is not exact");
    int64_t least = (int64_t)IMI_DOT_I8_DIM_MAX * -128 * 127;
    CHECK(kernels->dot_i8(low, high, IMI_DOT_I8_DIM_MAX) == least, "smallest sum is not exact");
    int32_t wrapped = (int32_t)(uint32_t)((uint64_t)longer * 128 * 128);
    CHECK(kernels->dot_i8(low, low, longer) == wrapped, "a longer sum does not wrap as stated");
    free(low);
    free(high);
}

static void test_one_stays_inside_its_vectors(const imi_kernels *kernels,
                                              const imi_kernels *reference)
{
    guarded left = guarded_new(DIM_MAX);
    guarded right = guarded_new(DIM_MAX);
    for (size_t dim = 0; dim <= DIM_MAX; dim = next_dim(dim)) {
        int8_t *a = guarded_tail(&left, dim);
        int8_t *b = guarded_tail(&right, dim);
        fill_bytes(a, dim);
        fill_bytes(b, dim);
        compare_one(kernels, reference, a, b, dim, "at the end of a page");
        compare_one(kernels, reference, a, (int8_t *)right.start, dim, "at the start of a page");
    }
    guarded_free(&left);
    guarded_free(&right);
}

static void compare_many(const imi_kernels *kernels, const imi_kernels *reference,
                         const int8_t *probe, const imi_gallery_i8 *gallery)
{
    const int32_t canary = 0x5A5A5A5A;
    int32_t out[CANARIES + ROWS_MAX + CANARIES];
    for (size_t i = 0; i < CANARIES + ROWS_MAX + CANARIES; i++) {
        out[i] = canary;
    }
    kernels->dot_i8_many(probe, gallery, out + CANARIES);
    for (size_t row = 0; row < gallery->count; row++) {
        int32_t want =
            reference->dot_i8(probe, gallery->rows + row * gallery->stride, gallery->dim);
        CHECK(out[CANARIES + row] == want, "row %zu of %zu, dim %zu: %d, not %d", row,
              gallery->count, gallery->dim, out[CANARIES + row], want);
    }
    for (size_t i = 0; i < CANARIES; i++) {
        CHECK(out[i] == canary, "wrote %zu before the output", CANARIES - i);
        CHECK(out[CANARIES + gallery->count + i] == canary, "wrote %zu behind the output", i);
    }
}

static void test_many_equals_one(const imi_kernels *kernels, const imi_kernels *reference)
{
    static int8_t probe[DIM_MAX], rows[ROWS_MAX * (DIM_MAX + 5)];
    for (size_t dim = 0; dim <= DIM_MAX; dim = next_dim(dim)) {
        for (size_t count = 0; count <= ROWS_MAX; count++) {
            size_t stride = dim + random_below(6);
            fill_bytes(probe, dim);
            fill_bytes(rows, count * stride);
            compare_many(kernels, reference, probe,
                         &(imi_gallery_i8){rows, NULL, count, stride, dim, 0});
        }
    }
}

static void test_many_stays_inside_its_gallery(const imi_kernels *kernels,
                                               const imi_kernels *reference)
{
    guarded probe_memory = guarded_new(DIM_MAX);
    guarded row_memory = guarded_new(ROWS_MAX * (DIM_MAX + 3));
    for (size_t dim = 1; dim <= DIM_MAX; dim = next_dim(dim)) {
        size_t count = 1 + random_below(ROWS_MAX);
        size_t stride = dim + 3;
        size_t size = (count - 1) * stride + dim;
        int8_t *probe = guarded_tail(&probe_memory, dim);
        int8_t *rows = guarded_tail(&row_memory, size);
        fill_bytes(probe, dim);
        fill_bytes(rows, size);
        compare_many(kernels, reference, probe,
                     &(imi_gallery_i8){rows, NULL, count, stride, dim, 0});
    }
    guarded_free(&probe_memory);
    guarded_free(&row_memory);
}

static void compare_four(const imi_kernels *kernels, const imi_kernels *reference,
                         const int8_t *const *probes, const imi_gallery_i8 *gallery)
{
    const int32_t canary = 0x5A5A5A5A;
    int32_t room[IMI_KERNEL_PROBES][ROWS_MAX + CANARIES];
    int32_t *outs[IMI_KERNEL_PROBES];
    for (size_t p = 0; p < IMI_KERNEL_PROBES; p++) {
        outs[p] = room[p];
        for (size_t i = 0; i < ROWS_MAX + CANARIES; i++) {
            room[p][i] = canary;
        }
    }
    kernels->dot_i8_four(probes, gallery, outs);
    for (size_t p = 0; p < IMI_KERNEL_PROBES; p++) {
        for (size_t row = 0; row < gallery->count; row++) {
            int32_t want =
                reference->dot_i8(probes[p], gallery->rows + row * gallery->stride, gallery->dim);
            CHECK(room[p][row] == want, "probe %zu, row %zu of %zu, dim %zu: %d, not %d", p, row,
                  gallery->count, gallery->dim, room[p][row], want);
        }
        for (size_t i = 0; i < CANARIES; i++) {
            CHECK(room[p][gallery->count + i] == canary, "wrote %zu behind the output", i);
        }
    }
}

static void test_four_equals_one(const imi_kernels *kernels, const imi_kernels *reference)
{
    static int8_t probes[IMI_KERNEL_PROBES][DIM_MAX], rows[ROWS_MAX * (DIM_MAX + 5)];
    const int8_t *const pointers[] = {probes[0], probes[1], probes[2], probes[3]};
    for (size_t dim = 0; dim <= DIM_MAX; dim = next_dim(dim)) {
        for (size_t count = 0; count <= ROWS_MAX; count++) {
            size_t stride = dim + random_below(6);
            fill_bytes(probes[0], sizeof probes);
            fill_bytes(rows, count * stride);
            compare_four(kernels, reference, pointers,
                         &(imi_gallery_i8){rows, NULL, count, stride, dim, 0});
        }
    }
}

static void test_four_takes_extremes(const imi_kernels *kernels, const imi_kernels *reference)
{
    static const int extremes[] = {-128, -127, 0, 127};
    static int8_t probes[IMI_KERNEL_PROBES][DIM_MAX], rows[ROWS_MAX * DIM_MAX];
    const int8_t *const pointers[] = {probes[0], probes[1], probes[2], probes[3]};
    for (size_t i = 0; i < sizeof extremes / sizeof extremes[0]; i++) {
        for (size_t p = 0; p < IMI_KERNEL_PROBES; p++) {
            fill_constant(probes[p], DIM_MAX, extremes[p]);
        }
        fill_constant(rows, sizeof rows, extremes[i]);
        compare_four(kernels, reference, pointers,
                     &(imi_gallery_i8){rows, NULL, ROWS_MAX, DIM_MAX, DIM_MAX, 0});
    }
}

static void test_four_stays_inside_its_memory(const imi_kernels *kernels,
                                              const imi_kernels *reference)
{
    guarded probe_memory = guarded_new(DIM_MAX);
    guarded row_memory = guarded_new(ROWS_MAX * (DIM_MAX + 3));
    for (size_t dim = 1; dim <= DIM_MAX; dim = next_dim(dim)) {
        size_t count = 1 + random_below(ROWS_MAX);
        size_t stride = dim + 3;
        size_t size = (count - 1) * stride + dim;
        int8_t *probe = guarded_tail(&probe_memory, dim);
        int8_t *rows = guarded_tail(&row_memory, size);
        const int8_t *const probes[] = {probe, probe, probe, probe};
        fill_bytes(probe, dim);
        fill_bytes(rows, size);
        compare_four(kernels, reference, probes,
                     &(imi_gallery_i8){rows, NULL, count, stride, dim, 0});
    }
    guarded_free(&probe_memory);
    guarded_free(&row_memory);
}

const level_test dot_i8_tests[] = {
    {"i8 one equals reference", test_one_equals_reference},
    {"i8 one takes extremes", test_one_takes_extremes},
    {"i8 sums are exact up to the stated length", test_sums_are_exact_up_to_the_stated_length},
    {"i8 one stays inside its vectors", test_one_stays_inside_its_vectors},
    {"i8 many equals one", test_many_equals_one},
    {"i8 many stays inside its gallery", test_many_stays_inside_its_gallery},
    {"i8 four probes equal one", test_four_equals_one},
    {"i8 four takes extremes", test_four_takes_extremes},
    {"i8 four stays inside its memory", test_four_stays_inside_its_memory},
    {NULL, NULL},
};
