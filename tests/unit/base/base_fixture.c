#include "base_fixture.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int64_t g_blocks_at_start;
static int g_allocations;
static int g_first_failing, g_last_failing;

int leak_start(void **state)
{
    (void)state;
    g_blocks_at_start = imi_alloc_live_blocks();
    return 0;
}

int leak_check(void **state)
{
    (void)state;
    fail_allocations_from(0);
    assert_int_equal(imi_alloc_live_blocks(), g_blocks_at_start);
    return 0;
}

static bool count_and_fail(void *user, size_t size)
{
    (void)user;
    (void)size;
    g_allocations++;
    return g_allocations >= g_first_failing && g_allocations <= g_last_failing;
}

static void fail_between(int first, int last)
{
    g_allocations = 0;
    g_first_failing = first;
    g_last_failing = last;
    imi_alloc_set_fail_hook(first == 0 ? NULL : count_and_fail, NULL);
}

void fail_allocations_from(int n)
{
    fail_between(n, 1 << 30);
}

void fail_allocation(int n)
{
    fail_between(n, n);
}

void assert_view_is(imi_view got, imi_view want)
{
    assert_int_equal(got.size, want.size);
    assert_memory_equal(got.data, want.data, want.size);
}

void folder_make(folder *out)
{
    snprintf(out->path, sizeof out->path, "/tmp/imi-base-XXXXXX");
    assert_non_null(mkdtemp(out->path));
}

/* Visit entries; remove them if asked to. */
static int visit(const folder *made, bool remove_them)
{
    DIR *directory = opendir(made->path);
    assert_non_null(directory);
    int count = 0;
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        count++;
        if (remove_them) {
            assert_int_equal(unlinkat(dirfd(directory), entry->d_name, 0), 0);
        }
    }
    closedir(directory);
    return count;
}

void folder_remove(const folder *made)
{
    visit(made, true);
    assert_int_equal(rmdir(made->path), 0);
}

int folder_count(const folder *made)
{
    return visit(made, false);
}

void folder_path(const folder *made, const char *name, char *path, size_t capacity)
{
    int size = snprintf(path, capacity, "%s/%s", made->path, name);
    assert_true(size > 0 && (size_t)size < capacity);
}
