/* Sealing: what was sealed opens under its own key and context, unchanged, and not otherwise. */
#include "place.h"

#include "imi/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { OVERHEAD = 1 + 12 + 16 };

static char g_key[IMI_ID_SIZE];

static int open_with_key(void **state)
{
    place_open(state);
    place_key(g_vault, "subject", g_key);
    return 0;
}

static void seal(const char *text, imi_buffer *out)
{
    OK(imi_vault_seal(g_vault, g_key, "place", imi_view_of_text(text), out, &g_err));
}

static imi_status unseal(const imi_buffer *sealed, imi_buffer *out)
{
    return imi_vault_unseal(g_vault, g_key, "place", imi_buffer_view(sealed), out, &g_err);
}

static void what_was_sealed_comes_back(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER sealed = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    seal("some template", &sealed);
    assert_int_equal(sealed.size, strlen("some template") + OVERHEAD);
    assert_int_equal(sealed.data[0], 1);
    assert_null(memmem(sealed.data, sealed.size, "template", 8));
    OK(unseal(&sealed, &out));
    assert_true(imi_view_equal(imi_buffer_view(&out), imi_view_of_text("some template")));
}

static void nothing_can_be_sealed_too(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER sealed = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    seal("", &sealed);
    assert_int_equal(sealed.size, OVERHEAD);
    OK(unseal(&sealed, &out));
    assert_int_equal(out.size, 0);
    sealed.data[OVERHEAD - 1] ^= 1;
    REFUSES(unseal(&sealed, &out), IMI_E_STORE_CORRUPT);
}

static void sealing_and_unsealing_append(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER sealed = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    seal("first", &sealed);
    seal("second", &sealed);
    size_t first = strlen("first") + OVERHEAD;
    imi_view halves[] = {{sealed.data, first}, {sealed.data + first, sealed.size - first}};
    for (size_t i = 0; i < 2; i++) {
        OK(imi_vault_unseal(g_vault, g_key, "place", halves[i], &out, &g_err));
    }
    assert_true(imi_view_equal(imi_buffer_view(&out), imi_view_of_text("firstsecond")));
}

static void the_same_text_is_never_sealed_the_same_way(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER first = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER second = IMI_BUFFER_INIT;
    seal("text", &first);
    seal("text", &second);
    for (size_t part = 1; part < first.size; part += 12) { /* nonce, then the rest */
        size_t size = first.size - part < 12 ? first.size - part : 12;
        assert_memory_not_equal(first.data + part, second.data + part, size);
    }
}

static void any_changed_byte_is_noticed(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER sealed = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    seal("text", &sealed);
    for (size_t at = 0; at < sealed.size; at++) {
        sealed.data[at] ^= 0x40;
        REFUSES(unseal(&sealed, &out), IMI_E_STORE_CORRUPT);
        assert_int_equal(out.size, 0);
        sealed.data[at] ^= 0x40;
    }
    OK(unseal(&sealed, &out));
}

static void any_missing_tail_is_noticed(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER sealed = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    seal("text", &sealed);
    for (size_t size = 0; size < sealed.size; size++) {
        imi_view part = {sealed.data, size};
        REFUSES(imi_vault_unseal(g_vault, g_key, "place", part, &out, &g_err), IMI_E_STORE_CORRUPT);
    }
    assert_int_equal(out.size, 0);
}

static void sealed_bytes_do_not_open_in_another_place(void **state)
{
    (void)state;
    static const char *const places[] = {"", "plac", "place ", "Place", "template:ref_1"};
    IMI_AUTO_BUFFER sealed = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    seal("text", &sealed);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        REFUSES(imi_vault_unseal(g_vault, g_key, places[i], imi_buffer_view(&sealed), &out, &g_err),
                IMI_E_STORE_CORRUPT);
    }
}

static void sealed_bytes_do_not_open_under_another_subjects_key(void **state)
{
    (void)state;
    char other[IMI_ID_SIZE];
    IMI_AUTO_BUFFER sealed = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    seal("text", &sealed);
    place_key(g_vault, "other", other);
    REFUSES(imi_vault_unseal(g_vault, other, "place", imi_buffer_view(&sealed), &out, &g_err),
            IMI_E_STORE_CORRUPT);
}

/* Who can write the file but has not the secret cannot give one subject another's key. */
static void a_wrapped_key_that_was_moved_does_not_open(void **state)
{
    (void)state;
    char other[IMI_ID_SIZE];
    IMI_AUTO_BUFFER sealed = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    seal("text", &sealed);
    place_key(g_vault, "other", other);
    char sql[200];
    snprintf(sql, sizeof sql,
             "UPDATE data_key SET wrapped = (SELECT o.wrapped FROM data_key AS o "
             "WHERE o.key_id = '%s') WHERE key_id = '%s'",
             other, g_key);
    place_run_sql(sql);
    REFUSES(unseal(&sealed, &out), IMI_E_STORE_CORRUPT);
    REFUSES(imi_vault_seal(g_vault, g_key, "place", imi_view_of_text("t"), &out, &g_err),
            IMI_E_STORE_CORRUPT);
    assert_int_equal(out.size, 0);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, open_with_key, place_remove)
    const struct CMUnitTest tests[] = {
        TEST(what_was_sealed_comes_back),
        TEST(nothing_can_be_sealed_too),
        TEST(sealing_and_unsealing_append),
        TEST(the_same_text_is_never_sealed_the_same_way),
        TEST(any_changed_byte_is_noticed),
        TEST(any_missing_tail_is_noticed),
        TEST(sealed_bytes_do_not_open_in_another_place),
        TEST(sealed_bytes_do_not_open_under_another_subjects_key),
        TEST(a_wrapped_key_that_was_moved_does_not_open),
    };
#undef TEST
    return cmocka_run_group_tests_name("vault: sealing", tests, NULL, NULL);
}
