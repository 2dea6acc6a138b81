#include "decide.h"

#include <math.h>
#include <string.h>

void imi_evidence_init(imi_evidence *out)
{
    *out = (imi_evidence){
        .weighed = {.log_ratio = NAN},
        .similarity = NAN,
        .fmr = NAN,
        .threshold = NAN,
        .target_fmr = NAN,
        .probe_quality = NAN,
    };
}

void imi_evidence_weigh(imi_evidence *evidence, const imi_purpose *purpose,
                        const imi_weighing *weighing)
{
    imi_finding *layers = evidence->findings.layer;
    if (purpose->pad == IMI_POLICY_PAD_OFF) {
        layers[IMI_LAYER_PASSIVE] = (imi_finding){.measured = false};
    }
    if (purpose->attestation == IMI_POLICY_ATTESTATION_OFF) {
        layers[IMI_LAYER_ATTESTATION] = (imi_finding){.measured = false};
    }
    evidence->weighed = imi_weigh(weighing, &evidence->findings, false);
}

bool imi_evidence_has_networks(const imi_evidence *evidence)
{
    const imi_finding *passive = &evidence->findings.layer[IMI_LAYER_PASSIVE];
    return passive->measured && !passive->reduced;
}

static imi_ruling rule(imi_decision decision, const char *reason)
{
    return (imi_ruling){decision, reason};
}

static bool attempts_remain(const imi_purpose *purpose, const imi_history *history)
{
    return history->attempts < purpose->attempts && purpose->attempts - history->attempts > 1;
}

/* Nobody's fault: the person may try again, and in the end a person decides. */
static imi_ruling unusable(const imi_purpose *purpose, const imi_history *history,
                           const char *reason)
{
    return rule(attempts_remain(purpose, history) ? IMI_DECISION_RETRY : IMI_DECISION_REVIEW,
                reason);
}

/* One suspicion may be a mishap; a second one is an attack. */
static imi_ruling suspicious(const imi_purpose *purpose, const imi_history *history)
{
    bool again = history->suspicions == 0 && attempts_remain(purpose, history);
    return rule(again ? IMI_DECISION_RETRY : IMI_DECISION_REJECTED, IMI_REASON_LIVENESS);
}

static imi_ruling not_live(const imi_purpose *purpose, const imi_history *history,
                           imi_liveness_reason reason)
{
    switch (reason) {
    case IMI_LIVENESS_TIMEOUT:
        return unusable(purpose, history, IMI_REASON_TIMEOUT);
    case IMI_LIVENESS_FACE_LOST:
        return unusable(purpose, history, IMI_REASON_FACE_LOST);
    case IMI_LIVENESS_TIME:
        return unusable(purpose, history, IMI_REASON_TIME);
    /* A confused person mixes up left and right more than once: a person of ours decides. */
    case IMI_LIVENESS_WRONG_ACTION:
        return unusable(purpose, history, IMI_REASON_WRONG_ACTION);
    case IMI_LIVENESS_FACE_CHANGED:
    case IMI_LIVENESS_FLAT:
    case IMI_LIVENESS_STILL:
    case IMI_LIVENESS_PASSIVE:
        return suspicious(purpose, history);
    case IMI_LIVENESS_OK: /* a verdict that contradicts itself shows nothing */
    case IMI_LIVENESS_INCOMPLETE:
    default:
        return unusable(purpose, history, IMI_REASON_INCOMPLETE);
    }
}

static imi_ruling no_probe(const imi_purpose *purpose, const imi_history *history,
                           imi_capture_reason reason)
{
    bool known = reason > IMI_CAPTURE_OK && reason < IMI_CAPTURE_REASON_COUNT;
    return unusable(purpose, history,
                    known ? imi_capture_reason_name(reason) : IMI_REASON_NO_USABLE_FRAME);
}

static imi_ruling by_comparison(const imi_purpose *purpose, const imi_evidence *evidence,
                                const imi_history *history)
{
    if (evidence->reference_missing) {
        return rule(IMI_DECISION_REVIEW, IMI_REASON_REFERENCE_MISSING);
    }
    bool compared = evidence->compared && evidence->score_kind != IMI_SCORE_NONE &&
                    isfinite(evidence->similarity) && evidence->fmr >= 0;
    bool judged = isfinite(evidence->threshold) && evidence->target_fmr > 0 &&
                  evidence->target_fmr <= purpose->target_fmr;
    if (!compared || !judged) {
        return unusable(purpose, history, IMI_REASON_NOT_COMPARED);
    }
    if (imi_similarity_matches(evidence->similarity, evidence->threshold)) {
        return rule(IMI_DECISION_VERIFIED, IMI_REASON_MATCH);
    }
    return rule(IMI_DECISION_REJECTED, IMI_REASON_NON_MATCH);
}

/* What must have been measured, and whether it is enough; NONE if nothing is amiss. */
static imi_ruling by_layers(const imi_purpose *purpose, const imi_evidence *evidence,
                            const imi_history *history)
{
    bool networks_needed =
        purpose->pad != IMI_POLICY_PAD_OFF && purpose->pad != IMI_POLICY_PAD_OPTIONAL;
    if (networks_needed && !imi_evidence_has_networks(evidence)) {
        return rule(IMI_DECISION_REVIEW, IMI_REASON_PAD_UNAVAILABLE);
    }
    bool attestation_needed = purpose->attestation != IMI_POLICY_ATTESTATION_OFF &&
                              purpose->attestation != IMI_POLICY_ATTESTATION_OPTIONAL;
    if (attestation_needed && !evidence->findings.layer[IMI_LAYER_ATTESTATION].measured) {
        return rule(IMI_DECISION_REVIEW, IMI_REASON_ATTESTATION_MISSING);
    }
    if (evidence->weighed.decision != IMI_PAD_BONA_FIDE) {
        return unusable(purpose, history, IMI_REASON_UNDECIDED);
    }
    return rule(IMI_DECISION_NONE, "");
}

imi_ruling imi_decide(const imi_purpose *purpose, const imi_evidence *evidence,
                      const imi_history *history)
{
    if (purpose == NULL || evidence == NULL || history == NULL) {
        return rule(IMI_DECISION_NONE, "");
    }
    if (!(purpose->target_fmr > 0 && purpose->target_fmr <= 0.1)) {
        return rule(IMI_DECISION_NONE, "");
    }
    /* A veto is proof, however the challenge went; a low sum is only weighed once it is answered:
     * who took too long answered little and is no attacker. */
    if (evidence->weighed.vetoes != 0) {
        return suspicious(purpose, history);
    }
    const imi_liveness_verdict *liveness = &evidence->liveness;
    if (!liveness->complete || !liveness->live || liveness->reason != IMI_LIVENESS_OK) {
        return not_live(purpose, history,
                        liveness->complete ? liveness->reason : IMI_LIVENESS_INCOMPLETE);
    }
    if (evidence->weighed.decision == IMI_PAD_ATTACK) {
        return suspicious(purpose, history);
    }
    if (evidence->probe_count == 0) {
        return no_probe(purpose, history, evidence->probe_reason);
    }
    if (!evidence->one_person) {
        return suspicious(purpose, history);
    }
    imi_ruling amiss = by_layers(purpose, evidence, history);
    if (amiss.decision != IMI_DECISION_NONE) {
        return amiss;
    }
    bool asks_for_document = (purpose->evidence_mask & IMI_EVIDENCE_DOCUMENT) != 0;
    if (asks_for_document && !evidence->document_checked && !evidence->reference_missing) {
        return rule(IMI_DECISION_REVIEW, IMI_REASON_DOCUMENT_MISSING);
    }
    return by_comparison(purpose, evidence, history);
}

imi_guidance imi_advice_of_reason(const char *reason)
{
    static const struct {
        const char *reason;
        imi_guidance advice;
    } table[] = {
        {"no_face", IMI_GUIDANCE_SHOW_FACE},
        {"several_faces", IMI_GUIDANCE_ONE_PERSON_ONLY},
        {"face_too_small", IMI_GUIDANCE_MOVE_CLOSER},
        {"face_cut_off", IMI_GUIDANCE_CENTRE_FACE},
        {"not_frontal", IMI_GUIDANCE_LOOK_STRAIGHT},
        {"blurred", IMI_GUIDANCE_HOLD_STILL},
        {"too_dark", IMI_GUIDANCE_MORE_LIGHT},
        {"too_bright", IMI_GUIDANCE_LESS_LIGHT},
        {"uneven_light", IMI_GUIDANCE_EVEN_LIGHT},
        {"eyes_hidden", IMI_GUIDANCE_UNCOVER_FACE},
        {"mouth_hidden", IMI_GUIDANCE_UNCOVER_FACE},
        {IMI_REASON_FACE_LOST, IMI_GUIDANCE_CENTRE_FACE},
        {IMI_REASON_NO_USABLE_FRAME, IMI_GUIDANCE_LOOK_STRAIGHT},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (reason != NULL && strcmp(table[i].reason, reason) == 0) {
            return table[i].advice;
        }
    }
    return IMI_GUIDANCE_HOLD_STILL;
}
