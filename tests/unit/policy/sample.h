/** A small good policy, and ways to spoil it. */
#ifndef IMI_TEST_POLICY_SAMPLE_H
#define IMI_TEST_POLICY_SAMPLE_H

#include "imi/policy.h"

int run_load_tests(void);
int run_form_tests(void);
int run_value_tests(void);
int run_presentation_tests(void);
int run_disclosure_tests(void);

/** Make and remove the folder for files; cmocka set-up and tear-down. */
int sample_set_up(void **state);
int sample_tear_down(void **state);

/** Text of the good policy: two purposes, "one" and "two", and one relying party. */
const char *good_policy(void);
/** The good policy with the first occurrence of a text replaced; static storage. */
const char *policy_with(const char *old_text, const char *new_text);
/** Write policy.yaml and load it. */
imi_status load_text(const char *text, imi_policy **out, imi_error *err);
/** Path that load_text writes. */
const char *policy_path(void);

/** Assert that the good policy with a text replaced is refused with exactly this message. */
void assert_refused(const char *old_text, const char *new_text, const char *message);
/** Assert that a whole text is refused, with this in the message. */
void assert_text_refused(const char *text, const char *part);
/** Assert that the good policy with a text replaced is accepted. */
void assert_accepted(const char *old_text, const char *new_text);
void assert_ok(imi_status status, const imi_error *err);

#endif
