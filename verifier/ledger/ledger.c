#include "writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The lock is a file of its own: key files lock the folder that they lie in. */
static imi_status lock_folder(imi_ledger *self, imi_error *err)
{
    char path[IMI_LEDGER_PATH_SIZE + 16];
    if (mkdir(self->folder.path, 0755) != 0 && errno != EEXIST) {
        IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot make the log's folder %s: %s",
                         self->folder.path, strerror(errno));
    }
    snprintf(path, sizeof path, "%s/.lock", self->folder.path);
    self->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (self->lock_fd < 0) {
        IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot open %s: %s", path, strerror(errno));
    }
    if (flock(self->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        IMI_FAIL_FOREIGN(err, IMI_E_CONFLICT, errno, "another process writes the log in %s",
                         self->folder.path);
    }
    return IMI_OK;
}

static imi_status check_options(const imi_ledger_options *options, imi_error *err)
{
    if (options == NULL || options->folder == NULL || options->key_file == NULL ||
        options->origin == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a log needs a folder, a key and an origin");
    }
    if (options->witness_count > IMI_LEDGER_WITNESSES_MAX ||
        options->witnesses_needed > options->witness_count) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%zu of %zu witnesses cannot be asked for",
                 options->witnesses_needed, options->witness_count);
    }
    return IMI_OK;
}

static imi_status open_ledger(const imi_ledger_options *options, imi_ledger *self, imi_error *err)
{
    IMI_TRY(imi_ledger_folder_init(&self->folder, options->folder, err));
    IMI_TRY(lock_folder(self, err));
    IMI_TRY(imi_note_signer_load(options->key_file, options->origin, IMI_NOTE_ED25519,
                                 &self->signer, err));
    imi_copy(self->witnesses, options->witnesses,
             options->witness_count * sizeof *options->witnesses);
    self->witness_count = options->witness_count;
    self->witnesses_needed = options->witnesses_needed;
    return imi_ledger_load_published(self, err);
}

imi_status imi_ledger_open(const imi_ledger_options *options, imi_ledger **out, imi_error *err)
{
    *out = NULL;
    IMI_TRY(check_options(options, err));
    imi_ledger *self = imi_alloc(sizeof *self);
    if (self == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a log");
    }
    self->lock_fd = -1;
    self->unsettled = true; /* as far as this process knows */
    pthread_mutex_init(&self->publishing, NULL);
    pthread_mutex_init(&self->state, NULL);
    imi_status status = open_ledger(options, self, err);
    if (status != IMI_OK) {
        imi_ledger_close(&self);
    }
    *out = self;
    return status;
}

void imi_ledger_close(imi_ledger **ledger)
{
    imi_ledger *self = *ledger;
    if (self == NULL) {
        return;
    }
    imi_signed_checkpoint_clean_up(&self->published);
    imi_signed_checkpoint_clean_up(&self->witnessed);
    imi_note_signer_destroy(&self->signer);
    pthread_mutex_destroy(&self->publishing);
    pthread_mutex_destroy(&self->state);
    if (self->lock_fd >= 0) {
        close(self->lock_fd); /* unlocks */
    }
    imi_free(self);
    *ledger = NULL;
}

const imi_note_key *imi_ledger_key(const imi_ledger *ledger)
{
    return imi_note_signer_key(ledger->signer);
}

imi_ledger_source *imi_ledger_source_of(imi_ledger *ledger)
{
    return &ledger->folder.base;
}

uint64_t imi_ledger_size(imi_ledger *ledger)
{
    pthread_mutex_lock(&ledger->state);
    uint64_t size = ledger->published.checkpoint.size;
    pthread_mutex_unlock(&ledger->state);
    return size;
}

imi_status imi_ledger_checkpoint(imi_ledger *ledger, imi_buffer *out, imi_error *err)
{
    pthread_mutex_lock(&ledger->state);
    imi_status status = imi_buffer_append(out, imi_buffer_view(&ledger->published.note), err);
    pthread_mutex_unlock(&ledger->state);
    return status;
}
