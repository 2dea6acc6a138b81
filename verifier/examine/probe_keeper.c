#include "probe_keeper.h"

/* Frames closer together than this show the same and would only count twice. The number of tries
 * bounds what a capture can cost. */
enum { MS_BETWEEN = 700, TRIES_MAX = 24 };
/* A frame that is better by less is not worth a template. */
static const float BETTER_BY = 0.05F;

static size_t worst_of(const imi_probes *probes)
{
    size_t worst = 0;
    for (size_t i = 1; i < probes->count; i++) {
        if (probes->quality[i] < probes->quality[worst]) {
            worst = i;
        }
    }
    return worst;
}

bool imi_probe_keeper_wants(const imi_probe_keeper *keeper, float quality, int64_t at_ms,
                            bool sparing)
{
    const imi_probes *kept = &keeper->kept;
    bool early = keeper->tries > 0 && at_ms - keeper->tried_at_ms < MS_BETWEEN;
    if (!(quality >= 0) || early || keeper->tries >= TRIES_MAX || (sparing && kept->count > 0)) {
        return false;
    }
    return kept->count < IMI_PROBES_MAX || quality >= kept->quality[worst_of(kept)] + BETTER_BY;
}

void imi_probe_keeper_refuse(imi_probe_keeper *keeper, float quality, imi_capture_reason reason)
{
    if (keeper->kept.refused == IMI_CAPTURE_OK || quality > keeper->best_refused) {
        keeper->kept.refused = reason;
        keeper->best_refused = quality;
    }
}

imi_status imi_probe_keeper_try(imi_probe_keeper *keeper, imi_engine *engine,
                                const imi_image *image, float quality, int64_t at_ms,
                                imi_face *seen_out, const imi_template **made_out, imi_error *err)
{
    imi_probes *kept = &keeper->kept;
    *made_out = NULL;
    keeper->tries++;
    keeper->tried_at_ms = at_ms;
    IMI_TRY(imi_engine_analyse(engine, image, IMI_CAPTURE_SELFIE, seen_out, err));
    if (seen_out->reason != IMI_CAPTURE_OK) {
        imi_probe_keeper_refuse(keeper, quality, seen_out->reason);
        return IMI_OK;
    }
    size_t place = kept->count < IMI_PROBES_MAX ? kept->count : worst_of(kept);
    imi_template made = {0};
    IMI_TRY(imi_engine_extract(engine, image, seen_out, &made, err));
    kept->templates[place] = made;
    kept->quality[place] = seen_out->quality.unified;
    kept->count += place == kept->count;
    *made_out = &kept->templates[place];
    imi_template_wipe(&made);
    return IMI_OK;
}

imi_status imi_probe_keeper_add_action(imi_probe_keeper *keeper, imi_engine *engine,
                                       const imi_image *image, const imi_face *face, imi_error *err)
{
    imi_probes *kept = &keeper->kept;
    if (kept->action_count == IMI_CHALLENGE_ACTIONS_MAX) {
        IMI_FAIL(err, IMI_E_INTERNAL, "more actions were answered than a challenge can hold");
    }
    IMI_TRY(imi_engine_extract(engine, image, face, &kept->actions[kept->action_count], err));
    kept->action_count++;
    return IMI_OK;
}
