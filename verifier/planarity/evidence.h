/**
 * How much better a solid explains pairs of views than a plane, kept by the way in which the
 * views differ, and what the pairs say together.
 */
#ifndef IMI_PLANARITY_EVIDENCE_H
#define IMI_PLANARITY_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

/** How two views differ. */
typedef enum imi_pair_kind {
    IMI_PAIR_NEAR = 0, /* another distance, frontal */
    IMI_PAIR_LEFT, /* turned */
    IMI_PAIR_RIGHT,
    IMI_PAIR_UP,
    IMI_PAIR_DOWN,
    IMI_PAIR_KINDS
} imi_pair_kind;

enum { IMI_PAIR_SAMPLES = 48 };

/** The latest log ratios of one kind, and of how many different views they are. */
typedef struct imi_pair_samples {
    uint32_t count; /* ever added */
    uint32_t views;
    float value[IMI_PAIR_SAMPLES];
} imi_pair_samples;

/** What pairs say together. */
typedef struct imi_planarity_summary {
    bool measured;
    float score, uncertainty;
} imi_planarity_summary;

/** Values that are not finite are left out. */
void imi_pair_samples_add(imi_pair_samples *samples, float value, bool other_view);
/** Median, and its deviation by the spread and the number of different views. */
imi_planarity_summary imi_pair_samples_summarise(const imi_pair_samples *samples);
/** The kinds together. */
imi_planarity_summary imi_pair_kinds_summarise(const imi_pair_samples samples[IMI_PAIR_KINDS]);
/** The turns together; where there are none, another distance. */
imi_planarity_summary imi_pair_turns_summarise(const imi_pair_samples samples[IMI_PAIR_KINDS]);

#endif
