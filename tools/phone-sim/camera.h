/**
 * A scene through the camera of a phone in somebody's hand: the picture sways a little, every
 * frame has noise of its own and is encoded afresh. Without it a clip that is played twice would
 * be what it is, a recording (docs/injection.md).
 */
#ifndef IMI_TOOLS_CAMERA_H
#define IMI_TOOLS_CAMERA_H

#include "phone-sim/source.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Look at a scene through a camera. Where the scene jumps, as between two segments of a clip,
 * the camera shows its last picture a moment longer, as a busy phone does; the scene waits.
 *
 * seed: equal seeds give equal frames of equal scenes.
 * Ownership: the scene moves in on success. The last 8 frames stay valid.
 */
IMI_MUST_USE imi_status imi_camera_new(uint64_t seed, imi_source **take_scene, imi_source **out,
                                       imi_error *err);

/** The same picture by picture: take a JPEG file, append what the camera makes of it. How the
 * hand has moved depends on the seed and the moment alone. */
typedef struct imi_camera_hand imi_camera_hand;
IMI_MUST_USE imi_status imi_camera_hand_new(uint64_t seed, imi_camera_hand **out, imi_error *err);
void imi_camera_hand_destroy(imi_camera_hand **hand);
IMI_AUTO_DEFINE(imi_camera_hand, imi_camera_hand_destroy)
IMI_MUST_USE imi_status imi_camera_hand_shoot(const imi_camera_hand *hand, int64_t at_ms,
                                              imi_view jpeg, imi_buffer *out, imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
