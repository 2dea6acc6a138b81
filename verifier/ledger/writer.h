/** Inside of a log that is written. */
#ifndef IMI_LEDGER_WRITER_H
#define IMI_LEDGER_WRITER_H

#include "imi/ledger.h"

#include <pthread.h>

/* Files of notes: the newest, and the newest with as many cosignatures as receipts need. */
#define IMI_LEDGER_PUBLISHED "checkpoint"
#define IMI_LEDGER_WITNESSED "witnessed"

/** A checkpoint of ours and the note that carries it. */
typedef struct imi_signed_checkpoint {
    imi_checkpoint checkpoint;
    imi_buffer note; /* empty: there is none */
} imi_signed_checkpoint;

struct imi_ledger {
    imi_ledger_folder folder;
    imi_note_signer *signer;
    int lock_fd; /* one writer a folder */
    bool unsettled; /* an attempt to integrate may have ended half-way; its caller's alone */
    imi_note_key witnesses[IMI_LEDGER_WITNESSES_MAX];
    size_t witness_count, witnesses_needed;
    pthread_mutex_t publishing; /* guards the files `checkpoint` and `witnessed` */
    pthread_mutex_t state; /* guards what follows; no file is touched under it */
    imi_signed_checkpoint published; /* the newest */
    imi_signed_checkpoint witnessed; /* the newest that is good for receipts */
};

/** Read back what was published, and compare it with the tiles. */
IMI_MUST_USE imi_status imi_ledger_load_published(imi_ledger *ledger, imi_error *err);
/** Sign and publish the tree of that size, whose tiles are durable. */
IMI_MUST_USE imi_status imi_ledger_publish(imi_ledger *ledger, uint64_t size, imi_error *err);
/** A copy of one of the two; owned by the caller. */
IMI_MUST_USE imi_status imi_ledger_copy_signed(imi_ledger *ledger, const imi_signed_checkpoint *of,
                                               imi_signed_checkpoint *out, imi_error *err);
void imi_signed_checkpoint_clean_up(imi_signed_checkpoint *self);

#define IMI_AUTO_SIGNED_CHECKPOINT                                                                 \
    __attribute__((cleanup(imi_signed_checkpoint_clean_up))) imi_signed_checkpoint

#endif
