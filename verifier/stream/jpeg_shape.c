#include "jpeg_shape.h"

#include "imi/exif.h"

/* Marker codes. Source: ITU-T T.81, annex B. */
enum {
    MARKER_SOF0 = 0xC0,
    MARKER_DHT = 0xC4,
    MARKER_SOF2 = 0xC2,
    MARKER_SOI = 0xD8,
    MARKER_SOS = 0xDA,
    MARKER_DQT = 0xDB,
    MARKER_DRI = 0xDD,
    MARKER_APP1 = 0xE1,
    FRAME_SIZE_BYTES = 5, /* precision, height, width */
    TABLE_BYTES = 64, /* of a quantisation table of 8 bits, behind its number */
    TABLE_IDS = 4, /* larger: 16 bits */
    SEGMENTS_MAX = 64 /* before the first scan; cameras write fewer than 20 */
};

/* Mixing by odd multipliers and shifts. Source: S. Vigna, splitmix64 (public domain). */
static uint64_t mix(uint64_t state, uint64_t word)
{
    state = (state ^ word) * UINT64_C(0xBF58476D1CE4E5B9);
    return state ^ state >> 29;
}

uint64_t imi_stream_digest(imi_view bytes)
{
    uint64_t state = UINT64_C(0x9E3779B97F4A7C15) ^ bytes.size;
    size_t at = 0;
    for (; at + sizeof(uint64_t) <= bytes.size; at += sizeof(uint64_t)) {
        uint64_t word = 0;
        imi_copy(&word, bytes.data + at, sizeof word);
        state = mix(state, word);
    }
    for (; at < bytes.size; at++) {
        state = mix(state, bytes.data[at]);
    }
    return mix(state, 0);
}

static uint16_t big_endian_16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

/* What of a segment belongs to the shape: all of tables and headers, of others that they are
 * there. */
static imi_view shaping_part(uint8_t code, imi_view body)
{
    bool whole = code == MARKER_DQT || code == MARKER_DRI || code == MARKER_SOS;
    return whole ? body : (imi_view){NULL, 0};
}

static bool take_frame_header(imi_view body, imi_jpeg_shape *out)
{
    if (body.size < FRAME_SIZE_BYTES) {
        return false;
    }
    out->height = big_endian_16(body.data + 1);
    out->width = big_endian_16(body.data + 3);
    imi_view rest = {body.data + FRAME_SIZE_BYTES, body.size - FRAME_SIZE_BYTES};
    out->coding = mix(out->coding, imi_stream_digest(rest));
    return true;
}

/* The first table of eight bits with the number 0, by which luma is quantised. */
static void take_steps(imi_view body, imi_jpeg_shape *out)
{
    for (size_t at = 0; at + 1 + TABLE_BYTES <= body.size && body.data[at] < TABLE_IDS;
         at += 1 + TABLE_BYTES) {
        if (body.data[at] == 0) {
            imi_copy(out->luma_steps, body.data + at + 1, sizeof out->luma_steps);
        }
    }
}

/* Only what stays through a take: phones change lenses as a face comes near, write other programs
 * for other modes, and tell a size that no longer fits once they zoom. */
static void take_exif(const imi_exif *exif, imi_jpeg_shape *out)
{
    out->coding = mix(out->coding, imi_stream_digest(exif->make));
    out->coding = mix(out->coding, imi_stream_digest(exif->model));
    out->taken_at_s = exif->taken_at_s;
}

/* One segment at *at; moves behind it. The first EXIF counts. */
static bool take_segment(imi_view jpeg, size_t *at, uint8_t *code_out, imi_exif *exif,
                         imi_jpeg_shape *out)
{
    while (*at + 1 < jpeg.size && jpeg.data[*at] == 0xFF && jpeg.data[*at + 1] == 0xFF) {
        ++*at; /* fill bytes */
    }
    if (jpeg.size - *at < 4 || jpeg.data[*at] != 0xFF) {
        return false;
    }
    *code_out = jpeg.data[*at + 1];
    size_t length = big_endian_16(jpeg.data + *at + 2);
    if (length < 2 || length > jpeg.size - *at - 2) {
        return false;
    }
    imi_view body = {jpeg.data + *at + 4, length - 2};
    *at += 2 + length;
    out->coding = mix(out->coding, *code_out);
    if (*code_out >= MARKER_SOF0 && *code_out <= MARKER_SOF2) {
        return take_frame_header(body, out);
    }
    if (*code_out == MARKER_DQT) {
        take_steps(body, out);
    }
    if (*code_out == MARKER_APP1 && exif->orientation == 0) {
        (void)imi_exif_read(body, exif);
    }
    out->coding = mix(out->coding, imi_stream_digest(shaping_part(*code_out, body)));
    return true;
}

bool imi_jpeg_shape_read(imi_view jpeg, imi_jpeg_shape *out)
{
    *out = (imi_jpeg_shape){0};
    if (jpeg.size < 4 || jpeg.data[0] != 0xFF || jpeg.data[1] != MARKER_SOI) {
        return false;
    }
    size_t at = 2;
    uint8_t code = 0;
    imi_exif exif = {0};
    for (unsigned i = 0; i < SEGMENTS_MAX && code != MARKER_SOS; i++) {
        if (!take_segment(jpeg, &at, &code, &exif, out)) {
            return false;
        }
    }
    take_exif(&exif, out);
    return code == MARKER_SOS && out->width > 0 && out->height > 0;
}
