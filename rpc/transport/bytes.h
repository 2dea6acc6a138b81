/** What gRPC receives and sends, as views and messages of ours. */
#ifndef IMI_RPC_TRANSPORT_BYTES_H
#define IMI_RPC_TRANSPORT_BYTES_H

#include "rpc/transport.h"

#include <grpc/grpc.h>

/** A copy, the caller's to destroy. */
grpc_byte_buffer *imi_grpc_buffer_of_view(imi_view view);
/** Wiped first; NULL inside is fine. */
void imi_grpc_destroy_received(grpc_byte_buffer **buffer);

/**
 * One contiguous slice of a whole message, the caller's to unref. Consumes the buffer. A message
 * that arrived in one piece is not copied; one of several HTTP/2 frames is joined once, here.
 */
bool imi_grpc_take_contiguous(grpc_byte_buffer **buffer, grpc_slice *out);
/** The same as a message; NULL without memory. */
imi_rpc_message *imi_grpc_message_of_buffer(grpc_byte_buffer **buffer);

/** The first value of the key; it lives as long as the array. */
bool imi_grpc_find_metadata(const grpc_metadata_array *array, const char *key, imi_view *value_out);

#endif
