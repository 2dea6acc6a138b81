#include "finish.h"

#include "rate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Events below which a design effect is noise. */
enum { LEVEL_EVENTS_MIN = 20 };

/* Which classes of pairs a group is made of: those that share its sex or decade, or all. */
typedef struct group_key {
    size_t scope; /* 0 all, 1 sex, 2 decade */
    size_t number; /* of the sex or decade */
} group_key;

/* What the work needs beside the input. */
typedef struct work {
    const finish_input *input;
    const plan *plan;
    tile_cell *cells; /* by subject */
    uint64_t *compared; /* by subject: comparisons of a scope */
} work;

static bool is_in_group(const group_key *key, tile_cell cell)
{
    return key->scope == 0 || (key->scope == 1 ? cell.sex : cell.decade) == key->number;
}

static bool has_class(const group_key *key, size_t class_number)
{
    size_t number = key->scope == 1 ? class_number / TILE_DECADES : class_number % TILE_DECADES;
    return key->scope == 0 || number == key->number;
}

static void add_counts(const work *w, const group_key *key, size_t kind, nonmated_table *table)
{
    for (size_t i = 0; i < w->input->worker_count; i++) {
        for (size_t c = 0; c < TILE_CLASSES; c++) {
            const tile_counts *counts = tile_worker_counts(w->input->workers[i], c);
            for (size_t bin = 0; counts != NULL && has_class(key, c) && bin < NONMATED_BINS;
                 bin++) {
                table->above[bin] += counts->bins[kind][bin];
            }
        }
    }
    for (size_t bin = NONMATED_BINS; bin-- > 0;) {
        table->above[bin] += table->above[bin + 1];
    }
}

/* Comparisons of each subject within a scope. */
static void count_compared(const work *w, size_t scope)
{
    const tile_plan *tile = &w->plan->tile;
    for (size_t s = 0; s < tile->subjects; s++) {
        w->compared[s] = 0;
    }
    for (size_t b = 0; b < tile->block_count; b++) {
        const tile_block *block = &tile->blocks[b];
        uint64_t partners = tile->partners[scope * tile->block_count + b];
        for (size_t i = 0; i < block->count; i++) {
            w->compared[tile->subject_of[tile->order[block->first + i]]] += partners;
        }
    }
    for (size_t s = 0; s < tile->subjects; s++) {
        w->compared[s] -= tile->own[scope * tile->subjects + s];
    }
}

/*
 * Comparisons that share a subject are correlated. With d = 1 - rate or -rate for each comparison,
 * the variance of a sum of d over comparisons is the sum of d * d' over all pairs of comparisons
 * that share a subject, which is the sum over subjects of (sum of d)^2, less the sum of d^2, as
 * that counts each comparison with itself twice.
 * Source: Fafchamps and Gubert, "The formation of risk sharing networks", Journal of Development
 *         Economics 83, 2007; for match rates: Schuckers, "Computational Methods in Biometric
 *         Authentication", 2010, chapter 3.
 */
static double design_effect(const work *w, const group_key *key, const _Atomic uint32_t *events,
                            size_t level, double rate, double comparisons)
{
    const tile_plan *tile = &w->plan->tile;
    double sum = 0;
    for (size_t s = 0; s < tile->subjects; s++) {
        if (!is_in_group(key, w->cells[s])) {
            continue;
        }
        double own = 0;
        for (size_t l = level; l < NONMATED_LEVELS; l++) {
            own += events[(key->scope * NONMATED_LEVELS + l) * tile->subjects + s];
        }
        double d = own - (double)w->compared[s] * rate;
        sum += d * d;
    }
    double independent = comparisons * rate * (1 - rate);
    return fmax((sum - independent) / independent, 1);
}

static void make_levels(const work *w, const group_key *key, size_t kind, nonmated_table *table)
{
    const tile_plan *tile = &w->plan->tile;
    double total = (double)table->above[0];
    for (size_t i = 0; i < NONMATED_LEVELS; i++) {
        size_t bin = tile->level_bins[kind][i];
        uint64_t events = bin < NONMATED_BINS ? table->above[bin] : 0;
        double rate = total > 0 ? (double)events / total : 0;
        bool falls = table->level_count == 0 || rate < table->levels[table->level_count - 1].rate;
        if (events >= LEVEL_EVENTS_MIN && rate < 0.5 && falls) {
            table->levels[table->level_count++] = (nonmated_level){
                bin, rate, design_effect(w, key, tile->events[kind].counts, i, rate, total)};
        }
    }
}

static imi_status add_group(const work *w, const group_key *key, const char *name,
                            imi_nonmated *nonmated, imi_error *err)
{
    const tile_plan *tile = &w->plan->tile;
    size_t number = nonmated->group_count;
    IMI_TRY(nonmated_add_group(nonmated, name, tile->kinds > 1, err));
    count_compared(w, key->scope);
    for (size_t kind = 0; kind < tile->kinds; kind++) {
        nonmated_table *table = nonmated->tables[number][kind];
        add_counts(w, key, kind, table);
        make_levels(w, key, kind, table);
        nonmated_fit(table, (imi_score_kind)(kind + 1));
    }
    imi_nonmated_group *group = &nonmated->groups[number];
    group->comparisons = nonmated->tables[number][0]->above[0];
    for (size_t b = 0; b < tile->block_count; b++) {
        group->references += is_in_group(key, tile->blocks[b].cell) ? tile->blocks[b].count : 0;
    }
    /* A group without comparisons says nothing. */
    if (group->comparisons == 0 && number > 0) {
        for (size_t kind = 0; kind < IMI_SCORE_KINDS; kind++) {
            imi_free(nonmated->tables[number][kind]);
            nonmated->tables[number][kind] = NULL;
        }
        *group = (imi_nonmated_group){"", 0, 0};
        nonmated->group_count--;
    }
    return IMI_OK;
}

static imi_status add_groups(const work *w, imi_nonmated *nonmated, imi_error *err)
{
    IMI_TRY(add_group(w, &(group_key){0, 0}, "all", nonmated, err));
    IMI_TRY(add_group(w, &(group_key){1, IMI_SEX_FEMALE}, "female", nonmated, err));
    IMI_TRY(add_group(w, &(group_key){1, IMI_SEX_MALE}, "male", nonmated, err));
    for (size_t d = 1; d < w->plan->decade_count; d++) {
        char name[IMI_GROUP_NAME_SIZE];
        snprintf(name, sizeof name, "birth decade %d", w->plan->decades[d]);
        IMI_TRY(add_group(w, &(group_key){2, d}, name, nonmated, err));
    }
    return IMI_OK;
}

/* --- Likely duplicates ------------------------------------------------------------------- */

static int by_falling_score(const void *a, const void *b)
{
    float left = ((const tile_pair *)a)->score;
    float right = ((const tile_pair *)b)->score;
    return (left < right) - (left > right);
}

/* By the fitted tail, which leaves out what is suspected; else by the counts. */
static double pair_fmr(const nonmated_table *table, imi_score_kind kind, double score)
{
    size_t bin = nonmated_bin_of(kind, score);
    double total = (double)nonmated_total(table);
    if (!table->tail.fitted || bin < table->tail.from) {
        return (double)table->above[bin] / (double)table->above[0];
    }
    double from = (double)(table->above[table->tail.from] - table->above[table->suspects_from]);
    double excess = score - nonmated_edge(kind, table->tail.from);
    return fmax(from / total * tail_estimate_at(&table->tail, excess).mean, 1e-18);
}

static void name_pair(const imi_population *population, const tile_pair *pair, double fmr,
                      imi_likely_duplicate *out)
{
    const char *a = population->references[pair->a].id;
    const char *b = population->references[pair->b].id;
    bool in_order = strcmp(a, b) <= 0;
    imi_copy_text(out->reference_a, sizeof out->reference_a, in_order ? a : b);
    imi_copy_text(out->reference_b, sizeof out->reference_b, in_order ? b : a);
    out->similarity = pair->score;
    out->fmr = fmr;
}

/* The best pairs of all threads, best first; returns how many. */
static size_t merge_pairs(const finish_input *input, tile_pair *out)
{
    size_t capacity = input->plan->tile.top_max;
    size_t made = 0;
    for (size_t i = 0; i < input->worker_count; i++) {
        size_t count = 0;
        const tile_pair *pairs = tile_worker_pairs(input->workers[i], &count);
        for (size_t j = 0; j < count; j++) {
            tile_offer(out, &made, capacity, pairs[j]);
        }
    }
    qsort(out, made, sizeof *out, by_falling_score);
    return made;
}

static imi_status list_duplicates(const finish_input *input, imi_nonmated *nonmated, imi_error *err)
{
    size_t capacity = input->plan->tile.top_max;
    size_t kind = input->plan->tile.kinds - 1;
    tile_pair *pairs = imi_alloc_array(capacity, sizeof *pairs);
    nonmated->duplicates = imi_alloc_array(capacity, sizeof *nonmated->duplicates);
    if (pairs == NULL || nonmated->duplicates == NULL) {
        imi_free(pairs);
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu duplicates", capacity);
    }
    size_t count = merge_pairs(input, pairs);
    for (size_t i = 0; i < count; i++) {
        double fmr =
            pair_fmr(nonmated->tables[0][kind], (imi_score_kind)(kind + 1), (double)pairs[i].score);
        if (!(fmr <= input->duplicate_fmr)) {
            break;
        }
        name_pair(input->plan->tile.population, &pairs[i], fmr,
                  &nonmated->duplicates[nonmated->duplicate_count++]);
    }
    imi_free(pairs);
    return IMI_OK;
}

/* --- All of it --------------------------------------------------------------------------- */

static void describe(const finish_input *input, imi_nonmated *nonmated)
{
    const imi_population *population = input->plan->tile.population;
    nonmated->model_count = population->model_count;
    for (size_t i = 0; i < population->model_count; i++) {
        imi_copy_text(nonmated->model_ids[i], sizeof nonmated->model_ids[i],
                      population->models[i].id);
        nonmated->weights[i][0] = population->models[i].raw_weight;
        nonmated->weights[i][1] = population->models[i].normalised_weight;
        nonmated->normalisations[i] = population->models[i].normalisation;
    }
    if (population->cohort != NULL) {
        imi_copy_text(nonmated->cohort_id, sizeof nonmated->cohort_id,
                      imi_cohort_id(population->cohort));
    }
    nonmated->references = population->size;
    nonmated->subjects = input->plan->tile.subjects;
    nonmated->pairs = input->plan->pairs;
    nonmated->cpu_seconds = input->cpu_seconds;
    nonmated->duplicate_fmr = input->duplicate_fmr;
}

static imi_status fill(work *w, imi_nonmated *nonmated, imi_error *err)
{
    const tile_plan *tile = &w->plan->tile;
    w->cells = imi_alloc_array(tile->subjects, sizeof *w->cells);
    w->compared = imi_alloc_array(tile->subjects, sizeof *w->compared);
    if (w->cells == NULL || w->compared == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory to judge %zu subjects", tile->subjects);
    }
    for (size_t b = 0; b < tile->block_count; b++) {
        for (size_t i = 0; i < tile->blocks[b].count; i++) {
            w->cells[tile->subject_of[tile->order[tile->blocks[b].first + i]]] =
                tile->blocks[b].cell;
        }
    }
    describe(w->input, nonmated);
    IMI_TRY(add_groups(w, nonmated, err));
    return list_duplicates(w->input, nonmated, err);
}

imi_status finish(const finish_input *input, imi_nonmated **out, imi_error *err)
{
    *out = NULL;
    IMI_AUTO(imi_nonmated) nonmated = nonmated_new();
    if (nonmated == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a measurement");
    }
    work w = {.input = input, .plan = input->plan};
    imi_status status = fill(&w, nonmated, err);
    imi_free(w.cells);
    imi_free(w.compared);
    IMI_TRY(status);
    *out = IMI_STEAL(&nonmated);
    return IMI_OK;
}
