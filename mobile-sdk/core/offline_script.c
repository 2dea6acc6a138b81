#include "imi_core/offline_script.h"

#include "imi_core/messages.h"

enum { TURN_MS = IMI_CORE_OFFLINE_ACTION_MS + IMI_CORE_OFFLINE_BACK_MS };

static imi_core_phrase phrase_of(uint32_t action)
{
    static const uint8_t phrases[IMI_CORE_ACTION_LAST + 1] = {
        IMI_CORE_PHRASE_LOOK_STRAIGHT, IMI_CORE_PHRASE_MOVE_CLOSER, IMI_CORE_PHRASE_TURN_LEFT,
        IMI_CORE_PHRASE_TURN_RIGHT,    IMI_CORE_PHRASE_OPEN_MOUTH,  IMI_CORE_PHRASE_BLINK,
        IMI_CORE_PHRASE_LOOK_STRAIGHT, IMI_CORE_PHRASE_NOD,
    };
    return action <= IMI_CORE_ACTION_LAST ? (imi_core_phrase)phrases[action]
                                          : IMI_CORE_PHRASE_LOOK_STRAIGHT;
}

imi_core_phrase imi_core_offline_phrase(const uint32_t *actions, uint32_t count,
                                        uint32_t elapsed_ms)
{
    if (elapsed_ms < IMI_CORE_OFFLINE_LEAD_MS) {
        return IMI_CORE_PHRASE_NONE;
    }
    uint32_t since_ms = elapsed_ms - IMI_CORE_OFFLINE_LEAD_MS;
    uint32_t turn = since_ms / TURN_MS;
    if (turn >= count) {
        return IMI_CORE_PHRASE_CAPTURE_DONE;
    }
    bool acts = since_ms - turn * TURN_MS < IMI_CORE_OFFLINE_ACTION_MS;
    return acts ? phrase_of(actions[turn]) : IMI_CORE_PHRASE_BACK_TO_CENTRE;
}
