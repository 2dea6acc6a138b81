/**
 * The operating point that each purpose decides under, and the candidate that runs beside it.
 *
 * Points are swapped while sessions run: a decision acquires the point of its purpose once and
 * keeps to it. What is acquired never changes.
 *
 * A purpose without an active point of its own, or with one that cannot be used (another set of
 * models, a calibration that cannot be read, a target that the policy no longer allows), decides
 * under the shipped calibration. That is logged, and imi_operating_points_problem says so.
 */
#ifndef IMI_SESSION_OPERATING_POINTS_H
#define IMI_SESSION_OPERATING_POINTS_H

#include "imi/compare.h"
#include "imi/policy.h"
#include "imi/store.h"

enum { IMI_POINT_PROBLEM_SIZE = 256 };

/** What a comparison is judged by. */
typedef struct imi_operating_rule {
    const imi_scorer *scorer; /* tells fmr at a score; as long-lived as the point */
    imi_score_kind kind; /* of the score that decides */
    double target_fmr;
    /* Lowest similarity that is a match, by kind; NaN where there is no table. When a score of
     * `kind` cannot be had (no cohort yet), the raw one is judged by its own threshold. */
    double thresholds[IMI_SCORE_KINDS + 1];
    char point_id[IMI_ID_SIZE]; /* "" = the shipped calibration */
} imi_operating_rule;

/** Immutable, counted. */
typedef struct imi_operating_point {
    imi_operating_rule active;
    bool has_shadow;
    imi_operating_rule shadow; /* judged and recorded, without effect; meaningless without */
} imi_operating_point;

/** All borrowed, outliving the registry. */
typedef struct imi_operating_points_options {
    const imi_policy *policy; /* required */
    const imi_scorer *scorer; /* required: the shipped calibration, for the loaded models */
    const char *model_version; /* required: as in imi_service_options */
    imi_store *store; /* required */
} imi_operating_points_options;

typedef struct imi_operating_points imi_operating_points;

/**
 * Make the registry and load every purpose from the store.
 *
 * Errors: IMI_E_POLICY (the shipped calibration does not support a purpose's target),
 *         those of the store. A point that cannot be used is no error.
 */
IMI_MUST_USE imi_status imi_operating_points_new(const imi_operating_points_options *options,
                                                 imi_operating_points **out, imi_error *err);
/** Every acquired point must have been released. Accepts NULL, nulls the pointer. */
void imi_operating_points_destroy(imi_operating_points **points);
IMI_AUTO_DEFINE(imi_operating_points, imi_operating_points_destroy)

/**
 * The point of a purpose now; NULL for a purpose that the policy does not have.
 *
 * Ownership: give it back with imi_operating_point_release.
 * Threads:   safe; never waits for the store.
 */
const imi_operating_point *imi_operating_points_acquire(imi_operating_points *points,
                                                        const char *purpose);
/** Give it back; accepts NULL, nulls the pointer. */
void imi_operating_point_release(const imi_operating_point **point);

/** Read a purpose's points from the store again and swap them in; on failure nothing changes. */
IMI_MUST_USE imi_status imi_operating_points_reload(imi_operating_points *points,
                                                    const char *purpose, imi_error *err);

/**
 * Whether a stored point could decide here and now.
 * Errors: IMI_E_CONFLICT, saying why not; those of the store.
 */
IMI_MUST_USE imi_status imi_operating_points_check(imi_operating_points *points,
                                                   const imi_point_record *record, imi_error *err);

/** What the shipped calibration says about a score; NaN where it has no table of the kind. */
double imi_operating_points_shipped_fmr(const imi_operating_points *points, imi_score_kind kind,
                                        double similarity);

/** Why the active point of a purpose is not in use; "" if it is, or if there is none. */
void imi_operating_points_problem(imi_operating_points *points, const char *purpose,
                                  char out[IMI_POINT_PROBLEM_SIZE]);

#endif
