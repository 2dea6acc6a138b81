/* make_attack: frames of one generated attack, for imi-eval clips and for looking at. */
#include "casting.h"
#include "cli.h"
#include "portrait/portrait.h"

#include <stdio.h>

enum { REST_MS = 2500, ACTION_MS = 3000, GAP_MS = 2000 };

typedef struct make_options {
    const char *models, *cast, *root, *species, *seed, *script, *rate, *out;
    long seed_n, rate_n;
} make_options;

/* What somebody is told who is to act a script without a server. */
static imi_guidance told_at(const imi_challenge *script, int64_t at_ms)
{
    static const imi_guidance TOLD[IMI_ACTION_COUNT] = {
        [IMI_ACTION_NEAR_FAR] = IMI_GUIDANCE_MOVE_CLOSER,
        [IMI_ACTION_TURN_LEFT] = IMI_GUIDANCE_TURN_LEFT,
        [IMI_ACTION_TURN_RIGHT] = IMI_GUIDANCE_TURN_RIGHT,
        [IMI_ACTION_OPEN_MOUTH] = IMI_GUIDANCE_OPEN_MOUTH,
        [IMI_ACTION_BLINK] = IMI_GUIDANCE_BLINK,
        [IMI_ACTION_NOD] = IMI_GUIDANCE_NOD,
    };
    int64_t since = at_ms - REST_MS;
    int64_t step = since / (ACTION_MS + GAP_MS);
    bool acting = since >= 0 && since % (ACTION_MS + GAP_MS) < ACTION_MS;
    return acting && step < script->count ? TOLD[script->actions[step]] : IMI_GUIDANCE_HOLD_STILL;
}

static imi_status record(imi_source *source, const make_options *options,
                         const imi_challenge *script, imi_error *err)
{
    IMI_AUTO(imi_sim_frames) frames = imi_alloc(sizeof *frames);
    if (frames == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for frames");
    }
    int64_t length_ms = REST_MS + (int64_t)script->count * (ACTION_MS + GAP_MS);
    for (int64_t i = 0; i * 1000 / options->rate_n < length_ms; i++) {
        int64_t at_ms = i * 1000 / options->rate_n;
        imi_sim_cue cue = {.guidance = told_at(script, at_ms), .challenge = *script};
        const imi_sim_frame *frame = source->frame_at(source, at_ms, &cue);
        imi_buffer jpeg = IMI_BUFFER_INIT;
        imi_status status = imi_buffer_append(&jpeg, imi_buffer_view(&frame->jpeg), err);
        if (status == IMI_OK) {
            status = imi_sim_frames_add(frames, &jpeg, at_ms, err);
        }
        imi_buffer_clean_up(&jpeg);
        IMI_TRY(status);
    }
    return imi_sim_frames_save(frames, options->out, err);
}

static imi_status make(const make_options *options, imi_engine *engine, imi_error *err)
{
    imi_challenge script = {.count = 0};
    IMI_TRY(imi_challenge_parse(options->script, &script, err));
    IMI_AUTO(imi_gen_cast) cast = NULL;
    IMI_TRY(imi_gen_cast_load(options->cast, options->root, engine, &cast, err));
    imi_gen_casting casting = imi_gen_casting_of(cast, (uint64_t)options->seed_n);
    IMI_AUTO(imi_source) source = NULL;
    IMI_TRY(imi_gen_casting_source(&casting, imi_gen_species_of_name(options->species),
                                   (uint64_t)options->seed_n, &source, err));
    return record(source, options, &script, err);
}

static imi_status run(const make_options *options, imi_error *err)
{
    IMI_AUTO(imi_tool_engine) engine = NULL;
    IMI_TRY(imi_tool_engine_new(options->models, &engine, err));
    return make(options, imi_tool_engine_view(engine), err);
}

int main(int argc, char **argv)
{
    make_options options = {.script = "near_far,turn_left,open_mouth", .seed_n = 1, .rate_n = 12};
    const imi_cli_option rows[] = {
        {"--models", &options.models, NULL, false, "DIR", "folder of the models"},
        {"--cast", &options.cast, NULL, true, "FILE.csv", "person,still,reference[,clip]"},
        {"--root", &options.root, NULL, true, "DIR", "where the cast's pictures lie"},
        {"--species", &options.species, NULL, true, "NAME", "what to generate"},
        {"--seed", &options.seed, NULL, false, "N", "which one of it [1]"},
        {"--script", &options.script, NULL, false, "ACTIONS",
         "what is acted [near_far,turn_left,open_mouth]"},
        {"--rate", &options.rate, NULL, false, "N", "frames a second [12]"},
        {"--out", &options.out, NULL, true, "DIR", "folder for the frames"},
    };
    const imi_cli_spec spec = {"make_attack", "", 0, rows, sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    if (!imi_cli_number(options.seed, 0, 1000000000, &options.seed_n) ||
        !imi_cli_number(options.rate, 1, 60, &options.rate_n) ||
        imi_gen_species_of_name(options.species) == IMI_GEN_SPECIES_COUNT) {
        return imi_cli_misuse(&spec, "there is no such species, seed or rate");
    }
    imi_error err = IMI_ERROR_INIT;
    return run(&options, &err) == IMI_OK ? IMI_EXIT_SUCCESS : imi_cli_fail(&spec, &err);
}
