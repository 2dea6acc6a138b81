/**
 * A witness of public logs: cosigns a checkpoint after it has seen that the log has only grown
 * since the one before (C2SP tlog-witness). Independent of the transport.
 */
#ifndef IMI_LEDGER_WITNESS_H
#define IMI_LEDGER_WITNESS_H

#include "imi/ledger.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    IMI_WITNESS_LOGS_MAX = 64,
    /* old size, 63 hashes of 45 bytes, a note */
    IMI_WITNESS_REQUEST_MAX = 32 + IMI_LEDGER_PROOF_MAX * 45 + IMI_NOTE_BYTES_MAX
};

/** What a log asks: is the checkpoint the continuation of the tree of old_size? */
typedef struct imi_witness_request {
    uint64_t old_size;
    imi_ledger_proof proof;
    imi_view checkpoint; /* a signed note; borrowed */
} imi_witness_request;

/** Errors: IMI_E_LEDGER_FORMAT. */
IMI_MUST_USE imi_status imi_witness_request_parse(imi_view body, imi_witness_request *out,
                                                  imi_error *err);
/** Append the body of a request. */
IMI_MUST_USE imi_status imi_witness_request_format(const imi_witness_request *request,
                                                   imi_buffer *out, imi_error *err);

typedef struct imi_witness imi_witness;

typedef struct imi_witness_options {
    const char *data_folder; /* made if missing; what was seen of each log */
    const char *key_file; /* made if missing */
    const char *name;
    const imi_note_key *logs; /* whose checkpoints are cosigned; copied */
    size_t log_count;
    imi_clock *clock; /* outlives the witness */
} imi_witness_options;

/**
 * Errors: IMI_E_CONFLICT if another process uses the folder, IMI_E_LEDGER_FORMAT if what was
 *         seen of a log cannot be read any more; IMI_E_KEY; IMI_E_IO.
 */
IMI_MUST_USE imi_status imi_witness_open(const imi_witness_options *options, imi_witness **out,
                                         imi_error *err);
void imi_witness_close(imi_witness **witness);
IMI_AUTO_DEFINE(imi_witness, imi_witness_close)
/** Owned by the witness. */
const imi_note_key *imi_witness_key(const imi_witness *witness);

/** An answer in terms of HTTP. */
typedef struct imi_witness_answer {
    unsigned code; /* 200, 400, 403, 404, 409 or 422 */
    const char *type; /* of the body, static storage */
    imi_buffer body; /* owned: imi_buffer_clean_up */
} imi_witness_answer;

/**
 * Answer a request. A cosignature is given out only when what it says is durable.
 *
 * Threads: safe; of two requests that continue one state one wins.
 * Errors:  IMI_E_IO and the like, when there is no answer; nothing was signed then.
 */
IMI_MUST_USE imi_status imi_witness_add_checkpoint(imi_witness *witness, imi_view body,
                                                   imi_witness_answer *out, imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
