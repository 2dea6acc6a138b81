/*
 * The end of a capture: gather the evidence, decide, sign, store.
 */
#include "live_capture.h"

#include "imi/log.h"
#include "service_internal.h"

#include <stdio.h>

static imi_status load_reference(imi_live_capture *capture, imi_template *out, bool *missing_out,
                                 imi_error *err)
{
    *missing_out = false;
    imi_store *store = capture->service->options.store;
    imi_reference_record record = {0};
    IMI_AUTO_BUFFER blob = IMI_BUFFER_INIT;
    imi_status status = store->get_reference(store, capture->reference_id, &record, &blob, err);
    if (status == IMI_E_NOT_FOUND) {
        *missing_out = true;
        return IMI_OK;
    }
    IMI_TRY(status);
    return imi_template_decode(imi_buffer_view(&blob), out, err);
}

static imi_status compare_with_reference(imi_live_capture *capture, const imi_template *probe,
                                         imi_evidence *evidence, imi_error *err)
{
    imi_template reference = {0};
    imi_comparison comparison;
    imi_status status = load_reference(capture, &reference, &evidence->reference_missing, err);
    if (status == IMI_OK && !evidence->reference_missing) {
        status = imi_compare(capture->service->options.scorer, probe, &reference, &comparison, err);
        if (status == IMI_OK) {
            evidence->similarity = comparison.similarity;
            evidence->fmr = comparison.fmr;
            evidence->compared = true;
        }
    }
    imi_template_wipe(&reference);
    return status;
}

static imi_status gather_evidence(imi_live_capture *capture, imi_engine *engine,
                                  const imi_liveness_verdict *verdict, imi_evidence *out,
                                  imi_error *err)
{
    const imi_service_options *parts = &capture->service->options;
    imi_evidence_init(out);
    out->liveness = *verdict;
    if (!verdict->complete || !verdict->live) {
        return IMI_OK;
    }
    imi_probe_judge judge = {
        .engine = engine,
        .scorer = parts->scorer,
        .assess_pad = parts->pad_available && capture->purpose->pad != IMI_POLICY_PAD_OFF,
    };
    imi_template probe;
    imi_status status = imi_probe_set_judge(&capture->probes, &judge, out, &probe, err);
    if (status == IMI_OK && out->probe_count > 0) {
        status = compare_with_reference(capture, &probe, out, err);
    }
    imi_template_wipe(&probe);
    return status;
}

static imi_status fill_claims(imi_service *service, const imi_session_record *record,
                              const imi_purpose *purpose, const imi_evidence *evidence,
                              imi_token_claims *out, imi_error *err)
{
    const imi_relying_party *party = NULL;
    IMI_TRY(imi_service_party(service, record->relying_party, &party, err));
    const imi_policy *policy = service->options.policy;
    bool fits = imi_copy_text(out->issuer, sizeof out->issuer, imi_policy_issuer(policy)) &&
                imi_copy_text(out->audience, sizeof out->audience, party->audience);
    if (!fits) {
        IMI_FAIL(err, IMI_E_OVERFLOW, "issuer or audience is too long for a token");
    }
    char subject[IMI_PAIRWISE_SIZE];
    IMI_TRY(imi_token_pairwise_subject(service->subject_secret, party->audience, record->subject_id,
                                       subject, err));
    imi_copy_text(out->subject, sizeof out->subject, subject);
    imi_copy_text(out->token_id, sizeof out->token_id, record->token_id);
    imi_copy_text(out->nonce, sizeof out->nonce, record->nonce);
    imi_copy_text(out->purpose, sizeof out->purpose, record->purpose);
    imi_copy_text(out->session_id, sizeof out->session_id, record->session_id);
    imi_copy_text(out->methods, sizeof out->methods, "face liveness");
    imi_copy_text(out->assurance, sizeof out->assurance,
                  evidence->pad_available ? "substantial" : "basic");
    imi_copy_text(out->model_version, sizeof out->model_version, record->model_version);
    imi_copy_text(out->policy_version, sizeof out->policy_version, record->policy_version);
    out->target_fmr = purpose->target_fmr;
    out->issued_at_s = record->decided_ms / 1000;
    out->expires_at_s = out->issued_at_s + (int64_t)purpose->token_lifetime_s;
    return IMI_OK;
}

static imi_status issue_token(imi_service *service, imi_session_change *change,
                              const imi_purpose *purpose, const imi_evidence *evidence,
                              imi_error *err)
{
    IMI_TRY(imi_id_new("tok", change->record.token_id, err));
    imi_token_claims claims = {0};
    IMI_TRY(fill_claims(service, &change->record, purpose, evidence, &claims, err));
    return imi_token_issue(service->options.signer, &claims, &change->token, err);
}

typedef struct finishing {
    imi_live_capture *capture;
    const imi_evidence *evidence;
    imi_ruling ruling; /* filled by apply; NONE if the session had ended otherwise */
} finishing;

static void write_ruling(imi_service *service, imi_session_record *record,
                         const imi_evidence *evidence, const imi_ruling *ruling, int64_t now_ms)
{
    record->attempts++;
    record->decision = ruling->decision;
    imi_copy_text(record->reason, sizeof record->reason, ruling->reason);
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
    imi_ruling ruling = imi_decide(purpose, end->evidence, &history);
    if (ruling.decision == IMI_DECISION_NONE) {
        IMI_FAIL(err, IMI_E_INTERNAL, "no decision could be made");
    }
    write_ruling(service, record, end->evidence, &ruling, change->event.at_ms);
    imi_event_describe(&change->event,
                       ruling.decision == IMI_DECISION_RETRY ? IMI_EVENT_CAPTURE_JUDGED
                                                             : IMI_EVENT_DECIDED,
                       ruling.reason);
    if (ruling.decision == IMI_DECISION_VERIFIED) {
        IMI_TRY(issue_token(service, change, purpose, end->evidence, err));
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

imi_status imi_live_capture_finish(imi_live_capture *capture, imi_engine *engine,
                                   const imi_liveness_verdict *verdict,
                                   imi_subject_outcome *outcome_out, imi_error *err)
{
    *outcome_out = IMI_OUTCOME_NONE;
    imi_service *service = capture->service;
    imi_evidence evidence;
    IMI_TRY(gather_evidence(capture, engine, verdict, &evidence, err));
    finishing end = {.capture = capture, .evidence = &evidence};
    imi_session_record record;
    IMI_TRY(imi_session_update(service, capture->session_id, apply_decision, &end, &record, err));
    if (end.ruling.decision != IMI_DECISION_NONE) {
        atomic_fetch_add(&service->counters.decisions[end.ruling.decision], 1);
        imi_log(IMI_LOG_INFO, "session", "%s %s: %s (liveness %s)", record.session_id,
                decision_name(end.ruling.decision), end.ruling.reason,
                imi_liveness_reason_name(verdict->reason));
    }
    *outcome_out = imi_session_outcome(&record);
    return IMI_OK;
}
