/**
 * Ways to wave a photo before the camera: the attacks that the tests try.
 */
#ifndef IMI_TESTS_WAVES_H
#define IMI_TESTS_WAVES_H

#include "photo.h"

enum { IMI_WAVE_FRAMES = 110, IMI_WAVE_PERIOD_MS = 120, IMI_WAVE_COUNT = 10 };

/** Name of a way, such as "tilt_sideways". NULL behind the last. */
const char *imi_wave_name(unsigned wave);
/** How the photo is held at a time; calm at first, so that a baseline can be learned. */
imi_photo_hold imi_wave_hold(unsigned wave, int64_t at_ms);

#endif
