#include "rpc/administration_message.h"

/* The numbers of the protocol are those of the store; a change on one side must not compile. */
_Static_assert((int)IMI__V1__SCORE_KIND__SCORE_KIND_NORMALISED == IMI_SCORE_NORMALISED,
               "kinds of score differ");
_Static_assert((int)IMI__V1__POINT_STATE__POINT_STATE_WITHDRAWN == IMI_POINT_WITHDRAWN,
               "states of points differ");

/* A message in the arena, set to its initial value. */
#define MAKE(arena, type, initialise)                                                              \
    __extension__({                                                                                \
        type *made_ = imi_arena_alloc((arena), sizeof *made_);                                     \
        if (made_ != NULL) {                                                                       \
            initialise(made_);                                                                     \
        }                                                                                          \
        made_;                                                                                     \
    })

Imi__V1__Rate *imi_rate_message(imi_arena *arena, imi_rate rate)
{
    Imi__V1__Rate *message = MAKE(arena, Imi__V1__Rate, imi__v1__rate__init);
    if (message != NULL) {
        message->rate = rate.rate;
        message->low = rate.low;
        message->high = rate.high;
        message->events = rate.events;
        message->extrapolated = rate.extrapolated;
    }
    return message;
}

static void fill_life(Imi__V1__OperatingPoint *message, imi_point_record *kept)
{
    message->state = (Imi__V1__PointState)kept->state;
    message->shadow = kept->shadow;
    message->proposed_by = kept->proposed_by;
    message->approved_by = kept->approved_by;
    message->proposed_at_ms = kept->proposed_ms;
    message->approved_at_ms = kept->approved_ms;
    message->activated_at_ms = kept->activated_ms;
    message->retired_at_ms = kept->retired_ms;
}

Imi__V1__OperatingPoint *imi_point_message(imi_arena *arena, const imi_point_record *record,
                                           double shipped_fmr)
{
    Imi__V1__OperatingPoint *message =
        MAKE(arena, Imi__V1__OperatingPoint, imi__v1__operating_point__init);
    imi_point_record *kept = imi_arena_alloc(arena, sizeof *kept);
    if (message == NULL || kept == NULL) {
        return NULL;
    }
    *kept = *record;
    message->point_id = kept->point_id;
    message->purpose = kept->purpose;
    message->target_fmr = kept->target_fmr;
    message->calibration_id = kept->calibration_id;
    message->score_kind = (Imi__V1__ScoreKind)kept->score_kind;
    message->threshold = kept->threshold;
    message->fmr = imi_rate_message(
        arena, (imi_rate){.rate = kept->fmr, .low = kept->fmr_low, .high = kept->fmr_high});
    message->fnmr = imi_rate_message(
        arena, (imi_rate){.rate = kept->fnmr, .low = kept->fnmr_low, .high = kept->fnmr_high});
    message->shipped_fmr = shipped_fmr;
    message->comparisons = kept->comparisons;
    message->mated = kept->mated;
    fill_life(message, kept);
    return message->fmr == NULL || message->fnmr == NULL ? NULL : message;
}

Imi__V1__ReplayCounts *imi_replay_message(imi_arena *arena, const imi_replay *replay)
{
    Imi__V1__ReplayCounts *message =
        MAKE(arena, Imi__V1__ReplayCounts, imi__v1__replay_counts__init);
    if (message == NULL) {
        return NULL;
    }
    imi_fnmr_bracket fnmr = imi_replay_fnmr(replay);
    message->seen = replay->seen;
    message->other_models = replay->other_models;
    message->not_decisive = replay->not_decisive;
    message->without_score = replay->without_score;
    message->judged = replay->judged;
    message->verified = replay->verified;
    message->fnmr_least = imi_rate_message(arena, fnmr.least);
    message->fnmr_most = imi_rate_message(arena, fnmr.most);
    message->first_at_ms = replay->first_ms;
    message->last_at_ms = replay->last_ms;
    return message->fnmr_least == NULL || message->fnmr_most == NULL ? NULL : message;
}

Imi__V1__Calibration *imi_calibration_message(imi_arena *arena,
                                              const imi_calibration_record *record)
{
    Imi__V1__Calibration *message = MAKE(arena, Imi__V1__Calibration, imi__v1__calibration__init);
    imi_calibration_record *kept = imi_arena_alloc(arena, sizeof *kept);
    if (message == NULL || kept == NULL) {
        return NULL;
    }
    *kept = *record;
    message->calibration_id = kept->calibration_id;
    message->made_at_ms = kept->made_ms;
    message->made_by = kept->made_by;
    message->model_version = kept->model_version;
    message->cohort_id = kept->cohort_id;
    message->references = kept->references;
    message->comparisons = kept->comparisons;
    return message;
}

static Imi__V1__GroupRate *group_message(imi_arena *arena, const imi_nonmated_group *group,
                                         imi_rate fmr)
{
    Imi__V1__GroupRate *message = MAKE(arena, Imi__V1__GroupRate, imi__v1__group_rate__init);
    imi_nonmated_group *kept = imi_arena_alloc(arena, sizeof *kept);
    if (message == NULL || kept == NULL) {
        return NULL;
    }
    *kept = *group;
    message->name = kept->name;
    message->references = kept->references;
    message->comparisons = kept->comparisons;
    message->fmr = imi_rate_message(arena, fmr);
    return message->fmr == NULL ? NULL : message;
}

Imi__V1__GroupRate **imi_groups_message(imi_arena *arena, const imi_nonmated *nonmated,
                                        imi_score_kind kind, double threshold, size_t *count_out)
{
    *count_out = 0;
    size_t count = 0;
    while (imi_nonmated_group_at(nonmated, count) != NULL) {
        count++;
    }
    Imi__V1__GroupRate **messages = imi_arena_alloc_array(arena, count, sizeof(void *));
    for (size_t i = 0; messages != NULL && i < count; i++) {
        messages[i] = group_message(arena, imi_nonmated_group_at(nonmated, i),
                                    imi_nonmated_fmr(nonmated, kind, i, threshold));
        if (messages[i] == NULL) {
            return NULL;
        }
    }
    *count_out = messages == NULL ? 0 : count;
    return messages;
}
