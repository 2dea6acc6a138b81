/**
 * A process's memory over time, to tell a leak from a warm-up.
 */
#ifndef IMI_LOAD_MEMORY_WATCH_H
#define IMI_LOAD_MEMORY_WATCH_H

#include "imi/status.h"

#include <stddef.h>
#include <stdint.h>

enum { LOAD_SAMPLES_MAX = 7200 };

/** One sample a second at most; when full, further ones are ignored. */
typedef struct load_memory {
    int64_t pid; /* 0: watch nothing */
    size_t count;
    double at_s[LOAD_SAMPLES_MAX];
    double resident_kib[LOAD_SAMPLES_MAX];
} load_memory;

/** Take a sample. Errors: IMI_E_NOT_FOUND when there is no such process. */
IMI_MUST_USE imi_status load_memory_sample(load_memory *memory, double at_s, imi_error *err);

/** What the samples say. The first fifth is warm-up and left out of the slope. */
typedef struct load_growth {
    double first_kib, last_kib, max_kib;
    double slope_kib_per_s; /* least squares; 0 with fewer than 5 samples */
    double grown_kib; /* slope times the time that it was taken over */
} load_growth;

void load_memory_growth(const load_memory *memory, load_growth *out);

#endif
