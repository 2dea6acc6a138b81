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
#include "cohort.h"
#include "csv.h"
#include "gather.h"
#include "imi/kernel.h"
#include "knots.h"
#include "table.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { GROUPS_MAX = 64, KNOTS_MAX = 1000, COLUMNS = 5, TABLE_BYTES_MAX = 4 << 20 };
enum { SET = 0, SUBJECT = 1, FILE_NAME = 2, EAST_ASIAN = 3, LIVENESS = 4 };

typedef struct calibrate_options {
    eval_arguments common;
    const char *manifest, *out, *weights, *version;
    const char *cohort, *cohort_root, *normalised_weights, *normalisation;
} calibrate_options;

/* Different pairs of people from which a part counts: one set may hold few people, some of them
 * related or entered twice, who match again and again. */
enum { SET_PAIRS_MIN = 10, WITHIN_SETS_PAIRS_MIN = 2 };

/* Which comparisons of a demographic group make up a group or part. */
typedef struct group_key {
    bool east_asian;
    bool within_sets; /* of two photos of the same set only */
    const char *set; /* of this set only; NULL: of all */
} group_key;

typedef struct calibration {
    const calibrate_options *options;
    eval_csv manifest;
    size_t columns[COLUMNS];
    eval_names sets;
    size_t people_count;
    uint32_t *person_of; /* one a row of the manifest */
    eval_sample *samples; /* one a row of the manifest */
    const imi_template *like; /* any of the templates: says which models there are */
    double weights[IMI_SCORE_KINDS][IMI_TEMPLATE_VECTORS_MAX];
    imi_normalisation shares[IMI_TEMPLATE_VECTORS_MAX];
    /* Of the kind of score that is being measured. */
    imi_score_kind kind;
    const eval_cohort *cohort; /* of normalised scores */
    group_key keys[GROUPS_MAX];
    eval_group groups[GROUPS_MAX];
    size_t group_count;
} calibration;

static double *weights_of(calibration *self, imi_score_kind kind)
{
    return self->weights[kind - IMI_SCORE_RAW];
}

static const char *cell(const calibration *self, size_t row, int column)
{
    return eval_csv_cell(&self->manifest, row, self->columns[column]);
}

static bool is_east_asian(const calibration *self, size_t row)
{
    return strcmp(cell(self, row, EAST_ASIAN), "1") == 0;
}

static bool is_in_group(const calibration *self, size_t row, const group_key *key)
{
    return self->samples[row].face_template.count > 0 &&
           is_east_asian(self, row) == key->east_asian &&
           (key->set == NULL || strcmp(cell(self, row, SET), key->set) == 0);
}

static bool is_non_mated(const calibration *self, size_t a, size_t b)
{
    return strcmp(cell(self, a, SUBJECT), cell(self, b, SUBJECT)) != 0 ||
           strcmp(cell(self, a, SET), cell(self, b, SET)) != 0;
}

static float cosine(const calibration *self, size_t a, size_t b, uint32_t model)
{
    const imi_template_vector *u = &self->samples[a].face_template.vectors[model];
    const imi_template_vector *v = &self->samples[b].face_template.vectors[model];
    return imi_dot_f32(u->values, v->values, u->dim);
}

/* The first sample that has a template says which models there are. */
static const imi_template *any_template(const calibration *self)
{
    for (size_t i = 0; i < self->manifest.rows; i++) {
        if (self->samples[i].face_template.count > 0) {
            return &self->samples[i].face_template;
        }
    }
    return NULL;
}

/* Standard deviation of a model's non-mated cosines within demographic groups. */
static double non_mated_deviation(const calibration *self, uint32_t model)
{
    double sum = 0;
    double square = 0;
    double count = 0;
    for (int ea = 0; ea < 2; ea++) {
        group_key key = {ea == 1, false, NULL};
        for (size_t a = 0; a < self->manifest.rows; a++) {
            for (size_t b = is_in_group(self, a, &key) ? 0 : a; b < a; b++) {
                if (is_in_group(self, b, &key) && is_non_mated(self, a, b)) {
                    double value = cosine(self, a, b, model);
                    sum += value;
                    square += value * value;
                    count++;
                }
            }
        }
    }
    return count > 0 ? sqrt(square / count - (sum / count) * (sum / count)) : NAN;
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
static imi_status choose_weights(calibration *self, imi_error *err)
{
    uint32_t count = self->like->count;
    double *raw = weights_of(self, IMI_SCORE_RAW);
    double *normalised = weights_of(self, IMI_SCORE_NORMALISED);
    IMI_TRY(parse_weights("--weights", self->options->weights, raw, count, err));
    IMI_TRY(parse_weights("--normalised-weights", self->options->normalised_weights, normalised,
                          count, err));
    IMI_TRY(parse_shares(self->options->normalisation, self->shares, count, err));
    for (uint32_t i = 0; i < count; i++) {
        raw[i] /= non_mated_deviation(self, i);
    }
    IMI_TRY(normalise_weights(raw, count, err));
    return normalise_weights(normalised, count, err);
}

static imi_status score(const calibration *self, size_t a, size_t b, float *out, imi_error *err)
{
    if (self->kind == IMI_SCORE_NORMALISED) {
        imi_comparison made;
        IMI_TRY(eval_cohort_compare(self->cohort, a, b, &made, err));
        *out = made.similarity;
        return IMI_OK;
    }
    *out = 0;
    for (uint32_t i = 0; i < self->like->count; i++) {
        *out += (float)self->weights[0][i] * cosine(self, a, b, i);
    }
    return IMI_OK;
}

/* Whether the comparison of two rows, the first of which is in the group, belongs to it. */
static bool is_compared(const calibration *self, size_t a, size_t b, const group_key *key)
{
    bool same_set = strcmp(cell(self, a, SET), cell(self, b, SET)) == 0;
    return is_in_group(self, b, key) && is_non_mated(self, a, b) && (same_set || !key->within_sets);
}

/* Names two people whichever comes first; a 32-bit product of numbers below 2^16. */
static uint32_t people_of(const calibration *self, size_t a, size_t b)
{
    uint32_t first = self->person_of[a];
    uint32_t second = self->person_of[b];
    return first < second ? second * (uint32_t)self->people_count + first
                          : first * (uint32_t)self->people_count + second;
}

/* Comparisons of a group; called once to count (values NULL) and once to fill. */
static imi_status compare_group(const calibration *self, const group_key *key,
                                eval_non_mated *values, size_t *count_out, imi_error *err)
{
    size_t count = 0;
    for (size_t a = 0; a < self->manifest.rows; a++) {
        for (size_t b = is_in_group(self, a, key) ? 0 : a; b < a; b++) {
            if (!is_compared(self, a, b, key)) {
                continue;
            }
            if (values != NULL) {
                values[count].people = people_of(self, a, b);
                IMI_TRY(score(self, a, b, &values[count].similarity, err));
            }
            count++;
        }
    }
    *count_out = count;
    return IMI_OK;
}

static imi_status add_group(calibration *self, const group_key *key, imi_error *err)
{
    size_t count = 0;
    IMI_TRY(compare_group(self, key, NULL, &count, err));
    if (count == 0) {
        return IMI_OK;
    }
    if (self->group_count == GROUPS_MAX) {
        IMI_FAIL(err, IMI_E_OVERFLOW, "more than %d groups", GROUPS_MAX);
    }
    size_t pairs_min = key->set != NULL ? SET_PAIRS_MIN : WITHIN_SETS_PAIRS_MIN;
    eval_group group = {key->within_sets, pairs_min,
                        imi_alloc_array(count, sizeof *group.comparisons), count};
    if (group.comparisons == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu comparisons", count);
    }
    self->keys[self->group_count] = *key;
    self->groups[self->group_count++] = group;
    IMI_TRY(compare_group(self, key, group.comparisons, &count, err));
    eval_group_sort(&group);
    return IMI_OK;
}

static void clear_groups(calibration *self)
{
    for (size_t i = 0; i < self->group_count; i++) {
        imi_free(self->groups[i].comparisons);
    }
    self->group_count = 0;
}

static imi_status add_groups(calibration *self, imi_error *err)
{
    clear_groups(self);
    for (int ea = 0; ea < 2; ea++) {
        IMI_TRY(add_group(self, &(group_key){ea == 1, false, NULL}, err));
        IMI_TRY(add_group(self, &(group_key){ea == 1, true, NULL}, err));
        for (size_t s = 0; s < self->sets.count; s++) {
            group_key key = {ea == 1, true, self->sets.names[s]};
            IMI_TRY(add_group(self, &key, err));
        }
    }
    return IMI_OK;
}

static json_t *models_json(const calibration *self)
{
    json_t *models = json_array();
    for (uint32_t i = 0; i < self->like->count; i++) {
        json_array_append_new(models,
                              json_pack("{s:s, s:{s:f, s:f}, s:{s:f, s:f}}", "id",
                                        self->like->vectors[i].model_id, "weights", "raw",
                                        self->weights[0][i], "normalised", self->weights[1][i],
                                        "normalisation", "mean", self->shares[i].mean_share,
                                        "deviation", self->shares[i].deviation_share));
    }
    return models;
}

static json_t *groups_json(const calibration *self)
{
    json_t *groups = json_object();
    for (size_t i = 0; i < self->group_count; i++) {
        const group_key *key = &self->keys[i];
        size_t images = 0;
        for (size_t row = 0; row < self->manifest.rows; row++) {
            images += is_in_group(self, row, key) ? 1 : 0;
        }
        char name[128];
        snprintf(name, sizeof name, "%s%s%s", key->east_asian ? "east_asian" : "other",
                 key->set != NULL ? "/" : "",
                 key->set != NULL ? key->set : (key->within_sets ? " within sets" : ""));
        json_object_set_new(groups, name,
                            json_pack("{s:I, s:I}", "images", (json_int_t)images, "comparisons",
                                      (json_int_t)self->groups[i].count));
    }
    return groups;
}

static json_t *knots_json(const eval_knot *knots, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(list, json_pack("[f, f]", knots[i].similarity, knots[i].fmr));
    }
    return list;
}

static void describe(const calibration *self, char *out, size_t capacity)
{
    size_t used = (size_t)snprintf(out, capacity, "Non-mated comparisons of photos in");
    for (size_t s = 0; s < self->sets.count && used < capacity; s++) {
        used += (size_t)snprintf(out + used, capacity - used, "%s %s", s == 0 ? "" : ",",
                                 self->sets.names[s]);
    }
    if (used < capacity) {
        snprintf(out + used, capacity - used,
                 "; at each similarity the highest rate of any demographic group. A deployment "
                 "must calibrate on its own population.");
    }
}

/* A table of the kind of score whose groups were measured. */
static json_t *table_json(const calibration *self, const eval_knot *knots, size_t knot_count)
{
    size_t comparisons = 0;
    for (size_t i = 0; i < self->group_count; i++) {
        comparisons += self->groups[i].is_part ? 0 : self->groups[i].count;
    }
    return json_pack("{s:I, s:f, s:o, s:o}", "comparisons", (json_int_t)comparisons, "fmr_floor",
                     knots[knot_count - 1].fmr, "groups", groups_json(self), "knots",
                     knots_json(knots, knot_count));
}

/* The whole file, with the tables there are. */
static json_t *file_json(const calibration *self, json_t *tables)
{
    time_t now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    char made_at[32];
    char version[32];
    char measured_on[1024];
    strftime(made_at, sizeof made_at, "%Y-%m-%dT%H:%M:%SZ", &utc);
    strftime(version, sizeof version, "%Y-%m-%d.1", &utc);
    describe(self, measured_on, sizeof measured_on);
    return json_pack("{s:s, s:s, s:s, s:o, s:O}", "version",
                     self->options->version == NULL ? version : self->options->version,
                     "measured_on", measured_on, "made_at", made_at, "models", models_json(self),
                     "tables", tables);
}

static imi_status append_file(const calibration *self, json_t *tables, imi_buffer *out,
                              imi_error *err)
{
    json_t *file = file_json(self, tables);
    char *text = json_dumps(file, JSON_INDENT(2) | JSON_REAL_PRECISION(8));
    json_decref(file);
    if (text == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for the table");
    }
    imi_status status = imi_buffer_printf(out, err, "%s\n", text);
    /* jansson's own block. */
    json_free_t release = NULL;
    json_malloc_t unused = NULL;
    json_get_alloc_funcs(&unused, &release);
    release(text);
    return status;
}

/* Measure one kind of score into a table. */
static imi_status add_table(calibration *self, imi_score_kind kind, json_t *tables, imi_error *err)
{
    self->kind = kind;
    IMI_TRY(add_groups(self, err));
    double lowest = -1;
    for (size_t i = 0; kind == IMI_SCORE_NORMALISED && i < self->group_count; i++) {
        lowest = fmin(lowest, self->groups[i].comparisons[self->groups[i].count - 1].similarity);
    }
    eval_knot knots[KNOTS_MAX];
    size_t count = 0;
    IMI_TRY(
        eval_make_knots(self->groups, self->group_count, lowest, knots, KNOTS_MAX, &count, err));
    json_object_set_new(tables, imi_score_kind_name(kind), table_json(self, knots, count));
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
static imi_status add_normalised_table(calibration *self, json_t *tables, imi_error *err)
{
    IMI_AUTO_BUFFER so_far = IMI_BUFFER_INIT;
    IMI_AUTO(imi_scorer) scorer = NULL;
    IMI_TRY(append_file(self, tables, &so_far, err));
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

static imi_status add_tables(calibration *self, json_t *tables, imi_error *err)
{
    self->like = any_template(self);
    if (self->like == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "no image gave a template");
    }
    IMI_TRY(choose_weights(self, err));
    IMI_TRY(add_table(self, IMI_SCORE_RAW, tables, err));
    return self->options->cohort == NULL ? IMI_OK : add_normalised_table(self, tables, err);
}

static imi_status make_file(calibration *self, json_t *tables, imi_error *err)
{
    IMI_TRY(add_tables(self, tables, err));
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    IMI_TRY(append_file(self, tables, &out, err));
    IMI_TRY(imi_file_write(self->options->out, imi_buffer_view(&out), 0644, err));
    /* What was written must load: a table that the server refuses helps nobody. */
    IMI_AUTO(imi_scorer) check = NULL;
    return imi_scorer_load(self->options->out, &check, err);
}

/* Attack presentations are not photos of anybody: leave them without a template. */
static imi_status gather_bona_fide(calibration *self, imi_error *err)
{
    size_t rows = self->manifest.rows;
    self->samples = imi_alloc_array(rows, sizeof *self->samples);
    if (self->samples == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu templates", rows);
    }
    for (size_t i = 0; i < rows; i++) {
        self->samples[i].file = cell(self, i, FILE_NAME);
    }
    const eval_arguments *common = &self->options->common;
    eval_gather_options gather = {common->root, common->models, common->jobs, false};
    IMI_TRY(eval_gather(&gather, self->samples, rows, err));
    for (size_t i = 0; i < rows; i++) {
        if (strncmp(cell(self, i, LIVENESS), "spoof", 5) == 0) {
            imi_template_wipe(&self->samples[i].face_template);
        }
    }
    return IMI_OK;
}

static imi_status number_people(calibration *self, char **texts, imi_error *err)
{
    size_t rows = self->manifest.rows;
    for (size_t i = 0; i < rows; i++) {
        IMI_AUTO_BUFFER name = IMI_BUFFER_INIT;
        IMI_TRY(imi_buffer_printf(&name, err, "%s/%s", cell(self, i, SET), cell(self, i, SUBJECT)));
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

static imi_status find_people(calibration *self, imi_error *err)
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

static imi_status find_sets(calibration *self, imi_error *err)
{
    size_t rows = self->manifest.rows;
    const char **sets = imi_alloc_array(rows, sizeof *sets);
    if (sets == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu images", rows);
    }
    for (size_t i = 0; i < rows; i++) {
        sets[i] = cell(self, i, SET);
    }
    imi_status status = eval_names_init(&self->sets, sets, rows, err);
    imi_free(sets);
    return status;
}

static imi_status load_manifest(calibration *self, imi_error *err)
{
    static const char *const names[COLUMNS] = {"set", "subject", "file", "ea", "liveness"};
    IMI_TRY(eval_csv_load(self->options->manifest, &self->manifest, err));
    for (int i = 0; i < COLUMNS; i++) {
        IMI_TRY(eval_csv_column(&self->manifest, names[i], &self->columns[i], err));
    }
    IMI_TRY(find_sets(self, err));
    return find_people(self, err);
}

static imi_status calibrate(calibration *self, imi_error *err)
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

static void clean_up(calibration *self)
{
    clear_groups(self);
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
    calibration self = {.options = &options, .manifest = EVAL_CSV_INIT};
    imi_error error = IMI_ERROR_INIT;
    imi_status status = calibrate(&self, &error);
    clean_up(&self);
    if (status == IMI_OK && options.common.json) {
        status = print_table(options.out, &error);
    }
    return status == IMI_OK ? IMI_EXIT_SUCCESS : imi_cli_fail(&spec, &error);
}
