/*
 * Reads a calibration file. Everything is checked, as each field moves decisions: an unknown
 * or missing field, a rate that rises with similarity or weights that do not sum to one are
 * errors, never defaults.
 */
#include "scorer_internal.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { FILE_SIZE_MAX = 4 << 20, KNOTS_MAX = 10000 };

/* Weights are kept as floats. */
static const double WEIGHT_SUM_TOLERANCE = 1e-6;
/* Deviations from a cohort's mean; far beyond any that occurs, and exact enough as a float. */
static const double NORMALISED_MAX = 1000;
static const double MEAN_SHARE_MAX = 2;

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

/* Optional text: *out stays NULL without it. */
static imi_status read_optional_text(const json_t *root, const char *field, char **out,
                                     imi_error *err)
{
    return json_object_get(root, field) == NULL ? IMI_OK : read_text(root, field, out, err);
}

/* names: count of them; where says in whose message. */
static imi_status check_known_fields(json_t *object, const char *const *names, size_t count,
                                     const char *where, imi_error *err)
{
    if (!json_is_object(object)) {
        IMI_FAIL(err, IMI_E_CALIBRATION, "%s is not a JSON object", where);
    }
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(object, key, value)
    {
        size_t i = 0;
        while (i < count && strcmp(names[i], key) != 0) {
            i++;
        }
        if (i == count) {
            IMI_FAIL(err, IMI_E_CALIBRATION, "%s has an unknown field \"%.40s\"", where, key);
        }
    }
    return IMI_OK;
}

#define CHECK_KNOWN_FIELDS(object, names, where, err)                                              \
    IMI_TRY(check_known_fields(object, names, sizeof(names) / sizeof(names)[0], where, err))

/* What a person reads to judge the file: not used in decisions, but never absent. */
static imi_status check_made_at(const json_t *root, imi_error *err)
{
    const char *made_at = json_string_value(json_object_get(root, "made_at"));
    if (made_at == NULL || made_at[0] == '\0') {
        IMI_FAIL(err, IMI_E_CALIBRATION, "calibration lacks the text \"made_at\"");
    }
    return IMI_OK;
}

static imi_status read_weights(json_t *weights, imi_scorer_model *model, imi_error *err)
{
    static const char *const names[] = {"raw", "normalised"};
    char where[IMI_MODEL_ID_SIZE + 16];
    snprintf(where, sizeof where, "weights of %s", model->id);
    CHECK_KNOWN_FIELDS(weights, names, where, err);
    for (size_t i = 0; i < IMI_SCORE_KINDS; i++) {
        double weight = json_number_value(json_object_get(weights, names[i]));
        if (!(weight > 0 && weight <= 1)) {
            IMI_FAIL(err, IMI_E_CALIBRATION, "the %s weight of model %s is not in (0, 1]", names[i],
                     model->id);
        }
        model->weights[i] = (float)weight;
    }
    return IMI_OK;
}

/* Only a cohort needs it, so a file without a normalised table may do without. */
static imi_status read_normalisation(json_t *shares, imi_scorer_model *model, imi_error *err)
{
    static const char *const names[] = {"mean", "deviation"};
    model->normalisation = (imi_normalisation){1, 1};
    if (shares == NULL) {
        return IMI_OK;
    }
    char where[IMI_MODEL_ID_SIZE + 24];
    snprintf(where, sizeof where, "normalisation of %s", model->id);
    CHECK_KNOWN_FIELDS(shares, names, where, err);
    const json_t *mean = json_object_get(shares, "mean");
    const json_t *deviation = json_object_get(shares, "deviation");
    model->normalisation =
        (imi_normalisation){json_number_value(mean), json_number_value(deviation)};
    if (!json_is_number(mean) || !(model->normalisation.mean_share >= 0) ||
        !(model->normalisation.mean_share <= MEAN_SHARE_MAX) || !json_is_number(deviation) ||
        !(model->normalisation.deviation_share >= 0) ||
        !(model->normalisation.deviation_share <= 1)) {
        IMI_FAIL(err, IMI_E_CALIBRATION, "%s is not a mean in [0, %g] and a deviation in [0, 1]",
                 where, MEAN_SHARE_MAX);
    }
    return IMI_OK;
}

static imi_status read_model(const json_t *entry, imi_scorer *scorer, imi_error *err)
{
    imi_scorer_model *model = &scorer->models[scorer->model_count];
    const char *id = json_string_value(json_object_get(entry, "id"));
    json_t *normalisation = json_object_get(entry, "normalisation");
    size_t fields = normalisation == NULL ? 2 : 3;
    if (json_object_size(entry) != fields || id == NULL || id[0] == '\0' ||
        !imi_copy_text(model->id, sizeof model->id, id)) {
        IMI_FAIL(err, IMI_E_CALIBRATION, "model %zu of the calibration needs an id and weights",
                 scorer->model_count);
    }
    IMI_TRY(read_weights(json_object_get(entry, "weights"), model, err));
    IMI_TRY(read_normalisation(normalisation, model, err));
    for (size_t i = 0; i < scorer->model_count; i++) {
        if (strcmp(scorer->models[i].id, model->id) == 0) {
            IMI_FAIL(err, IMI_E_CALIBRATION, "calibration names model %s twice", model->id);
        }
    }
    scorer->model_count++;
    return IMI_OK;
}

static imi_status check_weight_sum(const imi_scorer *scorer, imi_score_kind kind, imi_error *err)
{
    double sum = 0;
    for (size_t i = 0; i < scorer->model_count; i++) {
        sum += scorer->models[i].weights[imi_scorer_table_number(kind)];
    }
    if (!(fabs(sum - 1) <= WEIGHT_SUM_TOLERANCE)) {
        IMI_FAIL(err, IMI_E_CALIBRATION, "calibration weights of %s scores sum to %.7g, not to 1",
                 imi_score_kind_name(kind), sum);
    }
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
    for (size_t i = 0; i < count; i++) {
        IMI_TRY(read_model(json_array_get(models, i), scorer, err));
    }
    IMI_TRY(check_weight_sum(scorer, IMI_SCORE_RAW, err));
    return check_weight_sum(scorer, IMI_SCORE_NORMALISED, err);
}

static imi_status read_floor(const json_t *table, imi_scorer_table *out, imi_error *err)
{
    double floor_rate = json_number_value(json_object_get(table, "fmr_floor"));
    json_int_t comparisons = json_integer_value(json_object_get(table, "comparisons"));
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
    out->fmr_floor = floor_rate;
    return IMI_OK;
}

static bool is_possible(imi_score_kind kind, double similarity)
{
    return kind == IMI_SCORE_RAW ? similarity >= -1 && similarity <= 1
                                 : fabs(similarity) <= NORMALISED_MAX;
}

static imi_status read_knot(const json_t *entry, imi_score_kind kind, size_t index,
                            imi_scorer_table *table, imi_error *err)
{
    imi_scorer_knot *knot = &table->knots[index];
    const json_t *similarity = json_array_get(entry, 0);
    const json_t *fmr = json_array_get(entry, 1);
    if (json_array_size(entry) != 2 || !json_is_number(similarity) || !json_is_number(fmr)) {
        IMI_FAIL(err, IMI_E_CALIBRATION, "knot %zu is not a pair of numbers", index);
    }
    knot->similarity = json_number_value(similarity);
    knot->fmr = json_number_value(fmr);
    if (!(is_possible(kind, knot->similarity) && knot->fmr > 0 && knot->fmr <= 1)) {
        IMI_FAIL(err, IMI_E_CALIBRATION, "knot %zu is out of range", index);
    }
    if (index > 0 && !(knot->similarity > knot[-1].similarity && knot->fmr <= knot[-1].fmr)) {
        IMI_FAIL(err, IMI_E_CALIBRATION,
                 "knot %zu does not continue upwards in similarity and downwards in rate", index);
    }
    return IMI_OK;
}

static imi_status read_knots(const json_t *root, imi_score_kind kind, imi_scorer_table *table,
                             imi_error *err)
{
    const json_t *knots = json_object_get(root, "knots");
    size_t count = json_array_size(knots);
    if (count < 2 || count > KNOTS_MAX) {
        IMI_FAIL(err, IMI_E_CALIBRATION, "calibration has %zu knots, not 2 to %d", count,
                 KNOTS_MAX);
    }
    table->knots = imi_alloc_array(count, sizeof *table->knots);
    if (table->knots == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a calibration table");
    }
    for (size_t i = 0; i < count; i++) {
        IMI_TRY(read_knot(json_array_get(knots, i), kind, i, table, err));
    }
    /* Below the first knot nothing is known, so it must claim nothing. */
    if (table->knots[0].fmr < 1 || (kind == IMI_SCORE_RAW && table->knots[0].similarity > -1)) {
        IMI_FAIL(err, IMI_E_CALIBRATION, "the first knot is not %srate 1",
                 kind == IMI_SCORE_RAW ? "similarity -1, " : "");
    }
    table->knot_count = count;
    return IMI_OK;
}

static imi_status read_origin(json_t *origin, imi_scorer_table *table, imi_error *err)
{
    static const char *const names[] = {"calibration_id", "cohort_id"};
    if (origin == NULL) {
        return IMI_OK;
    }
    CHECK_KNOWN_FIELDS(origin, names, "origin of a table", err);
    IMI_TRY(read_optional_text(origin, names[0], &table->calibration_id, err));
    return read_optional_text(origin, names[1], &table->cohort_id, err);
}

static imi_status read_table(json_t *entry, imi_score_kind kind, imi_scorer_table *table,
                             imi_error *err)
{
    static const char *const names[] = {"comparisons", "fmr_floor", "knots", "groups", "origin"};
    char where[32];
    snprintf(where, sizeof where, "table \"%s\"", imi_score_kind_name(kind));
    CHECK_KNOWN_FIELDS(entry, names, where, err);
    if (json_object_size(json_object_get(entry, "groups")) == 0) {
        IMI_FAIL(err, IMI_E_CALIBRATION, "%s lacks \"groups\" with what it measured", where);
    }
    IMI_TRY(read_floor(entry, table, err));
    IMI_TRY(read_origin(json_object_get(entry, "origin"), table, err));
    return read_knots(entry, kind, table, err);
}

/* The raw table is required: it holds wherever there is no cohort. */
static imi_status read_tables(json_t *tables, imi_scorer *scorer, imi_error *err)
{
    static const char *const names[] = {"raw", "normalised"};
    CHECK_KNOWN_FIELDS(tables, names, "\"tables\" of the calibration", err);
    for (imi_score_kind kind = IMI_SCORE_RAW; kind <= IMI_SCORE_NORMALISED; kind++) {
        json_t *entry = json_object_get(tables, imi_score_kind_name(kind));
        if (entry != NULL || kind == IMI_SCORE_RAW) {
            imi_scorer_table *table = &scorer->tables[imi_scorer_table_number(kind)];
            IMI_TRY(read_table(entry, kind, table, err));
        }
    }
    return IMI_OK;
}

/* A table of normalised scores means nothing without the shares that they were made with. */
static imi_status check_normalisation(const json_t *models, const imi_scorer *scorer,
                                      imi_error *err)
{
    for (size_t i = 0; i < scorer->model_count && imi_scorer_has(scorer, IMI_SCORE_NORMALISED);
         i++) {
        if (json_object_get(json_array_get(models, i), "normalisation") == NULL) {
            IMI_FAIL(err, IMI_E_CALIBRATION, "model %s lacks its \"normalisation\"",
                     scorer->models[i].id);
        }
    }
    return IMI_OK;
}

static imi_status read_scorer(json_t *root, imi_scorer *scorer, imi_error *err)
{
    static const char *const names[] = {"version", "measured_on", "made_at",
                                        "models",  "tables",      "measurement"};
    CHECK_KNOWN_FIELDS(root, names, "calibration", err);
    IMI_TRY(check_made_at(root, err));
    IMI_TRY(read_text(root, "version", &scorer->version, err));
    IMI_TRY(read_text(root, "measured_on", &scorer->measured_on, err));
    IMI_TRY(read_models(root, scorer, err));
    IMI_TRY(read_tables(json_object_get(root, "tables"), scorer, err));
    return check_normalisation(json_object_get(root, "models"), scorer, err);
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

imi_status imi_scorer_parse(imi_view json, imi_scorer **out, imi_error *err)
{
    *out = NULL;
    if (json.size > FILE_SIZE_MAX) {
        IMI_FAIL(err, IMI_E_CALIBRATION, "calibration has more than %d bytes", FILE_SIZE_MAX);
    }
    IMI_AUTO(imi_scorer) scorer = imi_alloc(sizeof *scorer);
    if (scorer == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a calibration table");
    }
    IMI_TRY(parse(json, scorer, err));
    *out = IMI_STEAL(&scorer);
    return IMI_OK;
}

imi_status imi_scorer_load(const char *path, imi_scorer **out, imi_error *err)
{
    *out = NULL;
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_TRY(imi_file_read(path, FILE_SIZE_MAX, &text, err));
    return imi_scorer_parse(imi_buffer_view(&text), out, err);
}
