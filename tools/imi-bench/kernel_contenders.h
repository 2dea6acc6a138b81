/**
 * The contenders of imi-bench kernel: who runs through the gallery, and the gallery itself.
 */
#ifndef IMI_BENCH_KERNEL_CONTENDERS_H
#define IMI_BENCH_KERNEL_CONTENDERS_H

#include "imi/kernel.h"
#include "memory_read.h"

#ifdef IMI_HAVE_FAISS
#include "faiss_peer.h"
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CONTENDERS_MAX = 64,
    ROUNDS_MAX = 101,
    PROBES_MAX = 8,
    THREADS_MAX = 2,
    K = 10,
    TILE_ROWS = 64,
    REFERENCE_SHARE = 32 /* slow contenders see this fraction of the gallery */
};

typedef struct bench_options {
    size_t rows;
    size_t dim;
    size_t rounds;
    bool small_pages;
    bool json;
} bench_options;

typedef struct kernel_bench kernel_bench;
typedef struct bench_contender bench_contender;

/* One way of going through the gallery. */
struct bench_contender {
    char name[48];
    const char *group; /* "memory", "f32", "i8", "faiss" */
    size_t threads;
    size_t probes;
    size_t rows; /* how many of the gallery's */
    size_t row_bytes;
    void (*run)(kernel_bench *bench, const bench_contender *contender, size_t first_row,
                size_t rows, size_t slot);
    const memory_reader *reader;
    imi_kernels kernels;
    double seconds[ROUNDS_MAX];
    double shares[ROUNDS_MAX]; /* GB/s relative to the memory read just before */
    double median_s;
    double best_s;
    double median_share;
};

struct kernel_bench {
    bench_options options;
    size_t stride; /* elements a row, of floats and of bytes alike */
    float *rows;
    int8_t *row_bytes;
    float *row_scales;
    float *probes; /* PROBES_MAX rows of stride floats */
    int8_t *probe_bytes;
    float probe_scales[PROBES_MAX];
    bench_contender contenders[CONTENDERS_MAX];
    size_t contender_count;
    size_t yardsticks[THREADS_MAX + 1]; /* fastest memory reader for a number of threads */
    imi_candidate found[THREADS_MAX][PROBES_MAX][K]; /* one slot a thread */
    imi_top_k tops[THREADS_MAX][PROBES_MAX];
    volatile uint64_t sink; /* keeps results alive */
    bool failed;
#ifdef IMI_HAVE_FAISS
    imi_faiss_peer *faiss;
    float faiss_similarities[PROBES_MAX * K];
    int64_t faiss_indices[PROBES_MAX * K];
#endif
};

/** Make the gallery and the probes; false when memory is short. */
bool bench_prepare(kernel_bench *bench);
/** Add every contender that this machine and this build can run. */
void bench_add_contenders(kernel_bench *bench);
/** False if FAISS finds other references than imi_search_f32; true also without FAISS. */
bool bench_peers_agree(kernel_bench *bench);

#endif
