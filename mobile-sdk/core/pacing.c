#include "imi_core/pacing.h"

#include "bytes.h"

struct imi_core_pacer {
    uint32_t shown; /* NONE: nothing yet */
    uint32_t wanted; /* offered last; NONE: nothing new */
    int64_t wanted_since_ms;
    int64_t locked_until_ms; /* the phrase that is shown does not give way before */
    int64_t spoken_ms; /* when speaking it began last */
};

size_t imi_core_pacer_size(void)
{
    return sizeof(imi_core_pacer);
}

imi_core_pacer *imi_core_pacer_init(void *storage, size_t size)
{
    imi_core_pacer *pacer = storage_for(storage, size, sizeof *pacer);
    if (pacer != NULL) {
        *pacer = (imi_core_pacer){.shown = IMI_CORE_PHRASE_NONE};
    }
    return pacer;
}

/* Corrections flip with the frames they come from; requests and states are meant at once. */
static bool is_correction(uint32_t phrase)
{
    return phrase >= IMI_CORE_PHRASE_SHOW_FACE && phrase <= IMI_CORE_PHRASE_UNCOVER_FACE &&
           phrase != IMI_CORE_PHRASE_LOOK_STRAIGHT;
}

void imi_core_pacer_offer(imi_core_pacer *pacer, uint32_t phrase, int64_t now_ms)
{
    if (phrase == IMI_CORE_PHRASE_NONE) {
        return;
    }
    if (phrase != pacer->wanted) {
        pacer->wanted = phrase;
        pacer->wanted_since_ms = now_ms;
    }
}

void imi_core_pacer_speaking(imi_core_pacer *pacer, uint32_t length_ms, int64_t now_ms)
{
    int64_t until_ms = now_ms + min_u32(length_ms, IMI_CORE_PACE_SPEECH_MAX_MS);
    if (until_ms > pacer->locked_until_ms) {
        pacer->locked_until_ms = until_ms;
    }
}

static bool may_change(const imi_core_pacer *pacer, int64_t now_ms)
{
    if (pacer->wanted == pacer->shown || now_ms < pacer->locked_until_ms) {
        return false;
    }
    int64_t settle_ms = is_correction(pacer->wanted) ? IMI_CORE_PACE_SETTLE_MS : 0;
    return pacer->shown == IMI_CORE_PHRASE_NONE || now_ms - pacer->wanted_since_ms >= settle_ms;
}

static bool is_due_again(const imi_core_pacer *pacer, int64_t now_ms)
{
    return pacer->shown != IMI_CORE_PHRASE_NONE && pacer->wanted == pacer->shown &&
           now_ms >= pacer->locked_until_ms && now_ms - pacer->spoken_ms >= IMI_CORE_PACE_REPEAT_MS;
}

void imi_core_pacer_tick(imi_core_pacer *pacer, int64_t now_ms, imi_core_cue *out)
{
    bool changes = may_change(pacer, now_ms);
    bool speaks = changes || is_due_again(pacer, now_ms);
    if (changes) {
        pacer->shown = pacer->wanted;
        pacer->locked_until_ms = now_ms + IMI_CORE_PACE_SHOWN_MIN_MS;
    }
    if (speaks) {
        pacer->spoken_ms = now_ms;
    }
    *out = (imi_core_cue){.phrase = pacer->shown, .speak = speaks};
}
