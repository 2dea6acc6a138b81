#include "text_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

void text_file_make(const char *text, char *path_out)
{
    snprintf(path_out, TEXT_FILE_PATH_SIZE, "/tmp/imi-test-XXXXXX");
    int fd = mkstemp(path_out);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

void text_file_remove(const char *path)
{
    unlink(path);
}
