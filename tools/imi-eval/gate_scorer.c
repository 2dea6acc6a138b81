#include "gate_scorer.h"

#include "imi/kernel.h"
#include "imi/place.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct model_weights {
    double z[IMI_TEMPLATE_VECTORS_MAX]; /* of z-normalised scores; sum to 1 */
    double raw[IMI_TEMPLATE_VECTORS_MAX]; /* of cosines; sum to 1 */
} model_weights;

static const imi_template *any_template(const eval_pairs *pairs, const eval_sample *samples)
{
    for (size_t i = 0; i < pairs->images.count; i++) {
        if (samples[i].face_template.count > 0) {
            return &samples[i].face_template;
        }
    }
    return NULL;
}

/* Standard deviation of a model's cosines of different people; NaN if there are none. */
static double deviation_of(const eval_pairs *pairs, const eval_sample *samples, uint32_t model)
{
    double sum = 0;
    double square = 0;
    double count = 0;
    for (size_t i = 0; i < pairs->csv.rows; i++) {
        const eval_pair *pair = &pairs->pairs[i];
        const imi_template *a = &samples[pair->image_a].face_template;
        const imi_template *b = &samples[pair->image_b].face_template;
        if (pair->group != EVAL_NO_GROUP && !pair->mated && a->count > 0 && b->count > 0) {
            const imi_template_vector *u = &a->vectors[model];
            double value = imi_dot_f32(u->values, b->vectors[model].values, u->dim);
            sum += value;
            square += value * value;
            count++;
        }
    }
    return count > 0 ? sqrt(square / count - (sum / count) * (sum / count)) : NAN;
}

static void make_sum_one(double *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += values[i];
    }
    for (size_t i = 0; i < count; i++) {
        values[i] /= sum;
    }
}

/* One positive number a model, parted by commas. */
static imi_status parse_weights(const char *text, double *out, size_t count, imi_error *err)
{
    for (size_t i = 0; i < count; i++) {
        int used = 0;
        if (sscanf(text, "%lf%n", &out[i], &used) != 1 || !(out[i] > 0 && isfinite(out[i]))) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the weights must be %zu positive numbers",
                     count);
        }
        text += used;
        text += *text == ',' ? 1 : 0;
    }
    if (*text != '\0') {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "there are more weights than the %zu models", count);
    }
    return IMI_OK;
}

static imi_status choose_weights(const eval_pairs *pairs, const eval_sample *samples,
                                 const char *text, size_t count, model_weights *out, imi_error *err)
{
    for (size_t i = 0; i < count; i++) {
        out->z[i] = 1;
    }
    if (text != NULL) {
        IMI_TRY(parse_weights(text, out->z, count, err));
    }
    for (size_t i = 0; i < count; i++) {
        double deviation = deviation_of(pairs, samples, (uint32_t)i);
        if (!(deviation > 0)) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "different people are never told apart");
        }
        out->raw[i] = out->z[i] / deviation;
    }
    make_sum_one(out->z, count);
    make_sum_one(out->raw, count);
    return IMI_OK;
}

/* A calibration file whose table says nothing: only its weights are used. */
static json_t *scorer_json(const imi_template *like, const model_weights *weights)
{
    json_t *models = json_array();
    for (uint32_t i = 0; i < like->count; i++) {
        json_array_append_new(models, json_pack("{s:s, s:{s:f, s:f}}", "id",
                                                like->vectors[i].model_id, "weights", "raw",
                                                weights->raw[i], "normalised", weights->z[i]));
    }
    return json_pack("{s:s, s:s, s:s, s:o, s:{s:{s:i, s:f, s:[[f,f],[f,f]], s:{s:{}}}}}", "version",
                     "gate", "measured_on", "nothing", "made_at", "never", "models", models,
                     "tables", "raw", "comparisons", 2, "fmr_floor", 0.5, "knots", -1.0, 1.0, 1.0,
                     0.5, "groups", "none");
}

static imi_status make_scorer(const imi_template *like, const model_weights *weights,
                              imi_scorer **out, imi_error *err)
{
    json_t *json = scorer_json(like, weights);
    char *text = json == NULL ? NULL : json_dumps(json, JSON_COMPACT);
    json_decref(json);
    if (text == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a scorer");
    }
    imi_status status = imi_scorer_parse(imi_view_of_text(text), out, err);
    free(text); /* jansson's own block */
    return status;
}

/* *out stays NULL if the table that ships is for other models. */
static imi_status try_shipped(const imi_template *like, imi_scorer **out, imi_error *err)
{
    const char *ids[IMI_TEMPLATE_VECTORS_MAX];
    for (uint32_t i = 0; i < like->count; i++) {
        ids[i] = like->vectors[i].model_id;
    }
    char path[IMI_PLACE_SIZE];
    IMI_AUTO(imi_scorer) shipped = NULL;
    IMI_TRY(imi_place_shared("calibration.json", path, err));
    IMI_TRY(imi_scorer_load(path, &shipped, err));
    if (imi_scorer_check_models(shipped, ids, like->count, NULL) == IMI_OK) {
        *out = IMI_STEAL(&shipped);
    }
    return IMI_OK;
}

imi_status eval_gate_scorer_new(const eval_pairs *pairs, const eval_sample *samples,
                                const char *weights, imi_scorer **out, imi_error *err)
{
    *out = NULL;
    const imi_template *like = any_template(pairs, samples);
    if (like == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "no image gives a template");
    }
    if (weights == NULL) {
        IMI_TRY(try_shipped(like, out, err));
    }
    if (*out != NULL) {
        return IMI_OK;
    }
    model_weights chosen;
    IMI_TRY(choose_weights(pairs, samples, weights, like->count, &chosen, err));
    return make_scorer(like, &chosen, out, err);
}
