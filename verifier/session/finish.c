/*
 * The end of a capture: gather the evidence, decide, sign, store.
 */
#include "live_capture.h"

#include "additional_reference.h"
#include "imi/log.h"
#include "issue_token.h"
#include "probe.h"
#include "score.h"
#include "service_internal.h"
#include "subject_references.h"

#include <string.h>

/* All that one capture has shown, and what its comparison was judged by. */
typedef struct finding {
    const imi_operating_point *point;
    imi_evidence evidence;
    imi_scores scores;
    imi_subject_reference reference;
    const imi_probes *probes; /* the examiner's */
    imi_template fused; /* of them */
} finding;

static void clean_up_finding(finding *found)
{
    imi_operating_point_release(&found->point);
    imi_subject_reference_wipe(&found->reference);
    imi_template_wipe(&found->fused);
}

/* What was measured anew is kept, so that calibrations need not: a failure costs time, no more. */
static void keep_statistics(imi_service *service, const finding *found)
{
    const imi_cohort_statistics *fresh = &found->scores.first_statistics;
    const imi_subject_reference *reference = &found->reference;
    if (fresh->cohort_id[0] == '\0' ||
        strcmp(fresh->cohort_id, reference->statistics.cohort_id) == 0) {
        return;
    }
    imi_store *store = service->options.store;
    IMI_AUTO_BUFFER blob = IMI_BUFFER_INIT;
    imi_error error = IMI_ERROR_INIT;
    imi_status status = imi_cohort_statistics_encode(fresh, &blob, &error);
    if (status == IMI_OK) {
        status = store->put_statistics(store, reference->primary.reference_id,
                                       imi_buffer_view(&blob), &error);
    }
    if (status != IMI_OK && status != IMI_E_NOT_FOUND) {
        imi_log(IMI_LOG_WARNING, "session", "statistics of a reference were not kept: %s",
                error.message);
    }
}

/* Says when the scores that decide change their kind: raw ones for want of a cohort, or back. */
static void note_kind(imi_service *service, imi_score_kind wanted, imi_score_kind got)
{
    atomic_fetch_add(&service->counters.comparisons[got], 1);
    bool fallback = got != wanted;
    if (wanted == IMI_SCORE_NORMALISED &&
        atomic_exchange(&service->falls_back, fallback) != fallback) {
        imi_log(IMI_LOG_WARNING, "session",
                fallback ? "operating points ask for %s scores, but %s ones decide: no cohort"
                         : "operating points ask for %s scores, and %s ones decide",
                imi_score_kind_name(wanted), imi_score_kind_name(got));
    }
}

static void take_scores(imi_evidence *evidence, const imi_rule_score *score)
{
    evidence->compared = true;
    evidence->score_kind = score->comparison.kind;
    evidence->similarity = score->comparison.similarity;
    evidence->fmr = score->comparison.fmr;
    evidence->threshold = score->threshold;
    evidence->target_fmr = score->target_fmr;
}

static imi_status score_probe(imi_service *service, finding *found, imi_error *err)
{
    IMI_AUTO(imi_shared_cohort) shared = imi_cohort_keeper_acquire(service->cohorts);
    const imi_reference_record *primary = &found->reference.primary;
    imi_subject_key subject = imi_subject_key_of(primary->relying_party, primary->subject_id);
    imi_score_request request = {
        .point = found->point,
        .cohort = shared == NULL ? NULL : shared->cohort,
        .probes = found->probes->templates,
        .probe_count = found->probes->count,
        .references = found->reference.templates,
        .reference_count = found->reference.count,
        .first_statistics = &found->reference.statistics,
        .left_out = &subject,
        .left_out_count = 1,
    };
    return imi_score_compare(&request, &found->scores, err);
}

static imi_status compare_with_reference(imi_live_capture *capture, finding *found, imi_error *err)
{
    imi_service *service = capture->service;
    IMI_TRY(imi_subject_reference_load(service->options.store, capture->reference_id,
                                       &found->reference, err));
    if (found->reference.count == 0) {
        found->evidence.reference_missing = true;
        return IMI_OK;
    }
    found->evidence.document_checked = found->reference.primary.document_checked;
    IMI_TRY(score_probe(service, found, err));
    take_scores(&found->evidence, &found->scores.active);
    note_kind(service, found->point->active.kind, found->evidence.score_kind);
    keep_statistics(service, found);
    return IMI_OK;
}

static imi_status gather_evidence(imi_live_capture *capture, const imi_liveness_verdict *verdict,
                                  finding *found, imi_error *err)
{
    const imi_service_options *parts = &capture->service->options;
    found->evidence.liveness = *verdict;
    imi_examiner_report(capture->examiner, &found->evidence.findings);
    found->evidence.findings.layer[IMI_LAYER_ATTESTATION] =
        capture->plan.attested.layer[IMI_LAYER_ATTESTATION];
    imi_evidence_weigh(&found->evidence, capture->purpose, imi_policy_weighing(parts->policy));
    found->point = imi_operating_points_acquire(capture->service->points, capture->purpose->name);
    if (found->point == NULL) {
        IMI_FAIL(err, IMI_E_POLICY_UNKNOWN_PURPOSE, "the session's purpose has no operating point");
    }
    if (!verdict->complete || !verdict->live) {
        return IMI_OK;
    }
    found->probes = imi_examiner_probes(capture->examiner);
    IMI_TRY(imi_probes_judge(found->probes, parts->scorer, &found->evidence, &found->fused, err));
    return found->evidence.probe_count == 0 ? IMI_OK : compare_with_reference(capture, found, err);
}

typedef struct finishing {
    imi_live_capture *capture;
    const finding *found;
    imi_ruling ruling; /* filled by apply; NONE if the session had ended otherwise */
    char token_id[IMI_ID_SIZE]; /* drawn once, however often apply runs */
} finishing;

_Static_assert((int)IMI_FINDINGS_TEXT_SIZE == (int)IMI_STORE_EVIDENCE_SIZE,
               "the record holds every text of findings");

static void write_ruling(imi_service *service, imi_session_record *record, const finding *found,
                         const imi_ruling *ruling, int64_t now_ms)
{
    const imi_evidence *evidence = &found->evidence;
    record->score_kind = (int32_t)evidence->score_kind;
    imi_copy_text(record->operating_point, sizeof record->operating_point,
                  found->point->active.point_id);
    record->attempts++;
    record->decision = ruling->decision;
    imi_copy_text(record->reason, sizeof record->reason, ruling->reason);
    imi_weighed_format(&evidence->weighed, &evidence->findings, record->evidence);
    record->similarity = (double)evidence->similarity;
    record->fmr = evidence->fmr;
    imi_copy_text(record->policy_version, sizeof record->policy_version,
                  imi_policy_version(service->options.policy));
    imi_copy_text(record->model_version, sizeof record->model_version,
                  service->options.model_version);
    if (ruling->decision != IMI_DECISION_RETRY) {
        record->state = IMI_SESSION_DECIDED;
        record->decided_ms = now_ms;
    }
}

/* The same evidence under the shadow's threshold. */
static imi_decision shadow_decision(const imi_purpose *purpose, const finding *found,
                                    const imi_history *history)
{
    imi_evidence evidence = found->evidence;
    take_scores(&evidence, &found->scores.shadow);
    return imi_decide(purpose, &evidence, history).decision;
}

/* The comparison, so that other thresholds can be tried on it later. */
static void write_score(const finding *found, const imi_purpose *purpose,
                        const imi_history *history, const imi_ruling *ruling,
                        imi_session_change *change)
{
    if (!found->evidence.compared) {
        return;
    }
    const imi_session_record *record = &change->record;
    imi_score_record *score = &change->score;
    *score = (imi_score_record){
        .at_ms = change->event.at_ms,
        .raw_similarity = (double)found->scores.raw,
        .normalised_similarity = (double)found->scores.normalised,
        .decision = ruling->decision,
        .decisive = strcmp(ruling->reason, IMI_REASON_MATCH) == 0 ||
                    strcmp(ruling->reason, IMI_REASON_NON_MATCH) == 0,
    };
    imi_copy_text(score->purpose, sizeof score->purpose, record->purpose);
    imi_copy_text(score->model_version, sizeof score->model_version, record->model_version);
    imi_copy_text(score->cohort_id, sizeof score->cohort_id, found->scores.cohort_id);
    imi_copy_text(score->operating_point, sizeof score->operating_point, record->operating_point);
    if (found->point->has_shadow) {
        imi_copy_text(score->shadow_point, sizeof score->shadow_point,
                      found->point->shadow.point_id);
        score->shadow_decision = shadow_decision(purpose, found, history);
    }
    change->has_score = true;
}

static imi_status apply_decision(imi_service *service, imi_session_change *change, void *argument,
                                 imi_error *err)
{
    finishing *end = argument;
    imi_session_record *record = &change->record;
    end->ruling = (imi_ruling){IMI_DECISION_NONE, ""};
    if (record->state != IMI_SESSION_CONSENTED) {
        change->unchanged = true;
        return IMI_OK;
    }
    if (imi_session_overdue(record, change->event.at_ms)) {
        IMI_FAIL(err, IMI_E_SESSION_EXPIRED, "the session ran out of time");
    }
    if (imi_live_capture_phase(end->capture) != IMI_PHASE_LIVE) {
        IMI_FAIL(err, IMI_E_FRAME_CHAIN, "the capture is over: begin another");
    }
    imi_session_past past;
    IMI_TRY(imi_session_read_past(service, record->session_id, &past, err));
    imi_history history = {record->attempts, past.suspicions};
    const imi_purpose *purpose = end->capture->purpose;
    imi_ruling ruling = imi_decide(purpose, &end->found->evidence, &history);
    if (ruling.decision == IMI_DECISION_NONE) {
        IMI_FAIL(err, IMI_E_INTERNAL, "no decision could be made");
    }
    write_ruling(service, record, end->found, &ruling, change->event.at_ms);
    write_score(end->found, purpose, &history, &ruling, change);
    imi_event_describe(&change->event,
                       ruling.decision == IMI_DECISION_RETRY ? IMI_EVENT_CAPTURE_JUDGED
                                                             : IMI_EVENT_DECIDED,
                       ruling.reason);
    if (ruling.decision == IMI_DECISION_VERIFIED) {
        imi_copy_text(record->token_id, sizeof record->token_id, end->token_id);
        IMI_TRY(imi_session_issue_token(service, record, purpose, &end->found->evidence,
                                        &change->token, err));
    }
    end->ruling = ruling;
    return IMI_OK;
}

static const char *decision_name(imi_decision decision)
{
    static const char *const names[IMI_DECISION_COUNT] = {"none", "verified", "rejected", "retry",
                                                          "review"};
    return names[decision];
}

/* Decide, store, and tell; offers the template of a strong verification to be kept. */
static imi_status conclude(imi_live_capture *capture, const finding *found,
                           imi_session_record *record_out, imi_error *err)
{
    imi_service *service = capture->service;
    finishing end = {.capture = capture, .found = found};
    IMI_TRY(imi_id_new("tok", end.token_id, err));
    IMI_TRY(
        imi_session_update(service, capture->session_id, apply_decision, &end, record_out, err));
    if (end.ruling.decision == IMI_DECISION_NONE) {
        return IMI_OK;
    }
    atomic_fetch_add(&service->counters.decisions[end.ruling.decision], 1);
    imi_log(IMI_LOG_INFO, "session", "%s %s: %s (liveness %s)", record_out->session_id,
            decision_name(end.ruling.decision), end.ruling.reason,
            imi_liveness_reason_name(found->evidence.liveness.reason));
    if (end.ruling.decision == IMI_DECISION_VERIFIED) {
        size_t typical =
            imi_probes_most_typical(found->probes, &found->fused, service->options.scorer);
        imi_verified_probe verified = {record_out, capture->purpose, &found->evidence,
                                       &found->reference, &found->probes->templates[typical]};
        imi_additional_reference_consider(service, &verified);
    }
    return IMI_OK;
}

imi_status imi_live_capture_finish(imi_live_capture *capture, const imi_liveness_verdict *verdict,
                                   imi_subject_outcome *outcome_out, imi_error *err)
{
    *outcome_out = IMI_OUTCOME_NONE;
    finding *found = imi_alloc_aligned(1, sizeof *found);
    if (found == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for the evidence");
    }
    imi_evidence_init(&found->evidence);
    imi_scores_init(&found->scores);
    imi_session_record record = {0};
    imi_status status = gather_evidence(capture, verdict, found, err);
    if (status == IMI_OK) {
        status = conclude(capture, found, &record, err);
    }
    clean_up_finding(found);
    imi_free(found);
    IMI_TRY(status);
    *outcome_out = imi_session_outcome(&record);
    return IMI_OK;
}
