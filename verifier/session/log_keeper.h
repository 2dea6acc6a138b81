/**
 * Keeps the public log: brings the leaves that the store has kept into the tree, and asks the
 * policy's witnesses to cosign it. A thread of its own does each, so that neither decisions nor
 * the log itself ever wait for a witness.
 *
 * Of several processes on one data folder the one that holds the log's lock writes; the others
 * stand by and take over when it ends. Receipts any of them makes, from the files.
 *
 * Failures stop no decision: they are logged, told by imi_log_keeper_health, and tried again. A log
 * that was rewritten is not touched any more; that is logged once a minute.
 */
#ifndef IMI_SESSION_LOG_KEEPER_H
#define IMI_SESSION_LOG_KEEPER_H

#include "imi/ledger.h"
#include "imi/policy.h"
#include "imi/store.h"

typedef struct imi_log_keeper imi_log_keeper;

/** Store and policy are borrowed and outlive the keeper. */
typedef struct imi_log_keeper_options {
    imi_store *store;
    const imi_policy *policy; /* issuer and witnesses */
    const char *folder; /* of the public files */
    const char *key_file; /* made if missing; outside the folder */
} imi_log_keeper_options;

/**
 * Start the threads.
 *
 * Errors: IMI_E_KEY; IMI_E_POLICY for witnesses that cannot be asked. A log that cannot be written
 *         is none.
 */
IMI_MUST_USE imi_status imi_log_keeper_new(const imi_log_keeper_options *options,
                                           imi_log_keeper **out, imi_error *err);
/** Bring in what is there already, and end. Accepts NULL, nulls the pointer. */
void imi_log_keeper_destroy(imi_log_keeper **keeper);
IMI_AUTO_DEFINE(imi_log_keeper, imi_log_keeper_destroy)

typedef enum imi_log_health {
    IMI_LOG_STARTING = 0,
    IMI_LOG_WRITING = 1, /* all is well */
    IMI_LOG_STANDING_BY = 2, /* another process writes */
    IMI_LOG_FAILING = 3, /* will be tried again */
    IMI_LOG_REWRITTEN = 4 /* somebody must look into it */
} imi_log_health;

/** Threads: safe. */
imi_log_health imi_log_keeper_health(imi_log_keeper *keeper);
/** The key that readers need. Owned by the keeper. */
const imi_note_key *imi_log_keeper_key(const imi_log_keeper *keeper);

/**
 * Append the receipt of a leaf and its event.
 *
 * Threads: safe.
 * Errors:  those of imi_ledger_receipt_of.
 */
IMI_MUST_USE imi_status imi_log_keeper_receipt(imi_log_keeper *keeper, const imi_leaf_record *leaf,
                                               imi_view event, imi_buffer *out, imi_error *err);

/** Name of the log of an issuer: its host and port, and "/log". Errors: IMI_E_POLICY. */
IMI_MUST_USE imi_status imi_log_origin(const char *issuer, char out[IMI_NOTE_NAME_SIZE],
                                       imi_error *err);

#endif
