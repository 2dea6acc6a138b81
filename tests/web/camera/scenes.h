/**
 * What can be before a live camera: people of a clip, and what stands in for them.
 */
#ifndef IMI_TESTS_WEB_SCENES_H
#define IMI_TESTS_WEB_SCENES_H

#include "instruction.h"
#include "phone-sim/media.h"

typedef struct imi_live_scenes imi_live_scenes;

/**
 * Make all scenes of a person.
 *
 * beside:    a JPEG of who joins them in IMI_LIVE_TWO.
 * Ownership: person is borrowed and outlives the scenes.
 */
IMI_MUST_USE imi_status imi_live_scenes_new(const imi_media *person, imi_view beside,
                                            imi_live_scenes **out, imi_error *err);
void imi_live_scenes_destroy(imi_live_scenes **scenes);
IMI_AUTO_DEFINE(imi_live_scenes, imi_live_scenes_destroy)

/** The JPEG that the camera takes at a moment; moments never step back. Borrowed until the next. */
imi_view imi_live_scenes_look(imi_live_scenes *scenes, int64_t at_ms,
                              const imi_live_instructions *instructions);

#endif
