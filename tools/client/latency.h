/**
 * A histogram of durations: constant memory, percentiles within 1.6 %.
 */
#ifndef IMI_TOOLS_LATENCY_H
#define IMI_TOOLS_LATENCY_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* 64 buckets an octave: the width of a bucket is 1/64 of its value. */
enum { IMI_LATENCY_SUB_BITS = 6, IMI_LATENCY_BUCKETS = (40 - IMI_LATENCY_SUB_BITS + 1) << 6 };

/** Zero it to begin. Threads: none; add up per-thread ones with imi_latency_merge. */
typedef struct imi_latency {
    uint64_t buckets[IMI_LATENCY_BUCKETS];
    uint64_t count;
    int64_t sum;
    int64_t max;
} imi_latency;

/** Add one duration, in any one unit; below 0 counts as 0, above 2^40 as 2^40. */
void imi_latency_add(imi_latency *latency, int64_t value);
void imi_latency_merge(imi_latency *into, const imi_latency *from);
/** Value that the given share (0 to 1) of the durations do not exceed; 0 if there are none. */
int64_t imi_latency_percentile(const imi_latency *latency, double share);
/** 0 if there are none. */
double imi_latency_mean(const imi_latency *latency);

#ifdef __cplusplus
}
#endif
#endif
