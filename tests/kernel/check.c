#include "check.h"

#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FAILURES_SHOWN = 20 };

static uint64_t g_random_state;
static unsigned g_failures;

void check_failed(const char *file, int line, const char *format, ...)
{
    g_failures++;
    if (g_failures > FAILURES_SHOWN) {
        return;
    }
    fprintf(stderr, "  %s:%d: ", file, line);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

void random_seed(uint64_t seed)
{
    g_random_state = seed;
}

uint32_t random_u32(void)
{
    /* The 64-bit linear congruential generator of Knuth's MMIX; the upper half is used. */
    g_random_state = g_random_state * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(g_random_state >> 32);
}

size_t random_below(size_t limit)
{
    return random_u32() % limit;
}

/* Exact on every machine: an integer of 24 bits times a power of two. */
static float random_float(int exponent)
{
    int32_t mantissa = (int32_t)(random_u32() >> 8) - (1 << 23);
    return ldexpf((float)mantissa, exponent - 23);
}

static float one_float(float_kind kind, size_t i)
{
    switch (kind) {
    case FLOATS_ZERO:
        return random_below(2) == 0 ? 0.0F : -0.0F;
    case FLOATS_SUBNORMAL:
        return random_float(i % 2 == 0 ? -130 : (int)random_below(40) - 80);
    case FLOATS_EXTREME:
        return random_below(4) == 0 ? copysignf(FLT_MAX, random_float(0))
                                    : random_float((int)random_below(252) - 126);
    case FLOATS_INFINITE:
        return random_below(64) == 0 ? copysignf(INFINITY, random_float(0)) : random_float(0);
    default:
        return random_float((int)random_below(8) - 4);
    }
}

void fill_floats(float *out, size_t count, float_kind kind)
{
    for (size_t i = 0; i < count; i++) {
        out[i] = one_float(kind, i);
    }
    if (kind == FLOATS_NAN && count > 0) {
        out[random_below(count)] = NAN;
    }
}

void fill_bytes(int8_t *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        out[i] = (int8_t)(uint8_t)random_u32();
    }
}

uint32_t float_bits(float value)
{
    if (isnan(value)) {
        return 0x7FC00000U;
    }
    uint32_t bits = 0;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

bool same_float(float a, float b)
{
    return float_bits(a) == float_bits(b);
}

guarded guarded_new(size_t capacity)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t inside = (capacity + page - 1) / page * page;
    guarded memory = {NULL, inside + 2 * page, NULL, NULL};
    void *mapping = mmap(NULL, memory.mapping_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping == MAP_FAILED) {
        perror("mmap");
        exit(2);
    }
    memory.mapping = mapping;
    memory.start = memory.mapping + page;
    memory.end = memory.start + inside;
    if (mprotect(memory.start, inside, PROT_READ | PROT_WRITE) != 0) {
        perror("mprotect");
        exit(2);
    }
    return memory;
}

void guarded_free(guarded *memory)
{
    munmap(memory->mapping, memory->mapping_size);
    *memory = (guarded){NULL, 0, NULL, NULL};
}

void *guarded_tail(const guarded *memory, size_t size)
{
    return memory->end - size;
}

/* Runs one test and reports it; true if it passed. */
static bool report(unsigned failures_before, const char *level, const char *name)
{
    bool passed = g_failures == failures_before;
    printf("%-12s %-44s %s\n", level, name, passed ? "ok" : "FAILED");
    return passed;
}

static void run_level_tests(const imi_kernel_level *level, const level_test *tests)
{
    imi_kernels reference, kernels;
    imi_kernels_fill(0, &reference);
    imi_kernels_fill(level->features, &kernels);
    for (; tests->name != NULL; tests++) {
        unsigned before = g_failures;
        random_seed(1);
        tests->run(&kernels, &reference);
        report(before, level->name, tests->name);
    }
}

static void run_api_tests(const api_test *tests)
{
    for (; tests->name != NULL; tests++) {
        unsigned before = g_failures;
        random_seed(1);
        tests->run();
        report(before, "public", tests->name);
    }
}

/* Every level the host can run, not only the one that dispatch would pick. */
static const char *run_levels(void)
{
    const char *highest = "none";
    for (size_t i = 0; imi_kernel_level_at(i) != NULL; i++) {
        const imi_kernel_level *level = imi_kernel_level_at(i);
        if ((imi_cpu_features() & level->features) != level->features) {
            printf("%-12s not offered by this machine\n", level->name);
            continue;
        }
        run_level_tests(level, dot_f32_tests);
        run_level_tests(level, dot_i8_tests);
        run_level_tests(level, golden_tests);
        highest = level->name;
    }
    return highest;
}

/* usage: test_kernel [--bench | --expect LEVEL]; the latter fails unless LEVEL is the highest. */
int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--bench") == 0) {
        bench_run();
        return 0;
    }
    if (argc != 1 && (argc != 3 || strcmp(argv[1], "--expect") != 0)) {
        fprintf(stderr, "usage: %s [--bench | --expect LEVEL]\n", argv[0]);
        return 2;
    }
    const char *highest = run_levels();
    run_api_tests(reference_tests);
    run_api_tests(dispatch_tests);
    run_api_tests(environment_tests);
    run_api_tests(select_tests);
    run_api_tests(search_tests);
    run_api_tests(argument_tests);
    if (argc == 3) {
        CHECK(strcmp(highest, argv[2]) == 0, "highest level is %s, not %s", highest, argv[2]);
    }
    printf("highest level run: %s; %u failures\n", highest, g_failures);
    return g_failures == 0 ? 0 : 1;
}
