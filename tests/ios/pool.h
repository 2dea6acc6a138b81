/** Tests that each run in an autorelease pool of their own. */
int poolSetUp(void **state);
int poolTearDown(void **state);

#define POOL_TEST(name) cmocka_unit_test_setup_teardown(name, poolSetUp, poolTearDown)
