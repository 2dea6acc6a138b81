#include "imi_core/upload_queue.h"

#include "bytes.h"
#include "upload_queue_parts.h"

/*
 * Four frames a second show every action; beyond that a better image is worth more, and only then
 * more frames.
 */
enum {
    FRAMES_PER_S = 4,
    FIRST_JPEG_BYTES = 24 * 1024, /* before anything was measured: not far from the least */
    QUALITY_MIN = 30,
    QUALITY_MAX = 90,
    QUALITY_STEP_MAX = 10
};

void imi_core_queue_plan(const imi_core_queue *queue, imi_core_plan *out)
{
    uint32_t rate = queue->rate_bytes_per_s;
    uint32_t bytes = rate == 0 ? FIRST_JPEG_BYTES : rate / FRAMES_PER_S;
    bytes = clamp_u32(bytes, IMI_CORE_JPEG_MIN_BYTES, IMI_CORE_JPEG_MAX_BYTES);
    if (queue->max_frame_bytes != 0) {
        bytes = min_u32(bytes, queue->max_frame_bytes);
    }
    uint32_t period = rate == 0 ? 1000 / FRAMES_PER_S : divide_u64((uint64_t)bytes * 1000, rate);
    *out = (imi_core_plan){
        .jpeg_bytes = bytes,
        .period_ms = clamp_u32(period, IMI_CORE_PERIOD_MIN_MS, IMI_CORE_PERIOD_MAX_MS),
        .rate_bytes_per_s = rate,
    };
}

/* From four fifths of the aim up; but no smaller than a face needs, and then with some room above.
 */
static void sizes_around(uint32_t aim, uint32_t *low_out, uint32_t *high_out)
{
    enum { MIN = IMI_CORE_JPEG_MIN_BYTES };
    bool is_slow = aim >= MIN && aim - aim / 5 < MIN;
    *low_out = is_slow ? MIN : aim - aim / 5;
    *high_out = is_slow && aim < MIN + MIN / 7 ? MIN + MIN / 7 : aim;
}

/* A step of the quality changes the size by 3 to 6 %: a quarter of what is missing. */
uint32_t imi_core_jpeg_quality(uint32_t quality, uint32_t size_bytes, uint32_t aim_bytes)
{
    quality = clamp_u32(quality, QUALITY_MIN, QUALITY_MAX);
    uint32_t low, high, percent = divide_u64((uint64_t)size_bytes * 100, aim_bytes);
    sizes_around(aim_bytes, &low, &high);
    if (size_bytes > high) {
        quality -= min_u32((percent - 100 + 3) / 4, QUALITY_STEP_MAX);
    } else if (size_bytes < low) {
        quality += min_u32((100 - percent + 3) / 4, QUALITY_STEP_MAX);
    }
    return clamp_u32(quality, QUALITY_MIN, QUALITY_MAX);
}
