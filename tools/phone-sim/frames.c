#include "phone-sim/frames.h"

#include "imi/crypto.h"

enum { GROW_BY = 64, DEFAULT_PERIOD_MS = 40 };

void imi_sim_frames_destroy(imi_sim_frames **frames)
{
    if (frames == NULL || *frames == NULL) {
        return;
    }
    for (size_t i = 0; i < (*frames)->count; i++) {
        imi_buffer_clean_up(&(*frames)->items[i].jpeg);
    }
    imi_free((*frames)->items);
    imi_free(*frames);
    *frames = NULL;
}

static imi_status make_room(imi_sim_frames *frames, imi_error *err)
{
    if (frames->count < frames->capacity) {
        return IMI_OK;
    }
    size_t capacity = frames->capacity + GROW_BY + frames->capacity / 2;
    size_t bytes = 0;
    imi_sim_frame *items = NULL;
    if (imi_size_mul(capacity, sizeof *items, &bytes)) {
        items = imi_realloc(frames->items, bytes);
    }
    if (items == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu frames", capacity);
    }
    frames->items = items;
    frames->capacity = capacity;
    return IMI_OK;
}

imi_status imi_sim_frames_add(imi_sim_frames *frames, imi_buffer *take_jpeg, int64_t at_ms,
                              imi_error *err)
{
    if (frames->count > 0 && at_ms <= frames->items[frames->count - 1].at_ms) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "frames must come in the order of their times");
    }
    IMI_TRY(make_room(frames, err));
    imi_sim_frame *frame = &frames->items[frames->count];
    IMI_TRY(imi_sha256(imi_buffer_view(take_jpeg), frame->digest, err));
    frame->at_ms = at_ms;
    frame->jpeg = *take_jpeg;
    *take_jpeg = (imi_buffer)IMI_BUFFER_INIT;
    frames->count++;
    return IMI_OK;
}

const imi_sim_frame *imi_sim_frames_at(const imi_sim_frames *frames, int64_t at_ms)
{
    size_t low = 0;
    size_t high = frames->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (frames->items[middle].at_ms <= at_ms) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return &frames->items[low];
}

int64_t imi_sim_frames_end_ms(const imi_sim_frames *frames)
{
    size_t count = frames->count;
    int64_t last = frames->items[count - 1].at_ms;
    return last + (count > 1 ? last - frames->items[count - 2].at_ms : DEFAULT_PERIOD_MS);
}
