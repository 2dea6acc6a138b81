#include "wire.h"

#include "bytes.h"

enum { VARINT_BYTES_MAX = 10, FIELD_NUMBER_MAX = (1 << 29) - 1 };

void imi_core_put(writer *w, const uint8_t *bytes, size_t size)
{
    w->ok = w->ok && size <= w->capacity - w->size;
    if (w->ok) {
        copy_bytes(w->out + w->size, bytes, size);
        w->size += size;
    }
}

void imi_core_put_number(writer *w, uint64_t value, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++) {
        uint8_t byte = (uint8_t)value;
        imi_core_put(w, &byte, 1);
        value >>= 8;
    }
}

const uint8_t *imi_core_get(reader *r, size_t size)
{
    r->ok = r->ok && size <= r->left;
    if (!r->ok) {
        return NULL;
    }
    const uint8_t *bytes = r->at;
    if (size > 0) {
        r->at += size;
        r->left -= size;
    }
    return bytes;
}

uint64_t imi_core_get_number(reader *r, uint32_t size)
{
    const uint8_t *bytes = imi_core_get(r, size);
    uint64_t value = 0;
    for (uint32_t i = size; bytes != NULL && i > 0; i--) {
        value = value << 8 | bytes[i - 1];
    }
    return value;
}

uint64_t imi_core_wire_get_varint(reader *r)
{
    /* 70 bits are read in two halves, as shifting 64 bits by a variable takes a library on
     * 32-bit machines. */
    uint64_t value = 0;
    uint8_t bytes[VARINT_BYTES_MAX];
    uint32_t count = 0;
    do {
        const uint8_t *byte = count < VARINT_BYTES_MAX ? imi_core_get(r, 1) : NULL;
        if (byte == NULL) {
            r->ok = false;
            return 0;
        }
        bytes[count++] = *byte;
    } while (bytes[count - 1] >= 0x80);
    if (count == VARINT_BYTES_MAX && bytes[count - 1] > 1) {
        r->ok = false;
        return 0;
    }
    while (count > 0) {
        value = value << 7 | (bytes[--count] & 0x7F);
    }
    return value;
}

static void get_content(reader *r, wire_field *field)
{
    switch (field->type) {
    case WIRE_VARINT:
        field->value = imi_core_wire_get_varint(r);
        break;
    case WIRE_FIXED64:
        field->value = imi_core_get_number(r, 8);
        break;
    case WIRE_FIXED32:
        field->value = imi_core_get_number(r, 4);
        break;
    case WIRE_BYTES: {
        uint64_t size = imi_core_wire_get_varint(r);
        if (size > r->left) {
            r->ok = false;
            break;
        }
        field->bytes.data = imi_core_get(r, (size_t)size);
        field->bytes.size = (size_t)size;
        break;
    }
    default: /* groups, which proto3 does not have, and what is no type */
        r->ok = false;
    }
}

bool imi_core_wire_next(reader *r, wire_field *field)
{
    *field = (wire_field){0};
    if (!r->ok || r->left == 0) {
        return false;
    }
    uint64_t tag = imi_core_wire_get_varint(r);
    uint64_t number = tag >> 3;
    if (number == 0 || number > FIELD_NUMBER_MAX) {
        r->ok = false;
        return false;
    }
    field->number = (uint32_t)number;
    field->type = (uint32_t)tag & 7;
    get_content(r, field);
    return r->ok;
}

void imi_core_wire_put_varint(writer *w, uint64_t value)
{
    while (value >= 0x80) {
        imi_core_put_number(w, (value & 0x7F) | 0x80, 1);
        value >>= 7;
    }
    imi_core_put_number(w, value, 1);
}

static size_t varint_size(uint64_t value)
{
    size_t size = 1;
    for (; value >= 0x80; value >>= 7) {
        size++;
    }
    return size;
}

/* All our field numbers are below 16, so that a tag is one byte. */
size_t imi_core_wire_uint_size(uint64_t value)
{
    return value == 0 ? 0 : 1 + varint_size(value);
}

size_t imi_core_wire_bytes_size(size_t size)
{
    return size == 0 ? 0 : 1 + varint_size(size) + size;
}

void imi_core_wire_put_uint(writer *w, uint32_t number, uint64_t value)
{
    if (value != 0) {
        imi_core_wire_put_varint(w, WIRE_KEY(number, WIRE_VARINT));
        imi_core_wire_put_varint(w, value);
    }
}

void imi_core_wire_put_length(writer *w, uint32_t number, uint64_t size)
{
    imi_core_wire_put_varint(w, WIRE_KEY(number, WIRE_BYTES));
    imi_core_wire_put_varint(w, size);
}

void imi_core_wire_put_bytes(writer *w, uint32_t number, imi_core_view bytes)
{
    if (bytes.size != 0) {
        imi_core_wire_put_length(w, number, bytes.size);
        imi_core_put(w, bytes.data, bytes.size);
    }
}
