#include "track_file.h"

#include "imi/bytes.h"

enum { GROW_BY = 512, FILE_LIMIT = 1 << 28 };

/* Changes with the layout, so that a stale cache is not read. */
static const uint64_t magic = 0x494d49747261636bU ^ sizeof(imi_seen_frame);

void imi_seen_track_destroy(imi_seen_track **track)
{
    if (track != NULL && *track != NULL) {
        imi_free((*track)->frames);
        imi_free(*track);
        *track = NULL;
    }
}

imi_status imi_seen_track_new(imi_seen_track **out, imi_error *err)
{
    *out = imi_alloc(sizeof **out);
    if (*out == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a track");
    }
    return IMI_OK;
}

imi_status imi_seen_track_add(imi_seen_track *track, const imi_seen_frame *frame, imi_error *err)
{
    if (track->count == track->capacity) {
        size_t capacity = track->capacity + GROW_BY;
        imi_seen_frame *frames = imi_realloc(track->frames, capacity * sizeof *frames);
        if (frames == NULL) {
            IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu frames", capacity);
        }
        track->frames = frames;
        track->capacity = capacity;
    }
    track->frames[track->count++] = *frame;
    return IMI_OK;
}

imi_status imi_seen_track_save(const imi_seen_track *track, const char *path, imi_error *err)
{
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    IMI_TRY(imi_buffer_append(&file, (imi_view){(const uint8_t *)&magic, sizeof magic}, err));
    imi_view frames = {(const uint8_t *)track->frames, track->count * sizeof *track->frames};
    IMI_TRY(imi_buffer_append(&file, frames, err));
    return imi_file_write(path, imi_buffer_view(&file), 0600, err);
}

imi_status imi_seen_track_load(const char *path, imi_seen_track **out, imi_error *err)
{
    *out = NULL;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    IMI_TRY(imi_file_read(path, FILE_LIMIT, &file, err));
    imi_view head = {file.data, sizeof magic};
    size_t body = file.size < sizeof magic ? 0 : file.size - sizeof magic;
    if (body == 0 || body % sizeof(imi_seen_frame) != 0 ||
        !imi_view_equal(head, (imi_view){(const uint8_t *)&magic, sizeof magic})) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s is no track of this version", path);
    }
    IMI_AUTO(imi_seen_track) track = NULL;
    IMI_TRY(imi_seen_track_new(&track, err));
    track->frames = imi_alloc(body);
    if (track->frames == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %s", path);
    }
    imi_copy(track->frames, file.data + sizeof magic, body);
    track->count = track->capacity = body / sizeof *track->frames;
    *out = IMI_STEAL(&track);
    return IMI_OK;
}

const imi_seen_frame *imi_seen_track_at(const imi_seen_track *track, int64_t at_ms)
{
    size_t low = 0;
    for (size_t high = track->count; high - low > 1;) {
        size_t middle = low + (high - low) / 2;
        if (track->frames[middle].at_ms <= at_ms) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return &track->frames[low];
}

imi_status imi_seen_frame_feed(const imi_seen_frame *frame, int64_t at_ms,
                               imi_liveness_judge *judge, imi_guidance *guidance_out,
                               imi_error *err)
{
    bool face = frame->reason != IMI_CAPTURE_NO_FACE;
    imi_observation observation = {
        .captured_at_ms = at_ms,
        .image_width = frame->width,
        .image_height = frame->height,
        .reason = frame->reason,
        .box = face ? &frame->box : NULL,
        .landmarks = face ? &frame->landmarks : NULL,
    };
    return imi_liveness_judge_feed(judge, &observation, guidance_out, err);
}
