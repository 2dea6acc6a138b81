/**
 * Does a series of chroma follow a sequence of colours? Arithmetic over samples, without images.
 */
#ifndef IMI_LIGHT_ANSWER_H
#define IMI_LIGHT_ANSWER_H

#include "palette.h"

/** Sixty frames a second for the eight seconds of a sequence, and some to spare. */
enum { IMI_LIGHT_SAMPLES_MAX = 512 };

typedef struct imi_light_series {
    uint32_t count;
    int64_t shown_ms[IMI_LIGHT_SAMPLES_MAX];
    imi_chroma chroma[IMI_LIGHT_SAMPLES_MAX];
} imi_light_series;

/** Whether a series changes as a light does that shows steps, whatever its colours. */
typedef struct imi_light_steps {
    float response; /* standard deviation between steps, in units of chroma */
    float sharpness; /* variance within wrongly cut steps over that within rightly cut ones;
                        about 1 for noise and slow drift */
} imi_light_steps;

/** Every step of the sequence has samples enough to be judged. */
bool imi_light_is_covered(const imi_light_series *series, const imi_light_sequence *sequence);
/** series: at least two samples. */
imi_light_steps imi_light_find_steps(const imi_light_series *series, uint32_t step_ms);
/**
 * Fisher z of the correlation with the sequence, above that with the best of others drawn by
 * the same rule; each at whatever delay of camera and display suits it best.
 */
float imi_light_margin(const imi_light_series *series, const imi_light_sequence *sequence);

#endif
