/**
 * Fused scores of one probe with a chunk of rows, and their bins.
 *
 * The same source is compiled for several instruction sets. Every step is one rounding, element
 * by element, so that all of them give the same bits.
 */
#ifndef IMI_CALIBRATE_FUSE_H
#define IMI_CALIBRATE_FUSE_H

#include <stddef.h>
#include <stdint.h>

enum { FUSE_ROWS = 64, FUSE_MODELS_MAX = 4, FUSE_KINDS = 2 };

/** Terms of a probe and of rows, by model; see population.h. Rows have FUSE_ROWS elements. */
typedef struct fuse_input {
    size_t models, kinds; /* kinds 1: raw scores only */
    const int32_t *dots[FUSE_MODELS_MAX];
    const float *unit[FUSE_MODELS_MAX], *steepness[FUSE_MODELS_MAX], *offset[FUSE_MODELS_MAX];
    float unit_a[FUSE_MODELS_MAX], steepness_a[FUSE_MODELS_MAX], offset_a[FUSE_MODELS_MAX];
    float low[FUSE_KINDS], bins_per_unit[FUSE_KINDS];
    int32_t last_bin;
} fuse_input;

typedef struct fuse_output {
    float scores[FUSE_KINDS][FUSE_ROWS];
    int32_t bins[FUSE_KINDS][FUSE_ROWS];
    int32_t highest[FUSE_KINDS]; /* bin */
} fuse_output;

typedef void (*fuse_function)(const fuse_input *in, fuse_output *out);

void fuse_baseline(const fuse_input *in, fuse_output *out);
#if defined(__x86_64__)
void fuse_avx2(const fuse_input *in, fuse_output *out);
void fuse_avx512(const fuse_input *in, fuse_output *out);
#endif

/** The fastest that runs here. */
fuse_function fuse_host(void);

#endif
