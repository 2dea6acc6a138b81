/*
 * test_replay TRACKS_FOLDER SEGMENTS [--slow]
 *
 * Recordings against scripts drawn by the shipped rules: how often does one of them answer? Of
 * the sample clips' people, recordings that are cut to answer another script, or to show
 * everything; and whole clips as they are (with --slow all NAME.whole.track of the folder). Prints
 * shares with exact intervals; fails where one is so far above what docs/liveness.md states that
 * chance makes it in fewer than one run of a thousand.
 */
#include "people.h"

#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static unsigned g_drawn = 60;
static unsigned g_failures;

static const imi_challenge_rules shipped = {.allowed_mask = (1U << IMI_ACTION_COUNT) - 2,
                                            .count = 3,
                                            .count_max = 4,
                                            .near_far_required = true,
                                            .near_targets = true};

/* Smaller than this, a chance is none. Scripts are drawn anew in every run. */
static const double UNLIKELY = 1e-3;

/* The chance of at least so many events in so many trials. */
static double chance_of_at_least(unsigned events, unsigned trials, double rate)
{
    double term = pow(1 - rate, trials);
    double fewer = 0;
    for (unsigned i = 0; i < events; i++) {
        fewer += term;
        term *= (double)(trials - i) / (i + 1) * rate / (1 - rate);
    }
    return 1 - fewer;
}

/* A share must not be shown to be above the stated one. */
static void check(const imi_tally *t, const char *what, double stated)
{
    imi_tally_print(t, what);
    if (t->count == 0 || !(chance_of_at_least(t->live, t->count, stated) >= UNLIKELY)) {
        g_failures++;
        printf("  more than the %.3f %% stated\n", 100 * stated);
    }
}

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525U + 1013904223U;
    return *state >> 8;
}

static void shuffle(imi_take *take, uint32_t seed)
{
    for (uint32_t i = take->count - 1; i > 0; i--) {
        uint32_t other = next_random(&seed) % (i + 1);
        imi_action action = take->actions[i];
        uint8_t target = take->targets[i];
        take->actions[i] = take->actions[other];
        take->targets[i] = take->targets[other];
        take->actions[other] = action;
        take->targets[other] = target;
    }
}

/* Everything that can be asked for, every oval too: the most that a recording can show. */
static imi_take take_of_everything(uint32_t seed)
{
    imi_take take = {0};
    for (unsigned action = 1; action < IMI_ACTION_COUNT; action++) {
        unsigned ovals = action == IMI_ACTION_FOLLOW     ? IMI_FOLLOW_TARGETS
                         : action == IMI_ACTION_NEAR_FAR ? IMI_NEAR_TARGETS
                                                         : 0;
        for (unsigned target = ovals > 0 ? 1 : 0; target <= ovals; target++) {
            take.actions[take.count] = (imi_action)action;
            take.targets[take.count++] = (uint8_t)target;
        }
    }
    shuffle(&take, seed);
    return take;
}

/* The seven actions once, each aimed at one oval. */
static imi_take take_of_every_action(uint32_t seed)
{
    imi_take take = {0};
    for (unsigned action = 1; action < IMI_ACTION_COUNT; action++) {
        unsigned ovals = action == IMI_ACTION_FOLLOW     ? IMI_FOLLOW_TARGETS
                         : action == IMI_ACTION_NEAR_FAR ? IMI_NEAR_TARGETS
                                                         : 0;
        take.actions[take.count] = (imi_action)action;
        take.targets[take.count++] = (uint8_t)(ovals > 0 ? 1 + next_random(&seed) % ovals : 0);
    }
    shuffle(&take, seed);
    return take;
}

/* A recording that answers a script of its own. */
static imi_take take_of_a_script(uint32_t seed)
{
    (void)seed;
    imi_challenge script;
    imi_take none = {0};
    return imi_challenge_draw(&shipped, &script, NULL) == IMI_OK ? imi_take_of(&script) : none;
}

typedef struct recording {
    const char *name;
    imi_acting acting;
    imi_take (*make)(uint32_t seed);
    double stated; /* share taken for live: docs/liveness.md; for none of n, one of n */
} recording;

static const recording recordings[] = {
    {"an answer to one script, played once", IMI_ACTING_ONCE, take_of_a_script, 0.0005},
    {"an answer to one script, in a loop", IMI_ACTING_LOOP, take_of_a_script, 0.003},
    {"an answer to one script, acted when asked", IMI_ACTING_ANSWER, take_of_a_script, 0.0005},
    {"the seven actions in a loop", IMI_ACTING_LOOP, take_of_every_action, 0.012},
    {"seven actions and all ovals in a loop", IMI_ACTING_LOOP, take_of_everything, 0.002},
};

static imi_status replay(const imi_person *people, const recording *r, imi_error *err)
{
    imi_tally t = {0};
    /* The one clip that shows every action is one person's; another recording of them shows all
     * but the nod. */
    for (unsigned i = 0; i < 2 * g_drawn; i++) {
        imi_challenge drawn;
        IMI_TRY(imi_challenge_draw(&shipped, &drawn, err));
        imi_actor_options options = imi_person_acting(&people[i % 2], &drawn);
        options.acting = r->acting;
        options.take = r->make(i + 1);
        imi_performance got;
        IMI_TRY(imi_actor_perform(&options, &drawn, &got, err));
        imi_tally_add(&t, &got);
    }
    check(&t, r->name, r->stated);
    return IMI_OK;
}

/* A whole clip as it is, from its first frame. */
static imi_status replay_clip(const char *name, const imi_seen_track *track, bool again,
                              imi_tally *all, imi_error *err)
{
    imi_tally t = {0};
    char what[IMI_PATH_SIZE];
    for (unsigned i = 0; i < g_drawn; i++) {
        imi_challenge drawn;
        imi_performance got;
        IMI_TRY(imi_challenge_draw(&shipped, &drawn, err));
        IMI_TRY(imi_actor_show(track, again, &drawn, &got, err));
        imi_tally_add(&t, &got);
        imi_tally_add(all, &got);
    }
    snprintf(what, sizeof what, "%s, %s", name, again ? "to and fro" : "once");
    imi_tally_print(&t, what);
    return IMI_OK;
}

static imi_status replay_people(const imi_person *people, bool again, imi_tally *all,
                                imi_error *err)
{
    for (unsigned i = 0; i < IMI_PEOPLE; i++) {
        IMI_TRY(replay_clip(people[i].name, people[i].track, again, all, err));
    }
    return IMI_OK;
}

static imi_status replay_whole_clips(const char *folder, bool again, imi_tally *all, imi_error *err)
{
    char pattern[IMI_PATH_SIZE];
    snprintf(pattern, sizeof pattern, "%s/*.whole.track", folder);
    glob_t found = {0};
    imi_status status = glob(pattern, 0, NULL, &found) == 0 ? IMI_OK : IMI_E_NOT_FOUND;
    for (size_t i = 0; status == IMI_OK && i < found.gl_pathc; i++) {
        IMI_AUTO(imi_seen_track) track = NULL;
        status = imi_seen_track_load(found.gl_pathv[i], &track, err);
        if (status == IMI_OK) {
            status = replay_clip(strrchr(found.gl_pathv[i], '/') + 1, track, again, all, err);
        }
    }
    globfree(&found);
    return status;
}

static imi_status run(char **argv, bool slow, imi_person *people, imi_error *err)
{
    IMI_TRY(imi_people_load(argv[1], argv[2], people, err));
    for (size_t i = 0; i < sizeof recordings / sizeof recordings[0]; i++) {
        IMI_TRY(replay(people, &recordings[i], err));
    }
    /* All that shows to and fro was taken for live is of the sample clips, which the short run
     * takes alone. */
    const double once = slow ? 1.0 / 12000 : 1.0 / 3000;
    const double to_and_fro = slow ? 2.0 / 12000 : 2.0 / 3000;
    for (int again = 0; again < 2; again++) {
        imi_tally all = {0};
        IMI_TRY(slow ? replay_whole_clips(argv[1], again, &all, err)
                     : replay_people(people, again, &all, err));
        check(&all, again ? "whole clips to and fro" : "whole clips once",
              again ? to_and_fro : once);
    }
    return IMI_OK;
}

int main(int argc, char **argv)
{
    imi_error err = IMI_ERROR_INIT;
    if (argc < 3) {
        fprintf(stderr, "usage: test_replay TRACKS_FOLDER SEGMENTS [--slow]\n");
        return 2;
    }
    imi_person people[IMI_PEOPLE] = {0};
    bool slow = argc > 3 && strcmp(argv[3], "--slow") == 0;
    g_drawn = slow ? 1000 : g_drawn;
    imi_status status = run(argv, slow, people, &err);
    imi_people_destroy(people);
    if (status == IMI_E_NOT_FOUND) {
        printf("skipped: %s; tools/setup-models fetches what it is made from\n", err.message);
        return IMI_EXIT_SKIPPED;
    }
    if (status != IMI_OK) {
        fprintf(stderr, "test_replay: %s\n", err.message);
        return 3;
    }
    printf("scripts by the shipped rules: %llu; %u shares above what is stated\n",
           (unsigned long long)imi_challenge_space(&shipped), g_failures);
    return g_failures == 0 ? 0 : 1;
}
