/**
 * Made-up people for tests of calibration: templates of random directions, some alike.
 */
#ifndef IMI_TEST_PEOPLE_H
#define IMI_TEST_PEOPLE_H

#include "imi/calibrate.h"

/** Scorer of models "alpha@1" (192 elements) and "beta@1" (128). */
void people_scorer(imi_scorer **out);

/** A uniform random number in (0, 1), and a normal one. */
double people_uniform(uint64_t *state);
double people_normal(uint64_t *state);

/** A person's template. alike: how much all people share, about 0.5. */
void people_template(uint64_t *state, double alike, imi_template *out);
/** Another photo of the same person: noise against the person's own part, about 0.5. */
void people_photo(uint64_t *state, const imi_template *person, double noise, imi_template *out);

/** A cohort of so many people with subject keys from first on. */
void people_cohort(const imi_scorer *scorer, size_t count, imi_subject_key first, imi_cohort **out);

/** Add a template under "ref_SUBJECT" or, for a copy above 0, "ref_SUBJECT_COPY". */
void people_add(imi_population *population, imi_subject_key subject, unsigned copy,
                const imi_template *face_template, imi_population_attributes attributes);
/** A population of so many people, subjects from 0, one photo each, without attributes. */
void people_population(const imi_scorer *scorer, const imi_cohort *cohort, size_t count,
                       uint64_t seed, imi_population **out);
/** All pairs of it. */
void people_measure(const imi_population *population, imi_nonmated **out);

#endif
