/* The cues, one file each. A cue that cannot be measured is NaN. */
#ifndef IMI_PASSIVE_CUES_H
#define IMI_PASSIVE_CUES_H

#include "scene.h"

float passive_cue_moire(const passive_scene *scene);
float passive_cue_borders(const passive_scene *scene);
float passive_cue_banding(const passive_scene *scene);
float passive_cue_specular(const passive_scene *scene);
float passive_cue_gamut(const passive_scene *scene);
float passive_cue_sharpness(const passive_scene *scene);
float passive_cue_compression(const passive_scene *scene);
float passive_cue_contrast(const passive_scene *scene);
/* No cue of the combiner: moire that all of the face shows. */
float passive_grid(const passive_scene *scene);

#endif
