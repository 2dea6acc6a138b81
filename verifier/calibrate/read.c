/* Reads what write.c wrote; anything else is an error, as rates move decisions. */
#include "rate.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

enum { TEXT_MAX = 8 << 20 };

static imi_status bad(imi_error *err, const char *what)
{
    IMI_FAIL(err, IMI_E_CALIBRATION, "the measurement has no valid %s", what);
}

static imi_status read_number(const json_t *object, const char *field, uint64_t *out,
                              imi_error *err)
{
    const json_t *value = json_object_get(object, field);
    if (!json_is_integer(value) || json_integer_value(value) < 0) {
        return bad(err, field);
    }
    *out = (uint64_t)json_integer_value(value);
    return IMI_OK;
}

static imi_status read_real(const json_t *object, const char *field, double *out, imi_error *err)
{
    const json_t *value = json_object_get(object, field);
    if (!json_is_number(value) || !(json_number_value(value) >= 0)) {
        return bad(err, field);
    }
    *out = json_number_value(value);
    return IMI_OK;
}

static imi_status read_text(const json_t *object, const char *field, char *out, size_t capacity,
                            imi_error *err)
{
    const char *text = json_string_value(json_object_get(object, field));
    return text != NULL && imi_copy_text(out, capacity, text) ? IMI_OK : bad(err, field);
}

static imi_status read_models(const json_t *root, imi_nonmated *nonmated, imi_error *err)
{
    const json_t *models = json_object_get(root, "models");
    if (json_array_size(models) < 1 || json_array_size(models) > IMI_TEMPLATE_VECTORS_MAX) {
        return bad(err, "models");
    }
    for (size_t i = 0; i < json_array_size(models); i++) {
        const json_t *entry = json_array_get(models, i);
        const json_t *weights = json_object_get(entry, "weights");
        IMI_TRY(read_text(entry, "id", nonmated->model_ids[i], sizeof nonmated->model_ids[i], err));
        IMI_TRY(read_real(weights, "raw", &nonmated->weights[i][0], err));
        IMI_TRY(read_real(weights, "normalised", &nonmated->weights[i][1], err));
        const json_t *shares = json_object_get(entry, "normalisation");
        IMI_TRY(read_real(shares, "mean", &nonmated->normalisations[i].mean_share, err));
        IMI_TRY(read_real(shares, "deviation", &nonmated->normalisations[i].deviation_share, err));
        nonmated->model_count++;
    }
    return IMI_OK;
}

/* A scale of another version of this program has other bins. */
static imi_status check_scales(const json_t *measurement, imi_error *err)
{
    for (imi_score_kind kind = IMI_SCORE_RAW; kind <= IMI_SCORE_NORMALISED; kind++) {
        const json_t *bins =
            json_object_get(measurement, kind == IMI_SCORE_RAW ? "raw_bins" : "normalised_bins");
        nonmated_scale scale = nonmated_scale_of(kind);
        if (json_number_value(json_array_get(bins, 0)) != scale.low ||
            json_number_value(json_array_get(bins, 1)) != scale.width ||
            json_integer_value(json_array_get(bins, 2)) != NONMATED_BINS) {
            return bad(err, "bins");
        }
    }
    return IMI_OK;
}

static imi_status read_histogram(const json_t *entry, uint64_t comparisons, nonmated_table *table,
                                 imi_error *err)
{
    uint64_t first = 0;
    IMI_TRY(read_number(entry, "first_bin", &first, err));
    const json_t *counts = json_object_get(entry, "counts");
    size_t count = json_array_size(counts);
    if (first > NONMATED_BINS || count > NONMATED_BINS - first) {
        return bad(err, "counts");
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(counts, i);
        json_int_t number = json_integer_value(value);
        if (!json_is_integer(value) || number < 0 || (uint64_t)number > comparisons) {
            return bad(err, "counts");
        }
        table->above[first + i] = (uint64_t)number;
    }
    for (size_t bin = NONMATED_BINS; bin-- > 0;) {
        table->above[bin] += table->above[bin + 1];
    }
    return table->above[0] == comparisons ? IMI_OK : bad(err, "sum of counts");
}

static imi_status read_levels(const json_t *entry, nonmated_table *table, imi_error *err)
{
    const json_t *levels = json_object_get(entry, "levels");
    if (!json_is_array(levels) || json_array_size(levels) > NONMATED_LEVELS) {
        return bad(err, "levels");
    }
    for (size_t i = 0; i < json_array_size(levels); i++) {
        const json_t *values = json_array_get(levels, i);
        nonmated_level level = {(size_t)json_integer_value(json_array_get(values, 0)),
                                json_number_value(json_array_get(values, 1)),
                                json_number_value(json_array_get(values, 2))};
        bool falls = i == 0 || level.rate < table->levels[i - 1].rate;
        if (level.bin >= NONMATED_BINS || !(level.rate > 0 && level.rate < 1) || !falls ||
            !(level.effect >= 1 && isfinite(level.effect))) {
            return bad(err, "levels");
        }
        table->levels[table->level_count++] = level;
    }
    return IMI_OK;
}

static imi_status read_kind(const json_t *entry, imi_score_kind kind, uint64_t comparisons,
                            nonmated_table *table, imi_error *err)
{
    IMI_TRY(read_histogram(entry, comparisons, table, err));
    IMI_TRY(read_levels(entry, table, err));
    uint64_t suspects_from = 0, from = 0;
    IMI_TRY(read_number(entry, "suspects_from", &suspects_from, err));
    const json_t *tail = json_object_get(entry, "tail");
    if (tail != NULL) {
        IMI_TRY(read_number(tail, "from_bin", &from, err));
    }
    if (suspects_from > NONMATED_BINS || from > suspects_from) {
        return bad(err, "tail");
    }
    nonmated_refit(table, kind, (size_t)from, (size_t)suspects_from);
    return IMI_OK;
}

static imi_status read_group(const json_t *entry, imi_nonmated *nonmated, imi_error *err)
{
    size_t number = nonmated->group_count;
    char name[IMI_GROUP_NAME_SIZE];
    IMI_TRY(read_text(entry, "name", name, sizeof name, err));
    bool normalised = json_object_get(entry, "normalised") != NULL;
    IMI_TRY(nonmated_add_group(nonmated, name, normalised, err));
    imi_nonmated_group *group = &nonmated->groups[number];
    IMI_TRY(read_number(entry, "references", &group->references, err));
    IMI_TRY(read_number(entry, "comparisons", &group->comparisons, err));
    for (size_t k = 0; k < (normalised ? IMI_SCORE_KINDS : 1); k++) {
        imi_score_kind kind = (imi_score_kind)(k + 1);
        IMI_TRY(read_kind(json_object_get(entry, imi_score_kind_name(kind)), kind,
                          group->comparisons, nonmated->tables[number][k], err));
    }
    return IMI_OK;
}

static imi_status read_measurement(const json_t *measurement, imi_nonmated *nonmated,
                                   imi_error *err)
{
    IMI_TRY(read_number(measurement, "references", &nonmated->references, err));
    IMI_TRY(read_number(measurement, "subjects", &nonmated->subjects, err));
    IMI_TRY(read_number(measurement, "pairs", &nonmated->pairs, err));
    IMI_TRY(read_real(measurement, "cpu_seconds", &nonmated->cpu_seconds, err));
    IMI_TRY(read_real(measurement, "duplicate_fmr", &nonmated->duplicate_fmr, err));
    IMI_TRY(
        read_text(measurement, "cohort_id", nonmated->cohort_id, sizeof nonmated->cohort_id, err));
    IMI_TRY(check_scales(measurement, err));
    const json_t *groups = json_object_get(measurement, "groups");
    if (json_array_size(groups) == 0) {
        return bad(err, "groups");
    }
    for (size_t i = 0; i < json_array_size(groups); i++) {
        IMI_TRY(read_group(json_array_get(groups, i), nonmated, err));
    }
    return strcmp(nonmated->groups[0].name, "all") == 0 ? IMI_OK : bad(err, "group \"all\"");
}

static imi_status read_all(const json_t *root, imi_nonmated **out, imi_error *err)
{
    IMI_AUTO(imi_nonmated) nonmated = nonmated_new();
    if (nonmated == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a measurement");
    }
    if (!json_is_object(json_object_get(root, "measurement"))) {
        IMI_FAIL(err, IMI_E_CALIBRATION,
                 "the calibration holds no measurement: it was not made by a calibration job");
    }
    IMI_TRY(read_models(root, nonmated, err));
    IMI_TRY(read_measurement(json_object_get(root, "measurement"), nonmated, err));
    *out = IMI_STEAL(&nonmated);
    return IMI_OK;
}

imi_status imi_nonmated_read(imi_view json, imi_nonmated **out, imi_error *err)
{
    *out = NULL;
    if (json.size > TEXT_MAX) {
        IMI_FAIL(err, IMI_E_CALIBRATION, "a measurement has at most %d bytes", TEXT_MAX);
    }
    json_error_t problem;
    json_t *root = json_loadb((const char *)json.data, json.size, JSON_REJECT_DUPLICATES, &problem);
    if (root == NULL) {
        IMI_FAIL(err, IMI_E_CALIBRATION, "the measurement is not JSON: line %d: %s", problem.line,
                 problem.text);
    }
    imi_status status = read_all(root, out, err);
    json_decref(root);
    return status;
}
