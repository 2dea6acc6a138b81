/**
 * The cohort of this deployment: a sample of the people enrolled here, one template each, that
 * scores are normalised with.
 *
 * It is drawn from the primary references of every relying party and never returned to anyone:
 * what leaves are statistics. It is drawn first when enough subjects are enrolled, and again when
 * their number grew by half, when a tenth of the members was erased, and after 30 days. Erased
 * members leave it at the next tick.
 *
 * Threads: safe. What is acquired never changes.
 */
#ifndef IMI_SESSION_COHORT_KEEPER_H
#define IMI_SESSION_COHORT_KEEPER_H

#include "imi/clock.h"
#include "imi/cohort.h"
#include "imi/store.h"

#include <stdatomic.h>

typedef struct imi_cohort_keeper imi_cohort_keeper;

/** A cohort in use; immutable, counted. */
typedef struct imi_shared_cohort {
    atomic_uint references;
    imi_cohort *cohort;
} imi_shared_cohort;

/** All borrowed and outliving the keeper. */
typedef struct imi_cohort_keeper_options {
    imi_store *store; /* required */
    imi_clock *clock; /* required */
    const imi_scorer *scorer; /* required */
    const char *model_version; /* required */
} imi_cohort_keeper_options;

/** Make the keeper and load the newest cohort of the store, if it has one. */
IMI_MUST_USE imi_status imi_cohort_keeper_new(const imi_cohort_keeper_options *options,
                                              imi_cohort_keeper **out, imi_error *err);
/** Every acquired cohort must have been released. Accepts NULL, nulls the pointer. */
void imi_cohort_keeper_destroy(imi_cohort_keeper **keeper);
IMI_AUTO_DEFINE(imi_cohort_keeper, imi_cohort_keeper_destroy)

/** The cohort now, or NULL: until enough people are enrolled only raw scores can be had. */
imi_shared_cohort *imi_cohort_keeper_acquire(imi_cohort_keeper *keeper);
/** Give it back; the last one wipes it. Accepts NULL, nulls the pointer. */
void imi_shared_cohort_release(imi_shared_cohort **shared);
IMI_AUTO_DEFINE(imi_shared_cohort, imi_shared_cohort_release)

/** Number of people in it now; 0 if there is none. */
size_t imi_cohort_keeper_size(imi_cohort_keeper *keeper);

/** A subject's reference was erased: if it is a member, the next refresh is due at once. */
void imi_cohort_keeper_note_erasure(imi_cohort_keeper *keeper, const char *relying_party,
                                    const char *subject_id);

/**
 * Whether a refresh should run now; cheap. true also claims it: the caller sees that
 * imi_cohort_keeper_refresh runs, once, or gives the claim back and it is due again.
 */
bool imi_cohort_keeper_claim(imi_cohort_keeper *keeper);
void imi_cohort_keeper_give_back(imi_cohort_keeper *keeper);
/**
 * Count, and load or draw as need be (mostly there is none); for a compute worker, as a draw reads
 * up to IMI_COHORT_VISITED_MAX references. Failures are logged, and tried again later.
 */
void imi_cohort_keeper_refresh(imi_cohort_keeper *keeper);

enum {
    /* References that one draw looks at. Beyond it, it looks in random places. */
    IMI_COHORT_VISITED_MAX = 50000
};

#endif
