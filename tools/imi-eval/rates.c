#include "rates.h"

#include "imi/memory.h"

#include <math.h>
#include <stdlib.h>

static int by_falling_similarity(const void *a, const void *b)
{
    float left = ((const eval_score *)a)->similarity;
    float right = ((const eval_score *)b)->similarity;
    return (left < right) - (left > right);
}

void eval_scores_sort(eval_score *scores, size_t count)
{
    qsort(scores, count, sizeof *scores, by_falling_similarity);
}

static double weight_of(const eval_score *score, const uint32_t *weights)
{
    if (weights == NULL) {
        return 1;
    }
    double weight = weights[score->subject_a];
    return score->mated ? weight : weight * weights[score->subject_b];
}

typedef struct totals {
    double mated, non_mated;
} totals;

static void add(totals *t, const eval_score *score, const uint32_t *weights)
{
    *(score->mated ? &t->mated : &t->non_mated) += weight_of(score, weights);
}

static totals total_of(const eval_score *scores, size_t count, const uint32_t *weights)
{
    totals all = {0, 0};
    for (size_t i = 0; i < count; i++) {
        add(&all, &scores[i], weights);
    }
    return all;
}

eval_rates eval_rates_of(const eval_score *scores, size_t count, const uint32_t *weights,
                         double fmr)
{
    totals all = total_of(scores, count, weights);
    if (!(all.mated > 0 && all.non_mated > 0)) {
        return (eval_rates){NAN, NAN, NAN};
    }
    /* Above every score nothing matches: FMR 0, FNMR 1. */
    eval_rates rates = {0.5, 1, INFINITY};
    double least_gap = 1;
    totals matched = {0, 0};
    for (size_t i = 0; i < count; i++) {
        add(&matched, &scores[i], weights);
        bool step_ends = i + 1 == count || scores[i + 1].similarity != scores[i].similarity;
        if (!step_ends || isinf(scores[i].similarity)) {
            continue;
        }
        double fmr_here = matched.non_mated / all.non_mated;
        double fnmr_here = 1 - matched.mated / all.mated;
        if (fmr_here <= fmr) {
            rates.fnmr = fnmr_here;
            rates.threshold = scores[i].similarity;
        }
        if (fabs(fmr_here - fnmr_here) < least_gap) {
            least_gap = fabs(fmr_here - fnmr_here);
            rates.eer = (fmr_here + fnmr_here) / 2;
        }
    }
    return rates;
}

eval_point eval_rates_at(const eval_score *scores, size_t count, const uint32_t *weights,
                         double threshold)
{
    totals all = total_of(scores, count, weights);
    totals matched = {0, 0};
    for (size_t i = 0; i < count && scores[i].similarity >= threshold; i++) {
        add(&matched, &scores[i], weights);
    }
    return (eval_point){all.non_mated > 0 ? matched.non_mated / all.non_mated : NAN,
                        all.mated > 0 ? 1 - matched.mated / all.mated : NAN};
}

/* Probability of at most `most` failures in `trials` at a given rate. */
static double binomial_at_most(size_t most, size_t trials, double rate)
{
    double n = (double)trials;
    double sum = 0;
    for (size_t i = 0; i <= most; i++) {
        double k = (double)i;
        double ways = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);
        sum += exp(ways + k * log(rate) + (n - k) * log1p(-rate));
    }
    return sum;
}

/* The rate at which at most `most` failures have a given probability, which falls with it. */
static double rate_for(size_t most, size_t trials, double probability)
{
    double low = 0;
    double high = 1;
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        bool too_likely = binomial_at_most(most, trials, middle) > probability;
        *(too_likely ? &low : &high) = middle;
    }
    return (low + high) / 2;
}

eval_interval eval_share_interval(size_t failures, size_t trials)
{
    if (trials == 0 || failures > trials) {
        return (eval_interval){NAN, NAN};
    }
    return (eval_interval){failures == 0 ? 0 : rate_for(failures - 1, trials, 0.975),
                           failures == trials ? 1 : rate_for(failures, trials, 0.025)};
}

uint64_t eval_random_next(uint64_t *state)
{
    *state += 0x9E3779B97F4A7C15U;
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
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

static int by_value(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

eval_interval eval_percentile_interval(double *values)
{
    size_t count = 0;
    for (size_t i = 0; i < EVAL_REPLICATES; i++) {
        if (!isnan(values[i])) {
            values[count++] = values[i];
        }
    }
    if (count == 0) {
        return (eval_interval){NAN, NAN};
    }
    qsort(values, count, sizeof *values, by_value);
    return (eval_interval){values[(size_t)(0.025 * (double)(count - 1))],
                           values[(size_t)ceil(0.975 * (double)(count - 1))]};
}

imi_status eval_bootstrap(const eval_score *scores, size_t count, size_t subjects, double fmr,
                          double threshold, eval_intervals *out, imi_error *err)
{
    *out = (eval_intervals){{NAN, NAN}, {NAN, NAN}, {NAN, NAN}, {NAN, NAN}};
    uint32_t *weights = imi_alloc_array(subjects, sizeof *weights);
    double *values = imi_alloc_array(4 * EVAL_REPLICATES, sizeof *values);
    if (weights == NULL || values == NULL) {
        imi_free(weights);
        imi_free(values);
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a bootstrap over %zu subjects", subjects);
    }
    uint64_t state = 20260122;
    for (size_t i = 0; i < EVAL_REPLICATES; i++) {
        draw_subjects(&state, weights, subjects);
        eval_rates rates = eval_rates_of(scores, count, weights, fmr);
        eval_point point = eval_rates_at(scores, count, weights, threshold);
        values[i] = rates.eer;
        values[EVAL_REPLICATES + i] = rates.fnmr;
        values[2 * EVAL_REPLICATES + i] = point.fmr;
        values[3 * EVAL_REPLICATES + i] = point.fnmr;
    }
    out->eer = eval_percentile_interval(values);
    out->fnmr = eval_percentile_interval(values + EVAL_REPLICATES);
    out->fmr_at = eval_percentile_interval(values + 2 * (size_t)EVAL_REPLICATES);
    out->fnmr_at = eval_percentile_interval(values + 3 * (size_t)EVAL_REPLICATES);
    imi_free(weights);
    imi_free(values);
    return IMI_OK;
}
