/**
 * The method SubmitFrame: one frame a call. Calls may overtake each other on their way; one whose
 * frame is early waits for those before it (frame_order.h).
 */
#ifndef IMI_RPC_HANDLE_SUBMIT_FRAME_H
#define IMI_RPC_HANDLE_SUBMIT_FRAME_H

#include "rpc/handler.h"

imi_rpc_method imi_handle_submit_frame(void);

/** The frame was taken: let those go on that waited for it. */
void imi_frames_wake(const imi_handlers *handlers, const char *capture_id, uint64_t sequence);
/** To be called about once a second: ends the waiting of frames whose predecessors do not come. */
void imi_frames_tick(const imi_handlers *handlers);
/** The server is about to stop: nobody waits any more. */
void imi_frames_drain(const imi_handlers *handlers);

#endif
