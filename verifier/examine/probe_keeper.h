/**
 * Which frames of a capture templates are made of, to be compared with what is enrolled. A
 * template costs as much as ten frames, so they are few and spread. Holds templates: wipe it.
 */
#ifndef IMI_EXAMINE_PROBE_KEEPER_H
#define IMI_EXAMINE_PROBE_KEEPER_H

#include "imi/examine.h"

typedef struct imi_probe_keeper {
    imi_probes kept;
    float best_refused; /* unified quality of the best frame that was refused */
    uint32_t tries; /* frames that a template was to be made of */
    int64_t tried_at_ms;
} imi_probe_keeper;

/**
 * Whether a neutral frame of this unified quality is worth trying: there is room, or it is
 * clearly better than the worst that is kept.
 * sparing: not unless there is no probe yet.
 */
bool imi_probe_keeper_wants(const imi_probe_keeper *keeper, float quality, int64_t at_ms,
                            bool sparing);
/** Note why a neutral frame does not serve: of the best one the person is told. */
void imi_probe_keeper_refuse(imi_probe_keeper *keeper, float quality, imi_capture_reason reason);
/**
 * Try a frame that is wanted. It was judged by following the face, and is now judged by itself, by
 * the strict limits of a frontal probe.
 *
 * seen_out: the face as it was found, whether it serves or not.
 * made_out: the template that was made, the keeper's; NULL if the frame was refused.
 */
IMI_MUST_USE imi_status imi_probe_keeper_try(imi_probe_keeper *keeper, imi_engine *engine,
                                             const imi_image *image, float quality, int64_t at_ms,
                                             imi_face *seen_out, const imi_template **made_out,
                                             imi_error *err);
/** Make a template of a frame that answered an action. */
IMI_MUST_USE imi_status imi_probe_keeper_add_action(imi_probe_keeper *keeper, imi_engine *engine,
                                                    const imi_image *image, const imi_face *face,
                                                    imi_error *err);

#endif
