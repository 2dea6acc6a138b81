/* Status lists: fetched, kept as long as they may be, looked up. */
#include "internal.h"

#include "imi/status_list.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum {
    LISTS = 16, /* kept at once: two million tokens */
    RETRY_S = 10 /* between fetches of a list that fail */
};

/* A list that several checks use at once. */
typedef struct shared_list {
    atomic_uint uses;
    imi_status_list *list;
} shared_list;

typedef struct slot {
    char uri[IMITOKEN_TEXT_SIZE]; /* "": free */
    shared_list *list; /* NULL: fetching failed */
    int64_t failed_at_s;
    uint64_t used_at; /* by the count of look-ups */
} slot;

struct imitoken_lists {
    pthread_mutex_t lock;
    uint64_t lookups;
    slot slots[LISTS];
};

imi_status imitoken_lists_new(imitoken_lists **out, imi_error *err)
{
    *out = imi_alloc(sizeof **out);
    if (*out == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for status lists");
    }
    (*out)->lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    return IMI_OK;
}

static void release(shared_list **list)
{
    if (*list == NULL) {
        return;
    }
    shared_list *taken = IMI_STEAL(list);
    if (atomic_fetch_sub(&taken->uses, 1) == 1) {
        imi_status_list_destroy(&taken->list);
        imi_free(taken);
    }
}

#define AUTO_LIST __attribute__((cleanup(release))) shared_list *

void imitoken_lists_destroy(imitoken_lists **lists)
{
    if (*lists == NULL) {
        return;
    }
    imitoken_lists *taken = IMI_STEAL(lists);
    for (size_t i = 0; i < LISTS; i++) {
        release(&taken->slots[i].list);
    }
    pthread_mutex_destroy(&taken->lock);
    imi_free(taken);
}

/* ---- One list ---- */

typedef struct task {
    imi_view list;
    imi_status_list_expectation expectation;
    imi_status_list *opened;
} task;

static imi_status verify(const imi_key_set *keys, void *user, imi_error *err)
{
    task *self = user;
    return imi_status_list_open(self->list, keys, &self->expectation, &self->opened, err);
}

static imitoken_code open_list(imitoken_checker *checker, const char *uri, imi_view bytes,
                               imi_status_list **out, imitoken_error *err)
{
    *out = NULL;
    task self = {.list = bytes,
                 .expectation = {.algorithm = checker->status_algorithm,
                                 .uri = uri,
                                 .now_s = imitoken_now_s(checker->time),
                                 .leeway_s = checker->leeway_s}};
    IMITOKEN_TRY(imitoken_verify_by(checker->keys, verify, &self, err));
    *out = self.opened;
    return IMITOKEN_OK;
}

static imitoken_code judge(const imi_status_list *list, uint32_t index, int64_t now_s,
                           imitoken_error *err)
{
    imi_token_status status = IMI_TOKEN_INVALID;
    imi_error cause = IMI_ERROR_INIT;
    IMITOKEN_TRY(
        imitoken_fail_as(err, imi_status_list_get(list, index, now_s, &status, &cause), &cause));
    if (status == IMI_TOKEN_SUSPENDED) {
        return imitoken_fail(err, IMITOKEN_E_SUSPENDED, "the status list says suspended");
    }
    return status == IMI_TOKEN_VALID
               ? IMITOKEN_OK
               : imitoken_fail(err, IMITOKEN_E_REVOKED, "the status list says invalid");
}

imitoken_code imitoken_check_status(imitoken_checker *checker, const char *uri, uint32_t index,
                                    const char *list, size_t size, imitoken_error *err)
{
    if (checker == NULL || uri == NULL || uri[0] == '\0' || list == NULL) {
        return imitoken_fail(err, IMITOKEN_E_ARGUMENT, "checker, uri or list is missing");
    }
    IMI_AUTO(imi_status_list) opened = NULL;
    IMITOKEN_TRY(open_list(checker, uri, (imi_view){(const uint8_t *)list, size}, &opened, err));
    return judge(opened, index, imitoken_now_s(checker->time), err);
}

/* ---- Lists that are kept ---- */

/* The slot of an address; the one that was not used for longest makes room. */
static slot *slot_of(imitoken_lists *lists, const char *uri)
{
    slot *oldest = &lists->slots[0];
    for (size_t i = 0; i < LISTS; i++) {
        slot *self = &lists->slots[i];
        if (strcmp(self->uri, uri) == 0) {
            self->used_at = ++lists->lookups;
            return self;
        }
        oldest = self->used_at < oldest->used_at ? self : oldest;
    }
    release(&oldest->list);
    *oldest = (slot){.used_at = ++lists->lookups, .failed_at_s = INT64_MIN};
    imi_copy_text(oldest->uri, sizeof oldest->uri, uri);
    return oldest;
}

/* What is kept of a list; NULL: nothing. */
static shared_list *take_kept(imitoken_lists *lists, const char *uri, int64_t now_s,
                              bool *may_fetch_out)
{
    pthread_mutex_lock(&lists->lock);
    slot *self = slot_of(lists, uri);
    shared_list *list = self->list;
    if (list != NULL) {
        atomic_fetch_add(&list->uses, 1);
    }
    *may_fetch_out = self->failed_at_s == INT64_MIN || now_s < self->failed_at_s ||
                     now_s - self->failed_at_s >= RETRY_S;
    pthread_mutex_unlock(&lists->lock);
    return list;
}

/* list: NULL if fetching failed. A list that is kept stays, it says itself how long it holds. */
static void keep(imitoken_lists *lists, const char *uri, shared_list *list, int64_t now_s)
{
    pthread_mutex_lock(&lists->lock);
    slot *self = slot_of(lists, uri);
    self->failed_at_s = list == NULL ? now_s : INT64_MIN;
    if (list != NULL) {
        release(&self->list);
        atomic_fetch_add(&list->uses, 1);
        self->list = list;
    }
    pthread_mutex_unlock(&lists->lock);
}

static imitoken_code fetch_list(imitoken_checker *checker, const char *uri, shared_list **out,
                                imitoken_error *err)
{
    IMITOKEN_AUTO_DOCUMENT document;
    if (!imitoken_document_fetch(&document, checker->fetch_status, checker->status_user, uri,
                                 IMI_JWS_BYTES_MAX)) {
        return imitoken_fail(err, IMITOKEN_E_STATUS_UNAVAILABLE,
                             "the status list could not be fetched");
    }
    AUTO_LIST list = imi_alloc(sizeof *list);
    if (list == NULL) {
        return imitoken_fail(err, IMITOKEN_E_NO_MEMORY, "no memory for a status list");
    }
    atomic_init(&list->uses, 1);
    IMITOKEN_TRY(open_list(checker, uri, imi_buffer_view(&document.body), &list->list, err));
    *out = IMI_STEAL(&list);
    return IMITOKEN_OK;
}

/* Any trouble with the list itself leaves the question open, which must not pass for valid. */
static imitoken_code look_up(imitoken_checker *checker, const char *uri, uint32_t index,
                             imitoken_error *err)
{
    int64_t now_s = imitoken_now_s(checker->time);
    bool may_fetch = false;
    AUTO_LIST list = take_kept(checker->lists, uri, now_s, &may_fetch);
    imitoken_code code = list == NULL ? IMITOKEN_E_EXPIRED : judge(list->list, index, now_s, err);
    if (code != IMITOKEN_E_EXPIRED) {
        return code;
    }
    if (!may_fetch) {
        return imitoken_fail(err, IMITOKEN_E_STATUS_UNAVAILABLE,
                             "the status list could not be fetched some seconds ago");
    }
    release(&list);
    code = fetch_list(checker, uri, &list, err);
    keep(checker->lists, uri, list, now_s);
    return code != IMITOKEN_OK ? code : judge(list->list, index, now_s, err);
}

static bool is_about_token(imitoken_code code)
{
    return code == IMITOKEN_OK || code == IMITOKEN_E_REVOKED || code == IMITOKEN_E_SUSPENDED ||
           code == IMITOKEN_E_NO_MEMORY;
}

imitoken_code imitoken_check_place(imitoken_checker *checker, const char *uri, uint32_t index,
                                   imitoken_error *err)
{
    if (checker->fetch_status == NULL) {
        return IMITOKEN_OK;
    }
    if (uri[0] == '\0') {
        return checker->status_required ? imitoken_fail(err, IMITOKEN_E_STATUS_MISSING,
                                                        "the token has no place in a status list")
                                        : IMITOKEN_OK;
    }
    imitoken_error detail = {IMITOKEN_OK, ""};
    imitoken_code code = look_up(checker, uri, index, &detail);
    if (!is_about_token(code)) {
        code = detail.code = IMITOKEN_E_STATUS_UNAVAILABLE;
    }
    if (code != IMITOKEN_OK && err != NULL) {
        *err = detail;
    }
    return code;
}
