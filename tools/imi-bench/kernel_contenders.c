#include "kernel_contenders.h"

#include <math.h>
#include <stdio.h>
#include <sys/mman.h>

/* --- What the contenders do ------------------------------------------------------------- */

static void run_memory(kernel_bench *bench, const bench_contender *contender, size_t first_row,
                       size_t rows, size_t slot)
{
    (void)slot;
    const char *start = (const char *)bench->rows + first_row * contender->row_bytes;
    bench->sink += contender->reader->read(start, rows * contender->row_bytes / 4096 * 4096);
}

static imi_gallery_f32 gallery_part(const kernel_bench *bench, size_t first_row, size_t rows)
{
    return (imi_gallery_f32){bench->rows + first_row * bench->stride, rows, bench->stride,
                             bench->options.dim, first_row};
}

static imi_gallery_i8 gallery_part_i8(const kernel_bench *bench, size_t first_row, size_t rows)
{
    return (imi_gallery_i8){bench->row_bytes + first_row * bench->stride,
                            bench->row_scales + first_row,
                            rows,
                            bench->stride,
                            bench->options.dim,
                            first_row};
}

/* The kernels of one level alone, with a small output that stays in the cache. */
static void run_level_f32(kernel_bench *bench, const bench_contender *contender, size_t first_row,
                          size_t rows, size_t slot)
{
    (void)slot;
    float similarities[TILE_ROWS];
    for (size_t row = 0; row < rows; row += TILE_ROWS) {
        size_t count = rows - row < TILE_ROWS ? rows - row : TILE_ROWS;
        imi_gallery_f32 tile = gallery_part(bench, first_row + row, count);
        contender->kernels.dot_f32_many(bench->probes, &tile, similarities);
        bench->sink += similarities[0] > 0.0F;
    }
}

static void run_level_i8(kernel_bench *bench, const bench_contender *contender, size_t first_row,
                         size_t rows, size_t slot)
{
    (void)slot;
    int32_t dots[TILE_ROWS];
    for (size_t row = 0; row < rows; row += TILE_ROWS) {
        size_t count = rows - row < TILE_ROWS ? rows - row : TILE_ROWS;
        imi_gallery_i8 tile = gallery_part_i8(bench, first_row + row, count);
        contender->kernels.dot_i8_many(bench->probe_bytes, &tile, dots);
        bench->sink += (uint64_t)(dots[0] > 0);
    }
}

static void start_selections(kernel_bench *bench, size_t slot)
{
    for (size_t p = 0; p < PROBES_MAX; p++) {
        imi_top_k_init(&bench->tops[slot][p], bench->found[slot][p], K);
    }
}

/* What a caller uses: dispatch, checks and selection included. */
static void run_search_f32(kernel_bench *bench, const bench_contender *contender, size_t first_row,
                           size_t rows, size_t slot)
{
    const float *probes[PROBES_MAX];
    for (size_t p = 0; p < contender->probes; p++) {
        probes[p] = bench->probes + p * bench->stride;
    }
    start_selections(bench, slot);
    imi_gallery_f32 part = gallery_part(bench, first_row, rows);
    if (imi_search_f32(probes, contender->probes, &part, bench->tops[slot], NULL) != IMI_OK) {
        bench->failed = true;
    }
}

static void run_search_i8(kernel_bench *bench, const bench_contender *contender, size_t first_row,
                          size_t rows, size_t slot)
{
    imi_probe_i8 probes[PROBES_MAX];
    for (size_t p = 0; p < contender->probes; p++) {
        probes[p] = (imi_probe_i8){bench->probe_bytes + p * bench->stride, bench->probe_scales[p]};
    }
    start_selections(bench, slot);
    imi_gallery_i8 part = gallery_part_i8(bench, first_row, rows);
    if (imi_search_i8(probes, contender->probes, &part, bench->tops[slot], NULL) != IMI_OK) {
        bench->failed = true;
    }
}

#ifdef IMI_HAVE_FAISS
/* FAISS splits the work over its own threads, so it is called once for the whole gallery. */
static void run_faiss(kernel_bench *bench, const bench_contender *contender, size_t first_row,
                      size_t rows, size_t slot)
{
    (void)first_row;
    (void)rows;
    (void)slot;
    if (!imi_faiss_peer_search(bench->faiss, (int)contender->threads, bench->probes,
                               contender->probes, K, bench->faiss_similarities,
                               bench->faiss_indices)) {
        bench->failed = true;
    }
}
#endif

/* --- Preparation ------------------------------------------------------------------------ */

static void *map_memory(size_t size, bool small_pages)
{
    void *data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data == MAP_FAILED) {
        return NULL;
    }
    madvise(data, size, small_pages ? MADV_NOHUGEPAGE : MADV_HUGEPAGE);
    return data;
}

static uint32_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(*state >> 32);
}

/* A random vector of length about 1, as templates are. */
static void fill_row(float *row, size_t dim, uint64_t *state)
{
    float scale = sqrtf(3.0F / (float)dim) / 2147483648.0F;
    for (size_t i = 0; i < dim; i++) {
        row[i] = (float)(int32_t)next_random(state) * scale;
    }
}

static bool fill(kernel_bench *bench)
{
    uint64_t state = 1;
    size_t dim = bench->options.dim;
    for (size_t row = 0; row < bench->options.rows; row++) {
        float *floats = bench->rows + row * bench->stride;
        fill_row(floats, dim, &state);
        if (imi_quantise_i8(floats, dim, bench->row_bytes + row * bench->stride,
                            &bench->row_scales[row], NULL) != IMI_OK) {
            return false;
        }
    }
    for (size_t p = 0; p < PROBES_MAX; p++) {
        float *floats = bench->probes + p * bench->stride;
        fill_row(floats, dim, &state);
        if (imi_quantise_i8(floats, dim, bench->probe_bytes + p * bench->stride,
                            &bench->probe_scales[p], NULL) != IMI_OK) {
            return false;
        }
    }
    return true;
}

bool bench_prepare(kernel_bench *bench)
{
    size_t rows = bench->options.rows;
    bool small = bench->options.small_pages;
    bench->stride =
        (bench->options.dim + IMI_KERNEL_LANES - 1) / IMI_KERNEL_LANES * IMI_KERNEL_LANES;
    bench->rows = map_memory(rows * bench->stride * sizeof(float), small);
    bench->row_bytes = map_memory(rows * bench->stride, small);
    bench->row_scales = map_memory(rows * sizeof(float), small);
    bench->probes = map_memory(PROBES_MAX * bench->stride * sizeof(float), true);
    bench->probe_bytes = map_memory(PROBES_MAX * bench->stride, true);
    if (bench->rows == NULL || bench->row_bytes == NULL || bench->row_scales == NULL ||
        bench->probes == NULL || bench->probe_bytes == NULL || !fill(bench)) {
        return false;
    }
#ifdef IMI_HAVE_FAISS
    /* FAISS packs rows tightly, which the gallery does only without padding. */
    if (bench->stride == bench->options.dim) {
        bench->faiss = imi_faiss_peer_new(bench->rows, rows, bench->stride, !small);
    }
#endif
    return true;
}

static bench_contender *add(kernel_bench *bench, const char *group, const char *name,
                            size_t threads, size_t probes)
{
    bench_contender *contender = &bench->contenders[bench->contender_count++];
    contender->group = group;
    snprintf(contender->name, sizeof contender->name, "%s", name);
    contender->threads = threads;
    contender->probes = probes;
    contender->rows = bench->options.rows;
    contender->row_bytes = bench->stride * sizeof(float);
    return contender;
}

static void add_memory(kernel_bench *bench)
{
    for (size_t threads = 1; threads <= THREADS_MAX; threads++) {
        for (size_t i = 0; memory_reader_at(i) != NULL; i++) {
            bench_contender *contender =
                add(bench, "memory", memory_reader_at(i)->name, threads, 0);
            contender->run = run_memory;
            contender->reader = memory_reader_at(i);
        }
    }
}

static void add_level(kernel_bench *bench, const imi_kernel_level *level, bool is_i8)
{
    bench_contender *contender = add(bench, is_i8 ? "i8" : "f32", level->name, 1, 1);
    contender->run = is_i8 ? run_level_i8 : run_level_f32;
    imi_kernels_fill(level->features, &contender->kernels);
    if (is_i8) {
        contender->row_bytes = bench->stride;
    }
    if (level->features == 0 && bench->options.rows > 10000) {
        contender->rows = bench->options.rows / REFERENCE_SHARE;
    }
}

static void add_levels(kernel_bench *bench, bool is_i8)
{
    for (size_t i = 0; imi_kernel_level_at(i) != NULL; i++) {
        const imi_kernel_level *level = imi_kernel_level_at(i);
        if ((imi_cpu_features() & level->features) == level->features) {
            add_level(bench, level, is_i8);
        }
    }
}

static void add_searches(kernel_bench *bench)
{
    static const size_t probe_counts[] = {1, PROBES_MAX};
    for (size_t threads = 1; threads <= THREADS_MAX; threads++) {
        for (size_t i = 0; i < 2; i++) {
            bench_contender *f32 = add(bench, "f32", "imi_search_f32", threads, probe_counts[i]);
            f32->run = run_search_f32;
#ifdef IMI_HAVE_FAISS
            if (bench->faiss != NULL) {
                add(bench, "faiss", "FAISS IndexFlatIP", threads, probe_counts[i])->run = run_faiss;
            }
#endif
            bench_contender *i8 = add(bench, "i8", "imi_search_i8", threads, probe_counts[i]);
            i8->run = run_search_i8;
            i8->row_bytes = bench->stride;
        }
    }
}

void bench_add_contenders(kernel_bench *bench)
{
    add_memory(bench);
    add_levels(bench, false);
    add_levels(bench, true);
    add_searches(bench);
}

#ifdef IMI_HAVE_FAISS
/* A peer that finds something else is not measured on the same work. */
static bool faiss_agrees(kernel_bench *bench)
{
    bench_contender ours = {.probes = PROBES_MAX}, theirs = {.probes = PROBES_MAX, .threads = 1};
    run_search_f32(bench, &ours, 0, bench->options.rows, 0);
    run_faiss(bench, &theirs, 0, bench->options.rows, 0);
    for (size_t p = 0; p < PROBES_MAX; p++) {
        imi_top_k *top = &bench->tops[0][p];
        imi_top_k_finish(top);
        for (size_t i = 0; i < top->count; i++) {
            float other = bench->faiss_similarities[p * K + i];
            if (!(fabsf(top->entries[i].similarity - other) < 1e-5F)) {
                return false;
            }
        }
    }
    return !bench->failed;
}
#endif

bool bench_peers_agree(kernel_bench *bench)
{
#ifdef IMI_HAVE_FAISS
    return bench->faiss == NULL || faiss_agrees(bench);
#else
    (void)bench;
    return true;
#endif
}
