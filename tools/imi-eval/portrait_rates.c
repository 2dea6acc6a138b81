#include "portrait_rates.h"

#include "imi/memory.h"

#include <math.h>

/* Misses and false matches of a group, weighted. */
typedef struct tally {
    double mated, missed_clean, missed_portrait;
    double non_mated, matched_clean, matched_portrait;
} tally;

static void add(tally *to, const eval_portrait_score *score, double threshold, double weight)
{
    double clean = (double)score->clean >= threshold ? weight : 0;
    double portrait = (double)score->portrait >= threshold ? weight : 0;
    if (score->mated) {
        to->mated += weight;
        to->missed_clean += weight - clean;
        to->missed_portrait += weight - portrait;
    } else {
        to->non_mated += weight;
        to->matched_clean += clean;
        to->matched_portrait += portrait;
    }
}

/* tallies: one a group, and all. weights: one a subject, or NULL. */
static void count_all(const eval_portrait_scores *all, double threshold, const uint32_t *weights,
                      tally *tallies)
{
    for (size_t g = 0; g <= all->groups; g++) {
        tallies[g] = (tally){0};
    }
    for (size_t i = 0; i < all->count; i++) {
        const eval_portrait_score *score = &all->scores[i];
        double weight = weights == NULL ? 1 : weights[score->subject_a];
        if (weights != NULL && !score->mated) {
            weight *= weights[score->subject_b];
        }
        add(&tallies[score->group], score, threshold, weight);
        add(&tallies[all->groups], score, threshold, weight);
    }
}

static double ratio_of(const tally *t)
{
    return t->missed_clean > 0 ? t->missed_portrait / t->missed_clean : NAN;
}

static double share(double part, double whole)
{
    return whole > 0 ? part / whole : NAN;
}

static eval_portrait_row row_of(const tally *t)
{
    return (eval_portrait_row){
        .mated = (size_t)t->mated,
        .non_mated = (size_t)t->non_mated,
        .fnmr_clean = share(t->missed_clean, t->mated),
        .fnmr_portrait = share(t->missed_portrait, t->mated),
        .fmr_clean = share(t->matched_clean, t->non_mated),
        .fmr_portrait = share(t->matched_portrait, t->non_mated),
        .ratio = ratio_of(t),
        .ratio_interval = {NAN, NAN},
    };
}

/* Room of one bootstrap. */
typedef struct draws {
    uint32_t *weights, *members, *starts; /* members: subjects ordered by stratum */
    tally *tallies;
    double *ratios; /* of a group, EVAL_REPLICATES together */
} draws;

static void clean_up(draws *d)
{
    imi_free(d->weights);
    imi_free(d->members);
    imi_free(d->starts);
    imi_free(d->tallies);
    imi_free(d->ratios);
}

static imi_status make_room(const eval_portrait_scores *all, draws *d, imi_error *err)
{
    d->weights = imi_alloc_array(all->subjects, sizeof *d->weights);
    d->members = imi_alloc_array(all->subjects, sizeof *d->members);
    d->starts = imi_alloc_array(all->strata_count + 1, sizeof *d->starts);
    d->tallies = imi_alloc_array(all->groups + 1, sizeof *d->tallies);
    d->ratios = imi_alloc_array(all->groups + 1, EVAL_REPLICATES * sizeof *d->ratios);
    if (d->weights == NULL || d->members == NULL || d->starts == NULL || d->tallies == NULL ||
        d->ratios == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a bootstrap over %zu subjects",
                 all->subjects);
    }
    return IMI_OK;
}

static void order_by_stratum(const eval_portrait_scores *all, draws *d)
{
    uint32_t next = 0;
    for (uint32_t stratum = 0; stratum < all->strata_count; stratum++) {
        d->starts[stratum] = next;
        for (uint32_t i = 0; i < all->subjects; i++) {
            if (all->strata[i] == stratum) {
                d->members[next++] = i;
            }
        }
    }
    d->starts[all->strata_count] = next;
}

static void draw_subjects(const eval_portrait_scores *all, uint64_t *state, draws *d)
{
    for (size_t i = 0; i < all->subjects; i++) {
        d->weights[i] = 0;
    }
    for (size_t stratum = 0; stratum < all->strata_count; stratum++) {
        uint32_t start = d->starts[stratum];
        uint32_t size = d->starts[stratum + 1] - start;
        for (uint32_t i = 0; i < size; i++) {
            d->weights[d->members[start + eval_random_next(state) % size]]++;
        }
    }
}

static void bootstrap(const eval_portrait_scores *all, double threshold, draws *d,
                      eval_portrait_row *rows)
{
    uint64_t state = 20260122;
    order_by_stratum(all, d);
    for (size_t r = 0; r < EVAL_REPLICATES; r++) {
        draw_subjects(all, &state, d);
        count_all(all, threshold, d->weights, d->tallies);
        for (size_t g = 0; g <= all->groups; g++) {
            d->ratios[g * EVAL_REPLICATES + r] = ratio_of(&d->tallies[g]);
        }
    }
    for (size_t g = 0; g <= all->groups; g++) {
        rows[g].ratio_interval = eval_percentile_interval(d->ratios + g * EVAL_REPLICATES);
    }
}

imi_status eval_portrait_rates(const eval_portrait_scores *all, double threshold,
                               eval_portrait_row *rows, imi_error *err)
{
    draws d = {0};
    imi_status status = make_room(all, &d, err);
    if (status == IMI_OK) {
        count_all(all, threshold, NULL, d.tallies);
        for (size_t g = 0; g <= all->groups; g++) {
            rows[g] = row_of(&d.tallies[g]);
        }
        bootstrap(all, threshold, &d, rows);
    }
    clean_up(&d);
    return status;
}
