/**
 * Protobuf messages in the structures that protoc-c generates: strict decoding of what
 * others send, and encoding.
 *
 * Decoding is our own, packing is protobuf-c's. protobuf-c's unpacker would copy every
 * image, lose the length of a string (so that a NUL inside hides what follows), keep unknown
 * fields and recurse without bound. This decoder walks the wire format once against the same
 * descriptors and refuses instead:
 *   - strings that are not clean UTF-8, or hold NUL;
 *   - enumerators that the descriptor does not know, numbers that do not fit their type;
 *   - a field that may occur once and occurs twice, two members of one oneof;
 *   - nesting beyond IMI_MESSAGE_DEPTH_MAX, more than IMI_MESSAGE_ELEMENTS_MAX values;
 *   - more than IMI_MESSAGE_CONTROL_MAX bytes besides images.
 * Unknown fields are skipped and not kept, so that newer clients can talk to older servers.
 */
#ifndef IMI_RPC_MESSAGE_H
#define IMI_RPC_MESSAGE_H

#include "imi/bytes.h"
#include "imi/status.h"
#include "rpc/arena.h"

#include <protobuf-c/protobuf-c.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    IMI_MESSAGE_CONTROL_MAX = 64 << 10, /* bytes of a message without its images */
    IMI_MESSAGE_DEPTH_MAX = 8,
    IMI_MESSAGE_ELEMENTS_MAX = 4096 /* fields and repeated values, unknown ones included */
};

/**
 * Decode and validate. A bytes field whose name ends in "jpeg" is an image and does not
 * count against IMI_MESSAGE_CONTROL_MAX; the transport and the decoder limit images.
 *
 * Ownership: *out and its strings live in arena. Every bytes field is a view into bytes,
 *            not a copy: bytes must live as long as *out is used.
 * Errors:    IMI_E_RPC_MESSAGE names the field; *out is NULL.
 */
IMI_MUST_USE imi_status imi_message_decode(const ProtobufCMessageDescriptor *type, imi_view bytes,
                                           imi_arena *arena, ProtobufCMessage **out,
                                           imi_error *err);

/** The same for messages of our own that may be larger, such as the embedded descriptors. */
IMI_MUST_USE imi_status imi_message_decode_within(const ProtobufCMessageDescriptor *type,
                                                  imi_view bytes, size_t control_max,
                                                  imi_arena *arena, ProtobufCMessage **out,
                                                  imi_error *err);

/** Append the packed message (any structure that protoc-c generated) to out. */
IMI_MUST_USE imi_status imi_message_encode(const void *message, imi_buffer *out, imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
