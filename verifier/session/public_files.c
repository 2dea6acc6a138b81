#include "public_files.h"

#include "imi/status_list.h"
#include "log_events.h"
#include "status_place.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { FOLDER_SIZE = 4096, PATH_SIZE = FOLDER_SIZE + 64, PUBLIC_MODE = 0644, LISTS_PAGE = 16 };

/* A list as it lies in its file; changes -1: not written yet. */
typedef struct written_list {
    int64_t changes;
    int64_t signed_s;
} written_list;

struct imi_public_files {
    imi_public_files_options options;
    char folder[FOLDER_SIZE];
    imi_buffer key_set; /* as it was written last */
    written_list *lists; /* list N is lists[N - 1] */
    size_t list_count;
};

static int64_t now_s(const imi_public_files *self)
{
    return self->options.clock->unix_ms(self->options.clock) / 1000;
}

static imi_status make_folder(const char *path, imi_error *err)
{
    if (mkdir(path, 0755) != 0 && errno != EEXIST) {
        IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot make the folder %s: %s", path,
                         strerror(errno));
    }
    return IMI_OK;
}

imi_status imi_public_files_new(const imi_public_files_options *options, imi_public_files **out,
                                imi_error *err)
{
    *out = NULL;
    IMI_AUTO(imi_public_files) self = imi_alloc(sizeof *self);
    if (self == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for the public files");
    }
    self->options = *options;
    if (!imi_copy_text(self->folder, sizeof self->folder, options->folder)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the path of the public files is too long");
    }
    self->options.folder = self->folder;
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/status", self->folder);
    IMI_TRY(make_folder(self->folder, err));
    IMI_TRY(make_folder(path, err));
    *out = IMI_STEAL(&self);
    return IMI_OK;
}

void imi_public_files_destroy(imi_public_files **files)
{
    imi_public_files *self = files == NULL ? NULL : IMI_STEAL(files);
    if (self != NULL) {
        imi_buffer_clean_up(&self->key_set);
        imi_free(self->lists);
        imi_free(self);
    }
}

/* ---- The key set ---- */

static imi_status log_key(imi_store *store, const imi_keyring_entry *key, bool added, int64_t at_ms,
                          imi_error *err)
{
    char name[IMI_ID_SIZE];
    imi_leaf_record leaf;
    IMI_AUTO_BUFFER known = IMI_BUFFER_INIT;
    imi_log_key_name(key, name);
    const char *kind = added ? IMI_LEAF_KEY_ADDED : IMI_LEAF_KEY_RETIRED;
    imi_status status = store->find_leaf(store, name, kind, &leaf, &known, err);
    if (status != IMI_E_NOT_FOUND) {
        return status;
    }
    IMI_AUTO_LOG_EVENT event = IMI_LOG_EVENT_INIT;
    IMI_TRY(imi_log_event_key(key, added, at_ms, &event, err));
    return store->append_leaf(store, &event.draft, NULL, err);
}

/* Each key once when it comes and once when it goes, whoever saw to it and however long ago. */
static imi_status log_keys(imi_public_files *self, imi_error *err)
{
    imi_store *store = self->options.store;
    imi_keyring_entry keys[IMI_KEYRING_MAX];
    size_t count = 0;
    int64_t at_s = now_s(self);
    IMI_TRY(imi_keyring_list(self->options.keyring, keys, &count, err));
    for (size_t i = 0; i < count; i++) {
        IMI_TRY(log_key(store, &keys[i], true, at_s * 1000, err));
        if (keys[i].dropped_s != 0 && keys[i].dropped_s <= at_s) {
            IMI_TRY(log_key(store, &keys[i], false, at_s * 1000, err));
        }
    }
    return IMI_OK;
}

static imi_status refresh_key_set(imi_public_files *self, imi_error *err)
{
    char path[PATH_SIZE];
    IMI_AUTO_BUFFER json = IMI_BUFFER_INIT;
    IMI_TRY(imi_keyring_jwks(self->options.keyring, now_s(self), &json, err));
    if (imi_view_equal(imi_buffer_view(&json), imi_buffer_view(&self->key_set))) {
        return IMI_OK;
    }
    IMI_TRY(log_keys(self, err));
    snprintf(path, sizeof path, "%s/jwks.json", self->folder);
    IMI_TRY(imi_file_write(path, imi_buffer_view(&json), PUBLIC_MODE, err));
    self->key_set.size = 0;
    return imi_buffer_append(&self->key_set, imi_buffer_view(&json), err);
}

/* ---- Status lists ---- */

static imi_status make_room(imi_public_files *self, int64_t list, imi_error *err)
{
    size_t wanted = (size_t)list;
    if (wanted <= self->list_count) {
        return IMI_OK;
    }
    written_list *grown = imi_realloc(self->lists, wanted * sizeof *grown);
    if (grown == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for status lists");
    }
    self->lists = grown;
    for (; self->list_count < wanted; self->list_count++) {
        grown[self->list_count] = (written_list){.changes = -1};
    }
    return IMI_OK;
}

static imi_status sign_list(imi_public_files *self, int64_t list, imi_view packed, int64_t signed_s,
                            imi_buffer *out, imi_error *err)
{
    char uri[IMI_TOKEN_TEXT_MAX];
    imi_signer *signer = NULL;
    IMI_TRY(imi_status_uri(self->options.policy, list, uri, err));
    IMI_TRY(imi_keyring_signer(self->options.keyring, IMI_STATUS_LIST_ALGORITHM, signed_s, &signer,
                               err));
    imi_status_list_terms terms = {
        .uri = uri,
        .issued_at_s = signed_s,
        .expires_at_s = signed_s + IMI_STATUS_LIST_LIFE_S,
        .ttl_s = IMI_STATUS_LIST_TTL_S,
    };
    return imi_status_list_sign(signer, &terms, packed, out, err);
}

/* A list that the store does not have yet holds nothing but valid places. */
static imi_status read_list(imi_store *store, int64_t list, uint8_t *packed_out,
                            imi_status_list_record *out, imi_error *err)
{
    imi_status status = store->read_status_list(store, list, packed_out, out, err);
    if (status != IMI_E_NOT_FOUND) {
        return status;
    }
    imi_wipe(packed_out, IMI_STATUS_LIST_BYTES);
    *out = (imi_status_list_record){.list = list};
    return IMI_OK;
}

static imi_status write_list(imi_public_files *self, int64_t list, imi_error *err)
{
    imi_status_list_record record;
    uint8_t packed[IMI_STATUS_LIST_BYTES];
    char path[PATH_SIZE];
    IMI_AUTO_BUFFER compact = IMI_BUFFER_INIT;
    int64_t signed_s = now_s(self);
    IMI_TRY(read_list(self->options.store, list, packed, &record, err));
    IMI_TRY(sign_list(self, list, (imi_view){packed, sizeof packed}, signed_s, &compact, err));
    snprintf(path, sizeof path, "%s/status/%lld", self->folder, (long long)list);
    IMI_TRY(imi_file_write(path, imi_buffer_view(&compact), PUBLIC_MODE, err));
    self->lists[list - 1] = (written_list){record.changes, signed_s};
    return IMI_OK;
}

/* A clock that was set back must not leave a list unsigned until it has caught up. */
static bool is_due(const imi_public_files *self, const imi_status_list_record *list)
{
    const written_list *written = &self->lists[list->list - 1];
    int64_t age_s = now_s(self) - written->signed_s;
    return written->changes != list->changes || age_s < 0 || age_s >= IMI_STATUS_LIST_TTL_S;
}

static imi_status refresh_list(imi_public_files *self, const imi_status_list_record *list,
                               imi_error *err)
{
    IMI_TRY(make_room(self, list->list, err));
    return is_due(self, list) ? write_list(self, list->list, err) : IMI_OK;
}

static imi_status refresh_lists(imi_public_files *self, imi_error *err)
{
    imi_store *store = self->options.store;
    imi_status_list_record page[LISTS_PAGE];
    int64_t last = 0;
    for (size_t count = LISTS_PAGE; count == LISTS_PAGE;) {
        IMI_TRY(store->list_status_lists(store, last, page, LISTS_PAGE, &count, err));
        for (size_t i = 0; i < count; i++) {
            IMI_TRY(refresh_list(self, &page[i], err));
            last = page[i].list;
        }
    }
    /* The next one is there before a token names it: a backend may ask at once. */
    imi_status_list_record next = {.list = last + 1};
    return refresh_list(self, &next, err);
}

imi_status imi_public_files_refresh(imi_public_files *files, imi_error *err)
{
    IMI_TRY(refresh_key_set(files, err));
    return refresh_lists(files, err);
}
