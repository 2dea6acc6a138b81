#include "recording.h"

#include "random.h"

/* Milliseconds: rest at the start, an action, and the rest behind it. */
enum { REST_MS = 2200, ACTION_MS = 2600, GAP_MS = 1900, CUT_AFTER_MS = 450 };

static const imi_guidance ACTIONS[] = {
    IMI_GUIDANCE_MOVE_CLOSER, IMI_GUIDANCE_TURN_LEFT, IMI_GUIDANCE_OPEN_MOUTH,
    IMI_GUIDANCE_TURN_RIGHT,  IMI_GUIDANCE_BLINK,     IMI_GUIDANCE_NOD,
};
enum { ACTION_COUNT = sizeof ACTIONS / sizeof ACTIONS[0], SESSION_ACTIONS = 3 };

static void shuffle(imi_guidance *actions, uint32_t count, imi_gen_random *random)
{
    for (uint32_t i = count; i > 1; i--) {
        uint32_t other = (uint32_t)(imi_gen_random_next(random) % i);
        imi_guidance swap = actions[i - 1];
        actions[i - 1] = actions[other];
        actions[other] = swap;
    }
}

/* Every session asks to come nearer: so does the script that an attacker guesses. */
static void bring_near(imi_guidance *actions, uint32_t place)
{
    for (uint32_t i = SESSION_ACTIONS; i < ACTION_COUNT; i++) {
        if (actions[i] == IMI_GUIDANCE_MOVE_CLOSER) {
            actions[i] = actions[place];
            actions[place] = IMI_GUIDANCE_MOVE_CLOSER;
        }
    }
}

void imi_gen_recording_init(imi_gen_recording *recording, imi_gen_stream stream, uint64_t seed)
{
    *recording = (imi_gen_recording){.take = 0};
    imi_gen_random random = imi_gen_random_of(seed, "recording");
    for (uint32_t i = 0; i < ACTION_COUNT; i++) {
        recording->actions[i] = ACTIONS[i];
    }
    shuffle(recording->actions, ACTION_COUNT, &random);
    if (stream == IMI_GEN_STREAM_REPLAYED) {
        bool loop = imi_gen_random_between(&random, 0, 1) < 0.5;
        stream = loop ? IMI_GEN_STREAM_LOOPED : IMI_GEN_STREAM_RECORDED;
    }
    if (stream == IMI_GEN_STREAM_RECORDED) {
        bring_near(recording->actions, (uint32_t)(imi_gen_random_next(&random) % SESSION_ACTIONS));
    }
    recording->stream = stream;
    /* A loop holds everything; a session what it was asked; a frozen one is a calm face. */
    recording->count = stream == IMI_GEN_STREAM_LOOPED     ? ACTION_COUNT
                       : stream == IMI_GEN_STREAM_RECORDED ? SESSION_ACTIONS
                                                           : 0;
}

void imi_gen_recording_rewind(imi_gen_recording *recording)
{
    recording->take = 0;
    recording->take_from_ms = 0;
    recording->playing = IMI_GUIDANCE_NONE;
}

static int64_t length_ms(const imi_gen_recording *recording)
{
    return REST_MS + (int64_t)recording->count * (ACTION_MS + GAP_MS);
}

static imi_guidance told_at(const imi_gen_recording *recording, int64_t at_ms)
{
    int64_t since = at_ms - REST_MS;
    int64_t step = since / (ACTION_MS + GAP_MS);
    bool acting = since >= 0 && since % (ACTION_MS + GAP_MS) < ACTION_MS;
    return acting && step < recording->count ? recording->actions[step] : IMI_GUIDANCE_HOLD_STILL;
}

static bool is_action(imi_guidance guidance)
{
    for (uint32_t i = 0; i < ACTION_COUNT; i++) {
        if (ACTIONS[i] == guidance) {
            return true;
        }
    }
    return guidance == IMI_GUIDANCE_FIT_OVAL;
}

/* The attacker cuts to the clip of what is asked, and back to the calm one. */
static imi_gen_moment splice(imi_gen_recording *recording, int64_t at_ms, const imi_sim_cue *cue)
{
    imi_guidance wanted = is_action(cue->guidance) ? cue->guidance : IMI_GUIDANCE_NONE;
    bool cut = wanted != recording->playing && at_ms - recording->take_from_ms >= CUT_AFTER_MS;
    if (cut) {
        recording->playing = wanted;
        recording->take_from_ms = at_ms;
        recording->take++;
    }
    imi_gen_moment moment = {
        .at_ms = at_ms - recording->take_from_ms,
        .take = recording->take,
        .starts = cut,
        .cue = *cue,
    };
    moment.cue.guidance = recording->playing;
    moment.cue.has_target = cue->has_target && wanted == recording->playing;
    return moment;
}

imi_gen_moment imi_gen_recording_at(imi_gen_recording *recording, int64_t at_ms,
                                    const imi_sim_cue *cue)
{
    imi_gen_moment moment = {.at_ms = at_ms, .cue = *cue};
    if (recording->stream == IMI_GEN_STREAM_LIVE) {
        return moment;
    }
    if (recording->stream == IMI_GEN_STREAM_SPLICED) {
        return splice(recording, at_ms, cue);
    }
    if (recording->stream == IMI_GEN_STREAM_LOOPED) {
        int64_t from = at_ms - at_ms % length_ms(recording);
        moment.starts = from != recording->take_from_ms;
        recording->take_from_ms = from;
        moment.at_ms = at_ms - from;
    }
    moment.cue = (imi_sim_cue){.guidance = told_at(recording, moment.at_ms)};
    return moment;
}
