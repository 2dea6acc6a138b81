/** Records of the administration as messages of imi.v1; everything lives in the arena. */
#ifndef IMI_RPC_ADMINISTRATION_MESSAGE_H
#define IMI_RPC_ADMINISTRATION_MESSAGE_H

#include "imi/administration.h"
#include "rpc/arena.h"

#include "imi/v1/administration.pb-c.h"

/* Each gives NULL when the arena is used up. */

Imi__V1__Rate *imi_rate_message(imi_arena *arena, imi_rate rate);
/** shipped_fmr: see imi_administration_shipped_fmr. */
Imi__V1__OperatingPoint *imi_point_message(imi_arena *arena, const imi_point_record *record,
                                           double shipped_fmr);
Imi__V1__ReplayCounts *imi_replay_message(imi_arena *arena, const imi_replay *replay);
Imi__V1__Calibration *imi_calibration_message(imi_arena *arena,
                                              const imi_calibration_record *record);
/** False match rate of every group at a threshold. */
Imi__V1__GroupRate **imi_groups_message(imi_arena *arena, const imi_nonmated *nonmated,
                                        imi_score_kind kind, double threshold, size_t *count_out);

/** Kinds of score have the numbers of the protocol. */
static inline imi_score_kind imi_score_kind_of_message(Imi__V1__ScoreKind kind)
{
    return (imi_score_kind)kind;
}

#endif
