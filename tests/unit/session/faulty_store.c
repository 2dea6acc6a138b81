#include "faulty_store.h"

/* Failing here is one line for every call of the interface. */
typedef struct fault {
    bool before, behind;
    imi_status status;
} fault;

static fault next_fault(faulty_store *store)
{
    int call = atomic_fetch_add(&store->calls, 1) + 1;
    int act_at = call;
    if (atomic_compare_exchange_strong(&store->act_at, &act_at, 0)) {
        store->act(store->act_user);
    }
    int fail_at = atomic_load(&store->fail_at);
    bool now = fail_at > 0 && call == fail_at;
    bool behind = atomic_load(&store->fail_behind);
    return (fault){now && !behind, now && behind, (imi_status)atomic_load(&store->status)};
}

#define FORWARD(call)                                                                              \
    do {                                                                                           \
        faulty_store *store = (faulty_store *)self;                                                \
        imi_store *inner = store->inner;                                                           \
        fault planned = next_fault(store);                                                         \
        if (planned.before) {                                                                      \
            IMI_FAIL(err, planned.status, "the test lets the store fail");                         \
        }                                                                                          \
        imi_status status = inner->call;                                                           \
        if (planned.behind) {                                                                      \
            IMI_FAIL(err, planned.status, "the test lets the store fail afterwards");              \
        }                                                                                          \
        return status;                                                                             \
    } while (0)

static imi_status put_reference(imi_store *self, const imi_reference_record *record,
                                imi_view template_blob, imi_error *err)
{
    FORWARD(put_reference(inner, record, template_blob, err));
}

static imi_status get_reference(imi_store *self, const char *reference_id,
                                imi_reference_record *out, imi_buffer *template_out, imi_error *err)
{
    FORWARD(get_reference(inner, reference_id, out, template_out, err));
}

static imi_status delete_reference(imi_store *self, const char *reference_id, imi_error *err)
{
    FORWARD(delete_reference(inner, reference_id, err));
}

static imi_status put_claims(imi_store *self, const char *relying_party, const char *subject_id,
                             imi_view claims, imi_error *err)
{
    FORWARD(put_claims(inner, relying_party, subject_id, claims, err));
}

static imi_status get_claims(imi_store *self, const char *relying_party, const char *subject_id,
                             imi_buffer *claims_out, imi_error *err)
{
    FORWARD(get_claims(inner, relying_party, subject_id, claims_out, err));
}

static imi_status delete_claims(imi_store *self, const char *relying_party, const char *subject_id,
                                imi_error *err)
{
    FORWARD(delete_claims(inner, relying_party, subject_id, err));
}

static imi_status erase_subject(imi_store *self, const char *relying_party, const char *subject_id,
                                const imi_leaf_draft *leaf, imi_error *err)
{
    FORWARD(erase_subject(inner, relying_party, subject_id, leaf, err));
}

static imi_status list_overdue_subjects(imi_store *self, int64_t now_ms, imi_subject_name *out,
                                        size_t capacity, size_t *count_out, imi_error *err)
{
    FORWARD(list_overdue_subjects(inner, now_ms, out, capacity, count_out, err));
}

static imi_status create_session(imi_store *self, imi_session_record *record,
                                 imi_event_record *event, imi_error *err)
{
    FORWARD(create_session(inner, record, event, err));
}

static imi_status update_session(imi_store *self, imi_session_record *record,
                                 imi_event_record *event, const imi_session_extras *extras,
                                 imi_error *err)
{
    FORWARD(update_session(inner, record, event, extras, err));
}

static imi_status get_session(imi_store *self, const char *session_id, imi_session_record *out,
                              imi_error *err)
{
    FORWARD(get_session(inner, session_id, out, err));
}

static imi_status find_session_by_request(imi_store *self, const char *relying_party,
                                          const char *request_id, imi_session_record *out,
                                          imi_error *err)
{
    FORWARD(find_session_by_request(inner, relying_party, request_id, out, err));
}

static imi_status find_session_by_token(imi_store *self, const char *token_id,
                                        imi_session_record *out, imi_error *err)
{
    FORWARD(find_session_by_token(inner, token_id, out, err));
}

static imi_status get_token(imi_store *self, const char *session_id, imi_buffer *token_out,
                            imi_error *err)
{
    FORWARD(get_token(inner, session_id, token_out, err));
}

static imi_status list_events(imi_store *self, const char *session_id, int64_t after,
                              imi_event_record *out, size_t capacity, size_t *count_out,
                              imi_error *err)
{
    FORWARD(list_events(inner, session_id, after, out, capacity, count_out, err));
}

static imi_status begin_attempt(imi_store *self, const imi_attempt_record *record, int64_t since_ms,
                                imi_attempt_gate gate, void *user, bool *admitted_out,
                                imi_error *err)
{
    FORWARD(begin_attempt(inner, record, since_ms, gate, user, admitted_out, err));
}

static imi_status list_expired(imi_store *self, int64_t now_ms, char (*ids_out)[IMI_ID_SIZE],
                               size_t capacity, size_t *count_out, imi_error *err)
{
    FORWARD(list_expired(inner, now_ms, ids_out, capacity, count_out, err));
}

static imi_status visit_references(imi_store *self, const imi_reference_query *query,
                                   imi_reference_visit visit, void *user, imi_error *err)
{
    FORWARD(visit_references(inner, query, visit, user, err));
}

static imi_status count_references(imi_store *self, const char *model_version,
                                   int64_t *references_out, int64_t *subjects_out, imi_error *err)
{
    FORWARD(count_references(inner, model_version, references_out, subjects_out, err));
}

static imi_status put_statistics(imi_store *self, const char *reference_id,
                                 imi_view statistics_blob, imi_error *err)
{
    FORWARD(put_statistics(inner, reference_id, statistics_blob, err));
}

static imi_status put_cohort(imi_store *self, const imi_cohort_record *record,
                             const char (*reference_ids)[IMI_ID_SIZE], size_t count, imi_error *err)
{
    FORWARD(put_cohort(inner, record, reference_ids, count, err));
}

static imi_status visit_newest_cohort(imi_store *self, const char *model_version,
                                      imi_cohort_record *out, imi_reference_visit visit, void *user,
                                      imi_error *err)
{
    FORWARD(visit_newest_cohort(inner, model_version, out, visit, user, err));
}

static imi_status visit_scores(imi_store *self, const char *purpose, int64_t since_ms,
                               imi_score_visit visit, void *user, imi_error *err)
{
    FORWARD(visit_scores(inner, purpose, since_ms, visit, user, err));
}

static imi_status put_calibration(imi_store *self, const imi_calibration_record *record,
                                  imi_view json, const imi_audit_record *audit, imi_error *err)
{
    FORWARD(put_calibration(inner, record, json, audit, err));
}

static imi_status get_calibration(imi_store *self, const char *calibration_id,
                                  imi_calibration_record *out, imi_buffer *json_out, imi_error *err)
{
    FORWARD(get_calibration(inner, calibration_id, out, json_out, err));
}

static imi_status put_duplicates(imi_store *self, const imi_duplicate_record *records, size_t count,
                                 imi_error *err)
{
    FORWARD(put_duplicates(inner, records, count, err));
}

static imi_status list_duplicates(imi_store *self, bool open_only, size_t skip,
                                  imi_duplicate_record *out, size_t capacity, size_t *count_out,
                                  imi_error *err)
{
    FORWARD(list_duplicates(inner, open_only, skip, out, capacity, count_out, err));
}

static imi_status review_duplicate(imi_store *self, const imi_duplicate_record *record,
                                   const imi_audit_record *audit, imi_error *err)
{
    FORWARD(review_duplicate(inner, record, audit, err));
}

static imi_status put_points(imi_store *self, imi_point_record *records, size_t count,
                             const imi_audit_record *audit, const imi_leaf_draft *leaf,
                             imi_error *err)
{
    FORWARD(put_points(inner, records, count, audit, leaf, err));
}

static imi_status get_point(imi_store *self, const char *point_id, imi_point_record *out,
                            imi_error *err)
{
    FORWARD(get_point(inner, point_id, out, err));
}

static imi_status list_points(imi_store *self, const char *purpose, imi_point_record *out,
                              size_t capacity, size_t *count_out, imi_error *err)
{
    FORWARD(list_points(inner, purpose, out, capacity, count_out, err));
}

static imi_status append_audit(imi_store *self, const imi_audit_record *audit,
                               const imi_leaf_draft *leaf, imi_error *err)
{
    FORWARD(append_audit(inner, audit, leaf, err));
}

static imi_status list_audit(imi_store *self, int64_t after, imi_audit_record *out, size_t capacity,
                             size_t *count_out, imi_error *err)
{
    FORWARD(list_audit(inner, after, out, capacity, count_out, err));
}

static imi_status append_leaf(imi_store *self, const imi_leaf_draft *leaf, int64_t *index_out,
                              imi_error *err)
{
    FORWARD(append_leaf(inner, leaf, index_out, err));
}

static imi_status list_leaves(imi_store *self, int64_t first,
                              uint8_t (*entries_out)[IMI_STORE_HASH_SIZE], size_t capacity,
                              size_t *count_out, imi_error *err)
{
    FORWARD(list_leaves(inner, first, entries_out, capacity, count_out, err));
}

static imi_status get_leaf(imi_store *self, int64_t index, imi_leaf_record *out,
                           imi_buffer *event_out, imi_error *err)
{
    FORWARD(get_leaf(inner, index, out, event_out, err));
}

static imi_status find_leaf(imi_store *self, const char *session_id, const char *kind,
                            imi_leaf_record *out, imi_buffer *event_out, imi_error *err)
{
    FORWARD(find_leaf(inner, session_id, kind, out, event_out, err));
}

static imi_status put_consent(imi_store *self, const imi_consent_record *record, imi_view claims,
                              const imi_leaf_draft *leaf, imi_error *err)
{
    FORWARD(put_consent(inner, record, claims, leaf, err));
}

static imi_status get_consent(imi_store *self, const char *consent_id, imi_consent_record *out,
                              imi_buffer *claims_out, imi_error *err)
{
    FORWARD(get_consent(inner, consent_id, out, claims_out, err));
}

static imi_status list_consents(imi_store *self, const char *relying_party, const char *subject_id,
                                imi_consent_record *out, size_t capacity, size_t *count_out,
                                imi_error *err)
{
    FORWARD(list_consents(inner, relying_party, subject_id, out, capacity, count_out, err));
}

static imi_status redeem_token(imi_store *self, const imi_redemption_record *record,
                               const imi_leaf_draft *leaf, imi_redemption_outcome *outcome_out,
                               imi_redemption_record *held_out, imi_error *err)
{
    FORWARD(redeem_token(inner, record, leaf, outcome_out, held_out, err));
}

static imi_status get_redemption(imi_store *self, const char *token_id, imi_redemption_record *out,
                                 imi_error *err)
{
    FORWARD(get_redemption(inner, token_id, out, err));
}

static imi_status allocate_status(imi_store *self, const char *token_id, imi_status_record *out,
                                  imi_error *err)
{
    FORWARD(allocate_status(inner, token_id, out, err));
}

static imi_status get_status(imi_store *self, const char *token_id, imi_status_record *out,
                             imi_error *err)
{
    FORWARD(get_status(inner, token_id, out, err));
}

static imi_status set_status(imi_store *self, const char *token_id, imi_token_status token_status,
                             int64_t now_ms, const imi_leaf_draft *leaf, imi_error *err)
{
    FORWARD(set_status(inner, token_id, token_status, now_ms, leaf, err));
}

static imi_status list_status_lists(imi_store *self, int64_t after, imi_status_list_record *out,
                                    size_t capacity, size_t *count_out, imi_error *err)
{
    FORWARD(list_status_lists(inner, after, out, capacity, count_out, err));
}

static imi_status read_status_list(imi_store *self, int64_t list,
                                   uint8_t bits_out[IMI_STATUS_LIST_BYTES],
                                   imi_status_list_record *out, imi_error *err)
{
    FORWARD(read_status_list(inner, list, bits_out, out, err));
}

static imi_status list_feed(imi_store *self, const char *relying_party, int64_t after,
                            imi_feed_record *out, size_t capacity, size_t *count_out,
                            imi_error *err)
{
    FORWARD(list_feed(inner, relying_party, after, out, capacity, count_out, err));
}

static imi_status forget_events(imi_store *self, int64_t before_ms, size_t capacity, imi_error *err)
{
    FORWARD(forget_events(inner, before_ms, capacity, err));
}

static imi_status claim_deliveries(imi_store *self, const char *relying_party, int64_t now_ms,
                                   int64_t lease_ms, imi_delivery_record *out, size_t capacity,
                                   size_t *count_out, imi_error *err)
{
    FORWARD(
        claim_deliveries(inner, relying_party, now_ms, lease_ms, out, capacity, count_out, err));
}

static imi_status end_delivery(imi_store *self, const imi_delivery_record *record, imi_error *err)
{
    FORWARD(end_delivery(inner, record, err));
}

static imi_status list_deliveries(imi_store *self, const char *relying_party,
                                  imi_delivery_state state, int64_t after, imi_delivery_record *out,
                                  size_t capacity, size_t *count_out, imi_error *err)
{
    FORWARD(list_deliveries(inner, relying_party, state, after, out, capacity, count_out, err));
}

static imi_status replay_deliveries(imi_store *self, const char *relying_party,
                                    const char *delivery_id, int64_t now_ms, size_t *count_out,
                                    imi_error *err)
{
    FORWARD(replay_deliveries(inner, relying_party, delivery_id, now_ms, count_out, err));
}

/* The inner store belongs to the test. */
static void destroy(imi_store *self)
{
    (void)self;
}

void faulty_store_init(faulty_store *store, imi_store *inner)
{
    *store = (faulty_store){
        .base =
            {
                .put_reference = put_reference,
                .get_reference = get_reference,
                .delete_reference = delete_reference,
                .put_claims = put_claims,
                .get_claims = get_claims,
                .delete_claims = delete_claims,
                .erase_subject = erase_subject,
                .list_overdue_subjects = list_overdue_subjects,
                .create_session = create_session,
                .update_session = update_session,
                .get_session = get_session,
                .find_session_by_request = find_session_by_request,
                .find_session_by_token = find_session_by_token,
                .get_token = get_token,
                .list_events = list_events,
                .begin_attempt = begin_attempt,
                .list_expired = list_expired,
                .visit_references = visit_references,
                .count_references = count_references,
                .put_statistics = put_statistics,
                .put_cohort = put_cohort,
                .visit_newest_cohort = visit_newest_cohort,
                .visit_scores = visit_scores,
                .put_calibration = put_calibration,
                .get_calibration = get_calibration,
                .put_duplicates = put_duplicates,
                .list_duplicates = list_duplicates,
                .review_duplicate = review_duplicate,
                .put_points = put_points,
                .get_point = get_point,
                .list_points = list_points,
                .append_audit = append_audit,
                .list_audit = list_audit,
                .append_leaf = append_leaf,
                .list_leaves = list_leaves,
                .get_leaf = get_leaf,
                .find_leaf = find_leaf,
                .put_consent = put_consent,
                .get_consent = get_consent,
                .list_consents = list_consents,
                .redeem_token = redeem_token,
                .get_redemption = get_redemption,
                .allocate_status = allocate_status,
                .get_status = get_status,
                .set_status = set_status,
                .list_status_lists = list_status_lists,
                .read_status_list = read_status_list,
                .list_feed = list_feed,
                .forget_events = forget_events,
                .claim_deliveries = claim_deliveries,
                .end_delivery = end_delivery,
                .list_deliveries = list_deliveries,
                .replay_deliveries = replay_deliveries,
                .destroy = destroy,
            },
        .inner = inner,
    };
}

void faulty_store_fail(faulty_store *store, int n, imi_status status, bool behind)
{
    atomic_store(&store->status, (int)status);
    atomic_store(&store->fail_behind, behind);
    atomic_store(&store->calls, 0);
    atomic_store(&store->fail_at, n);
}

void faulty_store_intervene(faulty_store *store, int n, void (*act)(void *user), void *user)
{
    store->act = act;
    store->act_user = user;
    atomic_store(&store->calls, 0);
    atomic_store(&store->act_at, n);
}

void faulty_store_heal(faulty_store *store)
{
    atomic_store(&store->fail_at, 0);
}

bool faulty_store_has_failed(faulty_store *store)
{
    int fail_at = atomic_load(&store->fail_at);
    return fail_at > 0 && atomic_load(&store->calls) >= fail_at;
}
