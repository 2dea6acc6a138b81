#include "rpc/arena.h"

#include "imi/memory.h"

#include <stdalign.h>

enum { BLOCK_SIZE = 4096, ALIGNMENT = alignof(max_align_t) };

typedef struct imi_arena_block imi_arena_block;
struct imi_arena_block {
    imi_arena_block *older;
    size_t used, capacity;
    alignas(max_align_t) unsigned char bytes[];
};

static imi_arena_block *add_block(imi_arena *arena, size_t size)
{
    size_t capacity = size > BLOCK_SIZE ? size : BLOCK_SIZE;
    imi_arena_block *block = imi_alloc(sizeof *block + capacity);
    if (block != NULL) {
        block->capacity = capacity;
        block->older = arena->newest;
        arena->newest = block;
    }
    return block;
}

void *imi_arena_alloc(imi_arena *arena, size_t size)
{
    size_t limit = arena->limit == 0 ? IMI_ARENA_DEFAULT_LIMIT : arena->limit;
    if (size > limit) {
        return NULL; /* also keeps the rounding below from overflowing */
    }
    size_t rounded = size == 0 ? ALIGNMENT : (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (rounded > limit - arena->given) {
        return NULL;
    }
    imi_arena_block *block = arena->newest;
    if (block == NULL || rounded > block->capacity - block->used) {
        block = add_block(arena, rounded);
    }
    if (block == NULL) {
        return NULL;
    }
    void *out = block->bytes + block->used;
    block->used += rounded;
    arena->given += rounded;
    return out;
}

void *imi_arena_alloc_array(imi_arena *arena, size_t count, size_t size)
{
    size_t total = 0;
    return imi_size_mul(count, size, &total) ? imi_arena_alloc(arena, total) : NULL;
}

void imi_arena_clean_up(imi_arena *arena)
{
    while (arena->newest != NULL) {
        imi_arena_block *block = arena->newest;
        arena->newest = block->older;
        imi_wipe(block->bytes, block->used);
        imi_free(block);
    }
    arena->given = 0;
}
