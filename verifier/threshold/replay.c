#include "imi/threshold.h"

#include <math.h>
#include <string.h>

/* 97.5 % quantile of the normal distribution: two-sided intervals of 95 %. */
static const double QUANTILE = 1.959963984540054;

void imi_replay_init(imi_replay *replay, const imi_replay_rule *rule)
{
    *replay = (imi_replay){.rule = *rule};
}

static double score_of(const imi_score_record *record, imi_score_kind kind)
{
    switch (kind) {
    case IMI_SCORE_RAW:
        return record->raw_similarity;
    case IMI_SCORE_NORMALISED:
        return record->normalised_similarity;
    default:
        return NAN;
    }
}

static void note_change(imi_replay *replay, const imi_score_record *record, double similarity,
                        bool match)
{
    uint64_t number = replay->to_match + replay->to_non_match;
    imi_replay_change *change = &replay->changes[number % IMI_REPLAY_CHANGES_MAX];
    *change = (imi_replay_change){
        .at_ms = record->at_ms,
        .similarity = similarity,
        .decision = record->decision,
        .match = match,
    };
    imi_copy_text(change->session_id, sizeof change->session_id, record->session_id);
    replay->to_match += match;
    replay->to_non_match += !match;
}

void imi_replay_add(imi_replay *replay, const imi_score_record *record)
{
    replay->seen++;
    if (strcmp(record->model_version, replay->rule.model_version) != 0) {
        replay->other_models++;
        return;
    }
    if (!record->decisive) {
        replay->not_decisive++;
        return;
    }
    double similarity = score_of(record, replay->rule.kind);
    if (isnan(similarity)) {
        replay->without_score++;
        return;
    }
    bool match = similarity >= replay->rule.threshold;
    replay->judged++;
    replay->judged_below += !match;
    if (record->subject_verified) {
        replay->verified++;
        replay->verified_below += !match;
    }
    replay->first_ms = replay->judged == 1 ? record->at_ms : replay->first_ms;
    replay->last_ms = record->at_ms;
    if (match != (record->decision == IMI_DECISION_VERIFIED)) {
        note_change(replay, record, similarity, match);
    }
}

const imi_replay_change *imi_replay_change_at(const imi_replay *replay, size_t number)
{
    uint64_t changed = replay->to_match + replay->to_non_match;
    uint64_t kept = changed < IMI_REPLAY_CHANGES_MAX ? changed : IMI_REPLAY_CHANGES_MAX;
    if (number >= kept) {
        return NULL;
    }
    return &replay->changes[(changed - 1 - number) % IMI_REPLAY_CHANGES_MAX];
}

/* Source: Wilson, "Probable inference", JASA 22, 1927. Stays within [0, 1], and for no events
 * its upper end lies above the rule of three. */
static imi_rate wilson(uint64_t events, uint64_t trials)
{
    if (trials == 0) {
        return (imi_rate){.rate = NAN, .low = NAN, .high = NAN};
    }
    double n = (double)trials;
    double share = (double)events / n;
    double square = QUANTILE * QUANTILE / n;
    double centre = (share + square / 2) / (1 + square);
    double half = QUANTILE / (1 + square) * sqrt(share * (1 - share) / n + square / (4 * n));
    return (imi_rate){
        .rate = share,
        .low = events == 0 ? 0 : fmax(0, centre - half),
        .high = events == trials ? 1 : fmin(1, centre + half),
        .events = events,
    };
}

imi_fnmr_bracket imi_replay_fnmr(const imi_replay *replay)
{
    /* Without a threshold nobody was refused, and nobody would have been let in. */
    bool judged = !isnan(replay->rule.threshold);
    return (imi_fnmr_bracket){
        .least = wilson(replay->verified_below, judged ? replay->verified : 0),
        .most = wilson(replay->judged_below, judged ? replay->judged : 0),
    };
}

void imi_point_expect_fnmr(imi_point_record *point, const imi_replay *replay)
{
    imi_fnmr_bracket bracket = imi_replay_fnmr(replay);
    point->fnmr = bracket.least.rate;
    point->fnmr_low = bracket.least.low;
    point->fnmr_high = bracket.most.high;
    point->mated = (int64_t)replay->verified;
}
