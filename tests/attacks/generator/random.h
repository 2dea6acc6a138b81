/**
 * Random numbers that depend on a seed alone, so that every attack can be made again.
 */
#ifndef IMI_GENERATOR_RANDOM_H
#define IMI_GENERATOR_RANDOM_H

#include <stdint.h>

typedef struct imi_gen_random {
    uint64_t state;
} imi_gen_random;

/** A stream for one use of a seed; different uses share nothing. */
imi_gen_random imi_gen_random_of(uint64_t seed, const char *use);
uint64_t imi_gen_random_next(imi_gen_random *random);
/** Uniform in [low, high). */
double imi_gen_random_between(imi_gen_random *random, double low, double high);
/** Normal with mean 0 and deviation 1. */
double imi_gen_random_normal(imi_gen_random *random);

#endif
