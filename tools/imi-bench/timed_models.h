/**
 * Models that note how long they take: each wraps another behind the same interface, so that
 * the engine itself is measured, not a copy of it.
 */
#ifndef IMI_BENCH_TIMED_MODELS_H
#define IMI_BENCH_TIMED_MODELS_H

#include "client/latency.h"
#include "imi/engine.h"
#include "imi_models/models.h"

/** Nanoseconds of CPU that this thread has used: what a busy machine disturbs least. */
int64_t bench_cpu_ns(void);
/** Nanoseconds of a clock that never steps. */
int64_t bench_wall_ns(void);

/** CPU time spent in one part since the last reset. */
typedef struct bench_part {
    int64_t ns;
    uint64_t calls;
} bench_part;

typedef struct timed_detector {
    imi_detector base;
    imi_detector *inner;
    bench_part part;
} timed_detector;

typedef struct timed_landmarker {
    imi_landmarker base;
    imi_landmarker *inner;
    bench_part part;
} timed_landmarker;

typedef struct timed_extractor {
    imi_extractor base;
    imi_extractor *inner;
    bench_part part; /* embed alone */
} timed_extractor;

/** Wrappers around a model set, in the caller's storage; must not move once wired. */
typedef struct timed_models {
    timed_detector detector, cross_check;
    timed_landmarker landmarker;
    timed_extractor extractors[IMI_MODELS_EXTRACTORS_MAX];
    imi_extractor *extractor_list[IMI_MODELS_EXTRACTORS_MAX];
    size_t extractor_count;
} timed_models;

/** Wrap; the set is borrowed. parts_out is what an engine takes. */
void timed_models_wire(timed_models *models, const imi_model_set *set, imi_engine_parts *parts_out);
/** Forget all times. */
void timed_models_reset(timed_models *models);

#endif
