#include "held_bytes.h"

void imi_held_bytes_init(imi_held_bytes *bytes, size_t limit)
{
    atomic_init(&bytes->held, 0);
    bytes->limit = limit;
}

static bool take(imi_held_bytes *bytes, size_t size)
{
    size_t before = atomic_fetch_add(&bytes->held, size);
    if (before <= bytes->limit && size <= bytes->limit - before) {
        return true;
    }
    atomic_fetch_sub(&bytes->held, size);
    return false;
}

imi_status imi_held_bytes_copy(imi_held_bytes *bytes, imi_view from, imi_buffer *out,
                               imi_error *err)
{
    if (!take(bytes, from.size)) {
        IMI_FAIL(err, IMI_E_EXHAUSTED, "the server holds too many frames: try again in a moment");
    }
    imi_status status = imi_buffer_append(out, from, err);
    if (status != IMI_OK) {
        atomic_fetch_sub(&bytes->held, from.size);
    }
    return status;
}

void imi_held_bytes_release(imi_held_bytes *bytes, imi_buffer *buffer)
{
    atomic_fetch_sub(&bytes->held, buffer->size);
    imi_buffer_clean_up(buffer);
}
