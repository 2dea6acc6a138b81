/*
 * Whoever holds the join link may follow the session from another screen: coarse steps, no more.
 */
#include "credential.h"
#include "service_internal.h"

enum { FOLLOWERS_MAX = 4 /* of one session: a screen, and what a lost network left behind */ };

/* As long as the phone's credential lasts. That its time ran out may be told later too. */
static bool may_follow(const imi_session_record *record, int64_t now_ms)
{
    return record->state == IMI_SESSION_EXPIRED || imi_session_overdue(record, now_ms) ||
           now_ms < record->expires_ms;
}

static imi_status find_followed(imi_service *service, const char *session_id,
                                const char *join_secret, imi_session_record *out, imi_error *err)
{
    *out = (imi_session_record){0};
    imi_session_record record = {0};
    if (imi_id_is_plausible(session_id)) {
        imi_store *store = service->options.store;
        imi_status status = store->get_session(store, session_id, &record, err);
        if (status != IMI_OK && status != IMI_E_NOT_FOUND) {
            return status;
        }
    }
    /* An unknown session is compared like a known one, so that time tells nothing either. */
    bool right =
        imi_credential_matches(join_secret == NULL ? "" : join_secret, record.join_secret_hash);
    if (!right || !may_follow(&record, imi_service_now_ms(service))) {
        IMI_FAIL(err, IMI_E_UNAUTHENTICATED, "the join secret is not valid");
    }
    *out = record;
    return IMI_OK;
}

imi_status imi_service_follow(imi_service *service, const char *session_id, const char *join_secret,
                              imi_session_listener listener, void *user, imi_watch **out,
                              imi_error *err)
{
    *out = NULL;
    if (listener == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "following needs a listener");
    }
    imi_session_record record;
    IMI_TRY(find_followed(service, session_id, join_secret, &record, err));
    /* No party: so followers are counted apart from the relying party's own watches. */
    const imi_watch_wish wish = {"", record.session_id, listener, user, FOLLOWERS_MAX};
    return imi_watches_add(&service->watches, &wish, out, err);
}

/* While the consent stands: is the camera on, or is another try wanted? */
static imi_status find_capture_step(imi_service *service, const imi_session_record *record,
                                    imi_follow_step *out, imi_error *err)
{
    imi_session_past past;
    IMI_TRY(imi_session_read_past(service, record->session_id, &past, err));
    if (past.open_challenge[0] != '\0') {
        *out = IMI_FOLLOW_CAPTURING;
    } else {
        bool again = imi_session_outcome(record) == IMI_OUTCOME_TRY_AGAIN;
        *out = again ? IMI_FOLLOW_TRY_AGAIN : IMI_FOLLOW_CONSENTED;
    }
    return IMI_OK;
}

static imi_status find_step(imi_service *service, const imi_session_record *record,
                            imi_follow_step *out, imi_error *err)
{
    /* Housekeeping may lag behind the clock; the answer must not. */
    if (imi_session_overdue(record, imi_service_now_ms(service))) {
        *out = IMI_FOLLOW_EXPIRED;
        return IMI_OK;
    }
    switch (record->state) {
    case IMI_SESSION_CREATED:
        *out = IMI_FOLLOW_WAITING_FOR_PHONE;
        return IMI_OK;
    case IMI_SESSION_JOINED:
        *out = IMI_FOLLOW_PHONE_JOINED;
        return IMI_OK;
    case IMI_SESSION_CONSENTED:
        return find_capture_step(service, record, out, err);
    case IMI_SESSION_DECIDED:
        *out = imi_session_outcome(record) == IMI_OUTCOME_STAFF_REVIEW ? IMI_FOLLOW_STAFF_REVIEW
                                                                       : IMI_FOLLOW_DONE;
        return IMI_OK;
    case IMI_SESSION_EXPIRED:
        *out = IMI_FOLLOW_EXPIRED;
        return IMI_OK;
    case IMI_SESSION_WITHDRAWN:
        *out = IMI_FOLLOW_WITHDRAWN;
        return IMI_OK;
    default:
        IMI_FAIL(err, IMI_E_STORE_CORRUPT, "the session is in no state");
    }
}

/* A session whose leaf was forgotten is followed to its end like one without a log. */
static imi_status add_receipt(imi_service *service, const imi_session_record *record,
                              imi_buffer *out, imi_error *err)
{
    if (service->options.log == NULL) {
        return IMI_OK;
    }
    imi_status status = imi_session_receipt(service, record, IMI_RECEIPT_DECISION, out, err);
    return status == IMI_E_NOT_FOUND ? IMI_OK : status;
}

imi_status imi_service_followed(imi_service *service, const char *session_id,
                                const char *join_secret, imi_followed *out, imi_buffer *receipt_out,
                                imi_error *err)
{
    *out = (imi_followed){0};
    imi_session_record record;
    imi_followed followed = {0};
    IMI_TRY(find_followed(service, session_id, join_secret, &record, err));
    IMI_TRY(find_step(service, &record, &followed.step, err));
    followed.is_over = followed.step >= IMI_FOLLOW_DONE;
    followed.expires_at_ms = record.expires_ms;
    if (record.state == IMI_SESSION_DECIDED) {
        IMI_TRY(add_receipt(service, &record, receipt_out, err));
    }
    *out = followed;
    return IMI_OK;
}
