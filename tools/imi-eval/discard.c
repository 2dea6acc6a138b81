#include "discard.h"

#include "imi/memory.h"

#include <math.h>
#include <stdlib.h>

static const double SHARE_STEP = 0.01;

static int by_rising_quality(const void *a, const void *b)
{
    float left = ((const eval_discard_pair *)a)->quality;
    float right = ((const eval_discard_pair *)b)->quality;
    return (left > right) - (left < right);
}

/* What is left of the pairs from a position on. */
typedef struct remainder_of {
    double failed, all;
} remainder_of;

static remainder_of total_of(const eval_discard_pair *pairs, size_t count, const uint32_t *weights)
{
    remainder_of total = {0, 0};
    for (size_t i = 0; i < count; i++) {
        double weight = weights == NULL ? 1 : weights[pairs[i].subject];
        total.all += weight;
        total.failed += pairs[i].failed ? weight : 0;
    }
    return total;
}

/* FNMR of what remains at each share; pairs by rising quality. */
static void read_curve(const eval_discard_pair *pairs, size_t count, const uint32_t *weights,
                       double fnmr_out[EVAL_DISCARD_POINTS])
{
    remainder_of total = total_of(pairs, count, weights);
    remainder_of left = total;
    size_t i = 0;
    for (size_t k = 0; k < EVAL_DISCARD_POINTS; k++) {
        double keep = total.all * (1 - SHARE_STEP * (double)k);
        while (i < count && left.all > keep + 1e-9) {
            double weight = weights == NULL ? 1 : weights[pairs[i].subject];
            left.all -= weight;
            left.failed -= pairs[i++].failed ? weight : 0;
        }
        fnmr_out[k] = left.all > 0 ? left.failed / left.all : NAN;
    }
}

static double area_of(const double fnmr[EVAL_DISCARD_POINTS])
{
    double sum = 0;
    for (size_t k = 0; k < EVAL_DISCARD_POINTS; k++) {
        /* Trapezes: the ends count half. */
        bool end = k == 0 || k + 1 == EVAL_DISCARD_POINTS;
        sum += (end ? 0.5 : 1) * fnmr[k];
    }
    return fnmr[0] > 0 ? sum / (EVAL_DISCARD_POINTS - 1) / fnmr[0] : NAN;
}

static void draw_subjects(uint64_t *state, uint32_t *weights, size_t subjects)
{
    for (size_t i = 0; i < subjects; i++) {
        weights[i] = 0;
    }
    for (size_t i = 0; i < subjects; i++) {
        weights[eval_random_next(state) % subjects]++;
    }
}

/* Values by point, so that each point's replicates lie together. */
typedef double drawn_curve[EVAL_REPLICATES];

static void draw_all(const eval_discard_pair *pairs, size_t count, size_t subjects,
                     uint32_t *weights, drawn_curve *drawn, eval_discard *out)
{
    uint64_t state = 20260122;
    for (size_t r = 0; r < EVAL_REPLICATES; r++) {
        double fnmr[EVAL_DISCARD_POINTS];
        draw_subjects(&state, weights, subjects);
        read_curve(pairs, count, weights, fnmr);
        out->drawn_areas[r] = area_of(fnmr);
        for (size_t k = 0; k < EVAL_DISCARD_POINTS; k++) {
            drawn[k][r] = fnmr[k];
        }
    }
}

static void fill(const double fnmr[EVAL_DISCARD_POINTS], drawn_curve *drawn, eval_discard *out)
{
    for (size_t k = 0; k < EVAL_DISCARD_POINTS; k++) {
        eval_interval interval = eval_percentile_interval(drawn[k]);
        out->points[k] =
            (imi_report_point){SHARE_STEP * (double)k, fnmr[k], interval.low, interval.high};
    }
    out->area = area_of(fnmr);
}

static void forget(eval_discard *out)
{
    *out = (eval_discard){.area = NAN};
    for (size_t k = 0; k < EVAL_DISCARD_POINTS; k++) {
        out->points[k] = (imi_report_point){SHARE_STEP * (double)k, NAN, NAN, NAN};
    }
    for (size_t r = 0; r < EVAL_REPLICATES; r++) {
        out->drawn_areas[r] = NAN;
    }
}

imi_status eval_discard_measure(eval_discard_pair *pairs, size_t count, size_t subjects,
                                eval_discard *out, imi_error *err)
{
    forget(out);
    if (count == 0) {
        return IMI_OK;
    }
    for (size_t i = 0; i < count; i++) {
        pairs[i].quality = isnan(pairs[i].quality) ? -INFINITY : pairs[i].quality;
    }
    qsort(pairs, count, sizeof *pairs, by_rising_quality);
    uint32_t *weights = imi_alloc_array(subjects, sizeof *weights);
    drawn_curve *drawn = imi_alloc_array(EVAL_DISCARD_POINTS, sizeof *drawn);
    imi_status status = IMI_OK;
    if (weights == NULL || drawn == NULL) {
        status = imi_error_set(err, IMI_E_NO_MEMORY, 0, __FILE__, __LINE__,
                               "no memory for a bootstrap over %zu subjects", subjects);
    } else {
        double fnmr[EVAL_DISCARD_POINTS];
        read_curve(pairs, count, NULL, fnmr);
        draw_all(pairs, count, subjects, weights, drawn, out);
        fill(fnmr, drawn, out);
    }
    imi_free(weights);
    imi_free(drawn);
    return status;
}

eval_interval eval_discard_area_interval(const eval_discard *measure)
{
    double areas[EVAL_REPLICATES];
    imi_copy(areas, measure->drawn_areas, sizeof areas);
    return eval_percentile_interval(areas);
}

eval_interval eval_discard_gain_interval(const eval_discard *measure, const eval_discard *other)
{
    double gains[EVAL_REPLICATES];
    for (size_t r = 0; r < EVAL_REPLICATES; r++) {
        gains[r] = other->drawn_areas[r] - measure->drawn_areas[r];
    }
    return eval_percentile_interval(gains);
}
