/*
 * Reads what a JPEG file says of itself before any library decodes it: a walk over the
 * marker segments with every length checked. Source: ITU-T T.81, annex B.
 */
#include "imi/exif.h"
#include "imi/image.h"

#include <string.h>

enum {
    MARKER_TEM = 0x01,
    MARKER_SOF0 = 0xC0, /* baseline */
    MARKER_SOF1 = 0xC1, /* extended sequential */
    MARKER_SOF2 = 0xC2, /* progressive */
    MARKER_DHT = 0xC4,
    MARKER_JPG = 0xC8,
    MARKER_DAC = 0xCC, /* arithmetic coding conditions */
    MARKER_SOF15 = 0xCF,
    MARKER_RST0 = 0xD0,
    MARKER_RST7 = 0xD7,
    MARKER_SOI = 0xD8,
    MARKER_EOI = 0xD9,
    MARKER_SOS = 0xDA,
    MARKER_APP1 = 0xE1
};

/*
 * A progressive file repeats work on every pixel in each scan. Encoders use about 10 scans at
 * any size, so the pixel limit is spent at this many scans.
 */
enum { USUAL_SCANS = 12 };

typedef struct walk {
    imi_view file;
    size_t at;
    imi_jpeg_info info;
    uint32_t scans;
    bool frame_seen;
} walk;

static uint32_t big_endian_16(const uint8_t *at)
{
    return (uint32_t)at[0] << 8 | at[1];
}

/* Next marker code: 0xFF, any number of fill bytes 0xFF, the code. */
static imi_status next_marker(walk *w, uint8_t *code_out, imi_error *err)
{
    const imi_view file = w->file;
    if (w->at >= file.size || file.data[w->at] != 0xFF) {
        IMI_FAIL(err, IMI_E_IMAGE_CORRUPT, "JPEG has no marker at byte %zu", w->at);
    }
    while (w->at < file.size && file.data[w->at] == 0xFF) {
        w->at++;
    }
    if (w->at >= file.size) {
        IMI_FAIL(err, IMI_E_IMAGE_CORRUPT, "JPEG ends inside a marker");
    }
    *code_out = file.data[w->at++];
    return IMI_OK;
}

static imi_status read_segment(walk *w, imi_view *body_out, imi_error *err)
{
    size_t left = w->file.size - w->at;
    size_t length = left < 2 ? 0 : big_endian_16(w->file.data + w->at);
    if (length < 2 || length > left) {
        IMI_FAIL(err, IMI_E_IMAGE_CORRUPT, "JPEG segment at byte %zu has a wrong length", w->at);
    }
    *body_out = (imi_view){w->file.data + w->at + 2, length - 2};
    w->at += length;
    return IMI_OK;
}

static bool is_frame_marker(uint8_t code)
{
    return code >= MARKER_SOF0 && code <= MARKER_SOF15 && code != MARKER_DHT &&
           code != MARKER_JPG && code != MARKER_DAC;
}

static imi_status check_frame_kind(uint8_t code, uint32_t bits, uint32_t components, imi_error *err)
{
    if (code > MARKER_SOF2) {
        IMI_FAIL(err, IMI_E_IMAGE_FORMAT,
                 "lossless, hierarchical and arithmetic-coded JPEG files are not accepted");
    }
    if (bits != 8) {
        IMI_FAIL(err, IMI_E_IMAGE_FORMAT, "JPEG has %u bits a sample, only 8 are accepted", bits);
    }
    if (components != 1 && components != 3) {
        IMI_FAIL(err, IMI_E_IMAGE_FORMAT,
                 "JPEG has %u colour components: only grey and RGB or YCbCr are accepted",
                 components);
    }
    return IMI_OK;
}

static imi_status read_frame(walk *w, uint8_t code, imi_view body, imi_error *err)
{
    if (w->frame_seen) {
        IMI_FAIL(err, IMI_E_IMAGE_CORRUPT, "JPEG has two frame headers");
    }
    if (body.size < 6 || body.size < 6U + 3U * body.data[5]) {
        IMI_FAIL(err, IMI_E_IMAGE_CORRUPT, "JPEG frame header is cut short");
    }
    IMI_TRY(check_frame_kind(code, body.data[0], body.data[5], err));
    w->frame_seen = true;
    w->info.height = big_endian_16(body.data + 1);
    w->info.width = big_endian_16(body.data + 3);
    w->info.components = body.data[5];
    w->info.progressive = code == MARKER_SOF2;
    return IMI_OK;
}

/* Skip entropy-coded data: up to the next 0xFF that is neither stuffed nor a restart marker. */
static imi_status skip_scan(walk *w, imi_error *err)
{
    if (!w->frame_seen) {
        IMI_FAIL(err, IMI_E_IMAGE_CORRUPT, "JPEG has a scan before its frame header");
    }
    w->scans++;
    while (w->at < w->file.size) {
        const uint8_t *from = w->file.data + w->at;
        const uint8_t *found = memchr(from, 0xFF, w->file.size - w->at);
        size_t at = found == NULL ? w->file.size : (size_t)(found - w->file.data);
        if (at + 1 >= w->file.size) {
            break;
        }
        uint8_t code = w->file.data[at + 1];
        bool restart = code >= MARKER_RST0 && code <= MARKER_RST7;
        if (code != 0 && code != 0xFF && !restart) {
            w->at = at;
            return IMI_OK;
        }
        w->at = code == 0xFF ? at + 1 : at + 2;
    }
    IMI_FAIL(err, IMI_E_IMAGE_CORRUPT, "JPEG is cut off: it ends inside its image data");
}

static imi_status read_one_segment(walk *w, uint8_t code, imi_error *err)
{
    imi_view body;
    IMI_TRY(read_segment(w, &body, err));
    if (code == MARKER_DAC) {
        IMI_FAIL(err, IMI_E_IMAGE_FORMAT, "arithmetic-coded JPEG files are not accepted");
    }
    if (is_frame_marker(code)) {
        return read_frame(w, code, body, err);
    }
    if (code == MARKER_APP1 && w->info.orientation == 0) {
        imi_exif exif;
        (void)imi_exif_read(body, &exif);
        w->info.orientation = exif.orientation;
    }
    return code == MARKER_SOS ? skip_scan(w, err) : IMI_OK;
}

static imi_status walk_file(walk *w, imi_error *err)
{
    for (;;) {
        uint8_t code = 0;
        IMI_TRY(next_marker(w, &code, err));
        if (code == MARKER_EOI) {
            break;
        }
        if (code == MARKER_SOI) {
            IMI_FAIL(err, IMI_E_IMAGE_CORRUPT, "JPEG starts twice");
        }
        bool standalone = code == MARKER_TEM || (code >= MARKER_RST0 && code <= MARKER_RST7);
        if (!standalone) {
            IMI_TRY(read_one_segment(w, code, err));
        }
    }
    if (w->scans == 0) {
        IMI_FAIL(err, IMI_E_IMAGE_CORRUPT, "JPEG holds no image");
    }
    return IMI_OK;
}

static imi_status check_limits(const walk *w, const imi_jpeg_limits *limits, imi_error *err)
{
    const imi_jpeg_info *info = &w->info;
    uint32_t larger = info->width > info->height ? info->width : info->height;
    uint32_t smaller = info->width > info->height ? info->height : info->width;
    uint64_t pixels = (uint64_t)info->width * info->height;
    if (smaller == 0 || smaller < limits->min_dimension) {
        IMI_FAIL(err, IMI_E_IMAGE_TOO_SMALL, "image is %u x %u pixels, at least %u are needed",
                 info->width, info->height, limits->min_dimension);
    }
    if (larger > limits->dimension) {
        IMI_FAIL(err, IMI_E_IMAGE_TOO_LARGE, "image is %u x %u pixels, at most %u are accepted",
                 info->width, info->height, limits->dimension);
    }
    if (pixels > limits->pixels) {
        IMI_FAIL(err, IMI_E_IMAGE_TOO_LARGE, "image has %llu pixels, at most %llu are accepted",
                 (unsigned long long)pixels, (unsigned long long)limits->pixels);
    }
    if (w->scans > limits->scans) {
        IMI_FAIL(err, IMI_E_IMAGE_TOO_LARGE, "image has %u scans, at most %u are accepted",
                 w->scans, limits->scans);
    }
    if (info->progressive && pixels * w->scans > limits->pixels * USUAL_SCANS) {
        IMI_FAIL(err, IMI_E_IMAGE_TOO_LARGE, "image has too many scans for its size: %u", w->scans);
    }
    return IMI_OK;
}

imi_status imi_jpeg_inspect(imi_view jpeg, const imi_jpeg_limits *limits, imi_jpeg_info *info_out,
                            imi_error *err)
{
    *info_out = (imi_jpeg_info){0};
    if (jpeg.size == 0 || jpeg.data == NULL) {
        IMI_FAIL(err, IMI_E_IMAGE_EMPTY, "image is empty");
    }
    if (jpeg.size > limits->bytes) {
        IMI_FAIL(err, IMI_E_IMAGE_TOO_LARGE, "image has %zu bytes, at most %zu are accepted",
                 jpeg.size, limits->bytes);
    }
    if (jpeg.size < 3 || jpeg.data[0] != 0xFF || jpeg.data[1] != MARKER_SOI ||
        jpeg.data[2] != 0xFF) {
        IMI_FAIL(err, IMI_E_IMAGE_FORMAT, "image is not a JPEG file");
    }
    walk w = {.file = jpeg, .at = 2};
    IMI_TRY(walk_file(&w, err));
    IMI_TRY(check_limits(&w, limits, err));
    if (w.info.orientation == 0) {
        w.info.orientation = 1;
    }
    *info_out = w.info;
    return IMI_OK;
}
