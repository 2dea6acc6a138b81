/**
 * How fast this machine reads memory: loops that load every byte once and do next to nothing
 * with it. The fastest is the yardstick for kernels on galleries that do not fit in the cache.
 */
#ifndef IMI_BENCH_MEMORY_READ_H
#define IMI_BENCH_MEMORY_READ_H

#include <stddef.h>
#include <stdint.h>

typedef struct memory_reader {
    const char *name;
    /** Read size bytes, a multiple of 4096; the result keeps the loads alive. */
    uint64_t (*read)(const void *data, size_t size);
} memory_reader;

/** Reader by number, NULL behind the last that this machine can run. Static storage. */
const memory_reader *memory_reader_at(size_t number);

#endif
