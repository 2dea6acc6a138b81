/**
 * A frame as it comes in a message, and what is told of it: what SubmitFrame and StreamFrames
 * share.
 */
#ifndef IMI_RPC_FRAME_MESSAGE_H
#define IMI_RPC_FRAME_MESSAGE_H

#include "imi/service.h"
#include "rpc/transport.h"

#include "imi/v1/subject.pb-c.h"

/**
 * Hand the frame to the service. This may run on the completion thread: the checks here take
 * microseconds, and the judging happens on a compute worker, which calls reply.
 *
 * Ownership: user goes to reply, which runs exactly once if and only if this returns IMI_OK.
 */
IMI_MUST_USE imi_status imi_frame_message_submit(imi_rpc_call *call, const char *capture_id,
                                                 const Imi__V1__Frame *message,
                                                 imi_frame_reply reply, void *user, imi_error *err);

/** The answer to a frame. target: storage that the message points to, with a target. */
Imi__V1__FrameFeedback imi_frame_message_feedback(const imi_frame_feedback *feedback,
                                                  Imi__V1__TargetOval *target);

#endif
