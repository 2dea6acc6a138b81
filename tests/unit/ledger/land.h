/**
 * A land of made-up logs for tests: entries, naive trees, folders, keys, witnesses.
 */
#ifndef IMI_TESTS_LEDGER_LAND_H
#define IMI_TESTS_LEDGER_LAND_H

#include "imi/ledger.h"
#include "imi/ledger_witness.h"

#define LAND_ORIGIN "imi.example/log"

/** cmocka set-up and tear-down: an empty folder of the test's own. */
int land_set_up(void **state);
int land_tear_down(void **state);
/** Path in that folder; static storage, eight of them at once. */
const char *land_path(const char *name);
void land_write(const char *name, imi_view contents);
void land_read(const char *name, imi_buffer *out);
bool land_exists(const char *name);
/** Copy a folder of the test's with all below it. */
void land_copy(const char *from, const char *to);

/** Entry number index of a history. Histories differ from `fork_at` on. */
typedef struct land_history {
    uint64_t fork_at; /* UINT64_MAX: the true one */
} land_history;
#define LAND_TRUE                                                                                  \
    (land_history)                                                                                 \
    {                                                                                              \
        UINT64_MAX                                                                                 \
    }
imi_ledger_entry land_entry(land_history history, uint64_t index);
/** Root by the definition of RFC 6962, of the entries from start to end. */
imi_ledger_hash land_root(land_history history, uint64_t start, uint64_t end);

/** Options of the log in folder name, its key beside it. */
imi_ledger_options land_options(const char *name);
/** Open that log; it must succeed. */
imi_ledger *land_open(const char *name);
/** Integrate entries up to size in steps of at most step. */
void land_grow(imi_ledger *ledger, land_history history, uint64_t size, size_t step);
/** Its signed checkpoint. */
void land_checkpoint(imi_ledger *ledger, imi_buffer *note_out, imi_checkpoint *out);
/** A folder as a source; static storage, one at a time. */
imi_ledger_source *land_source(const char *name);

/** A witness with its folder and key, for the logs. */
imi_witness *land_witness(const char *name, const imi_note_key *logs, size_t count,
                          imi_clock *clock);
/** Public key of that witness or log, without opening it. */
imi_note_key land_key(const char *name, imi_note_algorithm algorithm);
/** Ask for a cosignature; returns the HTTP code. source: where proofs come from. */
unsigned land_ask(imi_witness *witness, imi_ledger_source *source, uint64_t old_size, imi_view note,
                  imi_buffer *body_out);

imi_view land_text(const char *text);

#endif
