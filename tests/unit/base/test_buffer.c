/* Views and growable buffers. */
#include "base_fixture.h"

#include <string.h>

static void test_view_of_text_leaves_out_the_nul(void **state)
{
    (void)state;
    assert_int_equal(imi_view_of_text("abc").size, 3);
    assert_int_equal(imi_view_of_text("").size, 0);
    assert_int_equal(imi_view_of_text(NULL).size, 0);
}

static void test_equal_compares_contents_and_size(void **state)
{
    (void)state;
    imi_view empty = {NULL, 0};
    assert_true(imi_view_equal(LITERAL("ab"), LITERAL("ab")));
    assert_false(imi_view_equal(LITERAL("ab"), LITERAL("ac")));
    assert_false(imi_view_equal(LITERAL("ab"), LITERAL("abc")));
    assert_false(imi_view_equal(LITERAL("a\0b"), LITERAL("a\0c")));
    assert_true(imi_view_equal(empty, LITERAL("")));
}

static void test_equal_secret_agrees_with_equal(void **state)
{
    (void)state;
    imi_view empty = {NULL, 0};
    assert_true(imi_view_equal_secret(LITERAL("secret"), LITERAL("secret")));
    assert_false(imi_view_equal_secret(LITERAL("secret"), LITERAL("secreT")));
    assert_false(imi_view_equal_secret(LITERAL("Secret"), LITERAL("secret")));
    assert_false(imi_view_equal_secret(LITERAL("secret"), LITERAL("secre")));
    assert_true(imi_view_equal_secret(empty, LITERAL("")));
}

static void test_appended_bytes_follow_each_other(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER buffer = IMI_BUFFER_INIT;
    for (int i = 0; i < 1000; i++) {
        uint8_t byte = (uint8_t)i;
        assert_int_equal(imi_buffer_append(&buffer, (imi_view){&byte, 1}, NULL), IMI_OK);
    }
    assert_int_equal(imi_buffer_view(&buffer).size, 1000);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(buffer.data[i], (uint8_t)i);
    }
    assert_true(buffer.capacity >= buffer.size);
}

static void test_appending_nothing_is_allowed(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER buffer = IMI_BUFFER_INIT;
    assert_int_equal(imi_buffer_append(&buffer, (imi_view){NULL, 0}, NULL), IMI_OK);
    assert_int_equal(imi_buffer_append_text(&buffer, NULL, NULL), IMI_OK);
    assert_int_equal(buffer.size, 0);
}

static void test_reserve_never_shrinks(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER buffer = IMI_BUFFER_INIT;
    assert_int_equal(imi_buffer_reserve(&buffer, 100, NULL), IMI_OK);
    size_t capacity = buffer.capacity;
    uint8_t *data = buffer.data;
    assert_int_equal(imi_buffer_reserve(&buffer, 10, NULL), IMI_OK);
    assert_int_equal(buffer.capacity, capacity);
    assert_ptr_equal(buffer.data, data);
}

static void test_growth_doubles(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER buffer = IMI_BUFFER_INIT;
    assert_int_equal(imi_buffer_reserve(&buffer, 100, NULL), IMI_OK);
    assert_int_equal(imi_buffer_reserve(&buffer, 101, NULL), IMI_OK);
    assert_true(buffer.capacity >= 200);
}

static void test_size_that_overflows_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER buffer = IMI_BUFFER_INIT;
    assert_int_equal(imi_buffer_append_text(&buffer, "ab", NULL), IMI_OK);
    imi_view endless = {buffer.data, SIZE_MAX};
    assert_int_equal(imi_buffer_append(&buffer, endless, NULL), IMI_E_OVERFLOW);
    assert_view_is(imi_buffer_view(&buffer), LITERAL("ab"));
}

static void test_printf_appends(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER buffer = IMI_BUFFER_INIT;
    assert_int_equal(imi_buffer_printf(&buffer, NULL, "%s=%d", "a", 1), IMI_OK);
    assert_int_equal(imi_buffer_printf(&buffer, NULL, ",%s=%d", "b", 22), IMI_OK);
    assert_view_is(imi_buffer_view(&buffer), LITERAL("a=1,b=22"));
}

static void test_terminate_adds_a_nul_that_does_not_count(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER buffer = IMI_BUFFER_INIT;
    assert_int_equal(imi_buffer_append_text(&buffer, "abc", NULL), IMI_OK);
    assert_int_equal(imi_buffer_terminate(&buffer, NULL), IMI_OK);
    assert_int_equal(buffer.size, 3);
    assert_string_equal((const char *)buffer.data, "abc");
}

static void test_clean_up_leaves_an_empty_buffer(void **state)
{
    (void)state;
    imi_buffer buffer = IMI_BUFFER_INIT;
    assert_int_equal(imi_buffer_append_text(&buffer, "abc", NULL), IMI_OK);
    imi_buffer_clean_up(&buffer);
    assert_null(buffer.data);
    assert_int_equal(buffer.size, 0);
    assert_int_equal(buffer.capacity, 0);
    imi_buffer_clean_up(&buffer);
    imi_buffer_clean_up(NULL);
}

/* Everything that grows a buffer; false when an allocation failed. */
static bool grow_in_every_way(imi_buffer *buffer)
{
    imi_error error = IMI_ERROR_INIT;
    imi_status status = imi_buffer_append_text(buffer, "0123456789", &error);
    if (status == IMI_OK) {
        status = imi_buffer_printf(buffer, &error, "%0100d", 1);
    }
    if (status == IMI_OK) {
        status = imi_base64url_encode(LITERAL("some more bytes to encode"), buffer, &error);
    }
    if (status == IMI_OK) {
        status = imi_buffer_reserve(buffer, buffer->size + 5000, &error);
    }
    if (status == IMI_OK) {
        status = imi_buffer_terminate(buffer, &error);
    }
    assert_true(status == IMI_OK || status == IMI_E_NO_MEMORY);
    assert_int_equal(status, error.status);
    return status == IMI_OK;
}

static void test_failed_growth_keeps_what_was_there(void **state)
{
    (void)state;
    int failing = 1;
    for (bool done = false; !done; failing++) {
        imi_buffer buffer = IMI_BUFFER_INIT;
        assert_int_equal(imi_buffer_append_text(&buffer, "kept", NULL), IMI_OK);
        fail_allocation(failing);
        done = grow_in_every_way(&buffer);
        fail_allocation(0);
        assert_true(buffer.size >= 4);
        assert_memory_equal(buffer.data, "kept", 4);
        imi_buffer_clean_up(&buffer);
    }
    assert_true(failing > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LEAK_CHECKED(test_view_of_text_leaves_out_the_nul),
        LEAK_CHECKED(test_equal_compares_contents_and_size),
        LEAK_CHECKED(test_equal_secret_agrees_with_equal),
        LEAK_CHECKED(test_appended_bytes_follow_each_other),
        LEAK_CHECKED(test_appending_nothing_is_allowed),
        LEAK_CHECKED(test_reserve_never_shrinks),
        LEAK_CHECKED(test_growth_doubles),
        LEAK_CHECKED(test_size_that_overflows_is_refused),
        LEAK_CHECKED(test_printf_appends),
        LEAK_CHECKED(test_terminate_adds_a_nul_that_does_not_count),
        LEAK_CHECKED(test_clean_up_leaves_an_empty_buffer),
        LEAK_CHECKED(test_failed_growth_keeps_what_was_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
