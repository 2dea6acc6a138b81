/*
 * test_clips TRACKS_FOLDER SEGMENTS [--slow]
 *
 * The judge on real clips, as the engine saw them: live people must pass whatever is drawn,
 * answers to another script and photos must not. Prints how many of how many.
 */
#include "people.h"
#include "waves.h"

#include <stdio.h>
#include <string.h>

enum { SCRIPTS_MAX = 512 };

static const char *g_folder;
static unsigned g_failures;

/* Every script of a length, in the order of their numbers; each is given some ovals. */
static unsigned list_scripts(uint32_t count, imi_challenge *out)
{
    unsigned found = 0;
    unsigned total = 1;
    for (uint32_t i = 0; i < count; i++) {
        total *= IMI_ACTION_COUNT - 1;
    }
    for (unsigned code = 0; code < total; code++) {
        imi_challenge script = {.count = count};
        bool allowed = true;
        unsigned rest = code;
        for (uint32_t i = 0; i < count; i++, rest /= IMI_ACTION_COUNT - 1) {
            script.actions[i] = (imi_action)(1 + rest % (IMI_ACTION_COUNT - 1));
            bool follow = script.actions[i] == IMI_ACTION_FOLLOW;
            script.targets[i] = (uint8_t)(follow ? 1 + (code + i) % IMI_FOLLOW_TARGETS : 0);
            allowed = allowed && (i == 0 || script.actions[i] != script.actions[i - 1]);
        }
        if (allowed && found < SCRIPTS_MAX) {
            out[found++] = script;
        }
    }
    return found;
}

static void tell_script(const imi_person *p, const imi_challenge *challenge,
                        const imi_challenge *act, const imi_performance *got)
{
    char asked[IMI_CHALLENGE_TEXT_SIZE];
    char acted[IMI_CHALLENGE_TEXT_SIZE];
    imi_challenge_format(challenge, asked);
    imi_challenge_format(act, acted);
    printf("  %s: asked %s, acted %s: %s %s after %.1f s, %u done\n", p->name, asked, acted,
           got->verdict.live ? "live" : "not live", imi_liveness_reason_name(got->verdict.reason),
           (double)got->took_ms / 1000, got->verdict.actions_done);
}

static imi_status perform(const imi_person *p, const imi_actor_options *options,
                          const imi_challenge *challenge, const imi_challenge *acted, imi_tally *t,
                          imi_error *err)
{
    imi_performance got;
    IMI_TRY(imi_actor_perform(options, challenge, &got, err));
    imi_tally_add(t, &got);
    if (got.verdict.live != (challenge == acted)) {
        g_failures += challenge == acted ? 1 : 0;
        tell_script(p, challenge, acted, &got);
    }
    return IMI_OK;
}

/* How people differ: pace, patience, hands that shake, poor light. */
typedef struct manner {
    const char *name;
    int64_t period_ms, reaction_ms;
    float tremor_px, noise_px;
} manner;

static const manner manners[] = {
    {"live, 12 frames a second", 80, 400, 0, 0},
    {"live, 10 frames a second, slow to react", 100, 2500, 0, 0},
    {"live, 5 frames a second", 200, 700, 0, 0},
    {"live, trembling hands", 80, 600, 2.5F, 0},
    {"live, noisy landmarks", 80, 600, 0, 0.25F},
};

enum { MANNERS = sizeof manners / sizeof manners[0] };

static imi_status act_in_manner(const imi_person *p, const manner *m, const imi_challenge *script,
                                uint32_t seed, imi_tally *t, imi_error *err)
{
    if (!imi_person_can_act(p, script)) {
        return IMI_OK;
    }
    imi_actor_options options = imi_person_acting(p, script);
    options.period_ms = m->period_ms;
    options.reaction_ms = m->reaction_ms;
    options.tremor_px = m->tremor_px;
    options.noise_px = m->noise_px;
    options.seed = seed;
    return perform(p, &options, script, script, t, err);
}

static imi_status judge_manner(const imi_person *people, const manner *m, imi_error *err)
{
    imi_challenge scripts[SCRIPTS_MAX];
    imi_tally t = {0};
    for (uint32_t length = 2; length <= 3; length++) {
        unsigned count = list_scripts(length, scripts);
        for (unsigned i = 0; i < count * IMI_PEOPLE; i++) {
            IMI_TRY(
                act_in_manner(&people[i % IMI_PEOPLE], m, &scripts[i / IMI_PEOPLE], i, &t, err));
        }
    }
    imi_tally_print(&t, m->name);
    return IMI_OK;
}

/* What the shipped policy draws: three or four actions, near ovals of any size. */
static imi_status judge_drawn(const imi_person *people, const manner *m, unsigned runs,
                              imi_error *err)
{
    const imi_challenge_rules rules = {.allowed_mask = (1U << IMI_ACTION_COUNT) - 2,
                                       .count = 3,
                                       .count_max = 4,
                                       .near_far_required = true,
                                       .near_targets = true};
    char name[64];
    imi_tally t = {0};
    for (unsigned i = 0; t.count < runs; i++) {
        imi_challenge script;
        IMI_TRY(imi_challenge_draw(&rules, &script, err));
        IMI_TRY(act_in_manner(&people[i % IMI_PEOPLE], m, &script, i, &t, err));
    }
    snprintf(name, sizeof name, "drawn as shipped: %s", m->name);
    imi_tally_print(&t, name);
    return IMI_OK;
}

static imi_status judge_live(const imi_person *people, bool slow, imi_error *err)
{
    for (size_t i = 0; i < MANNERS; i++) {
        IMI_TRY(judge_manner(people, &manners[i], err));
        IMI_TRY(judge_drawn(people, &manners[i], slow ? 1000 : 60, err));
    }
    return IMI_OK;
}

/* Every script of two or three that one more person's clip can answer, in every manner. */
static imi_status judge_other(const imi_person *p, imi_error *err)
{
    imi_challenge scripts[SCRIPTS_MAX];
    imi_tally t = {0};
    for (uint32_t length = 2; length <= 3; length++) {
        unsigned count = list_scripts(length, scripts);
        for (unsigned i = 0; i < count * MANNERS; i++) {
            IMI_TRY(act_in_manner(p, &manners[i % MANNERS], &scripts[i / MANNERS], i, &t, err));
        }
    }
    imi_tally_print(&t, p->name);
    return IMI_OK;
}

/* People whose clips are not shipped, where they are present. */
static imi_status judge_others(const char *segments, imi_error *err)
{
    for (unsigned i = 0; i < IMI_OTHERS; i++) {
        imi_person other = {0};
        imi_status status = imi_people_load_other(g_folder, segments, i, &other, err);
        if (status == IMI_OK) {
            status = judge_other(&other, err);
        }
        imi_person_clean_up(&other);
        if (status != IMI_OK && status != IMI_E_NOT_FOUND) {
            return status;
        }
    }
    return IMI_OK;
}

/* People blink unasked, so that a recording may answer where it shows something else than what is
 * asked for. */
static const double RECORDINGS_LIVE_MAX = 0.002;

/* Answers to one script where another was drawn; every stride-th pair of scripts. */
typedef struct recording {
    const char *name;
    imi_acting acting;
    uint32_t length;
    unsigned stride_quick, stride_slow;
} recording;

static const recording recordings[] = {
    {"answers another script of two", IMI_ACTING_ANSWER, 2, 3, 1},
    {"answers another script of three", IMI_ACTING_ANSWER, 3, 61, 17},
    {"plays another script of two once", IMI_ACTING_ONCE, 2, 3, 1},
    {"plays another script of three once", IMI_ACTING_ONCE, 3, 61, 17},
};

static imi_status judge_recording(const imi_person *people, const recording *r, bool slow,
                                  imi_error *err)
{
    imi_challenge scripts[SCRIPTS_MAX];
    unsigned count = list_scripts(r->length, scripts);
    unsigned stride = slow ? r->stride_slow : r->stride_quick;
    imi_tally t = {0};
    for (unsigned pair = 0; pair < count * count * IMI_PEOPLE; pair += stride) {
        const imi_person *p = &people[pair % IMI_PEOPLE];
        const imi_challenge *asked = &scripts[pair / IMI_PEOPLE % count];
        const imi_challenge *acted = &scripts[pair / IMI_PEOPLE / count];
        if (imi_person_can_act(p, acted) && !imi_same_script(asked, acted)) {
            imi_actor_options options = imi_person_acting(p, acted);
            options.acting = r->acting;
            IMI_TRY(perform(p, &options, asked, acted, &t, err));
        }
    }
    imi_tally_print(&t, r->name);
    g_failures += t.live > RECORDINGS_LIVE_MAX * t.count ? t.live : 0;
    return IMI_OK;
}

static imi_status judge_recordings(const imi_person *people, bool slow, imi_error *err)
{
    for (size_t i = 0; i < sizeof recordings / sizeof recordings[0]; i++) {
        IMI_TRY(judge_recording(people, &recordings[i], slow, err));
    }
    return IMI_OK;
}

/* A photo must not pass even a challenge of one action. */
static imi_status judge_photo(const char *photo, unsigned wave, imi_error *err)
{
    char path[IMI_PATH_SIZE];
    char name[64];
    snprintf(path, sizeof path, "%s/%s.wave%u.track", g_folder, photo, wave);
    snprintf(name, sizeof name, "photo of %s, %s", photo, imi_wave_name(wave));
    IMI_AUTO(imi_seen_track) track = NULL;
    IMI_TRY(imi_seen_track_load(path, &track, err));
    imi_tally t = {0};
    for (unsigned action = 1; action < IMI_ACTION_COUNT; action++) {
        imi_challenge single = {.count = 1,
                                .actions = {(imi_action)action},
                                .targets = {action == IMI_ACTION_FOLLOW ? 1 : 0}};
        imi_performance got;
        IMI_TRY(imi_actor_show(track, true, &single, &got, err));
        imi_tally_add(&t, &got);
        if (got.verdict.live) {
            g_failures++;
            printf("  %s passed as %s\n", name, imi_action_name((imi_action)action));
        }
    }
    imi_tally_print(&t, name);
    return IMI_OK;
}

static imi_status judge_photos(bool slow, imi_error *err)
{
    static const char *const photos[] = {"cap12", "franck"};
    for (size_t i = 0; i < (slow ? 2 : 1); i++) {
        for (unsigned wave = 0; wave < IMI_WAVE_COUNT; wave++) {
            IMI_TRY(judge_photo(photos[i], wave, err));
        }
    }
    return IMI_OK;
}

static imi_status judge_all(imi_person *people, const char *segments, bool slow, imi_error *err)
{
    IMI_TRY(imi_people_load(g_folder, segments, people, err));
    IMI_TRY(judge_live(people, slow, err));
    if (slow) {
        IMI_TRY(judge_others(segments, err));
    }
    IMI_TRY(judge_recordings(people, slow, err));
    return judge_photos(slow, err);
}

int main(int argc, char **argv)
{
    imi_error err = IMI_ERROR_INIT;
    if (argc < 3) {
        fprintf(stderr, "usage: test_clips TRACKS_FOLDER SEGMENTS [--slow]\n");
        return 2;
    }
    g_folder = argv[1];
    bool slow = argc > 3 && strcmp(argv[3], "--slow") == 0;
    imi_person people[IMI_PEOPLE] = {0};
    imi_status status = judge_all(people, argv[2], slow, &err);
    imi_people_destroy(people);
    if (status == IMI_E_NOT_FOUND) {
        printf("skipped: %s; tools/setup-models fetches what it is made from\n", err.message);
        return IMI_EXIT_SKIPPED;
    }
    if (status != IMI_OK) {
        fprintf(stderr, "test_clips: %s\n", err.message);
        return 3;
    }
    printf("%u wrong verdicts\n", g_failures);
    return g_failures == 0 ? 0 : 1;
}
