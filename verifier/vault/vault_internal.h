/**
 * What the files of the vault share.
 */
#ifndef IMI_VAULT_INTERNAL_H
#define IMI_VAULT_INTERNAL_H

#include "imi/vault.h"
#include "seal.h"
#include "verifier/sqlite/edge.h"

#include <pthread.h>

/** Statements that are kept prepared. */
typedef enum vault_sql {
    VAULT_SQL_FIND = 0, /* key id of a subject's digest */
    VAULT_SQL_ADD,
    VAULT_SQL_GET, /* wrapped key of a key id */
    VAULT_SQL_DESTROY,
    VAULT_SQL_COUNT
} vault_sql;

struct imi_vault {
    pthread_mutex_t mutex; /* guards db and statements */
    sqlite3 *db;
    sqlite3_stmt *statements[VAULT_SQL_COUNT];
    EVP_CIPHER *cipher; /* fetched once: fetching costs more than sealing */
    uint8_t wrapping_key[IMI_SEAL_KEY_SIZE]; /* wraps data keys */
    uint8_t lookup_key[IMI_SEAL_KEY_SIZE]; /* turns names of subjects into digests */
};

#endif
