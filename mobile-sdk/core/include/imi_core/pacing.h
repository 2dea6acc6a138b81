/**
 * One thing at a time: which phrase is shown and spoken now, however fast advice flips.
 */
#ifndef IMI_CORE_PACING_H
#define IMI_CORE_PACING_H

#include "imi_core/codes.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Pacing in milliseconds: an old person's reading and listening, not a server's thinking. */
enum {
    IMI_CORE_PACE_SHOWN_MIN_MS = 1200, /* no phrase gives way sooner */
    IMI_CORE_PACE_SETTLE_MS = 400, /* corrections must persist so long before they are told */
    IMI_CORE_PACE_REPEAT_MS = 8000, /* spoken again if nothing has changed */
    IMI_CORE_PACE_SPEECH_MAX_MS = 15000 /* no recording blocks for longer */
};

typedef struct imi_core_pacer imi_core_pacer;

typedef struct imi_core_cue {
    uint32_t phrase; /* to be shown; NONE before the first */
    bool speak; /* begin to say it, and vibrate, now */
} imi_core_cue;

IMI_CORE_API size_t imi_core_pacer_size(void);
IMI_CORE_API imi_core_pacer *imi_core_pacer_init(void *storage, size_t size);

/** What should be told from now on; NONE keeps the last, as the server means it. */
IMI_CORE_API void imi_core_pacer_offer(imi_core_pacer *pacer, uint32_t phrase, int64_t now_ms);

/** The platform says how long the recording that it has begun takes: it is not cut. */
IMI_CORE_API void imi_core_pacer_speaking(imi_core_pacer *pacer, uint32_t length_ms,
                                          int64_t now_ms);

/** To be called often, at least every 100 ms. */
IMI_CORE_API void imi_core_pacer_tick(imi_core_pacer *pacer, int64_t now_ms, imi_core_cue *out);

#ifdef __cplusplus
}
#endif
#endif
