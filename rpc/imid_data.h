/** What imid keeps on disk: certificates, keys, secrets and the database, all in one folder. */
#ifndef IMI_RPC_IMID_DATA_H
#define IMI_RPC_IMID_DATA_H

#include "imid_options.h"

#include "imi/keyring.h"
#include "imi/policy.h"
#include "imi/store.h"
#include "imi/vault.h"
#include "rpc/pki.h"

enum { IMID_SECRET_SIZE = 32 };

/* Made and closed by the functions below alone; zero but for the lock before. */
typedef struct imid_data {
    int lock; /* descriptor; -1 = not held */
    imi_pki pki;
    uint8_t subject_secret[IMID_SECRET_SIZE];
    imi_keyring *keyring;
    imi_vault *vault;
    imi_store *store;
} imid_data;

/**
 * Open the folder and whatever it lacks; enters the policy's version in the public log.
 *
 * Errors: IMI_E_CONFLICT if another server has it for itself. What was opened until then is to be
 *         closed all the same.
 */
imi_status imid_data_open(const imid_options *options, const imi_policy *policy, imid_data *out,
                          imi_error *err);
void imid_data_close(imid_data *data);

/** out = --data/name. */
imi_status imid_data_path(const imid_options *options, const char *name, char out[IMID_PATH_SIZE],
                          imi_error *err);

#endif
