/**
 * From what is wrong to the one thing that the person is told.
 */
#ifndef IMI_LIVENESS_GUIDANCE_H
#define IMI_LIVENESS_GUIDANCE_H

#include "baseline.h"

/** What to do about a frame that is not fit; NONE if it is. sample may be NULL. */
imi_guidance imi_guidance_of_reason(imi_capture_reason reason, const imi_liveness_sample *sample);
/** What keeps this sample from becoming part of the baseline. */
imi_guidance imi_guidance_to_settle(imi_capture_reason reason, const imi_liveness_sample *sample);
/** What keeps this reading from being neutral. */
imi_guidance imi_guidance_to_neutral(const imi_liveness_reading *reading);
/** How an action is asked for. */
imi_guidance imi_guidance_of_action(imi_action action);

#endif
