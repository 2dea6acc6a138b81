/**
 * Memory: one allocator for the whole product, scope cleanup, checked sizes, wiping.
 *
 * malloc, free, memcpy and strcpy are used nowhere else in the verifier; foreign
 * libraries with allocator hooks are given these functions.
 */
#ifndef IMI_MEMORY_H
#define IMI_MEMORY_H

#include "imi/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Allocate size bytes (zeroed), or NULL. A size of 0 gives a unique pointer. */
void *imi_alloc(size_t size);
/** Allocate count * size bytes (zeroed), or NULL also when the product overflows. */
void *imi_alloc_array(size_t count, size_t size);
/**
 * Allocate count * size bytes (zeroed) at a multiple of 64, or NULL: for structs that hold
 * templates, which the comparison kernels want aligned. Freed by imi_free; not for imi_realloc.
 */
void *imi_alloc_aligned(size_t count, size_t size);
/** Grow or shrink; the old block stays valid when NULL is returned. New bytes are not zeroed. */
void *imi_realloc(void *block, size_t size);
/** Free; accepts NULL. */
void imi_free(void *block);
/** Copy of a NUL-terminated string, or NULL. */
char *imi_strdup(const char *text);

/**
 * Test hook: called before every allocation; returning true makes it fail.
 *
 * Threads: set before other threads start.
 */
typedef bool (*imi_alloc_fail_hook)(void *user, size_t size);
/** Install the hook; NULL removes it. */
void imi_alloc_set_fail_hook(imi_alloc_fail_hook hook, void *user);
/** Number of blocks allocated and not yet freed; tests assert it returns to its start. */
int64_t imi_alloc_live_blocks(void);

/** Overwrite size bytes so that the compiler cannot remove it. */
void imi_wipe(void *data, size_t size);
/** Copy size bytes between distinct blocks; size 0 with NULL pointers is allowed. */
void imi_copy(void *to, const void *from, size_t size);
/** Copy text, truncating to capacity - 1 and always terminating. Returns false if truncated. */
bool imi_copy_text(char *to, size_t capacity, const char *from);

/** a * b and a + b, false on overflow. */
bool imi_size_mul(size_t a, size_t b, size_t *out);
bool imi_size_add(size_t a, size_t b, size_t *out);

/**
 * Scope cleanup. IMI_AUTO_DEFINE(T, destroy) once per type next to its destroy function,
 * then `IMI_AUTO(T) x = NULL;` is destroyed on every exit from its scope, and
 * `*out = IMI_STEAL(&x);` moves it out.
 */
#define IMI_AUTO_DEFINE(type, destroy_function)                                                    \
    static inline void type##_auto_(type **value)                                                  \
    {                                                                                              \
        destroy_function(value);                                                                   \
    }
#define IMI_AUTO(type) __attribute__((cleanup(type##_auto_))) type *
#define IMI_STEAL(address)                                                                         \
    __extension__({                                                                                \
        __typeof__(*(address)) stolen_ = *(address);                                               \
        *(address) = NULL;                                                                         \
        stolen_;                                                                                   \
    })

#ifdef __cplusplus
}
#endif
#endif
