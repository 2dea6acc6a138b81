/** Frames up, guidance down: the methods SubmitFrame and StreamFrames. */
#ifndef IMI_RPC_HANDLE_FRAMES_H
#define IMI_RPC_HANDLE_FRAMES_H

#include "rpc/handler.h"

imi_rpc_method imi_handle_submit_frame(void);
imi_rpc_method imi_handle_stream_frames(void);

#endif
