#include "cbor.h"

enum { DEPTH_MAX = 4 };

enum { MAJOR_NEGATIVE = 1, MAJOR_BYTES = 2, MAJOR_TEXT = 3, MAJOR_ARRAY = 4, MAJOR_MAP = 5 };

typedef struct head {
    uint8_t major;
    uint64_t value;
} head;

static bool take_head(imi_view *input, head *out)
{
    *out = (head){0};
    if (input->size == 0) {
        return false;
    }
    uint8_t first = input->data[0];
    uint8_t detail = first & 0x1FU;
    if (detail > 27) {
        return false;
    }
    size_t size = detail < 24 ? 0 : (size_t)1 << (detail - 24U);
    if (input->size < 1 + size) {
        return false;
    }
    out->major = first >> 5;
    out->value = detail;
    for (size_t i = 0; i < size; i++) {
        out->value = (i == 0 ? 0 : out->value << 8) | input->data[1 + i];
    }
    input->data += 1 + size;
    input->size -= 1 + size;
    /* The shortest form: a longer one must hold what a shorter one could not. */
    return size == 0 || out->value >= (size == 1 ? 24U : (uint64_t)1 << (4 * size));
}

static bool take_string(imi_view *input, uint8_t major, imi_view *out)
{
    head string;
    *out = (imi_view){NULL, 0};
    if (!take_head(input, &string) || string.major != major || string.value > input->size) {
        return false;
    }
    *out = (imi_view){input->data, (size_t)string.value};
    input->data += out->size;
    input->size -= out->size;
    return true;
}

static bool take_collection(imi_view *input, uint8_t major, uint64_t *count)
{
    head collection;
    bool taken = take_head(input, &collection) && collection.major == major;
    *count = taken ? collection.value : 0;
    /* Each element takes a byte at least. */
    return taken && collection.value <= input->size;
}

bool imi_cbor_take_bytes(imi_view *input, imi_view *out)
{
    return take_string(input, MAJOR_BYTES, out);
}

bool imi_cbor_take_text(imi_view *input, imi_view *out)
{
    return take_string(input, MAJOR_TEXT, out);
}

bool imi_cbor_take_array(imi_view *input, uint64_t *count)
{
    return take_collection(input, MAJOR_ARRAY, count);
}

bool imi_cbor_take_map(imi_view *input, uint64_t *count)
{
    return take_collection(input, MAJOR_MAP, count);
}

static bool skip(imi_view *input, int depth)
{
    imi_view rest = *input, string;
    head item;
    if (!take_head(&rest, &item) || item.major > MAJOR_MAP) {
        return false;
    }
    if (item.major <= MAJOR_NEGATIVE) {
        *input = rest;
        return true;
    }
    if (item.major <= MAJOR_TEXT) {
        return take_string(input, item.major, &string);
    }
    uint64_t count = 0;
    if (depth == DEPTH_MAX || !take_collection(input, item.major, &count)) {
        return false;
    }
    for (uint64_t i = 0; i < (item.major == MAJOR_MAP ? 2 * count : count); i++) {
        if (!skip(input, depth + 1)) {
            return false;
        }
    }
    return true;
}

bool imi_cbor_skip(imi_view *input)
{
    return skip(input, 0);
}
