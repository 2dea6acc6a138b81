/*
 * Reads a calibration file. Everything is checked, as each field moves decisions: an unknown
 * or missing field, a rate that rises with similarity or weights that do not sum to one are
 * errors, never defaults.
 */
#include "scorer_internal.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

enum { FILE_SIZE_MAX = 4 << 20, KNOTS_MAX = 10000 };

static const double WEIGHT_SUM_TOLERANCE = 1e-6;

static imi_status read_text(const json_t *root, const char *field, char **out, imi_error *err)
{
    const char *text = json_string_value(json_object_get(root, field));
    if (text == NULL || text[0] == '\0') {
        IMI_FAIL(err, IMI_E_CALIBRATION, "calibration lacks the text \"%s\"", field);
    }
    *out = imi_strdup(text);
    if (*out == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a calibration table");
    }
    return IMI_OK;
}

static imi_status check_known_fields(json_t *root, imi_error *err)
{
    static const char *const known[] = {"version",     "measured_on", "made_at", "models",
                                        "comparisons", "fmr_floor",   "knots",   "groups"};
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(root, key, value)
    {
        size_t i = 0;
        while (i < sizeof known / sizeof known[0] && strcmp(known[i], key) != 0) {
            i++;
        }
        if (i == sizeof known / sizeof known[0]) {
            IMI_FAIL(err, IMI_E_CALIBRATION, "calibration has an unknown field \"%.40s\"", key);
        }
    }
    return IMI_OK;
}

/* What a person reads to judge the table: not used in decisions, but never absent. */
static imi_status check_provenance(const json_t *root, imi_error *err)
{
    const char *made_at = json_string_value(json_object_get(root, "made_at"));
    if (made_at == NULL || made_at[0] == '\0') {
        IMI_FAIL(err, IMI_E_CALIBRATION, "calibration lacks the text \"made_at\"");
    }
    if (json_object_size(json_object_get(root, "groups")) == 0) {
        IMI_FAIL(err, IMI_E_CALIBRATION, "calibration lacks \"groups\" with what it measured");
    }
    return IMI_OK;
}

static imi_status read_model(const json_t *entry, imi_scorer *scorer, imi_error *err)
{
    imi_scorer_model *model = &scorer->models[scorer->model_count];
    const char *id = json_string_value(json_object_get(entry, "id"));
    double weight = json_number_value(json_object_get(entry, "weight"));
    if (json_object_size(entry) != 2 || id == NULL || id[0] == '\0' ||
        !imi_copy_text(model->id, sizeof model->id, id)) {
        IMI_FAIL(err, IMI_E_CALIBRATION, "model %zu of the calibration needs an id and a weight",
                 scorer->model_count);
    }
    if (!(weight > 0 && weight <= 1)) {
        IMI_FAIL(err, IMI_E_CALIBRATION, "weight of model %s is not in (0, 1]", model->id);
    }
    for (size_t i = 0; i < scorer->model_count; i++) {
        if (strcmp(scorer->models[i].id, model->id) == 0) {
            IMI_FAIL(err, IMI_E_CALIBRATION, "calibration names model %s twice", model->id);
        }
    }
    model->weight = (float)weight;
    scorer->model_count++;
    return IMI_OK;
}

static imi_status read_models(const json_t *root, imi_scorer *scorer, imi_error *err)
{
    const json_t *models = json_object_get(root, "models");
    size_t count = json_array_size(models);
    if (count < 1 || count > IMI_TEMPLATE_VECTORS_MAX) {
        IMI_FAIL(err, IMI_E_CALIBRATION, "calibration names %zu models, not 1 to %d", count,
                 IMI_TEMPLATE_VECTORS_MAX);
    }
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        const json_t *entry = json_array_get(models, i);
        IMI_TRY(read_model(entry, scorer, err));
        sum += json_number_value(json_object_get(entry, "weight"));
    }
    if (!(fabs(sum - 1) <= WEIGHT_SUM_TOLERANCE)) {
        IMI_FAIL(err, IMI_E_CALIBRATION, "calibration weights sum to %.7g, not to 1", sum);
    }
    return IMI_OK;
}

static imi_status read_floor(const json_t *root, imi_scorer *scorer, imi_error *err)
{
    double floor_rate = json_number_value(json_object_get(root, "fmr_floor"));
    json_int_t comparisons = json_integer_value(json_object_get(root, "comparisons"));
    if (comparisons < 1) {
        IMI_FAIL(err, IMI_E_CALIBRATION, "calibration lacks its number of comparisons");
    }
    if (!(floor_rate > 0 && floor_rate < 1)) {
        IMI_FAIL(err, IMI_E_CALIBRATION, "\"fmr_floor\" does not lie between 0 and 1");
    }
    if (floor_rate * (double)comparisons < 1) {
        IMI_FAIL(err, IMI_E_CALIBRATION, "%lld comparisons cannot show a rate of %.3g",
                 (long long)comparisons, floor_rate);
    }
    scorer->fmr_floor = floor_rate;
    return IMI_OK;
}

static imi_status read_knot(const json_t *entry, size_t index, imi_scorer *scorer, imi_error *err)
{
    imi_scorer_knot *knot = &scorer->knots[index];
    const json_t *similarity = json_array_get(entry, 0);
    const json_t *fmr = json_array_get(entry, 1);
    if (json_array_size(entry) != 2 || !json_is_number(similarity) || !json_is_number(fmr)) {
        IMI_FAIL(err, IMI_E_CALIBRATION, "knot %zu is not a pair of numbers", index);
    }
    knot->similarity = json_number_value(similarity);
    knot->fmr = json_number_value(fmr);
    if (!(knot->similarity >= -1 && knot->similarity <= 1 && knot->fmr > 0 && knot->fmr <= 1)) {
        IMI_FAIL(err, IMI_E_CALIBRATION, "knot %zu is out of range", index);
    }
    if (index > 0 && !(knot->similarity > knot[-1].similarity && knot->fmr <= knot[-1].fmr)) {
        IMI_FAIL(err, IMI_E_CALIBRATION,
                 "knot %zu does not continue upwards in similarity and downwards in rate", index);
    }
    return IMI_OK;
}

static imi_status read_knots(const json_t *root, imi_scorer *scorer, imi_error *err)
{
    const json_t *knots = json_object_get(root, "knots");
    size_t count = json_array_size(knots);
    if (count < 2 || count > KNOTS_MAX) {
        IMI_FAIL(err, IMI_E_CALIBRATION, "calibration has %zu knots, not 2 to %d", count,
                 KNOTS_MAX);
    }
    scorer->knots = imi_alloc_array(count, sizeof *scorer->knots);
    if (scorer->knots == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a calibration table");
    }
    scorer->knot_count = count;
    for (size_t i = 0; i < count; i++) {
        IMI_TRY(read_knot(json_array_get(knots, i), i, scorer, err));
    }
    /* Below the first knot nothing is known, so it must claim nothing. */
    if (scorer->knots[0].similarity > -1 || scorer->knots[0].fmr < 1) {
        IMI_FAIL(err, IMI_E_CALIBRATION, "the first knot is not similarity -1, rate 1");
    }
    return IMI_OK;
}

static imi_status read_scorer(json_t *root, imi_scorer *scorer, imi_error *err)
{
    if (!json_is_object(root)) {
        IMI_FAIL(err, IMI_E_CALIBRATION, "calibration is not a JSON object");
    }
    IMI_TRY(check_known_fields(root, err));
    IMI_TRY(check_provenance(root, err));
    IMI_TRY(read_text(root, "version", &scorer->version, err));
    IMI_TRY(read_text(root, "measured_on", &scorer->measured_on, err));
    IMI_TRY(read_models(root, scorer, err));
    IMI_TRY(read_floor(root, scorer, err));
    return read_knots(root, scorer, err);
}

static imi_status parse(imi_view text, imi_scorer *scorer, imi_error *err)
{
    json_error_t problem;
    json_t *root = json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, &problem);
    if (root == NULL) {
        IMI_FAIL(err, IMI_E_CALIBRATION, "calibration is not JSON: line %d: %s", problem.line,
                 problem.text);
    }
    imi_status status = read_scorer(root, scorer, err);
    json_decref(root);
    return status;
}

imi_status imi_scorer_load(const char *path, imi_scorer **out, imi_error *err)
{
    *out = NULL;
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_TRY(imi_file_read(path, FILE_SIZE_MAX, &text, err));
    IMI_AUTO(imi_scorer) scorer = imi_alloc(sizeof *scorer);
    if (scorer == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a calibration table");
    }
    IMI_TRY(parse(imi_buffer_view(&text), scorer, err));
    *out = IMI_STEAL(&scorer);
    return IMI_OK;
}
