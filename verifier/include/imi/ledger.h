/**
 * The public log: an append-only Merkle tree in files that anybody may serve and read
 * (C2SP tlog-tiles), its writer, its signatures, receipts, and what witnesses are asked for.
 *
 * What is in the log are entries of 32 bytes, salted digests; what they mean is in receipts.
 * Entries come from a store that gives each the next index in the transaction that it records:
 * the ledger has no queue, it integrates what it is given and refuses what contradicts it.
 */
#ifndef IMI_LEDGER_H
#define IMI_LEDGER_H

#include "imi/clock.h"
#include "imi/ledger_proof.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { IMI_LEDGER_PATH_SIZE = 1024, IMI_LEDGER_KEY_BYTES_MAX = 4096 };

/* ---- Reading a log ---- */

/** Where the files of a log are: a folder, a server. Implement read and embed as first member. */
typedef struct imi_ledger_source imi_ledger_source;
struct imi_ledger_source {
    /**
     * Append the whole of a file, such as "checkpoint" or "tile/0/x001/067.p/5", of at most
     * limit bytes.
     */
    imi_status (*read)(imi_ledger_source *self, const char *path, size_t limit, imi_buffer *out,
                       imi_error *err);
};

/** A log in a folder. */
typedef struct imi_ledger_folder {
    imi_ledger_source base;
    char path[IMI_LEDGER_PATH_SIZE];
} imi_ledger_folder;

/** Errors: IMI_E_INVALID_ARGUMENT if the path is empty or too long. Nothing is opened. */
IMI_MUST_USE imi_status imi_ledger_folder_init(imi_ledger_folder *folder, const char *path,
                                               imi_error *err);

/**
 * What the files of a log say, for a tree of that size. Nothing is believed that the caller
 * cannot check: a root must be compared with a checkpoint's, a proof verified.
 *
 * Errors: IMI_E_LEDGER_FORMAT for a file of the wrong size, IMI_E_INVALID_ARGUMENT for an index
 *         or size that the tree does not have, and what the source reports.
 */
IMI_MUST_USE imi_status imi_ledger_read_root(imi_ledger_source *source, uint64_t size,
                                             imi_ledger_hash *out, imi_error *err);
IMI_MUST_USE imi_status imi_ledger_read_entry(imi_ledger_source *source, uint64_t size,
                                              uint64_t index, imi_ledger_entry *out,
                                              imi_error *err);
IMI_MUST_USE imi_status imi_ledger_prove_inclusion(imi_ledger_source *source, uint64_t index,
                                                   uint64_t size, imi_ledger_proof *out,
                                                   imi_error *err);
/** From old_size to size; empty when old_size is 0 or size. */
IMI_MUST_USE imi_status imi_ledger_prove_consistency(imi_ledger_source *source, uint64_t old_size,
                                                     uint64_t size, imi_ledger_proof *out,
                                                     imi_error *err);
/**
 * Every entry and every tile leads to the checkpoint's root.
 *
 * Errors: IMI_E_LEDGER_REWRITTEN names the file that differs; IMI_E_LEDGER_FORMAT.
 */
IMI_MUST_USE imi_status imi_ledger_check(imi_ledger_source *source,
                                         const imi_checkpoint *checkpoint, imi_error *err);

/* ---- Signing ---- */

/** A private Ed25519 key with a name. */
typedef struct imi_note_signer imi_note_signer;

/**
 * Read a PEM file; made at first start with mode 0600.
 *
 * Errors: IMI_E_KEY if it is open to others, damaged or of another kind.
 */
IMI_MUST_USE imi_status imi_note_signer_load(const char *path, const char *name,
                                             imi_note_algorithm algorithm, imi_note_signer **out,
                                             imi_error *err);
void imi_note_signer_destroy(imi_note_signer **signer);
IMI_AUTO_DEFINE(imi_note_signer, imi_note_signer_destroy)
/** The public half. Owned by the signer. */
const imi_note_key *imi_note_signer_key(const imi_note_signer *signer);
/**
 * Append a signature line over a note's text. time_s, Unix seconds, counts for cosignatures.
 *
 * Threads: safe on one signer.
 */
IMI_MUST_USE imi_status imi_note_sign(const imi_note_signer *signer, imi_view text, uint64_t time_s,
                                      imi_buffer *out, imi_error *err);

/* ---- Writing a log ---- */

typedef struct imi_ledger imi_ledger;

typedef struct imi_ledger_options {
    const char *folder; /* made if missing; readable to whoever serves it */
    const char *key_file; /* made if missing; keep it outside the folder */
    const char *origin; /* the log's name, such as "imi.example/log" */
    const imi_note_key *witnesses; /* copied; may be NULL */
    size_t witness_count;
    size_t witnesses_needed; /* for a receipt */
} imi_ledger_options;

/**
 * Open a log for writing and compare all its files with its checkpoint.
 *
 * Errors: IMI_E_CONFLICT if another process writes it; IMI_E_LEDGER_REWRITTEN if its files do
 *         not lead to its checkpoint's root or the checkpoint is gone; IMI_E_LEDGER_LOG if it is
 *         another log's folder; IMI_E_KEY; IMI_E_IO.
 */
IMI_MUST_USE imi_status imi_ledger_open(const imi_ledger_options *options, imi_ledger **out,
                                        imi_error *err);
/** Gives the folder free for another writer. */
void imi_ledger_close(imi_ledger **ledger);
IMI_AUTO_DEFINE(imi_ledger, imi_ledger_close)

/** The key that readers need. Owned by the ledger. */
const imi_note_key *imi_ledger_key(const imi_ledger *ledger);
/** Its files, for proofs. Owned by the ledger. Threads: safe. */
imi_ledger_source *imi_ledger_source_of(imi_ledger *ledger);
/** How many entries the published checkpoint covers. Threads: safe. */
uint64_t imi_ledger_size(imi_ledger *ledger);

/**
 * Bring entries into the log and publish a checkpoint over them.
 *
 * Entries that are in already are compared with what is there. When it returns IMI_OK all of
 * them are durable, and covered by the published checkpoint; after any failure or crash the same
 * call may be made again.
 *
 * Shape:   entries first_index, first_index + 1...; first_index is at most the log's size.
 *          &entries->bytes is what a store's list_leaves fills.
 * Threads: one at a time; others may use the remaining functions meanwhile.
 * Errors:  IMI_E_LEDGER_REWRITTEN if an entry differs from the one that is in the log;
 *          IMI_E_CONFLICT if entries between the log's end and first_index are missing; IMI_E_IO.
 */
IMI_MUST_USE imi_status imi_ledger_integrate(imi_ledger *ledger, uint64_t first_index,
                                             const imi_ledger_entry *entries, size_t count,
                                             imi_error *err);

/** Append the newest published checkpoint, a signed note. Threads: safe. */
IMI_MUST_USE imi_status imi_ledger_checkpoint(imi_ledger *ledger, imi_buffer *out, imi_error *err);

/**
 * Publish what witnesses answered to a checkpoint of ours. Lines of unknown or wrong keys are
 * left out. A checkpoint that has been overtaken is still kept for receipts.
 *
 * Shape:   note: what imi_ledger_checkpoint gave; lines: signature lines, may be empty.
 *          cosigned_out: how many witnesses have cosigned that checkpoint.
 * Threads: safe.
 */
IMI_MUST_USE imi_status imi_ledger_add_cosignatures(imi_ledger *ledger, imi_view note,
                                                    imi_view lines, size_t *cosigned_out,
                                                    imi_error *err);

/**
 * Append a receipt of an event, checkable with imi_receipt_verify.
 *
 * Shape:   salt: IMI_LEAF_SALT_SIZE bytes.
 * Threads: safe.
 * Errors:  IMI_E_NOT_FOUND if the entry is not integrated yet, IMI_E_LEDGER_WITNESS if it is, but
 *          too few witnesses have cosigned: try again soon; IMI_E_LEDGER_EVENT if the entry at
 *          that index is another event's.
 */
IMI_MUST_USE imi_status imi_ledger_receipt(imi_ledger *ledger, uint64_t index, imi_view event,
                                           const uint8_t *salt, imi_buffer *out, imi_error *err);

/**
 * Append a receipt from the files of a log that any process writes, otherwise as
 * imi_ledger_receipt. The files are only believed under trust.
 *
 * Errors: also IMI_E_NOT_FOUND while nothing is published yet, and those of imi_checkpoint_open.
 */
IMI_MUST_USE imi_status imi_ledger_receipt_of(imi_ledger_source *source,
                                              const imi_ledger_trust *trust, uint64_t index,
                                              imi_view event, const uint8_t *salt, imi_buffer *out,
                                              imi_error *err);

/* ---- Asking witnesses ---- */

/** A witness to be asked. */
typedef struct imi_witness_address {
    const char *url; /* its submission prefix, such as "https://witness.example" */
    imi_note_key key;
} imi_witness_address;

typedef struct imi_witness_client imi_witness_client;

/** Addresses are copied. Errors: IMI_E_INVALID_ARGUMENT for what is no http or https address. */
IMI_MUST_USE imi_status imi_witness_client_new(const imi_witness_address *addresses, size_t count,
                                               imi_witness_client **out, imi_error *err);
void imi_witness_client_destroy(imi_witness_client **client);
IMI_AUTO_DEFINE(imi_witness_client, imi_witness_client_destroy)

/**
 * Submit the newest checkpoint at once to all witnesses that have not cosigned it, and publish
 * the cosignatures that come within timeout_ms. Witnesses that are away or refuse are logged and
 * left out: publishing never waits for them, receipts wait for as many as the log's options say.
 *
 * Threads: one thread a client, another than the one that integrates.
 * Errors:  only those of the ledger itself.
 */
IMI_MUST_USE imi_status imi_witness_client_collect(imi_witness_client *client, imi_ledger *ledger,
                                                   int timeout_ms, size_t *cosigned_out,
                                                   imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
