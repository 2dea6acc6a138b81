/**
 * What anybody can check about the public log without asking it: hashes, proofs, signed notes,
 * checkpoints and receipts. Pure functions; no file, no network, no clock.
 *
 * Conventions: the tree is RFC 6962's (section 2.1) over SHA-256; checkpoints are signed notes
 * (C2SP signed-note, tlog-checkpoint), witnesses sign as C2SP tlog-cosignature says, version 1.
 * Every input may come from an enemy: sizes are bounded, parsing is strict. All functions are
 * safe on distinct outputs from any thread. See docs/ledger.md.
 */
#ifndef IMI_LEDGER_PROOF_H
#define IMI_LEDGER_PROOF_H

#include "imi/bytes.h"
#include "imi/crypto.h"
#include "imi/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    IMI_LEDGER_HASH_SIZE = 32,
    IMI_LEDGER_ENTRY_SIZE = 32, /* every entry is a salted digest */
    IMI_LEDGER_EVENT_MAX = 16384, /* bytes */
    IMI_LEDGER_PROOF_MAX = 63, /* hashes; more than any tree of 2^62 leaves needs */
    IMI_LEDGER_WITNESSES_MAX = 16,
    IMI_NOTE_NAME_SIZE = 128, /* with its NUL */
    IMI_NOTE_KEY_TEXT_SIZE = 192,
    IMI_NOTE_BYTES_MAX = 65536,
    IMI_NOTE_SIGNATURES_MAX = 32,
    IMI_RECEIPT_BYTES_MAX = 262144
};

typedef struct imi_ledger_hash {
    uint8_t bytes[IMI_LEDGER_HASH_SIZE];
} imi_ledger_hash;

typedef struct imi_ledger_entry {
    uint8_t bytes[IMI_LEDGER_ENTRY_SIZE];
} imi_ledger_entry;

/** An inclusion or consistency proof, in RFC 6962's order. */
typedef struct imi_ledger_proof {
    size_t count;
    imi_ledger_hash hashes[IMI_LEDGER_PROOF_MAX];
} imi_ledger_proof;

/** Root of the tree without leaves. */
IMI_MUST_USE imi_status imi_ledger_empty_root(imi_ledger_hash *out, imi_error *err);
/** SHA-256(0x00 || entry). */
IMI_MUST_USE imi_status imi_ledger_leaf_hash(const imi_ledger_entry *entry, imi_ledger_hash *out,
                                             imi_error *err);
/** SHA-256(0x01 || left || right). */
IMI_MUST_USE imi_status imi_ledger_node_hash(const imi_ledger_hash *left,
                                             const imi_ledger_hash *right, imi_ledger_hash *out,
                                             imi_error *err);

/**
 * The leaf stands at index in the tree of that size and root.
 *
 * Errors: IMI_E_LEDGER_PROOF.
 * Source: RFC 9162 section 2.1.3.2.
 */
IMI_MUST_USE imi_status imi_ledger_verify_inclusion(uint64_t index, uint64_t size,
                                                    const imi_ledger_hash *leaf,
                                                    const imi_ledger_proof *proof,
                                                    const imi_ledger_hash *root, imi_error *err);
/**
 * The tree of old_size is the beginning of the tree of size. Nothing follows from an empty tree:
 * an old_size of 0 is refused.
 *
 * Errors: IMI_E_LEDGER_PROOF.
 * Source: RFC 9162 section 2.1.4.2.
 */
IMI_MUST_USE imi_status imi_ledger_verify_consistency(uint64_t old_size,
                                                      const imi_ledger_hash *old_root,
                                                      uint64_t size, const imi_ledger_hash *root,
                                                      const imi_ledger_proof *proof,
                                                      imi_error *err);

/** How a key signs; the byte that C2SP assigns. */
typedef enum imi_note_algorithm {
    IMI_NOTE_NONE = 0,
    IMI_NOTE_ED25519 = 1, /* logs */
    IMI_NOTE_COSIGNATURE = 4 /* witnesses: Ed25519 with a time */
} imi_note_algorithm;

/** A verifier key: who signs, and how it is checked. */
typedef struct imi_note_key {
    char name[IMI_NOTE_NAME_SIZE];
    imi_note_algorithm algorithm;
    uint8_t public_key[32];
    uint32_t id; /* follows from the rest */
} imi_note_key;

/** Complete a key: checks the name and reckons the id. Errors: IMI_E_INVALID_ARGUMENT. */
IMI_MUST_USE imi_status imi_note_key_init(const char *name, imi_note_algorithm algorithm,
                                          const uint8_t public_key[32], imi_note_key *out,
                                          imi_error *err);
/** Read "name+hash+base64". Errors: IMI_E_LEDGER_FORMAT, also if the hash is of another key. */
IMI_MUST_USE imi_status imi_note_key_parse(imi_view text, imi_note_key *out, imi_error *err);
/** Write the same, NUL-terminated. */
IMI_MUST_USE imi_status imi_note_key_format(const imi_note_key *key,
                                            char out[IMI_NOTE_KEY_TEXT_SIZE], imi_error *err);

/** A signature line of a note; borrowed from it. */
typedef struct imi_note_signature {
    imi_view name;
    imi_view base64;
} imi_note_signature;

/** A signed note; borrowed from the bytes it was parsed from. */
typedef struct imi_note {
    imi_view text; /* what is signed, with its last line end */
    size_t count;
    imi_note_signature signatures[IMI_NOTE_SIGNATURES_MAX];
} imi_note;

/** Split a note. Errors: IMI_E_LEDGER_FORMAT. No signature is checked. */
IMI_MUST_USE imi_status imi_note_parse(imi_view bytes, imi_note *out, imi_error *err);
/** Split signature lines that stand alone, as a witness answers; text stays empty. */
IMI_MUST_USE imi_status imi_note_parse_signatures(imi_view bytes, imi_note *out, imi_error *err);
/**
 * The key has signed the note. Every line that carries its name and id must be right.
 *
 * Shape:  time_s_out (may be NULL) gets a cosignature's time, Unix seconds; otherwise 0.
 * Errors: IMI_E_LEDGER_LOG if it did not sign at all, IMI_E_LEDGER_SIGNATURE.
 */
IMI_MUST_USE imi_status imi_note_verify(const imi_note *note, const imi_note_key *key,
                                        uint64_t *time_s_out, imi_error *err);

/** A tree head: which log, how many leaves, their root. */
typedef struct imi_checkpoint {
    char origin[IMI_NOTE_NAME_SIZE];
    uint64_t size;
    imi_ledger_hash root;
} imi_checkpoint;

/** Read a note's text; extension lines are allowed and ignored. Errors: IMI_E_LEDGER_FORMAT. */
IMI_MUST_USE imi_status imi_checkpoint_parse(imi_view text, imi_checkpoint *out, imi_error *err);
/** Append a note's text, without extension lines. */
IMI_MUST_USE imi_status imi_checkpoint_format(const imi_checkpoint *checkpoint, imi_buffer *out,
                                              imi_error *err);

/** Whom a reader believes. Borrowed. */
typedef struct imi_ledger_trust {
    const imi_note_key *log; /* its name is the origin */
    const imi_note_key *witnesses;
    size_t witness_count; /* at most IMI_LEDGER_WITNESSES_MAX, of distinct keys */
    size_t witnesses_needed; /* at most witness_count */
} imi_ledger_trust;

/**
 * Read and check a signed checkpoint.
 *
 * Shape:  cosigned_out (may be NULL) gets how many of the witnesses cosigned, also on
 *         IMI_E_LEDGER_WITNESS, when out is filled too.
 * Errors: IMI_E_LEDGER_FORMAT, IMI_E_LEDGER_LOG, IMI_E_LEDGER_SIGNATURE, IMI_E_LEDGER_WITNESS;
 *         IMI_E_INVALID_ARGUMENT if trust itself makes no sense.
 */
IMI_MUST_USE imi_status imi_checkpoint_open(imi_view note, const imi_ledger_trust *trust,
                                            imi_checkpoint *out, size_t *cosigned_out,
                                            imi_error *err);

/** What a receipt is made of. Borrowed. */
typedef struct imi_receipt_parts {
    const char *origin;
    uint64_t index;
    imi_view event; /* UTF-8 without NUL, as it was logged */
    const uint8_t *salt; /* IMI_LEAF_SALT_SIZE bytes, see imi_leaf_entry */
    const imi_ledger_proof *proof;
    imi_view checkpoint; /* a signed note */
} imi_receipt_parts;

/** Append a receipt, one JSON object. Checks nothing that imi_receipt_verify checks. */
IMI_MUST_USE imi_status imi_receipt_write(const imi_receipt_parts *parts, imi_buffer *out,
                                          imi_error *err);

/** What a receipt that was checked says. */
typedef struct imi_receipt_facts {
    uint64_t index;
    imi_ledger_entry entry;
    imi_checkpoint checkpoint;
    size_t cosigned;
    imi_buffer event; /* owned: imi_buffer_clean_up */
} imi_receipt_facts;

#define IMI_AUTO_RECEIPT_FACTS                                                                     \
    __attribute__((cleanup(imi_receipt_facts_clean_up))) imi_receipt_facts
/** Free what the facts own. */
void imi_receipt_facts_clean_up(imi_receipt_facts *facts);

/**
 * A receipt proves that its event is in the log, offline.
 *
 * Shape:  out is empty unless the result is IMI_OK.
 * Errors: IMI_E_LEDGER_FORMAT; IMI_E_LEDGER_LOG of another log; IMI_E_LEDGER_SIGNATURE;
 *         IMI_E_LEDGER_EVENT event or salt changed; IMI_E_LEDGER_PROOF not included;
 *         IMI_E_LEDGER_WITNESS too few witnesses.
 */
IMI_MUST_USE imi_status imi_receipt_verify(imi_view json, const imi_ledger_trust *trust,
                                           imi_receipt_facts *out, imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
