#include "film.h"

#include <string.h>

/* As long as people film themselves for a post. */
enum { REPLAY_MS = 30000 };

static const imi_segment *calm_of(const imi_segments *segments)
{
    for (size_t i = 0; i < segments->count; i++) {
        if (segments->items[i].action == IMI_ACTION_NONE) {
            return &segments->items[i];
        }
    }
    return NULL;
}

static imi_status measure(imi_gen_film *film, imi_error *err)
{
    const imi_jpeg_limits limits = IMI_JPEG_LIMITS_FRAME;
    const imi_sim_frame *first = imi_sim_frames_at(film->frames, film->calm.start_ms);
    IMI_AUTO(imi_image) image = NULL;
    IMI_TRY(imi_jpeg_decode(imi_buffer_view(&first->jpeg), &limits, &image, err));
    film->width = image->width;
    film->height = image->height;
    return IMI_OK;
}

imi_status imi_gen_film_new(imi_sim_frames **take_frames, imi_segments **take_segments,
                            imi_gen_film **out, imi_error *err)
{
    *out = NULL;
    const imi_segment *calm = calm_of(*take_segments);
    int64_t end_ms = (*take_frames)->count == 0 ? 0 : imi_sim_frames_end_ms(*take_frames);
    if (calm == NULL || end_ms <= calm->start_ms) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a film needs a neutral stretch and its frames");
    }
    imi_gen_film *film = imi_alloc(sizeof *film);
    if (film == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a film");
    }
    *film = (imi_gen_film){.frames = *take_frames, .calm = *calm};
    imi_status status = measure(film, err);
    if (status != IMI_OK) {
        imi_free(film);
        return status;
    }
    int64_t wanted_ms = calm->start_ms + REPLAY_MS;
    film->replay_end_ms = wanted_ms < end_ms ? wanted_ms : end_ms;
    film->frames = IMI_STEAL(take_frames);
    film->segments = IMI_STEAL(take_segments);
    *out = film;
    return IMI_OK;
}

/* From the first labelled moment to the last that is shown of any. */
static imi_sim_range range_of(const imi_segments *segments)
{
    imi_sim_range range = {segments->items[0].start_ms, segments->items[0].end_ms};
    for (size_t i = 0; i < segments->count; i++) {
        const imi_segment *segment = &segments->items[i];
        bool calm = segment->action == IMI_ACTION_NONE;
        int64_t end_ms = calm ? segment->start_ms + REPLAY_MS : segment->end_ms;
        range.start_ms = segment->start_ms < range.start_ms ? segment->start_ms : range.start_ms;
        range.end_ms = end_ms > range.end_ms ? end_ms : range.end_ms;
    }
    return range;
}

imi_status imi_gen_film_load(const char *path, const char *labels, imi_gen_film **out,
                             imi_error *err)
{
    *out = NULL;
    IMI_AUTO(imi_segments) segments = NULL;
    IMI_AUTO(imi_sim_frames) frames = NULL;
    const char *slash = strrchr(path, '/');
    IMI_TRY(imi_segments_load(labels, slash == NULL ? path : slash + 1, &segments, err));
    imi_sim_range range = range_of(segments);
    IMI_TRY(imi_sim_frames_load_clip(path, &range, 1, &frames, err));
    return imi_gen_film_new(&frames, &segments, out, err);
}

void imi_gen_film_destroy(imi_gen_film **film)
{
    if (film != NULL && *film != NULL) {
        imi_sim_frames_destroy(&(*film)->frames);
        imi_segments_destroy(&(*film)->segments);
        imi_free(*film);
        *film = NULL;
    }
}
