/** imictl log monitor: follows a log and alarms when it is not what it was. */
#ifndef IMI_IMICTL_LOG_MONITOR_H
#define IMI_IMICTL_LOG_MONITOR_H

#include "log_view.h"

typedef struct log_monitor_plan {
    const char *state; /* file that remembers the newest good checkpoint */
    long every_s, grace_s;
    long rounds; /* 0: for ever */
} log_monitor_plan;

/**
 * Look at the log again and again.
 *
 * Shape:  out and cosigned_out tell the newest good checkpoint.
 * Errors: a status of log_is_refusal is an alarm; what was served then lies beside the state file,
 *         ending in ".alarm". Others: the last look failed and no more are to come.
 */
IMI_MUST_USE imi_status log_monitor_run(log_view *view, const log_monitor_plan *plan,
                                        imi_checkpoint *out, size_t *cosigned_out, imi_error *err);

#endif
