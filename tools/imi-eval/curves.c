#include "curves.h"

#include "imi/memory.h"

#include <math.h>

/* A rate that rests on fewer false matches says nothing yet. */
static const double FALSE_MATCHES_MIN = 3;

/* Where the curves are measured, and what one replicate finds there. */
typedef struct grid {
    double fmr[EVAL_CURVE_POINTS]; /* rising */
    double threshold[EVAL_CURVE_POINTS]; /* falling */
} grid;

typedef struct readings {
    double fnmr_at_fmr[EVAL_CURVE_POINTS];
    double fmr_at_threshold[EVAL_CURVE_POINTS];
} readings;

typedef struct totals {
    double mated, non_mated;
} totals;

/* A drawn subject's comparisons count as often as it was drawn; see eval_rates_of. */
static void add(totals *to, const eval_score *score, const uint32_t *weights)
{
    double a = weights == NULL ? 1 : weights[score->subject_a];
    double b = weights == NULL ? 1 : weights[score->subject_b];
    *(score->mated ? &to->mated : &to->non_mated) += score->mated ? a : a * b;
}

static totals total_of(const eval_score *scores, size_t count, const uint32_t *weights)
{
    totals all = {0, 0};
    for (size_t i = 0; i < count; i++) {
        add(&all, &scores[i], weights);
    }
    return all;
}

/* Whether the scores from i on lie below those before it: a threshold fits between. */
static bool is_step(const eval_score *scores, size_t count, size_t i)
{
    return i == 0 || i == count || scores[i].similarity != scores[i - 1].similarity;
}

/* FNMR at the lowest threshold whose FMR is at most each of the grid's. */
static void read_det(const eval_score *scores, size_t count, const uint32_t *weights, totals all,
                     const grid *at, readings *out)
{
    totals matched = {0, 0};
    double fnmr = 1;
    size_t next = 0;
    for (size_t i = 0; i <= count && next < EVAL_CURVE_POINTS; i++) {
        if (is_step(scores, count, i)) {
            double fmr = matched.non_mated / all.non_mated;
            while (next < EVAL_CURVE_POINTS && at->fmr[next] < fmr) {
                out->fnmr_at_fmr[next++] = fnmr;
            }
            fnmr = 1 - matched.mated / all.mated;
        }
        if (i == count || isinf(scores[i].similarity)) {
            break;
        }
        add(&matched, &scores[i], weights);
    }
    while (next < EVAL_CURVE_POINTS) {
        out->fnmr_at_fmr[next++] = fnmr;
    }
}

static void read_fmr(const eval_score *scores, size_t count, const uint32_t *weights, totals all,
                     const grid *at, readings *out)
{
    totals matched = {0, 0};
    size_t i = 0;
    for (size_t next = 0; next < EVAL_CURVE_POINTS; next++) {
        while (i < count && (double)scores[i].similarity >= at->threshold[next]) {
            add(&matched, &scores[i++], weights);
        }
        out->fmr_at_threshold[next] = matched.non_mated / all.non_mated;
    }
}

static void read_curves(const eval_score *scores, size_t count, const uint32_t *weights,
                        const grid *at, readings *out)
{
    totals all = total_of(scores, count, weights);
    if (!(all.mated > 0 && all.non_mated > 0)) {
        for (size_t i = 0; i < EVAL_CURVE_POINTS; i++) {
            out->fnmr_at_fmr[i] = NAN;
            out->fmr_at_threshold[i] = NAN;
        }
        return;
    }
    read_det(scores, count, weights, all, at, out);
    read_fmr(scores, count, weights, all, at, out);
}

static void lay_grid(const eval_score *scores, size_t count, double non_mated, grid *out)
{
    double highest = NAN;
    double median = NAN;
    double seen = 0;
    for (size_t i = 0; i < count && isfinite(scores[i].similarity); i++) {
        if (!scores[i].mated) {
            highest = seen == 0 ? (double)scores[i].similarity : highest;
            median = seen <= non_mated / 2 ? (double)scores[i].similarity : median;
            seen++;
        }
    }
    double lowest = fmin(FALSE_MATCHES_MIN / non_mated, 0.25);
    double beyond = fmax(0.1 * (highest - median), 1e-6);
    for (size_t i = 0; i < EVAL_CURVE_POINTS; i++) {
        double share = (double)i / (EVAL_CURVE_POINTS - 1);
        out->fmr[i] = exp(log(lowest) + share * (log(0.5) - log(lowest)));
        out->threshold[i] = highest + beyond - share * (highest + beyond - median);
    }
}

/* Values by point, so that each point's replicates lie together. */
typedef struct replicates {
    double fnmr[EVAL_CURVE_POINTS][EVAL_REPLICATES];
    double fmr[EVAL_CURVE_POINTS][EVAL_REPLICATES];
} replicates;

/* As many subjects as there are, with replacement. */
static void draw_subjects(uint64_t *state, uint32_t *weights, size_t subjects)
{
    for (size_t i = 0; i < subjects; i++) {
        weights[i] = 0;
    }
    for (size_t i = 0; i < subjects; i++) {
        weights[eval_random_next(state) % subjects]++;
    }
}

static void draw_all(const eval_score *scores, size_t count, size_t subjects, const grid *at,
                     uint32_t *weights, replicates *out)
{
    uint64_t state = 20260122;
    for (size_t r = 0; r < EVAL_REPLICATES; r++) {
        readings one;
        draw_subjects(&state, weights, subjects);
        read_curves(scores, count, weights, at, &one);
        for (size_t i = 0; i < EVAL_CURVE_POINTS; i++) {
            out->fnmr[i][r] = one.fnmr_at_fmr[i];
            out->fmr[i][r] = one.fmr_at_threshold[i];
        }
    }
}

static void fill(const grid *at, const readings *whole, replicates *drawn, eval_curves *out)
{
    for (size_t i = 0; i < EVAL_CURVE_POINTS; i++) {
        eval_interval fnmr = eval_percentile_interval(drawn->fnmr[i]);
        eval_interval fmr = eval_percentile_interval(drawn->fmr[i]);
        out->det[i] = (imi_report_point){at->fmr[i], whole->fnmr_at_fmr[i], fnmr.low, fnmr.high};
        /* Thresholds fall along the grid and rise along the curve. */
        out->fmr[EVAL_CURVE_POINTS - 1 - i] =
            (imi_report_point){at->threshold[i], whole->fmr_at_threshold[i], fmr.low, fmr.high};
    }
    out->det_count = EVAL_CURVE_POINTS;
    out->fmr_count = EVAL_CURVE_POINTS;
}

imi_status eval_curves_make(const eval_score *scores, size_t count, size_t subjects,
                            eval_curves *out, imi_error *err)
{
    *out = (eval_curves){.det_count = 0};
    totals all = total_of(scores, count, NULL);
    bool any_finite = count > 0 && isfinite(scores[0].similarity);
    if (!(all.mated > 0 && all.non_mated > 1) || !any_finite) {
        return IMI_OK;
    }
    grid at;
    lay_grid(scores, count, all.non_mated, &at);
    if (!isfinite(at.threshold[0])) {
        return IMI_OK;
    }
    readings whole;
    read_curves(scores, count, NULL, &at, &whole);
    uint32_t *weights = imi_alloc_array(subjects, sizeof *weights);
    replicates *drawn = imi_alloc(sizeof *drawn);
    imi_status status = IMI_OK;
    if (weights == NULL || drawn == NULL) {
        status = imi_error_set(err, IMI_E_NO_MEMORY, 0, __FILE__, __LINE__,
                               "no memory for a bootstrap over %zu subjects", subjects);
    } else {
        draw_all(scores, count, subjects, &at, weights, drawn);
        fill(&at, &whole, drawn, out);
    }
    imi_free(weights);
    imi_free(drawn);
    return status;
}
