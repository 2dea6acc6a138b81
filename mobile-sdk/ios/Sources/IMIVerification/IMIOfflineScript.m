#import "IMIOfflineScript.h"

enum { FIRST_MS = 4000, ACTION_MS = 5000, BACK_MS = 2000 };

bool IMIOfflinePhrase(const uint32_t *actions, uint32_t count, int64_t elapsed_ms,
                      uint32_t *phrase_out)
{
    /* By enum ChallengeAction; following an oval needs the server. */
    static const uint32_t phrases[IMI_CORE_ACTION_LAST + 1] = {
        0,
        IMI_CORE_PHRASE_MOVE_CLOSER,
        IMI_CORE_PHRASE_TURN_LEFT,
        IMI_CORE_PHRASE_TURN_RIGHT,
        IMI_CORE_PHRASE_OPEN_MOUTH,
        IMI_CORE_PHRASE_BLINK,
        IMI_CORE_PHRASE_LOOK_STRAIGHT,
        IMI_CORE_PHRASE_NOD,
    };
    int64_t since = elapsed_ms - FIRST_MS;
    *phrase_out = IMI_CORE_PHRASE_NONE;
    if (since < 0) {
        return true;
    }
    int64_t step = since / (ACTION_MS + BACK_MS);
    if (step >= count) {
        return false;
    }
    uint32_t action = actions[step];
    bool acts = since % (ACTION_MS + BACK_MS) < ACTION_MS;
    *phrase_out = !acts                            ? IMI_CORE_PHRASE_BACK_TO_CENTRE
                  : action <= IMI_CORE_ACTION_LAST ? phrases[action]
                                                   : IMI_CORE_PHRASE_LOOK_STRAIGHT;
    return true;
}
