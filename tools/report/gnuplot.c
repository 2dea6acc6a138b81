#include "gnuplot.h"

#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* As much of gnuplot's complaint as fits the message of an error. */
enum { COMPLAINT_SIZE = 160 };

static imi_status write_all(int fd, imi_view bytes, imi_error *err)
{
    while (bytes.size > 0) {
        ssize_t written = write(fd, bytes.data, bytes.size);
        if (written < 0 && errno != EINTR) {
            IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot hold the plot script: %s",
                             strerror(errno));
        }
        size_t done = written < 0 ? 0 : (size_t)written;
        bytes = (imi_view){bytes.data + done, bytes.size - done};
    }
    return IMI_OK;
}

/* The last line that gnuplot said, which names the fault. */
static void read_complaint(int fd, char out[COMPLAINT_SIZE])
{
    char text[4096];
    off_t end = lseek(fd, 0, SEEK_END);
    off_t start = end > (off_t)sizeof text - 1 ? end - (off_t)(sizeof text - 1) : 0;
    ssize_t size = pread(fd, text, sizeof text - 1, start);
    size = size < 0 ? 0 : size;
    while (size > 0 && (text[size - 1] == '\n' || text[size - 1] == ' ')) {
        size--;
    }
    text[size] = '\0';
    const char *line = strrchr(text, '\n');
    imi_copy_text(out, COMPLAINT_SIZE, line == NULL ? text : line + 1);
}

static int spawn(int script, int said, const char *folder, pid_t *child)
{
    char program[] = "gnuplot";
    char defaults[] = "--default-settings";
    char *arguments[] = {program, defaults, NULL};
    posix_spawn_file_actions_t actions;
    int failed = posix_spawn_file_actions_init(&actions);
    if (failed != 0) {
        return failed;
    }
    failed = posix_spawn_file_actions_addchdir_np(&actions, folder);
    failed = failed != 0 ? failed : posix_spawn_file_actions_adddup2(&actions, script, 0);
    failed = failed != 0 ? failed : posix_spawn_file_actions_adddup2(&actions, said, 1);
    failed = failed != 0 ? failed : posix_spawn_file_actions_adddup2(&actions, said, 2);
    failed =
        failed != 0 ? failed : posix_spawnp(child, program, &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

static imi_status wait_for(pid_t child, int said, imi_error *err)
{
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot wait for gnuplot: %s", strerror(errno));
        }
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        char complaint[COMPLAINT_SIZE];
        read_complaint(said, complaint);
        IMI_FAIL_FOREIGN(err, IMI_E_IO, status, "gnuplot failed: %s", complaint);
    }
    return IMI_OK;
}

static imi_status run(int script, int said, const char *folder, imi_error *err)
{
    pid_t child = 0;
    int failed = spawn(script, said, folder, &child);
    /* The folder was made before, so what is not found is the program. */
    if (failed == ENOENT) {
        IMI_FAIL(err, IMI_E_UNSUPPORTED,
                 "pictures need gnuplot, which is not installed (Debian: apt install gnuplot-nox)");
    }
    if (failed != 0) {
        IMI_FAIL_FOREIGN(err, IMI_E_IO, failed, "cannot start gnuplot: %s", strerror(failed));
    }
    return wait_for(child, said, err);
}

imi_status imi_report_run_gnuplot(imi_view script, const char *folder, imi_error *err)
{
    int input = memfd_create("plot-script", MFD_CLOEXEC);
    int said = memfd_create("plot-messages", MFD_CLOEXEC);
    imi_status status = IMI_OK;
    if (input < 0 || said < 0) {
        status = imi_error_set(err, IMI_E_IO, errno, __FILE__, __LINE__,
                               "cannot hold the plot script: %s", strerror(errno));
    }
    if (status == IMI_OK) {
        status = write_all(input, script, err);
    }
    if (status == IMI_OK) {
        (void)lseek(input, 0, SEEK_SET);
        status = run(input, said, folder, err);
    }
    if (input >= 0) {
        close(input);
    }
    if (said >= 0) {
        close(said);
    }
    return status;
}

static bool is_safe(char c)
{
    unsigned char byte = (unsigned char)c;
    return byte >= ' ' && byte != 0x7F && c != '`' && c != '\\' && c != '"';
}

imi_status imi_report_quote(const char *text, imi_buffer *out, imi_error *err)
{
    imi_view bytes = imi_view_of_text(text);
    bool clean = imi_text_is_clean_utf8(bytes);
    IMI_TRY(imi_buffer_append_text(out, "'", err));
    for (size_t i = 0; i < bytes.size; i++) {
        char c = (char)bytes.data[i];
        bool keep = is_safe(c) && (clean || bytes.data[i] < 0x80);
        const char piece[] = {keep ? c : '?', '\0'};
        IMI_TRY(imi_buffer_append_text(out, c == '\'' ? "''" : piece, err));
    }
    return imi_buffer_append_text(out, "'", err);
}

/* Bytes of the first characters of UTF-8 text; all of them if there are no more. */
static size_t prefix_size(const char *text, size_t characters)
{
    size_t size = 0;
    for (size_t seen = 0; text[size] != '\0'; size++) {
        bool begins = ((unsigned char)text[size] & 0xC0) != 0x80;
        if (begins && seen++ == characters) {
            break;
        }
    }
    return size;
}

size_t imi_report_count_characters(const char *text)
{
    size_t count = 0;
    for (const char *at = text; at != NULL && *at != '\0'; at++) {
        count += ((unsigned char)*at & 0xC0) != 0x80 ? 1 : 0;
    }
    return count;
}

imi_status imi_report_quote_name(const char *text, size_t limit, imi_buffer *out, imi_error *err)
{
    static const char ellipsis[] = "…";
    char shortened[4 * IMI_REPORT_NAME_MAX + sizeof ellipsis];
    size_t kept = limit < IMI_REPORT_NAME_MAX ? limit : IMI_REPORT_NAME_MAX;
    if (imi_report_count_characters(text) <= kept) {
        return imi_report_quote(text, out, err);
    }
    size_t size = prefix_size(text, kept - 1);
    if (size + sizeof ellipsis > sizeof shortened) {
        return imi_report_quote("?", out, err); /* bytes that are no text */
    }
    imi_copy(shortened, text, size);
    imi_copy(shortened + size, ellipsis, sizeof ellipsis);
    return imi_report_quote(shortened, out, err);
}
