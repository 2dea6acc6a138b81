#include "rpc/message.h"

#include <stdbool.h>
#include <string.h>

/* Wire types of the encoding (https://protobuf.dev/programming-guides/encoding). */
enum { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_LENGTH = 2, WIRE_32 = 5 };
enum { SEEN_MAX = 64 };

typedef ProtobufCMessageDescriptor message_type;
typedef ProtobufCFieldDescriptor field_type;

typedef struct decoder {
    imi_arena *arena;
    imi_error *err;
    size_t elements; /* seen so far, in the whole message */
} decoder;

/* The value of one field as the wire has it. */
typedef struct wire_value {
    uint32_t field;
    int wire;
    uint64_t number; /* of the three numeric wire types */
    imi_view bytes; /* of WIRE_LENGTH */
} wire_value;

/* ---- reading the wire ---- */

static bool read_varint(imi_view *in, uint64_t *out)
{
    *out = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (in->size == 0) {
            return false;
        }
        uint8_t byte = *in->data;
        in->data++;
        in->size--;
        if (shift == 63 && byte > 1) {
            return false; /* more than 64 bits */
        }
        *out |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            return true;
        }
    }
    return false;
}

static bool read_fixed(imi_view *in, size_t size, uint64_t *out)
{
    *out = 0;
    if (in->size < size) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        *out |= (uint64_t)in->data[i] << (8 * i);
    }
    in->data += size;
    in->size -= size;
    return true;
}

static bool read_length(imi_view *in, imi_view *out)
{
    uint64_t size = 0;
    if (!read_varint(in, &size) || size > in->size) {
        return false;
    }
    *out = (imi_view){in->data, (size_t)size};
    in->data += size;
    in->size -= (size_t)size;
    return true;
}

static bool read_number(imi_view *in, int wire, uint64_t *out)
{
    switch (wire) {
    case WIRE_VARINT:
        return read_varint(in, out);
    case WIRE_64:
        return read_fixed(in, 8, out);
    case WIRE_32:
        return read_fixed(in, 4, out);
    default:
        return false; /* groups ended with proto2 */
    }
}

static imi_status read_value(decoder *d, imi_view *in, wire_value *out)
{
    uint64_t tag = 0;
    *out = (wire_value){0};
    if (!read_varint(in, &tag) || tag > UINT32_MAX || tag >> 3 == 0) {
        IMI_FAIL(d->err, IMI_E_RPC_MESSAGE, "the message is not valid protobuf");
    }
    out->field = (uint32_t)(tag >> 3);
    out->wire = (int)(tag & 7);
    bool read = out->wire == WIRE_LENGTH ? read_length(in, &out->bytes)
                                         : read_number(in, out->wire, &out->number);
    if (!read) {
        IMI_FAIL(d->err, IMI_E_RPC_MESSAGE, "the message is not valid protobuf");
    }
    return IMI_OK;
}

static imi_status count_elements(decoder *d, size_t count)
{
    d->elements += count;
    if (d->elements > IMI_MESSAGE_ELEMENTS_MAX) {
        IMI_FAIL(d->err, IMI_E_RPC_MESSAGE, "the message has more than %d values",
                 IMI_MESSAGE_ELEMENTS_MAX);
    }
    return IMI_OK;
}

/* ---- what the descriptor says ---- */

static const field_type *find_field(const message_type *type, uint32_t id)
{
    for (unsigned i = 0; i < type->n_fields; i++) {
        if (type->fields[i].id == id) {
            return &type->fields[i];
        }
    }
    return NULL;
}

static int wire_of_type(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
        return WIRE_32;
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return WIRE_64;
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        return WIRE_LENGTH;
    default:
        return WIRE_VARINT;
    }
}

static size_t size_of_type(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return 8;
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    default:
        return 4;
    }
}

static bool is_packed(const field_type *field, int wire)
{
    return field->label == PROTOBUF_C_LABEL_REPEATED && wire == WIRE_LENGTH &&
           wire_of_type(field->type) != WIRE_LENGTH;
}

static bool is_image(const field_type *field)
{
    size_t size = strlen(field->name);
    return field->type == PROTOBUF_C_TYPE_BYTES && size >= 4 &&
           strcmp(field->name + size - 4, "jpeg") == 0;
}

static void *member(ProtobufCMessage *message, size_t offset)
{
    return (uint8_t *)message + offset;
}

static size_t *count_of(ProtobufCMessage *message, const field_type *field)
{
    return member(message, field->quantifier_offset);
}

/* ---- numbers ---- */

/* Negative int32 travel sign-extended to 64 bits; some encoders send 32. */
static bool fits_int32(uint64_t number)
{
    return number <= UINT32_MAX || number >= UINT64_MAX - INT32_MAX;
}

static bool number_fits(const field_type *field, uint64_t number)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
        return fits_int32(number);
    case PROTOBUF_C_TYPE_ENUM:
        return fits_int32(number) && protobuf_c_enum_descriptor_get_value(
                                         field->descriptor, (int)(uint32_t)number) != NULL;
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_UINT32:
        return number <= UINT32_MAX;
    case PROTOBUF_C_TYPE_BOOL:
        return number <= 1;
    default:
        return true;
    }
}

static uint64_t unzigzag(uint64_t number)
{
    return (number >> 1) ^ (~(number & 1) + 1);
}

static imi_status store_number(decoder *d, const field_type *field, uint64_t number, void *out)
{
    if (!number_fits(field, number)) {
        IMI_FAIL(d->err, IMI_E_RPC_MESSAGE,
                 "field '%s' has a value that is not known or does "
                 "not fit",
                 field->name);
    }
    if (field->type == PROTOBUF_C_TYPE_SINT32 || field->type == PROTOBUF_C_TYPE_SINT64) {
        number = unzigzag(number);
    }
    /* The low bytes are the value, whatever its type: the wire is little-endian. */
    uint32_t low = (uint32_t)number;
    if (size_of_type(field->type) == sizeof low) {
        imi_copy(out, &low, sizeof low);
    } else {
        imi_copy(out, &number, sizeof number);
    }
    return IMI_OK;
}

/* ---- texts, bytes, messages ---- */

static imi_status decode_message(decoder *d, const message_type *type, imi_view bytes, int depth,
                                 ProtobufCMessage **out);

static imi_status store_text(decoder *d, const field_type *field, imi_view text, char **out)
{
    if (!imi_text_is_clean_utf8(text)) {
        IMI_FAIL(d->err, IMI_E_RPC_MESSAGE, "field '%s' is not clean UTF-8 text", field->name);
    }
    *out = imi_arena_alloc(d->arena, text.size + 1);
    if (*out == NULL) {
        IMI_FAIL(d->err, IMI_E_RPC_MESSAGE, "field '%s' makes the message too large", field->name);
    }
    imi_copy(*out, text.data, text.size);
    return IMI_OK;
}

static imi_status store_value(decoder *d, const field_type *field, const wire_value *value,
                              int depth, void *out)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        return store_text(d, field, value->bytes, out);
    case PROTOBUF_C_TYPE_BYTES:
        /* protobuf-c has no const; nobody writes through a decoded message. */
        *(ProtobufCBinaryData *)out = (ProtobufCBinaryData){
            value->bytes.size, value->bytes.size == 0 ? NULL : (uint8_t *)value->bytes.data};
        return IMI_OK;
    case PROTOBUF_C_TYPE_MESSAGE:
        return decode_message(d, field->descriptor, value->bytes, depth + 1, out);
    default:
        return store_number(d, field, value->number, out);
    }
}

/* ---- repeated fields ---- */

static imi_status count_packed(decoder *d, const field_type *field, imi_view bytes,
                               size_t *count_out)
{
    uint64_t ignored = 0;
    for (*count_out = 0; bytes.size > 0; ++*count_out) {
        if (!read_number(&bytes, wire_of_type(field->type), &ignored)) {
            IMI_FAIL(d->err, IMI_E_RPC_MESSAGE, "field '%s' is not valid protobuf", field->name);
        }
    }
    return IMI_OK;
}

/* First pass: how many values each repeated field has, so that arrays are made once. */
static imi_status count_values(decoder *d, const message_type *type, imi_view bytes,
                               ProtobufCMessage *message)
{
    while (bytes.size > 0) {
        wire_value value;
        size_t count = 1;
        IMI_TRY(read_value(d, &bytes, &value));
        const field_type *field = find_field(type, value.field);
        if (field != NULL && is_packed(field, value.wire)) {
            IMI_TRY(count_packed(d, field, value.bytes, &count));
        }
        if (field != NULL && field->label == PROTOBUF_C_LABEL_REPEATED) {
            *count_of(message, field) += count;
        }
        IMI_TRY(count_elements(d, count));
    }
    return IMI_OK;
}

static imi_status make_arrays(decoder *d, const message_type *type, ProtobufCMessage *message)
{
    for (unsigned i = 0; i < type->n_fields; i++) {
        const field_type *field = &type->fields[i];
        if (field->label != PROTOBUF_C_LABEL_REPEATED || *count_of(message, field) == 0) {
            continue;
        }
        void *array =
            imi_arena_alloc_array(d->arena, *count_of(message, field), size_of_type(field->type));
        if (array == NULL) {
            IMI_FAIL(d->err, IMI_E_RPC_MESSAGE, "field '%s' makes the message too large",
                     field->name);
        }
        *(void **)member(message, field->offset) = array;
        *count_of(message, field) = 0; /* counted up again as the values come */
    }
    return IMI_OK;
}

static void *next_slot(ProtobufCMessage *message, const field_type *field)
{
    uint8_t *array = *(void **)member(message, field->offset);
    return array + (*count_of(message, field))++ * size_of_type(field->type);
}

static imi_status store_packed(decoder *d, const field_type *field, imi_view bytes,
                               ProtobufCMessage *message)
{
    while (bytes.size > 0) {
        uint64_t number = 0;
        if (!read_number(&bytes, wire_of_type(field->type), &number)) {
            IMI_FAIL(d->err, IMI_E_RPC_MESSAGE, "field '%s' is not valid protobuf", field->name);
        }
        IMI_TRY(store_number(d, field, number, next_slot(message, field)));
    }
    return IMI_OK;
}

/* ---- one message ---- */

/* Note that a field is there, in the way its label has it. */
static imi_status mark_present(decoder *d, const field_type *field, ProtobufCMessage *message)
{
    if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0) {
        uint32_t *which = member(message, field->quantifier_offset);
        if (*which != 0) {
            IMI_FAIL(d->err, IMI_E_RPC_MESSAGE, "field '%s' excludes another that is set",
                     field->name);
        }
        *which = field->id;
    } else if (field->label == PROTOBUF_C_LABEL_OPTIONAL && field->quantifier_offset != 0) {
        *(protobuf_c_boolean *)member(message, field->quantifier_offset) = 1;
    }
    return IMI_OK;
}

static imi_status store_field(decoder *d, const field_type *field, const wire_value *value,
                              int depth, ProtobufCMessage *message)
{
    if (is_packed(field, value->wire)) {
        return store_packed(d, field, value->bytes, message);
    }
    if (value->wire != wire_of_type(field->type)) {
        IMI_FAIL(d->err, IMI_E_RPC_MESSAGE, "field '%s' is of another type", field->name);
    }
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        return store_value(d, field, value, depth, next_slot(message, field));
    }
    IMI_TRY(mark_present(d, field, message));
    return store_value(d, field, value, depth, member(message, field->offset));
}

/* A field that may occur once must: what a check read and what is used later are the same. */
static imi_status check_once(decoder *d, const message_type *type, const field_type *field,
                             uint64_t *seen)
{
    uint64_t bit = (uint64_t)1 << (field - type->fields);
    if (field->label != PROTOBUF_C_LABEL_REPEATED && (*seen & bit) != 0) {
        IMI_FAIL(d->err, IMI_E_RPC_MESSAGE, "field '%s' occurs twice", field->name);
    }
    *seen |= bit;
    return IMI_OK;
}

static imi_status store_fields(decoder *d, const message_type *type, imi_view bytes, int depth,
                               ProtobufCMessage *message)
{
    uint64_t seen = 0;
    while (bytes.size > 0) {
        wire_value value;
        IMI_TRY(read_value(d, &bytes, &value));
        const field_type *field = find_field(type, value.field);
        if (field != NULL) {
            IMI_TRY(check_once(d, type, field, &seen));
            IMI_TRY(store_field(d, field, &value, depth, message));
        }
    }
    return IMI_OK;
}

static imi_status decode_message(decoder *d, const message_type *type, imi_view bytes, int depth,
                                 ProtobufCMessage **out)
{
    if (depth > IMI_MESSAGE_DEPTH_MAX) {
        IMI_FAIL(d->err, IMI_E_RPC_MESSAGE, "the message is nested too deeply");
    }
    if (type->n_fields > SEEN_MAX) {
        IMI_FAIL(d->err, IMI_E_INTERNAL, "message %s has more than %d fields", type->name,
                 SEEN_MAX);
    }
    ProtobufCMessage *message = imi_arena_alloc(d->arena, type->sizeof_message);
    if (message == NULL) {
        IMI_FAIL(d->err, IMI_E_RPC_MESSAGE, "the message is too large");
    }
    protobuf_c_message_init(type, message);
    IMI_TRY(count_values(d, type, bytes, message));
    IMI_TRY(make_arrays(d, type, message));
    IMI_TRY(store_fields(d, type, bytes, depth, message));
    *out = message;
    return IMI_OK;
}

/* ---- size ---- */

/* Bytes of images anywhere in the message; malformed parts are found by the decoder. */
static size_t image_bytes(const message_type *type, imi_view bytes, int depth)
{
    decoder quiet = {NULL, NULL, 0};
    size_t total = 0;
    wire_value value;
    while (bytes.size > 0 && read_value(&quiet, &bytes, &value) == IMI_OK) {
        const field_type *field = find_field(type, value.field);
        if (field == NULL || value.wire != WIRE_LENGTH) {
            continue;
        }
        if (is_image(field)) {
            total += value.bytes.size;
        } else if (field->type == PROTOBUF_C_TYPE_MESSAGE && depth < IMI_MESSAGE_DEPTH_MAX) {
            total += image_bytes(field->descriptor, value.bytes, depth + 1);
        }
    }
    return total;
}

imi_status imi_message_decode_within(const ProtobufCMessageDescriptor *type, imi_view bytes,
                                     size_t control_max, imi_arena *arena, ProtobufCMessage **out,
                                     imi_error *err)
{
    *out = NULL;
    if (bytes.size > control_max && bytes.size - image_bytes(type, bytes, 1) > control_max) {
        IMI_FAIL(err, IMI_E_RPC_MESSAGE, "the message is larger than %zu bytes", control_max);
    }
    decoder d = {arena, err, 0};
    return decode_message(&d, type, bytes, 1, out);
}

imi_status imi_message_decode(const ProtobufCMessageDescriptor *type, imi_view bytes,
                              imi_arena *arena, ProtobufCMessage **out, imi_error *err)
{
    return imi_message_decode_within(type, bytes, IMI_MESSAGE_CONTROL_MAX, arena, out, err);
}

imi_status imi_message_encode(const void *message, imi_buffer *out, imi_error *err)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    size_t total = 0;
    if (!imi_size_add(out->size, size, &total)) {
        IMI_FAIL(err, IMI_E_OVERFLOW, "a message's size overflows");
    }
    IMI_TRY(imi_buffer_reserve(out, total, err));
    if (protobuf_c_message_pack(message, out->data + out->size) != size) {
        IMI_FAIL(err, IMI_E_INTERNAL, "a message changed while it was packed");
    }
    out->size = total;
    return IMI_OK;
}
