/**
 * When the whole picture is looked at again while a face is followed, and what was seen then.
 */
#ifndef IMI_EXAMINE_LOOK_SCHEDULE_H
#define IMI_EXAMINE_LOOK_SCHEDULE_H

#include "imi/engine.h"

typedef struct imi_look_schedule {
    bool looked;
    int64_t looked_at_ms;
    uint32_t frames_since;
    uint32_t several_looks; /* that saw more than one face that could be meant */
} imi_look_schedule;

/** Whether the frame of this time is one to look around in. hurried: less often. */
bool imi_look_is_due(const imi_look_schedule *schedule, int64_t at_ms, bool hurried);
/** Note a frame: whether it was looked around in, and what was seen. */
void imi_look_note(imi_look_schedule *schedule, int64_t at_ms, bool looked, const imi_face *face);
/** A second face was there for long enough to be no slip of the detector. */
bool imi_look_saw_several(const imi_look_schedule *schedule);

#endif
