/*
 * make_tracks CLIP SEGMENTS PERIOD_MS OUT      landmarks of a clip's segments
 * make_tracks --whole CLIP PERIOD_MS OUT       landmarks of a clip from end to end
 * make_tracks --photo AT_MS WAVE CLIP OUT      landmarks of a frame of it, waved as a photo
 *
 * The models come from the folder in IMI_MODELS_FOLDER.
 */
#include "clip.h"
#include "imi/engine.h"
#include "imi_models/models.h"
#include "phone-sim/segments.h"
#include "track_file.h"
#include "waves.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every so many frames the whole picture is looked at, as the server does at 12 a second. */
enum { LOOK_EVERY = 6 };

/* What the engine sees in the frames of one track, following the face as the server does. */
typedef struct track_viewer {
    imi_engine *engine;
    imi_face last;
    uint32_t frames;
} track_viewer;

static imi_status look(track_viewer *self, const imi_image *image, int64_t at_ms,
                       imi_seen_track *track, imi_error *err)
{
    imi_face face = {0};
    bool around = self->frames++ % LOOK_EVERY == 0;
    IMI_TRY(imi_engine_follow(self->engine, image, &self->last, around, IMI_CAPTURE_MOTION, &face,
                              err));
    self->last = face;
    imi_seen_frame seen = {
        .at_ms = at_ms,
        .width = image->width,
        .height = image->height,
        .reason = face.reason,
        .box = face.box,
        .landmarks = face.landmarks,
    };
    return imi_seen_track_add(track, &seen, err);
}

static bool is_within(const imi_segments *segments, int64_t at_ms)
{
    for (size_t i = 0; i < segments->count; i++) {
        if (at_ms >= segments->items[i].start_ms && at_ms < segments->items[i].end_ms) {
            return true;
        }
    }
    return false;
}

/* segments NULL: the whole clip. */
static imi_status track_clip(imi_engine *engine, const char *path, const imi_segments *segments,
                             int64_t period_ms, imi_seen_track *track, imi_error *err)
{
    track_viewer viewer = {.engine = engine, .last.reason = IMI_CAPTURE_NO_FACE};
    IMI_AUTO(imi_clip) clip = NULL;
    IMI_TRY(imi_clip_open(path, &clip, err));
    for (int64_t due_ms = 0;;) {
        IMI_AUTO(imi_image) image = NULL;
        int64_t at_ms = 0;
        IMI_TRY(imi_clip_next(clip, &image, &at_ms, err));
        if (image == NULL) {
            return IMI_OK;
        }
        if (at_ms >= due_ms && (segments == NULL || is_within(segments, at_ms))) {
            due_ms = at_ms + period_ms;
            IMI_TRY(look(&viewer, image, at_ms, track, err));
        }
    }
}

static imi_status take_photo(const char *path, int64_t at_ms, imi_image **out, imi_error *err)
{
    IMI_AUTO(imi_clip) clip = NULL;
    IMI_TRY(imi_clip_open(path, &clip, err));
    for (;;) {
        int64_t now_ms = 0;
        IMI_TRY(imi_clip_next(clip, out, &now_ms, err));
        if (*out == NULL) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s is shorter than that", path);
        }
        if (now_ms >= at_ms) {
            return IMI_OK;
        }
        imi_image_destroy(out);
    }
}

static imi_status track_photo(imi_engine *engine, const imi_image *photo, unsigned wave,
                              imi_seen_track *track, imi_error *err)
{
    imi_face face = {0};
    IMI_TRY(imi_engine_analyse(engine, photo, IMI_CAPTURE_MOTION, &face, err));
    track_viewer viewer = {.engine = engine, .last.reason = IMI_CAPTURE_NO_FACE};
    double x = face.box.left + face.box.width / 2;
    double y = face.box.top + face.box.height / 2;
    for (uint32_t i = 0; i < IMI_WAVE_FRAMES; i++) {
        int64_t at_ms = (int64_t)i * IMI_WAVE_PERIOD_MS;
        imi_photo_hold hold = imi_wave_hold(wave, at_ms);
        IMI_AUTO(imi_image) seen = NULL;
        IMI_TRY(imi_photo_draw(photo, x, y, &hold, i, &seen, err));
        IMI_TRY(look(&viewer, seen, at_ms, track, err));
    }
    return IMI_OK;
}

static imi_status make(imi_engine *engine, int argc, char **argv, imi_error *err)
{
    IMI_AUTO(imi_seen_track) track = NULL;
    IMI_TRY(imi_seen_track_new(&track, err));
    if (argc == 6 && strcmp(argv[1], "--photo") == 0) {
        unsigned wave = (unsigned)strtoul(argv[3], NULL, 10);
        if (imi_wave_name(wave) == NULL) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "there is no wave %u", wave);
        }
        IMI_AUTO(imi_image) photo = NULL;
        IMI_TRY(take_photo(argv[4], strtoll(argv[2], NULL, 10), &photo, err));
        IMI_TRY(track_photo(engine, photo, wave, track, err));
        return imi_seen_track_save(track, argv[5], err);
    }
    bool whole = strcmp(argv[1], "--whole") == 0;
    const char *clip = argv[whole ? 2 : 1];
    const char *slash = strrchr(clip, '/');
    IMI_AUTO(imi_segments) segments = NULL;
    if (!whole) {
        IMI_TRY(imi_segments_load(argv[2], slash == NULL ? clip : slash + 1, &segments, err));
    }
    IMI_TRY(track_clip(engine, clip, segments, strtoll(argv[3], NULL, 10), track, err));
    return imi_seen_track_save(track, argv[4], err);
}

static imi_status run(int argc, char **argv, imi_error *err)
{
    const char *folder = getenv("IMI_MODELS_FOLDER");
    imi_model_set models = {0};
    IMI_TRY(imi_model_set_load(folder == NULL ? "models" : folder, &models, err));
    imi_engine_parts parts = imi_model_set_parts(&models);
    imi_engine *engine = NULL;
    imi_status status = imi_engine_new(&parts, &engine, err);
    if (status == IMI_OK) {
        status = make(engine, argc, argv, err);
    }
    imi_engine_destroy(&engine);
    imi_model_set_clean_up(&models);
    return status;
}

int main(int argc, char **argv)
{
    imi_error err = IMI_ERROR_INIT;
    if (argc != 5 && argc != 6) {
        fprintf(stderr, "usage: make_tracks CLIP SEGMENTS PERIOD_MS OUT\n"
                        "       make_tracks --whole CLIP PERIOD_MS OUT\n"
                        "       make_tracks --photo AT_MS WAVE CLIP OUT\n");
        return 2;
    }
    if (run(argc, argv, &err) != IMI_OK) {
        fprintf(stderr, "make_tracks: %s\n", err.message);
        return 3;
    }
    return 0;
}
