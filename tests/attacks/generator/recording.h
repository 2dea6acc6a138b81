/**
 * Recordings that an attacker plays instead of being there: which moment of which take is shown
 * when, and what the person in it had been told.
 */
#ifndef IMI_GENERATOR_RECORDING_H
#define IMI_GENERATOR_RECORDING_H

#include "phone-sim/source.h"
#include "species.h"

enum { IMI_GEN_RECORDED_MAX = 8 };

typedef struct imi_gen_recording {
    imi_gen_stream stream;
    uint32_t count; /* actions in it, one after another */
    imi_guidance actions[IMI_GEN_RECORDED_MAX];
    uint64_t take; /* now shown; 0 is the first */
    int64_t take_from_ms; /* moment of the capture at which it began */
    imi_guidance playing; /* spliced: what it shows */
} imi_gen_recording;

typedef struct imi_gen_moment {
    int64_t at_ms; /* of the take */
    uint64_t take;
    bool starts; /* another take than in the frame before */
    imi_sim_cue cue; /* what the person in it hears */
} imi_gen_moment;

void imi_gen_recording_init(imi_gen_recording *recording, imi_gen_stream stream, uint64_t seed);
/** Begin another capture. */
void imi_gen_recording_rewind(imi_gen_recording *recording);
/** What is shown at a moment of a capture; without a recording, the moment itself. */
imi_gen_moment imi_gen_recording_at(imi_gen_recording *recording, int64_t at_ms,
                                    const imi_sim_cue *cue);

#endif
