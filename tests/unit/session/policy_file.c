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
    const char *additional; /* rules for additional references, or "" */
} purpose_line;

static const char keeping_rules[] =
    "    additional_reference:\n"
    "      offer: true\n"
    "      consent_text: This is the text that people consent to before a template is kept\n"
    "      fmr_max: 2e-5\n"
    "      max: 2\n"
    "      after_days: 30\n";

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
                          "      near_far_required: true\n"
                          "    pad: %s\n"
                          "    pad_minimum_score: 0.5\n"
                          "    attempts: %d\n"
                          "    session_lifetime_s: 900\n"
                          "    token_lifetime_s: 300\n"
                          "    evidence: [%s]\n"
                          "%s",
                          purpose->name, purpose->name, purpose->name, purpose->target_fmr,
                          purpose->pad, purpose->attempts, purpose->evidence, purpose->additional),
        IMI_OK);
}

void fixture_write_policy(const char *path, double plain_target_fmr)
{
    const purpose_line purposes[] = {
        {PURPOSE_PLAIN, plain_target_fmr, "off", "face, liveness", 3, ""},
        {PURPOSE_OPTIONAL, 1e-4, "optional", "face, liveness", 3, ""},
        {PURPOSE_STRICT, 1e-4, "required", "face, liveness", 3, ""},
        {PURPOSE_ONCE, 1e-4, "off", "face, liveness", 1, ""},
        {PURPOSE_KEEPING, 1e-4, "required", "face, liveness", 3, keeping_rules},
        {PURPOSE_DOCUMENT, 1e-4, "off", "face, liveness, document", 3, ""},
        {PURPOSE_ELSEWHERE, 1e-4, "off", "face, liveness", 3, ""},
    };
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    assert_int_equal(imi_buffer_append_text(
                         &text, "version: test\nissuer: " FIXTURE_ISSUER "\npurposes:\n", NULL),
                     IMI_OK);
    for (size_t i = 0; i < sizeof purposes / sizeof purposes[0]; i++) {
        add_purpose(&text, &purposes[i]);
    }
    assert_int_equal(imi_buffer_append_text(
                         &text,
                         "relying_parties:\n"
                         "  - name: " FIXTURE_PARTY "\n"
                         "    audience: " FIXTURE_AUDIENCE "\n"
                         "    purposes: [" PURPOSE_PLAIN ", " PURPOSE_OPTIONAL ", " PURPOSE_STRICT
                         ", " PURPOSE_ONCE ", " PURPOSE_KEEPING ", " PURPOSE_DOCUMENT "]\n"
                         "    may_enrol: true\n"
                         "  - name: " FIXTURE_OTHER_PARTY "\n"
                         "    audience: https://registry.test\n"
                         "    purposes: [" PURPOSE_PLAIN ", " PURPOSE_ELSEWHERE "]\n"
                         "    may_enrol: false\n",
                         NULL),
                     IMI_OK);
    assert_int_equal(imi_file_write(path, imi_buffer_view(&text), 0600, NULL), IMI_OK);
}
