/* Findings of layers, weighed: what accepts, what rejects, and what shows nothing. */
#include "imi/findings.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Scores from -1 to 1 are worth three times as much; accepts from +2, rejects below -2. */
static imi_weighing sample(void)
{
    imi_weighing weighing = {.accept = 2, .reject = -2};
    for (unsigned i = 0; i < IMI_LAYER_COUNT; i++) {
        imi_layer_weight *weight = &weighing.layer[i];
        weight->knot_count = 3;
        for (unsigned k = 0; k < 3; k++) {
            weight->score[k] = (float)k - 1;
            weight->log_ratio[k] = 3 * ((float)k - 1);
        }
    }
    return weighing;
}

static imi_finding scored(float score)
{
    return (imi_finding){.measured = true, .score = score, .uncertainty = NAN};
}

static imi_weighed weigh(const imi_weighing *weighing, const imi_findings *findings)
{
    return imi_weigh(weighing, findings, false);
}

static void nothing_measured_is_undecided(void **state)
{
    (void)state;
    imi_weighing weighing = sample();
    imi_findings findings = {0};
    imi_weighed weighed = weigh(&weighing, &findings);
    assert_int_equal(weighed.decision, IMI_PAD_UNDECIDED);
    assert_true(isnan(weighed.log_ratio));
    /* Also where nothing is asked for. */
    weighing.accept = weighing.reject = -100;
    assert_int_equal(weigh(&weighing, &findings).decision, IMI_PAD_UNDECIDED);
}

static void scores_between_knots_are_interpolated(void **state)
{
    (void)state;
    imi_weighing weighing = sample();
    imi_findings findings = {0};
    findings.layer[IMI_LAYER_GEOMETRY] = scored(0.5F);
    assert_true(weigh(&weighing, &findings).part[IMI_LAYER_GEOMETRY] == 1.5F);
    findings.layer[IMI_LAYER_GEOMETRY] = scored(-0.25F);
    assert_true(weigh(&weighing, &findings).part[IMI_LAYER_GEOMETRY] == -0.75F);
}

static void scores_beyond_the_knots_count_as_the_ends(void **state)
{
    (void)state;
    imi_weighing weighing = sample();
    imi_findings findings = {0};
    static const float scores[] = {1, 7, INFINITY};
    for (size_t i = 0; i < 3; i++) {
        findings.layer[IMI_LAYER_PASSIVE] = scored(scores[i]);
        assert_true(weigh(&weighing, &findings).log_ratio == 3);
        findings.layer[IMI_LAYER_PASSIVE] = scored(-scores[i]);
        assert_true(weigh(&weighing, &findings).log_ratio == -3);
    }
}

static void one_knot_counts_the_same_everywhere(void **state)
{
    (void)state;
    imi_weighing weighing = sample();
    weighing.layer[IMI_LAYER_CAMERA].knot_count = 1;
    imi_findings findings = {0};
    findings.layer[IMI_LAYER_CAMERA] = scored(0.7F);
    assert_true(weigh(&weighing, &findings).log_ratio == -3);
}

static void log_ratios_add_up(void **state)
{
    (void)state;
    imi_weighing weighing = sample();
    imi_findings findings = {0};
    findings.layer[IMI_LAYER_CHALLENGE] = scored(0.5F);
    findings.layer[IMI_LAYER_GEOMETRY] = scored(0.5F);
    findings.layer[IMI_LAYER_PASSIVE] = scored(-0.25F);
    imi_weighed weighed = weigh(&weighing, &findings);
    assert_true(weighed.log_ratio == 2.25F);
    assert_int_equal(weighed.decision, IMI_PAD_BONA_FIDE);
}

static void the_bounds_belong_to_accepting_and_to_undecided(void **state)
{
    (void)state;
    imi_weighing weighing = sample();
    imi_findings findings = {0};
    findings.layer[IMI_LAYER_GEOMETRY] = scored(1);
    weighing.accept = 3;
    assert_int_equal(weigh(&weighing, &findings).decision, IMI_PAD_BONA_FIDE);
    weighing.accept = nextafterf(3, 4);
    assert_int_equal(weigh(&weighing, &findings).decision, IMI_PAD_UNDECIDED);
    findings.layer[IMI_LAYER_GEOMETRY] = scored(-1);
    weighing.reject = -3;
    assert_int_equal(weigh(&weighing, &findings).decision, IMI_PAD_UNDECIDED);
    weighing.reject = nextafterf(-3, 0);
    assert_int_equal(weigh(&weighing, &findings).decision, IMI_PAD_ATTACK);
}

static void a_veto_is_an_attack_whatever_the_rest_says(void **state)
{
    (void)state;
    imi_weighing weighing = sample();
    for (unsigned i = 0; i < IMI_LAYER_COUNT; i++) {
        imi_findings findings = {0};
        for (unsigned other = 0; other < IMI_LAYER_COUNT; other++) {
            findings.layer[other] = scored(1);
        }
        findings.layer[i].veto = true;
        findings.layer[i].measured = i % 2 == 0; /* measured or not */
        imi_weighed weighed = weigh(&weighing, &findings);
        assert_int_equal(weighed.decision, IMI_PAD_ATTACK);
        assert_int_equal(weighed.vetoes, 1U << i);
        assert_int_equal(imi_weigh(&weighing, &findings, true).decision, IMI_PAD_ATTACK);
    }
}

static void a_missing_required_layer_is_never_accepted(void **state)
{
    (void)state;
    imi_weighing weighing = sample();
    weighing.layer[IMI_LAYER_GEOMETRY].required = true;
    imi_findings findings = {0};
    findings.layer[IMI_LAYER_PASSIVE] = scored(1);
    imi_weighed weighed = weigh(&weighing, &findings);
    assert_int_equal(weighed.decision, IMI_PAD_UNDECIDED);
    assert_int_equal(weighed.missing, 1U << IMI_LAYER_GEOMETRY);
    /* Clips that answer no challenge are weighed by what they have. */
    assert_int_equal(imi_weigh(&weighing, &findings, true).decision, IMI_PAD_BONA_FIDE);
    findings.layer[IMI_LAYER_GEOMETRY] = scored(0);
    assert_int_equal(weigh(&weighing, &findings).decision, IMI_PAD_BONA_FIDE);
}

static void a_missing_layer_does_not_excuse_an_attack(void **state)
{
    (void)state;
    imi_weighing weighing = sample();
    weighing.layer[IMI_LAYER_GEOMETRY].required = true;
    imi_findings findings = {0};
    findings.layer[IMI_LAYER_PASSIVE] = scored(-1);
    assert_int_equal(weigh(&weighing, &findings).decision, IMI_PAD_ATTACK);
}

static void a_required_layer_need_not_have_knots(void **state)
{
    (void)state;
    imi_weighing weighing = sample();
    weighing.layer[IMI_LAYER_ATTESTATION] = (imi_layer_weight){.required = true};
    imi_findings findings = {0};
    findings.layer[IMI_LAYER_PASSIVE] = scored(1);
    assert_int_equal(weigh(&weighing, &findings).decision, IMI_PAD_UNDECIDED);
    findings.layer[IMI_LAYER_ATTESTATION] = scored(-50);
    imi_weighed weighed = weigh(&weighing, &findings);
    assert_int_equal(weighed.decision, IMI_PAD_BONA_FIDE);
    assert_true(weighed.part[IMI_LAYER_ATTESTATION] == 0);
}

static void a_score_that_is_no_number_is_never_accepted(void **state)
{
    (void)state;
    imi_weighing weighing = sample();
    imi_findings findings = {0};
    findings.layer[IMI_LAYER_GEOMETRY] = scored(1);
    findings.layer[IMI_LAYER_PASSIVE] = scored(NAN);
    imi_weighed weighed = weigh(&weighing, &findings);
    assert_int_equal(weighed.decision, IMI_PAD_UNDECIDED);
    assert_int_equal(imi_weigh(&weighing, &findings, true).decision, IMI_PAD_UNDECIDED);
    assert_true(isnan(weighed.log_ratio));
}

static void a_layer_without_knots_counts_by_its_vetoes_only(void **state)
{
    (void)state;
    imi_weighing weighing = {.accept = 0, .reject = 0};
    imi_findings findings = {0};
    findings.layer[IMI_LAYER_CAMERA] = scored(9);
    assert_int_equal(weigh(&weighing, &findings).decision, IMI_PAD_UNDECIDED);
    findings.layer[IMI_LAYER_CAMERA].veto = true;
    assert_int_equal(weigh(&weighing, &findings).decision, IMI_PAD_ATTACK);
}

/* ---- the check ---- */

static void assert_refused(const imi_weighing *weighing, const char *part)
{
    imi_error err = IMI_ERROR_INIT;
    assert_int_equal(imi_weighing_check(weighing, &err), IMI_E_INVALID_ARGUMENT);
    assert_non_null(strstr(err.message, part));
}

static void good_knots_pass_the_check(void **state)
{
    (void)state;
    imi_weighing weighing = sample();
    assert_int_equal(imi_weighing_check(&weighing, NULL), IMI_OK);
    weighing = (imi_weighing){.accept = 0, .reject = 0};
    assert_int_equal(imi_weighing_check(&weighing, NULL), IMI_OK);
}

static void knots_must_rise_and_be_finite(void **state)
{
    (void)state;
    static const float bad[] = {-1, -2, NAN, INFINITY};
    for (size_t i = 0; i < 4; i++) {
        imi_weighing weighing = sample();
        weighing.layer[IMI_LAYER_PARALLAX].score[1] = bad[i];
        assert_refused(&weighing, "parallax");
    }
    imi_weighing weighing = sample();
    weighing.layer[IMI_LAYER_LIGHT].log_ratio[0] = NAN;
    assert_refused(&weighing, "light");
    weighing = sample();
    weighing.layer[IMI_LAYER_LIGHT].knot_count = IMI_LAYER_KNOTS_MAX + 1;
    assert_refused(&weighing, "light");
}

static void the_bounds_must_be_in_order(void **state)
{
    (void)state;
    imi_weighing weighing = sample();
    weighing.reject = 2.5F;
    assert_refused(&weighing, "reject");
    weighing.reject = NAN;
    assert_refused(&weighing, "reject");
    weighing = sample();
    weighing.accept = INFINITY;
    assert_refused(&weighing, "accept");
}

/* ---- names and text ---- */

static void every_layer_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (unsigned i = 0; i < IMI_LAYER_COUNT; i++) {
        assert_int_equal(imi_layer_of_name(imi_layer_name((imi_layer)i)), i);
    }
    assert_null(imi_layer_name(IMI_LAYER_COUNT));
    assert_null(imi_layer_name((imi_layer)-1));
    assert_int_equal(imi_layer_of_name("depth"), IMI_LAYER_COUNT);
    assert_int_equal(imi_layer_of_name(NULL), IMI_LAYER_COUNT);
}

static void the_text_names_what_was_found(void **state)
{
    (void)state;
    imi_weighing weighing = sample();
    weighing.layer[IMI_LAYER_LIGHT].required = true;
    imi_findings findings = {0};
    findings.layer[IMI_LAYER_CHALLENGE] = scored(0.5F);
    findings.layer[IMI_LAYER_PASSIVE] = scored(-0.25F);
    findings.layer[IMI_LAYER_PASSIVE].reduced = true;
    findings.layer[IMI_LAYER_CONTINUITY] = (imi_finding){.veto = true, .code = "frames_repeat"};
    imi_weighed weighed = weigh(&weighing, &findings);
    char text[IMI_FINDINGS_TEXT_SIZE];
    imi_weighed_format(&weighed, &findings, text);
    assert_string_equal(text, "challenge:+1.5 passive:-0.8(reduced) "
                              "continuity:veto(frames_repeat) light:missing sum:+0.8");
}

static void the_text_says_why_a_layer_did_not_measure(void **state)
{
    (void)state;
    imi_weighing weighing = sample();
    imi_findings findings = {0};
    findings.layer[IMI_LAYER_LIGHT].code = "too_bright";
    findings.layer[IMI_LAYER_PASSIVE] = scored(1);
    findings.layer[IMI_LAYER_PASSIVE].reduced = true;
    findings.layer[IMI_LAYER_PASSIVE].code = "few_frames";
    imi_weighed weighed = weigh(&weighing, &findings);
    char text[IMI_FINDINGS_TEXT_SIZE];
    imi_weighed_format(&weighed, &findings, text);
    assert_string_equal(text,
                        "passive:+3.0(reduced,few_frames) light:unmeasured(too_bright) sum:+3.0");
}

static void without_findings_the_text_is_empty(void **state)
{
    (void)state;
    imi_weighing weighing = sample();
    imi_findings findings = {0};
    imi_weighed weighed = weigh(&weighing, &findings);
    char text[IMI_FINDINGS_TEXT_SIZE] = "before";
    imi_weighed_format(&weighed, &findings, text);
    assert_string_equal(text, "");
}

static void the_longest_text_fits(void **state)
{
    (void)state;
    imi_weighing weighing = sample();
    imi_findings findings = {0};
    for (unsigned i = 0; i < IMI_LAYER_COUNT; i++) {
        findings.layer[i] = scored(-1);
        findings.layer[i].reduced = true;
        findings.layer[i].code = "a_code_that_is_longer_than_any_of_them_ever_will_be";
    }
    imi_weighed weighed = weigh(&weighing, &findings);
    char text[IMI_FINDINGS_TEXT_SIZE];
    imi_weighed_format(&weighed, &findings, text);
    assert_non_null(strstr(text, "attestation:-3.0(reduced,a_code"));
    assert_string_equal(text + strlen(text) - 10, " sum:-24.0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_measured_is_undecided),
        cmocka_unit_test(scores_between_knots_are_interpolated),
        cmocka_unit_test(scores_beyond_the_knots_count_as_the_ends),
        cmocka_unit_test(one_knot_counts_the_same_everywhere),
        cmocka_unit_test(log_ratios_add_up),
        cmocka_unit_test(the_bounds_belong_to_accepting_and_to_undecided),
        cmocka_unit_test(a_veto_is_an_attack_whatever_the_rest_says),
        cmocka_unit_test(a_missing_required_layer_is_never_accepted),
        cmocka_unit_test(a_missing_layer_does_not_excuse_an_attack),
        cmocka_unit_test(a_required_layer_need_not_have_knots),
        cmocka_unit_test(a_score_that_is_no_number_is_never_accepted),
        cmocka_unit_test(a_layer_without_knots_counts_by_its_vetoes_only),
        cmocka_unit_test(good_knots_pass_the_check),
        cmocka_unit_test(knots_must_rise_and_be_finite),
        cmocka_unit_test(the_bounds_must_be_in_order),
        cmocka_unit_test(every_layer_has_a_name_of_its_own),
        cmocka_unit_test(the_text_names_what_was_found),
        cmocka_unit_test(the_text_says_why_a_layer_did_not_measure),
        cmocka_unit_test(without_findings_the_text_is_empty),
        cmocka_unit_test(the_longest_text_fits),
    };
    return cmocka_run_group_tests_name("weigh", tests, NULL, NULL);
}
