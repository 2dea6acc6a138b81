/**
 * What administrators do: propose thresholds, try them on stored scores, approve, activate, take
 * back; look into likely duplicates; read the audit trail.
 *
 * Every function takes the caller's name from its verified client certificate first, and refuses
 * whoever the policy file does not list under `administrators`: IMI_E_PERMISSION.
 *
 * Threads: safe; all wait for the store.
 * Terms:   docs/thresholds.md.
 */
#ifndef IMI_ADMINISTRATION_H
#define IMI_ADMINISTRATION_H

#include "imi/clock.h"
#include "imi/keyring.h"
#include "imi/policy.h"
#include "imi/threshold.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct imi_administration imi_administration;
struct imi_operating_points;

/** Parts; all but the keyring required, borrowed and outliving the object. */
typedef struct imi_administration_options {
    imi_store *store;
    imi_clock *clock;
    const imi_policy *policy;
    struct imi_operating_points *points; /* verifier/session/operating_points.h */
    const char *model_version;
    imi_keyring *keyring; /* NULL: keys cannot be changed */
} imi_administration_options;

IMI_MUST_USE imi_status imi_administration_new(const imi_administration_options *options,
                                               imi_administration **out, imi_error *err);
void imi_administration_destroy(imi_administration **administration);
IMI_AUTO_DEFINE(imi_administration, imi_administration_destroy)

/** Whether this name may do anything here. Errors: IMI_E_PERMISSION. */
IMI_MUST_USE imi_status imi_administration_admit(const imi_administration *self, const char *name,
                                                 imi_error *err);
/**
 * Where several processes serve one store: decide under the thresholds that were activated at
 * others; call about once a second, from one thread.
 */
void imi_administration_follow_others(imi_administration *self);
/** Models that are loaded. */
const char *imi_administration_model_version(const imi_administration *self);

/* ---- What decides ---- */

/** What decides for a purpose now. */
typedef struct imi_threshold_in_use {
    double target_fmr_max; /* what the policy file allows */
    double target_fmr;
    imi_score_kind kind;
    double threshold; /* for that kind */
    char calibration[IMI_STORE_NAME_SIZE]; /* version of the table */
    char point_id[IMI_ID_SIZE]; /* "" = the shipped table */
    char problem[256]; /* why the active point is not in use, or "" */
} imi_threshold_in_use;

/** Purpose by position, in the policy file's order; NULL past the end. */
const char *imi_administration_purpose_at(const imi_administration *self, size_t number);
/** Errors: IMI_E_POLICY_UNKNOWN_PURPOSE. */
IMI_MUST_USE imi_status imi_administration_in_use(imi_administration *self, const char *name,
                                                  const char *purpose, imi_threshold_in_use *out,
                                                  imi_error *err);

/** Points of a purpose, newest first. */
typedef struct imi_point_list {
    imi_point_record *points; /* imi_free */
    size_t count;
} imi_point_list;

void imi_point_list_clean_up(imi_point_list *list);
#define IMI_AUTO_POINTS __attribute__((cleanup(imi_point_list_clean_up))) imi_point_list
/** Errors: IMI_E_POLICY_UNKNOWN_PURPOSE. The caller cleans up. */
IMI_MUST_USE imi_status imi_administration_list(imi_administration *self, const char *name,
                                                const char *purpose, imi_point_list *out,
                                                imi_error *err);

/** What the shipped calibration says about a point's threshold; NaN where it says nothing. */
double imi_administration_shipped_fmr(const imi_administration *self,
                                      const imi_point_record *point);

/* ---- Calibrations ---- */

/** A stored calibration, read. */
typedef struct imi_read_calibration {
    imi_calibration_record record;
    imi_nonmated *nonmated;
} imi_read_calibration;

void imi_read_calibration_clean_up(imi_read_calibration *calibration);
#define IMI_AUTO_CALIBRATION                                                                       \
    __attribute__((cleanup(imi_read_calibration_clean_up))) imi_read_calibration
/** calibration_id "": the newest. Errors: IMI_E_NOT_FOUND (the message says what to do). */
IMI_MUST_USE imi_status imi_administration_read_calibration(imi_administration *self,
                                                            const char *name,
                                                            const char *calibration_id,
                                                            imi_read_calibration *out,
                                                            imi_error *err);

/** Record of the newest calibration; *found_out is false when there is none. */
IMI_MUST_USE imi_status imi_administration_newest_calibration(imi_administration *self,
                                                              const char *name,
                                                              imi_calibration_record *out,
                                                              bool *found_out, imi_error *err);

/* ---- Proposals and simulations ---- */

typedef struct imi_propose_request {
    const char *purpose;
    double target_fmr;
    imi_score_kind kind; /* NONE: normalised where measured, else raw */
    const char *calibration_id; /* "" = the newest */
    uint32_t days; /* of scores behind FNMR; 0 = 365 */
} imi_propose_request;

typedef struct imi_proposed {
    bool accepted;
    char refusal[256]; /* why not: what is missing */
    imi_point_record point;
    imi_replay replay; /* of the stored scores, at its threshold */
    imi_read_calibration calibration; /* that it comes from; clean up */
} imi_proposed;

/**
 * Errors: IMI_E_INVALID_ARGUMENT (laxer than the policy file allows), IMI_E_NOT_FOUND (no
 *         calibration), IMI_E_POLICY_UNKNOWN_PURPOSE, IMI_E_EXHAUSTED (too many points). Too few
 *         data are a result: accepted is false.
 */
IMI_MUST_USE imi_status imi_administration_propose(imi_administration *self, const char *name,
                                                   const imi_propose_request *request,
                                                   imi_proposed *out, imi_error *err);

/** What to judge stored scores by: a point, else a target, else a threshold. */
typedef struct imi_simulate_request {
    const char *purpose;
    const char *point_id; /* "" = none */
    double target_fmr; /* NaN = none */
    double threshold; /* NaN = none */
    imi_score_kind kind; /* of target and threshold; NONE as above */
    uint32_t days; /* 0 = 30 */
} imi_simulate_request;

/** Errors: IMI_E_INVALID_ARGUMENT, IMI_E_NOT_FOUND, IMI_E_POLICY_UNKNOWN_PURPOSE. */
IMI_MUST_USE imi_status imi_administration_simulate(imi_administration *self, const char *name,
                                                    const imi_simulate_request *request,
                                                    imi_replay *out, imi_error *err);

/** Judge the scores of a purpose by several rules at once; one pass over the store. */
IMI_MUST_USE imi_status imi_administration_replay(imi_administration *self, const char *name,
                                                  const char *purpose, uint32_t days,
                                                  imi_replay *replays, size_t count,
                                                  imi_error *err);

/** Each decisive score of a purpose, for histograms. */
typedef void (*imi_decisive_score)(void *user, double similarity, bool session_verified);
IMI_MUST_USE imi_status imi_administration_visit_scores(imi_administration *self, const char *name,
                                                        const char *purpose, uint32_t days,
                                                        imi_score_kind kind,
                                                        imi_decisive_score visit, void *user,
                                                        imi_error *err);

/* ---- Steps of a point's life; each appends one line to the audit trail ---- */

/** Errors: IMI_E_NOT_FOUND, IMI_E_CONFLICT, IMI_E_PERMISSION; see imi/threshold.h. */
IMI_MUST_USE imi_status imi_administration_approve(imi_administration *self, const char *name,
                                                   const char *point_id, imi_point_record *out,
                                                   imi_error *err);
IMI_MUST_USE imi_status imi_administration_withdraw(imi_administration *self, const char *name,
                                                    const char *point_id, imi_point_record *out,
                                                    imi_error *err);
IMI_MUST_USE imi_status imi_administration_set_shadow(imi_administration *self, const char *name,
                                                      const char *point_id, bool on,
                                                      imi_point_record *out, imi_error *err);
/** retired_out: the one before; its point_id is "" if there was none. Also IMI_E_CONFLICT when
 *  the point cannot be used by this server (other models, a laxer target than allowed). */
IMI_MUST_USE imi_status imi_administration_activate(imi_administration *self, const char *name,
                                                    const char *point_id, imi_point_record *out,
                                                    imi_point_record *retired_out, imi_error *err);
/** active_out: the one that decides now; its point_id is "" when the shipped table does. */
IMI_MUST_USE imi_status imi_administration_roll_back(imi_administration *self, const char *name,
                                                     const char *purpose,
                                                     imi_point_record *withdrawn_out,
                                                     imi_point_record *active_out, imi_error *err);

/** How a point decided beside the active one. */
IMI_MUST_USE imi_status imi_administration_shadow(imi_administration *self, const char *name,
                                                  const char *point_id, imi_point_record *point_out,
                                                  imi_shadow_counts *out, imi_error *err);

/* ---- Keys that tokens are signed with; each change is a line of the audit trail ---- */

/** Oldest first. Errors, of all three: IMI_E_UNSUPPORTED without a keyring. */
IMI_MUST_USE imi_status imi_administration_list_keys(imi_administration *self, const char *name,
                                                     imi_keyring_entry out[IMI_KEYRING_MAX],
                                                     size_t *count_out, imi_error *err);
/** key_label "": a key file is made. Errors: also those of imi_keyring_rotate. */
IMI_MUST_USE imi_status imi_administration_rotate_key(imi_administration *self, const char *name,
                                                      const char *algorithm, const char *key_label,
                                                      imi_keyring_entry *out, imi_error *err);
/** Errors: also those of imi_keyring_drop. */
IMI_MUST_USE imi_status imi_administration_drop_key(imi_administration *self, const char *name,
                                                    const char *key_id, imi_error *err);

/* ---- Audit trail, duplicates, cohort ---- */

/** Lines behind `after`, oldest first. */
IMI_MUST_USE imi_status imi_administration_list_audit(imi_administration *self, const char *name,
                                                      int64_t after, imi_audit_record *out,
                                                      size_t capacity, size_t *count_out,
                                                      imi_error *err);

typedef struct imi_duplicate_view {
    imi_duplicate_record record;
    char subject_a[IMI_STORE_NAME_SIZE]; /* "" if the reference is gone */
    char subject_b[IMI_STORE_NAME_SIZE];
} imi_duplicate_view;

IMI_MUST_USE imi_status imi_administration_list_duplicates(imi_administration *self,
                                                           const char *name, bool open_only,
                                                           size_t skip, imi_duplicate_view *out,
                                                           size_t capacity, size_t *count_out,
                                                           imi_error *err);

typedef struct imi_duplicate_review {
    const char *reference_a, *reference_b; /* in either order */
    const char *verdict; /* "same_person", "different_people", "registry_error" */
    const char *note;
} imi_duplicate_review;

/** Errors: IMI_E_NOT_FOUND, IMI_E_INVALID_ARGUMENT. */
IMI_MUST_USE imi_status imi_administration_review_duplicate(imi_administration *self,
                                                            const char *name,
                                                            const imi_duplicate_review *review,
                                                            imi_error *err);

/** The cohort by numbers alone. */
typedef struct imi_cohort_summary {
    imi_cohort_record record; /* cohort_id "" = none yet */
    size_t size;
    int64_t enrolled; /* subjects now */
} imi_cohort_summary;

IMI_MUST_USE imi_status imi_administration_cohort(imi_administration *self, const char *name,
                                                  imi_cohort_summary *out, imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
