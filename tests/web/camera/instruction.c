#include "instruction.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WORD_SIZE = 32 };

static const char *const SCENES[IMI_LIVE_SCENE_COUNT] = {
    [IMI_LIVE_PERSON] = "person",
    [IMI_LIVE_PHOTO] = "photo",
    [IMI_LIVE_NOBODY] = "nobody",
    [IMI_LIVE_TWO] = "two",
};

/* IMI_GUIDANCE_COUNT if there is none of that name. */
static imi_guidance guidance_of(const char *name)
{
    for (int i = 0; i < IMI_GUIDANCE_COUNT; i++) {
        if (strcmp(name, imi_guidance_name((imi_guidance)i)) == 0) {
            return (imi_guidance)i;
        }
    }
    return IMI_GUIDANCE_COUNT;
}

static bool follow_show(imi_live_instructions *instructions, const char *line)
{
    char name[WORD_SIZE], more;
    if (sscanf(line, "show %31s %c", name, &more) != 1) {
        return false;
    }
    for (int i = 0; i < IMI_LIVE_SCENE_COUNT; i++) {
        if (strcmp(name, SCENES[i]) == 0) {
            instructions->scene = (imi_live_scene)i;
            return true;
        }
    }
    return false;
}

static bool is_oval(const imi_oval *oval)
{
    return isfinite(oval->centre_x) && isfinite(oval->centre_y) && oval->height > 0 &&
           oval->height <= 4;
}

static bool follow_told(imi_live_instructions *instructions, const char *line)
{
    enum { WITHOUT_OVAL = 3, WITH_OVAL = 6 };
    char guidance[WORD_SIZE], script[IMI_CHALLENGE_TEXT_SIZE], more;
    imi_sim_cue cue = {.actions_done = 0};
    int words = sscanf(line, "told %31s %u %127s %f %f %f %c", guidance, &cue.actions_done, script,
                       &cue.target.centre_x, &cue.target.centre_y, &cue.target.height, &more);
    cue.guidance = words >= WITHOUT_OVAL ? guidance_of(guidance) : IMI_GUIDANCE_COUNT;
    cue.has_target = words == WITH_OVAL;
    if (cue.guidance == IMI_GUIDANCE_COUNT || (words != WITHOUT_OVAL && words != WITH_OVAL) ||
        (cue.has_target && !is_oval(&cue.target)) ||
        (strcmp(script, "-") != 0 && imi_challenge_parse(script, &cue.challenge, NULL) != IMI_OK)) {
        return false;
    }
    instructions->cue = cue;
    return true;
}

imi_status imi_live_follow(imi_live_instructions *instructions, const char *line, imi_error *err)
{
    if (!follow_show(instructions, line) && !follow_told(instructions, line)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "no instruction: %s", line);
    }
    return IMI_OK;
}
