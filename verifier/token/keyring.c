#include "imi/keyring.h"

#include "imi/crypto.h"
#include "key_pem.h"
#include "keyring_state.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STATE_FILE_MAX = 65536, PATH_SIZE = 4096, OPTION_TEXTS = 5 };

/* Signers are only ever added: callers keep them. */
typedef struct held_signer {
    imi_signer *signer;
    struct held_signer *next;
} held_signer;

struct imi_keyring {
    char *texts[OPTION_TEXTS]; /* what options points to */
    imi_keyring_options options;
    pthread_mutex_t lock; /* over what follows */
    imi_keyring_state state;
    struct stat read_from; /* the state file that state was read from */
    held_signer *held;
};

static imi_status path_in(const imi_keyring *ring, const char *name, char out[PATH_SIZE],
                          imi_error *err)
{
    int size = snprintf(out, PATH_SIZE, "%s/%s", ring->options.folder, name);
    if (size < 0 || size >= PATH_SIZE) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the keyring's path is too long");
    }
    return IMI_OK;
}

/* --- Signers -------------------------------------------------------------------------------- */

static imi_signer *find_held(const imi_keyring *ring, const char *key_id)
{
    for (held_signer *held = ring->held; held != NULL; held = held->next) {
        if (strcmp(held->signer->key_id, key_id) == 0) {
            return held->signer;
        }
    }
    return NULL;
}

static imi_status open_source(const imi_keyring *ring, const imi_keyring_entry *entry,
                              imi_signer **out, imi_error *err)
{
    const imi_keyring_options *options = &ring->options;
    if (strcmp(entry->source, "pkcs11") == 0) {
        imi_signer_pkcs11_options token = {options->module_path, options->token_label, entry->name,
                                           entry->algorithm, options->pin_path};
        return imi_signer_pkcs11_open(&token, out, err);
    }
    char path[PATH_SIZE];
    IMI_TRY(path_in(ring, entry->name, path, err));
    imi_signer_file_options file = {path, entry->algorithm, options->pass_phrase_path};
    return imi_signer_file_open(&file, out, err);
}

static imi_status hold(imi_keyring *ring, const imi_keyring_entry *entry, imi_signer **borrowed_out,
                       imi_error *err)
{
    IMI_AUTO(imi_signer) signer = NULL;
    IMI_TRY(open_source(ring, entry, &signer, err));
    held_signer *held = imi_alloc(sizeof *held);
    if (held == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a signer");
    }
    *held = (held_signer){IMI_STEAL(&signer), ring->held};
    ring->held = held;
    *borrowed_out = held->signer;
    return IMI_OK;
}

static imi_status signer_of(imi_keyring *ring, const imi_keyring_entry *entry,
                            imi_signer **borrowed_out, imi_error *err)
{
    *borrowed_out = find_held(ring, entry->key_id);
    if (*borrowed_out == NULL) {
        IMI_TRY(hold(ring, entry, borrowed_out, err));
    }
    if (strcmp((*borrowed_out)->key_id, entry->key_id) != 0) {
        *borrowed_out = NULL;
        IMI_FAIL(err, IMI_E_KEY, "the key %s is not the one that the keyring knows", entry->name);
    }
    return IMI_OK;
}

/* --- The state file ------------------------------------------------------------------------- */

/* Renaming gives a changed file another inode, and time and size tell reused ones apart. */
static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static imi_status read_state(imi_keyring *ring, imi_error *err)
{
    char path[PATH_SIZE];
    struct stat now = {0};
    IMI_TRY(path_in(ring, "keys.json", path, err));
    if (stat(path, &now) == 0 && is_same_file(&now, &ring->read_from)) {
        return IMI_OK;
    }
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    imi_status status = imi_private_file_read(path, STATE_FILE_MAX, &text, err);
    if (status == IMI_E_NOT_FOUND && ring->state.count == 0) {
        return IMI_OK; /* the first start */
    }
    IMI_TRY(status);
    imi_keyring_state state;
    IMI_TRY(imi_keyring_state_parse(imi_buffer_view(&text), &state, err));
    ring->state = state;
    /* Of before it was read: should it have changed meanwhile, it is read once more. */
    ring->read_from = now;
    return IMI_OK;
}

static imi_status write_state(imi_keyring *ring, const imi_keyring_state *state, imi_error *err)
{
    char path[PATH_SIZE];
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_TRY(path_in(ring, "keys.json", path, err));
    IMI_TRY(imi_keyring_state_render(state, &text, err));
    IMI_TRY(imi_file_write(path, imi_buffer_view(&text), 0600, err));
    ring->state = *state;
    return IMI_OK;
}

/* --- Changes: one at a time over all threads and processes ------------------------------------ */

/* A file of its own: making a key file locks the folder itself. */
static imi_status take_lock(imi_keyring *ring, int *fd_out, imi_error *err)
{
    char path[PATH_SIZE];
    IMI_TRY(path_in(ring, "lock", path, err));
    *fd_out = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*fd_out < 0 || flock(*fd_out, LOCK_EX) != 0) {
        IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot lock the keyring %s: %s",
                         ring->options.folder, strerror(errno));
    }
    return IMI_OK;
}

typedef struct change {
    const char *algorithm, *key_label, *key_id;
    int64_t now_s;
    imi_keyring_entry *entry_out;
} change;

typedef imi_status (*apply_change)(imi_keyring *ring, const change *what, imi_error *err);

static imi_status with_lock(imi_keyring *ring, apply_change apply, const change *what,
                            imi_error *err)
{
    int fd = -1;
    imi_status status = take_lock(ring, &fd, err);
    if (status == IMI_OK) {
        status = read_state(ring, err);
    }
    if (status == IMI_OK) {
        status = apply(ring, what, err);
    }
    if (fd >= 0) {
        close(fd);
    }
    return status;
}

/* The PEM of the installation's only key so far, sealed as the ring's keys are. */
static imi_status adopt_first_key(imi_keyring *ring, const char *path, imi_error *err)
{
    IMI_AUTO_BUFFER pem = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER sealed = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER pass_phrase = IMI_BUFFER_INIT;
    IMI_AUTO_PKEY key = NULL;
    const imi_keyring_options *options = &ring->options;
    imi_status status =
        imi_private_file_read(options->first_key_path, IMI_PEM_BYTES_MAX, &pem, err);
    if (status == IMI_E_NOT_FOUND) {
        return IMI_OK;
    }
    IMI_TRY(status);
    IMI_TRY(imi_key_pem_parse(imi_algorithm_named("ES256"), (imi_view){0}, imi_buffer_view(&pem),
                              options->first_key_path, &key, err));
    if (options->pass_phrase_path != NULL) {
        IMI_TRY(imi_pass_phrase_read(options->pass_phrase_path, &pass_phrase, err));
    }
    IMI_TRY(imi_key_pem_render(key, imi_buffer_view(&pass_phrase), &sealed, err));
    return imi_file_write(path, imi_buffer_view(&sealed), 0600, err);
}

/* Where the new key lies. A file is made when its signer is opened. */
static imi_status choose_source(imi_keyring *ring, const change *what, imi_keyring_entry *out,
                                imi_error *err)
{
    imi_copy_text(out->algorithm, sizeof out->algorithm, what->algorithm);
    if (what->key_label != NULL) {
        imi_copy_text(out->source, sizeof out->source, "pkcs11");
        if (!imi_copy_text(out->name, sizeof out->name, what->key_label)) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the key's label is too long");
        }
        return IMI_OK;
    }
    char id[IMI_ID_SIZE], path[PATH_SIZE];
    imi_copy_text(out->source, sizeof out->source, "file");
    IMI_TRY(imi_id_new("key", id, err));
    snprintf(out->name, sizeof out->name, "%s.pem", id);
    IMI_TRY(path_in(ring, out->name, path, err));
    bool is_first = ring->state.count == 0 && strcmp(what->algorithm, "ES256") == 0;
    return is_first && ring->options.first_key_path != NULL ? adopt_first_key(ring, path, err)
                                                            : IMI_OK;
}

static imi_status announce(imi_keyring *ring, const change *what, imi_error *err)
{
    if (imi_keyring_state_waiting(&ring->state, what->algorithm, what->now_s) != NULL) {
        IMI_FAIL(err, IMI_E_CONFLICT, "a key for %s is announced and does not sign yet",
                 what->algorithm);
    }
    imi_keyring_entry key = {0};
    imi_signer *signer = NULL;
    IMI_TRY(choose_source(ring, what, &key, err));
    IMI_TRY(hold(ring, &key, &signer, err));
    imi_copy_text(key.key_id, sizeof key.key_id, signer->key_id);
    imi_keyring_state state = ring->state;
    imi_keyring_entry fresh;
    IMI_TRY(imi_keyring_state_announce(&state, &key, what->now_s, ring->options.overlap_s,
                                       ring->options.keep_s, &fresh, err));
    IMI_TRY(write_state(ring, &state, err));
    if (what->entry_out != NULL) {
        *what->entry_out = fresh;
    }
    return IMI_OK;
}

static imi_status drop(imi_keyring *ring, const change *what, imi_error *err)
{
    imi_keyring_state state = ring->state;
    IMI_TRY(imi_keyring_state_drop(&state, what->key_id, what->now_s, err));
    return write_state(ring, &state, err);
}

static imi_status provide_first_keys(imi_keyring *ring, const change *what, imi_error *err)
{
    for (size_t i = 0; i < ring->options.algorithm_count; i++) {
        change first = {.algorithm = ring->options.algorithms[i], .now_s = what->now_s};
        if (imi_keyring_state_signing(&ring->state, first.algorithm, what->now_s) == NULL) {
            IMI_TRY(announce(ring, &first, err));
        }
    }
    return IMI_OK;
}

/* --- Opening ---------------------------------------------------------------------------------- */

static imi_status keep_texts(imi_keyring *ring, const imi_keyring_options *options, imi_error *err)
{
    const char *given[OPTION_TEXTS] = {options->folder, options->pass_phrase_path,
                                       options->module_path, options->token_label,
                                       options->pin_path};
    for (size_t i = 0; i < OPTION_TEXTS; i++) {
        ring->texts[i] = given[i] == NULL ? NULL : imi_strdup(given[i]);
        if (given[i] != NULL && ring->texts[i] == NULL) {
            IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a keyring");
        }
    }
    ring->options = *options;
    ring->options.folder = ring->texts[0];
    ring->options.pass_phrase_path = ring->texts[1];
    ring->options.module_path = ring->texts[2];
    ring->options.token_label = ring->texts[3];
    ring->options.pin_path = ring->texts[4];
    ring->options.overlap_s = options->overlap_s > 0 ? options->overlap_s : IMI_KEYRING_OVERLAP_S;
    ring->options.keep_s = options->keep_s > 0 ? options->keep_s : IMI_KEYRING_KEEP_S;
    return IMI_OK;
}

static imi_status check_options(const imi_keyring_options *options, int64_t now_s, imi_error *err)
{
    if (options->folder == NULL || options->folder[0] == '\0' || now_s <= 0 ||
        options->overlap_s < 0 || options->keep_s < 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a keyring needs a folder and the time");
    }
    for (size_t i = 0; i < options->algorithm_count; i++) {
        if (imi_algorithm_named(options->algorithms[i]) == NULL) {
            IMI_FAIL(err, IMI_E_UNSUPPORTED, "an algorithm of the keyring is not supported");
        }
    }
    return IMI_OK;
}

void imi_keyring_destroy(imi_keyring **ring)
{
    if (ring == NULL || *ring == NULL) {
        return;
    }
    imi_keyring *taken = IMI_STEAL(ring);
    while (taken->held != NULL) {
        held_signer *held = taken->held;
        taken->held = held->next;
        imi_signer_destroy(&held->signer);
        imi_free(held);
    }
    for (size_t i = 0; i < OPTION_TEXTS; i++) {
        imi_free(taken->texts[i]);
    }
    pthread_mutex_destroy(&taken->lock);
    imi_free(taken);
}

imi_status imi_keyring_open(const imi_keyring_options *options, int64_t now_s, imi_keyring **out,
                            imi_error *err)
{
    *out = NULL;
    IMI_TRY(check_options(options, now_s, err));
    if (mkdir(options->folder, 0700) != 0 && errno != EEXIST) {
        IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot make the keyring's folder %s: %s",
                         options->folder, strerror(errno));
    }
    imi_keyring *fresh = imi_alloc(sizeof *fresh);
    if (fresh == NULL || pthread_mutex_init(&fresh->lock, NULL) != 0) {
        imi_free(fresh);
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a keyring");
    }
    IMI_AUTO(imi_keyring) ring = fresh;
    change start = {.now_s = now_s};
    IMI_TRY(keep_texts(ring, options, err));
    IMI_TRY(with_lock(ring, provide_first_keys, &start, err));
    /* Needed at opening alone, and the caller's. */
    ring->options.algorithms = NULL;
    ring->options.first_key_path = NULL;
    /* A key that cannot be loaded is told of now, not at the first token. */
    for (size_t i = 0; i < ring->state.count; i++) {
        imi_signer *signer = NULL;
        if (imi_keyring_entry_is_published(&ring->state.entries[i], now_s)) {
            IMI_TRY(signer_of(ring, &ring->state.entries[i], &signer, err));
        }
    }
    *out = IMI_STEAL(&ring);
    return IMI_OK;
}

/* --- Use ----------------------------------------------------------------------------------------
 */

static imi_status find_signer(imi_keyring *ring, const char *algorithm, int64_t now_s,
                              imi_signer **borrowed_out, imi_error *err)
{
    IMI_TRY(read_state(ring, err));
    const imi_keyring_entry *entry = imi_keyring_state_signing(&ring->state, algorithm, now_s);
    if (entry == NULL) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "the keyring has no key that signs %s now", algorithm);
    }
    return signer_of(ring, entry, borrowed_out, err);
}

imi_status imi_keyring_signer(imi_keyring *ring, const char *algorithm, int64_t now_s,
                              imi_signer **borrowed_out, imi_error *err)
{
    *borrowed_out = NULL;
    pthread_mutex_lock(&ring->lock);
    imi_status status = find_signer(ring, algorithm, now_s, borrowed_out, err);
    pthread_mutex_unlock(&ring->lock);
    return status;
}

static imi_status render_published(imi_keyring *ring, int64_t now_s, imi_buffer *json_out,
                                   imi_error *err)
{
    imi_signer *signers[IMI_KEYRING_MAX];
    size_t count = 0;
    IMI_TRY(read_state(ring, err));
    for (size_t i = 0; i < ring->state.count; i++) {
        const imi_keyring_entry *entry = &ring->state.entries[i];
        if (imi_keyring_entry_is_published(entry, now_s)) {
            IMI_TRY(signer_of(ring, entry, &signers[count++], err));
        }
    }
    return imi_jwks_render(signers, count, json_out, err);
}

imi_status imi_keyring_jwks(imi_keyring *ring, int64_t now_s, imi_buffer *json_out, imi_error *err)
{
    pthread_mutex_lock(&ring->lock);
    imi_status status = render_published(ring, now_s, json_out, err);
    pthread_mutex_unlock(&ring->lock);
    return status;
}

imi_status imi_keyring_rotate(imi_keyring *ring, const char *algorithm, const char *key_label,
                              int64_t now_s, imi_keyring_entry *out, imi_error *err)
{
    if (imi_algorithm_named(algorithm) == NULL) {
        IMI_FAIL(err, IMI_E_UNSUPPORTED, "the algorithm is not supported");
    }
    change what = {
        .algorithm = algorithm, .key_label = key_label, .now_s = now_s, .entry_out = out};
    pthread_mutex_lock(&ring->lock);
    imi_status status = with_lock(ring, announce, &what, err);
    pthread_mutex_unlock(&ring->lock);
    return status;
}

imi_status imi_keyring_drop(imi_keyring *ring, const char *key_id, int64_t now_s, imi_error *err)
{
    change what = {.key_id = key_id, .now_s = now_s};
    pthread_mutex_lock(&ring->lock);
    imi_status status = with_lock(ring, drop, &what, err);
    pthread_mutex_unlock(&ring->lock);
    return status;
}

imi_status imi_keyring_list(imi_keyring *ring, imi_keyring_entry *out, size_t *count_out,
                            imi_error *err)
{
    *count_out = 0;
    pthread_mutex_lock(&ring->lock);
    imi_status status = read_state(ring, err);
    for (size_t i = 0; status == IMI_OK && i < ring->state.count; i++) {
        out[(*count_out)++] = ring->state.entries[i];
    }
    pthread_mutex_unlock(&ring->lock);
    return status;
}
