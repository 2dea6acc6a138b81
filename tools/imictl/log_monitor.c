#include "log_monitor.h"

#include "imi/clock.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct monitor {
    log_view *view;
    const log_monitor_plan *plan;
    imi_buffer note; /* what was served last */
    imi_checkpoint newest; /* the newest good one */
    size_t cosigned;
    bool has_newest;
    int64_t witnessed_ms; /* when enough witnesses were last seen */
} monitor;

static int64_t now_ms(void)
{
    return imi_clock_system()->monotonic_ms(imi_clock_system());
}

/* What was remembered was checked when it was written; who can change it needs no fork. */
static imi_status recall(monitor *self, imi_error *err)
{
    IMI_AUTO_BUFFER note = IMI_BUFFER_INIT;
    imi_ledger_trust trust = {.log = &self->view->key};
    imi_status status = imi_file_read(self->plan->state, IMI_NOTE_BYTES_MAX, &note, err);
    if (status == IMI_E_NOT_FOUND) {
        return IMI_OK;
    }
    IMI_TRY(status);
    IMI_TRY(imi_checkpoint_open(imi_buffer_view(&note), &trust, &self->newest, NULL, err));
    self->has_newest = true;
    return IMI_OK;
}

static void keep_alarm(const monitor *self)
{
    char path[IMI_LEDGER_PATH_SIZE];
    int size = snprintf(path, sizeof path, "%s.alarm", self->plan->state);
    imi_error error = IMI_ERROR_INIT;
    if (size < 0 || (size_t)size >= sizeof path ||
        imi_file_write(path, imi_buffer_view(&self->note), 0644, &error) != IMI_OK) {
        fprintf(stderr, "cannot keep what was served: %s\n", error.message);
    }
}

/* A fresh checkpoint may still be on its way to the witnesses. */
static imi_status check_witnesses(monitor *self, imi_status opened, const imi_error *why,
                                  imi_error *err)
{
    if (opened == IMI_OK) {
        self->witnessed_ms = now_ms();
    } else if (now_ms() - self->witnessed_ms >= self->plan->grace_s * 1000) {
        IMI_FAIL(err, opened, "%s, for %ld s", why->message, self->plan->grace_s);
    }
    return IMI_OK;
}

static imi_status look(monitor *self, imi_error *err)
{
    imi_error why = IMI_ERROR_INIT;
    imi_checkpoint seen;
    size_t cosigned = 0;
    imi_status opened = log_view_checkpoint(self->view, &self->note, &seen, &cosigned, &why);
    if (opened != IMI_OK && opened != IMI_E_LEDGER_WITNESS) {
        IMI_FAIL(err, opened, "%s", why.message);
    }
    if (self->has_newest) {
        IMI_TRY(log_view_check_growth(self->view, &self->newest, &seen, err));
    }
    IMI_TRY(check_witnesses(self, opened, &why, err));
    IMI_TRY(imi_file_write(self->plan->state, imi_buffer_view(&self->note), 0644, err));
    if (!self->has_newest || seen.size != self->newest.size) {
        fprintf(stderr, "%s: %llu entries, cosigned by %zu\n", seen.origin,
                (unsigned long long)seen.size, cosigned);
    }
    self->newest = seen;
    self->cosigned = cosigned;
    self->has_newest = true;
    return IMI_OK;
}

static imi_status follow(monitor *self, imi_error *err)
{
    const log_monitor_plan *plan = self->plan;
    for (long round = 1;; round++) {
        imi_status status = look(self, err);
        if (log_is_refusal(status)) {
            keep_alarm(self);
            return status;
        }
        if (round == plan->rounds) {
            return status;
        }
        if (status != IMI_OK) {
            fprintf(stderr, "the log cannot be read now (%s)\n", imi_status_name(status));
        }
        sleep((unsigned)plan->every_s);
    }
}

imi_status log_monitor_run(log_view *view, const log_monitor_plan *plan, imi_checkpoint *out,
                           size_t *cosigned_out, imi_error *err)
{
    monitor self = {.view = view, .plan = plan, .note = IMI_BUFFER_INIT, .witnessed_ms = now_ms()};
    imi_status status = recall(&self, err);
    if (status == IMI_OK) {
        status = follow(&self, err);
    }
    *out = self.newest;
    *cosigned_out = self.cosigned;
    imi_buffer_clean_up(&self.note);
    return status;
}
