/* The allocator, its test hook, checked sizes, copying and wiping. */
#include "base_fixture.h"

#include <string.h>

static void test_blocks_are_zeroed(void **state)
{
    (void)state;
    unsigned char *block = imi_alloc(1000);
    assert_non_null(block);
    for (size_t i = 0; i < 1000; i++) {
        assert_int_equal(block[i], 0);
    }
    imi_free(block);
}

static void test_empty_blocks_are_distinct(void **state)
{
    (void)state;
    void *a = imi_alloc(0);
    void *b = imi_alloc(0);
    assert_non_null(a);
    assert_non_null(b);
    assert_ptr_not_equal(a, b);
    imi_free(a);
    imi_free(b);
}

static void test_array_whose_size_overflows_is_refused(void **state)
{
    (void)state;
    assert_null(imi_alloc_array(SIZE_MAX / 2, 3));
    assert_null(imi_alloc_array(SIZE_MAX, SIZE_MAX));
}

static void test_aligned_blocks_are_zeroed_and_lie_at_64(void **state)
{
    (void)state;
    int64_t before = imi_alloc_live_blocks();
    for (size_t size = 1; size < 300; size += 37) {
        unsigned char *block = imi_alloc_aligned(3, size);
        assert_non_null(block);
        assert_int_equal((uintptr_t)block % 64, 0);
        for (size_t i = 0; i < 3 * size; i++) {
            assert_int_equal(block[i], 0);
            block[i] = 0xA5; /* so that the next one is not zero by chance */
        }
        imi_free(block);
    }
    assert_int_equal(imi_alloc_live_blocks(), before);
}

static void test_aligned_block_whose_size_overflows_is_refused(void **state)
{
    (void)state;
    assert_null(imi_alloc_aligned(SIZE_MAX / 2, 3));
    assert_null(imi_alloc_aligned(1, SIZE_MAX - 8));
}

static void test_free_takes_null(void **state)
{
    (void)state;
    imi_free(NULL);
}

static void test_live_blocks_are_counted(void **state)
{
    (void)state;
    int64_t before = imi_alloc_live_blocks();
    void *a = imi_alloc(1);
    void *b = imi_realloc(NULL, 8);
    char *c = imi_strdup("text");
    assert_int_equal(imi_alloc_live_blocks(), before + 3);
    b = imi_realloc(b, 4096);
    assert_int_equal(imi_alloc_live_blocks(), before + 3);
    imi_free(a);
    imi_free(b);
    imi_free(c);
    assert_int_equal(imi_alloc_live_blocks(), before);
}

static void test_realloc_keeps_the_contents(void **state)
{
    (void)state;
    char *block = imi_alloc(4);
    imi_copy(block, "abc", 4);
    block = imi_realloc(block, 100000);
    assert_non_null(block);
    assert_string_equal(block, "abc");
    imi_free(block);
}

static void test_failed_realloc_leaves_the_old_block(void **state)
{
    (void)state;
    char *block = imi_strdup("abc");
    fail_allocations_from(1);
    assert_null(imi_realloc(block, 4096));
    assert_string_equal(block, "abc");
    imi_free(block);
}

static void test_hook_fails_every_kind_of_allocation(void **state)
{
    (void)state;
    fail_allocations_from(1);
    assert_null(imi_alloc(1));
    assert_null(imi_alloc_array(1, 1));
    assert_null(imi_realloc(NULL, 1));
    assert_null(imi_strdup("x"));
    fail_allocations_from(0);
    void *block = imi_alloc(1);
    assert_non_null(block);
    imi_free(block);
}

static void test_strdup_copies_and_takes_null(void **state)
{
    (void)state;
    assert_null(imi_strdup(NULL));
    char *copy = imi_strdup("");
    assert_string_equal(copy, "");
    imi_free(copy);
}

static void test_size_product_that_overflows_is_refused(void **state)
{
    (void)state;
    size_t out = 7;
    assert_true(imi_size_mul(SIZE_MAX / 3, 3, &out));
    assert_int_equal(out, SIZE_MAX / 3 * 3);
    assert_true(imi_size_mul(0, SIZE_MAX, &out));
    assert_int_equal(out, 0);
    assert_false(imi_size_mul(SIZE_MAX / 2 + 1, 2, &out));
}

static void test_size_sum_that_overflows_is_refused(void **state)
{
    (void)state;
    size_t out = 7;
    assert_true(imi_size_add(SIZE_MAX - 1, 1, &out));
    assert_true(out == SIZE_MAX);
    assert_false(imi_size_add(SIZE_MAX, 1, &out));
}

static void test_wipe_zeroes_and_takes_null(void **state)
{
    (void)state;
    char secret[4] = {'a', 'b', 'c', 'd'};
    imi_wipe(secret, 3);
    assert_memory_equal(secret, "\0\0\0d", 4);
    imi_wipe(NULL, 3);
    imi_wipe(secret, 0);
    assert_int_equal(secret[3], 'd');
}

static void test_copy_of_nothing_takes_null(void **state)
{
    (void)state;
    imi_copy(NULL, NULL, 0);
}

static void test_text_that_fits_is_copied_whole(void **state)
{
    (void)state;
    char to[4] = "zzz";
    assert_true(imi_copy_text(to, sizeof to, "abc"));
    assert_string_equal(to, "abc");
}

static void test_text_too_long_is_cut_and_terminated(void **state)
{
    (void)state;
    char to[5] = "zzzz";
    assert_false(imi_copy_text(to, 3, "abc"));
    assert_memory_equal(to, "ab\0z", 5);
    assert_false(imi_copy_text(to, 0, "abc"));
    assert_string_equal(to, "ab");
}

typedef struct thing {
    int *destroyed;
} thing;

static void thing_destroy(thing **value)
{
    if (*value != NULL) {
        (*(*value)->destroyed)++;
        imi_free(*value);
        *value = NULL;
    }
}
IMI_AUTO_DEFINE(thing, thing_destroy)

static thing *make_thing(int *destroyed, bool give_away)
{
    IMI_AUTO(thing) made = imi_alloc(sizeof *made);
    made->destroyed = destroyed;
    return give_away ? IMI_STEAL(&made) : NULL;
}

static void test_scope_cleanup_runs_unless_stolen(void **state)
{
    (void)state;
    int destroyed = 0;
    assert_null(make_thing(&destroyed, false));
    assert_int_equal(destroyed, 1);
    thing *kept = make_thing(&destroyed, true);
    assert_int_equal(destroyed, 1);
    thing_destroy(&kept);
    assert_int_equal(destroyed, 2);
    assert_null(kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LEAK_CHECKED(test_blocks_are_zeroed),
        LEAK_CHECKED(test_empty_blocks_are_distinct),
        LEAK_CHECKED(test_array_whose_size_overflows_is_refused),
        LEAK_CHECKED(test_aligned_blocks_are_zeroed_and_lie_at_64),
        LEAK_CHECKED(test_aligned_block_whose_size_overflows_is_refused),
        LEAK_CHECKED(test_free_takes_null),
        LEAK_CHECKED(test_live_blocks_are_counted),
        LEAK_CHECKED(test_realloc_keeps_the_contents),
        LEAK_CHECKED(test_failed_realloc_leaves_the_old_block),
        LEAK_CHECKED(test_hook_fails_every_kind_of_allocation),
        LEAK_CHECKED(test_strdup_copies_and_takes_null),
        LEAK_CHECKED(test_size_product_that_overflows_is_refused),
        LEAK_CHECKED(test_size_sum_that_overflows_is_refused),
        LEAK_CHECKED(test_wipe_zeroes_and_takes_null),
        LEAK_CHECKED(test_copy_of_nothing_takes_null),
        LEAK_CHECKED(test_text_that_fits_is_copied_whole),
        LEAK_CHECKED(test_text_too_long_is_cut_and_terminated),
        LEAK_CHECKED(test_scope_cleanup_runs_unless_stolen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
