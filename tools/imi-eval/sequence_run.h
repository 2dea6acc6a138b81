/**
 * A person verified over the years: the first photo is the registry's portrait, later ones come as
 * verifications in order of age, and those that match strongly may be kept as further references.
 */
#ifndef IMI_EVAL_SEQUENCE_RUN_H
#define IMI_EVAL_SEQUENCE_RUN_H

#include "rates.h"

typedef struct eval_photo {
    uint32_t subject; /* below the subjects' count */
    double age;
    bool usable; /* has a template */
} eval_photo;

/** Photos in order of subject, then age. Borrowed. */
typedef struct eval_photos {
    const eval_photo *photos;
    const float *similarities; /* count * count; of usable photos */
    size_t count, subjects;
} eval_photos;

/** How a probe is compared with several references. */
typedef enum eval_reference_rule {
    EVAL_RULE_PORTRAIT = 0, /* with the portrait alone; nothing is kept */
    EVAL_RULE_MEAN = 1, /* mean of the scores */
    EVAL_RULE_HIGHEST = 2, /* highest score */
    EVAL_RULE_HALF = 3, /* half the portrait's score, half the mean of the further ones */
    EVAL_RULE_COUNT = 4
} eval_reference_rule;

const char *eval_reference_rule_name(eval_reference_rule rule);

enum { EVAL_ADDITIONAL_MAX = 8 };

typedef struct eval_sequence_policy {
    eval_reference_rule rule;
    size_t additional_max; /* beside the portrait; 1 to EVAL_ADDITIONAL_MAX, the oldest goes */
    double add_threshold; /* a verification that scores this much is kept */
} eval_sequence_policy;

/** A verification of the person. */
typedef struct eval_visit {
    uint32_t subject;
    double years; /* since the portrait */
    float similarity; /* -INFINITY: the photo gave no template */
    size_t references; /* that it was compared with */
} eval_visit;

/** What happened. */
typedef struct eval_visits {
    eval_visit *visits; /* in order of subject, then age */
    size_t count;
    eval_score *strangers; /* other people's photos against the references of each visit */
    size_t stranger_count;
    size_t kept; /* references added */
} eval_visits;

/**
 * Run all sequences. The portrait is the first usable photo; earlier ones are left out, as a
 * registry would refuse them.
 *
 * Errors: IMI_E_INVALID_ARGUMENT, IMI_E_NO_MEMORY. Clean up in either case.
 */
IMI_MUST_USE imi_status eval_sequences_run(const eval_photos *photos,
                                           const eval_sequence_policy *policy, eval_visits *out,
                                           imi_error *err);
void eval_visits_clean_up(eval_visits *visits);

#endif
