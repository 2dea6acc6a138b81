/**
 * What can be before a live camera: a person, and what stands in for them.
 */
#ifndef IMI_TESTS_WEB_SCENES_H
#define IMI_TESTS_WEB_SCENES_H

#include "instruction.h"

typedef struct imi_live_scenes imi_live_scenes;

/**
 * Make all scenes of a person.
 *
 * still, beside: JPEGs of them, and of who joins them in IMI_LIVE_TWO.
 * Ownership:     person moves in on success.
 */
IMI_MUST_USE imi_status imi_live_scenes_new(imi_source **take_person, imi_view still,
                                            imi_view beside, imi_live_scenes **out, imi_error *err);
void imi_live_scenes_destroy(imi_live_scenes **scenes);
IMI_AUTO_DEFINE(imi_live_scenes, imi_live_scenes_destroy)

/** The JPEG that the camera takes at a moment; moments never step back. Borrowed until the next. */
imi_view imi_live_scenes_look(imi_live_scenes *scenes, int64_t at_ms,
                              const imi_live_instructions *instructions);

#endif
