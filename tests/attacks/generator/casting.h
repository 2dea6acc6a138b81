/**
 * Who attacks whom, by seed.
 */
#ifndef IMI_GENERATOR_CASTING_H
#define IMI_GENERATOR_CASTING_H

#include "attack.h"
#include "cast.h"

/** The people of one attempt: seeds go through the cast, and every victim meets several
 * attackers. */
typedef struct imi_gen_casting {
    const imi_gen_person *victim, *other;
} imi_gen_casting;

imi_gen_casting imi_gen_casting_of(const imi_gen_cast *cast, uint64_t seed);
/** Of a stage for one attempt. The cast outlives what is made by them. */
imi_gen_stage_options imi_gen_casting_options(const imi_gen_casting *casting,
                                              imi_gen_species species, uint64_t seed);
/** The source of one attempt. The cast outlives it. */
IMI_MUST_USE imi_status imi_gen_casting_source(const imi_gen_casting *casting,
                                               imi_gen_species species, uint64_t seed,
                                               imi_source **out, imi_error *err);

#endif
