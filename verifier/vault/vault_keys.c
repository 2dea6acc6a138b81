#include "vault_internal.h"

#include "imi/memory.h"

static const char prefix[] = "key";

/* Digest that a subject is looked up by: neither the name nor a guess at it can be checked
 * against the table without the wrapping secret. */
static imi_status digest_subject(const imi_vault *vault, const char *relying_party,
                                 const char *subject_id, uint8_t out[IMI_SHA256_SIZE],
                                 imi_error *err)
{
    if (relying_party == NULL || relying_party[0] == '\0' || subject_id == NULL ||
        subject_id[0] == '\0') {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a data key belongs to a relying party's subject");
    }
    IMI_AUTO_BUFFER name = IMI_BUFFER_INIT;
    IMI_TRY(imi_buffer_append_text(&name, relying_party, err));
    IMI_TRY(imi_buffer_append(&name, (imi_view){(const uint8_t *)"", 1}, err));
    IMI_TRY(imi_buffer_append_text(&name, subject_id, err));
    return imi_hmac_sha256((imi_view){vault->lookup_key, sizeof vault->lookup_key},
                           imi_buffer_view(&name), out, err);
}

static imi_status read_id(sqlite3_stmt *statement, char out[IMI_ID_SIZE], imi_error *err)
{
    imi_columns columns = imi_columns_start(statement);
    imi_read_text(&columns, out, IMI_ID_SIZE);
    return imi_columns_end(&columns, err);
}

static imi_status find_key(imi_vault *vault, imi_view subject, bool *found_out,
                           char key_id_out[IMI_ID_SIZE], imi_error *err)
{
    IMI_AUTO_STATEMENT statement = vault->statements[VAULT_SQL_FIND];
    imi_binder binder = imi_binder_start(statement);
    imi_bind_blob(&binder, subject);
    IMI_TRY(imi_binder_end(&binder, err));
    IMI_TRY(imi_statement_step(statement, found_out, err));
    return *found_out ? read_id(statement, key_id_out, err) : IMI_OK;
}

static imi_status wrap_fresh_key(const imi_vault *vault, const char *key_id, imi_buffer *out,
                                 imi_error *err)
{
    uint8_t key[IMI_SEAL_KEY_SIZE] = {0};
    imi_status status = imi_random(key, sizeof key, err);
    if (status == IMI_OK) {
        status = imi_seal(vault->cipher, vault->wrapping_key, key_id, (imi_view){key, sizeof key},
                          out, err);
    }
    imi_wipe(key, sizeof key);
    return status;
}

static imi_status add_key(imi_vault *vault, imi_view subject, char key_id_out[IMI_ID_SIZE],
                          imi_error *err)
{
    char key_id[IMI_ID_SIZE];
    IMI_AUTO_BUFFER wrapped = IMI_BUFFER_INIT;
    IMI_TRY(imi_id_new(prefix, key_id, err));
    IMI_TRY(wrap_fresh_key(vault, key_id, &wrapped, err));
    IMI_AUTO_STATEMENT statement = vault->statements[VAULT_SQL_ADD];
    imi_binder binder = imi_binder_start(statement);
    IMI_BIND_ARRAY(&binder, key_id);
    imi_bind_blob(&binder, subject);
    imi_bind_blob(&binder, imi_buffer_view(&wrapped));
    IMI_TRY(imi_binder_end(&binder, err));
    bool found = false;
    char made[IMI_ID_SIZE];
    IMI_TRY(imi_statement_step(statement, &found, err));
    IMI_TRY(read_id(statement, made, err));
    /* The row is there; only the last step makes it durable. */
    IMI_TRY(imi_statement_step(statement, &found, err));
    imi_copy(key_id_out, made, sizeof made);
    return IMI_OK;
}

static imi_status find_or_add(imi_vault *vault, imi_view subject, bool make,
                              char key_id_out[IMI_ID_SIZE], imi_error *err)
{
    bool found = false;
    IMI_TRY(find_key(vault, subject, &found, key_id_out, err));
    if (!found && !make) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "the subject has no data key");
    }
    return found ? IMI_OK : add_key(vault, subject, key_id_out, err);
}

imi_status imi_vault_find_key(imi_vault *vault, const char *relying_party, const char *subject_id,
                              bool make, char key_id_out[IMI_ID_SIZE], imi_error *err)
{
    uint8_t subject[IMI_SHA256_SIZE];
    key_id_out[0] = '\0';
    IMI_TRY(digest_subject(vault, relying_party, subject_id, subject, err));
    pthread_mutex_lock(&vault->mutex);
    imi_status status =
        find_or_add(vault, (imi_view){subject, sizeof subject}, make, key_id_out, err);
    pthread_mutex_unlock(&vault->mutex);
    if (status != IMI_OK) {
        key_id_out[0] = '\0';
    }
    return status;
}

enum { WRAPPED_SIZE = IMI_SEAL_KEY_SIZE + IMI_SEAL_OVERHEAD };

typedef struct wrapped_key {
    uint8_t bytes[WRAPPED_SIZE];
    size_t size; /* 0: there is none */
} wrapped_key;

static imi_status read_wrapped(imi_vault *vault, const char *key_id, wrapped_key *out,
                               imi_error *err)
{
    IMI_AUTO_STATEMENT statement = vault->statements[VAULT_SQL_GET];
    IMI_TRY(imi_bind_one_text(statement, key_id, IMI_ID_SIZE, err));
    bool found = false;
    IMI_TRY(imi_statement_step(statement, &found, err));
    if (!found) {
        return IMI_OK;
    }
    imi_columns columns = imi_columns_start(statement);
    imi_read_blob(&columns, out->bytes, sizeof out->bytes, &out->size);
    return imi_columns_end(&columns, err);
}

static imi_status read_group(imi_vault *vault, const char (*key_ids)[IMI_ID_SIZE], size_t count,
                             wrapped_key *out, imi_error *err)
{
    for (size_t i = 0; i < count; i++) {
        IMI_TRY(read_wrapped(vault, key_ids[i], &out[i], err));
    }
    return IMI_OK;
}

/* Most of what reading one costs is the file's lock, so a group is read under one. */
static imi_status read_locked(imi_vault *vault, const char (*key_ids)[IMI_ID_SIZE], size_t count,
                              wrapped_key *out, imi_error *err)
{
    static const char what[] = "cannot read data keys";
    IMI_TRY(imi_sqlite_run(vault->db, "BEGIN", what, err));
    imi_status status = read_group(vault, key_ids, count, out, err);
    imi_status ended = imi_sqlite_run(vault->db, "COMMIT", what, status == IMI_OK ? err : NULL);
    return status == IMI_OK ? ended : status;
}

static imi_status unwrap_key(const imi_vault *vault, const char *key_id, const wrapped_key *wrapped,
                             imi_vault_key *out, imi_error *err)
{
    if (wrapped->size == 0) {
        return IMI_OK;
    }
    IMI_AUTO_BUFFER key = IMI_BUFFER_INIT;
    IMI_TRY(imi_unseal(vault->cipher, vault->wrapping_key, key_id,
                       (imi_view){wrapped->bytes, wrapped->size}, &key, err));
    if (key.size != sizeof out->bytes) {
        IMI_FAIL(err, IMI_E_STORE_CORRUPT, "a data key does not have the size of one");
    }
    imi_copy(out->bytes, key.data, sizeof out->bytes);
    out->found = true;
    return IMI_OK;
}

/* Read each time and kept nowhere: a key that another process destroyed is gone at once. */
static imi_status read_keys(imi_vault *vault, const char (*key_ids)[IMI_ID_SIZE], size_t count,
                            wrapped_key *wrapped, imi_vault_key *out, imi_error *err)
{
    imi_wipe(out, count * sizeof *out);
    pthread_mutex_lock(&vault->mutex);
    imi_status status = count == 1 ? read_group(vault, key_ids, count, wrapped, err)
                                   : read_locked(vault, key_ids, count, wrapped, err);
    pthread_mutex_unlock(&vault->mutex);
    for (size_t i = 0; i < count && status == IMI_OK; i++) {
        status = unwrap_key(vault, key_ids[i], &wrapped[i], &out[i], err);
    }
    if (status != IMI_OK) {
        imi_wipe(out, count * sizeof *out);
    }
    return status;
}

imi_status imi_vault_read_keys(imi_vault *vault, const char (*key_ids)[IMI_ID_SIZE], size_t count,
                               imi_vault_key *out, imi_error *err)
{
    wrapped_key *wrapped = imi_alloc_array(count, sizeof *wrapped);
    if (wrapped == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for data keys");
    }
    imi_status status = read_keys(vault, key_ids, count, wrapped, out, err);
    imi_free(wrapped);
    return status;
}

static imi_status read_key(imi_vault *vault, const char *key_id, imi_vault_key *out, imi_error *err)
{
    char ids[1][IMI_ID_SIZE];
    wrapped_key wrapped = {.size = 0};
    *out = (imi_vault_key){.found = false};
    if (key_id == NULL || !imi_copy_text(ids[0], sizeof ids[0], key_id)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "this is no data key's id");
    }
    return read_keys(vault, (const char(*)[IMI_ID_SIZE])ids, 1, &wrapped, out, err);
}

static imi_status check_found(const imi_vault_key *key, imi_error *err)
{
    if (!key->found) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "the data key was destroyed");
    }
    return IMI_OK;
}

imi_status imi_vault_seal(imi_vault *vault, const char *key_id, const char *context, imi_view plain,
                          imi_buffer *out, imi_error *err)
{
    imi_vault_key key;
    imi_status status = read_key(vault, key_id, &key, err);
    status = status == IMI_OK ? check_found(&key, err) : status;
    status =
        status == IMI_OK ? imi_seal(vault->cipher, key.bytes, context, plain, out, err) : status;
    imi_wipe(&key, sizeof key);
    return status;
}

imi_status imi_vault_unseal_with(imi_vault *vault, const imi_vault_key *key, const char *context,
                                 imi_view sealed, imi_buffer *out, imi_error *err)
{
    IMI_TRY(check_found(key, err));
    return imi_unseal(vault->cipher, key->bytes, context, sealed, out, err);
}

imi_status imi_vault_unseal(imi_vault *vault, const char *key_id, const char *context,
                            imi_view sealed, imi_buffer *out, imi_error *err)
{
    imi_vault_key key;
    imi_status status = read_key(vault, key_id, &key, err);
    status =
        status == IMI_OK ? imi_vault_unseal_with(vault, &key, context, sealed, out, err) : status;
    imi_wipe(&key, sizeof key);
    return status;
}

static imi_status destroy_key(imi_vault *vault, const char *key_id, imi_error *err)
{
    IMI_AUTO_STATEMENT statement = vault->statements[VAULT_SQL_DESTROY];
    IMI_TRY(imi_bind_one_text(statement, key_id, IMI_ID_SIZE, err));
    bool found = false;
    IMI_TRY(imi_statement_step(statement, &found, err));
    if (sqlite3_changes(vault->db) == 0) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "the data key was destroyed before");
    }
    return IMI_OK;
}

imi_status imi_vault_destroy_key(imi_vault *vault, const char *key_id, imi_error *err)
{
    pthread_mutex_lock(&vault->mutex);
    imi_status status = destroy_key(vault, key_id, err);
    pthread_mutex_unlock(&vault->mutex);
    return status;
}
