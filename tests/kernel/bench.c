/* Time of each kernel on data in the cache, for work on the kernels. imi-bench measures memory. */
#include "check.h"

#include <stdio.h>
#include <time.h>

enum { ROWS = 32, DIM_MAX = 512, REPEATS = 7 };

static float g_floats[(ROWS + 1) * DIM_MAX];
static int8_t g_bytes[(ROWS + 1) * DIM_MAX];
static float g_similarities[ROWS];
static int32_t g_dots[IMI_KERNEL_PROBES][ROWS];
static volatile double g_sink; /* keeps results alive */

static double now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

typedef enum bench_kind {
    F32_ONE,
    F32_MANY,
    F32_FOUR,
    I8_ONE,
    I8_MANY,
    I8_FOUR,
    BENCH_KINDS
} bench_kind;

static const char *const kind_names[BENCH_KINDS] = {"f32 one", "f32 many", "f32 four",
                                                    "i8 one",  "i8 many",  "i8 four"};

/* ROWS comparisons. */
static void compare(const imi_kernels *kernels, bench_kind kind, size_t dim)
{
    imi_gallery_f32 floats = {g_floats + dim, ROWS, dim, dim, 0};
    imi_gallery_i8 bytes = {g_bytes + dim, NULL, ROWS, dim, dim, 0};
    if (kind == F32_MANY) {
        kernels->dot_f32_many(g_floats, &floats, g_similarities);
    } else if (kind == F32_FOUR) {
        /* A quarter of the rows, as each is compared four times. */
        const float *const probes[] = {g_floats, g_floats, g_floats, g_floats};
        float *const outs[] = {g_similarities, g_similarities, g_similarities, g_similarities};
        floats.count /= IMI_KERNEL_PROBES;
        kernels->dot_f32_four(probes, &floats, outs);
    } else if (kind == I8_MANY) {
        kernels->dot_i8_many(g_bytes, &bytes, g_dots[0]);
    } else if (kind == I8_FOUR) {
        const int8_t *const probes[] = {g_bytes, g_bytes, g_bytes, g_bytes};
        int32_t *const outs[] = {g_dots[0], g_dots[1], g_dots[2], g_dots[3]};
        bytes.count /= IMI_KERNEL_PROBES;
        kernels->dot_i8_four(probes, &bytes, outs);
    }
    for (size_t row = 0; row < ROWS && kind == F32_ONE; row++) {
        g_similarities[row] = kernels->dot_f32(g_floats, floats.rows + row * dim, dim);
    }
    for (size_t row = 0; row < ROWS && kind == I8_ONE; row++) {
        g_dots[0][row] = kernels->dot_i8(g_bytes, bytes.rows + row * dim, dim);
    }
    g_sink = (double)g_similarities[0] + g_dots[0][0];
}

/* Nanoseconds a comparison: the best of several runs of about 2 ms. */
static double time_kernel(const imi_kernels *kernels, bench_kind kind, size_t dim)
{
    double best = 1e30;
    for (int repeat = 0; repeat < REPEATS; repeat++) {
        size_t rounds = 0;
        double start = now_ns(), end = start;
        for (; end - start < 2e6; end = now_ns()) {
            for (int i = 0; i < 16; i++, rounds++) {
                compare(kernels, kind, dim);
            }
        }
        double each = (end - start) / (double)(rounds * ROWS);
        best = each < best ? each : best;
    }
    return best;
}

void bench_run(void)
{
    static const size_t dims[] = {128, 192, 512};
    random_seed(1);
    fill_floats(g_floats, sizeof g_floats / sizeof g_floats[0], FLOATS_RANDOM);
    fill_bytes(g_bytes, sizeof g_bytes);
    printf("nanoseconds a comparison, data in the cache\n%-12s %-9s", "level", "kernel");
    for (size_t d = 0; d < 3; d++) {
        printf(" dim %-6zu", dims[d]);
    }
    for (size_t i = 0; imi_kernel_level_at(i) != NULL; i++) {
        const imi_kernel_level *level = imi_kernel_level_at(i);
        if ((imi_cpu_features() & level->features) != level->features) {
            continue;
        }
        imi_kernels kernels;
        imi_kernels_fill(level->features, &kernels);
        for (int kind = 0; kind < BENCH_KINDS; kind++) {
            printf("\n%-12s %-9s", level->name, kind_names[kind]);
            for (size_t d = 0; d < 3; d++) {
                printf(" %-10.2f", time_kernel(&kernels, (bench_kind)kind, dims[d]));
            }
        }
    }
    putchar('\n');
}
