#include "look_schedule.h"

/* A second face is found at the latest after so many frames or so long: about as fast as a
 * person who tries to swap faces could be told to stop. */
enum { FRAMES_BETWEEN = 6, MS_BETWEEN = 500 };
/* A look costs as much as four frames without: in haste half as many. */
enum { HURRIED_FACTOR = 2 };
/* Looks with a second face from which on it is held to be there: a second and a half. */
enum { SEVERAL_LOOKS = 3 };

bool imi_look_is_due(const imi_look_schedule *schedule, int64_t at_ms, bool hurried)
{
    uint32_t factor = hurried ? HURRIED_FACTOR : 1;
    return !schedule->looked || schedule->frames_since + 1 >= FRAMES_BETWEEN * factor ||
           at_ms < schedule->looked_at_ms ||
           at_ms - schedule->looked_at_ms >= (int64_t)MS_BETWEEN * factor;
}

void imi_look_note(imi_look_schedule *schedule, int64_t at_ms, bool looked, const imi_face *face)
{
    if (!looked) {
        schedule->frames_since++;
        return;
    }
    schedule->looked = true;
    schedule->looked_at_ms = at_ms;
    schedule->frames_since = 0;
    if (face->reason != IMI_CAPTURE_NO_FACE && face->quality.face_count > 1) {
        schedule->several_looks++;
    }
}

bool imi_look_saw_several(const imi_look_schedule *schedule)
{
    return schedule->several_looks >= SEVERAL_LOOKS;
}
