#include "base64.h"
#include "note.h"

#include "imi/ledger_witness.h"

#include <string.h>

static const char old_word[] = "old ";

static imi_status parse_old_size(imi_view line, uint64_t *out, imi_error *err)
{
    size_t skip = sizeof old_word - 1;
    if (line.size <= skip || memcmp(line.data, old_word, skip) != 0 ||
        !imi_parse_size((imi_view){line.data + skip, line.size - skip}, out)) {
        IMI_FAIL(err, IMI_E_LEDGER_FORMAT, "a request begins with 'old' and a tree size");
    }
    return IMI_OK;
}

imi_status imi_witness_request_parse(imi_view body, imi_witness_request *out, imi_error *err)
{
    *out = (imi_witness_request){.old_size = 0};
    imi_witness_request made = {.old_size = 0};
    imi_view line;
    if (body.size > IMI_WITNESS_REQUEST_MAX || !imi_take_line(&body, &line)) {
        IMI_FAIL(err, IMI_E_LEDGER_FORMAT, "a request is too long or has no line");
    }
    IMI_TRY(parse_old_size(line, &made.old_size, err));
    for (;;) {
        if (!imi_take_line(&body, &line)) {
            IMI_FAIL(err, IMI_E_LEDGER_FORMAT, "a request has no empty line before its checkpoint");
        }
        if (line.size == 0) {
            break;
        }
        if (made.proof.count == IMI_LEDGER_PROOF_MAX) {
            IMI_FAIL(err, IMI_E_LEDGER_FORMAT, "a request has more than %d lines of proof",
                     IMI_LEDGER_PROOF_MAX);
        }
        uint8_t *hash = made.proof.hashes[made.proof.count++].bytes;
        IMI_TRY(imi_note_base64_decode_exactly(line, hash, IMI_LEDGER_HASH_SIZE, err));
    }
    made.checkpoint = body;
    *out = made;
    return IMI_OK;
}

imi_status imi_witness_request_format(const imi_witness_request *request, imi_buffer *out,
                                      imi_error *err)
{
    IMI_TRY(
        imi_buffer_printf(out, err, "%s%llu\n", old_word, (unsigned long long)request->old_size));
    for (size_t i = 0; i < request->proof.count; i++) {
        imi_view hash = {request->proof.hashes[i].bytes, IMI_LEDGER_HASH_SIZE};
        IMI_TRY(imi_base64_encode(hash, out, err));
        IMI_TRY(imi_buffer_append_text(out, "\n", err));
    }
    IMI_TRY(imi_buffer_append_text(out, "\n", err));
    return imi_buffer_append(out, request->checkpoint, err);
}
