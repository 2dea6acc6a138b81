/**
 * Documents that anybody may read, as files: the key set and the status lists. The log's files are
 * kept beside them by log_keeper.h.
 *
 *   jwks.json    the key set, when it changes
 *   status/N     status list N, signed anew when a status changes and once in its ttl
 *
 * What comes into the key set or leaves it is logged in the public log first.
 * Processes: those that share a folder may all refresh it.
 */
#ifndef IMI_SESSION_PUBLIC_FILES_H
#define IMI_SESSION_PUBLIC_FILES_H

#include "imi/clock.h"
#include "imi/keyring.h"
#include "imi/policy.h"
#include "imi/store.h"

typedef struct imi_public_files imi_public_files;

/** Parts are borrowed and outlive the object. */
typedef struct imi_public_files_options {
    imi_store *store;
    imi_clock *clock;
    imi_keyring *keyring; /* with a key for ES256, which signs status lists */
    const imi_policy *policy;
    const char *folder; /* made if missing */
} imi_public_files_options;

IMI_MUST_USE imi_status imi_public_files_new(const imi_public_files_options *options,
                                             imi_public_files **out, imi_error *err);
void imi_public_files_destroy(imi_public_files **files);
IMI_AUTO_DEFINE(imi_public_files, imi_public_files_destroy)

/**
 * Write what has changed; call about once a second, from one thread. After a failure the files
 * are as they were, and the next call tries again.
 */
IMI_MUST_USE imi_status imi_public_files_refresh(imi_public_files *files, imi_error *err);

/** Algorithm of the status lists. */
#define IMI_STATUS_LIST_ALGORITHM "ES256"

enum { IMI_STATUS_LIST_TTL_S = 60, IMI_STATUS_LIST_LIFE_S = 24 * 3600 };

#endif
