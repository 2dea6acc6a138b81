/**
 * What a relying party's backend calls, as plain structs: sessions, enrolment, comparison.
 *
 * Threads: a channel serves any number of threads.
 * Errors:  the server's status and message, or IMI_E_RPC_UNAVAILABLE.
 */
#ifndef IMI_TOOLS_BACKEND_H
#define IMI_TOOLS_BACKEND_H

#include "imi/bytes.h"
#include "imi/document.h"
#include "imi/quality.h"
#include "imi/service.h"
#include "imi/status.h"
#include "imi/store.h"
#include "imi/token.h"
#include "rpc/client.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { IMI_BACKEND_TEXT_SIZE = 256, IMI_BACKEND_URL_SIZE = 512 };

enum { IMI_BACKEND_NAME_SIZE = 64, IMI_BACKEND_LINES_MAX = 16 };

/** How a claim compares, or how a field was read: stable names. */
typedef struct imi_backend_line {
    char name[IMI_BACKEND_NAME_SIZE];
    char source[IMI_BACKEND_NAME_SIZE]; /* of a field; "" of a claim */
    char result[IMI_BACKEND_NAME_SIZE]; /* of a field its check digit's */
} imi_backend_line;

/** How a document was read. More lines than fit are left out. */
typedef struct imi_backend_document {
    bool sent; /* nothing else is filled in without one */
    char kind[IMI_BACKEND_NAME_SIZE];
    char reasons[IMI_BACKEND_LINES_MAX][IMI_BACKEND_NAME_SIZE];
    imi_backend_line claims[IMI_BACKEND_LINES_MAX];
    imi_backend_line fields[IMI_BACKEND_LINES_MAX];
    size_t reason_count, claim_count, field_count;
} imi_backend_document;

typedef struct imi_backend_enrolment {
    bool accepted;
    char reference_id[IMI_BACKEND_TEXT_SIZE];
    imi_capture_reason reason;
    double quality;
    double matchability; /* 0 unless accepted */
    imi_quality_level level;
    char advice_code[IMI_BACKEND_TEXT_SIZE]; /* "" = nothing to do */
    char advice[IMI_BACKEND_TEXT_SIZE];
    imi_backend_document document;
} imi_backend_enrolment;

/** Borrowed. Zero is fine for what is optional. */
typedef struct imi_backend_person {
    const char *subject_id; /* required */
    int32_t birth_decade; /* such as 1950; 0 = not told */
    imi_sex sex;
    int64_t delete_after_ms; /* when the reference goes by itself, Unix time; 0 = never */
} imi_backend_person;

IMI_MUST_USE imi_status imi_backend_enrol(imi_rpc_channel *channel, const char *subject_id,
                                          imi_view portrait_jpeg, imi_backend_enrolment *out,
                                          imi_error *err);
/** The same with what groups error rates. */
IMI_MUST_USE imi_status imi_backend_enrol_person(imi_rpc_channel *channel,
                                                 const imi_backend_person *person,
                                                 imi_view portrait_jpeg, imi_backend_enrolment *out,
                                                 imi_error *err);
/** The portrait of a document that must confirm the claims. */
IMI_MUST_USE imi_status imi_backend_enrol_document(imi_rpc_channel *channel,
                                                   const imi_backend_person *person,
                                                   imi_view document_jpeg,
                                                   const imi_document_claims *claims,
                                                   imi_backend_enrolment *out, imi_error *err);

/** A reference of a subject, as the server lists it. */
typedef struct imi_backend_reference {
    char reference_id[IMI_BACKEND_TEXT_SIZE];
    imi_reference_kind kind;
    char parent_id[IMI_BACKEND_TEXT_SIZE]; /* "" unless additional */
    char session_id[IMI_BACKEND_TEXT_SIZE]; /* "" unless additional */
    double quality;
    int64_t created_at_ms;
} imi_backend_reference;

/** At most capacity of them. */
IMI_MUST_USE imi_status imi_backend_list_references(imi_rpc_channel *channel,
                                                    const char *subject_id,
                                                    imi_backend_reference *out, size_t capacity,
                                                    size_t *count_out, imi_error *err);
/** What may be told of an enrolled subject: a JSON object; "" = nothing. */
IMI_MUST_USE imi_status imi_backend_set_claims(imi_rpc_channel *channel, const char *subject_id,
                                               const char *claims_json, imi_error *err);
IMI_MUST_USE imi_status imi_backend_delete_reference(imi_rpc_channel *channel,
                                                     const char *reference_id, imi_error *err);

typedef struct imi_backend_comparison {
    imi_capture_reason probe_reason;
    imi_capture_reason reference_reason;
    imi_decision decision;
    double similarity;
    double fmr;
} imi_backend_comparison;

IMI_MUST_USE imi_status imi_backend_compare(imi_rpc_channel *channel, const char *purpose,
                                            imi_view probe_jpeg, imi_view reference_jpeg,
                                            imi_backend_comparison *out, imi_error *err);

/** Borrowed. */
typedef struct imi_backend_request {
    const char *purpose;
    const char *reference_id;
    const char *nonce;
    const char *request_id; /* NULL = none */
    const char *const *claims; /* that the token shall tell, if the subject agrees */
    size_t claim_count;
} imi_backend_request;

typedef struct imi_backend_created {
    char session_id[IMI_BACKEND_TEXT_SIZE];
    char join_secret[IMI_BACKEND_TEXT_SIZE];
    char join_url[IMI_BACKEND_URL_SIZE];
    int64_t expires_at_ms;
} imi_backend_created;

IMI_MUST_USE imi_status imi_backend_create_session(imi_rpc_channel *channel,
                                                   const imi_backend_request *request,
                                                   imi_backend_created *out, imi_error *err);

/** A session; token is "" unless there is one. */
typedef struct imi_backend_session {
    char session_id[IMI_BACKEND_TEXT_SIZE];
    char purpose[IMI_BACKEND_TEXT_SIZE];
    char subject_id[IMI_BACKEND_TEXT_SIZE];
    imi_session_state state;
    imi_decision decision;
    char reason[IMI_BACKEND_TEXT_SIZE];
    bool compared;
    double similarity;
    double fmr;
    char token[IMI_TOKEN_BYTES_MAX + 1];
    char policy_version[IMI_BACKEND_TEXT_SIZE];
    char model_version[IMI_BACKEND_TEXT_SIZE];
    char score_kind[IMI_BACKEND_TEXT_SIZE]; /* "" unless compared */
    char operating_point[IMI_BACKEND_TEXT_SIZE]; /* "" = shipped, or no decision */
    char evidence[IMI_STORE_EVIDENCE_SIZE]; /* what the layers found in the last capture */
    int64_t created_at_ms;
    int64_t expires_at_ms;
    int64_t decided_at_ms;
    uint32_t attempts;
} imi_backend_session;

IMI_MUST_USE imi_status imi_backend_get_session(imi_rpc_channel *channel, const char *session_id,
                                                imi_backend_session *out, imi_error *err);

typedef struct imi_backend_event {
    int64_t sequence;
    int64_t at_ms;
    char kind[IMI_BACKEND_TEXT_SIZE];
    char detail[IMI_BACKEND_TEXT_SIZE];
    imi_backend_session session;
} imi_backend_event;

/** Called for each event; false stops watching. */
typedef bool (*imi_backend_listener)(void *user, const imi_backend_event *event);

/** Events behind after_sequence until the session ends or the listener has seen enough. */
IMI_MUST_USE imi_status imi_backend_watch(imi_rpc_channel *channel, const char *session_id,
                                          int64_t after_sequence, imi_backend_listener listener,
                                          void *user, imi_error *err);

/** Append the key set as JSON. */
IMI_MUST_USE imi_status imi_backend_jwks(imi_rpc_channel *channel, imi_buffer *json_out,
                                         imi_error *err);

/**
 * Receipt of the public log for what became of a session, or for a deletion; waits until the log
 * has taken it in. Appends JSON. id: as imi_service_receipt. Errors: IMI_E_DEADLINE after ten
 * seconds.
 */
IMI_MUST_USE imi_status imi_backend_receipt(imi_rpc_channel *channel, const char *id,
                                            imi_receipt_kind kind, imi_buffer *json_out,
                                            imi_error *err);

/** Names as the protocol spells them, lower-case and without prefix: "verified", "decided".
 *  Static storage. */
const char *imi_backend_decision_name(imi_decision decision);
const char *imi_backend_state_name(imi_session_state state);

#ifdef __cplusplus
}
#endif
#endif
