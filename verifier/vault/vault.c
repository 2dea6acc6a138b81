#include "vault_internal.h"

#include "imi/memory.h"
#include "verifier/crypto/openssl.h"

/* "IMIV": tells vaults from other databases. */
enum { APPLICATION_ID = 0x494D4956 };

/* A released migration is never edited; a change is a new text at the end. */
static const char *const migrations[] = {
    /* subject: digest of relying party and subject under a secret, so that the table names
     * nobody. mark: something known, sealed, that tells whether a secret is the right one. */
    "CREATE TABLE data_key (key_id TEXT PRIMARY KEY, subject BLOB NOT NULL UNIQUE, "
    "wrapped BLOB NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE vault (one INTEGER PRIMARY KEY CHECK (one = 1), mark BLOB NOT NULL) STRICT;",
};

static const char *const texts[VAULT_SQL_COUNT] = {
    [VAULT_SQL_FIND] = "SELECT key_id FROM data_key WHERE subject = ?",
    /* Whoever comes second takes the key that is there. */
    [VAULT_SQL_ADD] = "INSERT INTO data_key (key_id, subject, wrapped) VALUES (?, ?, ?) "
                      "ON CONFLICT (subject) DO UPDATE SET subject = subject RETURNING key_id",
    [VAULT_SQL_GET] = "SELECT wrapped FROM data_key WHERE key_id = ?",
    [VAULT_SQL_DESTROY] = "DELETE FROM data_key WHERE key_id = ?",
};

static const char mark_text[] = "the secret that wraps these keys";
static const char mark_context[] = "vault";

static imi_status derive_keys(imi_vault *vault, const uint8_t secret[IMI_SECRET_SIZE],
                              imi_error *err)
{
    imi_view key = {secret, IMI_SECRET_SIZE};
    IMI_TRY(imi_hmac_sha256(key, imi_view_of_text("imi-vault-wrap-v1"), vault->wrapping_key, err));
    return imi_hmac_sha256(key, imi_view_of_text("imi-vault-lookup-v1"), vault->lookup_key, err);
}

static imi_status prepare(imi_vault *vault, imi_error *err)
{
    for (size_t i = 0; i < VAULT_SQL_COUNT; i++) {
        int code = sqlite3_prepare_v3(vault->db, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                                      &vault->statements[i], NULL);
        if (code != SQLITE_OK) {
            IMI_SQLITE_FAIL(err, vault->db, code, "cannot prepare the vault");
        }
    }
    return IMI_OK;
}

/*
 * No write-ahead log: destroyed keys would lie in it until no process reads any more. A rollback
 * journal holds them too, but only until the transaction ends, and EXTRA makes its end durable:
 * a journal that came back with a power cut would bring the keys back.
 */
static imi_status open_database(imi_vault *vault, const char *path, imi_error *err)
{
    imi_sqlite_schema schema = {APPLICATION_ID, migrations,
                                sizeof migrations / sizeof migrations[0]};
    IMI_TRY(imi_sqlite_create_private(path, err));
    IMI_TRY(imi_sqlite_open(path, &vault->db, err));
    IMI_TRY(imi_sqlite_set_journal(vault->db, "DELETE", err));
    IMI_TRY(imi_sqlite_configure(vault->db, err));
    /* cache_size: 16 MiB, the keys of some 100 000 subjects; calibrations read all of them. */
    IMI_TRY(imi_sqlite_run(vault->db, "PRAGMA synchronous = EXTRA; PRAGMA cache_size = -16384",
                           "cannot configure the vault", err));
    IMI_TRY(imi_sqlite_check_pages(vault->db, err));
    IMI_TRY(imi_sqlite_migrate(vault->db, &schema, err));
    return prepare(vault, err);
}

/* Run a statement of opening; what it reads, if anything, is appended to out. */
static imi_status run_once(sqlite3 *db, const char *sql, imi_view value, imi_buffer *out,
                           imi_error *err)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    if (code != SQLITE_OK) {
        IMI_SQLITE_FAIL(err, db, code, "cannot read the vault");
    }
    imi_status status = IMI_OK;
    bool found = false;
    imi_binder binder = imi_binder_start(statement);
    if (sqlite3_bind_parameter_count(statement) > 0) {
        imi_bind_blob(&binder, value);
        status = imi_binder_end(&binder, err);
    }
    status = status == IMI_OK ? imi_statement_step(statement, &found, err) : status;
    if (status == IMI_OK && found) {
        imi_columns columns = imi_columns_start(statement);
        imi_view read = imi_read_view(&columns);
        status = imi_columns_end(&columns, err);
        status = status == IMI_OK ? imi_buffer_append(out, read, err) : status;
    }
    sqlite3_finalize(statement);
    return status;
}

static imi_status add_mark(imi_vault *vault, imi_error *err)
{
    IMI_AUTO_BUFFER mark = IMI_BUFFER_INIT;
    IMI_TRY(imi_seal(vault->cipher, vault->wrapping_key, mark_context, imi_view_of_text(mark_text),
                     &mark, err));
    return run_once(vault->db, "INSERT INTO vault (one, mark) VALUES (1, ?) ON CONFLICT DO NOTHING",
                    imi_buffer_view(&mark), NULL, err);
}

static imi_status check_secret(imi_vault *vault, imi_error *err)
{
    static const char read[] = "SELECT mark FROM vault";
    IMI_AUTO_BUFFER mark = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_TRY(run_once(vault->db, read, (imi_view){NULL, 0}, &mark, err));
    if (mark.size == 0) {
        IMI_TRY(add_mark(vault, err));
        IMI_TRY(run_once(vault->db, read, (imi_view){NULL, 0}, &mark, err));
    }
    imi_status status = imi_unseal(vault->cipher, vault->wrapping_key, mark_context,
                                   imi_buffer_view(&mark), &text, err);
    if (status == IMI_E_STORE_CORRUPT) {
        IMI_FAIL(err, IMI_E_KEY, "the wrapping secret is not the one that the vault was made with");
    }
    return status;
}

imi_status imi_vault_open(const char *path, const uint8_t wrapping_secret[IMI_SECRET_SIZE],
                          imi_vault **out, imi_error *err)
{
    *out = NULL;
    if (wrapping_secret == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a vault needs a wrapping secret");
    }
    IMI_TRY(imi_sqlite_prepare_library(err));
    IMI_AUTO(imi_vault) vault = imi_alloc(sizeof *vault);
    if (vault == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a vault");
    }
    pthread_mutex_init(&vault->mutex, NULL);
    vault->cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    if (vault->cipher == NULL) {
        IMI_CRYPTO_FAIL(err, IMI_E_CRYPTO, "AES-256-GCM is missing");
    }
    IMI_TRY(derive_keys(vault, wrapping_secret, err));
    IMI_TRY(open_database(vault, path, err));
    IMI_TRY(check_secret(vault, err));
    *out = IMI_STEAL(&vault);
    return IMI_OK;
}

void imi_vault_close(imi_vault **vault)
{
    imi_vault *closed = *vault;
    if (closed == NULL) {
        return;
    }
    for (size_t i = 0; i < VAULT_SQL_COUNT; i++) {
        sqlite3_finalize(closed->statements[i]);
    }
    sqlite3_close(closed->db);
    EVP_CIPHER_free(closed->cipher);
    pthread_mutex_destroy(&closed->mutex);
    imi_wipe(closed, sizeof *closed);
    imi_free(closed);
    *vault = NULL;
}
