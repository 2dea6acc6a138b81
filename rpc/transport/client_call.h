/** A call of a client, as unary calls and streams share it. */
#ifndef IMI_RPC_TRANSPORT_CLIENT_CALL_H
#define IMI_RPC_TRANSPORT_CLIENT_CALL_H

#include "rpc/client.h"

#include <grpc/grpc.h>

enum { IMI_GRPC_CLIENT_METADATA_MAX = 8 };

struct imi_rpc_channel {
    grpc_channel *grpc;
};

/** A call and everything that gRPC writes about it. */
struct imi_rpc_stream {
    grpc_call *grpc;
    grpc_completion_queue *queue;
    grpc_metadata send_metadata[IMI_GRPC_CLIENT_METADATA_MAX];
    size_t send_metadata_count;
    grpc_metadata_array initial, trailing;
    grpc_status_code code;
    grpc_slice status_text;
    grpc_byte_buffer *received;
    bool is_receiving; /* a receive is under way; the receiving thread's */
    bool status_is_known; /* the receiving thread's */
    char open_tag, send_tag, receive_tag, status_tag; /* their addresses are the tags */
};

IMI_MUST_USE imi_status imi_grpc_check_request(const imi_rpc_request *request, imi_error *err);
gpr_timespec imi_grpc_deadline_after(int64_t ms);
void imi_grpc_begin_call(imi_rpc_stream *stream, imi_rpc_channel *channel,
                         const imi_rpc_request *request, gpr_timespec deadline);
void imi_grpc_clean_up_call(imi_rpc_stream *stream);

/** Wait for what bears the tag; negative timeout: for ever. */
grpc_completion_type imi_grpc_pluck(imi_rpc_stream *stream, char *wanted, int64_t timeout_ms,
                                    bool *ok);
/** Run a batch to its end. Ends at the call's deadline or cancellation at the latest. */
bool imi_grpc_run_batch(imi_rpc_stream *stream, const grpc_op *ops, size_t count, char *completion);
grpc_op imi_grpc_metadata_op(imi_rpc_stream *stream);
grpc_op imi_grpc_receive_metadata_op(imi_rpc_stream *stream);
grpc_op imi_grpc_receive_status_op(imi_rpc_stream *stream);
grpc_op imi_grpc_receive_message_op(imi_rpc_stream *stream);
grpc_op imi_grpc_send_message_op(grpc_byte_buffer *buffer);

/** What the server said at the end, as a status of ours. */
IMI_MUST_USE imi_status imi_grpc_final_status(const imi_rpc_stream *stream, imi_error *err);
/** Append the message that has come. */
IMI_MUST_USE imi_status imi_grpc_append_received(imi_rpc_stream *stream, imi_buffer *out,
                                                 imi_error *err);

#endif
