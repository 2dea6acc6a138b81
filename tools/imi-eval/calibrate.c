/*
 * Makes the tables from similarity to false match rate out of labelled photos: one of raw scores,
 * and with a cohort one of normalised scores.
 *
 * Every photo is compared with every photo of another subject of the same demographic group.
 * At each similarity the table states the highest rate of any group, since a rate that is right
 * on average is wrong for somebody. Two kinds of parts count on their own as well: comparisons
 * within sets, as photos of two sets differ by more than the person and so match less often
 * than a deployment's would; and each set alone.
 *
 * A cohort may consist of the very people who are compared: both subjects of a comparison are
 * left out of it, each time.
 */
#include "commands.h"

#include "arguments.h"
#include "calibration.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { KNOTS_MAX = 1000, TABLE_BYTES_MAX = 4 << 20 };

typedef struct calibrate_options {
    eval_arguments common;
    const char *manifest, *out, *weights, *version;
    const char *cohort, *cohort_root, *normalised_weights, *normalisation;
} calibrate_options;

static double *weights_of(eval_calibration *self, imi_score_kind kind)
{
    return self->weights[kind - IMI_SCORE_RAW];
}

/* The first sample that has a template says which models there are. */
static const imi_template *any_template(const eval_calibration *self)
{
    for (size_t i = 0; i < self->manifest.rows; i++) {
        if (self->samples[i].face_template.count > 0) {
            return &self->samples[i].face_template;
        }
    }
    return NULL;
}

/* "1,0.5": one positive number a model, in the order of the templates. */
static imi_status parse_weights(const char *option, const char *text, double *out, uint32_t count,
                                imi_error *err)
{
    for (uint32_t i = 0; i < count; i++) {
        int used = 0;
        if (sscanf(text, "%lf%n", &out[i], &used) != 1 || !(out[i] > 0 && isfinite(out[i]))) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s needs %u positive numbers", option, count);
        }
        text += used;
        text += *text == ',' ? 1 : 0;
    }
    if (*text != '\0') {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s has more than %u numbers", option, count);
    }
    return IMI_OK;
}

/* "0.8:0.5,0.8:0.5": shares of mean and deviation, a model each. */
static imi_status parse_shares(const char *text, imi_normalisation *out, uint32_t count,
                               imi_error *err)
{
    for (uint32_t i = 0; i < count; i++) {
        int used = 0;
        if (sscanf(text, "%lf:%lf%n", &out[i].mean_share, &out[i].deviation_share, &used) != 2) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "--normalisation needs %u pairs of numbers",
                     count);
        }
        text += used;
        text += *text == ',' ? 1 : 0;
    }
    if (*text != '\0') {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "--normalisation has more than %u pairs", count);
    }
    return IMI_OK;
}

/* Four digits, summing to 1. */
static imi_status normalise_weights(double *weights, uint32_t count, imi_error *err)
{
    double sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        sum += weights[i];
    }
    if (!(sum > 0 && isfinite(sum))) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "there are no non-mated comparisons");
    }
    double left = 1;
    for (uint32_t i = 0; i < count; i++) {
        weights[i] = i + 1 == count ? left : round(weights[i] / sum * 1e4) / 1e4;
        left -= weights[i];
    }
    return IMI_OK;
}

/*
 * Raw: weights for cosines that weigh z-normalised scores as asked for: a z-norm by fixed numbers
 * is linear, so its offset drops out and its scale goes into the weight. Normalised scores of all
 * models have one scale already.
 */
static imi_status choose_weights(eval_calibration *self, imi_error *err)
{
    uint32_t count = self->like->count;
    double *raw = weights_of(self, IMI_SCORE_RAW);
    double *normalised = weights_of(self, IMI_SCORE_NORMALISED);
    IMI_TRY(parse_weights("--weights", self->options->weights, raw, count, err));
    IMI_TRY(parse_weights("--normalised-weights", self->options->normalised_weights, normalised,
                          count, err));
    IMI_TRY(parse_shares(self->options->normalisation, self->shares, count, err));
    for (uint32_t i = 0; i < count; i++) {
        raw[i] /= eval_calibration_deviation(self, i);
    }
    IMI_TRY(normalise_weights(raw, count, err));
    return normalise_weights(normalised, count, err);
}

/* Measure one kind of score into a table. */
static imi_status add_table(eval_calibration *self, imi_score_kind kind, json_t *tables,
                            imi_error *err)
{
    self->kind = kind;
    IMI_TRY(eval_calibration_add_groups(self, err));
    double lowest = -1;
    for (size_t i = 0; kind == IMI_SCORE_NORMALISED && i < self->group_count; i++) {
        lowest = fmin(lowest, self->groups[i].comparisons[self->groups[i].count - 1].similarity);
    }
    eval_knot knots[KNOTS_MAX];
    size_t count = 0;
    IMI_TRY(
        eval_make_knots(self->groups, self->group_count, lowest, knots, KNOTS_MAX, &count, err));
    json_object_set_new(tables, imi_score_kind_name(kind),
                        eval_calibration_table(self, knots, count));
    return IMI_OK;
}

static eval_cohort_options cohort_options(const calibrate_options *options)
{
    const eval_arguments *common = &options->common;
    return (eval_cohort_options){options->cohort,
                                 options->cohort_root == NULL ? common->root : options->cohort_root,
                                 {common->root, common->models, common->jobs, false}};
}

/* Weights and shares as they will be read are part of a normalised score, so the file so far is
 * what it is measured with. */
static imi_status add_normalised_table(eval_calibration *self, json_t *tables, imi_error *err)
{
    IMI_AUTO_BUFFER so_far = IMI_BUFFER_INIT;
    IMI_AUTO(imi_scorer) scorer = NULL;
    IMI_TRY(eval_calibration_append(self, tables, &so_far, err));
    IMI_TRY(imi_scorer_parse(imi_buffer_view(&so_far), &scorer, err));
    eval_cohort_options from = cohort_options(self->options);
    eval_cohort cohort;
    IMI_TRY(eval_cohort_load(&from, scorer, self->samples, self->manifest.rows, &cohort, err));
    self->cohort = &cohort;
    imi_status status = add_table(self, IMI_SCORE_NORMALISED, tables, err);
    self->cohort = NULL;
    eval_cohort_clean_up(&cohort);
    return status;
}

static imi_status add_tables(eval_calibration *self, json_t *tables, imi_error *err)
{
    self->like = any_template(self);
    if (self->like == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "no image gave a template");
    }
    IMI_TRY(choose_weights(self, err));
    IMI_TRY(add_table(self, IMI_SCORE_RAW, tables, err));
    return self->options->cohort == NULL ? IMI_OK : add_normalised_table(self, tables, err);
}

static imi_status make_file(eval_calibration *self, json_t *tables, imi_error *err)
{
    IMI_TRY(add_tables(self, tables, err));
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    IMI_TRY(eval_calibration_append(self, tables, &out, err));
    IMI_TRY(imi_file_write(self->options->out, imi_buffer_view(&out), 0644, err));
    /* What was written must load: a table that the server refuses helps nobody. */
    IMI_AUTO(imi_scorer) check = NULL;
    return imi_scorer_load(self->options->out, &check, err);
}

/* Attack presentations are not photos of anybody: leave them without a template. */
static imi_status gather_bona_fide(eval_calibration *self, imi_error *err)
{
    size_t rows = self->manifest.rows;
    self->samples = imi_alloc_array(rows, sizeof *self->samples);
    if (self->samples == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu templates", rows);
    }
    for (size_t i = 0; i < rows; i++) {
        self->samples[i].file = eval_calibration_cell(self, i, EVAL_MANIFEST_FILE);
    }
    const eval_arguments *common = &self->options->common;
    eval_gather_options gather = {common->root, common->models, common->jobs, false};
    IMI_TRY(eval_gather(&gather, self->samples, rows, err));
    for (size_t i = 0; i < rows; i++) {
        if (strncmp(eval_calibration_cell(self, i, EVAL_MANIFEST_LIVENESS), "spoof", 5) == 0) {
            imi_template_wipe(&self->samples[i].face_template);
        }
    }
    return IMI_OK;
}

static imi_status number_people(eval_calibration *self, char **texts, imi_error *err)
{
    size_t rows = self->manifest.rows;
    for (size_t i = 0; i < rows; i++) {
        IMI_AUTO_BUFFER name = IMI_BUFFER_INIT;
        IMI_TRY(imi_buffer_printf(&name, err, "%s/%s",
                                  eval_calibration_cell(self, i, EVAL_MANIFEST_SET),
                                  eval_calibration_cell(self, i, EVAL_MANIFEST_SUBJECT)));
        IMI_TRY(imi_buffer_terminate(&name, err));
        texts[i] = imi_strdup((const char *)name.data);
        if (texts[i] == NULL) {
            IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu images", rows);
        }
    }
    eval_names people;
    IMI_TRY(eval_names_init(&people, (const char *const *)texts, rows, err));
    for (size_t i = 0; i < rows; i++) {
        self->person_of[i] = (uint32_t)eval_names_index(&people, texts[i]);
    }
    self->people_count = people.count;
    eval_names_clean_up(&people);
    if (self->people_count > UINT16_MAX) {
        IMI_FAIL(err, IMI_E_OVERFLOW, "more than %d people", UINT16_MAX);
    }
    return IMI_OK;
}

static imi_status find_people(eval_calibration *self, imi_error *err)
{
    size_t rows = self->manifest.rows;
    self->person_of = imi_alloc_array(rows, sizeof *self->person_of);
    char **texts = imi_alloc_array(rows, sizeof *texts);
    imi_status status = IMI_E_NO_MEMORY;
    if (self->person_of != NULL && texts != NULL) {
        status = number_people(self, texts, err);
    }
    for (size_t i = 0; texts != NULL && i < rows; i++) {
        imi_free(texts[i]);
    }
    imi_free(texts);
    return status;
}

static imi_status find_sets(eval_calibration *self, imi_error *err)
{
    size_t rows = self->manifest.rows;
    const char **sets = imi_alloc_array(rows, sizeof *sets);
    if (sets == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu images", rows);
    }
    for (size_t i = 0; i < rows; i++) {
        sets[i] = eval_calibration_cell(self, i, EVAL_MANIFEST_SET);
    }
    imi_status status = eval_names_init(&self->sets, sets, rows, err);
    imi_free(sets);
    return status;
}

static imi_status load_manifest(eval_calibration *self, imi_error *err)
{
    static const char *const names[EVAL_MANIFEST_COLUMNS] = {"set", "subject", "file", "ea",
                                                             "liveness"};
    IMI_TRY(eval_csv_load(self->options->manifest, &self->manifest, err));
    for (int i = 0; i < EVAL_MANIFEST_COLUMNS; i++) {
        IMI_TRY(eval_csv_column(&self->manifest, names[i], &self->columns[i], err));
    }
    IMI_TRY(find_sets(self, err));
    return find_people(self, err);
}

static imi_status calibrate(eval_calibration *self, imi_error *err)
{
    IMI_TRY(load_manifest(self, err));
    eval_cohort_options cohort = cohort_options(self->options);
    if (cohort.manifest != NULL) {
        IMI_TRY(eval_cohort_check(&cohort, err));
    }
    IMI_TRY(gather_bona_fide(self, err));
    json_t *tables = json_object();
    imi_status status = make_file(self, tables, err);
    json_decref(tables);
    return status;
}

static void clean_up(eval_calibration *self)
{
    eval_calibration_clear_groups(self);
    if (self->samples != NULL) {
        imi_wipe(self->samples, self->manifest.rows * sizeof *self->samples);
    }
    imi_free(self->samples);
    imi_free(self->person_of);
    eval_names_clean_up(&self->sets);
    eval_csv_clean_up(&self->manifest);
}

/* The table is JSON and all there is to tell. */
static imi_status print_table(const char *path, imi_error *err)
{
    IMI_AUTO_BUFFER table = IMI_BUFFER_INIT;
    IMI_TRY(imi_file_read(path, TABLE_BYTES_MAX, &table, err));
    fwrite(table.data, 1, table.size, stdout);
    return IMI_OK;
}

int eval_calibrate_main(int count, char **arguments)
{
    calibrate_options options = {
        .weights = "1,0.5", .normalised_weights = "1,0.5", .normalisation = "0.8:0.5,0.8:0.5"};
    const imi_cli_option specs[] = {
        EVAL_COMMON_OPTIONS(&options.common),
        {"--manifest", &options.manifest, NULL, true, "FILE", "images: set,subject,file,...,ea"},
        {"--out", &options.out, NULL, true, "FILE", "the table is written here"},
        {"--weights", &options.weights, NULL, false, "A,B", "of z-normalised scores, a model each"},
        {"--cohort", &options.cohort, NULL, false, "FILE",
         "people to normalise by: set,subject,file,liveness"},
        {"--cohort-root", &options.cohort_root, NULL, false, "DIR", "of their images [--root]"},
        {"--normalised-weights", &options.normalised_weights, NULL, false, "A,B",
         "of normalised scores, a model each [1,0.5]"},
        {"--normalisation", &options.normalisation, NULL, false, "M:D,M:D",
         "shares of mean and deviation, a model each [0.8:0.5,0.8:0.5]"},
        {"--version", &options.version, NULL, false, "TEXT", "the table's version; date if absent"},
    };
    const imi_cli_spec spec = {"imi-eval calibrate", "", 0, specs, sizeof specs / sizeof specs[0]};
    int code = eval_arguments_read(&spec, count, arguments, &options.common);
    if (code != IMI_EXIT_SUCCESS || options.common.help) {
        return code;
    }
    eval_calibration self = {
        .options = &options, .version = options.version, .manifest = EVAL_CSV_INIT};
    imi_error error = IMI_ERROR_INIT;
    imi_status status = calibrate(&self, &error);
    clean_up(&self);
    if (status == IMI_OK && options.common.json) {
        status = print_table(options.out, &error);
    }
    return status == IMI_OK ? IMI_EXIT_SUCCESS : imi_cli_fail(&spec, &error);
}
