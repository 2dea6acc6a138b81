/**
 * What the files of libimi-token share.
 */
#ifndef IMI_TOKEN_LIBRARY_INTERNAL_H
#define IMI_TOKEN_LIBRARY_INTERNAL_H

#include "imi-token/imi-token.h"
#include "imi/jws.h"
#include "imi/ledger_proof.h"
#include "imi/memory.h"

#include <string.h>

/** Code of a status that the layers below return. */
imitoken_code imitoken_code_of(imi_status status);
/** Fill err (may be NULL) with what is wrong and the advice, and return code. */
imitoken_code imitoken_fail(imitoken_error *err, imitoken_code code, const char *what);
/** The same for a failure of the layers below; IMITOKEN_OK for IMI_OK. */
imitoken_code imitoken_fail_as(imitoken_error *err, imi_status status, const imi_error *cause);

/** Hand a failure to the caller as it is. */
#define IMITOKEN_TRY(expression)                                                                   \
    do {                                                                                           \
        imitoken_code try_code_ = (expression);                                                    \
        if (try_code_ != IMITOKEN_OK) {                                                            \
            return try_code_;                                                                      \
        }                                                                                          \
    } while (0)

/** A clock of the caller's, or the machine's. */
typedef struct imitoken_time {
    imitoken_clock clock; /* NULL: the machine's */
    void *user;
} imitoken_time;
int64_t imitoken_now_s(imitoken_time time);

struct imitoken_document {
    imi_buffer body;
    size_t limit;
    bool is_too_large;
    int64_t max_age_s; /* -1: not said */
};

/** Fetch into an empty document. Returns false if nothing usable came. Clean up in any case. */
bool imitoken_document_fetch(imitoken_document *document, imitoken_fetch fetch, void *user,
                             const char *uri, size_t limit);
void imitoken_document_clean_up(imitoken_document *document);
#define IMITOKEN_AUTO_DOCUMENT                                                                     \
    __attribute__((cleanup(imitoken_document_clean_up))) imitoken_document

/** A parsed key set that several checks use at once. */
typedef struct imitoken_key_set imitoken_key_set;
const imi_key_set *imitoken_key_set_get(const imitoken_key_set *set);
void imitoken_key_set_release(imitoken_key_set **set);
IMI_AUTO_DEFINE(imitoken_key_set, imitoken_key_set_release)

/** The set to check by now; fetches if it must. Release it. */
imitoken_code imitoken_keys_acquire(imitoken_keys *keys, imitoken_key_set **out,
                                    imitoken_error *err);
/** A set that may know a kid that is not in *set. Returns whether *set was replaced. */
bool imitoken_keys_renew(imitoken_keys *keys, imitoken_key_set **set);

/** Check something by a key set; user holds what and how. */
typedef imi_status (*imitoken_verify)(const imi_key_set *keys, void *user, imi_error *err);
/** Run verify by the checker's keys, and once again if they did not know the kid. */
imitoken_code imitoken_verify_by(imitoken_keys *keys, imitoken_verify verify, void *user,
                                 imitoken_error *err);

/** Status lists that were fetched. */
typedef struct imitoken_lists imitoken_lists;
imi_status imitoken_lists_new(imitoken_lists **out, imi_error *err);
void imitoken_lists_destroy(imitoken_lists **lists);

/** A checker's options, copied. */
struct imitoken_checker {
    char issuer[IMITOKEN_TEXT_SIZE], audience[IMITOKEN_TEXT_SIZE];
    char algorithm[IMI_JOSE_ALG_SIZE], status_algorithm[IMI_JOSE_ALG_SIZE];
    int64_t leeway_s;
    imitoken_keys *keys;
    imitoken_fetch fetch_status;
    void *status_user;
    bool status_required, has_log;
    imi_note_key log, witnesses[IMITOKEN_WITNESSES_MAX];
    size_t witness_count, witnesses_needed;
    imitoken_time time;
    imitoken_lists *lists;
};

/** The place of a token or credential still stands, if the checker fetches lists. */
imitoken_code imitoken_check_place(imitoken_checker *checker, const char *uri, uint32_t index,
                                   imitoken_error *err);

/** Clear a caller's output struct but for its first member. */
#define IMITOKEN_CLEAR(out)                                                                        \
    memset((char *)(out) + sizeof(out)->self_size, 0, sizeof *(out) - sizeof(out)->self_size)

/** Whether a struct of the caller's has the members that we know, and no others. */
#define IMITOKEN_FITS(pointer) ((pointer) != NULL && (pointer)->self_size == sizeof *(pointer))

#endif
