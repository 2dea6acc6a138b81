#include "imi_core/codes.h"

const char *imi_core_phrase_name(uint32_t phrase)
{
    switch (phrase) {
#define X(NAME, number, name)                                                                      \
    case number:                                                                                   \
        return name;
        IMI_CORE_PHRASES(X)
#undef X
    default:
        return "unknown";
    }
}

typedef struct reason_row {
    const char *name;
    uint8_t phrase;
    bool may_pass;
} reason_row;

static const reason_row reasons[] = {
#define X(NAME, number, name, phrase, again) [number] = {name, IMI_CORE_PHRASE_##phrase, again},
    IMI_CORE_REASONS(X)
#undef X
};

static const reason_row no_reason = {"unknown", IMI_CORE_PHRASE_ANOTHER_WAY, false};

static const reason_row *row_of(uint32_t reason)
{
    return reason < sizeof reasons / sizeof reasons[0] ? &reasons[reason] : &no_reason;
}

const char *imi_core_reason_name(uint32_t reason)
{
    return row_of(reason)->name;
}

imi_core_phrase imi_core_reason_phrase(uint32_t reason)
{
    return (imi_core_phrase)row_of(reason)->phrase;
}

bool imi_core_reason_may_pass(uint32_t reason)
{
    return row_of(reason)->may_pass;
}
