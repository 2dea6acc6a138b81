/**
 * Passive detection: does a frame show skin before a lens, or a medium that shows skin?
 *
 * Cues are measured on the pixels (moire, borders, banding, gamut, sharpness, compression) and
 * combined with the optional detection networks by a small model that this project trained
 * (docs/passive.md). Several frames of a capture are fused.
 */
#ifndef IMI_PASSIVE_H
#define IMI_PASSIVE_H

#include "imi/face.h"
#include "imi/findings.h"
#include "imi/image.h"
#include "imi/memory.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Cues of one image. Numbers are stable: order of the combiner's weights. */
typedef enum imi_cue {
    IMI_CUE_MOIRE = 0, /* narrow peaks of the spectrum above its slope */
    IMI_CUE_BORDERS = 1, /* straight long edges around the face: bezel, paper */
    IMI_CUE_BANDING = 2, /* periodic brightness along the rows: flicker of a screen */
    IMI_CUE_SPECULAR = 3, /* share and shape of highlights */
    IMI_CUE_GAMUT = 4, /* spread of chroma against skin before a lens */
    IMI_CUE_SHARPNESS = 5, /* detail by the size at which it was shown */
    IMI_CUE_COMPRESSION = 6, /* traces of an earlier JPEG grid */
    IMI_CUE_NETWORKS = 7, /* logit of the networks' mean score; NaN without them */
    IMI_CUE_CONTRAST = 8, /* darkest against brightest: a medium throws the room's light back */
    IMI_CUE_COUNT = 9
} imi_cue;

const char *imi_cue_name(imi_cue cue);

typedef struct imi_cues {
    float value[IMI_CUE_COUNT]; /* NaN: could not be measured */
    float grid; /* nepers by which a pattern that all of the face shows stands out, or NaN */
} imi_cues;

/** Measure the cues but NETWORKS. Bounded time: about two milliseconds at 640 x 480.
 * Errors: IMI_E_NO_MEMORY. A cue that cannot be measured is NaN. */
IMI_MUST_USE imi_status imi_passive_measure(const imi_image *image, const imi_face_box *box,
                                            const imi_landmarks *landmarks, imi_cues *out,
                                            imi_error *err);
/** Combine the cues of one image: natural log odds of bona fide against attack, by the shipped
 * combiner with networks, or by the one without where NETWORKS is NaN. */
float imi_passive_combine(const imi_cues *cues);

/** Fusion over a capture: plain state, no allocation. */
typedef struct imi_passive_tally {
    uint32_t frames, with_networks;
    float combined[64]; /* ring of the latest frames' log odds */
    float grid[64]; /* of the same frames, 0 where it was not measured */
} imi_passive_tally;

void imi_passive_tally_reset(imi_passive_tally *tally);
void imi_passive_tally_add(imi_passive_tally *tally, const imi_cues *cues);
/** Fill IMI_LAYER_PASSIVE; reduced if the networks did not run. */
void imi_passive_tally_report(const imi_passive_tally *tally, imi_findings *findings);

#ifdef __cplusplus
}
#endif
#endif
