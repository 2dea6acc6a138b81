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

static imi_status create_session(imi_store *self, imi_session_record *record,
                                 imi_event_record *event, imi_error *err)
{
    FORWARD(create_session(inner, record, event, err));
}

static imi_status update_session(imi_store *self, imi_session_record *record,
                                 imi_event_record *event, imi_view token, imi_error *err)
{
    FORWARD(update_session(inner, record, event, token, err));
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

static imi_status list_expired(imi_store *self, int64_t now_ms, char (*ids_out)[IMI_ID_SIZE],
                               size_t capacity, size_t *count_out, imi_error *err)
{
    FORWARD(list_expired(inner, now_ms, ids_out, capacity, count_out, err));
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
                .create_session = create_session,
                .update_session = update_session,
                .get_session = get_session,
                .find_session_by_request = find_session_by_request,
                .find_session_by_token = find_session_by_token,
                .get_token = get_token,
                .list_events = list_events,
                .list_expired = list_expired,
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
