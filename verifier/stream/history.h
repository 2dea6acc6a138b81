/**
 * Pictures of the capture so far, and whether a stretch of them is shown again: forwards or
 * backwards, re-encoded, with noise laid over it, at another frame rate.
 *
 * A natural scene never comes back as exactly as it left: the nearest earlier picture is farther
 * than the one just before. A picture that is much nearer to an earlier one than to its
 * predecessor is an echo; echoes that advance together through the past are a replay.
 */
#ifndef IMI_STREAM_HISTORY_H
#define IMI_STREAM_HISTORY_H

#include "limits.h"
#include "signature.h"

/** A picture that is remembered. */
typedef struct imi_past {
    imi_thumb thumb;
    int64_t at_ms;
    float step; /* distance to the one before */
} imi_past;

/** A replay that may be under way. */
typedef struct imi_chase {
    uint32_t length; /* echoes in a row; 0: none under way */
    uint32_t at; /* number of the past picture that was echoed last */
    uint32_t progress; /* pictures passed since the first echo */
    uint32_t waited; /* pictures since the last echo */
} imi_chase;

typedef struct imi_history {
    uint32_t count; /* pictures remembered in all */
    imi_past past[LIMIT_KEPT_FRAMES]; /* ring */
    imi_chase forward, backward;
    uint32_t longest_forward, longest_backward;
} imi_history;

/** Take a picture; those that follow the last one too soon are not remembered. */
void imi_history_feed(imi_history *history, const imi_thumb *thumb, int64_t at_ms);

#endif
