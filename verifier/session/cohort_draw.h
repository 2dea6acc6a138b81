/**
 * Drawing a cohort: which enrolled subjects, and which reference of each.
 *
 * Every subject gets a random number, made of a seed and its key, and those with the lowest win:
 * a uniform sample of subjects in one pass, with one place a subject however many references it
 * has. References of poor quality stand behind all others.
 */
#ifndef IMI_SESSION_COHORT_DRAW_H
#define IMI_SESSION_COHORT_DRAW_H

#include "imi/cohort.h"
#include "imi/store.h"

/** A subject in the sample. */
typedef struct imi_drawn_member {
    uint64_t rank; /* lowest win */
    imi_subject_key subject;
    double quality;
    char reference_id[IMI_ID_SIZE];
} imi_drawn_member;

/** In order of rank. */
typedef struct imi_cohort_draw {
    uint64_t seed;
    size_t capacity; /* at most IMI_COHORT_MEMBERS_MAX */
    size_t count;
    imi_drawn_member members[IMI_COHORT_MEMBERS_MAX];
} imi_cohort_draw;

/** Below this quality a reference is drawn only for want of better ones. */
extern const double IMI_COHORT_QUALITY_FLOOR;

void imi_cohort_draw_init(imi_cohort_draw *draw, uint64_t seed, size_t capacity);
/** Consider a reference; additional ones are none of a cohort's. */
void imi_cohort_draw_offer(imi_cohort_draw *draw, const imi_reference_record *record);

/**
 * Offer the references of a store, at most visited_max of them: all if there are no more than
 * that, else those behind random places.
 *
 * population: references that there are.
 */
IMI_MUST_USE imi_status imi_cohort_draw_from(imi_cohort_draw *draw, imi_store *store,
                                             const char *model_version, size_t population,
                                             size_t visited_max, imi_error *err);

#endif
