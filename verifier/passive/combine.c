#include "imi/passive.h"

#include "model.h"
#include "weights.h"

#include <math.h>

/* Beyond this many spreads the training saw nothing: no cue counts for more than it was seen to. */
static const float FAR = 2.0F;
/* With fewer cues than this a picture says nothing. */
enum { CUES_MIN = 4 };

/* False: too little was measured. A missing cue stands at its mean and says nothing. */
static bool standardise(const passive_model *model, const imi_cues *cues,
                        float z[IMI_CUE_COUNT + 1])
{
    int measured = 0;
    for (int i = 0; i < IMI_CUE_COUNT; i++) {
        z[i] = 0;
        if (isfinite(cues->value[i])) {
            z[i] = fminf(fmaxf((cues->value[i] - model->centre[i]) / model->spread[i], -FAR), FAR);
            measured += i != IMI_CUE_NETWORKS;
        }
    }
    z[PASSIVE_ALONE] = 1;
    return measured >= CUES_MIN;
}

float imi_passive_combine(const imi_cues *cues)
{
    bool networks = isfinite(cues->value[IMI_CUE_NETWORKS]);
    const passive_model *model = networks ? &WITH_NETWORKS : &WITHOUT_NETWORKS;
    float z[IMI_CUE_COUNT + 1];
    if (!standardise(model, cues, z)) {
        return NAN;
    }
    float sum = model->bias;
    for (uint32_t i = 0; i < model->term_count; i++) {
        const passive_term *term = &model->terms[i];
        sum += term->weight * z[term->a] * z[term->b];
    }
    return sum;
}
