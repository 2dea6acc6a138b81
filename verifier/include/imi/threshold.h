/**
 * Thresholds as policy: an administrator states a target false match rate, and measurements say
 * which threshold keeps it, what that costs, and what it would have changed.
 *
 * Pure functions of records and measurements: nothing here reads a store or a clock.
 * Terms: ISO/IEC 19795-1. The rules in words: docs/thresholds.md.
 */
#ifndef IMI_THRESHOLD_H
#define IMI_THRESHOLD_H

#include "imi/calibrate.h"
#include "imi/store.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Replay: stored scores judged again, without any image ---- */

/** What stored scores are judged by. Borrowed for the replay's life. */
typedef struct imi_replay_rule {
    const char *model_version; /* scores of others are counted and left out */
    imi_score_kind kind;
    double threshold; /* lowest similarity that is a match */
} imi_replay_rule;

enum { IMI_REPLAY_CHANGES_MAX = 200 };

/** A decision that another threshold would turn around. */
typedef struct imi_replay_change {
    char session_id[IMI_ID_SIZE];
    int64_t at_ms;
    double similarity; /* of the rule's kind */
    imi_decision decision; /* as it was taken */
    bool match; /* as the rule would have it */
} imi_replay_change;

/**
 * Counts of one pass over stored scores. A value type of fixed size.
 *
 * Only decisive comparisons are judged: where another check decided, no threshold changes the
 * outcome. Which of them are mated nobody knows for certain. Those of sessions that ended
 * VERIFIED are, as far as the service can tell; the others may be impostors rightly refused or
 * people wrongly refused.
 */
typedef struct imi_replay {
    imi_replay_rule rule;
    uint64_t seen;
    uint64_t other_models; /* made by other models: not comparable */
    uint64_t not_decisive; /* another check decided */
    uint64_t without_score; /* have no score of the rule's kind */
    uint64_t judged; /* all others */
    uint64_t judged_below; /* of these, below the threshold */
    uint64_t verified; /* judged, of sessions that ended VERIFIED */
    uint64_t verified_below;
    uint64_t to_match, to_non_match; /* decisions that would change, in each direction */
    imi_replay_change changes[IMI_REPLAY_CHANGES_MAX]; /* the newest, as a ring */
    int64_t first_ms, last_ms; /* of the judged ones; 0 without any */
} imi_replay;

void imi_replay_init(imi_replay *replay, const imi_replay_rule *rule);
/** Judge one record. */
void imi_replay_add(imi_replay *replay, const imi_score_record *record);
/** Changed decisions that are listed; number 0 is the newest. NULL past the end. */
const imi_replay_change *imi_replay_change_at(const imi_replay *replay, size_t number);

/**
 * FNMR at the threshold, as far as it can be known: between `least`, where only sessions that
 * ended VERIFIED count as mated, and `most`, where every decisive comparison does.
 *
 * Units:  rates with 95 % intervals (Wilson, 1927); NaN when there are no such comparisons, or
 *         when the threshold is NaN.
 *         The intervals take comparisons for independent.
 */
typedef struct imi_fnmr_bracket {
    imi_rate least, most;
} imi_fnmr_bracket;

imi_fnmr_bracket imi_replay_fnmr(const imi_replay *replay);

/* ---- Shadow: how a candidate decided beside the active point ---- */

/** Counts of sessions' comparisons that a candidate judged too. */
typedef struct imi_shadow_counts {
    uint64_t compared;
    uint64_t agreed;
    uint64_t would_verify; /* verified by the candidate alone */
    uint64_t would_refuse; /* verified by the active point alone */
    int64_t first_ms, last_ms; /* 0 without any */
} imi_shadow_counts;

/** Count a record, if this candidate ran beside it. */
void imi_shadow_add(imi_shadow_counts *counts, const char *point_id,
                    const imi_score_record *record);

/* ---- Proposals ---- */

typedef struct imi_proposal {
    const imi_nonmated *nonmated; /* required */
    imi_score_kind kind;
    double target_fmr;
    double target_fmr_max; /* what the policy file allows at most */
} imi_proposal;

/**
 * Threshold of a target rate: fills threshold, expected FMR with its interval and the number of
 * comparisons; FNMR stays NaN (imi_point_expect_fnmr).
 *
 * Errors: IMI_E_INVALID_ARGUMENT (no rate, or laxer than the policy file allows);
 *         IMI_E_CALIBRATION when the data are too few: the message says how many are missing.
 */
IMI_MUST_USE imi_status imi_point_propose(const imi_proposal *proposal, imi_point_record *out,
                                          imi_error *err);
/** Note what a replay under the point's threshold says about FNMR. */
void imi_point_expect_fnmr(imi_point_record *point, const imi_replay *replay);

/** What the policy file demands of a point, checked also when a server starts: IMI_E_POLICY. */
IMI_MUST_USE imi_status imi_point_check_target(const imi_point_record *point, double target_fmr_max,
                                               imi_error *err);

/* ---- Life of a point ---- */

/* Kept for ever, as history; a purpose with so many gets no more. */
enum {
    IMI_POINTS_PER_PURPOSE_MAX = 500,
    /* That are looked at: proposals at one moment may get beyond the most, and the oldest point of
     * all may be the active one. */
    IMI_POINTS_LISTED_MAX = 600
};

/** Who does something, and when. */
typedef struct imi_point_actor {
    const char *name; /* administrator */
    int64_t now_ms;
} imi_point_actor;

/** Stable lower-case name: "proposed", "approved"... Static storage. */
const char *imi_point_state_name(imi_point_state state);

/*
 * Each checks that the step is allowed and changes the records; on failure nothing is changed.
 * Errors: IMI_E_CONFLICT when the state does not allow it, IMI_E_PERMISSION when this person
 *         may not.
 */

/** PROPOSED to APPROVED, by somebody else than who proposed. */
IMI_MUST_USE imi_status imi_point_approve(imi_point_record *point, const imi_point_actor *actor,
                                          imi_error *err);
/** PROPOSED or APPROVED to WITHDRAWN; ends its shadow. */
IMI_MUST_USE imi_status imi_point_withdraw(imi_point_record *point, const imi_point_actor *actor,
                                           imi_error *err);
/** Run beside the active point, or no longer. former: the purpose's shadow now, or NULL. */
IMI_MUST_USE imi_status imi_point_set_shadow(imi_point_record *point, bool on,
                                             imi_point_record *former, imi_error *err);
/** APPROVED to ACTIVE. current: the purpose's active point, which retires, or NULL. */
IMI_MUST_USE imi_status imi_point_activate(imi_point_record *point, imi_point_record *current,
                                           const imi_point_actor *actor, imi_error *err);
/**
 * Undo an activation: current to WITHDRAWN, for it has shown itself wrong, and previous, which
 * it had retired, to ACTIVE. previous NULL: back to the shipped calibration.
 */
IMI_MUST_USE imi_status imi_point_roll_back(imi_point_record *current, imi_point_record *previous,
                                            const imi_point_actor *actor, imi_error *err);

/** Points of one purpose. NULL: there is none. */
imi_point_record *imi_points_find_active(imi_point_record *points, size_t count);
imi_point_record *imi_points_find_shadow(imi_point_record *points, size_t count);
/** The one that a roll-back returns to: retired last. */
imi_point_record *imi_points_find_previous(imi_point_record *points, size_t count);

#ifdef __cplusplus
}
#endif
#endif
