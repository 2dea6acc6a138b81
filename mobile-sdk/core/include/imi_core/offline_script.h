/**
 * What to ask for while the server cannot guide.
 */
#ifndef IMI_CORE_OFFLINE_SCRIPT_H
#define IMI_CORE_OFFLINE_SCRIPT_H

#include "imi_core/codes.h"

#ifdef __cplusplus
extern "C" {
#endif

/** An old person's pace, as nobody can say when an action was shown. */
enum {
    IMI_CORE_OFFLINE_LEAD_MS = 4000, /* what was told last is not broken off */
    IMI_CORE_OFFLINE_ACTION_MS = 5000,
    IMI_CORE_OFFLINE_BACK_MS = 2000
};

/**
 * What to tell so long after the network went: each action that is left, one after the other. The
 * server judges them when it is reached again, and asks anew for what it has not seen.
 *
 * Shape:  actions of enum ChallengeAction; following an oval needs the server, so it is
 * LOOK_STRAIGHT. Returns NONE first, which keeps what is told; CAPTURE_DONE when all was asked for,
 * which is the event ENOUGH.
 */
IMI_CORE_API imi_core_phrase imi_core_offline_phrase(const uint32_t *actions, uint32_t count,
                                                     uint32_t elapsed_ms);

#ifdef __cplusplus
}
#endif
#endif
