/**
 * Arena: memory of one decoded message, freed at once and capped, so that no input can make
 * the server allocate more than a fixed amount.
 */
#ifndef IMI_RPC_ARENA_H
#define IMI_RPC_ARENA_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes that an arena gives out unless limit says otherwise. */
enum { IMI_ARENA_DEFAULT_LIMIT = 256 << 10 };

/**
 * Ownership: initialise with IMI_ARENA_INIT; imi_arena_clean_up wipes and frees.
 * Threads:   none.
 */
typedef struct imi_arena {
    struct imi_arena_block *newest;
    size_t given; /* bytes given out */
    size_t limit; /* 0: IMI_ARENA_DEFAULT_LIMIT */
} imi_arena;

#define IMI_ARENA_INIT                                                                             \
    {                                                                                              \
        NULL, 0, 0                                                                                 \
    }
#define IMI_AUTO_ARENA __attribute__((cleanup(imi_arena_clean_up))) imi_arena

/** Zeroed bytes, aligned for any type; NULL when the limit or memory is used up. */
void *imi_arena_alloc(imi_arena *arena, size_t size);
/** The same for count * size, NULL also when the product overflows. */
void *imi_arena_alloc_array(imi_arena *arena, size_t count, size_t size);
void imi_arena_clean_up(imi_arena *arena);

#ifdef __cplusplus
}
#endif
#endif
