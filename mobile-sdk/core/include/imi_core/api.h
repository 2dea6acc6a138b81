/**
 * What every header of the core shares: its version, and how its functions are marked.
 *
 * Freestanding C11: no libc, no allocation, no floating-point printing, no 64-bit division.
 * Threads: none of its objects is shared; functions without an object are pure.
 */
#ifndef IMI_CORE_API_H
#define IMI_CORE_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The core's own semantic version: independent of the server's. */
#define IMI_CORE_VERSION_MAJOR 2
#define IMI_CORE_VERSION_MINOR 0
#define IMI_CORE_VERSION_PATCH 0

/** Marks what symbols.txt lists; everything else is hidden. */
#define IMI_CORE_API __attribute__((visibility("default")))

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes that somebody else owns. */
typedef struct imi_core_view {
    const uint8_t *data; /* may be NULL if size is 0 */
    size_t size;
} imi_core_view;

/** Version of the compiled core: major << 16 | minor << 8 | patch. */
IMI_CORE_API uint32_t imi_core_version(void);

#ifdef __cplusplus
}
#endif
#endif
