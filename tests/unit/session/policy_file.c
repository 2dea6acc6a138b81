/*
 * The fixture's policy: purposes that differ in the one thing that a test is about.
 */
#include "fixture.h"

#include <stdio.h>

typedef struct purpose_line {
    const char *name;
    double target_fmr;
    const char *pad;
    const char *evidence;
    int attempts;
    const char *more; /* lines behind the others, or "" */
    const char *limits; /* of attempts; NULL: none worth the name */
    const char *attestation; /* NULL: off */
    const char *light; /* NULL: off */
} purpose_line;

static const char no_limits[] = "free: 1000000, first_delay_s: 1, max_delay_s: 1, per_day: 1000000";
static const char tight_limits[] = "free: 2, first_delay_s: 30, max_delay_s: 100, per_day: 6";

/* The layers were made for cameras' pictures, and what they say of drawn ones is by the way: only
 * the challenge counts, and every veto. */
static const char presentation[] = "presentation_attack:\n"
                                   "  accept: 1\n"
                                   "  reject: -1\n"
                                   "  challenge: {required: true, scores: [0], log_ratios: [1]}\n"
                                   "  geometry: {required: false}\n"
                                   "  parallax: {required: false}\n"
                                   "  passive: {required: false}\n"
                                   "  continuity: {required: false}\n"
                                   "  camera: {required: false}\n"
                                   "  light: {required: false}\n"
                                   "  attestation: {required: false}\n"
                                   "attestation:\n"
                                   "  apple: {roots: none.pem, app_ids: [TEAM.org.example]}\n";

static const char keeping_rules[] =
    "    additional_reference:\n"
    "      offer: true\n"
    "      consent_text: This is the text that people consent to before a template is kept\n"
    "      fmr_max: 2e-5\n"
    "      max: 2\n"
    "      after_days: 30\n";

static const char telling_rules[] =
    "    claims:\n"
    "      - {name: name, title: Your name, purpose: To address you, retention_days: 30,\n"
    "         required: true}\n"
    "      - {name: birthdate, title: Your day of birth, purpose: To know your age,\n"
    "         retention_days: 0, required: false}\n"
    "      - {name: adult, title: That you are of age, purpose: To let you in,\n"
    "         retention_days: 1, required: false}\n"
    "    credential_days: 30\n";

static void add_purpose(imi_buffer *text, const purpose_line *purpose)
{
    assert_int_equal(
        imi_buffer_printf(text, NULL,
                          "  - name: %s\n"
                          "    title: Title of %s\n"
                          "    consent_text: This is the text that people consent to for %s\n"
                          "    target_fmr: %g\n"
                          "    challenge:\n"
                          "      actions: [near_far, open_mouth, blink]\n"
                          "      count: 2\n"
                          "      count_max: 2\n"
                          "      near_far_required: true\n"
                          "      near_targets: false\n"
                          "    pad: %s\n"
                          "    light: %s\n"
                          "    attestation: %s\n"
                          "    attempts: %d\n"
                          "    attempt_limits: {%s}\n"
                          "    session_lifetime_s: 900\n"
                          "    token_lifetime_s: 300\n"
                          "    evidence: [%s]\n"
                          "%s",
                          purpose->name, purpose->name, purpose->name, purpose->target_fmr,
                          purpose->pad, purpose->light == NULL ? "off" : purpose->light,
                          purpose->attestation == NULL ? "off" : purpose->attestation,
                          purpose->attempts, purpose->limits == NULL ? no_limits : purpose->limits,
                          purpose->evidence, purpose->more),
        IMI_OK);
}

void fixture_write_policy(const char *path, double plain_target_fmr)
{
    const purpose_line purposes[] = {
        {PURPOSE_PLAIN, plain_target_fmr, "off", "face, liveness", 3, "", NULL, NULL, NULL},
        {PURPOSE_OPTIONAL, 1e-4, "optional", "face, liveness", 3, "", NULL, NULL, NULL},
        {PURPOSE_STRICT, 1e-4, "required", "face, liveness", 3, "", NULL, NULL, NULL},
        {PURPOSE_ONCE, 1e-4, "off", "face, liveness", 1, "", NULL, NULL, NULL},
        {PURPOSE_KEEPING, 1e-4, "required", "face, liveness", 3, keeping_rules, NULL, NULL, NULL},
        {PURPOSE_DOCUMENT, 1e-4, "off", "face, liveness, document", 3, "", NULL, NULL, NULL},
        {PURPOSE_LIMITED, 1e-4, "off", "face, liveness", 5, "", tight_limits, NULL, NULL},
        {PURPOSE_ATTESTED, 1e-4, "off", "face, liveness", 3, "", tight_limits, "required", NULL},
        {PURPOSE_LIT, 1e-4, "off", "face, liveness", 3, "", NULL, NULL, "on"},
        {PURPOSE_TELLING, 1e-4, "off", "face, liveness", 3, telling_rules, NULL, NULL, NULL},
        {PURPOSE_ELSEWHERE, 1e-4, "off", "face, liveness", 3, "", NULL, NULL, NULL},
    };
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    assert_int_equal(
        imi_buffer_append_text(&text, "version: test\nissuer: " FIXTURE_ISSUER "\n", NULL), IMI_OK);
    assert_int_equal(imi_buffer_append_text(&text, presentation, NULL), IMI_OK);
    assert_int_equal(imi_buffer_append_text(&text, "purposes:\n", NULL), IMI_OK);
    for (size_t i = 0; i < sizeof purposes / sizeof purposes[0]; i++) {
        add_purpose(&text, &purposes[i]);
    }
    assert_int_equal(
        imi_buffer_append_text(&text,
                               "relying_parties:\n"
                               "  - name: " FIXTURE_PARTY "\n"
                               "    audience: " FIXTURE_AUDIENCE "\n"
                               "    purposes: [" PURPOSE_PLAIN ", " PURPOSE_OPTIONAL
                               ", " PURPOSE_STRICT ", " PURPOSE_ONCE ", " PURPOSE_KEEPING
                               ", " PURPOSE_DOCUMENT ", " PURPOSE_LIMITED ", " PURPOSE_ATTESTED
                               ", " PURPOSE_LIT ", " PURPOSE_TELLING "]\n"
                               "    may_enrol: true\n"
                               "    webhook: {url: 'http://127.0.0.1:9/', secret_file: secret}\n"
                               "  - name: " FIXTURE_OTHER_PARTY "\n"
                               "    audience: https://registry.test\n"
                               "    purposes: [" PURPOSE_PLAIN ", " PURPOSE_ELSEWHERE "]\n"
                               "    may_enrol: false\n",
                               NULL),
        IMI_OK);
    assert_int_equal(imi_file_write(path, imi_buffer_view(&text), 0600, NULL), IMI_OK);
}
