#include "imi/ledger_witness.h"

#include "imi/crypto.h"
#include "imi/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PRIVATE_MODE = 0600, FOLDER_MODE = 0700, STATE_BYTES_MAX = 1024 };

/* RFC 9110 section 15; C2SP tlog-witness says which. */
enum {
    HTTP_OK = 200,
    HTTP_BAD_REQUEST = 400,
    HTTP_FORBIDDEN = 403,
    HTTP_NOT_FOUND = 404,
    HTTP_CONFLICT = 409,
    HTTP_UNPROCESSABLE = 422
};

typedef struct watched_log {
    imi_note_key key;
    imi_checkpoint seen; /* the newest that was cosigned; size 0: none */
    char state_name[2 * IMI_SHA256_SIZE + 1]; /* digest of the origin */
} watched_log;

struct imi_witness {
    char folder[IMI_LEDGER_PATH_SIZE];
    int lock_fd;
    imi_note_signer *signer;
    imi_clock *clock;
    pthread_mutex_t deciding; /* from the look at `seen` until the new one is durable */
    size_t log_count;
    watched_log logs[IMI_WITNESS_LOGS_MAX];
};

/* ---- What was seen ---- */

static void state_path(const imi_witness *self, const watched_log *log, const char *ending,
                       char out[IMI_LEDGER_PATH_SIZE + 96])
{
    snprintf(out, IMI_LEDGER_PATH_SIZE + 96, "%s/%s%s", self->folder, log->state_name, ending);
}

static imi_status load_state(const imi_witness *self, watched_log *log, imi_error *err)
{
    char path[IMI_LEDGER_PATH_SIZE + 96];
    uint8_t digest[IMI_SHA256_SIZE];
    IMI_TRY(imi_sha256(imi_view_of_text(log->key.name), digest, err));
    imi_hex_encode((imi_view){digest, sizeof digest}, log->state_name);
    state_path(self, log, "", path);
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    imi_status status = imi_file_read(path, STATE_BYTES_MAX, &text, err);
    if (status == IMI_E_NOT_FOUND) {
        return IMI_OK;
    }
    IMI_TRY(status);
    IMI_TRY(imi_checkpoint_parse(imi_buffer_view(&text), &log->seen, err));
    if (strcmp(log->seen.origin, log->key.name) != 0) {
        IMI_FAIL(err, IMI_E_LEDGER_FORMAT, "%s is not what was seen of %s", path, log->key.name);
    }
    return IMI_OK;
}

static imi_status save_state(const imi_witness *self, const watched_log *log,
                             const imi_checkpoint *checkpoint, imi_error *err)
{
    char path[IMI_LEDGER_PATH_SIZE + 96];
    state_path(self, log, "", path);
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_TRY(imi_checkpoint_format(checkpoint, &text, err));
    return imi_file_write(path, imi_buffer_view(&text), PRIVATE_MODE, err);
}

/* ---- Open and close ---- */

static imi_status lock_folder(imi_witness *self, imi_error *err)
{
    char path[IMI_LEDGER_PATH_SIZE + 96];
    if (mkdir(self->folder, FOLDER_MODE) != 0 && errno != EEXIST) {
        IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot make %s: %s", self->folder, strerror(errno));
    }
    snprintf(path, sizeof path, "%s/.lock", self->folder);
    self->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, PRIVATE_MODE);
    if (self->lock_fd < 0) {
        IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot open %s: %s", path, strerror(errno));
    }
    if (flock(self->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        IMI_FAIL_FOREIGN(err, IMI_E_CONFLICT, errno, "another witness uses %s", self->folder);
    }
    return IMI_OK;
}

static imi_status add_log(imi_witness *self, const imi_note_key *key, imi_error *err)
{
    for (size_t i = 0; i < self->log_count; i++) {
        if (strcmp(self->logs[i].key.name, key->name) == 0) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the log %s is named twice", key->name);
        }
    }
    if (self->log_count == IMI_WITNESS_LOGS_MAX || key->algorithm != IMI_NOTE_ED25519) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s is no log's key, or one too many", key->name);
    }
    watched_log *log = &self->logs[self->log_count++];
    log->key = *key;
    return load_state(self, log, err);
}

static imi_status open_witness(const imi_witness_options *options, imi_witness *self,
                               imi_error *err)
{
    if (!imi_copy_text(self->folder, sizeof self->folder, options->data_folder)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the folder's path is too long");
    }
    IMI_TRY(lock_folder(self, err));
    IMI_TRY(imi_note_signer_load(options->key_file, options->name, IMI_NOTE_COSIGNATURE,
                                 &self->signer, err));
    for (size_t i = 0; i < options->log_count; i++) {
        IMI_TRY(add_log(self, &options->logs[i], err));
    }
    return IMI_OK;
}

imi_status imi_witness_open(const imi_witness_options *options, imi_witness **out, imi_error *err)
{
    *out = NULL;
    if (options == NULL || options->data_folder == NULL || options->clock == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a witness needs a folder and a clock");
    }
    imi_witness *self = imi_alloc(sizeof *self);
    if (self == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a witness");
    }
    self->lock_fd = -1;
    self->clock = options->clock;
    pthread_mutex_init(&self->deciding, NULL);
    imi_status status = open_witness(options, self, err);
    if (status != IMI_OK) {
        imi_witness_close(&self);
    }
    *out = self;
    return status;
}

void imi_witness_close(imi_witness **witness)
{
    imi_witness *self = *witness;
    if (self == NULL) {
        return;
    }
    imi_note_signer_destroy(&self->signer);
    pthread_mutex_destroy(&self->deciding);
    if (self->lock_fd >= 0) {
        close(self->lock_fd);
    }
    imi_free(self);
    *witness = NULL;
}

const imi_note_key *imi_witness_key(const imi_witness *witness)
{
    return imi_note_signer_key(witness->signer);
}

/* ---- Deciding ---- */

static imi_status answer_text(imi_witness_answer *out, unsigned code, const char *text,
                              imi_error *err)
{
    out->code = code;
    out->type = "text/plain; charset=utf-8";
    return imi_buffer_append_text(&out->body, text, err);
}

static imi_status answer_size(imi_witness_answer *out, uint64_t size, imi_error *err)
{
    out->code = HTTP_CONFLICT;
    out->type = "text/x.tlog.size";
    return imi_buffer_printf(&out->body, err, "%llu\n", (unsigned long long)size);
}

static watched_log *find_log(imi_witness *self, const char *origin)
{
    for (size_t i = 0; i < self->log_count; i++) {
        if (strcmp(self->logs[i].key.name, origin) == 0) {
            return &self->logs[i];
        }
    }
    return NULL;
}

/* Two signed roots of one size prove that the log showed two histories: keep the second one. */
static void keep_evidence(const imi_witness *self, const watched_log *log, imi_view note)
{
    char path[IMI_LEDGER_PATH_SIZE + 96];
    state_path(self, log, ".fork", path);
    imi_error error = IMI_ERROR_INIT;
    imi_log(IMI_LOG_ERROR, "witness", "%s signed two trees of %llu entries, see %s", log->key.name,
            (unsigned long long)log->seen.size, path);
    if (imi_file_write(path, note, PRIVATE_MODE, &error) != IMI_OK) {
        imi_log(IMI_LOG_ERROR, "witness", "cannot keep %s: %s", path, error.message);
    }
}

/* The tree that was seen is the beginning of the one that is offered. */
static imi_status verify_growth(const watched_log *log, const imi_witness_request *request,
                                const imi_checkpoint *offered, imi_error *err)
{
    if (request->old_size > 0) {
        return imi_ledger_verify_consistency(log->seen.size, &log->seen.root, offered->size,
                                             &offered->root, &request->proof, err);
    }
    imi_ledger_hash empty;
    IMI_TRY(imi_ledger_empty_root(&empty, err));
    bool is_empty = memcmp(empty.bytes, offered->root.bytes, sizeof empty.bytes) == 0;
    if (request->proof.count != 0 || (offered->size == 0) != is_empty) {
        IMI_FAIL(err, IMI_E_LEDGER_PROOF, "nothing precedes the first checkpoint");
    }
    return IMI_OK;
}

static imi_status cosign(imi_witness *self, watched_log *log, const imi_note *note,
                         const imi_checkpoint *offered, imi_witness_answer *out, imi_error *err)
{
    uint64_t now_s = (uint64_t)(self->clock->unix_ms(self->clock) / 1000);
    if (offered->size != log->seen.size) {
        IMI_TRY(save_state(self, log, offered, err));
        log->seen = *offered;
    }
    IMI_TRY(imi_note_sign(self->signer, note->text, now_s, &out->body, err));
    out->code = HTTP_OK;
    out->type = "text/plain; charset=utf-8";
    return IMI_OK;
}

/* `deciding` is held; the note is signed by the log. */
static imi_status decide(imi_witness *self, watched_log *log, const imi_witness_request *request,
                         const imi_note *note, const imi_checkpoint *offered,
                         imi_witness_answer *out, imi_error *err)
{
    if (request->old_size != log->seen.size) {
        return answer_size(out, log->seen.size, err);
    }
    if (offered->size == log->seen.size && offered->size > 0 &&
        memcmp(offered->root.bytes, log->seen.root.bytes, sizeof offered->root.bytes) != 0) {
        keep_evidence(self, log, request->checkpoint);
        return answer_size(out, log->seen.size, err);
    }
    imi_error why = IMI_ERROR_INIT;
    imi_status status = verify_growth(log, request, offered, &why);
    if (status == IMI_E_LEDGER_PROOF) {
        imi_log(IMI_LOG_WARNING, "witness", "%s at %llu entries: %s", log->key.name,
                (unsigned long long)offered->size, why.message);
        return answer_text(out, HTTP_UNPROCESSABLE, "the proof does not verify\n", err);
    }
    IMI_TRY(status);
    return cosign(self, log, note, offered, out, err);
}

static imi_status answer_request(imi_witness *self, const imi_witness_request *request,
                                 imi_witness_answer *out, imi_error *err)
{
    imi_note note;
    imi_checkpoint offered;
    if (imi_note_parse(request->checkpoint, &note, NULL) != IMI_OK ||
        imi_checkpoint_parse(note.text, &offered, NULL) != IMI_OK) {
        return answer_text(out, HTTP_BAD_REQUEST, "not a signed checkpoint\n", err);
    }
    watched_log *log = find_log(self, offered.origin);
    if (log == NULL) {
        return answer_text(out, HTTP_NOT_FOUND, "no log that is watched here\n", err);
    }
    imi_status status = imi_note_verify(&note, &log->key, NULL, err);
    if (status == IMI_E_LEDGER_LOG || status == IMI_E_LEDGER_SIGNATURE) {
        return answer_text(out, HTTP_FORBIDDEN, "not signed by the log\n", err);
    }
    IMI_TRY(status);
    if (request->old_size > offered.size) {
        return answer_text(out, HTTP_BAD_REQUEST, "the old size is above the checkpoint's\n", err);
    }
    pthread_mutex_lock(&self->deciding);
    status = decide(self, log, request, &note, &offered, out, err);
    pthread_mutex_unlock(&self->deciding);
    return status;
}

imi_status imi_witness_add_checkpoint(imi_witness *witness, imi_view body, imi_witness_answer *out,
                                      imi_error *err)
{
    *out = (imi_witness_answer){.body = IMI_BUFFER_INIT};
    imi_witness_request request;
    imi_status status = imi_witness_request_parse(body, &request, err);
    if (status == IMI_E_LEDGER_FORMAT) {
        return answer_text(out, HTTP_BAD_REQUEST, "not a request of tlog-witness\n", err);
    }
    IMI_TRY(status);
    status = answer_request(witness, &request, out, err);
    if (status != IMI_OK) {
        imi_buffer_clean_up(&out->body); /* half an answer is none */
    }
    return status;
}
