/**
 * Attempts by species, and the rates that they give.
 */
#ifndef IMI_ATTACKS_TALLY_H
#define IMI_ATTACKS_TALLY_H

#include "attempt.h"

typedef struct imi_attack_tally {
    size_t attempts, accepted, no_response;
    size_t failed; /* no attempt came about: the server or the generator failed */
} imi_attack_tally;

void imi_attack_tally_add(imi_attack_tally *tally, const imi_attempt *attempt);

/**
 * One line: for attacks IAPAR, for bona fide presentations the rate of those not accepted, each
 * with its exact 95 % interval. Appends to out.
 *
 * Source: ISO/IEC 30107-3, 13.4; interval of C. Clopper and E. Pearson, 1934.
 */
IMI_MUST_USE imi_status imi_attack_tally_format(const imi_attack_tally *tally,
                                                imi_gen_species species, imi_buffer *out,
                                                imi_error *err);
/** More attacks were accepted than a limit in percent allows, no bona fide presentation was, or an
 * attempt failed. */
bool imi_attack_tally_exceeds(const imi_attack_tally *tally, imi_gen_species species,
                              double limit_percent);

#endif
