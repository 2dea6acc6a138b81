/**
 * A generated person or attack before a camera, pose by pose, and what the engine makes of each
 * picture.
 */
#ifndef IMI_TESTS_STUDIO_H
#define IMI_TESTS_STUDIO_H

#include "camera.h"
#include "casting.h"
#include "imi/engine.h"
#include "player.h"
#include "stage.h"

typedef struct studio {
    imi_engine *engine; /* borrowed */
    imi_gen_stage *stage;
    imi_gen_player *player; /* of species that show a clip, else NULL */
    imi_gen_camera *camera;
    uint64_t moment; /* of the next picture's noise */
    imi_face last; /* of the picture before */
} studio;

/** The seed draws everything but who they are. A clip is replayed; its screen is held by the poses.
 * The cast outlives the studio. */
IMI_MUST_USE imi_status studio_open(const imi_gen_casting *casting, imi_gen_species species,
                                    uint64_t seed, imi_engine *engine, studio *out, imi_error *err);
/** Accepts one that was never opened. */
void studio_close(studio *self);

/** Take a picture and look at it, following the face of the one before. A face that is not found
 * is a reason, not an error. */
IMI_MUST_USE imi_status studio_look(studio *self, const imi_gen_pose *pose, int64_t at_ms,
                                    imi_face *out, imi_error *err);

#endif
