/* rehearse_attacks: generated attacks before the examiner, layer by layer, without a server. */
#include "casting.h"
#include "cli.h"
#include "imi/place.h"
#include "imi/policy.h"
#include "phone-sim/rehearse.h"
#include "portrait/portrait.h"
#include "rates.h"

#include <stdio.h>
#include <string.h>

enum { TIMEOUT_MS = 70000 };

typedef struct rehearse_options {
    const char *models, *policy, *purpose, *cast, *root, *species, *attempts, *seed, *rate, *script;
    long attempts_n, seed_n, rate_n;
    bool light; /* coloured light is shown */
} rehearse_options;

/* What all attempts share. */
typedef struct rehearse_run {
    const rehearse_options *options;
    imi_engine *engine;
    imi_policy *policy;
    imi_gen_cast *cast;
    imi_scorer *scorer;
} rehearse_run;

/* Attempts that a layer, or all together, takes for bona fide. */
typedef struct tally {
    size_t attempts, live, accepted, undecided;
    size_t passed[IMI_LAYER_COUNT], measured[IMI_LAYER_COUNT];
} tally;

static imi_status draw_script(const rehearse_run *run, imi_challenge *out, imi_error *err)
{
    if (run->options->script != NULL) {
        return imi_challenge_parse(run->options->script, out, err);
    }
    const imi_purpose *purpose = imi_policy_purpose(run->policy, run->options->purpose);
    if (purpose == NULL) {
        IMI_FAIL(err, IMI_E_POLICY_UNKNOWN_PURPOSE, "no purpose %s", run->options->purpose);
    }
    return imi_challenge_draw(&purpose->challenge, out, err);
}

static void count(const imi_weighing *weighing, const imi_rehearsal *seen, tally *sums,
                  imi_weighed *weighed)
{
    *weighed = imi_weigh(weighing, &seen->findings, false);
    sums->attempts++;
    sums->live += seen->verdict.live ? 1 : 0;
    sums->accepted += seen->verdict.live && weighed->decision == IMI_PAD_BONA_FIDE ? 1 : 0;
    sums->undecided += weighed->decision == IMI_PAD_UNDECIDED ? 1 : 0;
    for (int i = 0; i < IMI_LAYER_COUNT; i++) {
        const imi_finding *finding = &seen->findings.layer[i];
        sums->measured[i] += finding->measured || finding->veto ? 1 : 0;
        sums->passed[i] += finding->measured && !finding->veto && weighed->part[i] > 0 ? 1 : 0;
    }
}

static void print_attempt(const char *species, uint64_t seed, const imi_challenge *script,
                          const imi_rehearsal *seen, const imi_weighed *weighed)
{
    char actions[IMI_CHALLENGE_TEXT_SIZE];
    imi_challenge_format(script, actions);
    printf("%s,%llu,\"%s\",%u,%u,%.1f,%s,%u,%d,%.2f", species, (unsigned long long)seed, actions,
           seen->frames, seen->faces, (double)seen->took_ms / 1000,
           imi_liveness_reason_name(seen->verdict.reason), seen->verdict.actions_done,
           (int)weighed->decision, weighed->log_ratio);
    for (int i = 0; i < IMI_LAYER_COUNT; i++) {
        const imi_finding *finding = &seen->findings.layer[i];
        if (finding->measured) {
            printf(",%.3f", finding->score);
        } else {
            printf(",");
        }
        printf(",%s%s", finding->veto ? "veto:" : "", finding->code == NULL ? "" : finding->code);
    }
    printf("\n");
    fflush(stdout);
}

static imi_status attempt(const rehearse_run *run, imi_gen_species species, uint64_t seed,
                          tally *sums, imi_error *err)
{
    imi_challenge script = {.count = 0};
    IMI_TRY(draw_script(run, &script, err));
    imi_light_sequence light = {.count = 0};
    if (run->options->light) {
        IMI_TRY(imi_light_draw(&light, err));
    }
    imi_examiner_options examiner = {
        .challenge = &script, .light = &light, .networks = true, .scorer = run->scorer};
    imi_rehearsal_options options = {
        .examiner = &examiner,
        .period_ms = 1000 / run->options->rate_n,
        .timeout_ms = TIMEOUT_MS,
    };
    imi_gen_casting casting = imi_gen_casting_of(run->cast, seed);
    IMI_AUTO(imi_source) source = NULL;
    IMI_TRY(imi_gen_casting_source(&casting, species, seed, &source, err));
    imi_rehearsal seen;
    IMI_TRY(imi_rehearse(&options, source, run->engine, &seen, err));
    imi_weighed weighed;
    count(imi_policy_weighing(run->policy), &seen, sums, &weighed);
    print_attempt(imi_gen_species_traits_of(species)->name, seed, &script, &seen, &weighed);
    return IMI_OK;
}

static void print_heading(void)
{
    printf("species,seed,challenge,frames,faces,took_s,reason,actions_done,decision,log_ratio");
    for (int i = 0; i < IMI_LAYER_COUNT; i++) {
        printf(",%s,%s_code", imi_layer_name((imi_layer)i), imi_layer_name((imi_layer)i));
    }
    printf("\n");
}

/* To standard error, so that the rows can be kept apart. */
static void print_tally(const char *species, const tally *sums)
{
    eval_interval interval = eval_share_interval(sums->accepted, sums->attempts);
    fprintf(stderr, "%-17s %4zu attempts: %zu accepted (%.1f to %.1f %%), %zu answer the script;",
            species, sums->attempts, sums->accepted, 100 * interval.low, 100 * interval.high,
            sums->live);
    for (int i = 0; i < IMI_LAYER_COUNT; i++) {
        if (sums->measured[i] > 0) {
            fprintf(stderr, " %s %zu/%zu", imi_layer_name((imi_layer)i), sums->passed[i],
                    sums->measured[i]);
        }
    }
    fprintf(stderr, "\n");
}

static imi_status rehearse_all(const rehearse_run *run, imi_error *err)
{
    print_heading();
    bool every = strcmp(run->options->species, "all") == 0;
    for (unsigned s = 0; s < IMI_GEN_SPECIES_COUNT; s++) {
        imi_gen_species species = (imi_gen_species)s;
        const char *name = imi_gen_species_traits_of(species)->name;
        if (!every && strcmp(run->options->species, name) != 0) {
            continue;
        }
        if (every && !imi_gen_cast_can_show(run->cast, species)) {
            fprintf(stderr, "%s is left out: the cast has no clip of everybody\n", name);
            continue;
        }
        tally sums = {.attempts = 0};
        for (long i = 0; i < run->options->attempts_n; i++) {
            IMI_TRY(attempt(run, species, (uint64_t)(run->options->seed_n + i), &sums, err));
        }
        print_tally(name, &sums);
    }
    return IMI_OK;
}

static imi_status set_up(rehearse_run *run, imi_tool_engine **engine, imi_error *err)
{
    const rehearse_options *options = run->options;
    char policy[IMI_PLACE_SIZE];
    char table[IMI_PLACE_SIZE];
    IMI_TRY(imi_place_shared("policy.yaml", policy, err));
    IMI_TRY(imi_place_shared("calibration.json", table, err));
    IMI_TRY(imi_policy_load(options->policy != NULL ? options->policy : policy, &run->policy, err));
    IMI_TRY(imi_scorer_load(table, &run->scorer, err));
    IMI_TRY(imi_tool_engine_new(options->models, engine, err));
    run->engine = imi_tool_engine_view(*engine);
    return imi_gen_cast_load(options->cast, options->root, run->engine, &run->cast, err);
}

static imi_status rehearse(const rehearse_options *options, imi_error *err)
{
    rehearse_run run = {.options = options};
    imi_tool_engine *engine = NULL;
    imi_status status = set_up(&run, &engine, err);
    if (status == IMI_OK) {
        status = rehearse_all(&run, err);
    }
    imi_gen_cast_destroy(&run.cast);
    imi_tool_engine_destroy(&engine);
    imi_scorer_destroy(&run.scorer);
    imi_policy_destroy(&run.policy);
    return status;
}

int main(int argc, char **argv)
{
    rehearse_options options = {.purpose = "graduate.registration",
                                .species = "all",
                                .attempts_n = 3,
                                .seed_n = 1,
                                .rate_n = 10};
    const imi_cli_option rows[] = {
        {"--models", &options.models, NULL, false, "DIR", "folder of the models"},
        {"--policy", &options.policy, NULL, false, "FILE", "weighs the layers [the shipped one]"},
        {"--purpose", &options.purpose, NULL, false, "P", "whose scripts [graduate.registration]"},
        {"--script", &options.script, NULL, false, "ACTIONS", "this script, not drawn ones"},
        {"--cast", &options.cast, NULL, true, "FILE.csv", "person,still,reference[,clip]"},
        {"--root", &options.root, NULL, true, "DIR", "where the cast's pictures lie"},
        {"--species", &options.species, NULL, false, "NAME", "what to generate [all]"},
        {"--attempts", &options.attempts, NULL, false, "N", "of each species [3]"},
        {"--seed", &options.seed, NULL, false, "N", "of the first attempt [1]"},
        {"--rate", &options.rate, NULL, false, "N", "frames a second [10]"},
        {"--light", NULL, &options.light, false, NULL, "show coloured light, as a purpose may ask"},
    };
    const imi_cli_spec spec = {"rehearse_attacks", "", 0, rows, sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    if (!imi_cli_number(options.attempts, 1, 100000, &options.attempts_n) ||
        !imi_cli_number(options.seed, 0, 1000000000, &options.seed_n) ||
        !imi_cli_number(options.rate, 1, 60, &options.rate_n)) {
        return imi_cli_misuse(&spec, "attempts, seed or rate are out of range");
    }
    imi_error err = IMI_ERROR_INIT;
    return rehearse(&options, &err) == IMI_OK ? IMI_EXIT_SUCCESS : imi_cli_fail(&spec, &err);
}
