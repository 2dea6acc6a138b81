/* What server programs do alike at start and stop. */
#include "base_fixture.h"

#include "imi/daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static folder g_folder;

static int make_folder(void **state)
{
    folder_make(&g_folder);
    return leak_start(state);
}

static int remove_folder(void **state)
{
    folder_remove(&g_folder);
    return leak_check(state);
}

static void the_port_is_written_for_who_waits(void **state)
{
    (void)state;
    char path[128];
    folder_path(&g_folder, "ready", path, sizeof path);
    assert_int_equal(imi_daemon_write_ready_file(path, 7443, NULL), IMI_OK);
    IMI_AUTO_BUFFER got = IMI_BUFFER_INIT;
    assert_int_equal(imi_file_read(path, 64, &got, NULL), IMI_OK);
    assert_view_is(imi_buffer_view(&got), LITERAL("7443\n"));
}

static void nothing_is_written_when_nobody_waits(void **state)
{
    (void)state;
    assert_int_equal(imi_daemon_write_ready_file("", 1, NULL), IMI_OK);
    assert_int_equal(imi_daemon_write_ready_file(NULL, 1, NULL), IMI_OK);
    assert_int_equal(folder_count(&g_folder), 0);
}

static void a_place_that_cannot_be_written_is_an_error(void **state)
{
    (void)state;
    char path[128];
    folder_path(&g_folder, "none/ready", path, sizeof path);
    assert_int_equal(imi_daemon_write_ready_file(path, 1, NULL), IMI_E_IO);
}

/* In a process of its own: signals and their masks belong to all of it. */
static int exit_code_of(int (*child)(void))
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        _exit(child());
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int wait_for_own_signals(void)
{
    imi_daemon_hold_stop_signals();
    static const int sent[] = {SIGTERM, SIGINT};
    for (size_t i = 0; i < sizeof sent / sizeof sent[0]; i++) {
        kill(getpid(), sent[i]);
        if (imi_daemon_wait_for_stop(IMI_DAEMON_FOREVER) != sent[i]) {
            return 1;
        }
    }
    return imi_daemon_wait_for_stop(1) == 0 ? 0 : 2;
}

static void stop_signals_wait_until_they_are_taken(void **state)
{
    (void)state;
    assert_int_equal(exit_code_of(wait_for_own_signals), 0);
}

static int write_to_nobody(void)
{
    int ends[2];
    imi_daemon_hold_stop_signals();
    if (pipe(ends) != 0) {
        return 1;
    }
    close(ends[0]);
    return write(ends[1], "x", 1) == -1 && errno == EPIPE ? 0 : 2;
}

static void a_peer_that_hangs_up_is_no_signal(void **state)
{
    (void)state;
    assert_int_equal(exit_code_of(write_to_nobody), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_port_is_written_for_who_waits, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(nothing_is_written_when_nobody_waits, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(a_place_that_cannot_be_written_is_an_error, make_folder,
                                        remove_folder),
        cmocka_unit_test(stop_signals_wait_until_they_are_taken),
        cmocka_unit_test(a_peer_that_hangs_up_is_no_signal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
