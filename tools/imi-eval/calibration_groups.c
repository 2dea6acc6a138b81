#include "calibration.h"

#include "imi/kernel.h"

#include <math.h>
#include <string.h>

/* Different pairs of people from which a part counts: one set may hold few people, some of them
 * related or entered twice, who match again and again. */
enum { SET_PAIRS_MIN = 10, WITHIN_SETS_PAIRS_MIN = 2 };

const char *eval_calibration_cell(const eval_calibration *self, size_t row, int column)
{
    return eval_csv_cell(&self->manifest, row, self->columns[column]);
}

static bool is_east_asian(const eval_calibration *self, size_t row)
{
    return strcmp(eval_calibration_cell(self, row, EVAL_MANIFEST_EAST_ASIAN), "1") == 0;
}

bool eval_calibration_in_group(const eval_calibration *self, size_t row, const eval_group_key *key)
{
    return self->samples[row].face_template.count > 0 &&
           is_east_asian(self, row) == key->east_asian &&
           (key->set == NULL ||
            strcmp(eval_calibration_cell(self, row, EVAL_MANIFEST_SET), key->set) == 0);
}

static bool is_non_mated(const eval_calibration *self, size_t a, size_t b)
{
    return strcmp(eval_calibration_cell(self, a, EVAL_MANIFEST_SUBJECT),
                  eval_calibration_cell(self, b, EVAL_MANIFEST_SUBJECT)) != 0 ||
           strcmp(eval_calibration_cell(self, a, EVAL_MANIFEST_SET),
                  eval_calibration_cell(self, b, EVAL_MANIFEST_SET)) != 0;
}

static float cosine(const eval_calibration *self, size_t a, size_t b, uint32_t model)
{
    const imi_template_vector *u = &self->samples[a].face_template.vectors[model];
    const imi_template_vector *v = &self->samples[b].face_template.vectors[model];
    return imi_dot_f32(u->values, v->values, u->dim);
}

/* Standard deviation of a model's non-mated cosines within demographic groups. */
double eval_calibration_deviation(const eval_calibration *self, uint32_t model)
{
    double sum = 0;
    double square = 0;
    double count = 0;
    for (int ea = 0; ea < 2; ea++) {
        eval_group_key key = {ea == 1, false, NULL};
        for (size_t a = 0; a < self->manifest.rows; a++) {
            for (size_t b = eval_calibration_in_group(self, a, &key) ? 0 : a; b < a; b++) {
                if (eval_calibration_in_group(self, b, &key) && is_non_mated(self, a, b)) {
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

static imi_status score(const eval_calibration *self, size_t a, size_t b, float *out,
                        imi_error *err)
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
static bool is_compared(const eval_calibration *self, size_t a, size_t b, const eval_group_key *key)
{
    bool same_set = strcmp(eval_calibration_cell(self, a, EVAL_MANIFEST_SET),
                           eval_calibration_cell(self, b, EVAL_MANIFEST_SET)) == 0;
    return eval_calibration_in_group(self, b, key) && is_non_mated(self, a, b) &&
           (same_set || !key->within_sets);
}

/* Names two people whichever comes first; a 32-bit product of numbers below 2^16. */
static uint32_t people_of(const eval_calibration *self, size_t a, size_t b)
{
    uint32_t first = self->person_of[a];
    uint32_t second = self->person_of[b];
    return first < second ? second * (uint32_t)self->people_count + first
                          : first * (uint32_t)self->people_count + second;
}

/* Comparisons of a group; called once to count (values NULL) and once to fill. */
static imi_status compare_group(const eval_calibration *self, const eval_group_key *key,
                                eval_non_mated *values, size_t *count_out, imi_error *err)
{
    size_t count = 0;
    for (size_t a = 0; a < self->manifest.rows; a++) {
        for (size_t b = eval_calibration_in_group(self, a, key) ? 0 : a; b < a; b++) {
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

static imi_status add_group(eval_calibration *self, const eval_group_key *key, imi_error *err)
{
    size_t count = 0;
    IMI_TRY(compare_group(self, key, NULL, &count, err));
    if (count == 0) {
        return IMI_OK;
    }
    if (self->group_count == EVAL_CALIBRATION_GROUPS_MAX) {
        IMI_FAIL(err, IMI_E_OVERFLOW, "more than %d groups", EVAL_CALIBRATION_GROUPS_MAX);
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

void eval_calibration_clear_groups(eval_calibration *self)
{
    for (size_t i = 0; i < self->group_count; i++) {
        imi_free(self->groups[i].comparisons);
    }
    self->group_count = 0;
}

imi_status eval_calibration_add_groups(eval_calibration *self, imi_error *err)
{
    eval_calibration_clear_groups(self);
    for (int ea = 0; ea < 2; ea++) {
        IMI_TRY(add_group(self, &(eval_group_key){ea == 1, false, NULL}, err));
        IMI_TRY(add_group(self, &(eval_group_key){ea == 1, true, NULL}, err));
        for (size_t s = 0; s < self->sets.count; s++) {
            eval_group_key key = {ea == 1, true, self->sets.names[s]};
            IMI_TRY(add_group(self, &key, err));
        }
    }
    return IMI_OK;
}
