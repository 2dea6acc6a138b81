/*
 * test_performer SEGMENTS CLIP MODELS_FOLDER [--slow]
 *
 * The simulated phone's performer before the real engine and judge, in pixels: a person who can
 * do what is asked must be found live for every oval.
 */
#include "imi/engine.h"
#include "imi_models/models.h"
#include "phone-sim/media.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PERIOD_MS = 83, LIMIT_MS = 60000, EXIT_SKIPPED = 77 };

static const char *const quick[] = {"follow@3,near_far@3"};
static const char *const all[] = {
    "follow@1,near_far@1,follow@2", "follow@3,near_far@2,follow@4", "follow@5,near_far@3,follow@6",
    "follow@7,nod,follow@8",        "near_far,turn_left,blink",     "turn_right,open_mouth,nod",
};

static imi_status see(imi_engine *engine, imi_liveness_judge *judge, const imi_sim_frame *frame,
                      int64_t at_ms, imi_sim_cue *cue, imi_error *err)
{
    const imi_jpeg_limits limits = IMI_JPEG_LIMITS_FRAME;
    IMI_AUTO(imi_image) image = NULL;
    imi_face face = {0};
    IMI_TRY(imi_jpeg_decode(imi_buffer_view(&frame->jpeg), &limits, &image, err));
    IMI_TRY(imi_engine_analyse(engine, image, IMI_CAPTURE_MOTION, &face, err));
    bool found = face.reason != IMI_CAPTURE_NO_FACE;
    imi_observation observation = {
        .captured_at_ms = at_ms,
        .image_width = image->width,
        .image_height = image->height,
        .reason = face.reason,
        .box = found ? &face.box : NULL,
        .landmarks = found ? &face.landmarks : NULL,
    };
    imi_guidance guidance = IMI_GUIDANCE_NONE;
    IMI_TRY(imi_liveness_judge_feed(judge, &observation, &guidance, err));
    cue->guidance = guidance == IMI_GUIDANCE_NONE ? cue->guidance : guidance;
    cue->has_target = imi_liveness_judge_target(judge, &cue->target);
    return IMI_OK;
}

static imi_status perform(imi_engine *engine, const imi_media *media, const char *script,
                          imi_liveness_verdict *out, imi_error *err)
{
    imi_sim_cue cue = {.guidance = IMI_GUIDANCE_NONE};
    IMI_AUTO(imi_liveness_judge) judge = NULL;
    IMI_AUTO(imi_source) person = NULL;
    IMI_TRY(imi_challenge_parse(script, &cue.challenge, err));
    IMI_TRY(imi_liveness_judge_new(&cue.challenge, NULL, &judge, err));
    IMI_TRY(imi_media_source(media, &person, err));
    int64_t at_ms = 0;
    *out = (imi_liveness_verdict){0};
    for (; at_ms < LIMIT_MS && !out->complete; at_ms += PERIOD_MS) {
        const imi_sim_frame *frame = person->frame_at(person, at_ms, &cue);
        IMI_TRY(see(engine, judge, frame, at_ms, &cue, err));
        imi_liveness_judge_verdict(judge, out);
        cue.actions_done = out->actions_done;
    }
    printf("%-32s %s after %.1f s, %u done\n", script, imi_liveness_reason_name(out->reason),
           (double)at_ms / 1000, out->actions_done);
    return IMI_OK;
}

static imi_status perform_all(imi_engine *engine, char **argv, bool slow, unsigned *failures,
                              imi_error *err)
{
    imi_media_options options = {.segments = argv[1], .clip = argv[2]};
    IMI_AUTO(imi_media) media = NULL;
    IMI_TRY(imi_media_open(&options, &media, err));
    size_t count = slow ? sizeof all / sizeof all[0] : sizeof quick / sizeof quick[0];
    for (size_t i = 0; i < count; i++) {
        imi_liveness_verdict verdict;
        IMI_TRY(perform(engine, media, slow ? all[i] : quick[i], &verdict, err));
        *failures += verdict.live ? 0 : 1;
    }
    return IMI_OK;
}

static imi_status run(char **argv, bool slow, unsigned *failures, imi_error *err)
{
    imi_model_set models = {0};
    IMI_TRY(imi_model_set_load(argv[3], &models, err));
    imi_engine_parts parts = imi_model_set_parts(&models);
    imi_engine *engine = NULL;
    imi_status status = imi_engine_new(&parts, &engine, err);
    if (status == IMI_OK) {
        status = perform_all(engine, argv, slow, failures, err);
    }
    imi_engine_destroy(&engine);
    imi_model_set_clean_up(&models);
    return status;
}

int main(int argc, char **argv)
{
    imi_error err = IMI_ERROR_INIT;
    if (argc < 4) {
        fprintf(stderr, "usage: test_performer SEGMENTS CLIP MODELS_FOLDER [--slow]\n");
        return 2;
    }
    char manifest[1024];
    snprintf(manifest, sizeof manifest, "%s/manifest.json", argv[3]);
    if (access(argv[2], R_OK) != 0 || access(manifest, R_OK) != 0) {
        printf("skipped: no clip %s or no models in %s; run tools/setup-models\n", argv[2],
               argv[3]);
        return EXIT_SKIPPED;
    }
    unsigned failures = 0;
    bool slow = argc > 4 && strcmp(argv[4], "--slow") == 0;
    if (run(argv, slow, &failures, &err) != IMI_OK) {
        fprintf(stderr, "test_performer: %s\n", err.message);
        return 3;
    }
    return failures == 0 ? 0 : 1;
}
