#include "check.h"

#include <string.h>

/* Names go into tokens and stores, which hold 128 bytes with the terminator. */
enum { NAME_SIZE = 128 };

typedef struct evidence_name {
    const char *name;
    uint32_t bit;
} evidence_name;

static const evidence_name evidence_names[] = {
    {"face", IMI_EVIDENCE_FACE},
    {"liveness", IMI_EVIDENCE_LIVENESS},
    {"document", IMI_EVIDENCE_DOCUMENT},
};

static imi_status check_actions(imi_checker *checker, const imi_raw_purpose *raw, unsigned index,
                                imi_challenge_rules *out)
{
    for (unsigned i = 0; i < raw->challenge.action_count; i++) {
        imi_checker_at(checker, "purposes[%u].challenge.actions[%u]", index, i);
        imi_action action = imi_action_of_name(raw->challenge.actions[i]);
        if (action == IMI_ACTION_NONE) {
            IMI_CHECK_FAIL(checker, "is not an action: near_far, turn_left, turn_right, "
                                    "open_mouth, blink, follow or nod");
        }
        if ((out->allowed_mask & (1U << action)) != 0) {
            IMI_CHECK_FAIL(checker, "is listed twice");
        }
        out->allowed_mask |= 1U << action;
    }
    return IMI_OK;
}

static imi_status check_challenge(imi_checker *checker, const imi_raw_purpose *raw, unsigned index,
                                  imi_challenge_rules *out)
{
    *out = (imi_challenge_rules){
        .near_far_required = raw->challenge.near_far_required == 1,
        .near_targets = raw->challenge.near_targets == 1,
    };
    IMI_TRY(check_actions(checker, raw, index, out));
    imi_checker_at(checker, "purposes[%u].challenge.count", index);
    IMI_TRY(
        imi_check_count(checker, raw->challenge.count, 2, IMI_CHALLENGE_ACTIONS_MAX, &out->count));
    imi_checker_at(checker, "purposes[%u].challenge.count_max", index);
    IMI_TRY(imi_check_count(checker, raw->challenge.count_max, out->count,
                            IMI_CHALLENGE_ACTIONS_MAX, &out->count_max));
    imi_checker_at(checker, "purposes[%u].challenge.near_far_required", index);
    if (out->near_far_required && (out->allowed_mask & (1U << IMI_ACTION_NEAR_FAR)) == 0) {
        IMI_CHECK_FAIL(checker, "is true, but near_far is not among the actions");
    }
    imi_checker_at(checker, "purposes[%u].challenge.actions", index);
    if (imi_challenge_space(out) == 0) {
        IMI_CHECK_FAIL(checker, "must list at least two actions");
    }
    return IMI_OK;
}

static imi_status check_evidence(imi_checker *checker, const imi_raw_purpose *raw, unsigned index,
                                 uint32_t *out)
{
    *out = 0;
    for (unsigned i = 0; i < raw->evidence_count; i++) {
        imi_checker_at(checker, "purposes[%u].evidence[%u]", index, i);
        uint32_t bit = 0;
        for (size_t n = 0; n < sizeof evidence_names / sizeof evidence_names[0]; n++) {
            bit =
                strcmp(raw->evidence[i], evidence_names[n].name) == 0 ? evidence_names[n].bit : bit;
        }
        if (bit == 0) {
            IMI_CHECK_FAIL(checker, "is not a kind of evidence: face, liveness or document");
        }
        if ((*out & bit) != 0) {
            IMI_CHECK_FAIL(checker, "is listed twice");
        }
        *out |= bit;
    }
    imi_checker_at(checker, "purposes[%u].evidence", index);
    if ((*out & IMI_EVIDENCE_FACE) == 0 || (*out & IMI_EVIDENCE_LIVENESS) == 0) {
        IMI_CHECK_FAIL(checker, "must list face and liveness");
    }
    return IMI_OK;
}

static imi_status check_texts(imi_checker *checker, const imi_raw_policy *policy, unsigned index,
                              imi_purpose *out)
{
    const imi_raw_purpose *raw = &policy->purposes[index];
    imi_checker_at(checker, "purposes[%u].name", index);
    IMI_TRY(imi_check_name(checker, raw->name, NAME_SIZE));
    for (unsigned i = 0; i < index; i++) {
        if (strcmp(policy->purposes[i].name, raw->name) == 0) {
            IMI_CHECK_FAIL(checker, "is the name of purposes[%u] already", i);
        }
    }
    imi_checker_at(checker, "purposes[%u].title", index);
    IMI_TRY(imi_check_text(checker, raw->title, 1, 200, true));
    imi_checker_at(checker, "purposes[%u].consent_text", index);
    IMI_TRY(imi_check_text(checker, raw->consent_text, 40, 4000, false));
    out->name = raw->name;
    out->title = raw->title;
    out->consent_text = raw->consent_text;
    return IMI_OK;
}

static imi_status check_limits(imi_checker *checker, const imi_raw_purpose *raw, unsigned index,
                               imi_purpose *out)
{
    imi_checker_at(checker, "purposes[%u].target_fmr", index);
    IMI_TRY(imi_check_number(checker, raw->target_fmr, 1e-7, 0.1, &out->target_fmr));
    imi_checker_at(checker, "purposes[%u].attempts", index);
    IMI_TRY(imi_check_count(checker, raw->attempts, 1, 10, &out->attempts));
    imi_checker_at(checker, "purposes[%u].session_lifetime_s", index);
    IMI_TRY(imi_check_count(checker, raw->session_lifetime_s, 60, 86400, &out->session_lifetime_s));
    imi_checker_at(checker, "purposes[%u].token_lifetime_s", index);
    IMI_TRY(imi_check_count(checker, raw->token_lifetime_s, 30, 86400, &out->token_lifetime_s));
    return IMI_OK;
}

static imi_status check_attempt_limits(imi_checker *checker, const imi_raw_attempt_limits *raw,
                                       unsigned index, imi_attempt_limits *out)
{
    imi_checker_at(checker, "purposes[%u].attempt_limits.free", index);
    IMI_TRY(imi_check_count(checker, raw->free, 1, 1000000, &out->free));
    imi_checker_at(checker, "purposes[%u].attempt_limits.first_delay_s", index);
    IMI_TRY(imi_check_count(checker, raw->first_delay_s, 1, 86400, &out->first_delay_s));
    imi_checker_at(checker, "purposes[%u].attempt_limits.max_delay_s", index);
    IMI_TRY(
        imi_check_count(checker, raw->max_delay_s, out->first_delay_s, 86400, &out->max_delay_s));
    imi_checker_at(checker, "purposes[%u].attempt_limits.per_day", index);
    return imi_check_count(checker, raw->per_day, out->free, 1000000, &out->per_day);
}

/* Which layers the purpose makes use of, against what the file says of all. */
static imi_status check_layers(imi_checker *checker, const imi_raw_policy *policy, unsigned index,
                               imi_purpose *out)
{
    const imi_raw_purpose *raw = &policy->purposes[index];
    const imi_raw_layer *layers = policy->presentation_attack.layers;
    out->pad = (imi_policy_pad)raw->pad;
    out->light = raw->light == 1;
    out->attestation = (imi_policy_attestation)raw->attestation;
    imi_checker_at(checker, "purposes[%u].pad", index);
    if (out->pad == IMI_POLICY_PAD_OFF && layers[IMI_LAYER_PASSIVE].required == 1) {
        IMI_CHECK_FAIL(checker, "is off, but presentation_attack.passive is required");
    }
    imi_checker_at(checker, "purposes[%u].light", index);
    if (!out->light && layers[IMI_LAYER_LIGHT].required == 1) {
        IMI_CHECK_FAIL(checker, "is off, but presentation_attack.light is required");
    }
    imi_checker_at(checker, "purposes[%u].attestation", index);
    if (out->attestation == IMI_POLICY_ATTESTATION_OFF &&
        layers[IMI_LAYER_ATTESTATION].required == 1) {
        IMI_CHECK_FAIL(checker, "is off, but presentation_attack.attestation is required");
    }
    if (out->attestation != IMI_POLICY_ATTESTATION_OFF && policy->attestation == NULL) {
        IMI_CHECK_FAIL(checker, "is not off, but the file has no attestation: nobody is trusted");
    }
    return IMI_OK;
}

static imi_status check_additional(imi_checker *checker, const imi_raw_purpose *raw, unsigned index,
                                   imi_purpose *out)
{
    const imi_raw_additional *rules = raw->additional_reference;
    if (rules == NULL) {
        return IMI_OK;
    }
    imi_checker_at(checker, "purposes[%u].additional_reference.offer", index);
    out->additional.offer = rules->offer == 1;
    /* A template that gets in by a recording would open the door for good. */
    if (out->additional.offer && out->pad == IMI_POLICY_PAD_OFF) {
        IMI_CHECK_FAIL(checker, "is true, but pad is off: only a live face may be kept");
    }
    imi_checker_at(checker, "purposes[%u].additional_reference.consent_text", index);
    IMI_TRY(imi_check_text(checker, rules->consent_text, 40, 4000, false));
    out->additional.consent_text = rules->consent_text;
    imi_checker_at(checker, "purposes[%u].additional_reference.fmr_max", index);
    IMI_TRY(imi_check_number(checker, rules->fmr_max, 1e-9, 0.1, &out->additional.fmr_max));
    if (!(out->additional.fmr_max <= out->target_fmr)) {
        IMI_CHECK_FAIL(checker, "is laxer than target_fmr: keeping asks for more than verifying");
    }
    imi_checker_at(checker, "purposes[%u].additional_reference.max", index);
    IMI_TRY(imi_check_count(checker, rules->max, 1, 8, &out->additional.max));
    imi_checker_at(checker, "purposes[%u].additional_reference.after_days", index);
    return imi_check_count(checker, rules->after_days, 0, 36500, &out->additional.after_days);
}

imi_status imi_check_purpose(imi_checker *checker, const imi_raw_policy *raw, unsigned index,
                             imi_purpose *out)
{
    const imi_raw_purpose *purpose = &raw->purposes[index];
    *out = (imi_purpose){0};
    IMI_TRY(check_texts(checker, raw, index, out));
    IMI_TRY(check_limits(checker, purpose, index, out));
    IMI_TRY(check_attempt_limits(checker, &purpose->attempt_limits, index, &out->attempt_limits));
    IMI_TRY(check_layers(checker, raw, index, out));
    IMI_TRY(check_challenge(checker, purpose, index, &out->challenge));
    IMI_TRY(check_evidence(checker, purpose, index, &out->evidence_mask));
    IMI_TRY(check_additional(checker, purpose, index, out));
    return imi_check_claims(checker, purpose, index, out);
}
