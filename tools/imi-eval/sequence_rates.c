#include "sequence_rates.h"

#include "imi/memory.h"

#include <math.h>

/* Last year of each range. */
static const double year_ends[EVAL_YEARS_ALL] = {5, 10, 20, INFINITY};

const char *eval_years_name(size_t years)
{
    static const char *const names[EVAL_YEARS_COUNT] = {"0-5", "6-10", "11-20", "21 and more",
                                                        "all"};
    return years < EVAL_YEARS_COUNT ? names[years] : "";
}

static size_t range_of(double years)
{
    size_t at = 0;
    while (years > year_ends[at]) {
        at++;
    }
    return at;
}

/* Weighted counts of one draw. */
typedef struct tally {
    double visits[EVAL_YEARS_COUNT], refused[EVAL_YEARS_COUNT];
    double saved, strangers, matches;
} tally;

static void count_visits(const eval_visits *alone, const eval_visits *run, double threshold,
                         const uint32_t *weights, tally *out)
{
    for (size_t i = 0; i < run->count; i++) {
        const eval_visit *visit = &run->visits[i];
        double weight = weights == NULL ? 1 : weights[visit->subject];
        double refused = (double)visit->similarity >= threshold ? 0 : weight;
        double refused_alone = (double)alone->visits[i].similarity >= threshold ? 0 : weight;
        size_t years = range_of(visit->years);
        out->visits[years] += weight;
        out->refused[years] += refused;
        out->visits[EVAL_YEARS_ALL] += weight;
        out->refused[EVAL_YEARS_ALL] += refused;
        out->saved += refused_alone - refused;
    }
}

static void count_strangers(const eval_visits *run, double threshold, const uint32_t *weights,
                            tally *out)
{
    for (size_t i = 0; i < run->stranger_count; i++) {
        const eval_score *score = &run->strangers[i];
        double weight =
            weights == NULL ? 1 : (double)weights[score->subject_a] * weights[score->subject_b];
        out->strangers += weight;
        out->matches += (double)score->similarity >= threshold ? weight : 0;
    }
}

static tally count_all(const eval_visits *alone, const eval_visits *run, double threshold,
                       const uint32_t *weights)
{
    tally out = {.saved = 0};
    count_visits(alone, run, threshold, weights, &out);
    count_strangers(run, threshold, weights, &out);
    return out;
}

static double share(double part, double whole)
{
    return whole > 0 ? part / whole : NAN;
}

/* Values of all draws. */
typedef struct draws {
    double fnmr[EVAL_YEARS_COUNT][EVAL_REPLICATES];
    double fmr[EVAL_REPLICATES], saved[EVAL_REPLICATES];
} draws;

static void draw_all(const eval_visits *alone, const eval_visits *run, size_t subjects,
                     double threshold, uint32_t *weights, draws *out)
{
    uint64_t state = 20260122;
    for (size_t r = 0; r < EVAL_REPLICATES; r++) {
        for (size_t i = 0; i < subjects; i++) {
            weights[i] = 0;
        }
        for (size_t i = 0; i < subjects; i++) {
            weights[eval_random_next(&state) % subjects]++;
        }
        tally t = count_all(alone, run, threshold, weights);
        for (size_t years = 0; years < EVAL_YEARS_COUNT; years++) {
            out->fnmr[years][r] = share(t.refused[years], t.visits[years]);
        }
        out->fmr[r] = share(t.matches, t.strangers);
        out->saved[r] = t.saved;
    }
}

/* The same share of strangers may match as match the portrait alone. */
static imi_status measure_at_equal_fmr(const eval_visits *run, double fmr, double *out,
                                       imi_error *err)
{
    *out = NAN;
    size_t count = run->count + run->stranger_count;
    eval_score *scores = imi_alloc_array(count, sizeof *scores);
    if (scores == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu scores", count);
    }
    for (size_t i = 0; i < run->count; i++) {
        const eval_visit *visit = &run->visits[i];
        scores[i] = (eval_score){visit->similarity, true, visit->subject, visit->subject};
    }
    for (size_t i = 0; i < run->stranger_count; i++) {
        scores[run->count + i] = run->strangers[i];
    }
    eval_scores_sort(scores, count);
    *out = eval_rates_of(scores, count, NULL, fmr).fnmr;
    imi_free(scores);
    return IMI_OK;
}

/* Few people can make most of the false matches: brothers, or a wrong label. */
static imi_status count_worst_pair(const eval_visits *run, size_t subjects, double threshold,
                                   size_t *out, imi_error *err)
{
    *out = 0;
    size_t *matches = imi_alloc_array(subjects, subjects * sizeof *matches);
    if (matches == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for pairs of %zu subjects", subjects);
    }
    for (size_t i = 0; i < run->stranger_count; i++) {
        const eval_score *score = &run->strangers[i];
        if ((double)score->similarity >= threshold) {
            bool in_order = score->subject_a < score->subject_b;
            uint32_t low = in_order ? score->subject_a : score->subject_b;
            uint32_t high = in_order ? score->subject_b : score->subject_a;
            size_t count = ++matches[low * subjects + high];
            *out = count > *out ? count : *out;
        }
    }
    imi_free(matches);
    return IMI_OK;
}

static imi_status check(const eval_visits *alone, const eval_visits *run, imi_error *err)
{
    bool same = alone->count == run->count;
    for (size_t i = 0; same && i < run->count; i++) {
        same = alone->visits[i].subject == run->visits[i].subject &&
               alone->visits[i].years == run->visits[i].years;
    }
    if (!same) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the runs are of different verifications");
    }
    return IMI_OK;
}

static void fill(const tally *whole, draws *drawn, eval_sequence_rates *out)
{
    for (size_t years = 0; years < EVAL_YEARS_COUNT; years++) {
        out->by_years[years] =
            (eval_refusals){(size_t)whole->visits[years], (size_t)whole->refused[years],
                            share(whole->refused[years], whole->visits[years]),
                            eval_percentile_interval(drawn->fnmr[years])};
    }
    out->strangers = (size_t)whole->strangers;
    out->stranger_matches = (size_t)whole->matches;
    out->fmr = share(whole->matches, whole->strangers);
    out->fmr_interval = eval_percentile_interval(drawn->fmr);
    out->saved = whole->saved;
    out->saved_interval = eval_percentile_interval(drawn->saved);
}

imi_status eval_sequence_rates_of(const eval_visits *alone, const eval_visits *run, size_t subjects,
                                  double threshold, eval_sequence_rates *out, imi_error *err)
{
    *out = (eval_sequence_rates){.fmr = NAN};
    IMI_TRY(check(alone, run, err));
    tally of_alone = count_all(alone, alone, threshold, NULL);
    IMI_TRY(measure_at_equal_fmr(run, share(of_alone.matches, of_alone.strangers),
                                 &out->fnmr_at_equal_fmr, err));
    IMI_TRY(count_worst_pair(run, subjects, threshold, &out->worst_pair_matches, err));
    uint32_t *weights = imi_alloc_array(subjects, sizeof *weights);
    draws *drawn = imi_alloc(sizeof *drawn);
    imi_status status = IMI_OK;
    if (weights == NULL || drawn == NULL) {
        status = imi_error_set(err, IMI_E_NO_MEMORY, 0, __FILE__, __LINE__,
                               "no memory for a bootstrap over %zu subjects", subjects);
    } else {
        tally whole = count_all(alone, run, threshold, NULL);
        draw_all(alone, run, subjects, threshold, weights, drawn);
        fill(&whole, drawn, out);
    }
    imi_free(weights);
    imi_free(drawn);
    return status;
}
