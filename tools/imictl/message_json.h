/** Any protobuf-c message as JSON, by its descriptor. */
#ifndef IMI_IMICTL_MESSAGE_JSON_H
#define IMI_IMICTL_MESSAGE_JSON_H

#include <jansson.h>
#include <protobuf-c/protobuf-c.h>

/**
 * Every field under its own name; absent messages are null, NaN and infinity too, bytes are
 * hexadecimal, enumerators are lower-case without their prefix. NULL without memory.
 */
json_t *imictl_message_json(const ProtobufCMessage *message);

#endif
