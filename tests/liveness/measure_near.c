/*
 * measure_near: how many generated people, or attacks, pass near_far with each of its ovals in
 * turn, by the rule of verifier/liveness and by the one that it replaced, on the same frames.
 *
 *   means    the mean of near views against that of far ones: the judge's
 *   single   single_frames.h
 */
#include "cli.h"
#include "portrait/portrait.h"
#include "single_frames.h"
#include "studio.h"
#include "watch.h"

#include <stdio.h>

enum {
    PERIOD_MS = 1000 / 6, /* what a busy server judges */
    SETTLE_MS = 10000, /* for the baseline */
    RETURN_MS = 2000 /* from one oval to the next */
};

typedef enum rule { MEANS = 0, SINGLE, RULES } rule;

typedef struct near_options {
    const char *models, *cast, *root, *species, *attempts, *seed, *seconds;
    long attempts_n, seed_n, seconds_n;
    bool straight;
} near_options;

/* One presentation. */
typedef struct showing {
    studio room;
    imi_gen_director director;
    imi_sim_cue cue;
    int64_t at_ms;
    imi_liveness_baseline baseline;
    imi_liveness_sample sample; /* of the latest frame */
} showing;

typedef struct passes {
    bool oval[IMI_NEAR_TARGETS];
} passes;

typedef struct tally {
    unsigned attempts, settled;
    unsigned any[RULES], oval[RULES][IMI_NEAR_TARGETS];
} tally;

static bool keeps_in_oval(const imi_near_far_watch *watch, int64_t at_ms)
{
    return watch->fit_frames > 1 && at_ms - watch->fit_since_ms >= LIMIT_NEAR_HOLD_MS;
}

/* The next frame; whether it shows a face. */
static imi_status see_next(showing *self, bool *seen_out, imi_error *err)
{
    imi_face face;
    self->at_ms += PERIOD_MS;
    imi_gen_pose pose = imi_gen_director_act(&self->director, self->at_ms, &self->cue,
                                             imi_gen_stage_lens(self->room.stage));
    IMI_TRY(studio_look(&self->room, &pose, self->at_ms, &face, err));
    imi_observation observation = {.captured_at_ms = self->at_ms,
                                   .image_width = IMI_GEN_WIDTH,
                                   .image_height = IMI_GEN_HEIGHT,
                                   .reason = face.reason,
                                   .box = &face.box,
                                   .landmarks = &face.landmarks};
    *seen_out = imi_liveness_sample_take(&observation, &self->sample);
    return IMI_OK;
}

/* Nothing is asked for, until there is a baseline or for a time. */
static imi_status rest(showing *self, int64_t most_ms, imi_error *err)
{
    bool learn = !self->baseline.known;
    int64_t until_ms = self->at_ms + most_ms;
    self->cue = (imi_sim_cue){.guidance = IMI_GUIDANCE_HOLD_STILL};
    while (self->at_ms < until_ms && !(learn && self->baseline.known)) {
        bool seen = false;
        IMI_TRY(see_next(self, &seen, err));
        if (seen && learn) {
            imi_liveness_baseline_learn(&self->baseline, &self->sample);
        }
    }
    return IMI_OK;
}

static imi_status ask(showing *self, unsigned target, int64_t length_ms, passes out[RULES],
                      imi_error *err)
{
    imi_watch watch;
    single_frames single = {.far_scale = 0};
    int64_t until_ms = self->at_ms + length_ms;
    imi_watch_reset(&watch, IMI_ACTION_NEAR_FAR, target);
    self->cue.guidance = IMI_GUIDANCE_MOVE_CLOSER;
    while (self->at_ms < until_ms) {
        bool seen = false;
        imi_liveness_reading reading;
        IMI_TRY(see_next(self, &seen, err));
        if (!seen || !imi_liveness_baseline_read(&self->baseline, &self->sample, &reading)) {
            continue;
        }
        bool *passed[RULES] = {&out[MEANS].oval[target - 1], &out[SINGLE].oval[target - 1]};
        *passed[MEANS] |= imi_watch_feed(&watch, &self->baseline, &reading) == IMI_WATCH_DONE;
        *passed[SINGLE] |= single_frames_feed(&single, &self->baseline, &reading) &&
                           keeps_in_oval(&watch.near_far, self->at_ms);
        self->cue.guidance = imi_watch_guide(&watch);
        self->cue.has_target =
            imi_watch_target(&watch, &self->baseline, &self->sample, &self->cue.target);
    }
    return IMI_OK;
}

static void count(const passes found[RULES], tally *sums)
{
    for (int by = 0; by < RULES; by++) {
        bool any = false;
        for (int i = 0; i < IMI_NEAR_TARGETS; i++) {
            sums->oval[by][i] += found[by].oval[i] ? 1 : 0;
            any = any || found[by].oval[i];
        }
        sums->any[by] += any ? 1 : 0;
    }
}

static imi_status show(const near_options *options, showing *self, tally *sums, imi_error *err)
{
    passes found[RULES] = {{{false}}};
    IMI_TRY(rest(self, SETTLE_MS, err));
    sums->attempts++;
    sums->settled += self->baseline.known ? 1 : 0;
    for (unsigned target = 1; self->baseline.known && target <= IMI_NEAR_TARGETS; target++) {
        IMI_TRY(ask(self, target, 1000 * options->seconds_n, found, err));
        IMI_TRY(rest(self, RETURN_MS, err));
    }
    count(found, sums);
    return IMI_OK;
}

static imi_status attempt(const near_options *options, const imi_gen_cast *cast, imi_engine *engine,
                          uint64_t seed, tally *sums, imi_error *err)
{
    static showing one;
    one = (showing){.at_ms = -PERIOD_MS};
    imi_gen_casting casting = imi_gen_casting_of(cast, seed);
    imi_status status = studio_open(&casting, imi_gen_species_of_name(options->species), seed,
                                    engine, &one.room, err);
    if (status == IMI_OK) {
        imi_gen_build build = imi_gen_stage_build(one.room.stage);
        imi_gen_director_start(&one.director, seed, &build);
        if (options->straight) {
            one.director.habits.lean_deg = 0;
            one.director.habits.aside_deg = 0;
        }
        status = show(options, &one, sums, err);
    }
    studio_close(&one.room);
    return status;
}

static void print_tally(const near_options *options, const tally *sums)
{
    static const char *const NAMES[RULES] = {"means", "single"};
    printf("species,straight,rule,attempts,settled,pass any oval");
    for (int i = 0; i < IMI_NEAR_TARGETS; i++) {
        printf(",pass oval %d", i + 1);
    }
    for (int by = 0; by < RULES; by++) {
        printf("\n%s,%d,%s,%u,%u,%u", options->species, options->straight, NAMES[by],
               sums->attempts, sums->settled, sums->any[by]);
        for (int i = 0; i < IMI_NEAR_TARGETS; i++) {
            printf(",%u", sums->oval[by][i]);
        }
    }
    printf("\n");
}

static imi_status measure(const near_options *options, imi_engine *engine, imi_error *err)
{
    tally sums = {.attempts = 0};
    IMI_AUTO(imi_gen_cast) cast = NULL;
    IMI_TRY(imi_gen_cast_load(options->cast, options->root, engine, &cast, err));
    for (long i = 0; i < options->attempts_n; i++) {
        IMI_TRY(attempt(options, cast, engine, (uint64_t)(options->seed_n + i), &sums, err));
    }
    print_tally(options, &sums);
    return IMI_OK;
}

static imi_status run(const near_options *options, imi_error *err)
{
    IMI_AUTO(imi_tool_engine) engine = NULL;
    IMI_TRY(imi_tool_engine_new(options->models, &engine, err));
    return measure(options, imi_tool_engine_view(engine), err);
}

int main(int argc, char **argv)
{
    near_options options = {.species = "bona_fide", .attempts_n = 20, .seed_n = 0, .seconds_n = 5};
    const imi_cli_option rows[] = {
        {"--models", &options.models, NULL, false, "DIR", "folder of the models"},
        {"--cast", &options.cast, NULL, true, "FILE.csv", "person,still,reference"},
        {"--root", &options.root, NULL, true, "DIR", "where the cast's pictures lie"},
        {"--species", &options.species, NULL, false, "NAME", "what comes nearer [bona_fide]"},
        {"--attempts", &options.attempts, NULL, false, "N", "how many of it [20]"},
        {"--seed", &options.seed, NULL, false, "N", "of the first [0]"},
        {"--seconds", &options.seconds, NULL, false, "S", "for each oval [5]"},
        {"--straight", NULL, &options.straight, false, NULL, "heads do not lean on the way"},
    };
    const imi_cli_spec spec = {"measure_near", "", 0, rows, sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    if (!imi_cli_number(options.attempts, 1, 100000, &options.attempts_n) ||
        !imi_cli_number(options.seed, 0, 1000000000, &options.seed_n) ||
        !imi_cli_number(options.seconds, 1, 60, &options.seconds_n) ||
        imi_gen_species_of_name(options.species) == IMI_GEN_SPECIES_COUNT) {
        return imi_cli_misuse(&spec, "there is no such species, or a number is out of range");
    }
    imi_error err = IMI_ERROR_INIT;
    return run(&options, &err) == IMI_OK ? IMI_EXIT_SUCCESS : imi_cli_fail(&spec, &err);
}
