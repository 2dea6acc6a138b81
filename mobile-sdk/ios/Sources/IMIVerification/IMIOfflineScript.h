/**
 * What to ask for while the server cannot guide: each action of the challenge in turn, slowly. What
 * was not seen well is asked for again when the server is back.
 */
#include "imi_core/imi_core.h"

/** False when all was asked for. actions: those that are left; phrase may be NONE. */
bool IMIOfflinePhrase(const uint32_t *actions, uint32_t count, int64_t elapsed_ms,
                      uint32_t *phrase_out);
