#include "message_json.h"

#include "imi/bytes.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

/* "POINT_STATE_ACTIVE" of the enumeration PointState is "active". */
static json_t *enumerator_json(const ProtobufCEnumDescriptor *type, int value)
{
    const ProtobufCEnumValue *found = protobuf_c_enum_descriptor_get_value(type, value);
    if (found == NULL) {
        return json_integer(value);
    }
    const char *name = found->name;
    for (const char *c = type->short_name; *c != '\0'; c++) {
        name += *name == '_' ? 1 : 0;
        name += *name != '\0' ? 1 : 0;
    }
    name += *name == '_' ? 1 : 0;
    char lower[64] = "";
    for (size_t i = 0; name[i] != '\0' && i + 1 < sizeof lower; i++) {
        lower[i] = (char)tolower((unsigned char)name[i]);
    }
    return json_string(lower);
}

static json_t *bytes_json(const ProtobufCBinaryData *bytes)
{
    char hex[2 * 64 + 1] = "";
    if (bytes->len <= 64) {
        imi_hex_encode((imi_view){bytes->data, bytes->len}, hex);
    }
    return json_string(hex);
}

static json_t *real_json(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *value_json(const ProtobufCFieldDescriptor *field, const void *value)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
        return json_integer(*(const int32_t *)value);
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        return json_integer(*(const uint32_t *)value);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return json_integer((json_int_t) * (const int64_t *)value);
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return json_integer((json_int_t) * (const uint64_t *)value);
    case PROTOBUF_C_TYPE_FLOAT:
        return real_json((double)*(const float *)value);
    case PROTOBUF_C_TYPE_DOUBLE:
        return real_json(*(const double *)value);
    case PROTOBUF_C_TYPE_BOOL:
        return json_boolean(*(const protobuf_c_boolean *)value);
    case PROTOBUF_C_TYPE_ENUM:
        return enumerator_json(field->descriptor, *(const int *)value);
    case PROTOBUF_C_TYPE_STRING: {
        const char *text = *(char *const *)value;
        return json_string(text == NULL ? "" : text);
    }
    case PROTOBUF_C_TYPE_BYTES:
        return bytes_json(value);
    case PROTOBUF_C_TYPE_MESSAGE: {
        const ProtobufCMessage *inner = *(ProtobufCMessage *const *)value;
        return inner == NULL ? json_null() : imictl_message_json(inner);
    }
    }
    return json_null();
}

static size_t size_of(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return sizeof(int64_t);
    case PROTOBUF_C_TYPE_DOUBLE:
        return sizeof(double);
    case PROTOBUF_C_TYPE_BOOL:
        return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    default:
        return sizeof(int32_t);
    }
}

static json_t *list_json(const ProtobufCFieldDescriptor *field, const uint8_t *base)
{
    json_t *list = json_array();
    size_t count = *(const size_t *)(const void *)(base + field->quantifier_offset);
    const uint8_t *values = *(uint8_t *const *)(const void *)(base + field->offset);
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(list, value_json(field, values + i * size_of(field->type)));
    }
    return list;
}

json_t *imictl_message_json(const ProtobufCMessage *message)
{
    json_t *object = json_object();
    const uint8_t *base = (const uint8_t *)message;
    for (unsigned i = 0; object != NULL && i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        json_t *value = field->label == PROTOBUF_C_LABEL_REPEATED
                            ? list_json(field, base)
                            : value_json(field, base + field->offset);
        json_object_set_new(object, field->name, value);
    }
    return object;
}
