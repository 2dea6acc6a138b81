#include "log_view.h"

#include "fetch.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { KEYS_FILE_MAX = 16384 };

static imi_status read_file(imi_ledger_source *source, const char *path, size_t limit,
                            imi_buffer *out, imi_error *err)
{
    const log_view *self = (const log_view *)source;
    char full[IMI_LEDGER_PATH_SIZE + 128];
    int size = snprintf(full, sizeof full, "%s/%s", self->place, path);
    if (size < 0 || (size_t)size >= sizeof full) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the log's path is too long");
    }
    size_t before = out->size;
    IMI_TRY(imictl_fetch(full, self->ca, out, err));
    if (out->size - before > limit) {
        IMI_FAIL(err, IMI_E_LEDGER_FORMAT, "%s is larger than %zu bytes", path, limit);
    }
    return IMI_OK;
}

static imi_view trimmed(imi_view line)
{
    while (line.size > 0 && isspace(line.data[line.size - 1])) {
        line.size--;
    }
    return line;
}

static imi_status read_witnesses(log_view *view, const char *path, imi_error *err)
{
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_TRY(imi_file_read(path, KEYS_FILE_MAX, &text, err));
    IMI_TRY(imi_buffer_append_text(&text, "\n", err));
    size_t count = 0;
    for (size_t at = 0; at < text.size;) {
        const uint8_t *start = text.data + at;
        const uint8_t *end = memchr(start, '\n', text.size - at);
        imi_view line = trimmed((imi_view){start, (size_t)(end - start)});
        at += (size_t)(end - start) + 1;
        if (line.size == 0) {
            continue;
        }
        if (count == IMI_LEDGER_WITNESSES_MAX) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s names more than %d witnesses", path,
                     IMI_LEDGER_WITNESSES_MAX);
        }
        IMI_TRY(imi_note_key_parse(line, &view->witnesses[count++], err));
    }
    view->trust.witness_count = count;
    return IMI_OK;
}

imi_status log_view_init(log_view *view, const log_options *options, imi_error *err)
{
    *view = (log_view){.source = {read_file}, .place = options->log, .ca = options->ca};
    view->trust = (imi_ledger_trust){.log = &view->key, .witnesses = view->witnesses};
    IMI_TRY(imi_note_key_parse(imi_view_of_text(options->key), &view->key, err));
    if (options->witnesses != NULL) {
        IMI_TRY(read_witnesses(view, options->witnesses, err));
    }
    long need = (long)view->trust.witness_count;
    if (!imi_cli_number(options->need, 0, need, &need)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "--need is a number of at most the witnesses named");
    }
    view->trust.witnesses_needed = (size_t)need;
    return IMI_OK;
}

imi_status log_view_checkpoint(log_view *view, imi_buffer *note_out, imi_checkpoint *out,
                               size_t *cosigned_out, imi_error *err)
{
    note_out->size = 0;
    IMI_TRY(view->source.read(&view->source, "checkpoint", IMI_NOTE_BYTES_MAX, note_out, err));
    return imi_checkpoint_open(imi_buffer_view(note_out), &view->trust, out, cosigned_out, err);
}

imi_status log_view_check_growth(log_view *view, const imi_checkpoint *old,
                                 const imi_checkpoint *newest, imi_error *err)
{
    imi_ledger_proof proof;
    if (newest->size < old->size) {
        IMI_FAIL(err, IMI_E_LEDGER_REWRITTEN, "the log has shrunk from %llu entries to %llu",
                 (unsigned long long)old->size, (unsigned long long)newest->size);
    }
    if (old->size == 0) {
        return IMI_OK; /* from nothing anything may grow */
    }
    IMI_TRY(imi_ledger_prove_consistency(&view->source, old->size, newest->size, &proof, err));
    if (imi_ledger_verify_consistency(old->size, &old->root, newest->size, &newest->root, &proof,
                                      NULL) != IMI_OK) {
        IMI_FAIL(err, IMI_E_LEDGER_REWRITTEN,
                 "the log's %llu entries do not continue the %llu that were seen before",
                 (unsigned long long)newest->size, (unsigned long long)old->size);
    }
    return IMI_OK;
}

bool log_is_refusal(imi_status status)
{
    return status == IMI_E_LEDGER_FORMAT || status == IMI_E_LEDGER_LOG ||
           status == IMI_E_LEDGER_SIGNATURE || status == IMI_E_LEDGER_PROOF ||
           status == IMI_E_LEDGER_WITNESS || status == IMI_E_LEDGER_EVENT ||
           status == IMI_E_LEDGER_REWRITTEN;
}

static int report_refusal(bool json, imi_status status, const imi_error *error)
{
    if (json) {
        imictl_print_json(json_pack("{s:b, s:s, s:s}", "good", false, "reason",
                                    imi_status_name(status), "message", error->message));
    } else {
        printf("not good: %s (%s)\n", error->message, imi_status_name(status));
    }
    return IMI_EXIT_NEGATIVE;
}

int log_report(const imi_cli_spec *spec, bool json, imi_status status, const imi_error *error,
               const imi_checkpoint *checkpoint, size_t cosigned, const char *what)
{
    if (log_is_refusal(status)) {
        return report_refusal(json, status, error);
    }
    if (status != IMI_OK) {
        return imictl_fail(spec, json, error);
    }
    char root[2 * IMI_LEDGER_HASH_SIZE + 1];
    imi_hex_encode((imi_view){checkpoint->root.bytes, IMI_LEDGER_HASH_SIZE}, root);
    if (json) {
        imictl_print_json(json_pack("{s:b, s:s, s:s, s:I, s:s, s:I}", "good", true, "what", what,
                                    "origin", checkpoint->origin, "size",
                                    (json_int_t)checkpoint->size, "root", root, "cosigned",
                                    (json_int_t)cosigned));
    } else {
        printf("%s\n%s: %llu entries, root %s, cosigned by %zu\n", what, checkpoint->origin,
               (unsigned long long)checkpoint->size, root, cosigned);
    }
    return IMI_EXIT_SUCCESS;
}
