#include "casting.h"

imi_gen_casting imi_gen_casting_of(const imi_gen_cast *cast, uint64_t seed)
{
    size_t victim = (size_t)(seed % cast->count);
    size_t step = 1 + (size_t)(seed / cast->count % (cast->count - 1));
    return (imi_gen_casting){&cast->persons[victim], &cast->persons[(victim + step) % cast->count]};
}

imi_gen_stage_options imi_gen_casting_options(const imi_gen_casting *casting,
                                              imi_gen_species species, uint64_t seed)
{
    return (imi_gen_stage_options){
        .species = species,
        .seed = seed,
        .victim = casting->victim->portrait,
        .other = casting->other->portrait,
        .film = casting->victim->film,
        .width = IMI_GEN_WIDTH,
        .height = IMI_GEN_HEIGHT,
    };
}

imi_status imi_gen_casting_source(const imi_gen_casting *casting, imi_gen_species species,
                                  uint64_t seed, imi_source **out, imi_error *err)
{
    imi_gen_stage_options options = imi_gen_casting_options(casting, species, seed);
    return imi_gen_attack_new(&options, out, err);
}
