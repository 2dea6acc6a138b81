#include "files.h"

/* A phone that is turned in the hand swaps the sides of its picture. */
static bool same_shape(const imi_jpeg_shape *a, const imi_jpeg_shape *b)
{
    bool upright = a->width == b->width && a->height == b->height;
    bool turned = a->width == b->height && a->height == b->width;
    return a->coding == b->coding && (upright || turned);
}

static void check_shape(imi_file_watch *watch, bool readable, const imi_jpeg_shape *shape)
{
    if (!readable) {
        watch->reshaped = true;
    } else if (!watch->has_shape) {
        watch->shape = *shape;
        watch->has_shape = true;
    } else if (!same_shape(&watch->shape, shape)) {
        watch->reshaped = true;
    }
}

/* Once a phone's calendar may be set back in a capture, by the network or where summer ends; a
 * picture of the old calendar that comes late makes that look like twice. Standing still proves
 * nothing: a camera that nobody has told the time says the same for ever. */
static void check_date(imi_file_watch *watch, int64_t taken_at_s)
{
    if (taken_at_s == 0) {
        return;
    }
    bool back = taken_at_s < watch->taken_at_s - LIMIT_DATE_BACK_S;
    watch->set_back += back;
    watch->reshaped = watch->reshaped || watch->set_back > LIMIT_DATE_SET_BACK;
    if (back || taken_at_s > watch->taken_at_s) {
        watch->taken_at_s = taken_at_s;
    }
}

/* How many files ago this one came; 0: never. */
static uint32_t frames_back(const imi_file_watch *watch, uint64_t digest)
{
    uint32_t known = watch->count < LIMIT_DIGESTS ? watch->count : LIMIT_DIGESTS;
    for (uint32_t back = 1; back <= known; back++) {
        if (watch->digest[(watch->count - back) % LIMIT_DIGESTS] == digest) {
            return back;
        }
    }
    return 0;
}

static void count_stall(imi_file_watch *watch, int64_t at_ms)
{
    if (watch->stall_frames++ == 0) {
        watch->stall_since_ms = at_ms;
    }
    if (watch->stall_frames >= LIMIT_STALL_FRAMES &&
        at_ms - watch->stall_since_ms >= LIMIT_STALL_MS) {
        watch->stalled = true;
    }
}

bool imi_file_watch_feed(imi_file_watch *watch, imi_view jpeg, int64_t at_ms)
{
    imi_jpeg_shape shape;
    bool readable = imi_jpeg_shape_read(jpeg, &shape);
    check_shape(watch, readable, &shape);
    check_date(watch, shape.taken_at_s);
    uint64_t digest = imi_stream_digest(jpeg);
    uint32_t back = frames_back(watch, digest);
    if (back > 0 && back <= LIMIT_REPEAT_NEAR) {
        count_stall(watch, at_ms);
        return false;
    }
    bool plain = (uint64_t)jpeg.size * LIMIT_PLAIN_PIXELS < (uint64_t)shape.width * shape.height;
    watch->repeated = watch->repeated || (back > 0 && !plain);
    watch->stall_frames = 0;
    watch->digest[watch->count++ % LIMIT_DIGESTS] = digest;
    return true;
}
