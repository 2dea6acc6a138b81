/**
 * Templates and calibration tables for tests.
 */
#ifndef IMI_TEST_SAMPLES_H
#define IMI_TEST_SAMPLES_H

#include "imi/compare.h"

/** A template of models "alpha@1" (192) and "beta@1" (128) from a seed; L2-normalised. */
void sample_template(uint32_t seed, imi_template *out);
/** A vector of one model that points at an angle to the first axis, in the first plane. */
void sample_angle(const char *model_id, uint32_t dim, double degrees, imi_template_vector *out);

/**
 * Valid tables. Raw: alpha@1 0.6, beta@1 0.4, knots (-1, 1), (0.2, 0.1), (0.5, 0.001).
 * Normalised: alpha@1 0.75 (all of mean and deviation), beta@1 0.25 (half of the mean, a quarter
 * of the deviation), knots (-2.5, 1), (1.5, 0.01), (4, 0.0002).
 */
extern const char sample_table[];
/** The same without the normalised table. */
extern const char sample_raw_only_table[];
/** Write a table to a temporary file and load it. */
imi_status sample_load(const char *json, imi_scorer **out, imi_error *err);
/** The same table with one piece of its text replaced; fails the test if it is not there. */
imi_status sample_load_changed(const char *from, const char *to, imi_error *err);

#endif
