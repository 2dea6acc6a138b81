/**
 * What the counts of a table say about rates: empirical where events suffice, else by the tail.
 */
#ifndef IMI_CALIBRATE_RATE_H
#define IMI_CALIBRATE_RATE_H

#include "nonmated.h"

/** Comparisons that count: without those suspected mated. */
uint64_t nonmated_total(const nonmated_table *table);
/** Design effect at a rate. */
double nonmated_effect(const nonmated_table *table, double rate);
/** Fit the tail and tell what is suspected mated. Where it cannot, the tail is not fitted. */
void nonmated_fit(nonmated_table *table, imi_score_kind kind);
/** The fit again, with its limits known. */
void nonmated_refit(nonmated_table *table, imi_score_kind kind, size_t from, size_t suspects_from);
/** Rate of scores in a bin or higher. */
imi_rate nonmated_rate(const nonmated_table *table, imi_score_kind kind, size_t bin);
/** Lowest rate that the comparisons can show: rule of three. */
double nonmated_floor(const nonmated_table *table);
/** Lowest bin from which on every rate's upper limit is at most the target. */
size_t nonmated_bin_for(const nonmated_table *table, imi_score_kind kind, double target_fmr);

#endif
