/** The server stream FollowSession: coarse steps of a session, for who holds its join link. */
#ifndef IMI_RPC_HANDLE_FOLLOW_H
#define IMI_RPC_HANDLE_FOLLOW_H

#include "rpc/handler.h"

imi_rpc_method imi_handle_follow_session(void);

#endif
