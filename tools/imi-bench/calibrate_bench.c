/*
 * How long it takes to compare a registry with itself: a bounded run on made-up references, and
 * what follows for a million. Templates are random directions with a common part, so that scores
 * have a tail; their statistics are made up too, as measuring a million of them is enrolment's
 * work.
 */
#include "calibrate_bench.h"

#include "cli.h"
#include "imi/calibrate.h"
#include "imi/place.h"

#ifdef IMI_HAVE_FAISS
#include "faiss_peer.h"
#endif

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
    COHORT = 900,
    PEER_ROWS = 20000, /* 26 MB: too much for most caches, as for ours */
    PEER_PROBES = 2000, /* at once: through BLAS */
    PEER_PROBES_FEW = 16, /* its own loops */
    PEER_K = 10,
    MILLION = 1000000
};

static const uint32_t model_dims[] = {192, 128};

typedef struct calibrate_bench {
    long references, seconds, threads;
    bool json;
    imi_scorer *scorer;
    imi_cohort *cohort;
    imi_population *population;
    uint64_t random;
    double filled_s;
} calibrate_bench;

typedef struct bench_result {
    double pairs, wall_s, cpu_s;
} bench_result;

static double now_s(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* The sum of four uniform numbers, nearly normal, in [-2, 2]. */
static float next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    uint64_t x = *state ^ *state >> 29;
    return (float)((x & 0xFFFF) + (x >> 16 & 0xFFFF) + (x >> 32 & 0xFFFF) + (x >> 48)) / 65536.0F -
           2.0F;
}

static void make_template(calibrate_bench *bench, imi_template *out)
{
    out->count = (uint32_t)imi_scorer_model_count(bench->scorer);
    for (uint32_t m = 0; m < out->count; m++) {
        imi_template_vector *vector = &out->vectors[m];
        imi_copy_text(vector->model_id, sizeof vector->model_id,
                      imi_scorer_model_id(bench->scorer, m));
        vector->dim = model_dims[m % 2];
        double square = 0;
        for (uint32_t i = 0; i < vector->dim; i++) {
            vector->values[i] = next_random(&bench->random) + (i % 2 == 0 ? 0.2F : -0.2F);
            square += (double)vector->values[i] * (double)vector->values[i];
        }
        float scale = (float)(1 / sqrt(square));
        for (uint32_t i = 0; i < vector->dim; i++) {
            vector->values[i] *= scale;
        }
    }
}

static imi_status make_cohort(calibrate_bench *bench, imi_error *err)
{
    imi_template *templates = imi_alloc_array(COHORT, sizeof *templates);
    imi_cohort_member *members = imi_alloc_array(COHORT, sizeof *members);
    imi_status status = IMI_E_NO_MEMORY;
    if (templates != NULL && members != NULL) {
        for (size_t i = 0; i < COHORT; i++) {
            make_template(bench, &templates[i]);
            members[i] = (imi_cohort_member){UINT64_MAX - i, &templates[i]};
        }
        status = imi_cohort_new(bench->scorer, members, COHORT, &bench->cohort, err);
    }
    imi_free(members);
    imi_free(templates);
    return status;
}

static imi_status add_reference(calibrate_bench *bench, size_t number,
                                const imi_cohort_statistics *like, imi_error *err)
{
    static imi_template made;
    char id[IMI_ID_SIZE];
    make_template(bench, &made);
    snprintf(id, sizeof id, "ref_%zu", number);
    imi_cohort_statistics statistics = *like;
    for (uint32_t m = 0; m < statistics.count; m++) {
        statistics.mean[m] *= 1 + 0.1F * next_random(&bench->random);
    }
    imi_population_member member = {
        id, number, &made, &statistics, {1930 + 10 * (int32_t)(number % 7), (imi_sex)(number % 3)},
        0};
    return imi_population_add(bench->population, &member, err);
}

static imi_status fill(calibrate_bench *bench, imi_error *err)
{
    char path[IMI_PLACE_SIZE];
    IMI_TRY(imi_place_shared("calibration.json", path, err));
    IMI_TRY(imi_scorer_load(path, &bench->scorer, err));
    IMI_TRY(make_cohort(bench, err));
    imi_population_options options = {bench->scorer, bench->cohort, (size_t)bench->references, 1};
    IMI_TRY(imi_population_new(&options, &bench->population, err));
    imi_template first;
    imi_cohort_statistics like;
    make_template(bench, &first);
    IMI_TRY(imi_cohort_measure(bench->cohort, &first, NULL, 0, &like, err));
    double start = now_s(CLOCK_PROCESS_CPUTIME_ID);
    for (long i = 0; i < bench->references; i++) {
        IMI_TRY(add_reference(bench, (size_t)i, &like, err));
    }
    bench->filled_s = now_s(CLOCK_PROCESS_CPUTIME_ID) - start;
    return IMI_OK;
}

static imi_status measure(const calibrate_bench *bench, size_t threads, bench_result *out,
                          imi_error *err)
{
    imi_nonmated_options options = {.cpu_seconds_max = (double)bench->seconds * (double)threads,
                                    .duplicate_fmr = 1e-9,
                                    .duplicates_max = 1000,
                                    .threads = threads};
    IMI_AUTO(imi_nonmated) nonmated = NULL;
    double wall = now_s(CLOCK_MONOTONIC), cpu = now_s(CLOCK_PROCESS_CPUTIME_ID);
    IMI_TRY(imi_nonmated_measure(bench->population, &options, &nonmated, err));
    *out = (bench_result){(double)imi_nonmated_group_at(nonmated, 0)->comparisons,
                          now_s(CLOCK_MONOTONIC) - wall, now_s(CLOCK_PROCESS_CPUTIME_ID) - cpu};
    return IMI_OK;
}

#ifdef IMI_HAVE_FAISS
/* Both models side by side, as one vector whose products are fused scores. */
static float *peer_rows(calibrate_bench *bench, size_t count, size_t dim)
{
    float *rows = imi_alloc_array(count, dim * sizeof *rows);
    imi_template made;
    for (size_t i = 0; rows != NULL && i < count; i++) {
        make_template(bench, &made);
        float *row = rows + i * dim;
        for (uint32_t m = 0; m < made.count; m++) {
            float weight = sqrtf(imi_scorer_weight(bench->scorer, IMI_SCORE_RAW, m));
            for (uint32_t j = 0; j < made.vectors[m].dim; j++) {
                *row++ = weight * made.vectors[m].values[j];
            }
        }
    }
    return rows;
}

/* Batches of probes for some seconds. */
static bool search_batches(const calibrate_bench *bench, imi_faiss_peer *peer, const float *probes,
                           size_t batch, float *similarities, int64_t *indices, bench_result *out)
{
    bool good = true;
    *out = (bench_result){0, 0, 0};
    double start = now_s(CLOCK_MONOTONIC), cpu = now_s(CLOCK_PROCESS_CPUTIME_ID);
    while (good && out->cpu_s < (double)bench->seconds / 2) {
        good = imi_faiss_peer_search(peer, 1, probes, batch, PEER_K, similarities, indices);
        out->pairs += (double)batch * PEER_ROWS;
        out->wall_s = now_s(CLOCK_MONOTONIC) - start;
        out->cpu_s = now_s(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    }
    return good;
}

/* The better of its two ways: which one that is depends on the BLAS that is installed. */
static bool search_peer(calibrate_bench *bench, size_t dim, bench_result *out)
{
    float *rows = peer_rows(bench, PEER_ROWS, dim);
    float *similarities = imi_alloc_array(PEER_PROBES * PEER_K, sizeof *similarities);
    int64_t *indices = imi_alloc_array(PEER_PROBES * PEER_K, sizeof *indices);
    imi_faiss_peer *peer = rows == NULL ? NULL : imi_faiss_peer_new(rows, PEER_ROWS, dim, true);
    bool good = peer != NULL && similarities != NULL && indices != NULL;
    const size_t batches[] = {PEER_PROBES, PEER_PROBES_FEW};
    for (size_t i = 0; i < 2 && good; i++) {
        bench_result made;
        good = search_batches(bench, peer, rows, batches[i], similarities, indices, &made);
        if (out->pairs == 0 || made.pairs / made.cpu_s > out->pairs / out->cpu_s) {
            *out = made;
        }
    }
    imi_faiss_peer_destroy(&peer);
    imi_free(indices);
    imi_free(similarities);
    imi_free(rows);
    return good;
}
#endif

/* Its vectors are those of both models, 320 elements; it keeps the ten best of each probe and
 * makes neither normalised scores nor a histogram. */
static bool measure_peer(calibrate_bench *bench, bench_result *out)
{
    *out = (bench_result){0, 0, 0};
#ifdef IMI_HAVE_FAISS
    size_t dim = 0;
    for (size_t m = 0; m < imi_scorer_model_count(bench->scorer); m++) {
        dim += model_dims[m % 2];
    }
    return search_peer(bench, dim, out);
#else
    (void)bench;
    return true;
#endif
}

static double peak_mib(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

static double all_pairs(double references)
{
    return references * (references - 1) / 2;
}

static void print_result(const calibrate_bench *bench, const char *name, size_t threads,
                         const bench_result *result)
{
    double per_cpu_s = result->pairs / result->cpu_s;
    double cores = (double)threads;
    if (bench->json) {
        printf(",\n \"%s\": {\"threads\": %zu, \"pairs\": %.0f, \"wall_s\": %.2f, \"cpu_s\": %.2f, "
               "\"pairs_per_cpu_s\": %.0f}",
               name, threads, result->pairs, result->wall_s, result->cpu_s, per_cpu_s);
        return;
    }
    printf("%-22s %7zu %12.3g %8.2f %8.2f %14.1f %12.1f %12.0f\n", name, threads, result->pairs,
           result->wall_s, result->cpu_s, per_cpu_s * 1e-6, result->pairs / result->wall_s * 1e-6,
           all_pairs(MILLION) / per_cpu_s / cores);
}

static imi_status report(calibrate_bench *bench, imi_error *err)
{
    bench_result one, all, peer;
    IMI_TRY(measure(bench, 1, &one, err));
    IMI_TRY(measure(bench, (size_t)bench->threads, &all, err));
    double peak = peak_mib(); /* before the peer takes its own */
    if (!measure_peer(bench, &peer)) {
        IMI_FAIL(err, IMI_E_INTERNAL, "FAISS failed");
    }
    printf(bench->json ? "{\"references\": %ld, \"fill_cpu_s\": %.2f, \"peak_mib\": %.0f"
                       : "%ld references of two models, filled in %.1f s; %.0f MiB at most. "
                         "M/s: million pairs;\nthe last column is reckoned, not measured: seconds "
                         "for all 5e11 pairs of a million references on idle cores.\n\n",
           bench->references, bench->filled_s, peak);
    if (!bench->json) {
        printf("%-22s %7s %12s %8s %8s %14s %12s %12s\n", "what", "threads", "pairs", "wall s",
               "CPU s", "M/s of CPU", "M/s of wall", "1M x 1M, s");
    }
    print_result(bench, "imi_nonmated_measure", 1, &one);
    print_result(bench, "imi_nonmated_measure_all", (size_t)bench->threads, &all);
    if (peer.pairs > 0) {
        print_result(bench, "FAISS IndexFlatIP", 1, &peer);
        double ratio = one.pairs / one.cpu_s / (peer.pairs / peer.cpu_s);
        printf(bench->json ? ",\n \"ratio_to_faiss\": %.3f" : "\nratio to FAISS: %.2f\n", ratio);
    }
    fputs(bench->json ? "}\n" : "", stdout);
    return IMI_OK;
}

static void clean_up(calibrate_bench *bench)
{
    imi_population_destroy(&bench->population);
    imi_cohort_destroy(&bench->cohort);
    imi_scorer_destroy(&bench->scorer);
}

int imi_bench_calibrate(int argc, char **argv)
{
    const char *references = "1000000", *seconds = "10", *threads = NULL;
    bool help = false;
    calibrate_bench bench = {.random = 1};
    const imi_cli_option options[] = {
        {"--references", &references, NULL, false, "N", "made-up references [1000000]"},
        {"--seconds", &seconds, NULL, false, "N", "CPU seconds a thread and run [10]"},
        {"--threads", &threads, NULL, false, "N", "of the second run [all cores]"},
        {"--json", NULL, &bench.json, false, NULL, "machine-readable"},
    };
    const imi_cli_spec spec = {"imi-bench calibrate", "", 0, options,
                               sizeof options / sizeof options[0]};
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    bench.threads = sysconf(_SC_NPROCESSORS_ONLN);
    bench.threads = bench.threads < 1 ? 1 : bench.threads > 64 ? 64 : bench.threads;
    if (!imi_cli_number(references, 100, 10000000, &bench.references) ||
        !imi_cli_number(seconds, 1, 3600, &bench.seconds) ||
        !imi_cli_number(threads, 1, 64, &bench.threads)) {
        return imi_cli_misuse(&spec, "a number is out of range");
    }
    imi_error error = IMI_ERROR_INIT;
    imi_status status = fill(&bench, &error);
    if (status == IMI_OK) {
        status = report(&bench, &error);
    }
    clean_up(&bench);
    return status == IMI_OK ? 0 : imi_cli_fail(&spec, &error);
}
