/**
 * Bounded reading and writing of bytes, and protobuf's wire format on top of it.
 *
 * Errors: neither leaves its bounds; the first failure sticks (ok is false), so that it is asked
 *         for once, at the end.
 * Source: https://protobuf.dev/programming-guides/encoding/
 */
#ifndef IMI_CORE_WIRE_H
#define IMI_CORE_WIRE_H

#include "imi_core/api.h"

typedef struct writer {
    uint8_t *out;
    size_t capacity;
    size_t size; /* written so far */
    bool ok;
} writer;

typedef struct reader {
    const uint8_t *at;
    size_t left;
    bool ok;
} reader;

void imi_core_put(writer *w, const uint8_t *bytes, size_t size);
/* Least significant byte first. */
void imi_core_put_number(writer *w, uint64_t value, uint32_t size);
/* NULL if so many are not left. */
const uint8_t *imi_core_get(reader *r, size_t size);
uint64_t imi_core_get_number(reader *r, uint32_t size);

enum { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

typedef struct wire_field {
    uint32_t number;
    uint32_t type;
    uint64_t value; /* of a number */
    imi_core_view bytes; /* of WIRE_BYTES */
} wire_field;

/* Number and type in one, to switch over. */
#define WIRE_KEY(number, type) ((uint32_t)(number) << 3 | (uint32_t)(type))

/* The next field; false at the end or when broken. */
bool imi_core_wire_next(reader *r, wire_field *field);
static inline uint32_t wire_key(const wire_field *field)
{
    return WIRE_KEY(field->number, field->type);
}
uint64_t imi_core_wire_get_varint(reader *r);

/* Fields of the default value are left out. */
void imi_core_wire_put_varint(writer *w, uint64_t value);
void imi_core_wire_put_uint(writer *w, uint32_t number, uint64_t value);
void imi_core_wire_put_bytes(writer *w, uint32_t number, imi_core_view bytes);
/* Tag and length of a field of bytes, whose content follows. */
void imi_core_wire_put_length(writer *w, uint32_t number, uint64_t size);
/* Bytes that the two above take. */
size_t imi_core_wire_uint_size(uint64_t value);
size_t imi_core_wire_bytes_size(size_t size);

static inline reader read_view(imi_core_view view)
{
    return (reader){.at = view.data, .left = view.size, .ok = view.data != NULL || view.size == 0};
}

static inline writer write_to(uint8_t *out, size_t capacity)
{
    return (writer){.out = out, .capacity = capacity, .ok = out != NULL};
}

static inline size_t written(const writer *w)
{
    return w->ok ? w->size : 0;
}

#endif
