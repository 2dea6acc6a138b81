/* Whole files in and out. */
#include "base_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_SIZE = 128, BIG = 200000 };

static folder g_folder;
static char g_path[PATH_SIZE];

static int make_folder(void **state)
{
    folder_make(&g_folder);
    folder_path(&g_folder, "file", g_path, sizeof g_path);
    return leak_start(state);
}

static int remove_folder(void **state)
{
    folder_remove(&g_folder);
    return leak_check(state);
}

static void assert_file_is(imi_view want)
{
    IMI_AUTO_BUFFER got = IMI_BUFFER_INIT;
    assert_int_equal(imi_file_read(g_path, 1 << 20, &got, NULL), IMI_OK);
    assert_view_is(imi_buffer_view(&got), want);
}

static void test_what_is_written_is_read(void **state)
{
    (void)state;
    assert_int_equal(imi_file_write(g_path, LITERAL("a\0b"), 0600, NULL), IMI_OK);
    assert_file_is(LITERAL("a\0b"));
}

static void test_empty_and_big_files_are_kept_whole(void **state)
{
    (void)state;
    assert_int_equal(imi_file_write(g_path, (imi_view){NULL, 0}, 0600, NULL), IMI_OK);
    IMI_AUTO_BUFFER empty = IMI_BUFFER_INIT;
    assert_int_equal(imi_file_read(g_path, 10, &empty, NULL), IMI_OK);
    assert_int_equal(empty.size, 0);

    uint8_t *bytes = imi_alloc(BIG);
    for (size_t i = 0; i < BIG; i++) {
        bytes[i] = (uint8_t)(i * 31 >> 3);
    }
    assert_int_equal(imi_file_write(g_path, (imi_view){bytes, BIG}, 0600, NULL), IMI_OK);
    assert_file_is((imi_view){bytes, BIG});
    imi_free(bytes);
}

static void test_writing_replaces_the_whole_file(void **state)
{
    (void)state;
    assert_int_equal(imi_file_write(g_path, LITERAL("a longer text"), 0600, NULL), IMI_OK);
    assert_int_equal(imi_file_write(g_path, LITERAL("short"), 0600, NULL), IMI_OK);
    assert_file_is(LITERAL("short"));
}

static void test_writing_leaves_no_other_file(void **state)
{
    (void)state;
    assert_int_equal(imi_file_write(g_path, LITERAL("x"), 0600, NULL), IMI_OK);
    assert_int_equal(folder_count(&g_folder), 1);
}

static mode_t mode_of(const char *path)
{
    struct stat about;
    assert_int_equal(stat(path, &about), 0);
    return about.st_mode & 07777;
}

static void test_mode_is_the_one_asked_for_whatever_the_umask(void **state)
{
    (void)state;
    static const mode_t masks[] = {0, 022, 077};
    static const unsigned modes[] = {0600, 0644, 0640};
    for (size_t i = 0; i < 3; i++) {
        for (size_t j = 0; j < 3; j++) {
            mode_t before = umask(masks[i]);
            imi_status status = imi_file_write(g_path, LITERAL("key"), modes[j], NULL);
            umask(before);
            assert_int_equal(status, IMI_OK);
            assert_int_equal(mode_of(g_path), modes[j]);
        }
    }
}

static void test_a_new_mode_replaces_the_old_files_mode(void **state)
{
    (void)state;
    assert_int_equal(imi_file_write(g_path, LITERAL("open"), 0666, NULL), IMI_OK);
    assert_int_equal(imi_file_write(g_path, LITERAL("closed"), 0600, NULL), IMI_OK);
    assert_int_equal(mode_of(g_path), 0600);
}

static void test_a_reader_of_the_old_file_keeps_it_whole(void **state)
{
    (void)state;
    assert_int_equal(imi_file_write(g_path, LITERAL("old"), 0600, NULL), IMI_OK);
    int fd = open(g_path, O_RDONLY);
    assert_true(fd >= 0);
    assert_int_equal(imi_file_write(g_path, LITERAL("new"), 0600, NULL), IMI_OK);
    char text[4] = "";
    assert_int_equal(read(fd, text, 3), 3);
    close(fd);
    assert_string_equal(text, "old");
}

/* Each writer writes one byte repeated; whatever remains must be of one writer. */
static void *write_repeatedly(void *argument)
{
    const char *letter = argument;
    uint8_t *bytes = imi_alloc(BIG);
    memset(bytes, *letter, BIG);
    for (int i = 0; i < 15; i++) {
        (void)!imi_file_write(g_path, (imi_view){bytes, BIG}, 0600, NULL);
    }
    imi_free(bytes);
    return NULL;
}

static void test_writers_at_the_same_time_do_not_mix(void **state)
{
    (void)state;
    static const char letters[] = "abcd";
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(
            pthread_create(&threads[i], NULL, write_repeatedly, (void *)(uintptr_t)&letters[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
    IMI_AUTO_BUFFER got = IMI_BUFFER_INIT;
    assert_int_equal(imi_file_read(g_path, 1 << 20, &got, NULL), IMI_OK);
    assert_int_equal(got.size, BIG);
    for (size_t i = 0; i < got.size; i++) {
        assert_int_equal(got.data[i], got.data[0]);
    }
    assert_int_equal(folder_count(&g_folder), 1);
}

static void test_every_writer_at_the_same_time_succeeds(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++) {
        pid_t child = fork();
        if (child == 0) {
            _exit(imi_file_write(g_path, LITERAL("child"), 0600, NULL) == IMI_OK ? 0 : 1);
        }
        assert_int_equal(imi_file_write(g_path, LITERAL("parent"), 0600, NULL), IMI_OK);
        int result = 1;
        while (waitpid(child, &result, 0) < 0 && errno == EINTR) {
        }
        assert_int_equal(result, 0);
    }
}

static void test_what_a_crash_left_does_not_matter(void **state)
{
    (void)state;
    char leftover[PATH_SIZE + 16];
    folder_path(&g_folder, "file.new", leftover, sizeof leftover);
    int fd = open(leftover, O_WRONLY | O_CREAT, 0400);
    assert_int_equal(write(fd, "half a file that was longer", 27), 27);
    close(fd);
    assert_int_equal(imi_file_write(g_path, LITERAL("whole"), 0600, NULL), IMI_OK);
    assert_file_is(LITERAL("whole"));
    assert_int_equal(folder_count(&g_folder), 1);
}

static void test_a_link_in_the_temporary_files_place_is_not_followed(void **state)
{
    (void)state;
    char link[PATH_SIZE + 16], victim[PATH_SIZE + 16];
    folder_path(&g_folder, "file.new", link, sizeof link);
    folder_path(&g_folder, "victim", victim, sizeof victim);
    assert_int_equal(imi_file_write(victim, LITERAL("untouched"), 0600, NULL), IMI_OK);
    assert_int_equal(symlink(victim, link), 0);
    assert_int_equal(imi_file_write(g_path, LITERAL("x"), 0600, NULL), IMI_E_IO);
    IMI_AUTO_BUFFER got = IMI_BUFFER_INIT;
    assert_int_equal(imi_file_read(victim, 100, &got, NULL), IMI_OK);
    assert_view_is(imi_buffer_view(&got), LITERAL("untouched"));
}

static void test_failed_write_leaves_the_old_file(void **state)
{
    (void)state;
    char blocked[PATH_SIZE + 16];
    imi_error error = IMI_ERROR_INIT;
    folder_path(&g_folder, "missing/file", blocked, sizeof blocked);
    assert_int_equal(imi_file_write(blocked, LITERAL("x"), 0600, &error), IMI_E_IO);
    assert_int_equal(error.foreign_code, ENOENT);
    /* A folder in the way cannot be replaced by a file; no temporary file may remain. */
    folder_path(&g_folder, "folder", blocked, sizeof blocked);
    assert_int_equal(mkdir(blocked, 0700), 0);
    assert_int_equal(imi_file_write(blocked, LITERAL("x"), 0600, &error), IMI_E_IO);
    assert_int_equal(folder_count(&g_folder), 1);
    assert_int_equal(rmdir(blocked), 0);
}

static void test_file_at_the_limit_is_read_and_over_it_refused(void **state)
{
    (void)state;
    assert_int_equal(imi_file_write(g_path, LITERAL("12345678"), 0600, NULL), IMI_OK);
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    assert_int_equal(imi_file_read(g_path, 8, &out, NULL), IMI_OK);
    assert_int_equal(out.size, 8);
    IMI_AUTO_BUFFER refused = IMI_BUFFER_INIT;
    imi_error error = IMI_ERROR_INIT;
    assert_int_equal(imi_file_read(g_path, 7, &refused, &error), IMI_E_OVERFLOW);
    assert_non_null(strstr(error.message, "7 bytes"));
    assert_int_equal(refused.size, 0);
}

static void test_endless_file_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    assert_int_equal(imi_file_read("/dev/zero", 1 << 20, &out, NULL), IMI_E_OVERFLOW);
    assert_int_equal(out.size, 0);
}

static void test_limit_is_of_the_file_not_of_the_buffer(void **state)
{
    (void)state;
    assert_int_equal(imi_file_write(g_path, LITERAL("1234"), 0600, NULL), IMI_OK);
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    assert_int_equal(imi_buffer_append_text(&out, "before:", NULL), IMI_OK);
    assert_int_equal(imi_file_read(g_path, 4, &out, NULL), IMI_OK);
    assert_view_is(imi_buffer_view(&out), LITERAL("before:1234"));
    assert_int_equal(imi_file_read(g_path, 3, &out, NULL), IMI_E_OVERFLOW);
    assert_view_is(imi_buffer_view(&out), LITERAL("before:1234"));
}

static void test_missing_file_is_told_from_an_unreadable_one(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    imi_error error = IMI_ERROR_INIT;
    assert_int_equal(imi_file_read(g_path, 10, &out, &error), IMI_E_NOT_FOUND);
    assert_int_equal(imi_file_read(g_folder.path, 10, &out, &error), IMI_E_IO);
    assert_int_equal(error.foreign_code, EISDIR);
}

static void test_path_that_is_too_long_is_refused(void **state)
{
    (void)state;
    char path[5000];
    memset(path, 'a', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    assert_int_equal(imi_file_write(path, LITERAL("x"), 0600, NULL), IMI_E_INVALID_ARGUMENT);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_what_is_written_is_read),
        IN_FOLDER(test_empty_and_big_files_are_kept_whole),
        IN_FOLDER(test_writing_replaces_the_whole_file),
        IN_FOLDER(test_writing_leaves_no_other_file),
        IN_FOLDER(test_mode_is_the_one_asked_for_whatever_the_umask),
        IN_FOLDER(test_a_new_mode_replaces_the_old_files_mode),
        IN_FOLDER(test_a_reader_of_the_old_file_keeps_it_whole),
        IN_FOLDER(test_writers_at_the_same_time_do_not_mix),
        IN_FOLDER(test_every_writer_at_the_same_time_succeeds),
        IN_FOLDER(test_what_a_crash_left_does_not_matter),
        IN_FOLDER(test_a_link_in_the_temporary_files_place_is_not_followed),
        IN_FOLDER(test_failed_write_leaves_the_old_file),
        IN_FOLDER(test_file_at_the_limit_is_read_and_over_it_refused),
        IN_FOLDER(test_endless_file_is_refused),
        IN_FOLDER(test_limit_is_of_the_file_not_of_the_buffer),
        IN_FOLDER(test_missing_file_is_told_from_an_unreadable_one),
        IN_FOLDER(test_path_that_is_too_long_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
