#include "imid_data.h"

#include "imi/clock.h"
#include "imi/jws.h"
#include "imi/log.h"
#include "imi/memory.h"

#include "verifier/session/log_events.h"
#include "verifier/session/public_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    ALGORITHMS_MAX = 8, /* more than imi/jws.h has */
    KEEP_MARGIN_S = 24 * 3600 /* for verifiers whose clocks are behind */
};

imi_status imid_data_path(const imid_options *options, const char *name, char out[IMID_PATH_SIZE],
                          imi_error *err)
{
    int size = snprintf(out, IMID_PATH_SIZE, "%s/%s", options->data, name);
    if (size < 0 || size >= IMID_PATH_SIZE) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the path given with --data is too long");
    }
    return IMI_OK;
}

static imi_status make_data_folder(const imid_options *options, imi_error *err)
{
    if (mkdir(options->data, 0700) != 0 && errno != EEXIST) {
        IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot make the data folder %s: %s", options->data,
                         strerror(errno));
    }
    return IMI_OK;
}

static imi_status open_lock(const imid_options *options, const char *name, int *out, imi_error *err)
{
    char path[IMID_PATH_SIZE];
    IMI_TRY(imid_data_path(options, name, path, err));
    *out = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (*out < 0) {
        IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot write in the data folder: %s: %s", path,
                         strerror(errno));
    }
    return IMI_OK;
}

/*
 * One server a folder, unless all of them know of each other: they share the database well, but not
 * the captures that each has in memory. The lock ends with the process, however it ends.
 */
static imi_status lock_data_folder(imid_data *self, const imid_options *options, imi_error *err)
{
    IMI_TRY(open_lock(options, "lock", &self->lock, err));
    if (flock(self->lock, (options->shared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0) {
        IMI_FAIL_FOREIGN(err, IMI_E_CONFLICT, errno,
                         "another imid serves the data folder %s: stop it, give --data another, or "
                         "start both with --shared",
                         options->data);
    }
    return IMI_OK;
}

static imi_status issue_administrators(const imid_data *self, const imi_policy *policy,
                                       imi_error *err)
{
    const char *name = NULL;
    for (size_t i = 0; (name = imi_policy_administrator_at(policy, i)) != NULL; i++) {
        IMI_TRY(imi_pki_ensure_client(&self->pki, name, err));
    }
    return IMI_OK;
}

/* The secret is needed no longer than it takes to open the vault. */
static imi_status open_vault(imid_data *self, const imid_options *options, imi_error *err)
{
    char path[IMID_PATH_SIZE];
    uint8_t secret[IMI_SECRET_SIZE];
    IMI_TRY(imid_data_path(options, "wrapping-secret", path, err));
    IMI_TRY(imi_secret_file_load(path, secret, err));
    imi_status status = imid_data_path(options, "vault.db", path, err);
    if (status == IMI_OK) {
        status = imi_vault_open(path, secret, &self->vault, err);
    }
    imi_wipe(secret, sizeof secret);
    return status;
}

static imi_status open_store(imid_data *self, const imid_options *options, imi_error *err)
{
    char path[IMID_PATH_SIZE];
    IMI_TRY(open_vault(self, options, err));
    IMI_TRY(imid_data_path(options, "imi.db", path, err));
    return imi_store_sqlite_open(path, self->vault, &self->store, err);
}

static int64_t now_ms(void)
{
    return imi_clock_system()->unix_ms(imi_clock_system());
}

/* What a key signed must not outlive it in the key set. */
static int64_t keep_s(const imi_policy *policy)
{
    int64_t needed_s = imi_policy_longest_life_s(policy) + KEEP_MARGIN_S;
    return needed_s > IMI_KEYRING_KEEP_S ? needed_s : IMI_KEYRING_KEEP_S;
}

/* A key for every algorithm that a relying party has its tokens signed with, and for what is signed
 * for everybody. */
static imi_status open_keyring(imid_data *self, const imid_options *options,
                               const imi_policy *policy, imi_error *err)
{
    char folder[IMID_PATH_SIZE], first[IMID_PATH_SIZE];
    const char *algorithms[ALGORITHMS_MAX] = {IMI_STATUS_LIST_ALGORITHM};
    size_t count = 1;
    const imi_relying_party *party = NULL;
    for (size_t i = 0; (party = imi_policy_relying_party_at(policy, i)) != NULL; i++) {
        size_t known = 0;
        while (known < count && strcmp(algorithms[known], party->token_algorithm) != 0) {
            known++;
        }
        if (known == count && count < ALGORITHMS_MAX) {
            algorithms[count++] = party->token_algorithm;
        }
    }
    IMI_TRY(imid_data_path(options, "keys", folder, err));
    IMI_TRY(imid_data_path(options, "token-key.pem", first, err));
    imi_keyring_options keyring = {
        .folder = folder,
        .algorithms = algorithms,
        .algorithm_count = count,
        .first_key_path = first,
        .pass_phrase_path = imid_option_or_null(options->key_pass_phrase),
        .module_path = imid_option_or_null(options->pkcs11_module),
        .token_label = imid_option_or_null(options->pkcs11_token),
        .pin_path = imid_option_or_null(options->pkcs11_pin),
        .keep_s = keep_s(policy),
    };
    return imi_keyring_open(&keyring, now_ms() / 1000, &self->keyring, err);
}

/* Whatever is made at a first start; of several servers one at a time. */
static imi_status open_alone(imid_data *self, const imid_options *options, const imi_policy *policy,
                             imi_error *err)
{
    char path[IMID_PATH_SIZE];
    IMI_TRY(imi_pki_ensure(options->data, options->names, options->name_count, &self->pki, err));
    IMI_TRY(issue_administrators(self, policy, err));
    IMI_TRY(open_keyring(self, options, policy, err));
    IMI_TRY(imid_data_path(options, "subject-secret", path, err));
    IMI_TRY(imi_secret_file_load(path, self->subject_secret, err));
    IMI_TRY(open_store(self, options, err));
    return imi_log_policy_file(self->store, imi_policy_version(policy), now_ms(), err);
}

imi_status imid_data_open(const imid_options *options, const imi_policy *policy, imid_data *out,
                          imi_error *err)
{
    int start_lock = -1;
    IMI_TRY(make_data_folder(options, err));
    IMI_TRY(lock_data_folder(out, options, err));
    IMI_TRY(open_lock(options, "start-lock", &start_lock, err));
    flock(start_lock, LOCK_EX);
    imi_status status = open_alone(out, options, policy, err);
    close(start_lock);
    return status;
}

void imid_data_close(imid_data *data)
{
    imi_store_destroy(&data->store);
    imi_vault_close(&data->vault);
    imi_keyring_destroy(&data->keyring);
    imi_wipe(data->subject_secret, sizeof data->subject_secret);
    if (data->lock >= 0) {
        close(data->lock);
        data->lock = -1;
    }
}
