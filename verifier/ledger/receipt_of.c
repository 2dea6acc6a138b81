/* Receipts: by the process that writes the log, and by any other that reads its files. */
#include "writer.h"

#include <string.h>

/* The head must cover the index, and the entry there must be the event's. */
static imi_status write_receipt(imi_ledger_source *source, const imi_signed_checkpoint *head,
                                uint64_t index, imi_view event, const uint8_t *salt,
                                imi_buffer *out, imi_error *err)
{
    imi_ledger_entry given, there;
    imi_ledger_proof proof;
    if (salt == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a receipt needs a salt");
    }
    if (head->note.size == 0 || index >= head->checkpoint.size) {
        IMI_FAIL(err, IMI_E_LEDGER_WITNESS, "too few witnesses have cosigned entry %llu yet",
                 (unsigned long long)index);
    }
    uint64_t size = head->checkpoint.size;
    IMI_TRY(imi_leaf_entry(salt, event, given.bytes, err));
    IMI_TRY(imi_ledger_read_entry(source, size, index, &there, err));
    if (memcmp(given.bytes, there.bytes, sizeof given.bytes) != 0) {
        IMI_FAIL(err, IMI_E_LEDGER_EVENT, "entry %llu is another event's",
                 (unsigned long long)index);
    }
    IMI_TRY(imi_ledger_prove_inclusion(source, index, size, &proof, err));
    imi_receipt_parts parts = {
        .origin = head->checkpoint.origin,
        .index = index,
        .event = event,
        .salt = salt,
        .proof = &proof,
        .checkpoint = imi_buffer_view(&head->note),
    };
    return imi_receipt_write(&parts, out, err);
}

static imi_status check_integrated(uint64_t index, uint64_t size, imi_error *err)
{
    if (index >= size) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "entry %llu is not in the log yet",
                 (unsigned long long)index);
    }
    return IMI_OK;
}

imi_status imi_ledger_receipt(imi_ledger *ledger, uint64_t index, imi_view event,
                              const uint8_t *salt, imi_buffer *out, imi_error *err)
{
    IMI_AUTO_SIGNED_CHECKPOINT head = {.note = IMI_BUFFER_INIT};
    IMI_TRY(check_integrated(index, imi_ledger_size(ledger), err));
    IMI_TRY(imi_ledger_copy_signed(ledger, &ledger->witnessed, &head, err));
    return write_receipt(&ledger->folder.base, &head, index, event, salt, out, err);
}

static imi_status read_head(imi_ledger_source *source, const char *name,
                            const imi_ledger_trust *trust, imi_signed_checkpoint *out,
                            imi_error *err)
{
    IMI_TRY(source->read(source, name, IMI_NOTE_BYTES_MAX, &out->note, err));
    return imi_checkpoint_open(imi_buffer_view(&out->note), trust, &out->checkpoint, NULL, err);
}

imi_status imi_ledger_receipt_of(imi_ledger_source *source, const imi_ledger_trust *trust,
                                 uint64_t index, imi_view event, const uint8_t *salt,
                                 imi_buffer *out, imi_error *err)
{
    IMI_AUTO_SIGNED_CHECKPOINT newest = {.note = IMI_BUFFER_INIT};
    IMI_AUTO_SIGNED_CHECKPOINT witnessed = {.note = IMI_BUFFER_INIT};
    imi_ledger_trust log_alone = {.log = trust->log};
    IMI_TRY(read_head(source, IMI_LEDGER_PUBLISHED, &log_alone, &newest, err));
    IMI_TRY(check_integrated(index, newest.checkpoint.size, err));
    if (trust->witnesses_needed == 0) {
        return write_receipt(source, &newest, index, event, salt, out, err);
    }
    imi_status status = read_head(source, IMI_LEDGER_WITNESSED, trust, &witnessed, err);
    if (status == IMI_E_NOT_FOUND || status == IMI_E_LEDGER_WITNESS) {
        IMI_FAIL(err, IMI_E_LEDGER_WITNESS, "too few witnesses have cosigned the log yet");
    }
    IMI_TRY(status);
    return write_receipt(source, &witnessed, index, event, salt, out, err);
}
