/*
 * The JSON of a measurement: what imi_scorer_parse reads ("models", "tables"), and "measurement"
 * with all that imi_nonmated_read needs. Written by hand rather than through a tree: histograms
 * are long and plain.
 */
#include "rate.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

/* Knots of a table per factor of ten in rate. */
enum { KNOTS_PER_DECADE = 20 };

static const imi_score_kind kinds[IMI_SCORE_KINDS] = {IMI_SCORE_RAW, IMI_SCORE_NORMALISED};

/* Identifiers hold no character that JSON would have to escape; refuse those that do. */
static bool is_plain(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || *text == '"' || *text == '\\' ||
            (unsigned char)*text > 0x7E) {
            return false;
        }
    }
    return true;
}

static imi_status write_models(const imi_nonmated *nonmated, imi_buffer *out, imi_error *err)
{
    IMI_TRY(imi_buffer_append_text(out, "  \"models\": [\n", err));
    for (size_t i = 0; i < nonmated->model_count; i++) {
        const double *weights = nonmated->weights[i];
        const imi_normalisation *shares = &nonmated->normalisations[i];
        IMI_TRY(imi_buffer_printf(
            out, err,
            "    {\"id\": \"%s\", \"weights\": {\"raw\": %.8g, \"normalised\": %.8g}, "
            "\"normalisation\": {\"mean\": %.17g, \"deviation\": %.17g}}%s\n",
            nonmated->model_ids[i], weights[0], weights[1], shares->mean_share,
            shares->deviation_share, i + 1 < nonmated->model_count ? "," : ""));
    }
    return imi_buffer_append_text(out, "  ],\n", err);
}

/* Group names are ours. */
static imi_status write_group_sizes(const imi_nonmated *nonmated, imi_buffer *out, imi_error *err)
{
    IMI_TRY(imi_buffer_append_text(out, "      \"groups\": {", err));
    for (size_t g = 0; g < nonmated->group_count; g++) {
        const imi_nonmated_group *group = &nonmated->groups[g];
        IMI_TRY(imi_buffer_printf(out, err,
                                  "%s\n        \"%s\": {\"references\": %llu, "
                                  "\"comparisons\": %llu}",
                                  g == 0 ? "" : ",", group->name,
                                  (unsigned long long)group->references,
                                  (unsigned long long)group->comparisons));
    }
    return imi_buffer_append_text(out, "\n      },\n", err);
}

/* Thresholds of falling rates, each with the upper limit of its rate: what the service calls a
 * rate is then no better than what imi_nonmated_threshold promises. */
static imi_status write_knots(const nonmated_table *table, imi_score_kind kind, double floor_rate,
                              imi_buffer *out, imi_error *err)
{
    size_t last = 0;
    IMI_TRY(imi_buffer_printf(out, err, "      \"knots\": [\n        [%.10g, 1]",
                              nonmated_edge(kind, 0)));
    for (int step = 1;; step++) {
        double rate = fmax(pow(10, -(double)step / KNOTS_PER_DECADE), floor_rate);
        size_t bin = nonmated_bin_for(table, kind, rate);
        if (bin >= NONMATED_BINS) {
            break;
        }
        if (bin > last) {
            IMI_TRY(imi_buffer_printf(out, err, ",\n        [%.10g, %.10g]",
                                      nonmated_edge(kind, bin), rate));
            last = bin;
        }
        if (rate <= floor_rate) {
            break;
        }
    }
    IMI_TRY(imi_buffer_append_text(out, "\n      ]\n", err));
    if (last == 0) {
        IMI_FAIL(err, IMI_E_CALIBRATION, "%llu comparisons are too few for a table of rates",
                 (unsigned long long)nonmated_total(table));
    }
    return IMI_OK;
}

static imi_status write_origin(const imi_nonmated *nonmated, imi_score_kind kind,
                               const char *calibration_id, imi_buffer *out, imi_error *err)
{
    bool cohort = kind == IMI_SCORE_NORMALISED;
    return imi_buffer_printf(out, err, "      \"origin\": {\"calibration_id\": \"%s\"%s%s%s},\n",
                             calibration_id, cohort ? ", \"cohort_id\": \"" : "",
                             cohort ? nonmated->cohort_id : "", cohort ? "\"" : "");
}

static imi_status write_table(const imi_nonmated *nonmated, imi_score_kind kind,
                              const char *calibration_id, imi_buffer *out, imi_error *err)
{
    const nonmated_table *table = nonmated_table_of(nonmated, kind, 0);
    /* A floor of 1 would mean that there is next to nothing; the loader wants less. */
    double floor_rate = fmin(nonmated_floor(table), 0.5);
    IMI_TRY(imi_buffer_printf(
        out, err, "    \"%s\": {\n      \"comparisons\": %llu,\n      \"fmr_floor\": %.10g,\n",
        imi_score_kind_name(kind), (unsigned long long)nonmated_total(table), floor_rate));
    IMI_TRY(write_group_sizes(nonmated, out, err));
    IMI_TRY(write_origin(nonmated, kind, calibration_id, out, err));
    IMI_TRY(write_knots(table, kind, floor_rate, out, err));
    return imi_buffer_append_text(out, "    }", err);
}

static imi_status write_tables(const imi_nonmated *nonmated, const char *calibration_id,
                               imi_buffer *out, imi_error *err)
{
    IMI_TRY(imi_buffer_append_text(out, "  \"tables\": {\n", err));
    for (size_t k = 0; k < IMI_SCORE_KINDS; k++) {
        if (nonmated_table_of(nonmated, kinds[k], 0) != NULL) {
            IMI_TRY(imi_buffer_append_text(out, k == 0 ? "" : ",\n", err));
            IMI_TRY(write_table(nonmated, kinds[k], calibration_id, out, err));
        }
    }
    return imi_buffer_append_text(out, "\n  },\n", err);
}

/* --- Measurement ------------------------------------------------------------------------- */

static imi_status write_histogram(const nonmated_table *table, imi_buffer *out, imi_error *err)
{
    size_t first = 0, end = NONMATED_BINS;
    while (first < NONMATED_BINS && table->above[first + 1] == table->above[0]) {
        first++;
    }
    while (end > first && table->above[end - 1] == 0) {
        end--;
    }
    IMI_TRY(
        imi_buffer_printf(out, err, "        \"first_bin\": %zu,\n        \"counts\": [", first));
    for (size_t bin = first; bin < end; bin++) {
        IMI_TRY(imi_buffer_printf(out, err, "%s%llu", bin == first ? "" : ",",
                                  (unsigned long long)(table->above[bin] - table->above[bin + 1])));
    }
    return imi_buffer_append_text(out, "],\n", err);
}

static imi_status write_levels(const nonmated_table *table, imi_buffer *out, imi_error *err)
{
    IMI_TRY(imi_buffer_append_text(out, "        \"levels\": [", err));
    for (size_t i = 0; i < table->level_count; i++) {
        const nonmated_level *level = &table->levels[i];
        IMI_TRY(imi_buffer_printf(out, err, "%s[%zu, %.17g, %.17g]", i == 0 ? "" : ", ", level->bin,
                                  level->rate, level->effect));
    }
    return imi_buffer_append_text(out, "],\n", err);
}

/* Rates with their intervals for people and reports; read takes them from the rest. */
static imi_status write_rates(const nonmated_table *table, imi_score_kind kind, imi_buffer *out,
                              imi_error *err)
{
    static const double targets[] = {1e-2, 1e-3, 1e-4, 1e-5, 1e-6};
    bool any = false;
    IMI_TRY(imi_buffer_append_text(out, "        \"rates\": [", err));
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        size_t bin = nonmated_bin_for(table, kind, targets[i]);
        if (targets[i] < nonmated_floor(table) || bin >= NONMATED_BINS) {
            continue;
        }
        imi_rate rate = nonmated_rate(table, kind, bin);
        IMI_TRY(imi_buffer_printf(
            out, err,
            "%s\n          {\"threshold\": %.10g, \"rate\": %.6g, \"low\": %.6g, \"high\": %.6g, "
            "\"events\": %llu, \"extrapolated\": %s, \"rate_with_suspects\": %.6g}",
            any ? "," : "", nonmated_edge(kind, bin), rate.rate, rate.low, rate.high,
            (unsigned long long)rate.events, rate.extrapolated ? "true" : "false",
            (double)table->above[bin] / (double)table->above[0]));
        any = true;
    }
    return imi_buffer_append_text(out, any ? "\n        ],\n" : "],\n", err);
}

static imi_status write_tail(const nonmated_table *table, imi_score_kind kind, imi_buffer *out,
                             imi_error *err)
{
    IMI_TRY(imi_buffer_printf(out, err, "        \"suspects_from\": %zu, \"suspects\": %llu",
                              table->suspects_from,
                              (unsigned long long)table->above[table->suspects_from]));
    if (table->tail.fitted) {
        IMI_TRY(imi_buffer_printf(
            out, err,
            ",\n        \"tail\": {\"from_bin\": %zu, \"from\": %.10g, \"shape\": %.6g, "
            "\"scale\": %.6g}",
            table->tail.from, nonmated_edge(kind, table->tail.from), table->tail.shape,
            table->tail.scale));
    }
    return imi_buffer_append_text(out, "\n      }", err);
}

static imi_status write_group_kind(const nonmated_table *table, imi_score_kind kind,
                                   imi_buffer *out, imi_error *err)
{
    IMI_TRY(imi_buffer_printf(out, err, ",\n      \"%s\": {\n", imi_score_kind_name(kind)));
    IMI_TRY(write_histogram(table, out, err));
    IMI_TRY(write_levels(table, out, err));
    IMI_TRY(write_rates(table, kind, out, err));
    return write_tail(table, kind, out, err);
}

static imi_status write_groups(const imi_nonmated *nonmated, imi_buffer *out, imi_error *err)
{
    IMI_TRY(imi_buffer_append_text(out, "    \"groups\": [\n", err));
    for (size_t g = 0; g < nonmated->group_count; g++) {
        const imi_nonmated_group *group = &nonmated->groups[g];
        IMI_TRY(imi_buffer_printf(out, err,
                                  "%s      {\"name\": \"%s\", \"references\": %llu, "
                                  "\"comparisons\": %llu",
                                  g == 0 ? "" : ",\n", group->name,
                                  (unsigned long long)group->references,
                                  (unsigned long long)group->comparisons));
        for (size_t k = 0; k < IMI_SCORE_KINDS; k++) {
            const nonmated_table *table = nonmated->tables[g][k];
            if (table != NULL) {
                IMI_TRY(write_group_kind(table, kinds[k], out, err));
            }
        }
        IMI_TRY(imi_buffer_append_text(out, "}", err));
    }
    return imi_buffer_append_text(out, "\n    ]\n", err);
}

static imi_status write_scales(imi_buffer *out, imi_error *err)
{
    for (size_t k = 0; k < IMI_SCORE_KINDS; k++) {
        nonmated_scale scale = nonmated_scale_of(kinds[k]);
        IMI_TRY(imi_buffer_printf(out, err, "    \"%s_bins\": [%.17g, %.17g, %d],\n",
                                  imi_score_kind_name(kinds[k]), scale.low, scale.width,
                                  NONMATED_BINS));
    }
    return IMI_OK;
}

static imi_status write_measurement(const imi_nonmated *nonmated, imi_buffer *out, imi_error *err)
{
    IMI_TRY(imi_buffer_printf(
        out, err,
        "  \"measurement\": {\n    \"references\": %llu,\n    \"subjects\": %llu,\n"
        "    \"pairs\": %llu,\n    \"cpu_seconds\": %.3f,\n    \"cohort_id\": \"%s\",\n"
        "    \"duplicate_fmr\": %.6g,\n    \"likely_duplicates\": %zu,\n",
        (unsigned long long)nonmated->references, (unsigned long long)nonmated->subjects,
        (unsigned long long)nonmated->pairs, nonmated->cpu_seconds, nonmated->cohort_id,
        nonmated->duplicate_fmr, nonmated->duplicate_count));
    IMI_TRY(write_scales(out, err));
    IMI_TRY(write_groups(nonmated, out, err));
    return imi_buffer_append_text(out, "  }\n}\n", err);
}

static imi_status write_head(const imi_nonmated *nonmated, const char *calibration_id,
                             int64_t made_ms, imi_buffer *out, imi_error *err)
{
    time_t seconds = (time_t)(made_ms / 1000);
    struct tm utc;
    char made_at[32];
    if (gmtime_r(&seconds, &utc) == NULL ||
        strftime(made_at, sizeof made_at, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the time of the measurement cannot be");
    }
    return imi_buffer_printf(
        out, err,
        "{\n  \"version\": \"%s\",\n  \"measured_on\": \"%llu of %llu non-mated comparisons of "
        "%llu enrolled references of %llu people; rates are upper 95 %% limits.\",\n"
        "  \"made_at\": \"%s\",\n",
        calibration_id, (unsigned long long)nonmated->groups[0].comparisons,
        (unsigned long long)nonmated->pairs, (unsigned long long)nonmated->references,
        (unsigned long long)nonmated->subjects, made_at);
}

static imi_status write_all(const imi_nonmated *nonmated, const char *calibration_id,
                            int64_t made_ms, imi_buffer *out, imi_error *err)
{
    IMI_TRY(write_head(nonmated, calibration_id, made_ms, out, err));
    IMI_TRY(write_models(nonmated, out, err));
    IMI_TRY(write_tables(nonmated, calibration_id, out, err));
    return write_measurement(nonmated, out, err);
}

imi_status imi_nonmated_write(const imi_nonmated *nonmated, const char *calibration_id,
                              int64_t made_ms, imi_buffer *json_out, imi_error *err)
{
    bool plain = calibration_id[0] != '\0' && is_plain(calibration_id);
    for (size_t i = 0; i < nonmated->model_count; i++) {
        plain = plain && is_plain(nonmated->model_ids[i]);
    }
    if (!plain) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a calibration needs an identifier of plain text");
    }
    IMI_AUTO_BUFFER made = IMI_BUFFER_INIT;
    IMI_TRY(write_all(nonmated, calibration_id, made_ms, &made, err));
    return imi_buffer_append(json_out, imi_buffer_view(&made), err);
}
