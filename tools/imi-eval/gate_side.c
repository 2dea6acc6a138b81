#include "gate_side.h"

#include "cohort.h"
#include "gate_scorer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What a side is made from. */
typedef struct maker {
    const eval_gate_side_options *options;
    const eval_pairs *pairs;
    eval_sample *samples; /* one an image */
    imi_scorer *scorer;
    eval_cohort cohort; /* zero: raw scores */
} maker;

static bool has_template(const eval_sample *sample)
{
    return sample->face_template.count > 0;
}

static imi_status compare(const maker *self, const eval_pair *pair, imi_comparison *out,
                          imi_error *err)
{
    if (self->options->cohort != NULL) {
        return eval_cohort_compare(&self->cohort, pair->image_a, pair->image_b, out, err);
    }
    return imi_compare(self->scorer, &self->samples[pair->image_a].face_template,
                       &self->samples[pair->image_b].face_template, out, err);
}

static imi_status compare_all(const maker *self, eval_grouped_scores *out, imi_error *err)
{
    for (size_t i = 0; i < self->pairs->csv.rows; i++) {
        const eval_pair *pair = &self->pairs->pairs[i];
        if (pair->group == EVAL_NO_GROUP) {
            continue;
        }
        imi_comparison made = {.similarity = NAN};
        if (has_template(&self->samples[pair->image_a]) &&
            has_template(&self->samples[pair->image_b])) {
            IMI_TRY(compare(self, pair, &made, err));
        }
        float similarity = isnan(made.similarity) ? -INFINITY : made.similarity;
        out->scores[out->count++] = (eval_grouped_score){
            {similarity, pair->mated, pair->subject_a, pair->subject_b}, pair->group};
    }
    eval_grouped_scores_sort(out);
    return IMI_OK;
}

/* "mobilefacenet@... (0.67), dlib_resnet@... (0.33)" */
static void name_models(const maker *self, char out[EVAL_GATE_MODELS_SIZE])
{
    imi_score_kind kind = self->options->cohort == NULL ? IMI_SCORE_RAW : IMI_SCORE_NORMALISED;
    out[0] = '\0';
    for (size_t i = 0; i < imi_scorer_model_count(self->scorer); i++) {
        size_t used = strlen(out);
        snprintf(out + used, EVAL_GATE_MODELS_SIZE - used, "%s%s (weight %.3g)", i == 0 ? "" : ", ",
                 imi_scorer_model_id(self->scorer, i),
                 (double)imi_scorer_weight(self->scorer, kind, i));
    }
}

static imi_status make_scores(maker *self, eval_gate_side *out, imi_error *err)
{
    const eval_gate_side_options *options = self->options;
    size_t images = self->pairs->images.count;
    eval_gather_options gather = {options->root, options->models, options->jobs, options->quiet};
    IMI_TRY(eval_gather(&gather, self->samples, images, err));
    IMI_TRY(eval_gate_scorer_new(self->pairs, self->samples, options->weights, &self->scorer, err));
    if (options->cohort != NULL) {
        eval_cohort_options of_cohort = {options->cohort, options->cohort_root, gather};
        IMI_TRY(
            eval_cohort_load(&of_cohort, self->scorer, self->samples, images, &self->cohort, err));
        out->cohort_size = imi_cohort_size(self->cohort.cohort);
    }
    for (size_t i = 0; i < images; i++) {
        out->failed[i] = !has_template(&self->samples[i]);
    }
    name_models(self, out->models);
    return compare_all(self, &out->scores, err);
}

imi_status eval_gate_side_measure(const eval_gate_side_options *options, const eval_pairs *pairs,
                                  const bool *is_anchor, eval_gate_side *out, imi_error *err)
{
    size_t images = pairs->images.count;
    *out = (eval_gate_side){.scores = {.groups = pairs->groups.count,
                                       .is_anchor = is_anchor,
                                       .subjects = pairs->subjects.count,
                                       .strata = pairs->set_of,
                                       .strata_count = pairs->sets.count}};
    out->scores.scores = imi_alloc_array(pairs->csv.rows, sizeof *out->scores.scores);
    out->failed = imi_alloc_array(images, sizeof *out->failed);
    maker self = {.options = options, .pairs = pairs};
    self.samples = imi_alloc_array(images, sizeof *self.samples);
    if (out->scores.scores == NULL || out->failed == NULL || self.samples == NULL) {
        imi_free(self.samples);
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu images", images);
    }
    for (size_t i = 0; i < images; i++) {
        self.samples[i].file = pairs->images.names[i];
    }
    imi_status status = make_scores(&self, out, err);
    eval_cohort_clean_up(&self.cohort);
    imi_scorer_destroy(&self.scorer);
    imi_wipe(self.samples, images * sizeof *self.samples);
    imi_free(self.samples);
    return status;
}

void eval_gate_side_clean_up(eval_gate_side *side)
{
    imi_free(side->scores.scores);
    imi_free(side->failed);
    *side = (eval_gate_side){.cohort_size = 0};
}
