/* Random bytes and identifiers. */
#include "base_fixture.h"

#include <string.h>

static void test_random_bytes_differ(void **state)
{
    (void)state;
    uint8_t a[32] = {0}, b[32] = {0};
    assert_int_equal(imi_random(a, sizeof a, NULL), IMI_OK);
    assert_int_equal(imi_random(b, sizeof b, NULL), IMI_OK);
    assert_memory_not_equal(a, b, sizeof a);
}

static void test_random_fills_all_of_a_large_block(void **state)
{
    (void)state;
    /* Larger than what the kernel gives in one call without being interrupted. */
    enum { SIZE = 100000 };
    uint8_t *block = imi_alloc(SIZE);
    assert_int_equal(imi_random(block, SIZE, NULL), IMI_OK);
    uint8_t tail[16] = {0};
    assert_memory_not_equal(block + SIZE - sizeof tail, tail, sizeof tail);
    imi_free(block);
}

static void test_identifier_has_the_stated_form(void **state)
{
    (void)state;
    char id[IMI_ID_SIZE];
    assert_int_equal(imi_id_new("ses", id, NULL), IMI_OK);
    assert_int_equal(strlen(id), IMI_ID_SIZE - 1);
    assert_memory_equal(id, "ses_", 4);
    IMI_AUTO_BUFFER raw = IMI_BUFFER_INIT;
    assert_int_equal(imi_base64url_decode(imi_view_of_text(id + 4), &raw, NULL), IMI_OK);
    assert_int_equal(raw.size, 16);
}

static void test_identifiers_are_unique(void **state)
{
    (void)state;
    enum { COUNT = 500 };
    static char ids[COUNT][IMI_ID_SIZE];
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(imi_id_new("x", ids[i], NULL), IMI_OK);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(ids[i], ids[j]);
        }
    }
}

static void test_long_prefix_is_refused(void **state)
{
    (void)state;
    char id[IMI_ID_SIZE] = "before";
    assert_int_equal(imi_id_new("long", id, NULL), IMI_E_INVALID_ARGUMENT);
    assert_string_equal(id, "");
}

static void test_failed_allocation_leaves_no_identifier(void **state)
{
    (void)state;
    int failing = 1;
    for (imi_status status = IMI_E_NO_MEMORY; status != IMI_OK; failing++) {
        char id[IMI_ID_SIZE] = "before";
        fail_allocation(failing);
        status = imi_id_new("ses", id, NULL);
        fail_allocation(0);
        assert_true(status == IMI_OK || (status == IMI_E_NO_MEMORY && id[0] == '\0'));
    }
    assert_true(failing > 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LEAK_CHECKED(test_random_bytes_differ),
        LEAK_CHECKED(test_random_fills_all_of_a_large_block),
        LEAK_CHECKED(test_identifier_has_the_stated_form),
        LEAK_CHECKED(test_identifiers_are_unique),
        LEAK_CHECKED(test_long_prefix_is_refused),
        LEAK_CHECKED(test_failed_allocation_leaves_no_identifier),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
