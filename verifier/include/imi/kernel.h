/**
 * Comparison kernels: dot products of templates, int8 galleries, top-k selection.
 *
 * Numerics: a result is the same, bit for bit, on every CPU and at every level, because the
 * order of the sum is part of the contract (docs/kernels.md). Vectors count as padded with
 * zeros to a multiple of IMI_KERNEL_LANES; element i goes to lane i % IMI_KERNEL_LANES with one
 * fused multiply-add (round to nearest even, subnormals kept), lanes are added pairwise at
 * distance 8, 4, 2, 1. Vectors that are padded in memory give the same result and run fastest.
 * A NaN is equal to a NaN here; payloads differ between CPUs.
 *
 * Threads: safe; nothing is kept but the dispatch table, filled once.
 */
#ifndef IMI_KERNEL_H
#define IMI_KERNEL_H

#include "imi/status.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    IMI_KERNEL_LANES = 16,
    IMI_KERNEL_PROBES = 4, /* that imi_kernels compares in one pass */
    /* Longest int8 vector whose dot product always fits: 131071 * 128 * 128 < 2^31. Longer
     * ones wrap modulo 2^32, on every level alike. */
    IMI_DOT_I8_DIM_MAX = 131071
};

/** Reference vectors one after another; borrowed. */
typedef struct imi_gallery_f32 {
    const float *rows; /* count rows of stride floats, of which dim are used */
    size_t count;
    size_t stride; /* >= dim; a multiple of IMI_KERNEL_LANES is fastest */
    size_t dim;
    size_t first_index; /* index of row 0 in search results, when a gallery is split */
} imi_gallery_f32;

/** The same, quantised: row r stands for rows[r * stride + i] * scales[r]; borrowed. */
typedef struct imi_gallery_i8 {
    const int8_t *rows;
    const float *scales; /* one a row; only imi_search_i8 needs them */
    size_t count;
    size_t stride; /* >= dim; a multiple of 64 is fastest */
    size_t dim;
    size_t first_index;
} imi_gallery_i8;

/**
 * Dot product of two vectors: the similarity of two L2-normalised templates.
 *
 * Errors: NaN when a vector is NULL.
 */
float imi_dot_f32(const float *a, const float *b, size_t dim);

/**
 * Dot product of one probe with every reference of a gallery.
 *
 * Shape:  probe gallery->dim floats, dots_out gallery->count floats; each equal, bit for bit,
 *         to imi_dot_f32 of probe and that row.
 * Errors: IMI_E_INVALID_ARGUMENT; dots_out is then untouched.
 */
IMI_MUST_USE imi_status imi_dot_f32_many(const float *probe, const imi_gallery_f32 *gallery,
                                         float *dots_out, imi_error *err);

/**
 * Dot product of two int8 vectors, exact up to IMI_DOT_I8_DIM_MAX elements.
 *
 * Errors: 0 when a vector is NULL.
 */
int32_t imi_dot_i8(const int8_t *a, const int8_t *b, size_t dim);

/** Dot product of one int8 probe with every reference; as imi_dot_f32_many. */
IMI_MUST_USE imi_status imi_dot_i8_many(const int8_t *probe, const imi_gallery_i8 *gallery,
                                        int32_t *dots_out, imi_error *err);

/**
 * Dot products of IMI_KERNEL_PROBES int8 probes with every reference: a row is read once for all
 * of them. For comparing all with all, cut the galleries into tiles that stay in the cache.
 *
 * Shape:  dots_out: IMI_KERNEL_PROBES pointers to gallery->count integers, which do not overlap.
 * Errors: IMI_E_INVALID_ARGUMENT; dots_out is then untouched.
 */
IMI_MUST_USE imi_status imi_dot_i8_four(const int8_t *const *probes, const imi_gallery_i8 *gallery,
                                        int32_t *const *dots_out, imi_error *err);

/**
 * Quantise a vector: out[i] = round(vector[i] / scale) in [-127, 127], ties to even, where
 * scale is the largest magnitude / 127. A vector of zeros has scale 0.
 *
 * Shape:  dim elements each; padding behind out is the caller's to zero.
 * Units:  each element is off by at most scale / 2.
 * Errors: IMI_E_INVALID_ARGUMENT if an element is not finite; out is then zero, scale NaN.
 */
IMI_MUST_USE imi_status imi_quantise_i8(const float *vector, size_t dim, int8_t *out,
                                        float *scale_out, imi_error *err);

/** A reference found in a gallery. */
typedef struct imi_candidate {
    size_t index;
    float similarity;
} imi_candidate;

/**
 * The best candidates so far, in the caller's storage. Higher similarity is better; among equal
 * ones the lower index is. NaN is never selected.
 */
typedef struct imi_top_k {
    imi_candidate *entries; /* best first after imi_top_k_finish, unordered before */
    size_t capacity;
    size_t count;
} imi_top_k;

/** Start empty. storage holds capacity entries and outlives the selection; 0 selects nothing. */
void imi_top_k_init(imi_top_k *top, imi_candidate *storage, size_t capacity);
/** Offer count similarities whose indices run from first_index; in any order of blocks. */
void imi_top_k_offer(imi_top_k *top, const float *similarities, size_t count, size_t first_index);
/** Offer all that another selection holds, as when threads searched parts of a gallery. */
void imi_top_k_merge(imi_top_k *top, const imi_top_k *other);
/** Order the entries, best first. Nothing may be offered afterwards. */
void imi_top_k_finish(imi_top_k *top);

/**
 * Find the references most similar to each probe, in one pass over the gallery.
 *
 * Shape:     probes: probe_count pointers to gallery->dim floats; tops: one selection a probe,
 *            initialised by the caller, not yet finished on return.
 * Ownership: all borrowed for the call.
 * Errors:    IMI_E_INVALID_ARGUMENT; the selections are then untouched.
 */
IMI_MUST_USE imi_status imi_search_f32(const float *const *probes, size_t probe_count,
                                       const imi_gallery_f32 *gallery, imi_top_k *tops,
                                       imi_error *err);

/** A quantised probe, as imi_quantise_i8 makes it; borrowed. */
typedef struct imi_probe_i8 {
    const int8_t *vector;
    float scale;
} imi_probe_i8;

/** The same over int8: similarity = dot * (probe scale * row scale), rounded after each step. */
IMI_MUST_USE imi_status imi_search_i8(const imi_probe_i8 *probes, size_t probe_count,
                                      const imi_gallery_i8 *gallery, imi_top_k *tops,
                                      imi_error *err);

/** What a CPU and its operating system must offer for a level; bits of a mask. */
enum {
    IMI_CPU_AVX2 = 1 << 0, /* AVX2 and FMA */
    IMI_CPU_AVX512 = 1 << 1, /* AVX-512 F, BW, DQ and VL */
    IMI_CPU_AVX512_VNNI = 1 << 2, /* AVX-512 VNNI */
    IMI_CPU_NEON = 1 << 3, /* Advanced SIMD */
    IMI_CPU_NEON_DOT = 1 << 4 /* Advanced SIMD dot product, SDOT */
};

/** What this machine offers; probed once. */
uint32_t imi_cpu_features(void);

/** A dispatch level: its name, such as "avx2", and all the features that it uses. */
typedef struct imi_kernel_level {
    const char *name;
    uint32_t features;
} imi_kernel_level;

/** Level by number, lowest ("reference") first; NULL behind the last. Static storage. */
const imi_kernel_level *imi_kernel_level_at(size_t number);

/**
 * The kernels themselves, unchecked, for tests and benchmarks. The functions above also see to
 * it that rounding mode and flush-to-zero of the calling thread do not matter; these do not.
 */
typedef struct imi_kernels {
    float (*dot_f32)(const float *a, const float *b, size_t dim);
    void (*dot_f32_many)(const float *probe, const imi_gallery_f32 *gallery, float *dots_out);
    /** IMI_KERNEL_PROBES probes at once: outs[p][row] as dot_f32_many would give it. */
    void (*dot_f32_four)(const float *const *probes, const imi_gallery_f32 *gallery,
                         float *const *outs);
    int32_t (*dot_i8)(const int8_t *a, const int8_t *b, size_t dim);
    void (*dot_i8_many)(const int8_t *probe, const imi_gallery_i8 *gallery, int32_t *dots_out);
    /** IMI_KERNEL_PROBES probes at once: outs[p][row] as dot_i8_many would give it. */
    void (*dot_i8_four)(const int8_t *const *probes, const imi_gallery_i8 *gallery,
                        int32_t *const *outs);
} imi_kernels;

/** Fill a table with the best kernels for features that are both allowed and offered here. */
void imi_kernels_fill(uint32_t allowed_features, imi_kernels *out);
/** The table that the functions above use. Static storage, constant once made. */
const imi_kernels *imi_kernels_host(void);

#ifdef __cplusplus
}
#endif
#endif
