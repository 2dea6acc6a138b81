/* What is asked of a measurement: the rate at a threshold, the threshold of a rate. */
#include "rate.h"

#include <math.h>

imi_rate imi_nonmated_fmr(const imi_nonmated *nonmated, imi_score_kind kind, size_t group,
                          double threshold)
{
    const nonmated_table *table = nonmated_table_of(nonmated, kind, group);
    if (table == NULL || isnan(threshold)) {
        return (imi_rate){NAN, NAN, NAN, 0, false};
    }
    return nonmated_rate(table, kind, nonmated_bin_of(kind, threshold));
}

/* People that would have to be enrolled for the pooled comparisons to show a rate: the part of
 * the design effect that comes from sharing subjects grows with their number. */
static double people_needed(double people, double pairs, double made, double effect, double target)
{
    double share = made / pairs;
    double growth = (effect - 1) / people;
    double low = people, high = people;
    while (high < 1e12 && share * high * (high - 1) / 2 / (1 + growth * high) < 3 / target) {
        low = high;
        high *= 2;
    }
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        if (share * middle * (middle - 1) / 2 / (1 + growth * middle) < 3 / target) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return ceil(high - people);
}

static imi_status too_few(const imi_nonmated *nonmated, const nonmated_table *table,
                          imi_score_kind kind, double target, imi_error *err)
{
    double made = (double)nonmated_total(table);
    double effect = nonmated_effect(table, target);
    double missing =
        people_needed((double)nonmated->subjects, (double)nonmated->pairs, made, effect, target);
    IMI_FAIL(err, IMI_E_CALIBRATION,
             "%.0f comparisons of %llu people can show a false match rate of %.2g for %s scores, "
             "not %.2g: about %.0f more comparisons, such as of %.0f more enrolled people, are "
             "missing",
             made, (unsigned long long)nonmated->subjects, nonmated_floor(table),
             imi_score_kind_name(kind), target, fmax(ceil(3 * effect / target - made), 1), missing);
}

imi_status imi_nonmated_threshold(const imi_nonmated *nonmated, imi_score_kind kind,
                                  double target_fmr, double *threshold_out, imi_error *err)
{
    *threshold_out = NAN;
    if (!(target_fmr > 0 && target_fmr <= 1)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a target false match rate lies in (0, 1]");
    }
    const nonmated_table *table = nonmated_table_of(nonmated, kind, 0);
    if (table == NULL) {
        IMI_FAIL(err, IMI_E_CALIBRATION, "%s scores were not measured", imi_score_kind_name(kind));
    }
    size_t bin = nonmated_bin_for(table, kind, target_fmr);
    if (target_fmr < nonmated_floor(table) || bin >= NONMATED_BINS) {
        return too_few(nonmated, table, kind, target_fmr, err);
    }
    *threshold_out = nonmated_edge(kind, bin);
    return IMI_OK;
}
