#include "imi/daemon.h"

#include "imi/bytes.h"

#include <pthread.h>
#include <stdio.h>

void imi_daemon_hold_stop_signals(sigset_t *out)
{
    sigemptyset(out);
    sigaddset(out, SIGTERM);
    sigaddset(out, SIGINT);
    pthread_sigmask(SIG_BLOCK, out, NULL);
    signal(SIGPIPE, SIG_IGN);
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
