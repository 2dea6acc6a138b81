#include "jpeg_internal.h"

enum { TAG_ORIENTATION = 0x0112, TYPE_SHORT = 3, ENTRY_SIZE = 12, HEADER_SIZE = 8 };

/* A TIFF structure in either byte order. Every read is bounded; outside it reads zero. */
typedef struct tiff {
    imi_view bytes;
    bool big_endian;
} tiff;

static uint32_t read_number(const tiff *in, size_t at, size_t width)
{
    uint32_t value = 0;
    if (at > in->bytes.size || in->bytes.size - at < width) {
        return 0;
    }
    for (size_t i = 0; i < width; i++) {
        size_t from = in->big_endian ? i : width - 1 - i;
        value = (value << 8) | in->bytes.data[at + from];
    }
    return value;
}

static bool open_tiff(imi_view segment, tiff *out)
{
    static const uint8_t signature[6] = {'E', 'x', 'i', 'f', 0, 0};
    if (segment.size < sizeof signature + HEADER_SIZE ||
        !imi_view_equal((imi_view){segment.data, sizeof signature},
                        (imi_view){signature, sizeof signature})) {
        return false;
    }
    out->bytes = (imi_view){segment.data + sizeof signature, segment.size - sizeof signature};
    out->big_endian = out->bytes.data[0] == 'M';
    return true;
}

uint32_t imi_exif_orientation(imi_view segment)
{
    tiff in;
    if (!open_tiff(segment, &in)) {
        return 0;
    }
    if (read_number(&in, 2, 2) != 42) {
        return 1;
    }
    size_t directory = read_number(&in, 4, 4);
    uint32_t entries = read_number(&in, directory, 2);
    /* At most 65,535 entries; those beyond the segment read as zero and do not match. */
    for (uint32_t i = 0; i < entries; i++) {
        size_t entry = directory + 2 + (size_t)i * ENTRY_SIZE;
        if (read_number(&in, entry, 2) == TAG_ORIENTATION &&
            read_number(&in, entry + 2, 2) == TYPE_SHORT) {
            uint32_t value = read_number(&in, entry + 8, 2);
            return value >= 1 && value <= 8 ? value : 1;
        }
    }
    return 1;
}
