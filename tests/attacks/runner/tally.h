/**
 * Attempts by species, and the rates that they give.
 */
#ifndef IMI_ATTACKS_TALLY_H
#define IMI_ATTACKS_TALLY_H

#include "attempt.h"

typedef struct imi_attack_tally {
    size_t attempts, accepted, no_response;
    size_t failed; /* no attempt came about: the server or the generator failed */
    size_t favoured[IMI_LAYER_COUNT]; /* attempts that a layer by itself takes for bona fide */
    size_t solid; /* that both geometric layers together, and nothing else, take for bona fide */
} imi_attack_tally;

/** A layer by itself takes a capture for bona fide: its log ratio in the evidence text, such as
 * "challenge:+2.0 geometry:veto(flat)", is above 0. */
bool imi_attack_evidence_favours(const char *evidence, imi_layer layer);

void imi_attack_tally_add(imi_attack_tally *tally, const imi_attempt *attempt);

/** Heading of the lines below. Appends to out. */
IMI_MUST_USE imi_status imi_attack_tally_heading(imi_buffer *out, imi_error *err);
/**
 * One line: for attacks IAPAR, for bona fide presentations the rate of those not accepted, each
 * with its exact 95 % interval; then how many each layer favours, and how many look solid.
 * Appends to out.
 *
 * Source: ISO/IEC 30107-3, 13.4; interval of C. Clopper and E. Pearson, 1934.
 */
IMI_MUST_USE imi_status imi_attack_tally_format(const imi_attack_tally *tally,
                                                imi_gen_species species, imi_buffer *out,
                                                imi_error *err);

/** How many errors of each kind are allowed, in percent of a species' attempts. */
typedef struct imi_attack_limits {
    double iapar_percent; /* attacks that are accepted */
    double bpcer_percent; /* bona fide presentations that are not */
} imi_attack_limits;

/**
 * More errors than a limit allows, nobody bona fide accepted at all, or an attempt failed. Pictures
 * on paper and stills on screens may look solid to geometry no oftener than they may be accepted.
 */
bool imi_attack_tally_exceeds(const imi_attack_tally *tally, imi_gen_species species,
                              const imi_attack_limits *limits);

#endif
