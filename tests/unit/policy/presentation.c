/* What findings are worth, and whom attestations are trusted from. */
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define GEOMETRY "geometry: {required: true, scores: [-1, 0.5, 2], log_ratios: [-3, 0, 3]}"
#define AT "policy.yaml line 45: presentation_attack.geometry."
#define TRUSTED(inside) "    may_enrol: false\nattestation:\n" inside "presentation_attack:\n"
#define DIGEST "0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef"
#define ANDROID(signer)                                                                            \
    "  android: {roots: a.pem, revoked: r.json, packages: [org.example.app], signers: [" signer    \
    "]}\n"
#define APPLE "  apple: {roots: b.pem, app_ids: [TEAM.org.example.app, TEAM.org.example.two]}\n"

static void the_worth_of_every_layer_is_read(void **state)
{
    (void)state;
    imi_error err = IMI_ERROR_INIT;
    IMI_AUTO(imi_policy) policy = NULL;
    assert_ok(load_text(good_policy(), &policy, &err), &err);
    const imi_weighing *weighing = imi_policy_weighing(policy);
    assert_true(weighing->accept == 1.5F);
    assert_true(weighing->reject == -2.5F);
    const imi_layer_weight *geometry = &weighing->layer[IMI_LAYER_GEOMETRY];
    assert_true(geometry->required);
    assert_int_equal(geometry->knot_count, 3);
    assert_true(geometry->score[0] == -1 && geometry->score[1] == 0.5F && geometry->score[2] == 2);
    assert_true(geometry->log_ratio[0] == -3 && geometry->log_ratio[2] == 3);
    assert_false(weighing->layer[IMI_LAYER_PASSIVE].required);
    assert_true(weighing->layer[IMI_LAYER_PASSIVE].log_ratio[0] == 0.1F);
    assert_int_equal(weighing->layer[IMI_LAYER_CAMERA].knot_count, 0);
    assert_int_equal(imi_weighing_check(weighing, &err), IMI_OK);
}

/* The names of the file are those of imi_layer_name, each at its own number. */
static void each_layer_goes_by_its_own_name(void **state)
{
    (void)state;
    for (unsigned i = 0; i < IMI_LAYER_COUNT; i++) {
        imi_error err = IMI_ERROR_INIT;
        IMI_AUTO(imi_policy) policy = NULL;
        char text[8192], name[64], odd[128];
        snprintf(text, sizeof text, "%s", good_policy());
        snprintf(name, sizeof name, "\n  %s: {", imi_layer_name((imi_layer)i));
        char *at = strstr(strstr(text, "presentation_attack"), name);
        assert_non_null(at);
        char *end = strchr(at + 1, '\n');
        snprintf(odd, sizeof odd, "%srequired: false, scores: [%u], log_ratios: [7]}", name,
                 i + 50);
        char changed[8192];
        snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text, odd, end);
        assert_ok(load_text(changed, &policy, &err), &err);
        assert_true(imi_policy_weighing(policy)->layer[i].score[0] == (float)i + 50);
    }
}

static void knots_must_make_sense(void **state)
{
    (void)state;
    assert_refused(GEOMETRY, "geometry: {required: true, scores: [-1, 2], log_ratios: [-3, 0, 3]}",
                   AT "scores must be as many as log_ratios: 3, not 2");
    assert_refused(GEOMETRY, "geometry: {required: true, log_ratios: [-3, 0, 3]}",
                   AT "scores must be as many as log_ratios: 3, not 0");
    assert_refused(GEOMETRY, "geometry: {required: true, scores: [-1]}",
                   AT "scores must be as many as log_ratios: 0, not 1");
    assert_refused(GEOMETRY, "geometry: {required: true, scores: [2, 1], log_ratios: [-3, 0]}",
                   AT "scores are refused: layer geometry: scores of at most 12 knots must rise "
                      "and be finite");
    assert_refused(GEOMETRY, "geometry: {required: true, scores: [1, 1], log_ratios: [-3, 0]}",
                   AT "scores are refused: layer geometry: scores of at most 12 knots must rise "
                      "and be finite");
    assert_refused(GEOMETRY, "geometry: {required: true, scores: [1, nan], log_ratios: [-3, 0]}",
                   AT "scores[1] must be a decimal number such as 0.001 or 1e-3");
    assert_refused(GEOMETRY, "geometry: {required: true, scores: [1, 2], log_ratios: [-21, 0]}",
                   AT "log_ratios[0] must be between -20 and 20");
    assert_refused(GEOMETRY, "geometry: {required: true, scores: [1, 2], log_ratios: [-3, --1]}",
                   AT "log_ratios[1] must be a decimal number such as 0.001 or 1e-3");
    assert_text_refused(
        policy_with(GEOMETRY, "geometry: {required: true, scores: [1,2,3,4,5,6,7,8,9,10,11,12,13], "
                              "log_ratios: [1,2,3,4,5,6,7,8,9,10,11,12,13]}"),
        "line 45: presentation_attack.geometry.");
}

static void bounds_must_make_sense(void **state)
{
    (void)state;
    assert_refused("accept: 1.5", "accept: 20.5",
                   "policy.yaml line 42: presentation_attack.accept must be between 0 and 20");
    assert_refused("accept: 1.5", "accept: inf",
                   "policy.yaml line 42: presentation_attack.accept must be a decimal number such "
                   "as 0.001 or 1e-3");
    assert_refused("reject: -2.5", "reject: 0.1",
                   "policy.yaml line 43: presentation_attack.reject must be between -20 and 0");
}

static void a_bound_that_nothing_reaches_is_refused(void **state)
{
    (void)state;
    assert_refused("accept: 1.5", "accept: 5.2",
                   "policy.yaml line 42: presentation_attack.accept is out of reach: all "
                   "log_ratios together are at most 5.1");
    assert_accepted("accept: 1.5", "accept: 5.1");
}

static void unknown_layers_are_refused(void **state)
{
    (void)state;
    assert_refused("  camera: {", "  depth: {required: false}\n  camera: {",
                   "policy.yaml line 49: presentation_attack.depth is not a known field");
    assert_refused("  camera: {required: false}", "  camera: {required: maybe}",
                   "policy.yaml line 49: presentation_attack.camera.required is refused: Invalid "
                   "ENUM value: maybe");
}

static void a_required_layer_must_be_used_by_every_purpose(void **state)
{
    (void)state;
    assert_refused("  light: {required: false}", "  light: {required: true}",
                   "policy.yaml line 29: purposes[1].light is off, but presentation_attack.light "
                   "is required");
    assert_refused("  attestation: {required: false}", "  attestation: {required: true}",
                   "policy.yaml line 16: purposes[0].attestation is off, but "
                   "presentation_attack.attestation is required");
    char text[8192];
    snprintf(text, sizeof text, "%s",
             policy_with("  passive: {required: false", "  passive: {required: true"));
    char *pad = strstr(text, "    pad: optional\n");
    assert_non_null(pad);
    memcpy(pad, "    pad: off     ", strlen("    pad: optional"));
    assert_text_refused(text, "line 14: purposes[0].pad is off, but presentation_attack.passive is "
                              "required");
}

static void who_is_trusted_is_read(void **state)
{
    (void)state;
    imi_error err = IMI_ERROR_INIT;
    IMI_AUTO(imi_policy) policy = NULL;
    assert_ok(load_text(policy_with("    may_enrol: false\npresentation_attack:\n",
                                    TRUSTED(ANDROID(DIGEST) APPLE)),
                        &policy, &err),
              &err);
    const imi_attest_options *options = imi_policy_attest_options(policy);
    assert_string_equal(options->android_roots_pem, "a.pem");
    assert_string_equal(options->android_revoked_json, "r.json");
    assert_int_equal(options->android_package_count, 1);
    assert_string_equal(options->android_packages[0], "org.example.app");
    assert_int_equal(options->android_signer_count, 1);
    assert_string_equal(options->android_signers[0], DIGEST);
    assert_string_equal(options->apple_roots_pem, "b.pem");
    assert_int_equal(options->apple_app_id_count, 2);
    assert_string_equal(options->apple_app_ids[1], "TEAM.org.example.two");
}

static void without_the_field_nobody_is_trusted(void **state)
{
    (void)state;
    imi_error err = IMI_ERROR_INIT;
    IMI_AUTO(imi_policy) policy = NULL;
    assert_ok(load_text(good_policy(), &policy, &err), &err);
    const imi_attest_options *options = imi_policy_attest_options(policy);
    assert_null(options->android_roots_pem);
    assert_null(options->apple_roots_pem);
    assert_refused("attestation: off", "attestation: optional",
                   "policy.yaml line 16: purposes[0].attestation is not off, but the file has no "
                   "attestation: nobody is trusted");
}

static void trust_must_be_whole(void **state)
{
    (void)state;
    static const char before[] = "    may_enrol: false\npresentation_attack:\n";
    assert_refused(
        before, TRUSTED(ANDROID("12ab")),
        "policy.yaml line 42: attestation.android.signers[0] must be a SHA-256 digest in "
        "64 hex digits");
    assert_refused(before, TRUSTED("  apple: {roots: b.pem}\n"),
                   "policy.yaml line 42: attestation.apple.app_ids is missing");
    assert_text_refused(policy_with(before, TRUSTED("  {}\n")),
                        "attestation must hold android, apple or both");
    assert_refused(before, TRUSTED("  apple: {roots: \"b\\n\", app_ids: [x]}\n"),
                   "policy.yaml line 42: attestation.apple.roots must not hold control characters "
                   "or line breaks");
}

int run_presentation_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worth_of_every_layer_is_read),
        cmocka_unit_test(each_layer_goes_by_its_own_name),
        cmocka_unit_test(knots_must_make_sense),
        cmocka_unit_test(bounds_must_make_sense),
        cmocka_unit_test(a_bound_that_nothing_reaches_is_refused),
        cmocka_unit_test(unknown_layers_are_refused),
        cmocka_unit_test(a_required_layer_must_be_used_by_every_purpose),
        cmocka_unit_test(who_is_trusted_is_read),
        cmocka_unit_test(without_the_field_nobody_is_trusted),
        cmocka_unit_test(trust_must_be_whole),
    };
    return cmocka_run_group_tests_name("policy: presentation", tests, sample_set_up,
                                       sample_tear_down);
}
