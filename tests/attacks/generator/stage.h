/**
 * What the camera sees of a species: draws the head, the sheet or the mask in its room.
 */
#ifndef IMI_GENERATOR_STAGE_H
#define IMI_GENERATOR_STAGE_H

#include "director.h"
#include "film.h"
#include "lighting.h"
#include "phone-sim/view.h"
#include "species.h"

/** The persons and the picture's size. Portraits and film are borrowed and outlive the
 * stage. */
typedef struct imi_gen_stage_options {
    imi_gen_species species;
    uint64_t seed;
    const imi_gen_portrait *victim; /* who is claimed to be there */
    const imi_gen_portrait *other; /* who is there, of species that need one */
    const imi_gen_film *film; /* of the victim, for species that show one */
    uint32_t width, height;
} imi_gen_stage_options;

typedef struct imi_gen_stage imi_gen_stage;

IMI_MUST_USE imi_status imi_gen_stage_new(const imi_gen_stage_options *options, imi_gen_stage **out,
                                          imi_error *err);
void imi_gen_stage_destroy(imi_gen_stage **stage);
IMI_AUTO_DEFINE(imi_gen_stage, imi_gen_stage_destroy)

const imi_gen_lens *imi_gen_stage_lens(const imi_gen_stage *stage);
imi_gen_build imi_gen_stage_build(const imi_gen_stage *stage);

/** Of a film: put a frame of it on the screen. */
void imi_gen_stage_show(imi_gen_stage *stage, const imi_image *picture);
/** Of a film: how the screen is held for the camera to see such a view of it. */
imi_gen_pose imi_gen_stage_hold(const imi_gen_stage *stage, const imi_sim_view *view);

/** What becomes a frame. */
typedef struct imi_gen_picture {
    imi_image *scene; /* what is before the camera */
    imi_image
        *swapped; /* the same with another face, painted behind the camera; NULL: nothing is */
} imi_gen_picture;

/** Draw a moment; the images are the stage's and may be changed until the next. */
IMI_MUST_USE imi_status imi_gen_stage_draw(imi_gen_stage *stage, const imi_gen_pose *pose,
                                           int64_t at_ms, imi_gen_picture *out, imi_error *err);
/** Let the light of the phone's screen fall on what was drawn. shown_ms: since the first colour. */
void imi_gen_stage_light(imi_gen_stage *stage, const imi_light_sequence *sequence,
                         int64_t shown_ms);

#endif
