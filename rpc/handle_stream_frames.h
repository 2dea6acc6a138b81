/** The stream StreamFrames: frames up, guidance down. */
#ifndef IMI_RPC_HANDLE_STREAM_FRAMES_H
#define IMI_RPC_HANDLE_STREAM_FRAMES_H

#include "rpc/handler.h"

imi_rpc_method imi_handle_stream_frames(void);

#endif
