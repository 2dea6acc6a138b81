/* What measures foretell: component scores, matchability, advice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "imi/quality.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

/* A portrait without fault, and the agreement that goes with one. */
static const imi_quality good = {.inter_eye_distance_px = 80,
                                 .sharpness = 0.4F,
                                 .illumination_uniformity = 0.8F,
                                 .under_exposure = 0.01F,
                                 .over_exposure = 0,
                                 .eyes_open = 0.3F,
                                 .eyes_visible = 0.9F,
                                 .mouth_visible = 0.8F,
                                 .pose = {2, 3, 1},
                                 .face_count = 1,
                                 .unified = 0.5F};
static const float GOOD_AGREEMENT = 0.985F;

static float probability(const imi_quality *quality, float agreement)
{
    return imi_quality_matchability(quality, IMI_CAPTURE_PORTRAIT, agreement).probability;
}

static void a_good_portrait_is_good(void **state)
{
    (void)state;
    imi_matchability made = imi_quality_matchability(&good, IMI_CAPTURE_PORTRAIT, GOOD_AGREEMENT);
    assert_int_equal(made.level, IMI_QUALITY_GOOD);
    assert_int_equal(made.reason, IMI_CAPTURE_OK);
    /* By hand: 0.483 + 2.026 ln 0.11 + 3.267 / 2 + 4 * 0.3 - 0.745 ln 0.016 = 1.925. */
    assert_true(fabsf(made.probability - 0.8727F) < 1e-3F);
}

static void without_a_template_a_good_portrait_is_good_too(void **state)
{
    (void)state;
    imi_matchability made = imi_quality_matchability(&good, IMI_CAPTURE_PORTRAIT, NAN);
    assert_int_equal(made.level, IMI_QUALITY_GOOD);
    assert_true(made.probability > 0.75F && made.probability < 1);
}

static void more_agreement_never_lowers_it(void **state)
{
    (void)state;
    float before = 0;
    for (float agreement = -1; agreement <= 1.001F; agreement += 0.01F) {
        float now = probability(&good, agreement);
        assert_true(now >= before && now <= 1);
        before = now;
    }
    assert_true(probability(&good, 0.9F) < probability(&good, 0.99F));
}

static void sharper_never_lowers_it_and_enough_is_enough(void **state)
{
    (void)state;
    imi_quality quality = good;
    float before = 0;
    for (quality.sharpness = 0.005F; quality.sharpness <= 1; quality.sharpness *= 1.5F) {
        float now = probability(&quality, GOOD_AGREEMENT);
        assert_true(now >= before);
        before = now;
    }
    quality.sharpness = 0.02F;
    assert_true(probability(&quality, GOOD_AGREEMENT) < probability(&good, GOOD_AGREEMENT));
    quality.sharpness = 0.2F;
    assert_true(probability(&quality, GOOD_AGREEMENT) == probability(&good, GOOD_AGREEMENT));
}

static void hidden_eyes_and_light_from_the_side_lower_it(void **state)
{
    (void)state;
    imi_quality eyes = good;
    eyes.eyes_visible = 0.2F;
    assert_true(probability(&eyes, GOOD_AGREEMENT) < probability(&good, GOOD_AGREEMENT));
    imi_quality light = good;
    light.illumination_uniformity = 0.1F;
    assert_true(probability(&light, NAN) < probability(&good, NAN));
    assert_true(probability(&light, GOOD_AGREEMENT) < probability(&good, GOOD_AGREEMENT));
}

static void what_is_refused_is_unusable(void **state)
{
    (void)state;
    imi_quality small = good;
    small.inter_eye_distance_px = 10;
    imi_matchability made = imi_quality_matchability(&small, IMI_CAPTURE_PORTRAIT, GOOD_AGREEMENT);
    assert_int_equal(made.level, IMI_QUALITY_UNUSABLE);
    assert_int_equal(made.reason, IMI_CAPTURE_FACE_TOO_SMALL);
    assert_true(made.probability == 0);
}

static void no_measure_may_be_nan(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        imi_quality quality = good;
        *(i == 0   ? &quality.sharpness
          : i == 1 ? &quality.eyes_visible
                   : &quality.illumination_uniformity) = NAN;
        imi_matchability made = imi_quality_matchability(&quality, IMI_CAPTURE_PORTRAIT, NAN);
        assert_int_equal(made.level, IMI_QUALITY_UNUSABLE);
        assert_true(made.probability == 0);
        /* Frames of a clip are not refused for it: they must not pass either. */
        made = imi_quality_matchability(&quality, IMI_CAPTURE_MOTION, NAN);
        assert_int_equal(made.level, IMI_QUALITY_UNUSABLE);
    }
}

static void a_usable_portrait_can_be_poor_and_says_why(void **state)
{
    (void)state;
    imi_quality blurred = good;
    blurred.sharpness = 0.01F;
    imi_matchability made =
        imi_quality_matchability(&blurred, IMI_CAPTURE_PORTRAIT, GOOD_AGREEMENT);
    assert_int_equal(made.level, IMI_QUALITY_POOR);
    assert_int_equal(made.reason, IMI_CAPTURE_BLURRED);
    imi_quality turned = good;
    turned.pose.yaw_deg = -40;
    made = imi_quality_matchability(&turned, IMI_CAPTURE_PORTRAIT, 0.9F);
    assert_int_equal(made.level, IMI_QUALITY_POOR);
    assert_int_equal(made.reason, IMI_CAPTURE_NOT_FRONTAL);
}

static void the_zero_level_is_not_good(void **state)
{
    (void)state;
    imi_matchability zero = {0};
    assert_int_equal(zero.level, IMI_QUALITY_UNUSABLE);
}

static void components_run_from_nothing_to_a_hundred(void **state)
{
    (void)state;
    for (int i = 0; i < IMI_COMPONENT_COUNT; i++) {
        uint32_t score = imi_quality_component_score(&good, (imi_quality_component)i);
        assert_true(score >= 95 && score <= 100);
    }
    imi_quality bad = {.inter_eye_distance_px = 5,
                       .under_exposure = 1,
                       .over_exposure = 1,
                       .pose = {90, 0, 0},
                       .cut_off = 1};
    for (int i = 0; i < IMI_COMPONENT_COUNT; i++) {
        assert_int_equal(imi_quality_component_score(&bad, (imi_quality_component)i), 0);
    }
}

static void a_nan_component_scores_nothing(void **state)
{
    (void)state;
    imi_quality nan = {NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, {0, NAN, 0}, 1, NAN, NAN};
    for (int i = 0; i < IMI_COMPONENT_COUNT; i++) {
        assert_int_equal(imi_quality_component_score(&nan, (imi_quality_component)i), 0);
    }
    assert_int_equal(imi_quality_component_score(&good, IMI_COMPONENT_COUNT), 0);
}

static void names_are_stable_words(void **state)
{
    (void)state;
    for (int i = 0; i < IMI_COMPONENT_COUNT; i++) {
        const char *name = imi_quality_component_name((imi_quality_component)i);
        assert_string_not_equal(name, "unknown");
        for (int k = 0; k < i; k++) {
            assert_string_not_equal(name, imi_quality_component_name((imi_quality_component)k));
        }
    }
    assert_string_equal(imi_quality_component_name(IMI_COMPONENT_COUNT), "unknown");
    assert_string_equal(imi_quality_level_name(IMI_QUALITY_POOR), "poor");
    assert_string_equal(imi_quality_level_name((imi_quality_level)9), "unknown");
}

static bool is_code(const char *text)
{
    size_t length = strlen(text);
    return length > 0 && strspn(text, "abcdefghijklmnopqrstuvwxyz_") == length;
}

static bool is_sentence(const char *text)
{
    size_t length = strlen(text);
    return length > 1 && isupper((unsigned char)text[0]) && text[length - 1] == '.';
}

static void every_reason_has_advice_of_its_own(void **state)
{
    (void)state;
    const imi_capture_kind kinds[] = {IMI_CAPTURE_PORTRAIT, IMI_CAPTURE_SELFIE};
    for (size_t k = 0; k < 2; k++) {
        for (int i = IMI_CAPTURE_OK + 1; i < IMI_CAPTURE_REASON_COUNT; i++) {
            imi_capture_advice advice = imi_capture_advise((imi_capture_reason)i, kinds[k]);
            assert_true(is_code(advice.code));
            assert_true(is_sentence(advice.text));
            for (int j = IMI_CAPTURE_OK + 1; j < i; j++) {
                assert_string_not_equal(advice.code,
                                        imi_capture_advise((imi_capture_reason)j, kinds[k]).code);
            }
        }
    }
}

static void advice_speaks_to_whom_it_can_help(void **state)
{
    (void)state;
    assert_string_equal(imi_capture_advise(IMI_CAPTURE_UNEVEN_LIGHT, IMI_CAPTURE_SELFIE).code,
                        "turn_to_the_light");
    imi_capture_advice dark = imi_capture_advise(IMI_CAPTURE_TOO_DARK, IMI_CAPTURE_PORTRAIT);
    assert_string_equal(dark.code, "portrait_too_dark");
    assert_string_equal(dark.text, "The photo in the registry is too dark: renew it.");
}

static void nothing_wrong_needs_no_advice(void **state)
{
    (void)state;
    assert_string_equal(imi_capture_advise(IMI_CAPTURE_OK, IMI_CAPTURE_SELFIE).code, "");
    assert_string_equal(imi_capture_advise(IMI_CAPTURE_OK, IMI_CAPTURE_PORTRAIT).text, "");
}

static void an_unknown_reason_is_never_taken_for_good(void **state)
{
    (void)state;
    imi_capture_advice advice = imi_capture_advise((imi_capture_reason)99, IMI_CAPTURE_SELFIE);
    assert_string_equal(advice.code, "show_your_face");
    advice = imi_capture_advise((imi_capture_reason)-1, (imi_capture_kind)77);
    assert_string_equal(advice.code, "show_your_face");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_portrait_is_good),
        cmocka_unit_test(without_a_template_a_good_portrait_is_good_too),
        cmocka_unit_test(more_agreement_never_lowers_it),
        cmocka_unit_test(sharper_never_lowers_it_and_enough_is_enough),
        cmocka_unit_test(hidden_eyes_and_light_from_the_side_lower_it),
        cmocka_unit_test(what_is_refused_is_unusable),
        cmocka_unit_test(no_measure_may_be_nan),
        cmocka_unit_test(a_usable_portrait_can_be_poor_and_says_why),
        cmocka_unit_test(the_zero_level_is_not_good),
        cmocka_unit_test(components_run_from_nothing_to_a_hundred),
        cmocka_unit_test(a_nan_component_scores_nothing),
        cmocka_unit_test(names_are_stable_words),
        cmocka_unit_test(every_reason_has_advice_of_its_own),
        cmocka_unit_test(advice_speaks_to_whom_it_can_help),
        cmocka_unit_test(nothing_wrong_needs_no_advice),
        cmocka_unit_test(an_unknown_reason_is_never_taken_for_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
