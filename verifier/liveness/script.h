/**
 * What a step of a script may be.
 */
#ifndef IMI_LIVENESS_SCRIPT_H
#define IMI_LIVENESS_SCRIPT_H

#include "imi/liveness.h"

/** Can this action be asked for with this target? False for numbers that are no action. */
bool imi_script_step_is_valid(imi_action action, unsigned target);
/** Can only a solid do it, as the judge sees it? */
bool imi_script_tells_solid(imi_action action);

#endif
