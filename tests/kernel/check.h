/**
 * Harness of the kernel test: no cmocka, so that the same program cross-compiles and runs
 * under an emulator with nothing but a C library.
 */
#ifndef IMI_TESTS_KERNEL_CHECK_H
#define IMI_TESTS_KERNEL_CHECK_H

#include "imi/kernel.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A test of the kernels of one level against the reference. */
typedef struct level_test {
    const char *name;
    void (*run)(const imi_kernels *kernels, const imi_kernels *reference);
} level_test;

/** A test of the public functions, whatever level they use. */
typedef struct api_test {
    const char *name;
    void (*run)(void);
} api_test;

/* Arrays end with a NULL name. */
extern const level_test dot_f32_tests[];
extern const level_test dot_i8_tests[];
extern const level_test golden_tests[];
extern const api_test reference_tests[];
extern const api_test dispatch_tests[];
extern const api_test environment_tests[];
extern const api_test select_tests[];
extern const api_test search_tests[];
extern const api_test argument_tests[];

/** Time every kernel of every level and print nanoseconds. */
void bench_run(void);

/** Record a failure of the running test; the message is printed at once. */
void check_failed(const char *file, int line, const char *format, ...) IMI_PRINTF(3, 4);

#define CHECK(condition, ...)                                                                      \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            check_failed(__FILE__, __LINE__, __VA_ARGS__);                                         \
        }                                                                                          \
    } while (0)

/** Deterministic random numbers, the same on every machine. */
void random_seed(uint64_t seed);
uint32_t random_u32(void);
size_t random_below(size_t limit);

/** Kinds of float input. */
typedef enum float_kind {
    FLOATS_RANDOM, /* magnitudes 2^-4 to 2^4 */
    FLOATS_ZERO, /* both signs of zero */
    FLOATS_SUBNORMAL, /* results and products that lie below FLT_MIN */
    FLOATS_EXTREME, /* up to FLT_MAX, so that sums overflow and cancel */
    FLOATS_INFINITE, /* random with infinities, so that some sums are NaN */
    FLOATS_NAN, /* random with one NaN */
    FLOATS_KIND_COUNT
} float_kind;

void fill_floats(float *out, size_t count, float_kind kind);
void fill_bytes(int8_t *out, size_t count);

/** Bit pattern, all NaNs alike. */
uint32_t float_bits(float value);
bool same_float(float a, float b);

/** Memory between two inaccessible pages. */
typedef struct guarded {
    uint8_t *mapping;
    size_t mapping_size;
    uint8_t *start; /* first accessible byte */
    uint8_t *end; /* one behind the last */
} guarded;

guarded guarded_new(size_t capacity);
void guarded_free(guarded *memory);
/** Room for size bytes that ends exactly where access ends. */
void *guarded_tail(const guarded *memory, size_t size);

#endif
