#include "imi/memory.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static imi_alloc_fail_hook g_fail_hook;
static void *g_fail_user;
static atomic_int_fast64_t g_live_blocks;

static bool must_fail(size_t size)
{
    return g_fail_hook != NULL && g_fail_hook(g_fail_user, size);
}

void *imi_alloc(size_t size)
{
    return imi_alloc_array(1, size);
}

void *imi_alloc_array(size_t count, size_t size)
{
    size_t total = 0;
    if (!imi_size_mul(count, size, &total) || must_fail(total)) {
        return NULL;
    }
    void *block = calloc(1, total == 0 ? 1 : total);
    if (block != NULL) {
        atomic_fetch_add_explicit(&g_live_blocks, 1, memory_order_relaxed);
    }
    return block;
}

void *imi_alloc_aligned(size_t count, size_t size)
{
    enum { ALIGNMENT = 64 };
    size_t total = 0;
    void *block = NULL;
    /* Beyond PTRDIFF_MAX sanitizers end the program instead of refusing. */
    if (!imi_size_mul(count, size, &total) || total > PTRDIFF_MAX || must_fail(total) ||
        posix_memalign(&block, ALIGNMENT, total == 0 ? 1 : total) != 0) {
        return NULL;
    }
    memset(block, 0, total);
    atomic_fetch_add_explicit(&g_live_blocks, 1, memory_order_relaxed);
    return block;
}

void *imi_realloc(void *block, size_t size)
{
    if (must_fail(size)) {
        return NULL;
    }
    void *moved = realloc(block, size == 0 ? 1 : size);
    if (moved != NULL && block == NULL) {
        atomic_fetch_add_explicit(&g_live_blocks, 1, memory_order_relaxed);
    }
    return moved;
}

void imi_free(void *block)
{
    if (block != NULL) {
        atomic_fetch_sub_explicit(&g_live_blocks, 1, memory_order_relaxed);
        free(block);
    }
}

char *imi_strdup(const char *text)
{
    if (text == NULL) {
        return NULL;
    }
    size_t size = strlen(text) + 1;
    char *copy = imi_alloc(size);
    if (copy != NULL) {
        imi_copy(copy, text, size);
    }
    return copy;
}

void imi_alloc_set_fail_hook(imi_alloc_fail_hook hook, void *user)
{
    g_fail_user = user;
    g_fail_hook = hook;
}

int64_t imi_alloc_live_blocks(void)
{
    return atomic_load(&g_live_blocks);
}

void imi_wipe(void *data, size_t size)
{
    if (data != NULL && size > 0) {
        explicit_bzero(data, size);
    }
}

void imi_copy(void *to, const void *from, size_t size)
{
    if (size > 0) {
        memcpy(to, from, size);
    }
}

bool imi_copy_text(char *to, size_t capacity, const char *from)
{
    size_t size = strlen(from);
    bool fits = size < capacity;
    if (capacity > 0) {
        size_t copied = fits ? size : capacity - 1;
        imi_copy(to, from, copied);
        to[copied] = '\0';
    }
    return fits;
}

bool imi_size_mul(size_t a, size_t b, size_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}

bool imi_size_add(size_t a, size_t b, size_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}
