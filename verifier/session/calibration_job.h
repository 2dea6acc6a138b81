/**
 * The job that measures what scores people get who are not the one they are compared with: reads
 * every enrolled reference, compares them with each other, keeps the result and the likely
 * duplicates. One at a time, on a thread of its own that gives way to all others.
 *
 * Method: docs/calibration.md.
 */
#ifndef IMI_SESSION_CALIBRATION_JOB_H
#define IMI_SESSION_CALIBRATION_JOB_H

#include "cohort_keeper.h"
#include "imi/calibrate.h"

typedef struct imi_calibration_job imi_calibration_job;

/** All borrowed and outliving the job. */
typedef struct imi_calibration_job_parts {
    imi_store *store; /* required */
    imi_clock *clock; /* required */
    const imi_scorer *scorer; /* required: which models, how weighed */
    const char *model_version; /* required: of the references that are read */
    imi_cohort_keeper *keeper; /* NULL: raw scores only, as while it has no cohort */
} imi_calibration_job_parts;

IMI_MUST_USE imi_status imi_calibration_job_new(const imi_calibration_job_parts *parts,
                                                imi_calibration_job **out, imi_error *err);
/** Cancels and joins. Accepts NULL, nulls the pointer. */
void imi_calibration_job_destroy(imi_calibration_job **job);
IMI_AUTO_DEFINE(imi_calibration_job, imi_calibration_job_destroy)

/** Limits of a run; see imi_nonmated_options. */
typedef struct imi_calibration_job_options {
    size_t references_max; /* a uniform sample of them beyond it; some 600 bytes each */
    uint64_t comparisons_max; /* 0 = all pairs */
    double cpu_seconds_max; /* 0 = no limit */
    double duplicate_fmr;
    size_t duplicates_max;
    size_t threads; /* 0 = one */
} imi_calibration_job_options;

/** A million references, one core-minute, pairs that one in ten million strangers look like. */
#define IMI_CALIBRATION_JOB_OPTIONS                                                                \
    {                                                                                              \
        1000000, 0, 60, 1e-7, 1000, 0                                                              \
    }

/**
 * Start a run. actor is who asked for it: an administrator, or "schedule".
 * Errors: IMI_E_CONFLICT while one is running; IMI_E_EXHAUSTED if no thread can be had.
 */
IMI_MUST_USE imi_status imi_calibration_job_start(imi_calibration_job *job, const char *actor,
                                                  const imi_calibration_job_options *options,
                                                  imi_error *err);

typedef enum imi_calibration_state {
    IMI_CALIBRATION_NONE = 0, /* never started */
    IMI_CALIBRATION_READING = 1, /* done and total are references */
    IMI_CALIBRATION_COMPARING = 2, /* done and total are comparisons */
    IMI_CALIBRATION_DONE = 3,
    IMI_CALIBRATION_FAILED = 4,
    IMI_CALIBRATION_CANCELLED = 5
} imi_calibration_state;

typedef struct imi_calibration_status {
    imi_calibration_state state;
    uint64_t done, total;
    int64_t started_ms, ended_ms; /* 0 = not yet */
    char calibration_id[IMI_ID_SIZE]; /* once done */
    uint64_t references, unreadable; /* read; left out, as their template cannot be used */
    uint64_t duplicates; /* likely ones found */
    imi_error error; /* once failed */
} imi_calibration_status;

/** The run that is on, or the last one. */
void imi_calibration_job_status(imi_calibration_job *job, imi_calibration_status *out);
/** Ask a run to end soon; without one nothing happens. */
void imi_calibration_job_cancel(imi_calibration_job *job);

#endif
