/* Checkpoints: signed when all below them is durable, completed by what witnesses answer. */
#include "note.h"
#include "writer.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { PUBLIC_MODE = 0644 };

void imi_signed_checkpoint_clean_up(imi_signed_checkpoint *self)
{
    imi_buffer_clean_up(&self->note);
    self->checkpoint = (imi_checkpoint){.size = 0};
}

imi_status imi_ledger_copy_signed(imi_ledger *ledger, const imi_signed_checkpoint *of,
                                  imi_signed_checkpoint *out, imi_error *err)
{
    pthread_mutex_lock(&ledger->state);
    out->checkpoint = of->checkpoint;
    imi_status status = imi_buffer_append(&out->note, imi_buffer_view(&of->note), err);
    pthread_mutex_unlock(&ledger->state);
    return status;
}

static void set_signed(imi_ledger *self, imi_signed_checkpoint *place,
                       imi_signed_checkpoint *take_new)
{
    pthread_mutex_lock(&self->state);
    imi_signed_checkpoint old = *place;
    *place = *take_new;
    pthread_mutex_unlock(&self->state);
    *take_new = (imi_signed_checkpoint){.note = IMI_BUFFER_INIT};
    imi_signed_checkpoint_clean_up(&old);
}

static imi_ledger_trust trust_of(const imi_ledger *self, size_t needed)
{
    return (imi_ledger_trust){imi_ledger_key(self), self->witnesses, self->witness_count, needed};
}

static imi_status write_note(const imi_ledger *self, const char *name, const imi_buffer *note,
                             imi_error *err)
{
    char path[IMI_LEDGER_PATH_SIZE + 16];
    snprintf(path, sizeof path, "%s/%s", self->folder.path, name);
    return imi_file_write(path, imi_buffer_view(note), PUBLIC_MODE, err);
}

/* Keep a checkpoint for receipts if enough witnesses have cosigned it. `publishing` is held. */
static imi_status keep_if_witnessed(imi_ledger *self, const imi_signed_checkpoint *candidate,
                                    size_t *cosigned_out, imi_error *err)
{
    imi_ledger_trust trust = trust_of(self, self->witnesses_needed);
    IMI_AUTO_SIGNED_CHECKPOINT copy = {.note = IMI_BUFFER_INIT};
    imi_status status = imi_checkpoint_open(imi_buffer_view(&candidate->note), &trust,
                                            &copy.checkpoint, cosigned_out, err);
    if (status == IMI_E_LEDGER_WITNESS ||
        (status == IMI_OK && self->witnessed.note.size > 0 &&
         copy.checkpoint.size < self->witnessed.checkpoint.size)) {
        return IMI_OK;
    }
    IMI_TRY(status);
    IMI_TRY(imi_buffer_append(&copy.note, imi_buffer_view(&candidate->note), err));
    if (self->witnesses_needed > 0) { /* otherwise it is what was just published */
        IMI_TRY(write_note(self, IMI_LEDGER_WITNESSED, &copy.note, err));
    }
    set_signed(self, &self->witnessed, &copy);
    return IMI_OK;
}

/* `publishing` is held. */
static imi_status publish_note(imi_ledger *self, imi_signed_checkpoint *take_new,
                               size_t *cosigned_out, imi_error *err)
{
    IMI_TRY(write_note(self, IMI_LEDGER_PUBLISHED, &take_new->note, err));
    set_signed(self, &self->published, take_new);
    return keep_if_witnessed(self, &self->published, cosigned_out, err);
}

imi_status imi_ledger_publish(imi_ledger *ledger, uint64_t size, imi_error *err)
{
    IMI_AUTO_SIGNED_CHECKPOINT made = {.checkpoint = {.size = size}, .note = IMI_BUFFER_INIT};
    imi_copy_text(made.checkpoint.origin, sizeof made.checkpoint.origin,
                  imi_ledger_key(ledger)->name);
    /* From the files: what is signed is what lies there. */
    IMI_TRY(imi_ledger_read_root(&ledger->folder.base, size, &made.checkpoint.root, err));
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_TRY(imi_checkpoint_format(&made.checkpoint, &text, err));
    IMI_TRY(imi_buffer_append(&made.note, imi_buffer_view(&text), err));
    IMI_TRY(imi_buffer_append_text(&made.note, "\n", err));
    IMI_TRY(imi_note_sign(ledger->signer, imi_buffer_view(&text), 0, &made.note, err));
    size_t cosigned = 0;
    pthread_mutex_lock(&ledger->publishing);
    imi_status status = publish_note(ledger, &made, &cosigned, err);
    pthread_mutex_unlock(&ledger->publishing);
    return status;
}

/* ---- At start ---- */

static imi_status read_note(imi_ledger *self, const char *name, imi_buffer *out, imi_error *err)
{
    return self->folder.base.read(&self->folder.base, name, IMI_NOTE_BYTES_MAX, out, err);
}

static bool has_tiles(const imi_ledger *self)
{
    char path[IMI_LEDGER_PATH_SIZE + 16];
    struct stat info;
    snprintf(path, sizeof path, "%s/tile", self->folder.path);
    return stat(path, &info) == 0;
}

static imi_status load_checkpoint(imi_ledger *self, imi_error *err)
{
    IMI_AUTO_SIGNED_CHECKPOINT found = {.note = IMI_BUFFER_INIT};
    imi_ledger_trust trust = trust_of(self, 0);
    imi_status status = read_note(self, IMI_LEDGER_PUBLISHED, &found.note, err);
    if (status == IMI_E_NOT_FOUND && !has_tiles(self)) {
        return imi_ledger_publish(self, 0, err);
    }
    if (status == IMI_E_NOT_FOUND) {
        IMI_FAIL(err, IMI_E_LEDGER_REWRITTEN,
                 "the log in %s has tiles but no checkpoint: put its last one back",
                 self->folder.path);
    }
    IMI_TRY(status);
    IMI_TRY(
        imi_checkpoint_open(imi_buffer_view(&found.note), &trust, &found.checkpoint, NULL, err));
    IMI_TRY(imi_ledger_check(&self->folder.base, &found.checkpoint, err));
    set_signed(self, &self->published, &found);
    return IMI_OK;
}

/* What witnesses have cosigned lives on in receipts: the log must still contain it. */
static imi_status check_witnessed(imi_ledger *self, const imi_checkpoint *witnessed, imi_error *err)
{
    imi_ledger_hash root;
    if (witnessed->size > self->published.checkpoint.size) {
        IMI_FAIL(err, IMI_E_LEDGER_REWRITTEN,
                 "the log in %s has shrunk from %llu entries, which witnesses saw, to %llu",
                 self->folder.path, (unsigned long long)witnessed->size,
                 (unsigned long long)self->published.checkpoint.size);
    }
    IMI_TRY(imi_ledger_read_root(&self->folder.base, witnessed->size, &root, err));
    if (memcmp(root.bytes, witnessed->root.bytes, sizeof root.bytes) != 0) {
        IMI_FAIL(err, IMI_E_LEDGER_REWRITTEN,
                 "the log in %s is not the one that witnesses saw at %llu entries",
                 self->folder.path, (unsigned long long)witnessed->size);
    }
    return IMI_OK;
}

static imi_status load_witnessed(imi_ledger *self, imi_error *err)
{
    IMI_AUTO_SIGNED_CHECKPOINT found = {.note = IMI_BUFFER_INIT};
    imi_ledger_trust trust = trust_of(self, 0);
    imi_status status = read_note(self, IMI_LEDGER_WITNESSED, &found.note, err);
    if (status == IMI_E_NOT_FOUND) {
        return IMI_OK;
    }
    IMI_TRY(status);
    IMI_TRY(
        imi_checkpoint_open(imi_buffer_view(&found.note), &trust, &found.checkpoint, NULL, err));
    IMI_TRY(check_witnessed(self, &found.checkpoint, err));
    /* Other witnesses may be asked for now than when it was written: it is counted again. */
    return keep_if_witnessed(self, &found, &(size_t){0}, err);
}

imi_status imi_ledger_load_published(imi_ledger *ledger, imi_error *err)
{
    IMI_TRY(load_checkpoint(ledger, err));
    IMI_TRY(load_witnessed(ledger, err));
    return keep_if_witnessed(ledger, &ledger->published, &(size_t){0}, err);
}

/* ---- Cosignatures ---- */

static bool has_signed(const imi_note *note, const imi_note_key *key)
{
    return imi_note_verify(note, key, NULL, NULL) == IMI_OK;
}

/* Append those lines that are right and new. */
static imi_status append_valid(const imi_ledger *self, const imi_note *lines, imi_buffer *note,
                               imi_error *err)
{
    for (size_t i = 0; i < lines->count; i++) {
        imi_note before;
        IMI_TRY(imi_note_parse(imi_buffer_view(note), &before, err));
        imi_note line = imi_note_with(before.text, &lines->signatures[i]);
        for (size_t k = 0; k < self->witness_count; k++) {
            const imi_note_key *key = &self->witnesses[k];
            if (has_signed(&line, key) && !has_signed(&before, key)) {
                IMI_TRY(imi_note_append_signature(&lines->signatures[i], note, err));
                break; /* `before` lies in the buffer that has just moved */
            }
        }
    }
    return IMI_OK;
}

/* Whether two notes of ours have one text. */
static bool same_text(imi_view a, imi_view b)
{
    imi_note first, second;
    return imi_note_parse(a, &first, NULL) == IMI_OK &&
           imi_note_parse(b, &second, NULL) == IMI_OK && imi_view_equal(first.text, second.text);
}

static imi_status add(imi_ledger *self, imi_view note, const imi_note *lines, size_t *cosigned_out,
                      imi_error *err)
{
    IMI_AUTO_SIGNED_CHECKPOINT made = {.note = IMI_BUFFER_INIT};
    imi_ledger_trust trust = trust_of(self, 0);
    bool current = same_text(imi_buffer_view(&self->published.note), note);
    /* The newest one may have got other cosignatures since the caller looked. */
    imi_view base = current ? imi_buffer_view(&self->published.note) : note;
    IMI_TRY(imi_buffer_append(&made.note, base, err));
    IMI_TRY(append_valid(self, lines, &made.note, err));
    IMI_TRY(imi_checkpoint_open(imi_buffer_view(&made.note), &trust, &made.checkpoint, cosigned_out,
                                err));
    if (made.note.size == base.size) {
        return IMI_OK; /* nothing new */
    }
    return current ? publish_note(self, &made, cosigned_out, err)
                   : keep_if_witnessed(self, &made, cosigned_out, err);
}

imi_status imi_ledger_add_cosignatures(imi_ledger *ledger, imi_view note, imi_view lines,
                                       size_t *cosigned_out, imi_error *err)
{
    *cosigned_out = 0;
    imi_note parsed = {.count = 0};
    if (lines.size > 0) {
        IMI_TRY(imi_note_parse_signatures(lines, &parsed, err));
    }
    pthread_mutex_lock(&ledger->publishing);
    imi_status status = add(ledger, note, &parsed, cosigned_out, err);
    pthread_mutex_unlock(&ledger->publishing);
    return status;
}
