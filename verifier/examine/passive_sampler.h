/**
 * Which frames of a capture the passive layer looks at: few, spread, never tight crops.
 */
#ifndef IMI_EXAMINE_PASSIVE_SAMPLER_H
#define IMI_EXAMINE_PASSIVE_SAMPLER_H

#include "imi/engine.h"
#include "imi/passive.h"

typedef struct imi_passive_sampler {
    bool networks;
    uint32_t samples; /* taken, whether they could be measured or not */
    int64_t sampled_at_ms;
    imi_passive_tally tally;
} imi_passive_sampler;

void imi_passive_sampler_init(imi_passive_sampler *sampler, bool networks);
/** Take a frame that is fit to be compared; measures it if its turn has come. */
IMI_MUST_USE imi_status imi_passive_sampler_feed(imi_passive_sampler *sampler, imi_engine *engine,
                                                 const imi_image *image, const imi_face *face,
                                                 int64_t at_ms, imi_error *err);

#endif
