#include "base64.h"
#include "note.h"

#include <stdio.h>
#include <string.h>

static bool parse_origin(imi_view line, char out[IMI_NOTE_NAME_SIZE])
{
    if (line.size == 0 || line.size >= IMI_NOTE_NAME_SIZE || !imi_text_is_clean_utf8(line)) {
        return false;
    }
    imi_copy(out, line.data, line.size);
    out[line.size] = '\0';
    return true;
}

imi_status imi_checkpoint_parse(imi_view text, imi_checkpoint *out, imi_error *err)
{
    *out = (imi_checkpoint){.size = 0};
    imi_checkpoint made = {.size = 0};
    imi_view origin, size, root, extension;
    if (!imi_take_line(&text, &origin) || !imi_take_line(&text, &size) ||
        !imi_take_line(&text, &root)) {
        IMI_FAIL(err, IMI_E_LEDGER_FORMAT, "a checkpoint has three lines or more");
    }
    if (!parse_origin(origin, made.origin)) {
        IMI_FAIL(err, IMI_E_LEDGER_FORMAT, "a checkpoint's origin has 1 to %d bytes",
                 IMI_NOTE_NAME_SIZE - 1);
    }
    if (!imi_parse_size(size, &made.size)) {
        IMI_FAIL(err, IMI_E_LEDGER_FORMAT, "a checkpoint's size is not a number");
    }
    IMI_TRY(imi_note_base64_decode_exactly(root, made.root.bytes, sizeof made.root.bytes, err));
    while (text.size > 0) {
        if (!imi_take_line(&text, &extension) || extension.size == 0) {
            IMI_FAIL(err, IMI_E_LEDGER_FORMAT, "a checkpoint has an empty line or half of one");
        }
    }
    *out = made;
    return IMI_OK;
}

imi_status imi_checkpoint_format(const imi_checkpoint *checkpoint, imi_buffer *out, imi_error *err)
{
    IMI_TRY(imi_buffer_printf(out, err, "%s\n%llu\n", checkpoint->origin,
                              (unsigned long long)checkpoint->size));
    IMI_TRY(imi_base64_encode((imi_view){checkpoint->root.bytes, IMI_LEDGER_HASH_SIZE}, out, err));
    return imi_buffer_append_text(out, "\n", err);
}

/* One key under two names must not count as two witnesses, nor the log as its own. */
static bool is_distinct(const imi_ledger_trust *trust, size_t at)
{
    const uint8_t *key = trust->witnesses[at].public_key;
    bool distinct = memcmp(key, trust->log->public_key, 32) != 0;
    for (size_t i = 0; i < at; i++) {
        distinct = distinct && memcmp(key, trust->witnesses[i].public_key, 32) != 0;
    }
    return distinct;
}

static imi_status check_trust(const imi_ledger_trust *trust, imi_error *err)
{
    if (trust == NULL || trust->log == NULL || trust->log->algorithm != IMI_NOTE_ED25519) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the key of a log is missing or a witness's");
    }
    if (trust->witness_count > IMI_LEDGER_WITNESSES_MAX ||
        trust->witnesses_needed > trust->witness_count) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%zu of %zu witnesses cannot be asked for",
                 trust->witnesses_needed, trust->witness_count);
    }
    for (size_t i = 0; i < trust->witness_count; i++) {
        if (trust->witnesses[i].algorithm != IMI_NOTE_COSIGNATURE || !is_distinct(trust, i)) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s is no witness's key, or a second time",
                     trust->witnesses[i].name);
        }
    }
    return IMI_OK;
}

static imi_status count_cosigned(const imi_note *note, const imi_ledger_trust *trust, size_t *out,
                                 imi_error *err)
{
    *out = 0;
    for (size_t i = 0; i < trust->witness_count; i++) {
        imi_status status = imi_note_verify(note, &trust->witnesses[i], NULL, err);
        if (status != IMI_OK && status != IMI_E_LEDGER_LOG) {
            return status;
        }
        *out += status == IMI_OK ? 1 : 0;
    }
    return IMI_OK;
}

imi_status imi_checkpoint_open(imi_view bytes, const imi_ledger_trust *trust, imi_checkpoint *out,
                               size_t *cosigned_out, imi_error *err)
{
    *out = (imi_checkpoint){.size = 0};
    size_t cosigned = 0;
    size_t *cosigned_to = cosigned_out == NULL ? &cosigned : cosigned_out;
    *cosigned_to = 0;
    IMI_TRY(check_trust(trust, err));
    imi_note note;
    imi_checkpoint made;
    IMI_TRY(imi_note_parse(bytes, &note, err));
    IMI_TRY(imi_checkpoint_parse(note.text, &made, err));
    if (strcmp(made.origin, trust->log->name) != 0) {
        IMI_FAIL(err, IMI_E_LEDGER_LOG, "the checkpoint is of the log %s, not of %s", made.origin,
                 trust->log->name);
    }
    IMI_TRY(imi_note_verify(&note, trust->log, NULL, err));
    IMI_TRY(count_cosigned(&note, trust, cosigned_to, err));
    *out = made;
    if (*cosigned_to < trust->witnesses_needed) {
        IMI_FAIL(err, IMI_E_LEDGER_WITNESS, "%zu of %zu witnesses needed have cosigned",
                 *cosigned_to, trust->witnesses_needed);
    }
    return IMI_OK;
}
