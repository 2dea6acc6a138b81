/**
 * Whether rates that were measured on some people hold for others: people are split in two at
 * random, thresholds come from one half, and the other half says what they do.
 */
#ifndef IMI_EVAL_HALVES_H
#define IMI_EVAL_HALVES_H

#include "imi/calibrate.h"

/** A photo with its template and whose it is; borrowed. */
typedef struct eval_photo {
    const char *file;
    imi_subject_key subject;
    const imi_template *face_template;
    imi_population_attributes attributes;
} eval_photo;

typedef struct eval_people {
    const imi_scorer *scorer;
    const imi_cohort *cohort; /* NULL: raw scores only */
    const eval_photo *photos;
    size_t count;
} eval_people;

/** Measure all photos, or only those of one half: 0, 1; -1 = all. The split follows from seed. */
IMI_MUST_USE imi_status eval_people_measure(const eval_people *people, int half, uint64_t seed,
                                            imi_nonmated **out, imi_error *err);

/** What thresholds for one target did over all splits. */
typedef struct eval_halves_row {
    imi_score_kind kind;
    double target;
    size_t splits; /* that supported the target */
    size_t extrapolated; /* of them, by the fitted tail */
    size_t inside; /* the other half's rate lay in the interval */
    size_t below; /* the other half's rate was at most the target */
    double expected, observed; /* mean rates: by the one half, in the other */
} eval_halves_row;

enum { EVAL_HALVES_TARGETS = 4, EVAL_HALVES_ROWS = EVAL_HALVES_TARGETS * IMI_SCORE_KINDS };
extern const double eval_halves_targets[EVAL_HALVES_TARGETS];

/** splits halvings; rows_out has EVAL_HALVES_ROWS, those of a missing kind have no splits. */
IMI_MUST_USE imi_status eval_halves(const eval_people *people, size_t splits,
                                    eval_halves_row *rows_out, imi_error *err);

#endif
