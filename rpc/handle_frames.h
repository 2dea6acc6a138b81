/** Frames up, guidance down: the methods SubmitFrame and StreamFrames. */
#ifndef IMI_RPC_HANDLE_FRAMES_H
#define IMI_RPC_HANDLE_FRAMES_H

#include "rpc/handler.h"

#include "imi/v1/subject.pb-c.h"

imi_rpc_method imi_handle_submit_frame(void);
imi_rpc_method imi_handle_stream_frames(void);

/* ---- What both share ---- */

/** user goes to reply, which runs exactly once if and only if this returns IMI_OK. */
IMI_MUST_USE imi_status imi_frames_submit(imi_rpc_call *call, const char *capture_id,
                                          const Imi__V1__Frame *message, imi_frame_reply reply,
                                          void *user, imi_error *err);
/** target: storage that the message points to, with a target. */
Imi__V1__FrameFeedback imi_frames_feedback_message(const imi_frame_feedback *feedback,
                                                   Imi__V1__TargetOval *target);
/** The frame was taken: let those go on that waited for it. */
void imi_frames_wake(const imi_handlers *handlers, const char *capture_id, uint64_t sequence);
/** The server is about to stop: nobody waits any more. */
void imi_frames_drain(const imi_handlers *handlers);

#endif
