#include "sample.h"

#include "imi/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char g_folder[256];
static char g_path[300];

void assert_ok(imi_status status, const imi_error *err)
{
    if (status != IMI_OK) {
        fail_msg("%s: %s", imi_status_name(status), err->message);
    }
}

int sample_set_up(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR");
    snprintf(g_folder, sizeof g_folder, "%s/imi-policy-XXXXXX", base == NULL ? "/tmp" : base);
    if (mkdtemp(g_folder) == NULL) {
        return -1;
    }
    snprintf(g_path, sizeof g_path, "%s/policy.yaml", g_folder);
    return 0;
}

int sample_tear_down(void **state)
{
    (void)state;
    unlink(g_path);
    return rmdir(g_folder);
}

const char *policy_path(void)
{
    return g_path;
}

/* Tests name its lines: add at the end only. */
const char *good_policy(void)
{
    return "version: v1\n" /* 1 */
           "issuer: https://imi.example\n" /* 2 */
           "purposes:\n" /* 3 */
           "  - name: one\n" /* 4 */
           "    title: The first\n" /* 5 */
           "    consent_text: Forty bytes at least say what is taken and why.\n" /* 6 */
           "    target_fmr: 1e-4\n" /* 7 */
           "    challenge:\n" /* 8 */
           "      actions: [near_far, turn_left, blink]\n" /* 9 */
           "      count: 3\n" /* 10 */
           "      count_max: 4\n" /* 11 */
           "      near_far_required: true\n" /* 12 */
           "      near_targets: true\n" /* 13 */
           "    pad: optional\n" /* 14 */
           "    light: on\n" /* 15 */
           "    attestation: off\n" /* 16 */
           "    attempts: 3\n" /* 17 */
           "    attempt_limits: {free: 4, first_delay_s: 30, max_delay_s: 3600, per_day: 20}\n" /* 18
                                                                                                 */
           "    session_lifetime_s: 600\n" /* 19 */
           "    token_lifetime_s: 300\n" /* 20 */
           "    evidence: [face, liveness]\n" /* 21 */
           "  - name: two\n" /* 22 */
           "    title: The second\n" /* 23 */
           "    consent_text: Forty bytes at least say what is taken and why.\n" /* 24 */
           "    target_fmr: 0.02\n" /* 25 */
           "    challenge: {actions: [open_mouth, turn_right], count: 2, count_max: 2,\n" /* 26 */
           "                near_far_required: false, near_targets: false}\n" /* 27 */
           "    pad: required\n" /* 28 */
           "    light: off\n" /* 29 */
           "    attestation: off\n" /* 30 */
           "    attempts: 1\n" /* 31 */
           "    attempt_limits: {free: 1, first_delay_s: 1, max_delay_s: 1, per_day: 1}\n" /* 32 */
           "    session_lifetime_s: 60\n" /* 33 */
           "    token_lifetime_s: 30\n" /* 34 */
           "    evidence: [face, liveness, document]\n" /* 35 */
           "relying_parties:\n" /* 36 */
           "  - name: backend\n" /* 37 */
           "    audience: https://backend.example\n" /* 38 */
           "    purposes: [two]\n" /* 39 */
           "    may_enrol: false\n" /* 40 */
           "presentation_attack:\n" /* 41 */
           "  accept: 1.5\n" /* 42 */
           "  reject: -2.5\n" /* 43 */
           "  challenge: {required: true, scores: [0, 1], log_ratios: [-2, 2]}\n" /* 44 */
           "  geometry: {required: true, scores: [-1, 0.5, 2], log_ratios: [-3, 0, 3]}\n" /* 45 */
           "  parallax: {required: false}\n" /* 46 */
           "  passive: {required: false, scores: [0], log_ratios: [1e-1]}\n" /* 47 */
           "  continuity: {required: false}\n" /* 48 */
           "  camera: {required: false}\n" /* 49 */
           "  light: {required: false}\n" /* 50 */
           "  attestation: {required: false}\n"; /* 51 */
}

const char *policy_with(const char *old_text, const char *new_text)
{
    static char text[16384];
    const char *good = good_policy();
    const char *at = strstr(good, old_text);
    assert_non_null(at);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - good), good, new_text,
             at + strlen(old_text));
    return text;
}

imi_status load_text(const char *text, imi_policy **out, imi_error *err)
{
    assert_ok(imi_file_write(g_path, imi_view_of_text(text), 0600, err), err);
    return imi_policy_load(g_path, out, err);
}

void assert_refused(const char *old_text, const char *new_text, const char *message)
{
    imi_error err = IMI_ERROR_INIT;
    imi_policy *policy = NULL;
    imi_status status = load_text(policy_with(old_text, new_text), &policy, &err);
    assert_null(policy);
    assert_string_equal(err.message, message);
    assert_int_equal(status, IMI_E_POLICY);
}

void assert_text_refused(const char *text, const char *part)
{
    imi_error err = IMI_ERROR_INIT;
    imi_policy *policy = NULL;
    assert_int_equal(load_text(text, &policy, &err), IMI_E_POLICY);
    assert_null(policy);
    if (strstr(err.message, part) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", err.message, part);
    }
}

void assert_accepted(const char *old_text, const char *new_text)
{
    imi_error err = IMI_ERROR_INIT;
    IMI_AUTO(imi_policy) policy = NULL;
    assert_ok(load_text(policy_with(old_text, new_text), &policy, &err), &err);
}
