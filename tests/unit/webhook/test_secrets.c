/* Files of webhook secrets. */
#include "imi/webhook_signature.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define ONE "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define TWO "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static char g_folder[] = "/tmp/imi-webhook.XXXXXX";
static char g_path[64];

static int set_up(void **state)
{
    (void)state;
    memcpy(g_folder + strlen(g_folder) - 6, "XXXXXX", 6);
    assert_non_null(mkdtemp(g_folder));
    snprintf(g_path, sizeof g_path, "%s/secret", g_folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(g_path);
    return rmdir(g_folder);
}

static void write_file(const char *text, unsigned mode)
{
    assert_int_equal(imi_file_write(g_path, imi_view_of_text(text), mode, NULL), IMI_OK);
}

static void assert_refused(const char *text, const char *message)
{
    imi_webhook_secrets out;
    imi_error error = IMI_ERROR_INIT;
    memset(&out, 7, sizeof out);
    assert_int_equal(imi_webhook_secrets_parse(imi_view_of_text(text), &out, &error), IMI_E_KEY);
    assert_non_null(strstr(error.message, message));
    assert_int_equal(out.count, 0);
}

static void secrets_are_read_line_by_line(void **state)
{
    (void)state;
    imi_webhook_secrets out;
    imi_view text = imi_view_of_text("\n" ONE "\r\n\n" TWO);
    assert_int_equal(imi_webhook_secrets_parse(text, &out, NULL), IMI_OK);
    assert_int_equal(out.count, 2);
    assert_int_equal(out.at[0].size, 24);
    assert_int_equal(out.at[0].bytes[0], 0x31);
    assert_int_equal(out.at[1].size, 32);
    assert_int_equal(out.at[1].bytes[31], 0);
}

static void what_is_no_secret_is_refused_with_its_line(void **state)
{
    (void)state;
    assert_refused("", "no webhook secret");
    assert_refused("\n\n", "no webhook secret");
    assert_refused("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "line 1");
    assert_refused(ONE "\nwhsec_", "line 2");
    assert_refused("whsec_AAAA", "line 1");
    assert_refused("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "line 1");
    assert_refused("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS-", "line 1");
    assert_refused(ONE " ", "line 1");
    assert_refused(
        "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        "AAAAAAAAAAAA",
        "line 1");
}

static void more_secrets_than_sign_are_refused(void **state)
{
    (void)state;
    assert_refused(ONE "\n" ONE "\n" ONE "\n" ONE "\n" ONE, "more than 4");
}

static void a_missing_file_is_made_once_for_its_owner_alone(void **state)
{
    (void)state;
    imi_webhook_secrets first, again;
    struct stat info;
    assert_int_equal(imi_webhook_secrets_load(g_path, &first, NULL), IMI_OK);
    assert_int_equal(imi_webhook_secrets_load(g_path, &again, NULL), IMI_OK);
    assert_int_equal(first.count, 1);
    assert_int_equal(first.at[0].size, 32);
    assert_memory_equal(&first, &again, sizeof first);
    assert_int_equal(stat(g_path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
}

static void made_secrets_differ(void **state)
{
    (void)state;
    imi_webhook_secrets first, second;
    assert_int_equal(imi_webhook_secrets_load(g_path, &first, NULL), IMI_OK);
    unlink(g_path);
    assert_int_equal(imi_webhook_secrets_load(g_path, &second, NULL), IMI_OK);
    assert_memory_not_equal(first.at[0].bytes, second.at[0].bytes, 32);
}

static void a_receivers_file_is_read_and_never_made(void **state)
{
    (void)state;
    imi_webhook_secrets out;
    assert_int_equal(imi_webhook_secrets_read(g_path, &out, NULL), IMI_E_NOT_FOUND);
    assert_int_equal(access(g_path, F_OK), -1);
    write_file(ONE "\n", 0600);
    assert_int_equal(imi_webhook_secrets_read(g_path, &out, NULL), IMI_OK);
    assert_int_equal(out.count, 1);
}

static void a_file_that_others_can_read_is_refused(void **state)
{
    (void)state;
    imi_webhook_secrets out;
    write_file(ONE "\n", 0644);
    assert_int_equal(imi_webhook_secrets_load(g_path, &out, NULL), IMI_E_KEY);
    assert_int_equal(out.count, 0);
}

static void a_damaged_file_is_named_and_not_replaced(void **state)
{
    (void)state;
    imi_webhook_secrets out;
    imi_error error = IMI_ERROR_INIT;
    write_file("whsec_AAAA\n", 0600);
    assert_int_equal(imi_webhook_secrets_load(g_path, &out, &error), IMI_E_KEY);
    assert_non_null(strstr(error.message, g_path));
    assert_non_null(strstr(error.message, "line 1"));
    assert_int_equal(imi_webhook_secrets_load(g_path, &out, NULL), IMI_E_KEY);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(secrets_are_read_line_by_line),
        TEST(what_is_no_secret_is_refused_with_its_line),
        TEST(more_secrets_than_sign_are_refused),
        TEST(a_missing_file_is_made_once_for_its_owner_alone),
        TEST(made_secrets_differ),
        TEST(a_receivers_file_is_read_and_never_made),
        TEST(a_file_that_others_can_read_is_refused),
        TEST(a_damaged_file_is_named_and_not_replaced),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
