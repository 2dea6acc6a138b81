#include "watch.h"

#include <math.h>

void imi_mouth_watch_reset(imi_mouth_watch *watch)
{
    *watch = (imi_mouth_watch){0};
}

imi_watch_answer imi_mouth_watch_feed(imi_mouth_watch *watch, const imi_liveness_reading *reading)
{
    bool open = reading->mouth >= LIMIT_MOUTH_OPEN &&
                fabsf(reading->yaw_deg) <= LIMIT_MOUTH_YAW_DEG &&
                reading->shape <= LIMIT_NEUTRAL_SHAPE;
    watch->open_frames = open ? watch->open_frames + 1 : 0;
    return watch->open_frames >= LIMIT_MOUTH_FRAMES ? IMI_WATCH_DONE : IMI_WATCH_WAITING;
}
