#include "mjpeg.h"

enum { FILE_SIZE_MAX = 1 << 30, MARKER = 0xFF, SOI = 0xD8, EOI = 0xD9, SOS = 0xDA };

/* Length of the marker segment at `at`, its marker with it; 0 if there is none. */
static size_t segment_size(imi_view bytes, size_t at)
{
    if (at + 4 > bytes.size || bytes.data[at] != MARKER) {
        return 0;
    }
    size_t size = 2 + ((size_t)bytes.data[at + 2] << 8 | bytes.data[at + 3]);
    return at + size <= bytes.size ? size : 0;
}

/* Behind the entropy-coded data that starts at `at`: the next marker that is no restart. */
static size_t skip_scan(imi_view bytes, size_t at)
{
    while (at + 1 < bytes.size) {
        uint8_t next = bytes.data[at + 1];
        if (bytes.data[at] == MARKER && next != 0 && next != MARKER &&
            !(next >= 0xD0 && next <= 0xD7)) {
            return at;
        }
        at++;
    }
    return bytes.size;
}

/* Size of the JPEG at the start of bytes, read marker by marker, as thumbnails lie in segments;
 * 0 if there is none. */
static size_t jpeg_size(imi_view bytes)
{
    if (bytes.size < 4 || bytes.data[0] != MARKER || bytes.data[1] != SOI) {
        return 0;
    }
    size_t at = 2;
    while (at + 1 < bytes.size && !(bytes.data[at] == MARKER && bytes.data[at + 1] == EOI)) {
        bool scan = bytes.data[at + 1] == SOS;
        size_t size = segment_size(bytes, at);
        if (size == 0) {
            return 0;
        }
        at = scan ? skip_scan(bytes, at + size) : at + size;
    }
    return at + 1 < bytes.size ? at + 2 : 0;
}

static imi_status add_all(imi_view bytes, double frames_per_s, imi_sim_frames *frames,
                          imi_error *err)
{
    for (size_t at = 0; at < bytes.size;) {
        imi_view rest = {bytes.data + at, bytes.size - at};
        size_t size = jpeg_size(rest);
        if (size == 0) {
            IMI_FAIL(err, IMI_E_IMAGE_FORMAT, "no whole JPEG at byte %zu", at);
        }
        IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
        IMI_TRY(imi_buffer_append(&jpeg, (imi_view){rest.data, size}, err));
        int64_t at_ms = (int64_t)((double)frames->count * 1000 / frames_per_s + 0.5);
        IMI_TRY(imi_sim_frames_add(frames, &jpeg, at_ms, err));
        at += size;
    }
    return IMI_OK;
}

imi_status eval_mjpeg_load(const char *path, double frames_per_s, imi_sim_frames **out,
                           imi_error *err)
{
    *out = NULL;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    IMI_TRY(imi_file_read(path, FILE_SIZE_MAX, &file, err));
    IMI_AUTO(imi_sim_frames) frames = imi_alloc(sizeof *frames);
    if (frames == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for frames");
    }
    IMI_TRY(add_all(imi_buffer_view(&file), frames_per_s, frames, err));
    if (frames->count == 0) {
        IMI_FAIL(err, IMI_E_IMAGE_FORMAT, "%s holds no JPEG", path);
    }
    *out = IMI_STEAL(&frames);
    return IMI_OK;
}
