#include "phone-sim/frames.h"

#include "clip.h"

static bool is_wanted(const imi_sim_range *ranges, size_t count, int64_t at_ms)
{
    for (size_t i = 0; i < count; i++) {
        if (at_ms >= ranges[i].start_ms && at_ms < ranges[i].end_ms) {
            return true;
        }
    }
    return count == 0;
}

static bool is_past_all(const imi_sim_range *ranges, size_t count, int64_t at_ms)
{
    for (size_t i = 0; i < count; i++) {
        if (at_ms < ranges[i].end_ms) {
            return false;
        }
    }
    return count > 0;
}

static imi_status add_image(imi_sim_frames *frames, const imi_image *image, int64_t at_ms,
                            imi_error *err)
{
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    IMI_TRY(imi_jpeg_encode(image, IMI_SIM_JPEG_QUALITY, &jpeg, err));
    return imi_sim_frames_add(frames, &jpeg, at_ms, err);
}

static imi_status add_wanted(imi_sim_frames *frames, imi_clip *clip, const imi_sim_range *ranges,
                             size_t count, imi_error *err)
{
    for (;;) {
        IMI_AUTO(imi_image) image = NULL;
        int64_t at_ms = 0;
        IMI_TRY(imi_clip_next(clip, &image, &at_ms, err));
        if (image == NULL || is_past_all(ranges, count, at_ms)) {
            return IMI_OK;
        }
        if (is_wanted(ranges, count, at_ms)) {
            IMI_TRY(add_image(frames, image, at_ms, err));
        }
    }
}

imi_status imi_sim_frames_load_clip(const char *path, const imi_sim_range *ranges,
                                    size_t range_count, imi_sim_frames **out, imi_error *err)
{
    *out = NULL;
    IMI_AUTO(imi_sim_frames) frames = imi_alloc(sizeof *frames);
    if (frames == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for frames");
    }
    IMI_AUTO(imi_clip) clip = NULL;
    IMI_TRY(imi_clip_open(path, &clip, err));
    IMI_TRY(add_wanted(frames, clip, ranges, range_count, err));
    if (frames->count == 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s has no frames in the wanted ranges", path);
    }
    *out = IMI_STEAL(&frames);
    return IMI_OK;
}
