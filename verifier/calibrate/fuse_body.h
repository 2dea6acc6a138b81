/**
 * The one source of all fuse functions: defines FUSE_FUNCTION, which the including file names.
 * Fixed lengths and no branches, so that the compiler uses vectors. All static: each copy keeps
 * to its own instruction set.
 */
#ifndef IMI_CALIBRATE_FUSE_BODY_H
#define IMI_CALIBRATE_FUSE_BODY_H

#include "fuse.h"

static inline void add_raw(const int32_t *restrict dots, const float *restrict unit, float unit_a,
                           float *restrict x, float *restrict raw)
{
    for (size_t i = 0; i < FUSE_ROWS; i++) {
        x[i] = (float)dots[i] * (unit[i] * unit_a);
        raw[i] += x[i];
    }
}

static inline void add_normalised(const float *restrict x, const float *restrict steepness,
                                  const float *restrict offset, float steepness_a, float offset_a,
                                  float *restrict normalised)
{
    for (size_t i = 0; i < FUSE_ROWS; i++) {
        float by_a = x[i] * steepness_a - offset_a;
        float by_b = x[i] * steepness[i] - offset[i];
        normalised[i] += by_a < by_b ? by_a : by_b;
    }
}

static inline int32_t bin_scores(const float *restrict scores, float low, float bins_per_unit,
                                 int32_t last_bin, int32_t *restrict bins)
{
    int32_t highest = 0;
    float last = (float)last_bin;
    for (size_t i = 0; i < FUSE_ROWS; i++) {
        float position = (scores[i] - low) * bins_per_unit;
        position = position > 0 ? position : 0;
        position = position < last ? position : last;
        bins[i] = (int32_t)position;
        highest = bins[i] > highest ? bins[i] : highest;
    }
    return highest;
}

void FUSE_FUNCTION(const fuse_input *in, fuse_output *out)
{
    float x[FUSE_ROWS];
    for (size_t kind = 0; kind < FUSE_KINDS; kind++) {
        for (size_t i = 0; i < FUSE_ROWS; i++) {
            out->scores[kind][i] = 0;
        }
    }
    for (size_t m = 0; m < in->models; m++) {
        add_raw(in->dots[m], in->unit[m], in->unit_a[m], x, out->scores[0]);
        if (in->kinds > 1) {
            add_normalised(x, in->steepness[m], in->offset[m], in->steepness_a[m], in->offset_a[m],
                           out->scores[1]);
        }
    }
    for (size_t kind = 0; kind < in->kinds; kind++) {
        out->highest[kind] = bin_scores(out->scores[kind], in->low[kind], in->bins_per_unit[kind],
                                        in->last_bin, out->bins[kind]);
    }
}

#endif
