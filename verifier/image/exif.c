#include "imi/exif.h"

/* Source: TIFF 6.0 section 2 (types; UTF-8: Exif 3.0), CIPA DC-008 (tags). */
enum {
    TYPE_ASCII = 2,
    TYPE_SHORT = 3,
    TYPE_LONG = 4,
    TYPE_UTF8 = 129,
    HEADER_SIZE = 8,
    ENTRY_SIZE = 12, /* tag, type, count, value or where it is */
    INLINE_SIZE = 4, /* a longer value lies elsewhere */
    TAG_MAKE = 0x010F,
    TAG_MODEL = 0x0110,
    TAG_ORIENTATION = 0x0112,
    TAG_CAMERA_DIRECTORY = 0x8769,
    TAG_TAKEN_AT = 0x9003 /* DateTimeOriginal */
};

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

/* Where the first whole entry with this tag is; 0: there is none. */
static size_t find_entry(const tiff *in, size_t directory, uint32_t tag)
{
    uint32_t entries = directory < HEADER_SIZE ? 0 : read_number(in, directory, 2);
    for (uint32_t i = 0; i < entries; i++) {
        size_t entry = directory + 2 + (size_t)i * ENTRY_SIZE;
        if (entry + ENTRY_SIZE > in->bytes.size) {
            break;
        }
        if (read_number(in, entry, 2) == tag) {
            return entry;
        }
    }
    return 0;
}

static uint32_t read_integer(const tiff *in, size_t directory, uint32_t tag)
{
    size_t entry = find_entry(in, directory, tag);
    uint32_t type = entry == 0 ? 0 : read_number(in, entry + 2, 2);
    size_t width = type == TYPE_SHORT ? 2 : type == TYPE_LONG ? 4 : 0;
    return read_number(in, entry + 8, width);
}

/* Up to its NUL. */
static imi_view read_text(const tiff *in, size_t directory, uint32_t tag)
{
    size_t entry = find_entry(in, directory, tag);
    uint32_t type = entry == 0 ? 0 : read_number(in, entry + 2, 2);
    size_t count = read_number(in, entry + 4, 4);
    size_t at = count <= INLINE_SIZE ? entry + 8 : read_number(in, entry + 8, 4);
    if ((type != TYPE_ASCII && type != TYPE_UTF8) || at > in->bytes.size ||
        in->bytes.size - at < count) {
        return (imi_view){NULL, 0};
    }
    imi_view text = {in->bytes.data + at, 0};
    while (text.size < count && text.data[text.size] != 0) {
        text.size++;
    }
    return text;
}

/* As long as a date, with its separators where they belong. */
static bool has_form_of_time(imi_view text)
{
    static const char FORM[] = "....:..:.. ..:..:..";
    bool has = text.size == sizeof FORM - 1;
    for (size_t i = 0; has && i < text.size; i++) {
        has = FORM[i] == '.' || text.data[i] == FORM[i];
    }
    return has;
}

/* Two or four digits of a date; -1: these are none. */
static int32_t read_digits(imi_view text, size_t at, size_t count)
{
    int32_t value = 0;
    for (size_t i = at; i < at + count; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return -1;
        }
        value = value * 10 + (text.data[i] - '0');
    }
    return value;
}

/* "2026:11:23 17:15:00". A camera that does not know the time writes zeros or spaces. */
static int64_t read_time(imi_view text)
{
    static const struct {
        uint8_t at, digits;
        int32_t least, most, in_larger; /* so many make one of the part before */
    } PARTS[] = {{0, 4, 1, 9999, 0}, {5, 2, 1, 12, 12},  {8, 2, 1, 31, 31},
                 {11, 2, 0, 23, 24}, {14, 2, 0, 59, 60}, {17, 2, 0, 60, 60}};
    int64_t time_s = 0;
    if (!has_form_of_time(text)) {
        return 0;
    }
    for (size_t i = 0; i < sizeof PARTS / sizeof PARTS[0]; i++) {
        int32_t value = read_digits(text, PARTS[i].at, PARTS[i].digits);
        if (value < PARTS[i].least || value > PARTS[i].most) {
            return 0;
        }
        time_s = time_s * PARTS[i].in_larger + value;
    }
    return time_s;
}

bool imi_exif_read(imi_view segment, imi_exif *out)
{
    tiff in;
    *out = (imi_exif){0};
    if (!open_tiff(segment, &in)) {
        return false;
    }
    out->orientation = 1;
    if (read_number(&in, 2, 2) != 42) {
        return true;
    }
    size_t first = read_number(&in, 4, 4);
    size_t camera = read_integer(&in, first, TAG_CAMERA_DIRECTORY);
    uint32_t orientation = read_integer(&in, first, TAG_ORIENTATION);
    out->orientation = orientation >= 1 && orientation <= 8 ? orientation : 1;
    out->make = read_text(&in, first, TAG_MAKE);
    out->model = read_text(&in, first, TAG_MODEL);
    out->taken_at_s = read_time(read_text(&in, camera, TAG_TAKEN_AT));
    return true;
}
