#include "service_internal.h"

#include "imi/log.h"

enum {
    LIVE_CAPTURES_DEFAULT = 256,
    LIVE_CAPTURES_MOST = 65536,
    /* A phone that lost its connection may come back within this time. */
    CAPTURE_IDLE_MS = 120000,
    HELD_BYTES_MOST = 512 << 20, /* some 5,000 frames */
    EXPIRED_PAGE = 32
};

static imi_status check_parts(const imi_service_options *options, imi_error *err)
{
    if (options->store == NULL || options->clock == NULL || options->keyring == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a service needs a store, a clock and a keyring");
    }
    if (options->policy == NULL || options->scorer == NULL || options->compute == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a service needs a policy, a scorer and a pool");
    }
    if (options->model_version == NULL || options->subject_secret == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                 "a service needs a model version and the secret behind subjects");
    }
    if (options->live_captures_max > LIVE_CAPTURES_MOST) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "at most %d live captures are possible",
                 LIVE_CAPTURES_MOST);
    }
    return IMI_OK;
}

static imi_status start_scoring(imi_service *service, imi_error *err)
{
    const imi_service_options *parts = &service->options;
    service->points = parts->points;
    if (service->points == NULL) {
        imi_operating_points_options points = {parts->policy, parts->scorer, parts->model_version,
                                               parts->store};
        IMI_TRY(imi_operating_points_new(&points, &service->own_points, err));
        service->points = service->own_points;
    }
    imi_cohort_keeper_options cohorts = {parts->store, parts->clock, parts->scorer,
                                         parts->model_version};
    return imi_cohort_keeper_new(&cohorts, &service->cohorts, err);
}

/* Better to refuse to start than to fail every person who comes. */
static imi_status check_purpose(const imi_service_options *options, const imi_purpose *purpose,
                                imi_error *err)
{
    float similarity = 0;
    imi_status status = imi_scorer_threshold(options->scorer, IMI_SCORE_RAW, purpose->target_fmr,
                                             &similarity, NULL);
    if (status != IMI_OK ||
        !(purpose->target_fmr >= imi_scorer_fmr_floor(options->scorer, IMI_SCORE_RAW))) {
        IMI_FAIL(err, IMI_E_POLICY,
                 "purpose %s asks for a false match rate of %g, but calibration %s supports none "
                 "below %g: relax target_fmr or calibrate on more comparisons",
                 purpose->name, purpose->target_fmr, imi_scorer_version(options->scorer),
                 imi_scorer_fmr_floor(options->scorer, IMI_SCORE_RAW));
    }
    if (imi_challenge_space(&purpose->challenge) == 0) {
        IMI_FAIL(err, IMI_E_POLICY, "the challenge rules of purpose %s allow no challenge",
                 purpose->name);
    }
    if (purpose->pad == IMI_POLICY_PAD_REQUIRED && !options->pad_available) {
        imi_log(IMI_LOG_WARNING, "session",
                "purpose %s requires attack detection models, which are not there: every "
                "decision will be a review",
                purpose->name);
    }
    if (purpose->additional.offer &&
        purpose->additional.fmr_max < imi_scorer_fmr_floor(options->scorer, IMI_SCORE_RAW)) {
        imi_log(IMI_LOG_INFO, "session",
                "purpose %s offers additional references from a false match rate of %g on, which "
                "only a calibration of your own can tell",
                purpose->name, purpose->additional.fmr_max);
    }
    return IMI_OK;
}

imi_status imi_service_new(const imi_service_options *options, imi_service **out, imi_error *err)
{
    *out = NULL;
    IMI_TRY(check_parts(options, err));
    for (size_t i = 0; i < imi_policy_purpose_count(options->policy); i++) {
        IMI_TRY(check_purpose(options, imi_policy_purpose_at(options->policy, i), err));
    }
    IMI_AUTO(imi_service) service = imi_alloc(sizeof *service);
    if (service == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a service");
    }
    imi_watches_init(&service->watches);
    imi_offers_init(&service->offers);
    imi_held_bytes_init(&service->held_bytes, HELD_BYTES_MOST);
    service->options = *options;
    imi_copy(service->subject_secret, options->subject_secret, sizeof service->subject_secret);
    service->options.subject_secret = service->subject_secret;
    size_t captures_max =
        options->live_captures_max == 0 ? LIVE_CAPTURES_DEFAULT : options->live_captures_max;
    imi_admission_options admission = {
        .workers = imi_pool_threads(options->compute),
        .fixed = options->captures_at_once,
        .most = captures_max,
    };
    imi_admission_init(&service->admission, &admission);
    IMI_TRY(imi_captures_init(&service->captures, captures_max, err));
    IMI_TRY(start_scoring(service, err));
    *out = IMI_STEAL(&service);
    return IMI_OK;
}

void imi_service_destroy(imi_service **service_pointer)
{
    imi_service *service = service_pointer == NULL ? NULL : IMI_STEAL(service_pointer);
    if (service == NULL) {
        return;
    }
    imi_captures_clean_up(&service->captures);
    imi_admission_clean_up(&service->admission);
    imi_watches_clean_up(&service->watches);
    imi_offers_clean_up(&service->offers);
    imi_cohort_keeper_destroy(&service->cohorts);
    imi_operating_points_destroy(&service->own_points);
    imi_wipe(service, sizeof *service);
    imi_free(service);
}

static imi_status apply_expiry(imi_service *service, imi_session_change *change, void *argument,
                               imi_error *err)
{
    (void)service;
    (void)argument;
    (void)err;
    if (!imi_session_overdue(&change->record, change->event.at_ms)) {
        change->unchanged = true;
        return IMI_OK;
    }
    change->record.state = IMI_SESSION_EXPIRED;
    change->record.decision = IMI_DECISION_NONE;
    imi_event_describe(&change->event, IMI_EVENT_EXPIRED, "");
    return IMI_OK;
}

static imi_status expire_session(imi_service *service, const char *session_id, imi_error *err)
{
    imi_session_record record;
    IMI_TRY(imi_session_update(service, session_id, apply_expiry, NULL, &record, err));
    imi_captures_drop_session(&service->captures, session_id);
    return IMI_OK;
}

/* One page of overdue sessions; more_out tells whether there may be another. */
static imi_status expire_page(imi_service *service, bool *more_out, imi_error *err)
{
    *more_out = false;
    char ids[EXPIRED_PAGE][IMI_ID_SIZE];
    size_t count = 0;
    imi_store *store = service->options.store;
    IMI_TRY(
        store->list_expired(store, imi_service_now_ms(service), ids, EXPIRED_PAGE, &count, err));
    for (size_t i = 0; i < count; i++) {
        IMI_TRY(expire_session(service, ids[i], err));
    }
    *more_out = count == EXPIRED_PAGE;
    return IMI_OK;
}

static void run_cohort_refresh(void *engine, void *keeper)
{
    (void)engine;
    imi_cohort_keeper_refresh(keeper);
}

/* A full queue has better things to do: the next tick asks again. */
static void refresh_cohort(imi_service *service)
{
    imi_cohort_keeper *keeper = service->cohorts;
    if (imi_cohort_keeper_claim(keeper) &&
        imi_pool_submit(service->options.compute, run_cohort_refresh, keeper, NULL) != IMI_OK) {
        imi_cohort_keeper_give_back(keeper);
    }
}

void imi_service_tick(imi_service *service)
{
    refresh_cohort(service);
    imi_offers_drop_expired(&service->offers, imi_service_now_ms(service));
    imi_captures_drop_idle(&service->captures, imi_service_monotonic_ms(service) - CAPTURE_IDLE_MS);
    bool more = true;
    while (more) {
        imi_error error = IMI_ERROR_INIT;
        if (expire_page(service, &more, &error) != IMI_OK) {
            imi_log(IMI_LOG_WARNING, "session", "sessions could not be expired: %s", error.message);
            return;
        }
    }
    imi_service_erase_overdue(service);
    imi_service_forget_events(service);
}

void imi_service_follow_others(imi_service *service)
{
    imi_watches_notify_all(&service->watches);
}

struct imi_cohort_keeper *imi_service_cohorts(imi_service *service)
{
    return service->cohorts;
}

void imi_service_count(imi_service *service, imi_service_counts *out)
{
    *out = (imi_service_counts){0};
    out->live_captures = imi_captures_count(&service->captures);
    out->captures_at_once = imi_admission_room(&service->admission);
    out->captures_waiting = imi_admission_waiting(&service->admission);
    out->frames_taken = atomic_load(&service->counters.frames_taken);
    out->frames_refused = atomic_load(&service->counters.frames_refused);
    out->frames_judged = atomic_load(&service->counters.frames_judged);
    out->frames_skipped = atomic_load(&service->counters.frames_skipped);
    for (size_t i = 0; i < IMI_DECISION_COUNT; i++) {
        out->decisions[i] = atomic_load(&service->counters.decisions[i]);
    }
    for (size_t i = 0; i <= IMI_SCORE_KINDS; i++) {
        out->comparisons[i] = atomic_load(&service->counters.comparisons[i]);
    }
    out->cohort_members = imi_cohort_keeper_size(service->cohorts);
    out->offers_held = imi_offers_count(&service->offers);
}
