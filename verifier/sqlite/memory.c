#include "verifier/sqlite/edge.h"

#include "imi/memory.h"

#include <pthread.h>
#include <stddef.h>

/* SQLite asks for the size of its blocks, so each carries it in front, aligned for anything. */
enum { HEADER = sizeof(max_align_t) };

static int size_of(void *block)
{
    return block == NULL ? 0 : (int)*(size_t *)(void *)((char *)block - HEADER);
}

static void *allocate(int size)
{
    char *start = imi_alloc((size_t)size + HEADER);
    if (start == NULL) {
        return NULL;
    }
    *(size_t *)(void *)start = (size_t)size;
    return start + HEADER;
}

/* Cached pages hold templates and keys. */
static void release(void *block)
{
    if (block != NULL) {
        imi_wipe(block, (size_t)size_of(block));
        imi_free((char *)block - HEADER);
    }
}

static void *reallocate(void *block, int size)
{
    void *moved = allocate(size);
    if (moved != NULL) {
        int held = size_of(block);
        imi_copy(moved, block, (size_t)(held < size ? held : size));
        release(block);
    }
    return moved;
}

static int round_up(int size)
{
    return (size + 7) & ~7;
}

static int start_up(void *user)
{
    (void)user;
    return SQLITE_OK;
}

static void shut_down(void *user)
{
    (void)user;
}

static pthread_once_t g_prepared = PTHREAD_ONCE_INIT;
static int g_prepare_code;

static void prepare(void)
{
    static const sqlite3_mem_methods methods = {allocate, release,  reallocate, size_of,
                                                round_up, start_up, shut_down,  NULL};
    int code = sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
    /* A host program that used SQLite first keeps its allocator; nothing else changes. */
    g_prepare_code = code == SQLITE_MISUSE ? SQLITE_OK : code;
    if (g_prepare_code == SQLITE_OK) {
        g_prepare_code = sqlite3_initialize();
    }
}

imi_status imi_sqlite_prepare_library(imi_error *err)
{
    pthread_once(&g_prepared, prepare);
    if (g_prepare_code == SQLITE_NOMEM) {
        /* Initialising may be tried again, configuring may not. */
        g_prepare_code = sqlite3_initialize();
    }
    if (g_prepare_code != SQLITE_OK) {
        IMI_SQLITE_FAIL(err, NULL, g_prepare_code, "SQLite cannot start");
    }
    return IMI_OK;
}
