/**
 * What the files of the keyring share: its parts, its signers, its changes.
 */
#ifndef IMI_TOKEN_KEYRING_PARTS_H
#define IMI_TOKEN_KEYRING_PARTS_H

#include "keyring_state.h"

#include <pthread.h>
#include <sys/stat.h>

enum { IMI_KEYRING_PATH_SIZE = 4096, IMI_KEYRING_OPTION_TEXTS = 5 };

/** Signers are only ever added: callers keep them. */
typedef struct imi_held_signer {
    imi_signer *signer;
    struct imi_held_signer *next;
} imi_held_signer;

struct imi_keyring {
    char *texts[IMI_KEYRING_OPTION_TEXTS]; /* what options points to */
    imi_keyring_options options;
    pthread_mutex_t lock; /* over what follows */
    imi_keyring_state state;
    struct stat read_from; /* the state file that state was read from */
    imi_held_signer *held;
};

/** Path of a file in the ring's folder. Errors: IMI_E_INVALID_ARGUMENT if it is too long. */
IMI_MUST_USE imi_status imi_keyring_path(const imi_keyring *ring, const char *name,
                                         char out[IMI_KEYRING_PATH_SIZE], imi_error *err);

/** Open the signer of an entry whose key_id may not be known yet, and hold it. */
IMI_MUST_USE imi_status imi_keyring_hold(imi_keyring *ring, const imi_keyring_entry *entry,
                                         imi_signer **borrowed_out, imi_error *err);
/** The signer of an entry, opened if need be. Errors: IMI_E_KEY if its key_id is another. */
IMI_MUST_USE imi_status imi_keyring_signer_of(imi_keyring *ring, const imi_keyring_entry *entry,
                                              imi_signer **borrowed_out, imi_error *err);

/** Take over the state file if it has changed. */
IMI_MUST_USE imi_status imi_keyring_read_state(imi_keyring *ring, imi_error *err);

/** Put a state into its file and into the ring; only within a change. */
IMI_MUST_USE imi_status imi_keyring_write_state(imi_keyring *ring, const imi_keyring_state *state,
                                                imi_error *err);

/** What is to change, as far as the change needs it. */
typedef struct imi_keyring_change {
    const char *algorithm, *key_label, *key_id;
    int64_t now_s;
    imi_keyring_entry *entry_out;
} imi_keyring_change;

typedef imi_status (*imi_keyring_apply)(imi_keyring *ring, const imi_keyring_change *what,
                                        imi_error *err);

/** Apply a change to the newest state, one at a time over all processes. */
IMI_MUST_USE imi_status imi_keyring_change_state(imi_keyring *ring, imi_keyring_apply apply,
                                                 const imi_keyring_change *what, imi_error *err);

/* Changes. */
IMI_MUST_USE imi_status imi_keyring_announce(imi_keyring *ring, const imi_keyring_change *what,
                                             imi_error *err);
IMI_MUST_USE imi_status imi_keyring_drop_key(imi_keyring *ring, const imi_keyring_change *what,
                                             imi_error *err);
/** What an opened ring needs: a key for every algorithm, retired ones for as long as it says. */
IMI_MUST_USE imi_status imi_keyring_provide(imi_keyring *ring, const imi_keyring_change *what,
                                            imi_error *err);

#endif
