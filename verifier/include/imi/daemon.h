/**
 * What every server program does alike: wait to be told to stop, and say where it serves.
 */
#ifndef IMI_DAEMON_H
#define IMI_DAEMON_H

#include "imi/status.h"

enum { IMI_DAEMON_FOREVER = -1 };

/**
 * Block SIGTERM and SIGINT for this thread and those that it starts, so that only
 * imi_daemon_wait_for_stop takes them; a peer that hangs up is an error of write() from now on, not
 * a signal. Call it before any thread starts.
 */
void imi_daemon_hold_stop_signals(void);

/** The signal that says stop; 0 when none came in so many milliseconds. */
int imi_daemon_wait_for_stop(int timeout_ms);

/** Write the port, as text with a newline, for whoever waits for it. NULL or "" = nobody does. */
imi_status imi_daemon_write_ready_file(const char *path, unsigned port, imi_error *err);

#endif
