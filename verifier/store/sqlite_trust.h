/**
 * What the files about the public log, consent, redemption, status and delivery share.
 */
#ifndef IMI_STORE_SQLITE_TRUST_H
#define IMI_STORE_SQLITE_TRUST_H

#include "sqlite.h"

/** Bytes sealed under a subject's data key. */
typedef struct imi_sealed {
    char key_id[IMI_ID_SIZE]; /* "" = under none: the bytes are as they were */
    imi_buffer bytes;
} imi_sealed;

#define IMI_SEALED_INIT                                                                            \
    {                                                                                              \
        "", IMI_BUFFER_INIT                                                                        \
    }
static inline void imi_sealed_clean_up(imi_sealed *sealed)
{
    imi_buffer_clean_up(&sealed->bytes);
}
#define IMI_AUTO_SEALED __attribute__((cleanup(imi_sealed_clean_up))) imi_sealed

/** Seal under the data key of a subject ("" = none), which is made if need be. Not inside a
 *  transaction: the vault has its own. context: as of imi_vault_seal. */
IMI_MUST_USE imi_status imi_store_seal(imi_store_sqlite *store, const char *relying_party,
                                       const char *subject_id, const char *context, imi_view plain,
                                       imi_sealed *out, imi_error *err);
/** Appends to out. Errors: IMI_E_NOT_FOUND if the data key was destroyed. */
IMI_MUST_USE imi_status imi_store_unseal(imi_store_sqlite *store, const imi_sealed *sealed,
                                         const char *context, imi_buffer *out, imi_error *err);

/** A leaf that is ready to be kept; made outside the transaction. */
typedef struct imi_leaf {
    const imi_leaf_draft *draft; /* NULL = no leaf */
    uint8_t entry[IMI_STORE_HASH_SIZE];
    imi_sealed sealed; /* salt and event */
    int64_t index; /* filled in when it is kept */
} imi_leaf;

#define IMI_LEAF_INIT                                                                              \
    {                                                                                              \
        NULL, {0}, IMI_SEALED_INIT, -1                                                             \
    }
static inline void imi_leaf_clean_up(imi_leaf *leaf)
{
    imi_sealed_clean_up(&leaf->sealed);
}
#define IMI_AUTO_LEAF __attribute__((cleanup(imi_leaf_clean_up))) imi_leaf

/** draft: NULL = none, and adding it then does nothing. Errors: IMI_E_INVALID_ARGUMENT. */
IMI_MUST_USE imi_status imi_store_prepare_leaf(imi_store_sqlite *store, const imi_leaf_draft *draft,
                                               imi_leaf *out, imi_error *err);
/** Give it the next index and keep it, inside a transaction. */
IMI_MUST_USE imi_status imi_store_add_leaf(imi_connection *connection, imi_leaf *leaf,
                                           imi_error *err);

/** Check a consent (NULL = none) and seal its claims; outside the transaction. */
IMI_MUST_USE imi_status imi_store_prepare_consent(imi_store_sqlite *store,
                                                  const imi_consent_record *record, imi_view claims,
                                                  imi_sealed *out, imi_error *err);
/** Add a consent or withdraw it, inside a transaction. */
IMI_MUST_USE imi_status imi_store_put_consent(imi_connection *connection,
                                              const imi_consent_record *record,
                                              const imi_sealed *claims, imi_error *err);

/** The status of a token, or none. */
IMI_MUST_USE imi_status imi_store_find_status(imi_connection *connection, const char *token_id,
                                              imi_status_record *out, bool *found_out,
                                              imi_error *err);

/** The columns of an event of the feed, in order. */
void imi_read_feed(imi_columns *columns, imi_feed_record *out);
/** Queue the delivery of a stored event, due at once; inside a transaction. */
IMI_MUST_USE imi_status imi_store_queue_delivery(imi_connection *connection,
                                                 const imi_feed_record *item, imi_error *err);

/* The interface's functions, by subject. */
imi_status imi_sqlite_append_leaf(imi_store *self, const imi_leaf_draft *leaf, int64_t *index_out,
                                  imi_error *err);
imi_status imi_sqlite_list_leaves(imi_store *self, int64_t first,
                                  uint8_t (*entries_out)[IMI_STORE_HASH_SIZE], size_t capacity,
                                  size_t *count_out, imi_error *err);
imi_status imi_sqlite_get_leaf(imi_store *self, int64_t index, imi_leaf_record *out,
                               imi_buffer *event_out, imi_error *err);
imi_status imi_sqlite_find_leaf(imi_store *self, const char *session_id, const char *kind,
                                imi_leaf_record *out, imi_buffer *event_out, imi_error *err);
imi_status imi_sqlite_put_consent(imi_store *self, const imi_consent_record *record,
                                  imi_view claims, const imi_leaf_draft *leaf, imi_error *err);
imi_status imi_sqlite_get_consent(imi_store *self, const char *consent_id, imi_consent_record *out,
                                  imi_buffer *claims_out, imi_error *err);
imi_status imi_sqlite_list_consents(imi_store *self, const char *relying_party,
                                    const char *subject_id, imi_consent_record *out,
                                    size_t capacity, size_t *count_out, imi_error *err);
imi_status imi_sqlite_redeem_token(imi_store *self, const imi_redemption_record *record,
                                   const imi_leaf_draft *leaf, imi_redemption_outcome *outcome_out,
                                   imi_redemption_record *held_out, imi_error *err);
imi_status imi_sqlite_get_redemption(imi_store *self, const char *token_id,
                                     imi_redemption_record *out, imi_error *err);
imi_status imi_sqlite_allocate_status(imi_store *self, const char *token_id, imi_status_record *out,
                                      imi_error *err);
imi_status imi_sqlite_get_status(imi_store *self, const char *token_id, imi_status_record *out,
                                 imi_error *err);
imi_status imi_sqlite_set_status(imi_store *self, const char *token_id, imi_token_status status,
                                 int64_t now_ms, const imi_leaf_draft *leaf, imi_error *err);
imi_status imi_sqlite_list_status_lists(imi_store *self, int64_t after, imi_status_list_record *out,
                                        size_t capacity, size_t *count_out, imi_error *err);
imi_status imi_sqlite_read_status_list(imi_store *self, int64_t list,
                                       uint8_t bits_out[IMI_STATUS_LIST_BYTES],
                                       imi_status_list_record *out, imi_error *err);
imi_status imi_sqlite_list_feed(imi_store *self, const char *relying_party, int64_t after,
                                imi_feed_record *out, size_t capacity, size_t *count_out,
                                imi_error *err);
imi_status imi_sqlite_forget_events(imi_store *self, int64_t before_ms, size_t capacity,
                                    imi_error *err);
imi_status imi_sqlite_claim_deliveries(imi_store *self, const char *relying_party, int64_t now_ms,
                                       int64_t lease_ms, imi_delivery_record *out, size_t capacity,
                                       size_t *count_out, imi_error *err);
imi_status imi_sqlite_end_delivery(imi_store *self, const imi_delivery_record *record,
                                   imi_error *err);
imi_status imi_sqlite_list_deliveries(imi_store *self, const char *relying_party,
                                      imi_delivery_state state, int64_t after,
                                      imi_delivery_record *out, size_t capacity, size_t *count_out,
                                      imi_error *err);
imi_status imi_sqlite_replay_deliveries(imi_store *self, const char *relying_party,
                                        const char *delivery_id, int64_t now_ms, size_t *count_out,
                                        imi_error *err);

#endif
