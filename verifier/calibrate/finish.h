/**
 * From what threads counted to a measurement.
 */
#ifndef IMI_CALIBRATE_FINISH_H
#define IMI_CALIBRATE_FINISH_H

#include "plan.h"

typedef struct finish_input {
    const plan *plan;
    tile_worker *const *workers;
    size_t worker_count;
    double cpu_seconds;
    double duplicate_fmr;
} finish_input;

IMI_MUST_USE imi_status finish(const finish_input *input, imi_nonmated **out, imi_error *err);

#endif
