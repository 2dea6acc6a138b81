#include "passive_sampler.h"

#include "imi/examine.h"

#include <math.h>

/* The networks cost as much as several frames; a dozen scores spread over a capture say what
 * more would. */
enum { SAMPLES_MAX = 12, MS_BETWEEN = 700 };
/* A face larger than this share of the picture leaves no room for what is around it, which is
 * where borders show and what the networks were trained with. */
static const float TIGHT_SHARE = 0.75F;
/* Scores nearer to 0 or 1 than this are as good as certain; keeps logits finite. */
static const float SCORE_MARGIN = 1e-4F;

void imi_passive_sampler_init(imi_passive_sampler *sampler, bool networks)
{
    *sampler = (imi_passive_sampler){.networks = networks};
    imi_passive_tally_reset(&sampler->tally);
}

static bool is_tight(const imi_face_box *box, const imi_image *image)
{
    return !(box->width <= TIGHT_SHARE * (float)image->width &&
             box->height <= TIGHT_SHARE * (float)image->height);
}

static imi_status run_networks(imi_engine *engine, const imi_image *image, const imi_face *face,
                               float *logit_out, imi_error *err)
{
    float score = NAN;
    *logit_out = NAN;
    imi_status status = imi_engine_assess_pad(engine, image, face, &score, err);
    if (status == IMI_E_UNSUPPORTED) {
        return IMI_OK;
    }
    IMI_TRY(status);
    if (!isnan(score)) {
        float kept = fminf(fmaxf(score, SCORE_MARGIN), 1 - SCORE_MARGIN);
        *logit_out = logf(kept / (1 - kept));
    }
    return IMI_OK;
}

imi_status imi_examine_cues(imi_engine *engine, const imi_image *image, const imi_face *face,
                            bool networks, imi_cues *out, imi_error *err)
{
    IMI_TRY(imi_passive_measure(image, &face->box, &face->landmarks, out, err));
    out->value[IMI_CUE_NETWORKS] = NAN;
    return networks ? run_networks(engine, image, face, &out->value[IMI_CUE_NETWORKS], err)
                    : IMI_OK;
}

imi_status imi_passive_sampler_feed(imi_passive_sampler *sampler, imi_engine *engine,
                                    const imi_image *image, const imi_face *face, int64_t at_ms,
                                    imi_error *err)
{
    bool early = sampler->samples > 0 && at_ms - sampler->sampled_at_ms < MS_BETWEEN;
    if (sampler->samples >= SAMPLES_MAX || early || is_tight(&face->box, image)) {
        return IMI_OK;
    }
    imi_cues cues;
    sampler->samples++;
    sampler->sampled_at_ms = at_ms;
    IMI_TRY(imi_examine_cues(engine, image, face, sampler->networks, &cues, err));
    imi_passive_tally_add(&sampler->tally, &cues);
    return IMI_OK;
}
