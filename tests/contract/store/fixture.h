/**
 * What the parts of the suite share: an empty store for each test.
 */
#ifndef IMI_TEST_STORE_FIXTURE_H
#define IMI_TEST_STORE_FIXTURE_H

#include "records.h"
#include "suite.h"

extern const store_factory *g_factory; /* set by the part that runs */
extern imi_store *g_store; /* of the running test */
extern imi_error g_err;

#define OK(call) assert_ok((call), &g_err)
#define REFUSES(call, wanted) assert_int_equal((call), (wanted))

/** Set-up and tear-down of a cmocka test. */
int make_store(void **state);
int drop_store(void **state);

#endif
