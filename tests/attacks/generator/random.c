#include "random.h"

#include <math.h>

imi_gen_random imi_gen_random_of(uint64_t seed, const char *use)
{
    imi_gen_random random = {seed};
    for (const char *c = use; *c != '\0'; c++) {
        random.state = imi_gen_random_next(&random) ^ (uint8_t)*c;
    }
    return random;
}

/* Source: G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators", 2014. */
uint64_t imi_gen_random_next(imi_gen_random *random)
{
    uint64_t z = random->state += 0x9e3779b97f4a7c15U;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
}

double imi_gen_random_between(imi_gen_random *random, double low, double high)
{
    return low + (high - low) * (double)(imi_gen_random_next(random) >> 11) / 9007199254740992.0;
}

double imi_gen_random_normal(imi_gen_random *random)
{
    double radius = sqrt(-2 * log(1 - imi_gen_random_between(random, 0, 1)));
    return radius * cos(imi_gen_random_between(random, 0, 6.283185307179586));
}
