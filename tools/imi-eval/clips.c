/*
 * Clips through the examiner, as the server sees captures: error rates of presentation attack
 * detection by species.
 */
#include "commands.h"

#include "mjpeg.h"
#include "presentation_run.h"

#include "imi/examine.h"
#include "phone-sim/media.h"
#include "phone-sim/rehearse.h"

#include <string.h>
#include <sys/stat.h>

/* The judge gives up before: 90 s behind the first face. */
enum { ACTING_MAX_MS = 120000 };

static const imi_jpeg_limits frame_limits = {1U << 20, 4000000U, 4096U, 64U, 32U, 1280U};

static bool is_mjpeg(const char *path)
{
    const char *ending = strrchr(path, '.');
    return ending != NULL && (strcmp(ending, ".mjpeg") == 0 || strcmp(ending, ".mjpg") == 0);
}

static imi_status load_frames(const eval_presentation *item, double frames_per_s,
                              imi_sim_frames **out, imi_error *err)
{
    struct stat about;
    if (stat(item->path, &about) == 0 && S_ISDIR(about.st_mode)) {
        return imi_sim_frames_load_folder(item->path, frames_per_s, out, err);
    }
    if (is_mjpeg(item->path)) {
        return eval_mjpeg_load(item->path, frames_per_s, out, err);
    }
    imi_sim_range range = {item->start_ms, item->end_ms};
    return imi_sim_frames_load_clip(item->path, &range, item->end_ms > 0 ? 1 : 0, out, err);
}

/* A phone sends fewer frames than a video has: the moments at which one would be taken. */
static bool is_due(const imi_sim_frame *frame, const eval_presentation *item, double frames_per_s,
                   int64_t *next_ms)
{
    bool within =
        frame->at_ms >= item->start_ms && (item->end_ms == 0 || frame->at_ms < item->end_ms);
    const int64_t slack_ms = 5; /* times are whole milliseconds */
    if (!within || frame->at_ms + slack_ms < *next_ms) {
        return false;
    }
    int64_t period_ms = (int64_t)(1000 / frames_per_s);
    *next_ms = (*next_ms > frame->at_ms - period_ms ? *next_ms : frame->at_ms) + period_ms;
    return true;
}

static imi_status feed(imi_examiner *examiner, imi_engine *engine, const imi_sim_frame *frame,
                       eval_presentation *item, bool *over_out, imi_error *err)
{
    IMI_AUTO(imi_image) image = NULL;
    imi_status status = imi_jpeg_decode(imi_buffer_view(&frame->jpeg), &frame_limits, &image, NULL);
    if (status != IMI_OK) {
        item->trouble = imi_status_name(status); /* the server refuses this frame, no more */
        return IMI_OK;
    }
    imi_examined_frame taken = {.sequence = ++item->frames,
                                .captured_at_ms = frame->at_ms - item->start_ms,
                                .arrived_at_ms = -1,
                                .jpeg = imi_buffer_view(&frame->jpeg),
                                .image = image,
                                .light_shown_ms = -1};
    imi_examined seen;
    IMI_TRY(imi_examiner_feed(examiner, engine, &taken, &seen, err));
    item->took_ms = taken.captured_at_ms;
    item->faces += seen.face.reason != IMI_CAPTURE_NO_FACE;
    item->verdict = seen.verdict;
    *over_out = seen.verdict.complete;
    imi_wipe(&seen.face, sizeof seen.face);
    return IMI_OK;
}

static imi_status feed_all(const eval_presentation_rules *rules, imi_engine *engine,
                           const imi_sim_frames *frames, imi_examiner *examiner,
                           eval_presentation *item, imi_error *err)
{
    bool over = false;
    int64_t next_ms = item->start_ms;
    for (size_t i = 0; i < frames->count && !over; i++) {
        if (is_due(&frames->items[i], item, rules->options->frames_per_s, &next_ms)) {
            IMI_TRY(feed(examiner, engine, &frames->items[i], item, &over, err));
        }
    }
    imi_examiner_report(examiner, &item->findings);
    return IMI_OK;
}

static imi_examiner_options examiner_options(const eval_presentation_rules *rules,
                                             const eval_presentation *item)
{
    return (imi_examiner_options){
        .challenge = item->challenge.count == 0 ? NULL : &item->challenge,
        .networks = true,
        .scorer = rules->scorer,
    };
}

static imi_status play(const eval_presentation_rules *rules, imi_engine *engine,
                       eval_presentation *item, imi_error *err)
{
    IMI_AUTO(imi_sim_frames) frames = NULL;
    imi_status status = load_frames(item, rules->options->frames_per_s, &frames, NULL);
    if (status != IMI_OK) {
        item->trouble = imi_status_name(status);
        return IMI_OK;
    }
    imi_examiner_options options = examiner_options(rules, item);
    IMI_AUTO(imi_examiner) examiner = NULL;
    IMI_TRY(imi_examiner_new(&options, &examiner, err));
    return feed_all(rules, engine, frames, examiner, item, err);
}

static imi_status act(const eval_presentation_rules *rules, imi_engine *engine,
                      eval_presentation *item, imi_error *err)
{
    imi_media_options clip = {.clip = item->path, .segments = rules->options->segments};
    IMI_AUTO(imi_media) media = NULL;
    imi_status status = imi_media_open(&clip, &media, NULL);
    if (status != IMI_OK) {
        item->trouble = imi_status_name(status);
        return IMI_OK;
    }
    imi_examiner_options examiner = examiner_options(rules, item);
    imi_rehearsal_options options = {
        .examiner = &examiner,
        .period_ms = (int64_t)(1000 / rules->options->frames_per_s),
        .timeout_ms = ACTING_MAX_MS,
    };
    IMI_AUTO(imi_source) person = NULL;
    imi_rehearsal seen;
    IMI_TRY(imi_media_source(media, &person, err));
    IMI_TRY(imi_rehearse(&options, person, engine, &seen, err));
    item->frames = seen.frames;
    item->faces = seen.faces;
    item->took_ms = seen.took_ms;
    item->verdict = seen.verdict;
    item->findings = seen.findings;
    return IMI_OK;
}

static imi_status look(const eval_presentation_rules *rules, imi_engine *engine,
                       eval_presentation *item, imi_error *err)
{
    return item->acted ? act(rules, engine, item, err) : play(rules, engine, item, err);
}

int eval_clips_main(int count, char **arguments)
{
    eval_presentation_options options = {.purpose = "graduate.registration"};
    const imi_cli_option specs[] = {
        EVAL_PRESENTATION_OPTIONS(&options),
        {"--fps", &options.rate_text, NULL, false, "N",
         "frames a second that are looked at, and between files of a folder [10]"},
        {"--segments", &options.segments, NULL, false, "FILE",
         "clips that it labels act scripts instead of being played"},
        {"--scripts", &options.scripts_text, NULL, false, "N",
         "drawn for each such clip whose line names none [10]"},
        {"--purpose", &options.purpose, NULL, false, "P", "whose scripts [graduate.registration]"},
    };
    const imi_cli_spec spec = {"imi-eval clips", "", 0, specs, sizeof specs / sizeof specs[0]};
    return eval_presentations_main(&spec, &options, look, count, arguments);
}
