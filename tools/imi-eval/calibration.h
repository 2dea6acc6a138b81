/**
 * One run of `imi-eval calibrate`: labelled photos, their comparisons by group, and the file.
 */
#ifndef IMI_EVAL_CALIBRATION_H
#define IMI_EVAL_CALIBRATION_H

#include "cohort.h"
#include "csv.h"
#include "knots.h"
#include "table.h"

#include <jansson.h>

enum { EVAL_CALIBRATION_GROUPS_MAX = 64 };

/** Columns of the manifest. */
enum {
    EVAL_MANIFEST_SET = 0,
    EVAL_MANIFEST_SUBJECT = 1,
    EVAL_MANIFEST_FILE = 2,
    EVAL_MANIFEST_EAST_ASIAN = 3,
    EVAL_MANIFEST_LIVENESS = 4,
    EVAL_MANIFEST_COLUMNS = 5
};

/** Which comparisons of a demographic group make up a group or part. */
typedef struct eval_group_key {
    bool east_asian;
    bool within_sets; /* of two photos of the same set only */
    const char *set; /* of this set only; NULL: of all */
} eval_group_key;

struct calibrate_options; /* of the command line; calibrate.c's own */

typedef struct eval_calibration {
    const struct calibrate_options *options;
    const char *version; /* of the file; NULL: the date */
    eval_csv manifest;
    size_t columns[EVAL_MANIFEST_COLUMNS];
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
    eval_group_key keys[EVAL_CALIBRATION_GROUPS_MAX];
    eval_group groups[EVAL_CALIBRATION_GROUPS_MAX];
    size_t group_count;
} eval_calibration;

/** A cell of the manifest, by the enum above. */
const char *eval_calibration_cell(const eval_calibration *self, size_t row, int column);
/** Whether a photo has a template and belongs to a group. */
bool eval_calibration_in_group(const eval_calibration *self, size_t row, const eval_group_key *key);
/** Standard deviation of a model's non-mated cosines within demographic groups. */
double eval_calibration_deviation(const eval_calibration *self, uint32_t model);
/** Compare all groups and parts by the kind of score that is set, instead of what was there. */
IMI_MUST_USE imi_status eval_calibration_add_groups(eval_calibration *self, imi_error *err);
void eval_calibration_clear_groups(eval_calibration *self);

/** A table of the groups there are; a new reference. */
json_t *eval_calibration_table(const eval_calibration *self, const eval_knot *knots,
                               size_t knot_count);
/** Append the whole file, with the tables there are. */
IMI_MUST_USE imi_status eval_calibration_append(const eval_calibration *self, json_t *tables,
                                                imi_buffer *out, imi_error *err);

#endif
