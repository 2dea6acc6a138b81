#include "imi/threshold.h"

#include <math.h>

imi_status imi_point_propose(const imi_proposal *proposal, imi_point_record *out, imi_error *err)
{
    *out = (imi_point_record){.threshold = NAN,
                              .fmr = NAN,
                              .fmr_low = NAN,
                              .fmr_high = NAN,
                              .fnmr = NAN,
                              .fnmr_low = NAN,
                              .fnmr_high = NAN};
    imi_status fit = imi_point_check_target(&(imi_point_record){.target_fmr = proposal->target_fmr},
                                            proposal->target_fmr_max, err);
    if (fit != IMI_OK) {
        /* Somebody asked for it: the fault is not the policy's. */
        if (err != NULL) {
            err->status = IMI_E_INVALID_ARGUMENT;
        }
        return IMI_E_INVALID_ARGUMENT;
    }
    double threshold = NAN;
    IMI_TRY(imi_nonmated_threshold(proposal->nonmated, proposal->kind, proposal->target_fmr,
                                   &threshold, err));
    imi_rate fmr = imi_nonmated_fmr(proposal->nonmated, proposal->kind, 0, threshold);
    /* What was promised is checked once more where it matters: a defect must not lower a bar. */
    if (!isfinite(threshold) || !(fmr.high <= proposal->target_fmr)) {
        IMI_FAIL(err, IMI_E_CALIBRATION,
                 "the calibration gives no threshold that keeps a false match rate of %g",
                 proposal->target_fmr);
    }
    const imi_nonmated_group *all = imi_nonmated_group_at(proposal->nonmated, 0);
    out->target_fmr = proposal->target_fmr;
    out->score_kind = (int32_t)proposal->kind;
    out->threshold = threshold;
    out->fmr = fmr.rate;
    out->fmr_low = fmr.low;
    out->fmr_high = fmr.high;
    out->comparisons = all == NULL ? 0 : (int64_t)all->comparisons;
    out->state = IMI_POINT_PROPOSED;
    return IMI_OK;
}
