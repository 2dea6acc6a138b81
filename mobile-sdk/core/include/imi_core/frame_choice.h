/**
 * Which camera frames to send when the uplink does not carry all of them.
 */
#ifndef IMI_CORE_FRAME_CHOICE_H
#define IMI_CORE_FRAME_CHOICE_H

#include "imi_core/frame_quality.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct imi_core_chooser imi_core_chooser;

IMI_CORE_API size_t imi_core_chooser_size(void);
IMI_CORE_API imi_core_chooser *imi_core_chooser_init(void *storage, size_t size);

/**
 * Whether this camera frame is to be sent.
 *
 * None before period_ms (imi_core_plan) has passed since the last; then the first that is nearly
 * as sharp as the camera's frames of late, but any after another period: an action must be seen,
 * even blurred. Calls must be in the order of time.
 */
IMI_CORE_API bool imi_core_chooser_take(imi_core_chooser *chooser, const imi_core_quality *quality,
                                        uint32_t period_ms, int64_t now_ms);

#ifdef __cplusplus
}
#endif
#endif
