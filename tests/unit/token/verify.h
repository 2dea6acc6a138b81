/** The groups of tests that make up token_verify. */
#ifndef IMI_TEST_TOKEN_VERIFY_H
#define IMI_TEST_TOKEN_VERIFY_H

int run_form_tests(void);
int run_claim_tests(void);
int run_key_tests(void);

#endif
