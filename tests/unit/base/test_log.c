/* The log: one JSON object a line, whatever the message holds. */
#include "base_fixture.h"

#include "imi/log.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_SIZE = 65536 };

static char g_text[TEXT_SIZE];

/* Standard error goes to a file while the test logs. */
static int g_saved_stderr = -1;
static FILE *g_file;

static void capture_start(void)
{
    fflush(stderr);
    g_file = tmpfile();
    assert_non_null(g_file);
    g_saved_stderr = dup(STDERR_FILENO);
    assert_true(dup2(fileno(g_file), STDERR_FILENO) >= 0);
}

static const char *capture_end(void)
{
    assert_true(dup2(g_saved_stderr, STDERR_FILENO) >= 0);
    close(g_saved_stderr);
    rewind(g_file);
    size_t size = fread(g_text, 1, TEXT_SIZE - 1, g_file);
    g_text[size] = '\0';
    fclose(g_file);
    return g_text;
}

static int reset_level(void **state)
{
    (void)state;
    imi_log_set_level(IMI_LOG_INFO);
    return 0;
}

/* What stands in the message field, as written. */
static void assert_message_is(const char *line, const char *escaped)
{
    const char *field = strstr(line, "\"message\":\"");
    assert_non_null(field);
    field += strlen("\"message\":\"");
    size_t size = strlen(escaped);
    assert_memory_equal(field, escaped, size);
    assert_string_equal(field + size, "\"}\n");
}

static void test_a_line_names_time_level_and_topic(void **state)
{
    (void)state;
    capture_start();
    imi_log(IMI_LOG_WARNING, "session", "expired %d", 7);
    const char *line = capture_end();
    assert_memory_equal(line, "{\"time\":\"2", 10);
    assert_non_null(strstr(line, "Z\",\"level\":\"warning\",\"topic\":\"session\","));
    assert_message_is(line, "expired 7");
}

static void test_levels_below_the_set_one_are_silent(void **state)
{
    (void)state;
    capture_start();
    imi_log(IMI_LOG_DEBUG, "t", "hidden");
    imi_log_set_level(IMI_LOG_ERROR);
    imi_log(IMI_LOG_WARNING, "t", "hidden");
    imi_log(IMI_LOG_ERROR, "t", "shown");
    imi_log_set_level(IMI_LOG_OFF);
    imi_log(IMI_LOG_ERROR, "t", "hidden");
    const char *text = capture_end();
    assert_null(strstr(text, "hidden"));
    assert_non_null(strstr(text, "shown"));
}

static void test_off_is_no_level_to_write_at(void **state)
{
    (void)state;
    capture_start();
    imi_log(IMI_LOG_OFF, "t", "hidden");
    imi_log((imi_log_level)-1, "t", "hidden");
    imi_log((imi_log_level)99, "t", "hidden");
    assert_string_equal(capture_end(), "");
}

static void test_quotes_and_controls_are_escaped(void **state)
{
    (void)state;
    capture_start();
    imi_log(IMI_LOG_INFO, "t", "%s", "a\"b\\c\nd\te\x01\x1F");
    assert_message_is(capture_end(), "a\\\"b\\\\c\\u000ad\\u0009e\\u0001\\u001f");
}

static void test_an_injected_line_stays_inside_its_message(void **state)
{
    (void)state;
    capture_start();
    imi_log(IMI_LOG_INFO, "t", "%s", "x\"}\n{\"level\":\"error\"}");
    const char *text = capture_end();
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

static void test_clean_utf8_passes_unchanged(void **state)
{
    (void)state;
    capture_start();
    imi_log(IMI_LOG_INFO, "t", "%s", "\xC3\xA9 \xE7\xA6\x85 \xF0\x9F\x98\x80");
    assert_message_is(capture_end(), "\xC3\xA9 \xE7\xA6\x85 \xF0\x9F\x98\x80");
}

static void test_invalid_utf8_is_replaced(void **state)
{
    (void)state;
    capture_start();
    imi_log(IMI_LOG_INFO, "t", "%s",
            "a\xFF"
            "b\xC3(\xED\xA0\x80");
    assert_message_is(capture_end(), "a\\ufffdb\\ufffd(\\ufffd\\ufffd\\ufffd");
}

static void test_a_long_message_is_cut_to_one_valid_line(void **state)
{
    (void)state;
    static char message[5000];
    for (size_t i = 0; i + 3 < sizeof message; i += 3) {
        memcpy(message + i, "\xE7\xA6\x85", 3);
    }
    capture_start();
    imi_log(IMI_LOG_INFO, "t", "x%s", message);
    const char *text = capture_end();
    assert_true(strlen(text) < 2049);
    assert_string_equal(text + strlen(text) - 3, "\"}\n");
    assert_true(imi_text_is_clean_utf8(imi_view_of_text(text)));
}

static void test_a_long_message_of_escapes_is_cut_to_one_valid_line(void **state)
{
    (void)state;
    static char message[5000];
    memset(message, '\x01', sizeof message - 1);
    capture_start();
    imi_log(IMI_LOG_INFO, "t", "%s", message);
    const char *text = capture_end();
    assert_true(strlen(text) < 2049);
    assert_string_equal(text + strlen(text) - 9, "\\u0001\"}\n");
}

static void test_a_long_topic_does_no_harm(void **state)
{
    (void)state;
    static char topic[5000];
    memset(topic, 't', sizeof topic - 1);
    capture_start();
    imi_log(IMI_LOG_INFO, topic, "message");
    assert_message_is(capture_end(), "message");
}

static void *log_many(void *argument)
{
    for (int i = 0; i < 50; i++) {
        imi_log(IMI_LOG_INFO, "thread", "%s", (const char *)argument);
    }
    return NULL;
}

static void test_lines_of_threads_stay_whole(void **state)
{
    (void)state;
    pthread_t other;
    capture_start();
    assert_int_equal(pthread_create(&other, NULL, log_many, (void *)(uintptr_t) "bbbbbbbbbbbb"), 0);
    log_many((void *)(uintptr_t) "aaaaaaaaaaaa");
    pthread_join(other, NULL);
    char *text = (char *)(uintptr_t)capture_end();
    int lines = 0;
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"), lines++) {
        bool whole = strstr(line, "\"message\":\"aaaaaaaaaaaa\"}") != NULL ||
                     strstr(line, "\"message\":\"bbbbbbbbbbbb\"}") != NULL;
        assert_true(whole && line[0] == '{');
    }
    assert_int_equal(lines, 100);
}

#define LOG_TEST(test) cmocka_unit_test_setup(test, reset_level)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOG_TEST(test_a_line_names_time_level_and_topic),
        LOG_TEST(test_levels_below_the_set_one_are_silent),
        LOG_TEST(test_off_is_no_level_to_write_at),
        LOG_TEST(test_quotes_and_controls_are_escaped),
        LOG_TEST(test_an_injected_line_stays_inside_its_message),
        LOG_TEST(test_clean_utf8_passes_unchanged),
        LOG_TEST(test_invalid_utf8_is_replaced),
        LOG_TEST(test_a_long_message_is_cut_to_one_valid_line),
        LOG_TEST(test_a_long_message_of_escapes_is_cut_to_one_valid_line),
        LOG_TEST(test_a_long_topic_does_no_harm),
        LOG_TEST(test_lines_of_threads_stay_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
