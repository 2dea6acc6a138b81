#include "evaluation.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_SIZE = 128, ANCHORS_MAX = 64 };

/* The selections that --anchor names, separated by commas; all comparisons without it. */
static imi_status find_anchors(const eval_evaluation *self, eval_selection *out, size_t *count,
                               imi_error *err)
{
    const char *text = self->options.anchor == NULL ? "all" : self->options.anchor;
    *count = 0;
    while (*text != '\0') {
        char name[NAME_SIZE];
        size_t length = strcspn(text, ",");
        snprintf(name, sizeof name, "%.*s", (int)length, text);
        const eval_selection *found = eval_selections_find(&self->sets, name);
        if (found == NULL || *count == ANCHORS_MAX) {
            IMI_FAIL(err, IMI_E_NOT_FOUND, "--anchor: there is no group \"%s\"", name);
        }
        out[(*count)++] = *found;
        text += length + (text[length] == ',' ? 1 : 0);
    }
    return IMI_OK;
}

static imi_status choose_threshold(eval_evaluation *self, imi_error *err)
{
    if (!isnan(self->options.threshold)) {
        self->threshold = self->options.threshold;
        return IMI_OK;
    }
    eval_selection anchors[ANCHORS_MAX];
    size_t count = 0;
    IMI_TRY(find_anchors(self, anchors, &count, err));
    return eval_threshold_for(&self->scored, anchors, count, self->options.target_fmr,
                              &self->threshold, err);
}

static imi_status measure_all(const eval_evaluation *self, const eval_selections *selections,
                              bool with_curves, eval_group_result **out, imi_error *err)
{
    *out = imi_alloc_array(selections->count, sizeof **out);
    if (*out == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu groups", selections->count);
    }
    for (size_t i = 0; i < selections->count; i++) {
        IMI_TRY(eval_group_measure(&self->scored, &selections->items[i], self->threshold,
                                   with_curves, &(*out)[i], err));
    }
    return IMI_OK;
}

/* A pair and what it is listed by. */
typedef struct scored_pair {
    float similarity;
    uint32_t pair;
} scored_pair;

static int by_rising_similarity(const void *a, const void *b)
{
    const scored_pair *left = a;
    const scored_pair *right = b;
    int order = (left->similarity > right->similarity) - (left->similarity < right->similarity);
    return order != 0 ? order : (left->pair > right->pair) - (left->pair < right->pair);
}

static size_t collect_pairs(const eval_evaluation *self, bool mated, scored_pair *out)
{
    const eval_selection *all = &self->sets.items[0];
    size_t count = 0;
    for (size_t i = 0; i < all->count; i++) {
        uint32_t pair = all->pairs[i];
        float similarity = self->scored.similarities[pair];
        if (self->scored.pairs.pairs[pair].mated == mated && isfinite(similarity)) {
            out[count++] = (scored_pair){mated ? similarity : -similarity, pair};
        }
    }
    return count;
}

static imi_status list_pairs(const eval_evaluation *self, bool mated, eval_pair_list *out,
                             imi_error *err)
{
    scored_pair *found = imi_alloc_array(self->sets.items[0].count, sizeof *found);
    out->pairs = imi_alloc_array(EVAL_LISTED_PAIRS, sizeof *out->pairs);
    if (found == NULL || out->pairs == NULL) {
        imi_free(found);
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a list of pairs");
    }
    size_t count = collect_pairs(self, mated, found);
    qsort(found, count, sizeof *found, by_rising_similarity);
    for (size_t i = 0; i < count && i < EVAL_LISTED_PAIRS; i++) {
        out->pairs[out->count++] = found[i].pair;
    }
    imi_free(found);
    return IMI_OK;
}

static imi_status select_all(eval_evaluation *self, imi_error *err)
{
    IMI_TRY(eval_select_sets(&self->scored, &self->sets, err));
    IMI_TRY(eval_select_gaps(&self->scored, &self->gaps, err));
    if (self->sets.count == 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s holds no comparisons", self->options.scores);
    }
    if (self->options.manifest == NULL) {
        return IMI_OK;
    }
    AUTO_EVAL_CSV manifest = EVAL_CSV_INIT;
    IMI_TRY(eval_csv_load(self->options.manifest, &manifest, err));
    return eval_select_attributes(&self->scored, &manifest, &self->attributes, err);
}

static size_t count_failed_mated(const eval_evaluation *self)
{
    size_t count = 0;
    for (size_t i = 0; i < self->sets.items[0].count; i++) {
        uint32_t pair = self->sets.items[0].pairs[i];
        bool failed = isinf(self->scored.similarities[pair]);
        count += failed && self->scored.pairs.pairs[pair].mated ? 1 : 0;
    }
    return count;
}

static imi_status evaluate(eval_evaluation *self, imi_error *err)
{
    IMI_TRY(eval_scored_load(self->options.scores, &self->scored, err));
    IMI_TRY(select_all(self, err));
    IMI_TRY(choose_threshold(self, err));
    IMI_TRY(measure_all(self, &self->sets, true, &self->sets_at, err));
    IMI_TRY(measure_all(self, &self->attributes, false, &self->attributes_at, err));
    IMI_TRY(measure_all(self, &self->gaps, false, &self->gaps_at, err));
    self->failed_mated = count_failed_mated(self);
    IMI_TRY(list_pairs(self, true, &self->worst_mated, err));
    return list_pairs(self, false, &self->highest_non_mated, err);
}

imi_status eval_evaluate(const eval_evaluation_options *options, eval_evaluation *out,
                         imi_error *err)
{
    *out = (eval_evaluation){.options = *options, .scored = {{.csv = EVAL_CSV_INIT}, NULL}};
    return evaluate(out, err);
}

void eval_evaluation_clean_up(eval_evaluation *self)
{
    imi_free(self->sets_at);
    imi_free(self->attributes_at);
    imi_free(self->gaps_at);
    imi_free(self->worst_mated.pairs);
    imi_free(self->highest_non_mated.pairs);
    eval_selections_clean_up(&self->sets);
    eval_selections_clean_up(&self->attributes);
    eval_selections_clean_up(&self->gaps);
    eval_scored_clean_up(&self->scored);
    *self = (eval_evaluation){.scored = {{.csv = EVAL_CSV_INIT}, NULL}};
}

double eval_worst_ratio(const eval_evaluation *self)
{
    double worst = NAN;
    for (size_t i = 1; i < self->sets.count; i++) {
        worst = fmax(worst, self->sets_at[i].fmr.value);
    }
    double pooled = self->sets_at[0].fmr.value;
    return pooled > 0 ? worst / pooled : NAN;
}
