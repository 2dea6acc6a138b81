/** The server stream WatchSession: every event of a session, until it ends. */
#ifndef IMI_RPC_HANDLE_WATCH_H
#define IMI_RPC_HANDLE_WATCH_H

#include "rpc/handler.h"

imi_rpc_method imi_handle_watch_session(void);

#endif
