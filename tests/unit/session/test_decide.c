/*
 * The decision, exhaustively: whatever the evidence, acceptance needs every condition at once.
 */
#include "decide.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const double TARGET = 1e-4;

static imi_purpose strict_purpose(void)
{
    return (imi_purpose){.name = "test",
                         .target_fmr = TARGET,
                         .pad = IMI_POLICY_PAD_REQUIRED,
                         .attempts = 3,
                         .evidence_mask = IMI_EVIDENCE_FACE | IMI_EVIDENCE_LIVENESS};
}

/* Evidence that is accepted; each test spoils one thing. */
static imi_evidence good_evidence(void)
{
    return (imi_evidence){
        .liveness = {.complete = true, .live = true, .reason = IMI_LIVENESS_OK, .actions_done = 3},
        .probe_count = 3,
        .one_person = true,
        .findings.layer[IMI_LAYER_PASSIVE] = {.measured = true, .score = 2},
        .weighed = {.decision = IMI_PAD_BONA_FIDE, .log_ratio = 3},
        .compared = true,
        .score_kind = IMI_SCORE_RAW,
        .similarity = 0.8F,
        .fmr = 1e-6,
        .threshold = 0.6F,
        .target_fmr = TARGET,
    };
}

static const imi_history first_capture = {0, 0};

static void expect(const imi_purpose *purpose, const imi_evidence *evidence,
                   const imi_history *history, imi_decision decision, const char *reason)
{
    imi_ruling ruling = imi_decide(purpose, evidence, history);
    assert_int_equal(ruling.decision, decision);
    assert_string_equal(ruling.reason, reason);
}

static void expect_first(const imi_evidence *evidence, imi_decision decision, const char *reason)
{
    imi_purpose purpose = strict_purpose();
    expect(&purpose, evidence, &first_capture, decision, reason);
}

static void good_evidence_is_verified(void **state)
{
    (void)state;
    imi_evidence evidence = good_evidence();
    expect_first(&evidence, IMI_DECISION_VERIFIED, "match");
}

static void evidence_of_nothing_is_not_accepted(void **state)
{
    (void)state;
    imi_evidence evidence;
    imi_evidence_init(&evidence);
    assert_true(isnan(evidence.fmr) && isnan(evidence.similarity) &&
                isnan(evidence.weighed.log_ratio));
    assert_true(isnan(evidence.threshold) && isnan(evidence.target_fmr));
    assert_int_equal(evidence.weighed.decision, IMI_PAD_UNDECIDED);
    assert_false(imi_evidence_has_networks(&evidence));
    expect_first(&evidence, IMI_DECISION_RETRY, "incomplete");
}

static void missing_arguments_give_no_decision(void **state)
{
    (void)state;
    imi_purpose purpose = strict_purpose();
    imi_evidence evidence = good_evidence();
    assert_int_equal(imi_decide(NULL, &evidence, &first_capture).decision, IMI_DECISION_NONE);
    assert_int_equal(imi_decide(&purpose, NULL, &first_capture).decision, IMI_DECISION_NONE);
    assert_int_equal(imi_decide(&purpose, &evidence, NULL).decision, IMI_DECISION_NONE);
}

static void target_rate_out_of_range_gives_no_decision(void **state)
{
    (void)state;
    const double rates[] = {0, -1, 0.2, 1, NAN, INFINITY};
    imi_evidence evidence = good_evidence();
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        imi_purpose purpose = strict_purpose();
        purpose.target_fmr = rates[i];
        assert_int_equal(imi_decide(&purpose, &evidence, &first_capture).decision,
                         IMI_DECISION_NONE);
    }
}

static void score_at_the_threshold_is_still_a_match(void **state)
{
    (void)state;
    imi_evidence evidence = good_evidence();
    evidence.similarity = (float)evidence.threshold;
    expect_first(&evidence, IMI_DECISION_VERIFIED, "match");
}

static void score_without_a_threshold_of_its_kind_decides_nothing(void **state)
{
    (void)state;
    imi_evidence evidence = good_evidence();
    evidence.threshold = NAN;
    expect_first(&evidence, IMI_DECISION_RETRY, "not_compared");
    evidence = good_evidence();
    evidence.score_kind = IMI_SCORE_NONE;
    expect_first(&evidence, IMI_DECISION_RETRY, "not_compared");
}

static void target_rate_laxer_than_the_policys_decides_nothing(void **state)
{
    (void)state;
    const double rates[] = {0, -1, NAN, INFINITY, TARGET * 1.001};
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        imi_evidence evidence = good_evidence();
        evidence.target_fmr = rates[i];
        expect_first(&evidence, IMI_DECISION_RETRY, "not_compared");
    }
    imi_evidence evidence = good_evidence();
    evidence.target_fmr = TARGET / 10;
    expect_first(&evidence, IMI_DECISION_VERIFIED, "match");
}

static void score_just_below_the_threshold_is_a_final_non_match(void **state)
{
    (void)state;
    imi_evidence evidence = good_evidence();
    evidence.similarity = nextafterf((float)evidence.threshold, 0);
    expect_first(&evidence, IMI_DECISION_REJECTED, "non_match");
}

static void rate_or_score_that_is_no_number_never_matches(void **state)
{
    (void)state;
    const double rates[] = {NAN, -1e-9, -INFINITY};
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        imi_evidence evidence = good_evidence();
        evidence.fmr = rates[i];
        expect_first(&evidence, IMI_DECISION_RETRY, "not_compared");
    }
    imi_evidence evidence = good_evidence();
    evidence.similarity = NAN;
    expect_first(&evidence, IMI_DECISION_RETRY, "not_compared");
    evidence = good_evidence();
    evidence.compared = false;
    expect_first(&evidence, IMI_DECISION_RETRY, "not_compared");
}

static void erased_reference_goes_to_review(void **state)
{
    (void)state;
    imi_evidence evidence = good_evidence();
    evidence.reference_missing = true;
    expect_first(&evidence, IMI_DECISION_REVIEW, "reference_missing");
}

static void liveness_that_contradicts_itself_is_not_live(void **state)
{
    (void)state;
    imi_evidence evidence = good_evidence();
    evidence.liveness.complete = false;
    expect_first(&evidence, IMI_DECISION_RETRY, "incomplete");
    evidence = good_evidence();
    evidence.liveness.live = false;
    expect_first(&evidence, IMI_DECISION_RETRY, "incomplete");
    evidence = good_evidence();
    evidence.liveness.reason = IMI_LIVENESS_FLAT;
    expect_first(&evidence, IMI_DECISION_RETRY, "liveness");
    evidence = good_evidence();
    evidence.liveness.reason = (imi_liveness_reason)77;
    expect_first(&evidence, IMI_DECISION_RETRY, "incomplete");
}

typedef struct failing {
    imi_liveness_reason reason;
    const char *code;
} failing;

static imi_evidence not_live(imi_liveness_reason reason)
{
    imi_evidence evidence = good_evidence();
    evidence.liveness = (imi_liveness_verdict){.complete = true, .live = false, .reason = reason};
    return evidence;
}

static void mishap_may_be_tried_again_and_ends_in_review(void **state)
{
    (void)state;
    const failing cases[] = {{IMI_LIVENESS_TIMEOUT, "timeout"},
                             {IMI_LIVENESS_FACE_LOST, "face_lost"},
                             {IMI_LIVENESS_TIME, "time"},
                             {IMI_LIVENESS_WRONG_ACTION, "wrong_action"},
                             {IMI_LIVENESS_INCOMPLETE, "incomplete"}};
    imi_purpose purpose = strict_purpose();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        imi_evidence evidence = not_live(cases[i].reason);
        for (uint32_t attempts = 0; attempts < 5; attempts++) {
            imi_history history = {attempts, 0};
            expect(&purpose, &evidence, &history,
                   attempts < 2 ? IMI_DECISION_RETRY : IMI_DECISION_REVIEW, cases[i].code);
        }
    }
}

static const imi_liveness_reason suspicious[] = {IMI_LIVENESS_FACE_CHANGED, IMI_LIVENESS_FLAT,
                                                 IMI_LIVENESS_STILL, IMI_LIVENESS_PASSIVE};

static void suspicion_may_be_tried_again_once(void **state)
{
    (void)state;
    imi_purpose purpose = strict_purpose();
    for (size_t i = 0; i < sizeof suspicious / sizeof suspicious[0]; i++) {
        imi_evidence evidence = not_live(suspicious[i]);
        imi_history history = {0, 0};
        expect(&purpose, &evidence, &history, IMI_DECISION_RETRY, "liveness");
        history = (imi_history){1, 0}; /* the first try was a mere mishap */
        expect(&purpose, &evidence, &history, IMI_DECISION_RETRY, "liveness");
        history = (imi_history){1, 1};
        expect(&purpose, &evidence, &history, IMI_DECISION_REJECTED, "liveness");
    }
}

static void suspicion_at_the_last_attempt_is_rejected(void **state)
{
    (void)state;
    imi_purpose purpose = strict_purpose();
    imi_history history = {2, 0};
    for (size_t i = 0; i < sizeof suspicious / sizeof suspicious[0]; i++) {
        imi_evidence evidence = not_live(suspicious[i]);
        expect(&purpose, &evidence, &history, IMI_DECISION_REJECTED, "liveness");
    }
}

/* Suspicious once, whatever else the evidence holds; then rejected. */
static void expect_suspicion(const imi_evidence *evidence)
{
    imi_purpose purpose = strict_purpose();
    imi_history again = {1, 1};
    expect_first(evidence, IMI_DECISION_RETRY, "liveness");
    expect(&purpose, evidence, &again, IMI_DECISION_REJECTED, "liveness");
}

static void veto_is_a_suspicion_however_the_challenge_went(void **state)
{
    (void)state;
    for (unsigned layer = 0; layer < IMI_LAYER_COUNT; layer++) {
        imi_evidence evidence = good_evidence();
        evidence.weighed.vetoes = 1U << layer;
        expect_suspicion(&evidence);
        evidence = not_live(IMI_LIVENESS_TIMEOUT);
        evidence.weighed.vetoes = 1U << layer;
        expect_suspicion(&evidence);
    }
}

static void sum_of_an_attack_is_a_suspicion(void **state)
{
    (void)state;
    imi_evidence evidence = good_evidence();
    evidence.weighed.decision = IMI_PAD_ATTACK;
    expect_suspicion(&evidence);
    evidence.probe_count = 0; /* nor does a bad picture excuse it */
    expect_suspicion(&evidence);
}

static void who_did_not_answer_in_time_is_not_judged_by_the_sum(void **state)
{
    (void)state;
    imi_evidence evidence = not_live(IMI_LIVENESS_TIMEOUT);
    evidence.weighed.decision = IMI_PAD_ATTACK;
    imi_purpose purpose = strict_purpose();
    imi_history again = {1, 1};
    expect_first(&evidence, IMI_DECISION_RETRY, "timeout");
    expect(&purpose, &evidence, &again, IMI_DECISION_RETRY, "timeout");
}

static void undecided_layers_may_be_tried_again_and_end_in_review(void **state)
{
    (void)state;
    imi_purpose purpose = strict_purpose();
    const imi_pad_decision decisions[] = {IMI_PAD_UNDECIDED, (imi_pad_decision)3,
                                          (imi_pad_decision)-1};
    for (size_t i = 0; i < 3; i++) {
        imi_evidence evidence = good_evidence();
        evidence.weighed.decision = decisions[i];
        for (uint32_t attempts = 0; attempts < 4; attempts++) {
            imi_history history = {attempts, 1};
            expect(&purpose, &evidence, &history,
                   attempts < 2 ? IMI_DECISION_RETRY : IMI_DECISION_REVIEW, "undecided");
        }
    }
}

static void undecided_layers_decide_nothing_about_the_person(void **state)
{
    (void)state;
    imi_evidence evidence = good_evidence();
    evidence.weighed.decision = IMI_PAD_UNDECIDED;
    evidence.similarity = 0.1F;
    expect_first(&evidence, IMI_DECISION_RETRY, "undecided");
}

static void without_a_usable_frame_the_reason_is_told(void **state)
{
    (void)state;
    imi_evidence evidence = good_evidence();
    evidence.probe_count = 0;
    evidence.probe_reason = IMI_CAPTURE_TOO_DARK;
    expect_first(&evidence, IMI_DECISION_RETRY, "too_dark");
    evidence.probe_reason = IMI_CAPTURE_OK;
    expect_first(&evidence, IMI_DECISION_RETRY, "no_usable_frame");
    imi_purpose purpose = strict_purpose();
    imi_history last = {2, 0};
    expect(&purpose, &evidence, &last, IMI_DECISION_REVIEW, "no_usable_frame");
}

static void two_persons_in_one_clip_are_suspicious(void **state)
{
    (void)state;
    imi_evidence evidence = good_evidence();
    evidence.one_person = false;
    expect_first(&evidence, IMI_DECISION_RETRY, "liveness");
    imi_purpose purpose = strict_purpose();
    imi_history again = {1, 1};
    expect(&purpose, &evidence, &again, IMI_DECISION_REJECTED, "liveness");
}

static imi_evidence without_networks(bool reduced)
{
    imi_evidence evidence = good_evidence();
    evidence.findings.layer[IMI_LAYER_PASSIVE] =
        (imi_finding){.measured = reduced, .reduced = reduced};
    return evidence;
}

static void required_attack_detection_that_is_missing_means_review(void **state)
{
    (void)state;
    for (int reduced = 0; reduced < 2; reduced++) {
        imi_evidence evidence = without_networks(reduced);
        expect_first(&evidence, IMI_DECISION_REVIEW, "pad_unavailable");
        evidence.weighed.decision = IMI_PAD_UNDECIDED; /* another try would not help */
        expect_first(&evidence, IMI_DECISION_REVIEW, "pad_unavailable");
        evidence.similarity = 0.1F; /* not even a non-match is decided without it */
        expect_first(&evidence, IMI_DECISION_REVIEW, "pad_unavailable");
    }
}

static void missing_attack_detection_does_not_hide_an_attack(void **state)
{
    (void)state;
    imi_evidence evidence = without_networks(true);
    evidence.weighed.decision = IMI_PAD_ATTACK;
    expect_suspicion(&evidence);
}

static void optional_attack_detection_may_be_missing(void **state)
{
    (void)state;
    imi_purpose purpose = strict_purpose();
    purpose.pad = IMI_POLICY_PAD_OPTIONAL;
    imi_evidence evidence = without_networks(true);
    expect(&purpose, &evidence, &first_capture, IMI_DECISION_VERIFIED, "match");
}

static void unknown_kind_of_attack_detection_counts_as_required(void **state)
{
    (void)state;
    imi_purpose purpose = strict_purpose();
    purpose.pad = (imi_policy_pad)9;
    imi_evidence evidence = without_networks(true);
    expect(&purpose, &evidence, &first_capture, IMI_DECISION_REVIEW, "pad_unavailable");
}

static void required_attestation_that_is_missing_means_review(void **state)
{
    (void)state;
    imi_purpose purpose = strict_purpose();
    imi_evidence evidence = good_evidence();
    const imi_policy_attestation kinds[] = {IMI_POLICY_ATTESTATION_REQUIRED,
                                            (imi_policy_attestation)9};
    for (size_t i = 0; i < 2; i++) {
        purpose.attestation = kinds[i];
        expect(&purpose, &evidence, &first_capture, IMI_DECISION_REVIEW, "attestation_missing");
        imi_evidence attested = evidence;
        attested.findings.layer[IMI_LAYER_ATTESTATION].measured = true;
        expect(&purpose, &attested, &first_capture, IMI_DECISION_VERIFIED, "match");
    }
    purpose.attestation = IMI_POLICY_ATTESTATION_OPTIONAL;
    expect(&purpose, &evidence, &first_capture, IMI_DECISION_VERIFIED, "match");
}

/* ---- weighing ---- */

static imi_weighing by_passive_alone(void)
{
    imi_weighing weighing = {.accept = 1, .reject = -1};
    weighing.layer[IMI_LAYER_PASSIVE] =
        (imi_layer_weight){.knot_count = 2, .score = {-2, 2}, .log_ratio = {-2, 2}};
    return weighing;
}

static void findings_are_weighed_by_the_policy(void **state)
{
    (void)state;
    imi_purpose purpose = strict_purpose();
    imi_weighing weighing = by_passive_alone();
    imi_evidence evidence = good_evidence();
    evidence.weighed = (imi_weighed){.log_ratio = NAN};
    imi_evidence_weigh(&evidence, &purpose, &weighing);
    assert_int_equal(evidence.weighed.decision, IMI_PAD_BONA_FIDE);
    assert_true(evidence.weighed.log_ratio == 2);
    evidence.findings.layer[IMI_LAYER_PASSIVE].score = -2;
    imi_evidence_weigh(&evidence, &purpose, &weighing);
    assert_int_equal(evidence.weighed.decision, IMI_PAD_ATTACK);
}

static void layers_that_the_purpose_makes_no_use_of_have_no_say(void **state)
{
    (void)state;
    imi_purpose purpose = strict_purpose();
    imi_weighing weighing = by_passive_alone();
    imi_evidence evidence = good_evidence();
    purpose.pad = IMI_POLICY_PAD_OFF;
    evidence.findings.layer[IMI_LAYER_PASSIVE].veto = true;
    evidence.findings.layer[IMI_LAYER_ATTESTATION].veto = true;
    imi_evidence_weigh(&evidence, &purpose, &weighing);
    assert_int_equal(evidence.weighed.vetoes, 0);
    assert_int_equal(evidence.weighed.decision, IMI_PAD_UNDECIDED);
    assert_false(imi_evidence_has_networks(&evidence));
}

static void vetoes_of_layers_in_use_count(void **state)
{
    (void)state;
    imi_purpose purpose = strict_purpose();
    imi_weighing weighing = by_passive_alone();
    imi_evidence evidence = good_evidence();
    purpose.attestation = IMI_POLICY_ATTESTATION_OPTIONAL;
    evidence.findings.layer[IMI_LAYER_ATTESTATION].veto = true;
    imi_evidence_weigh(&evidence, &purpose, &weighing);
    assert_int_equal(evidence.weighed.vetoes, 1U << IMI_LAYER_ATTESTATION);
    expect_suspicion(&evidence);
}

static imi_purpose document_purpose(void)
{
    imi_purpose purpose = strict_purpose();
    purpose.evidence_mask |= IMI_EVIDENCE_DOCUMENT;
    return purpose;
}

static void reference_without_the_document_asked_for_means_review(void **state)
{
    (void)state;
    imi_purpose purpose = document_purpose();
    imi_evidence evidence = good_evidence();
    expect(&purpose, &evidence, &first_capture, IMI_DECISION_REVIEW, "document_missing");
}

static void checked_document_satisfies_a_purpose_that_asks_for_it(void **state)
{
    (void)state;
    imi_purpose purpose = document_purpose();
    imi_evidence evidence = good_evidence();
    evidence.document_checked = true;
    expect(&purpose, &evidence, &first_capture, IMI_DECISION_VERIFIED, "match");
}

static void checked_document_makes_up_for_nothing_else(void **state)
{
    (void)state;
    imi_purpose purpose = document_purpose();
    imi_evidence evidence = good_evidence();
    evidence.document_checked = true;
    evidence.similarity = 0.5F;
    expect(&purpose, &evidence, &first_capture, IMI_DECISION_REJECTED, "non_match");
    evidence.compared = false;
    evidence.reference_missing = true;
    expect(&purpose, &evidence, &first_capture, IMI_DECISION_REVIEW, "reference_missing");
    evidence = good_evidence();
    evidence.document_checked = true;
    evidence.weighed.decision = IMI_PAD_ATTACK;
    expect(&purpose, &evidence, &first_capture, IMI_DECISION_RETRY, "liveness");
}

/* One bit per condition; acceptance must mean that all are set. */
enum { CONDITIONS = 10 };

static imi_evidence evidence_of_bits(unsigned bits)
{
    imi_evidence evidence = good_evidence();
    evidence.liveness.complete = bits & 1;
    evidence.liveness.live = bits & 2;
    evidence.liveness.reason = bits & 4 ? IMI_LIVENESS_OK : IMI_LIVENESS_STILL;
    evidence.probe_count = bits & 8 ? 2 : 0;
    evidence.one_person = bits & 16;
    evidence.findings.layer[IMI_LAYER_PASSIVE].measured = bits & 32;
    evidence.weighed.decision = bits & 64 ? IMI_PAD_BONA_FIDE : IMI_PAD_ATTACK;
    evidence.weighed.vetoes = bits & 512 ? 0 : 1;
    evidence.compared = bits & 128;
    evidence.similarity = bits & 256 ? 0.8F : 0.5F;
    return evidence;
}

static void nothing_but_all_conditions_together_is_accepted(void **state)
{
    (void)state;
    imi_purpose purpose = strict_purpose();
    unsigned accepted = 0;
    for (uint32_t attempts = 0; attempts < 4; attempts++) {
        for (uint32_t suspicions = 0; suspicions <= attempts; suspicions++) {
            for (unsigned bits = 0; bits < 1U << CONDITIONS; bits++) {
                imi_evidence evidence = evidence_of_bits(bits);
                imi_history history = {attempts, suspicions};
                imi_ruling ruling = imi_decide(&purpose, &evidence, &history);
                bool all = bits == (1U << CONDITIONS) - 1;
                assert_int_equal(ruling.decision == IMI_DECISION_VERIFIED, all);
                assert_int_not_equal(ruling.decision, IMI_DECISION_NONE);
                accepted += ruling.decision == IMI_DECISION_VERIFIED;
            }
        }
    }
    assert_int_equal(accepted, 10);
}

static void retry_is_never_offered_without_an_attempt_left(void **state)
{
    (void)state;
    for (uint32_t allowed = 0; allowed < 4; allowed++) {
        imi_purpose purpose = strict_purpose();
        purpose.attempts = allowed;
        for (uint32_t attempts = 0; attempts < 6; attempts++) {
            for (unsigned bits = 0; bits < 1U << CONDITIONS; bits++) {
                imi_evidence evidence = evidence_of_bits(bits);
                imi_history history = {attempts, 0};
                imi_ruling ruling = imi_decide(&purpose, &evidence, &history);
                if (ruling.decision == IMI_DECISION_RETRY) {
                    assert_true(attempts + 1 < allowed);
                }
            }
        }
    }
}

static void every_reason_has_an_advice(void **state)
{
    (void)state;
    assert_int_equal(imi_advice_of_reason("too_dark"), IMI_GUIDANCE_MORE_LIGHT);
    assert_int_equal(imi_advice_of_reason("face_too_small"), IMI_GUIDANCE_MOVE_CLOSER);
    assert_int_equal(imi_advice_of_reason("liveness"), IMI_GUIDANCE_HOLD_STILL);
    assert_int_equal(imi_advice_of_reason(""), IMI_GUIDANCE_HOLD_STILL);
    assert_int_equal(imi_advice_of_reason(NULL), IMI_GUIDANCE_HOLD_STILL);
    for (int i = IMI_CAPTURE_NO_FACE; i < IMI_CAPTURE_REASON_COUNT; i++) {
        const char *name = imi_capture_reason_name((imi_capture_reason)i);
        assert_int_not_equal(imi_advice_of_reason(name), IMI_GUIDANCE_NONE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_evidence_is_verified),
        cmocka_unit_test(evidence_of_nothing_is_not_accepted),
        cmocka_unit_test(missing_arguments_give_no_decision),
        cmocka_unit_test(target_rate_out_of_range_gives_no_decision),
        cmocka_unit_test(score_at_the_threshold_is_still_a_match),
        cmocka_unit_test(score_without_a_threshold_of_its_kind_decides_nothing),
        cmocka_unit_test(target_rate_laxer_than_the_policys_decides_nothing),
        cmocka_unit_test(score_just_below_the_threshold_is_a_final_non_match),
        cmocka_unit_test(rate_or_score_that_is_no_number_never_matches),
        cmocka_unit_test(erased_reference_goes_to_review),
        cmocka_unit_test(liveness_that_contradicts_itself_is_not_live),
        cmocka_unit_test(mishap_may_be_tried_again_and_ends_in_review),
        cmocka_unit_test(suspicion_may_be_tried_again_once),
        cmocka_unit_test(suspicion_at_the_last_attempt_is_rejected),
        cmocka_unit_test(without_a_usable_frame_the_reason_is_told),
        cmocka_unit_test(two_persons_in_one_clip_are_suspicious),
        cmocka_unit_test(veto_is_a_suspicion_however_the_challenge_went),
        cmocka_unit_test(sum_of_an_attack_is_a_suspicion),
        cmocka_unit_test(who_did_not_answer_in_time_is_not_judged_by_the_sum),
        cmocka_unit_test(undecided_layers_may_be_tried_again_and_end_in_review),
        cmocka_unit_test(undecided_layers_decide_nothing_about_the_person),
        cmocka_unit_test(missing_attack_detection_does_not_hide_an_attack),
        cmocka_unit_test(required_attestation_that_is_missing_means_review),
        cmocka_unit_test(findings_are_weighed_by_the_policy),
        cmocka_unit_test(layers_that_the_purpose_makes_no_use_of_have_no_say),
        cmocka_unit_test(vetoes_of_layers_in_use_count),
        cmocka_unit_test(required_attack_detection_that_is_missing_means_review),
        cmocka_unit_test(optional_attack_detection_may_be_missing),
        cmocka_unit_test(unknown_kind_of_attack_detection_counts_as_required),
        cmocka_unit_test(reference_without_the_document_asked_for_means_review),
        cmocka_unit_test(checked_document_satisfies_a_purpose_that_asks_for_it),
        cmocka_unit_test(checked_document_makes_up_for_nothing_else),
        cmocka_unit_test(nothing_but_all_conditions_together_is_accepted),
        cmocka_unit_test(retry_is_never_offered_without_an_attempt_left),
        cmocka_unit_test(every_reason_has_an_advice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
