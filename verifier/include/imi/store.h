/**
 * The store interface: durable records. A call that returned IMI_OK survives kill -9.
 *
 * Implementations are safe for concurrent use. Optional text is "" when absent. Records are
 * value types; out buffers are the caller's.
 */
#ifndef IMI_STORE_H
#define IMI_STORE_H

#include "imi/bytes.h"
#include "imi/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    IMI_STORE_NAME_SIZE = 128, /* names, identifiers of relying parties' own, with NUL */
    IMI_STORE_NONCE_SIZE = 256,
    IMI_STORE_DETAIL_SIZE = 256,
    IMI_STORE_KEY_SIZE = 128, /* SubjectPublicKeyInfo of a P-256 key is 91 bytes */
    IMI_STORE_HASH_SIZE = 32
};

/** An enrolled reference: a template, never the image. */
typedef struct imi_reference_record {
    char reference_id[IMI_ID_SIZE];
    char relying_party[IMI_STORE_NAME_SIZE]; /* who enrolled it; no other may use it */
    char subject_id[IMI_STORE_NAME_SIZE]; /* the relying party's name for the person */
    char model_version[IMI_STORE_NAME_SIZE];
    double quality; /* unified quality at enrolment, 0 to 1 */
    int64_t created_ms;
} imi_reference_record;

/** States of a session. Numbers are stored: stable. */
typedef enum imi_session_state {
    IMI_SESSION_NONE = 0,
    IMI_SESSION_CREATED = 1,
    IMI_SESSION_JOINED = 2,
    IMI_SESSION_CONSENTED = 3, /* may capture */
    IMI_SESSION_DECIDED = 4,
    IMI_SESSION_EXPIRED = 5,
    IMI_SESSION_WITHDRAWN = 6 /* consent refused or withdrawn */
} imi_session_state;

/** Decisions. Zero is none; nothing is accepted by default. */
typedef enum imi_decision {
    IMI_DECISION_NONE = 0,
    IMI_DECISION_VERIFIED = 1,
    IMI_DECISION_REJECTED = 2,
    IMI_DECISION_RETRY = 3,
    IMI_DECISION_REVIEW = 4
} imi_decision;

typedef struct imi_session_record {
    char session_id[IMI_ID_SIZE];
    int64_t version; /* 1 when made; each update adds 1 and must name the version it read */
    char relying_party[IMI_STORE_NAME_SIZE];
    char request_id[IMI_STORE_NAME_SIZE]; /* idempotency key of the relying party, or "" */
    char subject_id[IMI_STORE_NAME_SIZE];
    char reference_id[IMI_ID_SIZE];
    char purpose[IMI_STORE_NAME_SIZE];
    char nonce[IMI_STORE_NONCE_SIZE];
    imi_session_state state;
    uint8_t join_secret_hash[IMI_STORE_HASH_SIZE];
    uint8_t credential_hash[IMI_STORE_HASH_SIZE]; /* zeros until joined */
    uint8_t device_key[IMI_STORE_KEY_SIZE];
    uint32_t device_key_size; /* 0 until joined */
    int64_t created_ms, expires_ms, consented_ms; /* consented_ms 0 until then */
    uint32_t attempts; /* captures judged so far */
    imi_decision decision;
    char reason[IMI_STORE_NAME_SIZE]; /* code behind the decision, for staff and backend */
    double similarity, fmr; /* of the last comparison; NaN if none */
    char policy_version[IMI_STORE_NAME_SIZE];
    char model_version[IMI_STORE_NAME_SIZE];
    char token_id[IMI_ID_SIZE];
    int64_t decided_ms;
} imi_session_record;

/** One thing that happened to a session; sequence counts from 1 within the session. */
typedef struct imi_event_record {
    char session_id[IMI_ID_SIZE];
    int64_t sequence;
    int64_t at_ms;
    char kind[32]; /* "created", "joined", "consented", "decided"... */
    char detail[IMI_STORE_DETAIL_SIZE]; /* code, never personal data */
} imi_event_record;

typedef struct imi_store imi_store;
struct imi_store {
    /* References. put: IMI_E_CONFLICT if the id exists. The blob is an encoded template. */
    imi_status (*put_reference)(imi_store *self, const imi_reference_record *record,
                                imi_view template_blob, imi_error *err);
    /* IMI_E_NOT_FOUND; template_out may be NULL; appends otherwise. */
    imi_status (*get_reference)(imi_store *self, const char *reference_id,
                                imi_reference_record *out, imi_buffer *template_out,
                                imi_error *err);
    /* Erases the template so that no database page keeps it. IMI_E_NOT_FOUND; IMI_E_STORE_BUSY
     * when another process holds the pages: repeat until it is not (the next start also
     * finishes). */
    imi_status (*delete_reference)(imi_store *self, const char *reference_id, imi_error *err);

    /* Sessions. Each call stores the record and one event, both or neither. The event's
     * session_id and sequence are filled in by the store. */
    /* IMI_E_CONFLICT if (relying_party, request_id) exists and request_id is not "". */
    imi_status (*create_session)(imi_store *self, imi_session_record *record,
                                 imi_event_record *event, imi_error *err);
    /* record->version must be the stored one (IMI_E_CONFLICT otherwise) and is advanced.
     * token: signed token to keep with a decision, or an empty view. */
    imi_status (*update_session)(imi_store *self, imi_session_record *record,
                                 imi_event_record *event, imi_view token, imi_error *err);
    imi_status (*get_session)(imi_store *self, const char *session_id, imi_session_record *out,
                              imi_error *err);
    imi_status (*find_session_by_request)(imi_store *self, const char *relying_party,
                                          const char *request_id, imi_session_record *out,
                                          imi_error *err);
    /* Session whose token has this jti. */
    imi_status (*find_session_by_token)(imi_store *self, const char *token_id,
                                        imi_session_record *out, imi_error *err);
    /* Appends the token; IMI_E_NOT_FOUND if the session has none. */
    imi_status (*get_token)(imi_store *self, const char *session_id, imi_buffer *token_out,
                            imi_error *err);
    /* Events with sequence > after, oldest first, at most capacity. */
    imi_status (*list_events)(imi_store *self, const char *session_id, int64_t after,
                              imi_event_record *out, size_t capacity, size_t *count_out,
                              imi_error *err);
    /* Sessions not decided whose expiry has passed, at most capacity ids. */
    imi_status (*list_expired)(imi_store *self, int64_t now_ms, char (*ids_out)[IMI_ID_SIZE],
                               size_t capacity, size_t *count_out, imi_error *err);
    void (*destroy)(imi_store *self);
};

/**
 * SQLite store (WAL, synchronous FULL), migrated to the present schema when opened.
 * Errors: IMI_E_STORE_SCHEMA if made by a newer version, IMI_E_STORE_CORRUPT, IMI_E_STORE_IO.
 */
IMI_MUST_USE imi_status imi_store_sqlite_open(const char *path, imi_store **out, imi_error *err);
/** Close through the implementation; accepts NULL, nulls the pointer. */
void imi_store_destroy(imi_store **store);
IMI_AUTO_DEFINE(imi_store, imi_store_destroy)

#ifdef __cplusplus
}
#endif
#endif
