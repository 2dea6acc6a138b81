/** What the commands of imictl log share: a log from a folder or an address, and whom to trust. */
#ifndef IMI_IMICTL_LOG_VIEW_H
#define IMI_IMICTL_LOG_VIEW_H

#include "imi/ledger.h"
#include "imictl.h"

typedef struct log_options {
    const char *log; /* folder or address */
    const char *key; /* verifier key of the log */
    const char *witnesses; /* file of verifier keys, one a line, or NULL */
    const char *need; /* how many must have cosigned, or NULL */
    const char *ca;
    bool json;
} log_options;

/** Rows of an option table. */
#define IMICTL_LOG_TRUST_ROWS(options)                                                              \
    {"--key", &(options).key, NULL, true, "VKEY", "the log's key, name+hash+base64"},               \
        {"--witnesses", &(options).witnesses, NULL, false, "FILE", "witness keys, one a line"},     \
        {"--need", &(options).need, NULL, false, "N", "how many of them must have cosigned [all]"}, \
    {                                                                                               \
        "--json", NULL, &(options).json, false, NULL, "print one JSON object"                       \
    }
#define IMICTL_LOG_PLACE_ROWS(options)                                                             \
    {"--log", &(options).log, NULL, true, "DIR|URL", "where its files are"},                       \
    {                                                                                              \
        "--ca", &(options).ca, NULL, false, "FILE", "for a URL: who signed its certificate"        \
    }

/** An open log: where it is and whom to trust. Not to be copied: trust points into it. */
typedef struct log_view {
    imi_ledger_source source;
    const char *place, *ca;
    imi_note_key key, witnesses[IMI_LEDGER_WITNESSES_MAX];
    imi_ledger_trust trust;
} log_view;

/** Read the options. Errors: IMI_E_INVALID_ARGUMENT, IMI_E_LEDGER_FORMAT for a bad key. */
IMI_MUST_USE imi_status log_view_init(log_view *view, const log_options *options, imi_error *err);

/** The newest checkpoint: its note and what it says. IMI_E_LEDGER_WITNESS fills them too. */
IMI_MUST_USE imi_status log_view_checkpoint(log_view *view, imi_buffer *note_out,
                                            imi_checkpoint *out, size_t *cosigned_out,
                                            imi_error *err);

/**
 * Whether the newest tree continues an old one, by the log's own tiles.
 *
 * Errors: IMI_E_LEDGER_REWRITTEN if it does not; those of the source if tiles are missing.
 */
IMI_MUST_USE imi_status log_view_check_growth(log_view *view, const imi_checkpoint *old,
                                              const imi_checkpoint *newest, imi_error *err);

/** Whether a status says that the log is not what it should be; others mean no answer. */
bool log_is_refusal(imi_status status);

/** Print the outcome and return the exit code: success, a clear no, or no answer. */
int log_report(const imi_cli_spec *spec, bool json, imi_status status, const imi_error *error,
               const imi_checkpoint *checkpoint, size_t cosigned, const char *what);

#endif
