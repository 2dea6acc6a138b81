/*
 * Every contender runs once in each round, right after a plain read of memory, so that what else
 * the machine does falls on all of them alike. Reported are medians over the rounds: of the time,
 * and of the ratio to the read beside it.
 */
#include "kernel_bench.h"

#include "imi/memory.h"
#include "kernel_contenders.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* One thread is measured by the time that it ran, so that others who take its core do not count;
 * several by the clock on the wall. */
static double now_s(const bench_contender *contender)
{
    struct timespec now;
    clock_gettime(contender->threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* --- Running ---------------------------------------------------------------------------- */

typedef struct bench_part {
    kernel_bench *bench;
    const bench_contender *contender;
    size_t first_row, rows, slot;
} bench_part;

static void *run_part(void *argument)
{
    bench_part *part = argument;
    part->contender->run(part->bench, part->contender, part->first_row, part->rows, part->slot);
    return NULL;
}

/* The calling thread takes the first part. */
static void run_split(kernel_bench *bench, const bench_contender *contender)
{
    bench_part parts[THREADS_MAX];
    pthread_t threads[THREADS_MAX];
    size_t each = contender->rows / contender->threads;
    for (size_t i = 0; i < contender->threads; i++) {
        bool last = i + 1 == contender->threads;
        parts[i] =
            (bench_part){bench, contender, i * each, last ? contender->rows - i * each : each, i};
        if (i > 0 && pthread_create(&threads[i], NULL, run_part, &parts[i]) != 0) {
            fputs("imi-bench: cannot start a thread\n", stderr);
            exit(3);
        }
    }
    run_part(&parts[0]);
    for (size_t i = 1; i < contender->threads; i++) {
        pthread_join(threads[i], NULL);
    }
}

static void run_once(kernel_bench *bench, const bench_contender *contender)
{
    if (strcmp(contender->group, "faiss") == 0) {
        contender->run(bench, contender, 0, contender->rows, 0);
    } else {
        run_split(bench, contender);
    }
}

static int by_value(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Small galleries are run through several times: at least 5 ms a measurement. */
static double time_one(kernel_bench *bench, const bench_contender *contender)
{
    size_t times = 0;
    double start = now_s(contender), end = start;
    for (; end - start < 0.005; end = now_s(contender), times++) {
        run_once(bench, contender);
    }
    return (end - start) / (double)times;
}

static bool is_memory(const bench_contender *contender)
{
    return strcmp(contender->group, "memory") == 0;
}

static double bytes_of(const bench_contender *contender)
{
    return (double)(contender->rows * contender->row_bytes);
}

/* The fastest reader for each number of threads. */
static void choose_yardsticks(kernel_bench *bench)
{
    double best[THREADS_MAX + 1] = {0};
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 0; i < bench->contender_count; i++) {
            const bench_contender *contender = &bench->contenders[i];
            double speed = is_memory(contender) ? 1.0 / time_one(bench, contender) : 0.0;
            if (speed > best[contender->threads]) {
                best[contender->threads] = speed;
                bench->yardsticks[contender->threads] = i;
            }
        }
    }
}

static void run_round(kernel_bench *bench, size_t round)
{
    for (size_t i = 0; i < bench->contender_count; i++) {
        bench_contender *contender = &bench->contenders[i];
        const bench_contender *memory = &bench->contenders[bench->yardsticks[contender->threads]];
        double memory_s = time_one(bench, memory);
        double seconds = time_one(bench, contender);
        contender->seconds[round] = seconds;
        contender->shares[round] = bytes_of(contender) / seconds / (bytes_of(memory) / memory_s);
    }
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, by_value);
    return values[count / 2];
}

static void run_all(kernel_bench *bench)
{
    size_t rounds = bench->options.rounds;
    choose_yardsticks(bench);
    for (size_t round = 0; round < rounds; round++) {
        run_round(bench, round);
    }
    for (size_t i = 0; i < bench->contender_count; i++) {
        bench_contender *contender = &bench->contenders[i];
        contender->median_s = median(contender->seconds, rounds);
        contender->best_s = contender->seconds[0];
        contender->median_share = median(contender->shares, rounds);
    }
}

/* --- Report ----------------------------------------------------------------------------- */

/* Bytes of the gallery that pass by in a second, each counted once whatever the probes. */
static double gb_per_s(const bench_contender *contender, double seconds)
{
    return bytes_of(contender) / seconds * 1e-9;
}

static double comparisons_per_s(const bench_contender *contender)
{
    return (double)(contender->rows * contender->probes) / contender->median_s;
}

static void print_heading(const kernel_bench *bench)
{
    const bench_options *options = &bench->options;
    printf(
        "%zu references of %zu elements: %.1f MB as float32, %.1f MB as int8; %s pages;\n"
        "medians of %zu interleaved rounds, and the best; memory: share of the speed of a plain\n"
        "read (%s) beside each run; searches select the best %d\n\n",
        options->rows, options->dim, (double)(options->rows * bench->stride * sizeof(float)) * 1e-6,
        (double)(options->rows * bench->stride) * 1e-6, options->small_pages ? "4 KiB" : "huge",
        options->rounds, bench->contenders[bench->yardsticks[1]].name, K);
    printf("%-7s %-18s %7s %6s %7s %7s %7s %14s\n", "what", "how", "threads", "probes", "GB/s",
           "best", "memory", "comparisons/s");
}

static void print_table(const kernel_bench *bench)
{
    print_heading(bench);
    for (size_t i = 0; i < bench->contender_count; i++) {
        const bench_contender *contender = &bench->contenders[i];
        printf("%-7s %-18s %7zu %6zu %7.2f %7.2f %5.0f %%", contender->group, contender->name,
               contender->threads, contender->probes, gb_per_s(contender, contender->median_s),
               gb_per_s(contender, contender->best_s), 100.0 * contender->median_share);
        if (contender->probes > 0) {
            printf(" %14.0f", comparisons_per_s(contender));
        }
        putchar('\n');
    }
}

static void print_json(const kernel_bench *bench)
{
    const bench_options *options = &bench->options;
    printf("{\"rows\":%zu,\"dim\":%zu,\"rounds\":%zu,\"huge_pages\":%s,\"results\":[",
           options->rows, options->dim, options->rounds, options->small_pages ? "false" : "true");
    for (size_t i = 0; i < bench->contender_count; i++) {
        const bench_contender *contender = &bench->contenders[i];
        printf("%s\n{\"group\":\"%s\",\"name\":\"%s\",\"threads\":%zu,\"probes\":%zu,"
               "\"gb_per_s\":%.3f,\"memory_share\":%.4f,\"comparisons_per_s\":%.0f,"
               "\"median_ms\":%.4f,\"min_ms\":%.4f,\"max_ms\":%.4f}",
               i == 0 ? "" : ",", contender->group, contender->name, contender->threads,
               contender->probes, gb_per_s(contender, contender->median_s), contender->median_share,
               comparisons_per_s(contender), contender->median_s * 1e3, contender->best_s * 1e3,
               contender->seconds[options->rounds - 1] * 1e3);
    }
    puts("\n]}");
}

/* --- Command line ----------------------------------------------------------------------- */

static bool parse_count(const char *text, size_t least, size_t most, size_t *out)
{
    char *end = NULL;
    errno = 0;
    unsigned long long value = text == NULL ? 0 : strtoull(text, &end, 10);
    if (text == NULL || text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 ||
        value < least || value > most) {
        return false;
    }
    *out = (size_t)value;
    return true;
}

static bool parse(int argc, char **argv, bench_options *out)
{
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (strcmp(argv[i], "--json") == 0) {
            out->json = true;
        } else if (strcmp(argv[i], "--small-pages") == 0) {
            out->small_pages = true;
        } else if (strcmp(argv[i], "--rows") == 0 &&
                   parse_count(value, 64, 100000000, &out->rows)) {
            i++;
        } else if (strcmp(argv[i], "--dim") == 0 && parse_count(value, 1, 4096, &out->dim)) {
            i++;
        } else if (strcmp(argv[i], "--rounds") == 0 &&
                   parse_count(value, 1, ROUNDS_MAX, &out->rounds)) {
            i++;
        } else {
            return false;
        }
    }
    return true;
}

static int print_usage(FILE *to, int code)
{
    fprintf(to,
            "usage: imi-bench kernel [--rows N] [--dim N] [--rounds N] [--small-pages] [--json]\n"
            "  --rows N        references in the gallery (1000000)\n"
            "  --dim N         elements of a template (192)\n"
            "  --rounds N      repetitions, at most %d (11)\n"
            "  --small-pages   4 KiB pages instead of huge ones\n"
            "  --json          machine-readable\n",
            ROUNDS_MAX);
    return code;
}

static int measure(kernel_bench *bench)
{
    if (!bench_prepare(bench)) {
        fputs("imi-bench: no memory for the gallery: try a smaller --rows\n", stderr);
        return 3;
    }
#ifndef IMI_HAVE_FAISS
    fputs("imi-bench: built without FAISS (Debian package libfaiss-dev)\n", stderr);
#endif
    if (!bench_peers_agree(bench)) {
        fputs("imi-bench: FAISS finds other references\n", stderr);
        return 3;
    }
    bench_add_contenders(bench);
    run_all(bench);
    if (bench->failed) {
        fputs("imi-bench: a search failed\n", stderr);
        return 3;
    }
    if (bench->options.json) {
        print_json(bench);
    } else {
        print_table(bench);
    }
    return 0;
}

int imi_bench_kernel(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        return print_usage(stdout, 0);
    }
    kernel_bench *bench = imi_alloc(sizeof *bench);
    if (bench == NULL) {
        return 3;
    }
    bench->options = (bench_options){.rows = 1000000, .dim = 192, .rounds = 11};
    int code = parse(argc, argv, &bench->options) ? measure(bench) : print_usage(stderr, 2);
#ifdef IMI_HAVE_FAISS
    imi_faiss_peer_destroy(&bench->faiss);
#endif
    imi_free(bench); /* the mapped galleries go with the process */
    return code;
}
