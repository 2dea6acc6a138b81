/*
 * Single images through the passive layer alone: error rates by species.
 */
#include "commands.h"

#include "presentation_run.h"

#include "imi/examine.h"
#include "imi/image.h"

/* An image stands for a capture that shows nothing else; the layer says nothing of fewer frames. */
enum { FRAMES = 3 };

static const imi_jpeg_limits photo_limits = {16U << 20, 50000000U, 16384U, 48U, 64U, 0U};

static imi_status load_image(const char *path, imi_image **out, imi_error *err)
{
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    IMI_TRY(imi_file_read(path, photo_limits.bytes, &jpeg, err));
    return imi_jpeg_decode(imi_buffer_view(&jpeg), &photo_limits, out, err);
}

static imi_status look(const eval_presentation_rules *rules, imi_engine *engine,
                       eval_presentation *item, imi_error *err)
{
    (void)rules;
    IMI_AUTO(imi_image) image = NULL;
    imi_status status = load_image(item->path, &image, NULL);
    if (status != IMI_OK) {
        item->trouble = imi_status_name(status);
        return IMI_OK;
    }
    imi_face face;
    IMI_TRY(imi_engine_analyse(engine, image, IMI_CAPTURE_MOTION, &face, err));
    item->frames = 1;
    if (face.reason == IMI_CAPTURE_NO_FACE) {
        return IMI_OK;
    }
    item->faces = 1;
    IMI_TRY(imi_examine_cues(engine, image, &face, true, &item->cues, err));
    imi_passive_tally tally;
    imi_passive_tally_reset(&tally);
    for (int i = 0; i < FRAMES; i++) {
        imi_passive_tally_add(&tally, &item->cues);
    }
    imi_passive_tally_report(&tally, &item->findings);
    return IMI_OK;
}

int eval_pad_main(int count, char **arguments)
{
    eval_presentation_options options = {.images = true};
    const imi_cli_option specs[] = {EVAL_PRESENTATION_OPTIONS(&options)};
    const imi_cli_spec spec = {"imi-eval pad", "", 0, specs, sizeof specs / sizeof specs[0]};
    return eval_presentations_main(&spec, &options, look, count, arguments);
}
