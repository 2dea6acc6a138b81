#include "phone-sim/media.h"

#include "imi/bytes.h"
#include "imi/place.h"
#include "phone-sim/camera.h"

#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH_SIZE = 4096, RANGES_MAX = 64 };

struct imi_media {
    imi_sim_frames *frames;
    imi_segments *segments; /* NULL: play as it is */
    bool raw;
};

void imi_media_destroy(imi_media **media)
{
    if (media == NULL || *media == NULL) {
        return;
    }
    imi_sim_frames_destroy(&(*media)->frames);
    imi_segments_destroy(&(*media)->segments);
    imi_free(*media);
    *media = NULL;
}

static imi_status segments_of_clip(imi_media *media, const imi_media_options *options,
                                   imi_error *err)
{
    char path[PATH_SIZE];
    imi_copy_text(path, sizeof path, options->clip);
    char name[IMI_SEGMENT_CLIP_SIZE];
    imi_copy_text(name, sizeof name, basename(path));
    if (options->segments != NULL) {
        return imi_segments_load(options->segments, name, &media->segments, err);
    }
    /* Unlabelled clips are the rule, so the shipped labels need not know this one. */
    char shipped[IMI_PLACE_SIZE];
    if (imi_place_shared("segments.csv", shipped, NULL) == IMI_OK) {
        imi_status ignored = imi_segments_load(shipped, name, &media->segments, NULL);
        (void)ignored;
    }
    return IMI_OK;
}

static imi_status segments_of_folder(imi_media *media, const imi_media_options *options,
                                     imi_error *err)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/segments.csv", options->frames);
    if (options->segments == NULL && access(path, R_OK) != 0) {
        return IMI_OK;
    }
    const char *from = options->segments != NULL ? options->segments : path;
    return imi_segments_load(from, NULL, &media->segments, err);
}

static imi_status load_clip(imi_media *media, const char *path, imi_error *err)
{
    imi_sim_range ranges[RANGES_MAX];
    size_t count = media->segments == NULL ? 0 : media->segments->count;
    if (count > RANGES_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a clip may have %d segments", RANGES_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        const imi_segment *segment = &media->segments->items[i];
        ranges[i] = (imi_sim_range){segment->start_ms, segment->end_ms};
    }
    return imi_sim_frames_load_clip(path, ranges, count, &media->frames, err);
}

imi_status imi_media_open(const imi_media_options *options, imi_media **out, imi_error *err)
{
    *out = NULL;
    if ((options->clip == NULL) == (options->frames == NULL)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "give a clip or a folder of frames, one of both");
    }
    IMI_AUTO(imi_media) media = imi_alloc(sizeof *media);
    if (media == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for media");
    }
    media->raw = options->raw;
    if (!options->plain) {
        IMI_TRY(options->clip != NULL ? segments_of_clip(media, options, err)
                                      : segments_of_folder(media, options, err));
    }
    if (options->clip != NULL) {
        IMI_TRY(load_clip(media, options->clip, err));
    } else {
        IMI_TRY(imi_sim_frames_load_folder(options->frames, options->frames_per_s, &media->frames,
                                           err));
    }
    *out = IMI_STEAL(&media);
    return IMI_OK;
}

imi_status imi_media_source(const imi_media *media, imi_source **out, imi_error *err)
{
    if (media->segments == NULL) {
        return imi_clip_player_new(media->frames, out, err);
    }
    imi_performer_options options = {
        .frames = media->frames,
        .segments = media->segments->items,
        .segment_count = media->segments->count,
    };
    if (media->raw) {
        return imi_performer_new(&options, out, err);
    }
    uint64_t seed = 0;
    IMI_TRY(imi_random((uint8_t *)&seed, sizeof seed, err));
    IMI_AUTO(imi_source) person = NULL;
    IMI_TRY(imi_performer_new(&options, &person, err));
    return imi_camera_new(seed, &person, out, err);
}

const imi_sim_frames *imi_media_frames(const imi_media *media)
{
    return media->frames;
}

const imi_sim_frame *imi_media_still(const imi_media *media)
{
    for (size_t i = 0; media->segments != NULL && i < media->segments->count; i++) {
        const imi_segment *segment = &media->segments->items[i];
        if (segment->action == IMI_ACTION_NONE) {
            return imi_sim_frames_at(media->frames, (segment->start_ms + segment->end_ms) / 2);
        }
    }
    return &media->frames->items[media->frames->count / 2];
}

static imi_status render_segments(const imi_segments *segments, imi_buffer *out, imi_error *err)
{
    IMI_TRY(imi_buffer_append_text(out, "clip,action,start_ms,end_ms,face_x,face_y\n", err));
    for (size_t i = 0; i < segments->count; i++) {
        const imi_segment *segment = &segments->items[i];
        const char *action =
            segment->action == IMI_ACTION_NONE ? "neutral" : imi_action_name(segment->action);
        IMI_TRY(imi_buffer_printf(out, err, "%s,%s,%lld,%lld,%.3f,%.3f\n", segment->clip, action,
                                  (long long)segment->start_ms, (long long)segment->end_ms,
                                  (double)segment->face_x, (double)segment->face_y));
    }
    return IMI_OK;
}

imi_status imi_media_save(const imi_media *media, const char *folder, imi_error *err)
{
    IMI_TRY(imi_sim_frames_save(media->frames, folder, err));
    if (media->segments == NULL) {
        return IMI_OK;
    }
    char path[PATH_SIZE];
    int size = snprintf(path, sizeof path, "%s/segments.csv", folder);
    if (size < 0 || (size_t)size >= sizeof path) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the path %s is too long", folder);
    }
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_TRY(render_segments(media->segments, &text, err));
    return imi_file_write(path, imi_buffer_view(&text), 0644, err);
}
