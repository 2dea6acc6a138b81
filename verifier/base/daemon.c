#include "imi/daemon.h"

#include "imi/bytes.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

static sigset_t stop_signals(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    return signals;
}

void imi_daemon_hold_stop_signals(void)
{
    const sigset_t signals = stop_signals();
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
}

int imi_daemon_wait_for_stop(int timeout_ms)
{
    const sigset_t signals = stop_signals();
    const struct timespec time = {timeout_ms / 1000, timeout_ms % 1000 * 1000000L};
    for (;;) {
        int signal =
            timeout_ms < 0 ? sigwaitinfo(&signals, NULL) : sigtimedwait(&signals, NULL, &time);
        if (signal > 0) {
            return signal;
        }
        if (errno != EINTR) {
            return 0;
        }
    }
}

imi_status imi_daemon_write_ready_file(const char *path, unsigned port, imi_error *err)
{
    if (path == NULL || path[0] == '\0') {
        return IMI_OK;
    }
    char text[16];
    snprintf(text, sizeof text, "%u\n", port);
    return imi_file_write(path, imi_view_of_text(text), 0644, err);
}
